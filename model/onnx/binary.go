package onnx

import (
	"errors"
	"math"
)

func pairwise[T, R Element](f func(a, b T) R) kernel {
	return func(c *call) error {
		x, y := data[T](c.in[0]), data[T](c.in[1])
		var err error
		c.scratch.dims, err = broadcast(c.scratch.dims[:0], c.in[0].dims, c.in[1].dims)
		if err != nil {
			return err
		}
		out, err := output[R](c, 0, c.scratch.dims...)
		if err != nil || len(out) == 0 {
			return err
		}
		switch {
		case len(x) == len(out) && len(y) == len(out):
			for i, v := range x {
				out[i] = f(v, y[i])
			}
			return nil
		case len(x) == len(out) && len(y) == 1:
			for i, v := range x {
				out[i] = f(v, y[0])
			}
			return nil
		}
		var w walker
		if err := w.start(c.scratch.dims, c.in[0].dims, c.in[1].dims); err != nil {
			return err
		}
		for more := true; more; more = w.next() {
			row, i, j := out[w.position:w.position+w.inner], w.offset[0], w.offset[1]
			for k := range row {
				row[k] = f(x[i], y[j])
				i += w.step[0]
				j += w.step[1]
			}
		}
		return nil
	}
}

// compileBinary compiles an operator of two inputs of one type.
func compileBinary(n *node, k kernels, typ Type) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	in, err := n.sameType(0)
	if err != nil {
		return nil, err
	}
	if typ == Invalid {
		typ = in
	}
	n.result(0, typ, sameDims(n.in[0].dims, n.in[1].dims))
	return n.pick(k, in)
}

func add[T number](a, b T) T { return a + b }
func sub[T number](a, b T) T { return a - b }
func mul[T number](a, b T) T { return a * b }
func div[T number](a, b T) T { return a / b }

// addition is pairwise(add) with a loop of its own for what networks do most:
// adding a row to each row.
func addition[T float]() kernel {
	general := pairwise(add[T])
	return func(c *call) error {
		x, y := c.in[0], c.in[1]
		n := len(data[T](y))
		if len(x.dims) != 2 || n == 0 || len(y.dims) == 0 || len(y.dims) > 2 || x.dims[1] != n || y.dims[len(y.dims)-1] != n {
			return general(c)
		}
		out, err := output[T](c, 0, x.dims...)
		if err != nil {
			return err
		}
		in, row := data[T](x), data[T](y)
		for len(in) >= len(row) {
			for i, v := range row {
				out[i] = in[i] + v
			}
			in, out = in[len(row):], out[len(row):]
		}
		return nil
	}
}

func compileAdd(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: addition[float32](), f64: addition[float64](), i32: pairwise(add[int32]),
		i64: pairwise(add[int64]), u8: pairwise(add[uint8]),
	}, Invalid)
}

func compileSub(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(sub[float32]), f64: pairwise(sub[float64]), i32: pairwise(sub[int32]),
		i64: pairwise(sub[int64]), u8: pairwise(sub[uint8]),
	}, Invalid)
}

func compileMul(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(mul[float32]), f64: pairwise(mul[float64]), i32: pairwise(mul[int32]),
		i64: pairwise(mul[int64]), u8: pairwise(mul[uint8]),
	}, Invalid)
}

// integerDiv refuses a zero divisor, which has no answer among integers.
func integerDiv[T int32 | int64 | uint8]() kernel {
	divide := pairwise(div[T])
	return func(c *call) error {
		for _, v := range data[T](c.in[1]) {
			if v == 0 {
				return errors.New("an integer is divided by zero")
			}
		}
		return divide(c)
	}
}

func compileDiv(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(div[float32]), f64: pairwise(div[float64]),
		i32: integerDiv[int32](), i64: integerDiv[int64](), u8: integerDiv[uint8](),
	}, Invalid)
}

func power[T number](a, b T) T { return T(math.Pow(float64(a), float64(b))) }

// compilePow computes in double. Exponents of another type than the base are
// converted to it, which is exact for the small whole numbers that occur; other
// pairs of types are refused.
func compilePow(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	base, exponent := n.in[0].typ, n.in[1].typ
	pow := kernels{
		f32: pairwise(power[float32]), f64: pairwise(power[float64]),
		i32: pairwise(power[int32]), i64: pairwise(power[int64]),
	}
	n.result(0, base, sameDims(n.in[0].dims, n.in[1].dims))
	run, err := n.pick(pow, base)
	if err != nil || base == exponent {
		return run, err
	}
	convert := castKernel(exponent, Float64)
	widen := castKernel(base, Float64)
	narrow := castKernel(Float64, base)
	if convert == nil || widen == nil || narrow == nil || exponent == String {
		return nil, n.refuseType(exponent)
	}
	return func(c *call) error {
		a, b, r := Tensor{}, Tensor{}, Tensor{}
		for _, part := range []struct {
			run     kernel
			in, out []*Tensor
		}{
			{widen, c.in[:1], []*Tensor{&a}},
			{convert, c.in[1:2], []*Tensor{&b}},
			{pow.f64, []*Tensor{&a, &b}, []*Tensor{&r}},
			{narrow, []*Tensor{&r}, c.out},
		} {
			inner := call{in: part.in, out: part.out, work: c.work, elements: c.elements}
			if err := part.run(&inner); err != nil {
				return err
			}
			c.work, c.elements = inner.work, inner.elements
		}
		return nil
	}, nil
}

func compileAnd(n *node) (kernel, error) {
	return compileBinary(n, kernels{b: pairwise(func(a, b bool) bool { return a && b })}, Bool)
}

func compileOr(n *node) (kernel, error) {
	return compileBinary(n, kernels{b: pairwise(func(a, b bool) bool { return a || b })}, Bool)
}

