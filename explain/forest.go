package explain

import (
	"math/bits"

	"github.com/tarozi/tarozi/model/onnx"
)

// rowSet is a set of up to setRows background rows, a bit each. It is no array so that it stays in registers.
type rowSet struct{ low, high uint64 }

const setRows = 128

func (s rowSet) and(t rowSet) rowSet    { return rowSet{s.low & t.low, s.high & t.high} }
func (s rowSet) andNot(t rowSet) rowSet { return rowSet{s.low &^ t.low, s.high &^ t.high} }
func (s rowSet) empty() bool            { return s.low|s.high == 0 }

func (s *rowSet) put(row int) {
	if row < 64 {
		s.low |= 1 << row
	} else {
		s.high |= 1 << (row - 64)
	}
}

// sum adds up the weights of the rows in the set.
func (s rowSet) sum(weights *[setRows]Units) (total Units) {
	for ; s.low != 0; s.low &= s.low - 1 {
		w := &weights[bits.TrailingZeros64(s.low)&63]
		total.Points += w.Points
		total.LogOdds += w.LogOdds
	}
	for ; s.high != 0; s.high &= s.high - 1 {
		w := &weights[64|bits.TrailingZeros64(s.high)&63]
		total.Points += w.Points
		total.LogOdds += w.LogOdds
	}
	return total
}

// forest is a sum of trees ready to be explained against background rows.
type forest struct {
	base    float64
	roots   []int32
	nodes   []branch
	sets    []background
	factors int
	joins   *joins
}

// branch is a comparison, or a leaf with its value.
type branch struct {
	onnx.TreeNode
	factor int32
	value  float64
}

// background is what up to setRows rows do at each node.
type background struct {
	all  rowSet
	true []rowSet // by node: the rows that go to its True child
}

// treesHead explains a graph whose score is the sum or the average of trees, with or without a logistic at the end.
func treesHead(g *graph, s *Setup, count int) (*Head, bool, error) {
	ensembles := g.program.Ensembles()
	if len(ensembles) == 0 || len(g.program.Linears()) > 0 {
		return nil, false, nil
	}
	first := ensembles[0]
	for _, e := range ensembles {
		if e.Input() != first.Input() || e.Targets() != first.Targets() || e.Features() > g.columns ||
			e.Aggregate() != onnx.AggregateSum && e.Aggregate() != onnx.AggregateAverage {
			return nil, false, nil
		}
	}
	prepare, ok := g.preparation(first.Input())
	if !ok {
		return nil, false, nil
	}
	rows := make([][]float32, len(g.background))
	for z, row := range g.background {
		rows[z] = prepare(row)
	}
	for _, r := range readings(ensembles, g.column) {
		f := newForest(ensembles, r, s.Factors, count)
		sums := make([]float64, len(rows))
		for z, row := range rows {
			sums[z] = f.margin(row)
		}
		for _, l := range links(s.Probability) {
			if !g.explains(sums, l) {
				continue
			}
			f.sets = f.observe(rows)
			h := &Head{method: Trees, factors: count, references: len(rows), runs: 1, probability: s.Probability && l == identity, reads: f.reads()}
			h.margin = func(row []float32) (float64, error) {
				if err := g.accepts(row); err != nil {
					return 0, err
				}
				m := f.margin(prepare(row))
				return m, g.check(row, m, l)
			}
			h.attribute = func(row []float32) (attribution, error) {
				if err := g.accepts(row); err != nil {
					return nil, err
				}
				prepared := prepare(row)
				a := &traversal{forest: f, row: prepared, margin: f.margin(prepared), references: sums}
				return a, g.check(row, a.margin, l)
			}
			return h, true, nil
		}
	}
	return nil, false, nil
}

// reading is one way of making a score of trees: which targets count, what is added, and a factor for averages.
type reading struct {
	weights []float64 // by target
	base    float64
	scale   float64
}

