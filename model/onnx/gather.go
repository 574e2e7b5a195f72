package onnx

import (
	"fmt"
	"slices"
)

// compileIndexed compiles an operator that picks elements of input 0 by the
// positions in input 1.
func compileIndexed(n *node, k kernels) (kernel, error) {
	if err := n.arity(2, 2, 1); err != nil {
		return nil, err
	}
	if t := n.in[1].typ; t != Int32 && t != Int64 {
		return nil, n.refuse("the indices are %s", t)
	}
	n.result(0, n.in[0].typ, nil)
	return n.pick(k, n.in[0].typ)
}

// position turns an index counted from either end into a position.
func position(index int64, size int) (int, error) {
	if index < -int64(size) || index >= int64(size) {
		return 0, fmt.Errorf("index %d is outside of %d elements", index, size)
	}
	return int(fromEnd(index, int64(size))), nil
}

func compileGather(n *node) (kernel, error) {
	axis := n.int("axis", 0)
	return compileIndexed(n, kernels{
		f32: gather[float32](axis), f64: gather[float64](axis), i32: gather[int32](axis), i64: gather[int64](axis),
		u8: gather[uint8](axis), b: gather[bool](axis), str: gather[string](axis),
	})
}

func gather[T Element](attribute int64) kernel {
	return func(c *call) error {
		dims := c.in[0].dims
		axis, err := axisOf(attribute, len(dims))
		if err != nil {
			return err
		}
		indices, err := integers(c.in[1])
		if err != nil {
			return err
		}
		c.scratch.dims = append(c.scratch.dims[:0], dims[:axis]...)
		c.scratch.dims = append(c.scratch.dims, c.in[1].dims...)
		c.scratch.dims = append(c.scratch.dims, dims[axis+1:]...)
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil {
			return err
		}
		in := data[T](c.in[0])
		before, along, after := around(dims, axis)
		for i, index := range indices {
			at, err := position(index, along)
			if err != nil {
				return err
			}
			for b := range before {
				copy(out[(b*len(indices)+i)*after:][:after], in[(b*along+at)*after:])
			}
		}
		return nil
	}
}

func compileGatherElements(n *node) (kernel, error) {
	axis := n.int("axis", 0)
	return compileIndexed(n, kernels{
		f32: gatherElements[float32](axis), f64: gatherElements[float64](axis), i32: gatherElements[int32](axis),
		i64: gatherElements[int64](axis), u8: gatherElements[uint8](axis), b: gatherElements[bool](axis),
		str: gatherElements[string](axis),
	})
}

func gatherElements[T Element](attribute int64) kernel {
	return func(c *call) error {
		dims, shape := c.in[0].dims, c.in[1].dims
		axis, err := axisOf(attribute, len(dims))
		if err != nil {
			return err
		}
		if len(shape) != len(dims) {
			return fmt.Errorf("indices of dimensions %v for %v", shape, dims)
		}
		for i, d := range shape {
			if i != axis && d > dims[i] {
				return fmt.Errorf("indices of dimensions %v for %v", shape, dims)
			}
		}
		indices, err := integers(c.in[1])
		if err != nil {
			return err
		}
		out, err := output[T](c, 0, shape...)
		if err != nil {
			return err
		}
		in := data[T](c.in[0])
		c.scratch.ints = stridesOf(c.scratch.ints[:0], dims)
		strides := c.scratch.ints
		var visits [maxRank]int
		copy(visits[:], strides)
		visits[axis] = 0
		failed := error(nil)
		visit(shape, &visits, func(i, base int) {
			at, err := position(indices[i], dims[axis])
			if err != nil {
				failed = err
				return
			}
			out[i] = in[base+at*strides[axis]]
		})
		return failed
	}
}

func compileGatherND(n *node) (kernel, error) {
	batch := n.int("batch_dims", 0)
	if n.in != nil && n.input(1) != nil && n.in[1].typ != Int64 {
		return nil, n.refuse("the indices are %s, not int64", n.in[1].typ)
	}
	return compileIndexed(n, kernels{
		f32: gatherND[float32](batch), f64: gatherND[float64](batch), i32: gatherND[int32](batch),
		i64: gatherND[int64](batch), u8: gatherND[uint8](batch), b: gatherND[bool](batch), str: gatherND[string](batch),
	})
}

func gatherND[T Element](batchDims int64) kernel {
	return func(c *call) error {
		dims, shape := c.in[0].dims, c.in[1].dims
		batch := int(batchDims)
		if batchDims < 0 || batch >= len(shape) || batch >= len(dims) {
			return fmt.Errorf("%d batch dimensions of %v and %v", batchDims, dims, shape)
		}
		tuple := shape[len(shape)-1]
		if tuple < 1 || tuple > len(dims)-batch || !slices.Equal(dims[:batch], shape[:batch]) {
			return fmt.Errorf("indices of dimensions %v for %v", shape, dims)
		}
		rest := dims[batch+tuple:]
		c.scratch.dims = append(append(c.scratch.dims[:0], shape[:len(shape)-1]...), rest...)
		out, err := output[T](c, 0, c.scratch.dims...)
		if err != nil || len(out) == 0 {
			return err
		}
		in, indices := data[T](c.in[0]), data[int64](c.in[1])
		strides := stridesOf(c.scratch.ints[:0], dims)
		c.scratch.ints = strides
		width, batches := 1, 1
		for _, d := range rest {
			width *= d
		}
		for _, d := range dims[:batch] {
			batches *= d
		}
		tuples := len(indices) / tuple
		size := len(in) / batches
		for i := range tuples {
			at := i / (tuples / batches) * size
			for k := range tuple {
				p, err := position(indices[i*tuple+k], dims[batch+k])
				if err != nil {
					return err
				}
				at += p * strides[batch+k]
			}
			copy(out[i*width:][:width], in[at:])
		}
		return nil
	}
}
