package onnx

import (
	"fmt"
	"math"
	"math/bits"
)

var aggregates = map[string]Aggregate{
	"SUM": AggregateSum, "AVERAGE": AggregateAverage, "MIN": AggregateMin, "MAX": AggregateMax,
}

// treeEnsemble reads what both tree operators have in common.
func (n *node) treeEnsemble(weights string, targets int64) (*Ensemble, error) {
	if err := n.arity(1, 1, 2); err != nil {
		return nil, err
	}
	attributes := n.treeAttributes(weights)
	base := n.reals("base_values")
	post, err := parseTransform(n.string("post_transform", "NONE"))
	if err != nil {
		return nil, err
	}
	if n.err != nil {
		return nil, n.err
	}
	e, err := attributes.ensemble(targets, n.limits)
	if err != nil {
		return nil, err
	}
	e.input, e.transform, e.base = n.in[0].name, post, base
	if dims := n.in[0].dims; len(dims) == 2 && dims[1] >= 0 && dims[1] < e.features {
		return nil, fmt.Errorf("feature %d of %d is compared", e.features-1, dims[1])
	}
	n.ensemble = e
	return e, nil
}

func compileTreeRegressor(n *node) (kernel, error) {
	targets := n.int("n_targets", 1)
	e, err := n.treeEnsemble("target", targets)
	if err != nil {
		return nil, err
	}
	name := n.string("aggregate_function", "SUM")
	aggregate, known := aggregates[name]
	if !known {
		return nil, n.refuse("aggregate_function %q is not known", name)
	}
	e.aggregate = aggregate
	if len(e.base) > 1 && len(e.base) != e.targets {
		return nil, n.refuse("%d base values for %d targets", len(e.base), e.targets)
	}
	n.result(0, Float32, []int{rowsOf(n.in[0].dims), e.targets})
	return n.treeKernel(e, finishRegression[float32](e), finishRegression[float64](e))
}

// rowsOf returns the number of rows of known dimensions, else -1.
func rowsOf(dims []int) int {
	if len(dims) == 2 {
		return dims[0]
	}
	return -1
}

// treeKernel compiles the ensemble for the input's type: float and integers
// compare in float, double in double.
func (n *node) treeKernel(e *Ensemble, single finisher[float32], double finisher[float64]) (kernel, error) {
	typ := n.in[0].typ
	e.double = typ == Float64
	switch typ {
	case Float32:
		return forestKernel(newForest[float32](e), single, nil), nil
	case Float64:
		return forestKernel(newForest[float64](e), double, nil), nil
	case Int64:
		return forestKernel(newForest[float32](e), single, widen[int64, float32]), nil
	case Int32:
		return forestKernel(newForest[float32](e), single, widen[int32, float32]), nil
	}
	return nil, n.refuseType(typ)
}

// widen converts an input tensor's elements to the forest's type.
func widen[I number, T float](t *Tensor, out []T, from int) {
	for i, v := range data[I](t)[from : from+len(out)] {
		out[i] = T(v)
	}
}

// finisher turns aggregated scores of a block of rows into outputs; first is the
// number of the block's first row. set is as in forest.extreme, or nil.
type finisher[T float] func(c *call, f *forest[T], x, scores []T, stride, first, rows int) error

// matrixDims reads the input of a model operator as rows and columns; a vector
// is one row.
func matrixDims(t *Tensor) (rows, columns int, err error) {
	switch len(t.dims) {
	case 1:
		return 1, t.dims[0], nil
	case 2:
		return t.dims[0], t.dims[1], nil
	}
	return 0, 0, fmt.Errorf("dimensions %v are not those of a table", t.dims)
}

func forestKernel[T float](f *forest[T], finish finisher[T], convert func(*Tensor, []T, int)) kernel {
	e := f.ensemble
	work := int64(0)
	for _, t := range f.trees {
		work += int64(t.depth) + 1
	}
	return func(c *call) error {
		rows, stride, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		if stride < e.features {
			return fmt.Errorf("the trees compare %d features, the input has %d", e.features, stride)
		}
		high, low := bits.Mul64(uint64(rows), uint64(work))
		if high != 0 || low > math.MaxInt64 {
			low = math.MaxInt64
		}
		if err := c.spend(int64(low)); err != nil {
			return err
		}
		s := scratchOf[T](c)
		for first := 0; first < rows || first == 0; first += blockRows {
			n := min(blockRows, rows-first)
			var x []T
			if convert != nil {
				s.input = grow(s.input, n*stride)
				x = s.input
				convert(c.in[0], x, first*stride)
			} else {
				x = data[T](c.in[0])[first*stride : (first+n)*stride]
			}
			s.scores = grow(s.scores, n*e.targets)
			if err := finish(c, f, x, s.scores, stride, first, n); err != nil {
				return err
			}
		}
		return nil
	}
}

// finishRegression aggregates and writes output 0.
//
// ONNX Runtime leaves out LOGISTIC, SOFTMAX and SOFTMAX_ZERO for a single
// target, and adds a single base value to a single target only.
func finishRegression[T float](e *Ensemble) finisher[T] {
	return func(c *call, f *forest[T], x, scores []T, stride, first, rows int) error {
		if first == 0 {
			all, _, err := matrixDims(c.in[0])
			if err != nil {
				return err
			}
			if e.sameOut {
				_, err = output[T](c, 0, all, e.targets)
			} else {
				_, err = output[float32](c, 0, all, e.targets)
			}
			if err != nil {
				return err
			}
		}
		// Scores of the output's type are computed in their place.
		out, inPlace := any(c.out[0].f32).([]T)
		if e.sameOut {
			out, inPlace = data[T](c.out[0]), true
		}
		if inPlace {
			scores = out[first*e.targets:][:len(scores)]
		}
		switch e.aggregate {
		case AggregateMin, AggregateMax:
			s := scratchOf[T](c)
			s.set = grow(s.set, len(scores))
			f.extreme(c, x, rows, stride, scores, s.set, e.aggregate == AggregateMax)
		default:
			f.sum(c, x, rows, stride, scores)
		}
		if e.aggregate == AggregateAverage {
			for i := range scores {
				scores[i] /= T(len(f.trees))
			}
		}
		if len(f.base) == e.targets {
			for at := 0; at < len(scores); at += e.targets {
				for i, v := range f.base {
					scores[at+i] += v
				}
			}
		}
		if e.targets > 1 && e.transform != transformNone {
			for at := 0; at < len(scores); at += e.targets {
				applyTransform(e.transform, scores[at:at+e.targets])
			}
		} else if e.transform == transformProbit {
			for i, v := range scores {
				scores[i] = probit(v)
			}
		}
		if inPlace {
			return nil
		}
		for i, v := range scores {
			c.out[0].f32[first*e.targets+i] = float32(v)
		}
		return nil
	}
}

// forestScratch is the memory of a forest kernel.
type forestScratch[T float] struct {
	input, rows, scores []T
	set                 []bool
}

func scratchOf[T float](c *call) *forestScratch[T] {
	var zero T
	var p any
	switch any(zero).(type) {
	case float32:
		p = &c.scratch.forest32
	default:
		p = &c.scratch.forest64
	}
	return p.(*forestScratch[T])
}
