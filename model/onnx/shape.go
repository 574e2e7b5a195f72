package onnx

import (
	"fmt"
	"math"
)

func compileReshape(n *node) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if n.in[1].typ != Int64 {
		return nil, n.refuse("the shape is %s, not int64", n.in[1].typ)
	}
	allowZero := false
	if n.opset >= 14 {
		allowZero = n.flag("allowzero", 0)
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		shape := c.in[1].i64
		if len(shape) > maxRank {
			return fmt.Errorf("more than %d dimensions", maxRank)
		}
		elements := c.in[0].Len()
		dims := c.scratch.dims[:0]
		known, open := 1, -1
		for i, v := range shape {
			switch {
			case v == -1 && open < 0:
				open = i
				dims = append(dims, -1)
				continue
			case v == 0 && !allowZero:
				if i >= len(c.in[0].dims) {
					return fmt.Errorf("dimension %d cannot be copied from %v", i, c.in[0].dims)
				}
				v = int64(c.in[0].dims[i])
			case v < 0:
				return fmt.Errorf("shape %v is not valid", shape)
			}
			if v > 0 && int64(known) > math.MaxInt64/v || v > math.MaxInt32 {
				return fmt.Errorf("shape %v is too large", shape)
			}
			known *= int(v)
			dims = append(dims, int(v))
		}
		c.scratch.dims = dims
		if open >= 0 {
			if known == 0 || elements%known != 0 {
				return fmt.Errorf("%d elements cannot take the shape %v", elements, shape)
			}
			dims[open] = elements / known
			known *= dims[open]
		}
		if known != elements {
			return fmt.Errorf("%d elements cannot take the shape %v", elements, shape)
		}
		c.in[0].view(c.out[0], dims)
		return nil
	}, nil
}

func compileFlatten(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	attribute := n.int("axis", 1)
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		dims := c.in[0].dims
		axis := len(dims)
		if attribute != int64(len(dims)) {
			var err error
			if axis, err = axisOf(attribute, len(dims)); err != nil {
				return err
			}
		}
		before, after := 1, 1
		for i, d := range dims {
			if i < axis {
				before *= d
			} else {
				after *= d
			}
		}
		c.scratch.dims = append(c.scratch.dims[:0], before, after)
		c.in[0].view(c.out[0], c.scratch.dims)
		return nil
	}, nil
}

// axesReader reads the axes of Squeeze and Unsqueeze: an attribute up to opset
// 12, the second input from 13 on.
func axesReader(n *node) (func(c *call) []int64, error) {
	if n.opset < 13 {
		axes := n.ints("axes")
		return func(*call) []int64 { return axes }, n.arity(1, 1, 1)
	}
	if err := n.arity(1, 2, 1); err != nil {
		return nil, err
	}
	v := n.input(1)
	if v != nil && v.typ != Int64 {
		return nil, n.refuse("the axes are %s, not int64", v.typ)
	}
	return func(c *call) []int64 {
		if v == nil {
			return nil
		}
		return c.in[1].i64
	}, nil
}

func compileSqueeze(n *node) (kernel, error) {
	read, err := axesReader(n)
	if err != nil {
		return nil, err
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		dims, axes := c.in[0].dims, read(c)
		var drop [maxRank]bool
		for i, d := range dims {
			drop[i] = len(axes) == 0 && d == 1
		}
		for _, a := range axes {
			axis, err := axisOf(a, len(dims))
			if err != nil {
				return err
			}
			if dims[axis] != 1 {
				return fmt.Errorf("axis %d of %v is not 1", axis, dims)
			}
			drop[axis] = true
		}
		c.scratch.dims = c.scratch.dims[:0]
		for i, d := range dims {
			if !drop[i] {
				c.scratch.dims = append(c.scratch.dims, d)
			}
		}
		c.in[0].view(c.out[0], c.scratch.dims)
		return nil
	}, nil
}

