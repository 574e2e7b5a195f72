package onnx

import (
	"fmt"
	"math"
)

// axisOf turns an axis counted from the end into one counted from the start.
func axisOf(axis int64, rank int) (int, error) {
	if axis < -int64(rank) || axis >= int64(rank) {
		return 0, fmt.Errorf("axis %d is outside of %d dimensions", axis, rank)
	}
	if axis < 0 {
		axis += int64(rank)
	}
	return int(axis), nil
}

// around returns the number of elements before an axis, along it and after it.
func around(dims []int, axis int) (before, along, after int) {
	before, after = 1, 1
	for _, d := range dims[:axis] {
		before *= d
	}
	for _, d := range dims[axis+1:] {
		after *= d
	}
	return before, dims[axis], after
}

// reductionKind is one operator of the Reduce family. Floats are folded in
// double and rounded once; integers in their own type.
type reductionKind int

const (
	reduceSum reductionKind = iota
	reduceMean
	reduceMax
	reduceMin
	reduceProd
	reduceSumSquare
	reduceL1
	reduceL2
	reduceLogSum
	reduceLogSumExp
)

// axesInputSince is the opset from which the axes are the second input; before
// they are an attribute.
func (k reductionKind) axesInputSince() int {
	if k == reduceSum {
		return 13
	}
	return 18
}

func compileReduce(kind reductionKind) compiler {
	return func(n *node) (kernel, error) {
		byInput := n.opset >= kind.axesInputSince()
		most := 1
		if byInput {
			most = 2
		}
		if err := n.arity(1, most, 1); err != nil {
			return nil, err
		}
		keep := n.flag("keepdims", 1)
		var axes []int64
		noop := false
		if byInput {
			noop = n.flag("noop_with_empty_axes", 0)
			if v := n.input(1); v != nil && v.typ != Int64 {
				return nil, n.refuse("the axes are %s, not int64", v.typ)
			}
		} else {
			axes = n.ints("axes")
		}
		n.result(0, n.in[0].typ, nil)
		read := func(c *call) []int64 {
			if len(c.in) > 1 && c.in[1] != nil {
				return data[int64](c.in[1])
			}
			return axes
		}
		plan := reducePlan{axes: read, keep: keep, noop: noop}
		if kind >= reduceL1 {
			return n.pick(kernels{f32: reduceFloat[float32](kind, plan), f64: reduceFloat[float64](kind, plan)}, n.in[0].typ)
		}
		return n.pick(kernels{
			f32: reduceFloat[float32](kind, plan), f64: reduceFloat[float64](kind, plan),
			i32: reduceInteger[int32](kind, plan), i64: reduceInteger[int64](kind, plan),
			u8: reduceByte(kind, plan), b: reduceBool(kind, plan),
		}, n.in[0].typ)
	}
}

type reducePlan struct {
	axes       func(c *call) []int64
	keep, noop bool
}

// shape works out the reduced axes and leaves the output's dimensions in
// scratch.dims. It returns the strides of the output along each input axis (0
// where reduced) and the number of elements folded into one.
func (p reducePlan) shape(c *call) (strides [maxRank]int, folded int, noop bool, err error) {
	dims := c.in[0].dims
	if len(dims) > maxRank {
		return strides, 0, false, fmt.Errorf("more than %d dimensions", maxRank)
	}
	axes := p.axes(c)
	if len(axes) == 0 && p.noop {
		c.scratch.dims = append(c.scratch.dims[:0], dims...)
		return strides, 1, true, nil
	}
	var reduced [maxRank]bool
	for _, a := range axes {
		axis, err := axisOf(a, len(dims))
		if err != nil {
			return strides, 0, false, err
		}
		reduced[axis] = true
	}
	folded = 1
	c.scratch.dims = c.scratch.dims[:0]
	size := 1
	for i := len(dims) - 1; i >= 0; i-- {
		if len(axes) == 0 || reduced[i] {
			folded *= dims[i]
			continue
		}
		strides[i] = size
		size *= dims[i]
	}
	for i, d := range dims {
		if len(axes) > 0 && !reduced[i] {
			c.scratch.dims = append(c.scratch.dims, d)
		} else if p.keep {
			c.scratch.dims = append(c.scratch.dims, 1)
		}
	}
	return strides, folded, false, nil
}

// visit calls f with the position of every input element and of the output
// element that it falls into.
func visit(dims []int, strides *[maxRank]int, f func(in, out int)) {
	n := 1
	for _, d := range dims {
		n *= d
	}
	var index [maxRank]int
	at := 0
	for i := 0; i < n; i++ {
		f(i, at)
		for k := len(dims) - 1; k >= 0; k-- {
			index[k]++
			at += strides[k]
			if index[k] < dims[k] {
				break
			}
			at -= strides[k] * dims[k]
			index[k] = 0
		}
	}
}

func reduceFloat[T float](kind reductionKind, plan reducePlan) kernel {
	return func(c *call) error {
		strides, folded, noop, err := plan.shape(c)
		if err != nil {
			return err
		}
		if noop {
			// What is done to each element is done all the same, as if it were alone.
			return unary(func(v T) T { return T(kind.finish(kind.add(kind.start(), float64(v)), 1)) })(c)
		}
		in := data[T](c.in[0])
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		if err := c.spend(int64(len(in))); err != nil {
			return err
		}
		if kind == reduceLogSumExp {
			return logSumExp(c, in, out, &strides)
		}
		c.scratch.f64 = grow(c.scratch.f64, len(out))
		sums := c.scratch.f64
		for i := range sums {
			sums[i] = kind.start()
		}
		// The last axis alone is the common case: rows are contiguous.
		rank := len(c.in[0].dims)
		if rank > 0 && len(out) > 0 && folded == c.in[0].dims[rank-1] && strides[rank-1] == 0 {
			for i := range sums {
				row := in[i*folded : (i+1)*folded]
				if kind == reduceSum || kind == reduceMean {
					sums[i] = sumOf(row)
					continue
				}
				sum := sums[i]
				for _, v := range row {
					sum = kind.add(sum, float64(v))
				}
				sums[i] = sum
			}
		} else {
			visit(c.in[0].dims, &strides, func(i, at int) { sums[at] = kind.add(sums[at], float64(in[i])) })
		}
		for i, sum := range sums {
			out[i] = T(kind.finish(sum, folded))
		}
		return nil
	}
}

