package explain

import "github.com/tarozi/tarozi/model/onnx"

// traversal is one row's attribution through a forest: interventional TreeSHAP (Lundberg et al. 2020, algorithm 3), for all
// background rows at once.
//
// A coalition gives the factors in it the person's values and the others a background row's. Going down a tree, person and
// background row either agree on a branch, or the factor decides: in the coalition the person's branch is taken, outside it
// the background row's. A leaf that is reached by deciding u factors into and v factors out of the coalition is worth
// value * (u-1)! v! / (u+v)! to each of the u, and minus value * u! (v-1)! / (u+v)! to each of the v. The background rows
// that go the same way with the same decisions go together, as a set: that is what makes it fast, and it changes no number.
type traversal struct {
	*forest
	row        []float32
	margin     float64
	references []float64
}

func (t *traversal) Margin() float64       { return t.margin }
func (t *traversal) References() []float64 { return t.references }

func (t *traversal) Split(weights []Units) []Units {
	w := walk{nodes: t.nodes, own: t.directions(t.row), joins: t.joins,
		decided: make([]decision, t.factors), parts: make([]Units, t.factors)}
	for i, set := range t.sets {
		w.true = set.true
		clear(w.weights[:])
		copy(w.weights[:], weights[i*setRows:])
		for _, root := range t.roots {
			w.visit(root, set.all, 0, 0)
		}
	}
	return w.parts
}

// decision is what was decided of a factor on the way down.
type decision uint8

const (
	open decision = iota
	inside
	outside
)

// walk goes down the trees with one set of background rows. all is what every path adds up.
type walk struct {
	nodes   []branch
	own     []bool   // by node: the person goes to its True child
	true    []rowSet // by node: the background rows that go there
	joins   *joins
	weights [setRows]Units
	decided []decision
	parts   []Units
}

// visit walks down from a node with the rows that come there when u factors are decided inside and v outside. It returns
// what the leaves below are worth to each factor decided inside, and to each one decided outside.
func (w *walk) visit(at int32, rows rowSet, u, v int) (in, out Units) {
	n := &w.nodes[at]
	if n.Mode == onnx.Leaf {
		if u+v == 0 {
			return in, out
		}
		sum, weight := rows.sum(&w.weights), w.joins.of(u, v)
		return sum.times(weight.inside * n.value), sum.times(weight.outside * n.value)
	}
	yes, own, theirs := rows.and(w.true[at]), n.True, n.False
	same, other := yes, rows.andNot(yes)
	if !w.own[at] {
		own, theirs, same, other = theirs, own, other, same
	}
	decided := &w.decided[n.factor]
	switch *decided {
	case inside:
		return w.visit(own, rows, u, v)
	case outside:
		if !same.empty() {
			in, out = w.visit(own, same, u, v)
		}
		if !other.empty() {
			in2, out2 := w.visit(theirs, other, u, v)
			in, out = in.plus(in2), out.plus(out2)
		}
		return in, out
	}
	if !same.empty() {
		in, out = w.visit(own, same, u, v)
	}
	if !other.empty() {
		*decided = inside
		inOwn, outOwn := w.visit(own, other, u+1, v)
		*decided = outside
		inTheirs, outTheirs := w.visit(theirs, other, u, v+1)
		*decided = open
		part := &w.parts[n.factor]
		*part = part.plus(inOwn).plus(outTheirs)
		in, out = in.plus(inOwn).plus(inTheirs), out.plus(outOwn).plus(outTheirs)
	}
	return in, out
}

// joins holds the Shapley weights of leaves by the numbers of factors decided inside and outside.
type joins struct {
	side    int
	weights []join
}

// join is (u-1)! v! / (u+v)! for each of u factors inside and -u! (v-1)! / (u+v)! for each of v outside.
type join struct{ inside, outside float64 }

func (j *joins) of(u, v int) join { return j.weights[u*j.side+v] }

// newJoins tabulates the weights of up to most decided factors. (u-1)! v! / (u+v)! is coalitionWeight(u-1, u+v), and so on.
func newJoins(most int) *joins {
	j := &joins{side: most + 1, weights: make([]join, (most+1)*(most+1))}
	for u := range most + 1 {
		for v := range most + 1 - u {
			w := &j.weights[u*j.side+v]
			if u > 0 {
				w.inside = coalitionWeight(u-1, u+v)
			}
			if v > 0 {
				w.outside = -coalitionWeight(u, u+v)
			}
		}
	}
	return j
}