func compileUnsqueeze(n *node) (kernel, error) {
	read, err := axesReader(n)
	if err != nil {
		return nil, err
	}
	n.result(0, n.in[0].typ, nil)
	return func(c *call) error {
		dims, axes := c.in[0].dims, read(c)
		rank := len(dims) + len(axes)
		if rank > maxRank {
			return fmt.Errorf("more than %d dimensions", maxRank)
		}
		var added [maxRank]bool
		for _, a := range axes {
			axis, err := axisOf(a, rank)
			if err != nil {
				return err
			}
			if added[axis] {
				return fmt.Errorf("axes %v name an axis twice", axes)
			}
			added[axis] = true
		}
		c.scratch.dims = c.scratch.dims[:0]
		for i, from := 0, 0; i < rank; i++ {
			if added[i] {
				c.scratch.dims = append(c.scratch.dims, 1)
				continue
			}
			c.scratch.dims = append(c.scratch.dims, dims[from])
			from++
		}
		c.in[0].view(c.out[0], c.scratch.dims)
		return nil
	}, nil
}

func compileShape(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	first, last := int64(0), int64(math.MaxInt64)
	if n.opset >= 15 {
		first, last = n.int("start", 0), n.int("end", math.MaxInt64)
	}
	n.result(0, Int64, nil)
	return func(c *call) error {
		dims := c.in[0].dims
		rank := int64(len(dims))
		from := min(max(fromEnd(first, rank), 0), rank)
		to := min(max(fromEnd(last, rank), from), rank)
		out, err := output[int64](c, 0, int(to-from))
		if err != nil {
			return err
		}
		for i := range out {
			out[i] = int64(dims[int(from)+i])
		}
		return nil
	}, nil
}

func compileConcat(n *node) (kernel, error) {
	typ, err := n.alike()
	if err != nil {
		return nil, err
	}
	if !n.has("axis") {
		return nil, n.refuse("attribute \"axis\" is missing")
	}
	axis := n.int("axis", 0)
	n.result(0, typ, nil)
	return n.pick(kernels{
		f32: concat[float32](axis), f64: concat[float64](axis), i32: concat[int32](axis),
		i64: concat[int64](axis), u8: concat[uint8](axis), b: concat[bool](axis), str: concat[string](axis),
	}, typ)
}

func concat[T Element](attribute int64) kernel {
	return func(c *call) error {
		rank := len(c.in[0].dims)
		axis, err := axisOf(attribute, rank)
		if err != nil {
			return err
		}
		c.scratch.dims = append(c.scratch.dims[:0], c.in[0].dims...)
		c.scratch.dims[axis] = 0
		for _, t := range c.in {
			if len(t.dims) != rank {
				return fmt.Errorf("dimensions %v and %v cannot be joined", c.in[0].dims, t.dims)
			}
			for i, d := range t.dims {
				if i != axis && d != c.in[0].dims[i] {
					return fmt.Errorf("dimensions %v and %v cannot be joined", c.in[0].dims, t.dims)
				}
			}
			c.scratch.dims[axis] += t.dims[axis]
		}
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil || len(out) == 0 {
			return err
		}
		before, along, after := around(c.scratch.dims, axis)
		at := 0
		for _, t := range c.in {
			in, width := data[T](t), t.dims[axis]*after
			for b := range before {
				copy(out[b*along*after+at:][:width], in[b*width:])
			}
			at += width
		}
		return nil
	}
}

func compileSplit(n *node) (kernel, error) {
	byInput := n.opset >= 13
	most := 1
	if byInput {
		most = 2
	}
	if err := n.arity(1, most, -1); err != nil {
		return nil, err
	}
	axis := n.int("axis", 0)
	var sizes []int64
	if byInput {
		if v := n.input(1); v != nil && v.typ != Int64 {
			return nil, n.refuse("the sizes are %s, not int64", v.typ)
		}
	} else {
		sizes = n.ints("split")
	}
	if n.opset >= 18 {
		if parts := n.int("num_outputs", int64(len(n.out))); parts != int64(len(n.out)) {
			return nil, n.refuse("num_outputs is %d but there are %d outputs", parts, len(n.out))
		}
	}
	for i := range n.out {
		n.result(i, n.in[0].typ, nil)
	}
	read := func(c *call) []int64 {
		if len(c.in) > 1 && c.in[1] != nil {
			return c.in[1].i64
		}
		return sizes
	}
	return n.pick(kernels{
		f32: split[float32](axis, read), f64: split[float64](axis, read), i32: split[int32](axis, read),
		i64: split[int64](axis, read), u8: split[uint8](axis, read), b: split[bool](axis, read),
		str: split[string](axis, read),
	}, n.in[0].typ)
}

