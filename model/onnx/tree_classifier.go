package onnx

import (
	"errors"
	"slices"
)

// classes are the labels of a classifier: whole numbers or strings.
type classes struct {
	ints    []int64
	strings []string
}

// classLabels reads the labels and types output 0.
func (n *node) classLabels(ints, strings string) (classes, error) {
	l := classes{ints: n.ints(ints), strings: n.strings(strings)}
	if len(l.ints) > 0 && len(l.strings) > 0 {
		return l, n.refuse("it has labels of both types")
	}
	typ := Int64
	if len(l.strings) > 0 {
		typ = String
	}
	dims := []int{rowsOf(n.in[0].dims)}
	n.result(0, typ, dims)
	return l, nil
}

func (l classes) count() int { return max(len(l.ints), len(l.strings)) }

// allocate makes output 0 hold a label for each row.
func (l classes) allocate(c *call, rows int) error {
	var err error
	if len(l.strings) > 0 {
		_, err = output[string](c, 0, rows)
	} else {
		_, err = output[int64](c, 0, rows)
	}
	return err
}

func (l classes) set(c *call, row, class int) {
	if len(l.strings) > 0 {
		c.out[0].str[row] = l.strings[class]
	} else {
		c.out[0].i64[row] = l.ints[class]
	}
}

func compileTreeClassifier(n *node) (kernel, error) {
	labels, err := n.classLabels("classlabels_int64s", "classlabels_strings")
	if err != nil {
		return nil, err
	}
	if labels.count() < 2 {
		return nil, n.refuse("it has %d classes", labels.count())
	}
	e, err := n.treeEnsemble("class", int64(labels.count()))
	if err != nil {
		return nil, err
	}
	if len(e.base) > e.targets {
		return nil, n.refuse("%d base values for %d classes", len(e.base), e.targets)
	}
	p := classification{ensemble: e, labels: labels, positive: true, always: make([]bool, e.targets)}
	weighted := make([]bool, e.targets)
	for _, w := range e.weights {
		weighted[w.Target] = true
		p.positive = p.positive && !(w.Value < 0)
	}
	p.binary = e.targets == 2 && weighted[0] != weighted[1]
	if e.targets == 2 && !weighted[1] && e.transform == transformProbit {
		// ONNX Runtime leaves the second score unset here.
		return nil, n.refuse("PROBIT on one score of two classes is not defined")
	}
	if e.targets == 2 && !p.binary && len(labels.ints) > 0 {
		// ONNX Runtime answers 0 and 1 here whatever the labels are.
		p.labels.ints = []int64{0, 1}
	}
	p.findAlways()
	p.fixed = slices.Equal(p.always, weighted)
	n.result(1, Float32, []int{rowsOf(n.in[0].dims), e.targets})
	return n.treeKernel(e, finishClasses[float32](p), finishClasses[float64](p))
}

// classification turns sums into labels and scores as ONNX Runtime does.
type classification struct {
	ensemble *Ensemble
	labels   classes
	// positive: no weight is negative. Then a single score of two classes is a
	// probability, and half decides; otherwise zero does.
	positive bool
	// binary: two classes, weights for one of them only.
	binary bool
	// always marks classes that get a weight whatever the row.
	always []bool
	// fixed: the others never get one.
	fixed bool
}

func (p *classification) findAlways() {
	e := p.ensemble
	for t, root := range e.roots {
		end := int32(len(e.nodes))
		if t+1 < len(e.roots) {
			end = e.roots[t+1]
		}
		common := make([]bool, e.targets)
		for k := range common {
			common[k] = true
		}
		for i := root; i < end; i++ {
			if e.nodes[i].Mode != Leaf {
				continue
			}
			has := make(map[int32]bool)
			for _, w := range e.Weights(int(i)) {
				has[w.Target] = true
			}
			for k := range common {
				common[k] = common[k] && has[int32(k)]
			}
		}
		for k, c := range common {
			p.always[k] = p.always[k] || c
		}
	}
}

func finishClasses[T float](p classification) finisher[T] {
	k := p.ensemble.targets
	return func(c *call, f *forest[T], x, scores []T, stride, first, rows int) error {
		if first == 0 {
			if err := p.allocate(c); err != nil {
				return err
			}
		}
		f.sum(c, x, rows, stride, scores)
		if !p.fixed {
			x, stride = f.prepare(c, x, rows, stride)
		}
		s := scratchOf[T](c)
		s.set = append(s.set[:0], p.always...)
		for r := range rows {
			if !p.fixed {
				s.set = append(s.set[:0], p.always...)
				f.touched(x[r*stride:(r+1)*stride], s.set)
			}
			row := scores[r*k : (r+1)*k]
			var label int
			var err error
			if k > 2 {
				label, err = finishMany(p, f.base, row, s.set)
			} else {
				label, err = finishTwo(p, f.base, row, s.set[1])
			}
			if err != nil {
				return err
			}
			p.labels.set(c, first+r, label)
			if len(c.out) > 1 {
				out := c.out[1].f32[(first+r)*k:]
				for i, v := range row {
					out[i] = float32(v)
				}
			}
		}
		return nil
	}
}

// allocate sizes both outputs by the number of rows.
func (p *classification) allocate(c *call) error {
	rows, _, err := matrixDims(c.in[0])
	if err != nil {
		return err
	}
	if err := p.labels.allocate(c, rows); err != nil {
		return err
	}
	if len(c.out) > 1 {
		_, err = output[float32](c, 1, rows, p.ensemble.targets)
	}
	return err
}

// finishMany is for three classes and more: the label is the first class with
// the highest sum among those that have a weight or a base value.
func finishMany[T float](p classification, base, row []T, set []bool) (int, error) {
	for i, v := range base {
		row[i] += v
	}
	best := -1
	for i, v := range row {
		if (set[i] || i < len(base)) && (best < 0 || v > row[best]) {
			best = i
		}
	}
	if best < 0 {
		return 0, errors.New("no class has a weight for this row")
	}
	applyTransform(p.ensemble.transform, row)
	return best, nil
}

// finishTwo is for two classes; has tells whether class 1 has a weight of its
// own. If not, the scores follow from the single one.
func finishTwo[T float](p classification, base, row []T, has bool) (int, error) {
	both := has
	switch len(base) {
	case 2:
		if has {
			// ONNX Runtime reads the single sum from class 0 here.
			row[1] = base[1] + row[0]
			row[0] = -row[1]
		} else {
			// A class without a weight scores 0 here, its base value left out.
			row[0] += base[0]
			row[1] = 0
			both = true
		}
	case 1:
		row[0] += base[0]
	}
	decisive := row[0]
	if has {
		decisive = row[1]
	}
	threshold := T(0)
	if p.binary && p.positive {
		threshold = 0.5
	}
	label := 0
	if decisive > threshold {
		label = 1
	}
	if both {
		applyTransform(p.ensemble.transform, row)
		return label, nil
	}
	switch {
	case !p.binary && len(base) > 0:
		return 0, errors.New("class 1 has no weight for this row, which leaves its score undefined")
	case p.ensemble.transform == transformLogistic:
		row[0], row[1] = logisticPair(row[0])
	case p.binary && p.positive:
		row[0], row[1] = 1-row[0], row[0]
	default:
		row[0], row[1] = -row[0], row[0]
	}
	return label, nil
}
