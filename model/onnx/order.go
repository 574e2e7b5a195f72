package onnx

import (
	"fmt"
	"math"
	"slices"
)

// compileArg compiles ArgMax and ArgMin.
func compileArg(largest bool) compiler {
	return func(n *node) (kernel, error) {
		if err := n.arity(1, 1, 1); err != nil {
			return nil, err
		}
		axis, keep, last := n.int("axis", 0), n.flag("keepdims", 1), n.flag("select_last_index", 0)
		n.result(0, Int64, nil)
		n.rowMaximum = largest && axis == 1 && keep && !last
		return n.pick(kernels{
			f32: arg[float32](axis, keep, last, largest), f64: arg[float64](axis, keep, last, largest),
			i32: arg[int32](axis, keep, last, largest), i64: arg[int64](axis, keep, last, largest),
			u8: arg[uint8](axis, keep, last, largest),
		}, n.in[0].typ)
	}
}

func arg[T number](attribute int64, keep, last, largest bool) kernel {
	return func(c *call) error {
		dims := c.in[0].dims
		axis, err := axisOf(attribute, len(dims))
		if err != nil {
			return err
		}
		before, along, after := around(dims, axis)
		c.scratch.dims = append(c.scratch.dims[:0], dims[:axis]...)
		if keep {
			c.scratch.dims = append(c.scratch.dims, 1)
		}
		c.scratch.dims = append(c.scratch.dims, dims[axis+1:]...)
		out, err := output[int64](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		if along == 0 && len(out) > 0 {
			return fmt.Errorf("axis %d has no elements", axis)
		}
		in := data[T](c.in[0])
		if err := c.spend(int64(len(in))); err != nil {
			return err
		}
		for b := range before {
			for a := range after {
				at := b*along*after + a
				best, index := in[at], 0
				for k := 1; k < along; k++ {
					v := in[at+k*after]
					// A NaN never wins against what was there, as in ONNX Runtime.
					better := largest && v > best || !largest && v < best
					if better || last && v == best {
						best, index = v, k
					}
				}
				out[b*after+a] = int64(index)
			}
		}
		return nil
	}
}

func compileCumSum(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if t := n.in[1].typ; t != Int32 && t != Int64 {
		return nil, n.refuse("the axis is %s", t)
	}
	exclusive, reverse := n.flag("exclusive", 0), n.flag("reverse", 0)
	n.result(0, n.in[0].typ, n.in[0].dims)
	return n.pick(kernels{
		f32: cumSum[float32](exclusive, reverse), f64: cumSum[float64](exclusive, reverse),
		i32: cumSum[int32](exclusive, reverse), i64: cumSum[int64](exclusive, reverse),
	}, n.in[0].typ)
}

func cumSum[T number](exclusive, reverse bool) kernel {
	return func(c *call) error {
		axes, err := integers(c.in[1])
		if err != nil || len(axes) != 1 {
			return fmt.Errorf("the axis must be one number")
		}
		return lines(c, axes[0], func(in, out []T, first, step, n int) {
			var sum T
			for k := range n {
				if reverse {
					k = n - 1 - k
				}
				at := first + k*step
				if exclusive {
					out[at] = sum
					sum += in[at]
				} else {
					sum += in[at]
					out[at] = sum
				}
			}
		})
	}
}

// lines runs do for each line of the first input along an axis, into an output of the same dimensions: a line's n elements begin at
// first and lie step apart.
func lines[T Element](c *call, attribute int64, do func(in, out []T, first, step, n int)) error {
	dims := c.in[0].dims
	axis, err := axisOf(attribute, len(dims))
	if err != nil {
		return err
	}
	out, err := output[T](c, 0, dims...)
	if err != nil {
		return err
	}
	in := data[T](c.in[0])
	before, along, after := around(dims, axis)
	for b := range before {
		for a := range after {
			do(in, out, b*along*after+a, after, along)
		}
	}
	return nil
}

// integers reads an int32 or int64 tensor as int64; int64 without a copy.
func integers(t *Tensor) ([]int64, error) {
	switch t.typ {
	case Int64:
		return t.i64, nil
	case Int32:
		out := make([]int64, len(t.i32))
		for i, v := range t.i32 {
			out[i] = int64(v)
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s where whole numbers are needed", t.typ)
}

func compileSoftmax(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	// Up to opset 12 everything from the axis on is one row.
	flat := n.opset < 13
	fallback := int64(-1)
	if flat {
		fallback = 1
	}
	axis := n.int("axis", fallback)
	n.result(0, n.in[0].typ, n.in[0].dims)
	return n.pick(kernels{f32: softmax[float32](axis, flat), f64: softmax[float64](axis, flat)}, n.in[0].typ)
}

func softmax[T float](attribute int64, flat bool) kernel {
	return func(c *call) error {
		dims := c.in[0].dims
		rank := len(dims)
		before, along, after := 1, 1, 1
		if rank > 0 {
			axis, err := axisOf(attribute, rank)
			if flat && attribute == int64(rank) {
				axis, err = rank, nil
			}
			if err != nil {
				return err
			}
			if axis < rank {
				before, along, after = around(dims, axis)
			} else {
				before = len(data[T](c.in[0]))
			}
			if flat {
				along, after = along*after, 1
			}
		}
		out, err := output[T](c, 0, dims...)
		if err != nil {
			return err
		}
		in := data[T](c.in[0])
		for b := range before {
			for a := range after {
				softmaxRow(in[b*along*after+a:], out[b*along*after+a:], along, after)
			}
		}
		return nil
	}
}

func softmaxRow[T float](in, out []T, n, stride int) {
	highest := math.Inf(-1)
	for i := range n {
		highest = maximum(highest, float64(in[i*stride]))
	}
	sum := 0.0
	for i := range n {
		e := math.Exp(float64(in[i*stride]) - highest)
		out[i*stride] = T(e)
		sum += e
	}
	for i := range n {
		out[i*stride] = T(float64(out[i*stride]) / sum)
	}
}

func compileTopK(n *node) (kernel, error) {
	if err := n.arity(2, 2, 2); err != nil {
		return nil, err
	}
	if n.in[1].typ != Int64 {
		return nil, n.refuse("K is %s, not int64", n.in[1].typ)
	}
	axis, largest := n.int("axis", -1), true
	if n.opset >= 11 {
		largest = n.flag("largest", 1)
		n.ignore("sorted") // sorted is one of the orders that an unsorted result may have
	}
	n.result(0, n.in[0].typ, nil)
	n.result(1, Int64, nil)
	return n.pick(kernels{
		f32: topK[float32](axis, largest), f64: topK[float64](axis, largest),
		i32: topK[int32](axis, largest), i64: topK[int64](axis, largest),
	}, n.in[0].typ)
}

func topK[T number](attribute int64, largest bool) kernel {
	return func(c *call) error {
		dims := c.in[0].dims
		axis, err := axisOf(attribute, len(dims))
		if err != nil {
			return err
		}
		ks := data[int64](c.in[1])
		before, along, after := around(dims, axis)
		if len(ks) != 1 || ks[0] < 0 || ks[0] > int64(along) {
			return fmt.Errorf("the number K is %v of %d elements", ks, along)
		}
		k := int(ks[0])
		c.scratch.dims = append(c.scratch.dims[:0], dims...)
		c.scratch.dims[axis] = k
		values, err := output[T](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		var indices []int64
		if len(c.out) > 1 {
			if indices, err = output[int64](c, 1, c.scratch.dims...); err != nil {
				return err
			}
		}
		in := data[T](c.in[0])
		if err := c.spend(int64(len(in)) * 8); err != nil {
			return err
		}
		c.scratch.order = grow(c.scratch.order, along)
		order := c.scratch.order
		for b := range before {
			for a := range after {
				row := in[b*along*after+a:]
				for i := range order {
					order[i] = int32(i)
				}
				slices.SortStableFunc(order, func(i, j int32) int {
					x, y := row[int(i)*after], row[int(j)*after]
					if largest {
						x, y = y, x
					}
					switch {
					case x < y:
						return -1
					case x > y:
						return 1
					}
					return 0
				})
				for i := range k {
					at := (b*k+i)*after + a
					values[at] = row[int(order[i])*after]
					if indices != nil {
						indices[at] = int64(order[i])
					}
				}
			}
		}
		return nil
	}
}

// compileLpNormalization divides by the norm along an axis; of zero norm the
// result is zero.
func compileLpNormalization(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	axis, p := n.int("axis", -1), n.int("p", 2)
	if p != 1 && p != 2 {
		return nil, n.refuse("p is %d, not 1 or 2", p)
	}
	n.result(0, n.in[0].typ, n.in[0].dims)
	return n.pick(kernels{f32: lpNormalization[float32](axis, p), f64: lpNormalization[float64](axis, p)}, n.in[0].typ)
}

func lpNormalization[T float](attribute, p int64) kernel {
	return func(c *call) error {
		return lines(c, attribute, func(in, out []T, first, step, n int) {
			norm := 0.0
			for k := range n {
				v := float64(in[first+k*step])
				if p == 1 {
					norm += math.Abs(v)
				} else {
					norm += v * v
				}
			}
			if p == 2 {
				norm = math.Sqrt(norm)
			}
			for k := range n {
				out[first+k*step] = 0
				if norm != 0 {
					out[first+k*step] = T(float64(in[first+k*step]) / norm)
				}
			}
		})
	}
}