func split[T Element](attribute int64, read func(c *call) []int64) kernel {
	return func(c *call) error {
		dims := c.in[0].dims
		axis, err := axisOf(attribute, len(dims))
		if err != nil {
			return err
		}
		before, along, after := around(dims, axis)
		sizes, parts := read(c), len(c.out)
		if len(sizes) > 0 && len(sizes) != parts {
			return fmt.Errorf("%d sizes for %d outputs", len(sizes), parts)
		}
		// Without sizes the parts are equal, the last one smaller where it does not divide.
		equal := (along + parts - 1) / parts
		in, at := data[T](c.in[0]), 0
		c.scratch.dims = append(c.scratch.dims[:0], dims...)
		for i := range c.out {
			size := min(equal, along-at)
			if len(sizes) > 0 {
				if sizes[i] < 0 || sizes[i] > int64(along-at) {
					return fmt.Errorf("sizes %v do not add up to %d", sizes, along)
				}
				size = int(sizes[i])
			}
			c.scratch.dims[axis] = size
			out, err := output[T](c, i, c.scratch.dims...)
			if err != nil {
				return err
			}
			width := size * after
			for b := range before {
				copy(out[b*width:(b+1)*width], in[(b*along+at)*after:])
			}
			at += size
		}
		if at != along {
			return fmt.Errorf("sizes %v do not add up to %d", sizes, along)
		}
		return nil
	}
}

// compileConstant reads the one attribute that holds the value.
func compileConstant(n *node) (kernel, error) {
	if err := n.arity(0, 0, 1); err != nil {
		return nil, err
	}
	if len(n.attributes) != 1 {
		return nil, n.refuse("it has %d values", len(n.attributes))
	}
	var t Tensor
	switch {
	case n.has("value"):
		t = *n.tensor("value")
	case n.has("value_float"):
		t = Tensor{typ: Float32, dims: []int{}, f32: []float32{n.float("value_float", 0)}}
	case n.has("value_floats"):
		v := n.floats("value_floats")
		t = Tensor{typ: Float32, dims: []int{len(v)}, f32: v}
	case n.has("value_int"):
		t = Tensor{typ: Int64, dims: []int{}, i64: []int64{n.int("value_int", 0)}}
	case n.has("value_ints"):
		v := n.ints("value_ints")
		t = Tensor{typ: Int64, dims: []int{len(v)}, i64: v}
	case n.has("value_string"):
		t = Tensor{typ: String, dims: []int{}, str: []string{n.string("value_string", "")}}
	case n.has("value_strings"):
		v := n.strings("value_strings")
		t = Tensor{typ: String, dims: []int{len(v)}, str: v}
	}
	n.result(0, t.typ, t.dims)
	return func(c *call) error {
		t.view(c.out[0], t.dims)
		return nil
	}, nil
}

func compileConstantOfShape(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	if n.in[0].typ != Int64 {
		return nil, n.refuse("the shape is %s, not int64", n.in[0].typ)
	}
	value := n.tensor("value")
	if value == nil {
		value = &Tensor{typ: Float32, dims: []int{1}, f32: []float32{0}}
	}
	if value.Len() != 1 {
		return nil, n.refuse("the value has %d elements", value.Len())
	}
	n.result(0, value.typ, nil)
	return n.pick(kernels{
		f32: fill[float32](value), f64: fill[float64](value), i32: fill[int32](value), i64: fill[int64](value),
		u8: fill[uint8](value), b: fill[bool](value),
	}, value.typ)
}

func fill[T Element](value *Tensor) kernel {
	return func(c *call) error {
		dims, err := dimsOf(c.in[0])
		if err != nil {
			return err
		}
		out, err := output[T](c, 0, dims...)
		if err != nil {
			return err
		}
		v := data[T](value)[0]
		for i := range out {
			out[i] = v
		}
		return nil
	}
}
