package onnx

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// truncate converts a float to an integer the way the processors do that ONNX
// Runtime is built for: towards zero, and to the lowest value where the result
// does not fit or is NaN. Go leaves those cases to the machine.
func truncate[T int32 | int64](v float64, lowest, limit float64) T {
	if v > lowest-1 && v < limit || v == lowest {
		return T(v)
	}
	return T(int64(lowest))
}

func toInt32(v float64) int32 { return truncate[int32](v, math.MinInt32, -math.MinInt32) }
func toInt64(v float64) int64 { return truncate[int64](v, math.MinInt64, -math.MinInt64) }

func convertNumber[T, R number](v T) R { return R(v) }

// cast returns the kernel from T to R by a function that may fail.
func cast[T, R Element](f func(T) (R, error)) kernel {
	return func(c *call) error {
		out, err := output[R](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		for i, v := range data[T](c.in[0]) {
			if out[i], err = f(v); err != nil {
				return err
			}
		}
		return nil
	}
}

func boolTo[T number | int](v bool) T {
	if v {
		return 1
	}
	return 0
}

func nonZero[T number](v T) bool { return v != 0 }

// castInteger returns the kernels from an integer type.
func castInteger[T int32 | int64 | uint8]() kernels {
	return kernels{
		f32: unary(convertNumber[T, float32]), f64: unary(convertNumber[T, float64]),
		i32: unary(convertNumber[T, int32]), i64: unary(convertNumber[T, int64]),
		u8: unary(convertNumber[T, uint8]), b: unary(nonZero[T]),
		str: unary(func(v T) string { return strconv.FormatInt(int64(v), 10) }),
	}
}

// castFloat returns the kernels from a floating type.
func castFloat[T float]() kernels {
	return kernels{
		f32: unary(convertNumber[T, float32]), f64: unary(convertNumber[T, float64]),
		i32: unary(func(v T) int32 { return toInt32(float64(v)) }),
		i64: unary(func(v T) int64 { return toInt64(float64(v)) }),
		u8:  unary(func(v T) uint8 { return uint8(toInt32(float64(v))) }),
		b:   unary(nonZero[T]),
		str: unary(func(v T) string { return formatFloat(float64(v)) }),
	}
}

// formatFloat writes a number as ONNX Runtime does, float and double alike: with
// printf's %.8g, NaN, INF or -INF. The specification asks for the shortest text
// that reads back the same.
func formatFloat(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "INF"
	case math.IsInf(v, -1):
		return "-INF"
	}
	return fmt.Sprintf("%.8g", v)
}

func parse[R float](bits int) kernel {
	return cast(func(text string) (R, error) {
		v, err := strconv.ParseFloat(strings.TrimSpace(text), bits)
		if err != nil && !math.IsInf(v, 0) {
			return 0, fmt.Errorf("%q is not a number", text)
		}
		return R(v), nil
	})
}

func parseInt[R int32 | int64 | uint8](bits int) kernel {
	return cast(func(text string) (R, error) {
		v, err := strconv.ParseInt(strings.TrimSpace(text), 10, bits)
		if err != nil {
			return 0, fmt.Errorf("%q is not a whole number of %d bits", text, bits)
		}
		return R(v), nil
	})
}

// castKernel returns the kernel from one type to another, or nil.
func castKernel(from, to Type) kernel {
	if from == to {
		return viewKernel
	}
	var k kernels
	switch from {
	case Float32:
		k = castFloat[float32]()
	case Float64:
		k = castFloat[float64]()
	case Int32:
		k = castInteger[int32]()
	case Int64:
		k = castInteger[int64]()
	case Uint8:
		k = castInteger[uint8]()
	case Bool:
		k = kernels{
			f32: unary(boolTo[float32]), f64: unary(boolTo[float64]), i32: unary(boolTo[int32]),
			i64: unary(boolTo[int64]), u8: unary(boolTo[uint8]),
			str: unary(func(v bool) string { return strconv.Itoa(boolTo[int](v)) }),
		}
	case String:
		k = kernels{
			f32: parse[float32](32), f64: parse[float64](64), i32: parseInt[int32](32), i64: parseInt[int64](64),
			u8: parseInt[uint8](16),
		}
	}
	return k.of(to)
}

func compileCastTo(n *node, to Type) (kernel, error) {
	run := castKernel(n.in[0].typ, to)
	if run == nil {
		return nil, n.refuse("casting %s to %s is not supported", n.in[0].typ, to)
	}
	n.ignore("saturate") // concerns float8 alone
	n.result(0, to, n.in[0].dims)
	return run, nil
}

func compileCast(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	to := n.int("to", 0)
	if typeOfWire(to) == Invalid {
		return nil, n.refuse("casting to type %d is not supported", to)
	}
	return compileCastTo(n, typeOfWire(to))
}

func compileCastLike(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	return compileCastTo(n, n.in[1].typ)
}
