package onnx

import "fmt"

// layout describes how the output of a moving operator reads its input: element
// (i0, i1, ...) of dims is input element base + sum of i times stride.
type layout struct {
	dims    []int
	strides []int
	base    int
}

// move fills output 0, of dimensions dims, from input 0 by a layout with the
// same number of elements.
func move(c *call, dims []int, l layout) error {
	switch c.in[0].typ {
	case Float32:
		return moveElements[float32](c, dims, l)
	case Float64:
		return moveElements[float64](c, dims, l)
	case Int32:
		return moveElements[int32](c, dims, l)
	case Int64:
		return moveElements[int64](c, dims, l)
	case Uint8:
		return moveElements[uint8](c, dims, l)
	case Bool:
		return moveElements[bool](c, dims, l)
	case String:
		return moveElements[string](c, dims, l)
	}
	return fmt.Errorf("type %s cannot be moved", c.in[0].typ)
}

func moveElements[T Element](c *call, dims []int, l layout) error {
	out, err := output[T](c, 0, dims...)
	if err != nil || len(out) == 0 {
		return err
	}
	in := data[T](c.in[0])
	last := len(l.dims) - 1
	inner, step := 1, 0
	if last >= 0 {
		inner, step = l.dims[last], l.strides[last]
	}
	var index [2 * maxRank]int
	at := l.base
	for position := 0; position < len(out); position += inner {
		row := out[position : position+inner]
		if step == 1 {
			copy(row, in[at:at+inner])
		} else {
			from := at
			for i := range row {
				row[i] = in[from]
				from += step
			}
		}
		for k := last - 1; k >= 0; k-- {
			index[k]++
			at += l.strides[k]
			if index[k] < l.dims[k] {
				break
			}
			at -= l.strides[k] * l.dims[k]
			index[k] = 0
		}
	}
	return nil
}

// stridesOf appends the strides of a row-major tensor.
func stridesOf(dst, dims []int) []int {
	from := len(dst)
	dst = append(dst, dims...)
	size := 1
	for i := len(dims) - 1; i >= 0; i-- {
		dst[from+i] = size
		size *= dims[i]
	}
	return dst
}

func compileExpand(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if n.in[1].typ != Int64 {
		return nil, n.refuse("the shape is %s, not int64", n.in[1].typ)
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		shape, err := dimsOf(c.in[1])
		if err != nil {
			return err
		}
		dims, err := broadcast(nil, c.in[0].dims, shape)
		if err != nil {
			return err
		}
		strides := stridesOf(nil, c.in[0].dims)
		for i, d := range c.in[0].dims {
			if d == 1 {
				strides[i] = 0
			}
		}
		all := make([]int, len(dims))
		copy(all[len(dims)-len(strides):], strides)
		return move(c, dims, layout{dims: dims, strides: all})
	}, nil
}

// dimsOf reads a tensor of int64 as dimensions.
func dimsOf(t *Tensor) ([]int, error) {
	if len(t.i64) > maxRank || len(t.dims) != 1 {
		return nil, fmt.Errorf("a shape must be a list of at most %d numbers", maxRank)
	}
	dims := make([]int, len(t.i64))
	for i, v := range t.i64 {
		if v < 0 || v > 1<<40 {
			return nil, fmt.Errorf("dimension %d is out of range", v)
		}
		dims[i] = int(v)
	}
	return dims, nil
}

func compileTile(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if n.in[1].typ != Int64 {
		return nil, n.refuse("the repeats are %s, not int64", n.in[1].typ)
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		repeats, err := dimsOf(c.in[1])
		if err != nil {
			return err
		}
		in := c.in[0].dims
		if len(repeats) != len(in) {
			return fmt.Errorf("%d repeats for %d dimensions", len(repeats), len(in))
		}
		strides := stridesOf(nil, in)
		dims, l := make([]int, len(in)), layout{}
		for i, d := range in {
			if d > 0 && repeats[i] > c.elements/d {
				return fmt.Errorf("%d repeats of %d elements pass the limit", repeats[i], d)
			}
			dims[i] = d * repeats[i]
			l.dims = append(l.dims, repeats[i], d)
			l.strides = append(l.strides, 0, strides[i])
		}
		return move(c, dims, l)
	}, nil
}