func equal[T Element](a, b T) bool         { return a == b }
func greater[T number](a, b T) bool        { return a > b }
func greaterOrEqual[T number](a, b T) bool { return a >= b }
func less[T number](a, b T) bool           { return a < b }
func lessOrEqual[T number](a, b T) bool    { return a <= b }

func compileEqual(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(equal[float32]), f64: pairwise(equal[float64]), i32: pairwise(equal[int32]),
		i64: pairwise(equal[int64]), u8: pairwise(equal[uint8]), b: pairwise(equal[bool]), str: pairwise(equal[string]),
	}, Bool)
}

func compileGreater(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(greater[float32]), f64: pairwise(greater[float64]), i32: pairwise(greater[int32]),
		i64: pairwise(greater[int64]), u8: pairwise(greater[uint8]),
	}, Bool)
}

func compileGreaterOrEqual(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(greaterOrEqual[float32]), f64: pairwise(greaterOrEqual[float64]), i32: pairwise(greaterOrEqual[int32]),
		i64: pairwise(greaterOrEqual[int64]), u8: pairwise(greaterOrEqual[uint8]),
	}, Bool)
}

func compileLess(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(less[float32]), f64: pairwise(less[float64]), i32: pairwise(less[int32]),
		i64: pairwise(less[int64]), u8: pairwise(less[uint8]),
	}, Bool)
}

func compileLessOrEqual(n *node) (kernel, error) {
	return compileBinary(n, kernels{
		f32: pairwise(lessOrEqual[float32]), f64: pairwise(lessOrEqual[float64]), i32: pairwise(lessOrEqual[int32]),
		i64: pairwise(lessOrEqual[int64]), u8: pairwise(lessOrEqual[uint8]),
	}, Bool)
}

// maximum and minimum return NaN when either argument is NaN.
func maximum[T number](a, b T) T {
	if a > b || a != a {
		return a
	}
	return b
}

func minimum[T number](a, b T) T {
	if a < b || a != a {
		return a
	}
	return b
}

// variadic combines any number of inputs from left to right.
func variadic[T number](f func(a, b T) T) kernel {
	return func(c *call) error {
		dims, other := append(c.scratch.dims[:0], c.in[0].dims...), []int(nil)
		var err error
		for _, t := range c.in[1:] {
			if other, err = broadcast(nil, dims, t.dims); err != nil {
				return err
			}
			dims = append(dims[:0], other...)
		}
		c.scratch.dims = dims
		out, err := output[T](c, 0, dims...)
		if err != nil || len(out) == 0 {
			return err
		}
		for k, t := range c.in {
			values := data[T](t)
			var w walker
			if err := w.start(dims, t.dims); err != nil {
				return err
			}
			for more := true; more; more = w.next() {
				at := w.offset[0]
				row := out[w.position : w.position+w.inner]
				for i := range row {
					if k == 0 {
						row[i] = values[at]
					} else {
						row[i] = f(row[i], values[at])
					}
					at += w.step[0]
				}
			}
		}
		return nil
	}
}

func compileVariadic(n *node, k kernels) (kernel, error) {
	typ, err := n.alike()
	if err != nil {
		return nil, err
	}
	n.result(0, typ, nil)
	return n.pick(k, typ)
}

func compileMax(n *node) (kernel, error) {
	return compileVariadic(n, kernels{
		f32: variadic(maximum[float32]), f64: variadic(maximum[float64]), i32: variadic(maximum[int32]),
		i64: variadic(maximum[int64]), u8: variadic(maximum[uint8]),
	})
}

func compileMin(n *node) (kernel, error) {
	return compileVariadic(n, kernels{
		f32: variadic(minimum[float32]), f64: variadic(minimum[float64]), i32: variadic(minimum[int32]),
		i64: variadic(minimum[int64]), u8: variadic(minimum[uint8]),
	})
}

func compileSum(n *node) (kernel, error) {
	return compileVariadic(n, kernels{f32: variadic(add[float32]), f64: variadic(add[float64])})
}

func where[T Element](c *call) error {
	condition, x, y := data[bool](c.in[0]), data[T](c.in[1]), data[T](c.in[2])
	both, err := broadcast(c.scratch.ints[:0], c.in[1].dims, c.in[2].dims)
	if err != nil {
		return err
	}
	c.scratch.ints = both
	if c.scratch.dims, err = broadcast(c.scratch.dims[:0], c.in[0].dims, both); err != nil {
		return err
	}
	out, err := output[T](c, 0, c.scratch.dims...)
	if err != nil || len(out) == 0 {
		return err
	}
	var w walker
	if err := w.start(c.scratch.dims, c.in[0].dims, c.in[1].dims, c.in[2].dims); err != nil {
		return err
	}
	for more := true; more; more = w.next() {
		row, i, j, k := out[w.position:w.position+w.inner], w.offset[0], w.offset[1], w.offset[2]
		for at := range row {
			if condition[i] {
				row[at] = x[j]
			} else {
				row[at] = y[k]
			}
			i += w.step[0]
			j += w.step[1]
			k += w.step[2]
		}
	}
	return nil
}

func compileWhere(n *node) (kernel, error) {
	if err := n.arity(3, 3, 1); err != nil {
		return nil, err
	}
	if n.in[0].typ != Bool {
		return nil, n.refuse("the condition is %s, not bool", n.in[0].typ)
	}
	typ, err := n.sameType(1)
	if err != nil {
		return nil, err
	}
	n.result(0, typ, nil)
	return n.pick(kernels{
		f32: where[float32], f64: where[float64], i32: where[int32], i64: where[int64],
		u8: where[uint8], b: where[bool], str: where[string],
	}, typ)
}