// readings lists the ways in which exporters make a score of trees.
func readings(ensembles []*onnx.Ensemble, column int) []reading {
	first := ensembles[0]
	ways := scoresOf(first.Targets(), column)
	if only, ok := onlyTarget(ensembles); ok && first.Targets() > 1 {
		alone := make([]float64, first.Targets())
		alone[only] = 1
		ways = append([][]float64{alone}, ways...)
	}
	scales := []float64{1}
	if len(ensembles) > 1 {
		scales = append(scales, 1/float64(len(ensembles)))
	}
	var list []reading
	for _, scale := range scales {
		for _, w := range ways {
			single, byTarget := 0.0, 0.0
			for _, e := range ensembles {
				base := e.Base()
				if len(base) > 0 {
					single += base[0]
				}
				for t, b := range base {
					if t < len(w) {
						byTarget += w[t] * b
					}
				}
			}
			for i, base := range []float64{byTarget, single, 0} {
				if i == 0 || base != byTarget {
					list = append(list, reading{w, base * scale, scale})
				}
			}
		}
	}
	return list
}

// onlyTarget is the target that has all the weights; false where several have some.
func onlyTarget(ensembles []*onnx.Ensemble) (int, bool) {
	only := -1
	for _, e := range ensembles {
		for i := range e.Nodes() {
			if e.Node(i).Mode != onnx.Leaf {
				continue
			}
			for _, w := range e.Weights(i) {
				if only >= 0 && only != int(w.Target) {
					return 0, false
				}
				only = int(w.Target)
			}
		}
	}
	return only, only >= 0
}

// newForest joins the trees of all ensembles. Nodes keep their places, so that children shared by two parents stay shared.
func newForest(ensembles []*onnx.Ensemble, r reading, factors []int, count int) *forest {
	f := &forest{base: r.base, factors: count}
	depth := 0
	for _, e := range ensembles {
		depth = max(depth, e.Depth())
		scale := r.scale
		if e.Aggregate() == onnx.AggregateAverage {
			scale /= float64(e.Trees())
		}
		first := int32(len(f.nodes))
		for i := range e.Nodes() {
			b := branch{TreeNode: e.Node(i)}
			if b.Mode == onnx.Leaf {
				for _, w := range e.Weights(i) {
					b.value += scale * r.weights[w.Target] * w.Value
				}
			} else {
				b.factor = int32(factors[b.Feature])
				b.True, b.False = b.True+first, b.False+first
			}
			f.nodes = append(f.nodes, b)
		}
		for t := range e.Trees() {
			f.roots = append(f.roots, first+int32(e.Root(t)))
		}
	}
	f.joins = newJoins(min(depth, count))
	return f
}

// margin is the sum of the leaves that a row falls into. Rows are float32, thresholds a float32 each (or doubles that a
// double graph compares): widened, they compare as in the engine.
func (f *forest) margin(row []float32) float64 {
	total := f.base
	for _, at := range f.roots {
		for {
			n := &f.nodes[at]
			if n.Mode == onnx.Leaf {
				total += n.value
				break
			}
			at = int32(n.Next(float64(row[n.Feature])))
		}
	}
	return total
}

// reads says of every factor whether a comparison asks for it.
func (f *forest) reads() []bool {
	list := make([]bool, f.factors)
	for i := range f.nodes {
		if f.nodes[i].Mode != onnx.Leaf {
			list[f.nodes[i].factor] = true
		}
	}
	return list
}

// directions says for every node whether a row goes to its True child.
func (f *forest) directions(row []float32) []bool {
	list := make([]bool, len(f.nodes))
	for i := range f.nodes {
		n := &f.nodes[i]
		list[i] = n.Mode != onnx.Leaf && n.Next(float64(row[n.Feature])) == int(n.True)
	}
	return list
}

// observe notes where the background rows go at every node.
func (f *forest) observe(rows [][]float32) []background {
	var list []background
	for first := 0; first < len(rows); first += setRows {
		b := background{true: make([]rowSet, len(f.nodes))}
		for z, row := range rows[first:min(first+setRows, len(rows))] {
			b.all.put(z)
			for i, true := range f.directions(row) {
				if true {
					b.true[i].put(z)
				}
			}
		}
		list = append(list, b)
	}
	return list
}
