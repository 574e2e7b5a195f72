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
	w := walk{traversal: t, parts: make([]Units, t.factors), decided: make([]decision, t.factors)}
	for i := range t.sets {
		w.background = &t.sets[i]
		clear(w.weights[:])
		copy(w.weights[:], weights[i*setRows:])
		for _, root := range t.roots {
			w.visit(root, w.background.all, 0, 0)
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

type walk struct {
	*traversal
	background *background
	weights    [setRows]Units
	decided    []decision
	parts      []Units
}

// worth is what the leaves below a node are worth to each factor decided inside, and take from each one decided outside.
type worth struct{ inside, outside Units }

func (w *worth) add(v worth) {
	w.inside.add(v.inside)
	w.outside.add(v.outside)
}

// visit walks down from a node with the rows that come there when u factors are decided inside and v outside.
func (w *walk) visit(at int32, rows rowSet, u, v int) (total worth) {
	n := &w.nodes[at]
	if n.Mode == onnx.Leaf {
		if u+v == 0 || n.value == 0 {
			return total
		}
		sum := rows.sum(&w.weights).times(n.value)
		in, out := w.joins.of(u, v)
		return worth{sum.times(in), sum.times(out)}
	}
	toTrue := w.background.true[at]
	own := int32(n.Next(float64(w.row[n.Feature])))
	decided := &w.decided[n.factor]
	if *decided == inside {
		return w.visit(own, rows, u, v)
	}
	yes, no := rows.and(toTrue), rows.andNot(toTrue)
	if *decided == outside {
		if !yes.empty() {
			total.add(w.visit(n.True, yes, u, v))
		}
		if !no.empty() {
			total.add(w.visit(n.False, no, u, v))
		}
		return total
	}
	same, other, theirs := yes, no, n.False
	if own != n.True {
		same, other, theirs = no, yes, n.True
	}
	if !same.empty() {
		total.add(w.visit(own, same, u, v))
	}
	if !other.empty() {
		*decided = inside
		taken := w.visit(own, other, u+1, v)
		*decided = outside
		left := w.visit(theirs, other, u, v+1)
		*decided = open
		part := &w.parts[n.factor]
		part.add(taken.inside)
		part.add(left.outside)
		total.add(taken)
		total.add(left)
	}
	return total
}

// joins holds the Shapley weights of leaves by the numbers of factors decided inside and outside.
type joins struct {
	side    int
	weights [][2]float64
}

// of gives (u-1)! v! / (u+v)! for each factor inside and -u! (v-1)! / (u+v)! for each one outside.
func (j *joins) of(u, v int) (inside, outside float64) {
	w := &j.weights[u*j.side+v]
	return w[0], w[1]
}

// newJoins tabulates the weights of up to most decided factors. (u-1)! v! / (u+v)! is coalitionWeight(u-1, u+v), and so on.
func newJoins(most int) *joins {
	j := &joins{side: most + 1, weights: make([][2]float64, (most+1)*(most+1))}
	for u := range most + 1 {
		for v := range most + 1 - u {
			w := &j.weights[u*j.side+v]
			if u > 0 {
				w[0] = coalitionWeight(u-1, u+v)
			}
			if v > 0 {
				w[1] = -coalitionWeight(u, u+v)
			}
		}
	}
	return j
}