func compileTranspose(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	perm := n.ints("perm")
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		in := c.in[0].dims
		if perm != nil && len(perm) != len(in) {
			return fmt.Errorf("permutation %v of %d dimensions", perm, len(in))
		}
		c.scratch.ints = stridesOf(c.scratch.ints[:0], in)
		strides := c.scratch.ints
		c.scratch.dims = c.scratch.dims[:0]
		var seen [maxRank]bool
		for i := range in {
			from := len(in) - 1 - i
			if perm != nil {
				var err error
				if from, err = axisOf(perm[i], len(in)); err != nil {
					return err
				}
			}
			if seen[from] {
				return fmt.Errorf("permutation %v names an axis twice", perm)
			}
			seen[from] = true
			c.scratch.dims = append(c.scratch.dims, in[from])
			c.scratch.ints = append(c.scratch.ints, strides[from])
		}
		return move(c, c.scratch.dims, layout{dims: c.scratch.dims, strides: c.scratch.ints[len(in):]})
	}, nil
}

func compileSlice(n *node) (kernel, error) {
	byInput := n.opset >= 10
	least, most := 1, 1
	if byInput {
		least, most = 3, 5
	}
	if err := n.arity(least, most, 1); err != nil {
		return nil, err
	}
	var starts, ends, axes []int64
	if byInput {
		for i := 1; i < len(n.in); i++ {
			if v := n.in[i]; v != nil && v.typ != Int32 && v.typ != Int64 {
				return nil, n.refuse("input %d is %s", i, v.typ)
			}
		}
	} else {
		starts, ends, axes = n.ints("starts"), n.ints("ends"), n.ints("axes")
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		cut := [4][]int64{starts, ends, axes, nil}
		for i := 1; i < len(c.in); i++ {
			if c.in[i] == nil {
				continue
			}
			var err error
			if cut[i-1], err = integers(c.in[i]); err != nil {
				return err
			}
		}
		return slice(c, cut[0], cut[1], cut[2], cut[3])
	}, nil
}

func slice(c *call, starts, ends, axes, steps []int64) error {
	in := c.in[0].dims
	if len(ends) != len(starts) || axes != nil && len(axes) != len(starts) || steps != nil && len(steps) != len(starts) {
		return fmt.Errorf("starts, ends, axes and steps differ in number")
	}
	c.scratch.dims = append(c.scratch.dims[:0], in...)
	c.scratch.ints = stridesOf(c.scratch.ints[:0], in)
	dims, strides, base := c.scratch.dims, c.scratch.ints, 0
	var seen [maxRank]bool
	for i := range starts {
		axis, step := int64(i), int64(1)
		if axes != nil {
			axis = axes[i]
		}
		if steps != nil {
			step = steps[i]
		}
		at, err := axisOf(axis, len(in))
		if err != nil {
			return err
		}
		if seen[at] || step == 0 || step == -1<<63 {
			return fmt.Errorf("axis %d is cut twice or by a step of %d", at, step)
		}
		seen[at] = true
		size := int64(in[at])
		start, end := fromEnd(starts[i], size), fromEnd(ends[i], size)
		count := int64(0)
		if step > 0 {
			start, end = min(max(start, 0), size), min(max(end, 0), size)
			if end > start {
				count = (end-start-1)/step + 1
			}
		} else {
			start, end = min(max(start, 0), size-1), min(max(end, -1), size-1)
			if start > end {
				count = (start-end-1)/-step + 1
			}
		}
		dims[at] = int(count)
		if count > 0 {
			base += int(start) * strides[at]
		}
		if count > 1 {
			strides[at] *= int(step)
		}
	}
	return move(c, dims, layout{dims: dims, strides: strides, base: base})
}

// fromEnd counts a negative position from the end.
func fromEnd(v, size int64) int64 {
	if v < 0 {
		return v + size
	}
	return v
}