// sumOf adds up in four places at once, which do not wait for one another.
func sumOf[T float](row []T) float64 {
	var a, b, c, d float64
	for len(row) >= 4 {
		a += float64(row[0])
		b += float64(row[1])
		c += float64(row[2])
		d += float64(row[3])
		row = row[4:]
	}
	for _, v := range row {
		a += float64(v)
	}
	return a + b + (c + d)
}

// logSumExp takes the maximum out first, so that exp does not overflow.
func logSumExp[T float](c *call, in, out []T, strides *[maxRank]int) error {
	c.scratch.f64 = grow(c.scratch.f64, 2*len(out))
	highest, sums := c.scratch.f64[:len(out)], c.scratch.f64[len(out):]
	clear(sums)
	for i := range highest {
		highest[i] = math.Inf(-1)
	}
	dims := c.in[0].dims
	visit(dims, strides, func(i, at int) { highest[at] = maximum(highest[at], float64(in[i])) })
	for i, v := range highest {
		if math.IsInf(v, 0) {
			highest[i] = 0 // the sum is 0 or infinite by itself
		}
	}
	visit(dims, strides, func(i, at int) { sums[at] += math.Exp(float64(in[i]) - highest[at]) })
	for i, sum := range sums {
		out[i] = T(highest[i] + math.Log(sum))
	}
	return nil
}

func (k reductionKind) start() float64 {
	switch k {
	case reduceProd:
		return 1
	case reduceMax:
		return math.Inf(-1)
	case reduceMin:
		return math.Inf(1)
	}
	return 0
}

func (k reductionKind) add(sum, v float64) float64 {
	switch k {
	case reduceMax:
		return maximum(sum, v)
	case reduceMin:
		return minimum(sum, v)
	case reduceProd:
		return sum * v
	case reduceSumSquare, reduceL2:
		return sum + v*v
	case reduceL1:
		return sum + math.Abs(v)
	case reduceLogSumExp:
		return sum + math.Exp(v)
	}
	return sum + v
}

func (k reductionKind) finish(sum float64, n int) float64 {
	switch k {
	case reduceMean:
		return sum / float64(n)
	case reduceL2:
		return math.Sqrt(sum)
	case reduceLogSum, reduceLogSumExp:
		return math.Log(sum)
	}
	return sum
}

func reduceInteger[T int32 | int64 | uint8](kind reductionKind, plan reducePlan) kernel {
	return func(c *call) error {
		strides, folded, noop, err := plan.shape(c)
		if err != nil {
			return err
		}
		if noop {
			if kind != reduceSumSquare {
				return viewKernel(c)
			}
			return unary(func(v T) T { return v * v })(c)
		}
		in := data[T](c.in[0])
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		if err := c.spend(int64(len(in))); err != nil {
			return err
		}
		if folded == 0 && (kind == reduceMax || kind == reduceMin || kind == reduceMean) && len(out) > 0 {
			return fmt.Errorf("no elements have neither a maximum nor a minimum nor a mean")
		}
		clear(out)
		if kind == reduceProd {
			for i := range out {
				out[i] = 1
			}
		}
		c.scratch.ints = grow(c.scratch.ints, len(out))
		seen := c.scratch.ints
		clear(seen)
		visit(c.in[0].dims, &strides, func(i, at int) {
			v := in[i]
			switch kind {
			case reduceMax, reduceMin:
				if seen[at] == 0 || kind == reduceMax && v > out[at] || kind == reduceMin && v < out[at] {
					out[at] = v
				}
				seen[at] = 1
			case reduceProd:
				out[at] *= v
			case reduceSumSquare:
				out[at] += v * v
			default:
				out[at] += v
			}
		})
		if kind == reduceMean {
			for i := range out {
				out[i] /= T(folded)
			}
		}
		return nil
	}
}

// reduceByte gives the kernels for uint8, which ONNX defines for extremes only.
func reduceByte(kind reductionKind, plan reducePlan) kernel {
	if kind != reduceMax && kind != reduceMin {
		return nil
	}
	return reduceInteger[uint8](kind, plan)
}

// reduceBool is any and all: ReduceMax and ReduceMin on booleans, opset 20.
func reduceBool(kind reductionKind, plan reducePlan) kernel {
	if kind != reduceMax && kind != reduceMin {
		return nil
	}
	return func(c *call) error {
		strides, folded, noop, err := plan.shape(c)
		if err != nil {
			return err
		}
		if noop {
			return viewKernel(c)
		}
		out, err := output[bool](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		if folded == 0 && len(out) > 0 {
			return fmt.Errorf("no elements have neither a maximum nor a minimum")
		}
		in := data[bool](c.in[0])
		for i := range out {
			out[i] = kind == reduceMin
		}
		visit(c.in[0].dims, &strides, func(i, at int) {
			if in[i] == (kind == reduceMax) {
				out[at] = in[i]
			}
		})
		return nil
	}
}
