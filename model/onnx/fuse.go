package onnx

import (
	"slices"
	"sort"
)

// fuse replaces chains of steps by one where that computes the same.
//
// ebm2onnx finds the bin of a value by comparing it with every edge:
//
//	ArgMax(Cast(edges <= x) * [0, 1, 2, ...])
//
// For ascending edges that is the number of edges not above x, less one, or 0:
// a binary search. NaN is above no edge and gives 0 both ways.
func (p *Program) fuse(values map[int]*value) {
	uses := make([]int, p.slots)
	for _, s := range p.steps {
		for _, slot := range s.inputs {
			if slot >= 0 {
				uses[slot]++
			}
		}
	}
	for _, slot := range p.outputSlots {
		uses[slot]++
	}
	var steps []step
	for i := 0; i < len(p.steps); i++ {
		if i+4 <= len(p.steps) {
			if fused, ok := fuseBins(p.steps[i:i+4], uses, values); ok {
				steps = append(steps, fused)
				i += 3
				continue
			}
		}
		steps = append(steps, p.steps[i])
	}
	p.steps = steps
}

// fuseBins recognises the four steps of a bin search.
func fuseBins(chain []step, uses []int, values map[int]*value) (step, bool) {
	for i, op := range [4]string{"LessOrEqual", "Cast", "Mul", "ArgMax"} {
		if chain[i].op != op {
			return step{}, false
		}
		if i > 0 && (chain[i].inputs[0] != chain[i-1].outputs[0] || uses[chain[i].inputs[0]] != 1) {
			return step{}, false
		}
	}
	edges, ranks := values[chain[0].inputs[0]].constant, values[chain[2].inputs[1]].constant
	if edges == nil || ranks == nil || len(edges.dims) != 1 || len(ranks.dims) != 1 || edges.Len() != ranks.Len() ||
		edges.Len() == 0 || ranks.typ != Float32 || !chain[3].rowMaximum {
		return step{}, false
	}
	for i, v := range ranks.f32 {
		if v != float32(i) {
			return step{}, false
		}
	}
	fused := step{node: chain[3].node, op: "ArgMax", inputs: chain[0].inputs[1:2], outputs: chain[3].outputs}
	switch {
	case edges.typ == Float32 && ascending(edges.f32):
		fused.kernel = binSearch(edges.f32, chain)
	case edges.typ == Float64 && ascending(edges.f64):
		fused.kernel = binSearch(edges.f64, chain)
	default:
		return step{}, false
	}
	return fused, true
}

func ascending[T float](edges []T) bool {
	return slices.IsSorted(edges) && !slices.ContainsFunc(edges, func(v T) bool { return v != v })
}

// binSearch computes the chain for a column; anything else goes the long way.
func binSearch[T float](edges []T, chain []step) kernel {
	long := longWay(&Tensor{typ: typeOf[T](), dims: []int{len(edges)}}, edges, chain)
	return func(c *call) error {
		dims := c.in[0].dims
		if len(dims) != 2 || dims[1] != 1 {
			return long(c)
		}
		out, err := output[int64](c, 0, dims[0], 1)
		if err != nil {
			return err
		}
		for i, v := range data[T](c.in[0]) {
			above := 0
			if v == v {
				above = sort.Search(len(edges), func(k int) bool { return edges[k] > v })
			}
			out[i] = int64(max(above-1, 0))
		}
		return nil
	}
}

// longWay runs the four steps as they were.
func longWay[T float](edges *Tensor, data []T, chain []step) kernel {
	*buffer[T](edges) = data
	ranks := &Tensor{typ: Float32, dims: []int{len(data)}, f32: make([]float32, len(data))}
	for i := range ranks.f32 {
		ranks.f32[i] = float32(i)
	}
	return func(c *call) error {
		var a, b, m Tensor
		for i, part := range [4]call{
			{in: []*Tensor{edges, c.in[0]}, out: []*Tensor{&a}},
			{in: []*Tensor{&a}, out: []*Tensor{&b}},
			{in: []*Tensor{&b, ranks}, out: []*Tensor{&m}},
			{in: []*Tensor{&m}, out: c.out},
		} {
			part.work, part.elements = c.work, c.elements
			if err := chain[i].kernel(&part); err != nil {
				return err
			}
			c.work, c.elements = part.work, part.elements
		}
		return nil
	}
}
