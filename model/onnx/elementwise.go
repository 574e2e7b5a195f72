package onnx

import (
	"math"
	"slices"
)

// kernels holds a kernel per element type; the missing ones are not supported.
type kernels struct{ f32, f64, i32, i64, u8, b, str kernel }

func (k kernels) of(t Type) kernel {
	switch t {
	case Float32:
		return k.f32
	case Float64:
		return k.f64
	case Int32:
		return k.i32
	case Int64:
		return k.i64
	case Uint8:
		return k.u8
	case Bool:
		return k.b
	case String:
		return k.str
	}
	return nil
}

// pick returns the kernel for a type or refuses the node.
func (n *node) pick(k kernels, t Type) (kernel, error) {
	if found := k.of(t); found != nil {
		return found, nil
	}
	return nil, n.refuseType(t)
}

func unary[T, R Element](f func(T) R) kernel {
	return func(c *call) error {
		out, err := output[R](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		for i, v := range data[T](c.in[0]) {
			out[i] = f(v)
		}
		return nil
	}
}

// compileUnary compiles an operator of one input whose output has its type, or
// typ when that is not Invalid.
func compileUnary(n *node, k kernels, typ Type) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	if typ == Invalid {
		typ = n.in[0].typ
	}
	n.result(0, typ, n.in[0].dims)
	return n.pick(k, n.in[0].typ)
}

// unaryFloat makes the compiler of a function on float and double. Floats are
// computed in double and rounded once.
func unaryFloat(f func(float64) float64) compiler {
	k := kernels{
		f32: unary(func(v float32) float32 { return float32(f(float64(v))) }),
		f64: unary(f),
	}
	return func(n *node) (kernel, error) { return compileUnary(n, k, Invalid) }
}

func floor(v float64) float64      { return math.Floor(v) }
func reciprocal(v float64) float64 { return 1 / v }
func sqrt(v float64) float64       { return math.Sqrt(v) }
func exp(v float64) float64        { return math.Exp(v) }
func log(v float64) float64        { return math.Log(v) }
func erf(v float64) float64        { return math.Erf(v) }
func tanh(v float64) float64       { return math.Tanh(v) }

func sigmoid(v float64) float64 {
	if v >= 0 {
		return 1 / (1 + math.Exp(-v))
	}
	e := math.Exp(v)
	return e / (1 + e)
}

func abs[T number](v T) T {
	if v < 0 {
		return -v
	}
	return v + 0 // the sign of minus zero goes
}

func neg[T number](v T) T { return -v }

func sign[T number](v T) T {
	switch {
	case v > 0:
		return 1
	case v < 0:
		var zero T
		return zero - 1
	}
	return v // zero, or NaN
}

// relu does not branch on the sign of hidden units, which is as good as random.
// NaN stays.
func relu[T number](c *call) error {
	out, err := output[T](c, 0, c.in[0].dims...)
	if err != nil {
		return err
	}
	for i, v := range data[T](c.in[0]) {
		out[i] = max(v, 0)
	}
	return nil
}

func isNaN[T float](v T) bool { return v != v }

func compileAbs(n *node) (kernel, error) {
	return compileUnary(n, kernels{
		f32: unary(abs[float32]), f64: unary(abs[float64]), i32: unary(abs[int32]),
		i64: unary(abs[int64]), u8: unary(abs[uint8]),
	}, Invalid)
}

func compileNeg(n *node) (kernel, error) {
	return compileUnary(n, kernels{
		f32: unary(neg[float32]), f64: unary(neg[float64]), i32: unary(neg[int32]), i64: unary(neg[int64]),
	}, Invalid)
}

func compileSign(n *node) (kernel, error) {
	return compileUnary(n, kernels{
		f32: unary(sign[float32]), f64: unary(sign[float64]), i32: unary(sign[int32]),
		i64: unary(sign[int64]), u8: unary(sign[uint8]),
	}, Invalid)
}

func compileRelu(n *node) (kernel, error) {
	return compileUnary(n, kernels{
		f32: relu[float32], f64: relu[float64], i32: relu[int32], i64: relu[int64],
	}, Invalid)
}

func compileNot(n *node) (kernel, error) {
	return compileUnary(n, kernels{b: unary(func(v bool) bool { return !v })}, Invalid)
}

func compileIsNaN(n *node) (kernel, error) {
	return compileUnary(n, kernels{f32: unary(isNaN[float32]), f64: unary(isNaN[float64])}, Bool)
}

func viewKernel(c *call) error {
	c.in[0].view(c.out[0], c.in[0].dims)
	return nil
}

func compileIdentity(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	n.result(0, n.in[0].typ, n.in[0].dims)
	return viewKernel, nil
}

func clip[T number](limits func(c *call) (low, high T)) kernel {
	return func(c *call) error {
		out, err := output[T](c, 0, c.in[0].dims...)
		if err != nil {
			return err
		}
		low, high := limits(c)
		for i, v := range data[T](c.in[0]) {
			// NaN passes; where low > high the result is high.
			if v < low {
				v = low
			}
			if v > high {
				v = high
			}
			out[i] = v
		}
		return nil
	}
}

// clipInputs reads the limits from inputs 1 and 2; a missing one is the end of
// the type's range.
func clipInputs[T number](lowest, highest T) func(c *call) (T, T) {
	return func(c *call) (T, T) {
		low, high := lowest, highest
		if len(c.in) > 1 && c.in[1] != nil {
			low = data[T](c.in[1])[0]
		}
		if len(c.in) > 2 && c.in[2] != nil {
			high = data[T](c.in[2])[0]
		}
		return low, high
	}
}

func compileClip(n *node) (kernel, error) {
	if err := n.arity(1, 3, 1); err != nil {
		return nil, err
	}
	typ, err := n.sameType(0)
	if err != nil {
		return nil, err
	}
	n.result(0, typ, n.in[0].dims)
	if n.opset < 11 {
		low, high := n.float("min", -math.MaxFloat32), n.float("max", math.MaxFloat32)
		return n.pick(kernels{
			f32: clip(func(*call) (float32, float32) { return low, high }),
			f64: clip(func(*call) (float64, float64) { return float64(low), float64(high) }),
		}, typ)
	}
	return n.pick(kernels{
		f32: clip(clipInputs(float32(math.Inf(-1)), float32(math.Inf(1)))),
		f64: clip(clipInputs(math.Inf(-1), math.Inf(1))),
		i32: clip(clipInputs[int32](math.MinInt32, math.MaxInt32)),
		i64: clip(clipInputs[int64](math.MinInt64, math.MaxInt64)),
		u8:  clip(clipInputs[uint8](0, math.MaxUint8)),
	}, typ)
}

// sameDims returns a when both are known and equal, else nil.
func sameDims(a, b []int) []int {
	if slices.Equal(a, b) {
		return a
	}
	return nil
}
