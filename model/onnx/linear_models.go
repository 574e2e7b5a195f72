package onnx

import (
	"fmt"
	"slices"
)

// linear is a table of coefficients, targets by features, with intercepts.
type linear struct {
	coefficients, intercepts []float32
	targets, features        int
}

func newLinear(n *node, coefficients, intercepts []float32, targets int) (linear, error) {
	if targets < 1 || len(coefficients) == 0 || len(coefficients)%targets != 0 {
		return linear{}, n.refuse("%d coefficients for %d targets", len(coefficients), targets)
	}
	l := linear{coefficients, intercepts, targets, len(coefficients) / targets}
	if dims := n.in[0].dims; len(dims) == 2 && dims[1] >= 0 && dims[1] != l.features {
		return l, n.refuse("it has coefficients for %d features, the input has %d", l.features, dims[1])
	}
	return l, nil
}

// mirrored reports whether class 0 is exactly the opposite of class 1, as
// scikit-learn's binary models are exported.
func (l linear) mirrored() bool {
	if l.targets != 2 || l.intercepts[0] != -l.intercepts[1] {
		return false
	}
	for i, v := range l.coefficients[:l.features] {
		if v != -l.coefficients[l.features+i] {
			return false
		}
	}
	return true
}

// scores computes rows by targets from the input, converted to float.
func (l linear) scores(c *call, out []float32, rows, columns int) error {
	if columns != l.features {
		return fmt.Errorf("it has coefficients for %d features, the input has %d", l.features, columns)
	}
	if err := c.spend(int64(len(out)) * int64(columns)); err != nil {
		return err
	}
	x, err := singles(c)
	if err != nil {
		return err
	}
	product32(rows, l.targets, columns, x, l.coefficients, out, true, true)
	if len(l.intercepts) == l.targets {
		for at := 0; at < len(out); at += l.targets {
			for i, v := range l.intercepts {
				out[at+i] += v
			}
		}
	}
	return nil
}

// singles returns the elements of input 0 as float32, converted where needed.
func singles(c *call) ([]float32, error) {
	t := c.in[0]
	if t.typ == Float32 {
		return t.f32, nil
	}
	s := &c.scratch.forest32
	s.input = grow(s.input, t.Len())
	switch t.typ {
	case Float64:
		widen[float64](t, s.input, 0)
	case Int64:
		widen[int64](t, s.input, 0)
	case Int32:
		widen[int32](t, s.input, 0)
	default:
		return nil, fmt.Errorf("type %s is not supported", t.typ)
	}
	return s.input, nil
}

var numericInputs = []Type{Float32, Float64, Int64, Int32}

func compileLinearRegressor(n *node) (kernel, error) {
	if err := n.arity(1, 1, 1); err != nil {
		return nil, err
	}
	if !slices.Contains(numericInputs, n.in[0].typ) {
		return nil, n.refuseType(n.in[0].typ)
	}
	post, err := parseTransform(n.string("post_transform", "NONE"))
	if err != nil {
		return nil, err
	}
	l, err := newLinear(n, n.floats("coefficients"), n.floats("intercepts"), int(n.int("targets", 1)))
	if err != nil {
		return nil, err
	}
	n.linear = &Linear{n.in[0].name, l}
	n.result(0, Float32, []int{rowsOf(n.in[0].dims), l.targets})
	return func(c *call) error {
		rows, columns, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		out, err := output[float32](c, 0, rows, l.targets)
		if err != nil {
			return err
		}
		if err := l.scores(c, out, rows, columns); err != nil {
			return err
		}
		transformRows(post, out, l.targets)
		return nil
	}, nil
}

// transformRows applies a transform row by row. Of single scores ONNX Runtime
// transforms PROBIT alone here.
func transformRows(post transform, scores []float32, width int) {
	if post == transformNone {
		return
	}
	if width == 1 {
		if post == transformProbit {
			applyTransform(post, scores)
		}
		return
	}
	for at := 0; at < len(scores); at += width {
		applyTransform(post, scores[at:at+width])
	}
}

func compileLinearClassifier(n *node) (kernel, error) {
	if err := n.arity(1, 1, 2); err != nil {
		return nil, err
	}
	if !slices.Contains(numericInputs, n.in[0].typ) {
		return nil, n.refuseType(n.in[0].typ)
	}
	n.ignore("multi_class") // ONNX Runtime reads it and does not use it
	post, err := parseTransform(n.string("post_transform", "NONE"))
	if err != nil {
		return nil, err
	}
	labels, err := n.classLabels("classlabels_ints", "classlabels_strings")
	if err != nil {
		return nil, err
	}
	intercepts := n.floats("intercepts")
	l, err := newLinear(n, n.floats("coefficients"), intercepts, len(intercepts))
	if err != nil {
		return nil, err
	}
	n.linear = &Linear{n.in[0].name, l}
	second := l.targets == 1 && labels.count() == 2
	width := l.targets
	switch {
	case second:
		width = 2
		if post == transformProbit {
			return nil, n.refuse("PROBIT on one score of two classes is not defined")
		}
	case l.targets == 1 && len(labels.strings) > 0:
		labels.strings = []string{"0", "1"}
	case l.targets == 1:
		labels.ints = []int64{0, 1}
	case labels.count() != l.targets:
		return nil, n.refuse("%d labels for %d classes", labels.count(), l.targets)
	}
	n.result(1, Float32, []int{rowsOf(n.in[0].dims), width})
	if post == transformLogistic && l.mirrored() {
		// The second class alone says it all, and the label is decided by its sign.
		l = linear{l.coefficients[l.features:], l.intercepts[1:], 1, l.features}
		second = true
	}
	return func(c *call) error {
		rows, columns, err := matrixDims(c.in[0])
		if err != nil {
			return err
		}
		if err := labels.allocate(c, rows); err != nil {
			return err
		}
		if len(c.out) < 2 {
			c.out = append(c.out, &Tensor{})
		}
		scores, err := output[float32](c, 1, rows, width)
		if err != nil {
			return err
		}
		if err := l.scores(c, scores[:rows*l.targets], rows, columns); err != nil {
			return err
		}
		labels.decide(c, scores[:rows*l.targets], l.targets)
		if second {
			addSecondClass(post, scores, rows)
			return nil
		}
		transformRows(post, scores, width)
		return nil
	}, nil
}

// decide writes the label of each row: the first class with the highest score;
// with a single score, class 1 where it is above zero.
func (l classes) decide(c *call, scores []float32, width int) {
	for r := 0; len(scores) > 0; r++ {
		best := 0
		switch width {
		case 1:
			best = boolTo[int](scores[0] > 0)
		case 2:
			best = boolTo[int](scores[1] > scores[0])
		default:
			for i, v := range scores[:width] {
				if v > scores[best] {
					best = i
				}
			}
		}
		l.set(c, r, best)
		scores = scores[width:]
	}
}

// addSecondClass widens one score a row to those of two classes, from the last
// row on since it happens in place.
func addSecondClass(post transform, scores []float32, rows int) {
	if post != transformLogistic {
		for r := rows - 1; r >= 0; r-- {
			scores[2*r], scores[2*r+1] = 1-scores[r], scores[r]
		}
		return
	}
	logisticPairs(scores, rows)
}
