package onnx

import (
	"math"
)

// splitNode is a node of the compiled form: left when the value of a column is at
// most the threshold, else right. Every comparison of ONNX comes down to this
// one, see forestBuilder. A leaf has itself as both children and its value in
// threshold.
type splitNode[T float] struct {
	threshold   T
	column      int32
	left, right int32
}

// column is one value of a prepared row: a feature under one treatment of NaN.
type column struct {
	feature int32
	kind    columnKind
}

type columnKind uint8

const (
	// columnRaw is the feature itself: NaN compares false and goes right.
	columnRaw columnKind = iota
	// columnFilled has minus infinity for NaN, which goes left.
	columnFilled
	// columnMissing is -1 for NaN and 1 else.
	columnMissing
)

// tree is one tree of a forest.
type tree struct {
	root int32
	// depth is at least the number of splits on the longest path.
	depth int32
	// target is that of all leaves when each of them has one weight for it,
	// otherwise -1.
	target int32
}

// forest is an ensemble compiled for one element type.
type forest[T float] struct {
	ensemble *Ensemble
	nodes    []splitNode[T]
	trees    []tree
	// spans and weights hold the weights of leaf i in weights[spans[i][0]:spans[i][1]],
	// for forests in which some tree has leaves with several weights.
	spans   [][2]int32
	weights []leafWeight[T]
	// columns describe the prepared row; nil when rows are read as they are.
	columns []column
	// grid, masks and packed are the forms for sums of float32, nil where there is
	// none. Without AVX2 many rows of trees of one target go faster through packed
	// than grid.
	grid   *grid
	masks  *masks
	packed *packed
	// only is the target of all trees when they have one and the same, otherwise -1.
	only int
	base []T
}

type leafWeight[T float] struct {
	target int32
	value  T
}

func newForest[T float](e *Ensemble) *forest[T] {
	f := &forest[T]{ensemble: e, base: make([]T, len(e.base))}
	for i, v := range e.base {
		f.base[i] = T(v)
	}
	b := forestBuilder[T]{forest: f, ids: make([]int32, len(e.nodes)), columns: map[column]int32{}}
	for i, root := range e.roots {
		b.addTree(root, e.depths[i])
	}
	f.only = int(f.trees[0].target)
	for _, t := range f.trees {
		if int(t.target) != f.only {
			f.only = -1
		}
	}
	if f32, ok := any(f).(*forest[float32]); ok {
		f.grid = newGrid(f32, b.order)
		if f.grid == nil {
			if m := newMasks(f32, b.order); m != nil && m.pays() {
				f32.masks = m
			}
		}
		if f.masks == nil && (f.grid == nil || f.only >= 0) {
			f.packed = pack(f32, b.order)
		}
	}
	b.settleColumns()
	return f
}

// forestBuilder turns the nodes of an ensemble into splits:
//
//	x <= t            as it is
//	x <  t            x <= the next lower number
//	x >= t, x > t     the children of x < t, x <= t exchanged
//	x == t            two splits, x <= t and then x <= the next lower number
//	x != t            the children of x == t exchanged
//
// NaN compares false, so it goes right; where it has to go left the split reads
// a column in which NaN is minus infinity.
type forestBuilder[T float] struct {
	forest  *forest[T]
	ids     []int32 // of the splits by number of the ensemble's node; -1 while queued, 0 before
	columns map[column]int32
	order   []column
	queue   []int32
}

// rule is a node reduced to one or two splits.
type rule[T float] struct {
	left, right int32 // children, as numbers of the ensemble
	threshold   T
	nanLeft     bool
	// equal marks x == threshold: left when equal.
	equal bool
	// only marks a comparison that no number can change: numbers go right, NaN
	// goes left.
	only bool
	// skip marks a comparison that nothing can change: everything goes right.
	skip bool
}

func nextBelow[T float](v T) T {
	if typeOf[T]() == Float32 {
		return T(math.Nextafter32(float32(v), float32(math.Inf(-1))))
	}
	return T(math.Nextafter(float64(v), math.Inf(-1)))
}

func ruleOf[T float](n TreeNode) rule[T] {
	t := T(n.Threshold)
	nan := n.holds(math.NaN())
	r := rule[T]{left: n.True, right: n.False, threshold: t, nanLeft: nan}
	exchanged := n.Mode == GreaterOrEqual || n.Mode == GreaterThan || n.Mode == NotEqual
	if t != t {
		// No number is less than, equal to or greater than NaN; all are unequal.
		if n.Mode == NotEqual {
			return rule[T]{right: n.True, skip: true}
		}
		r.only, r.skip = nan, !nan
		return r
	}
	if exchanged {
		r.left, r.right, r.nanLeft = r.right, r.left, !nan
	}
	switch n.Mode {
	case LessThan, GreaterOrEqual:
		if math.IsInf(float64(t), -1) {
			r.only, r.skip = r.nanLeft, !r.nanLeft
			return r
		}
		r.threshold = nextBelow(t)
	case EqualTo, NotEqual:
		r.equal = true
	}
	return r
}

// follow skips comparisons that decide nothing.
func (b *forestBuilder[T]) follow(i int32) int32 {
	for {
		n := b.forest.ensemble.nodes[i]
		if n.Mode == Leaf {
			return i
		}
		r := ruleOf[T](n)
		if !r.skip {
			return i
		}
		i = r.right
	}
}

func (b *forestBuilder[T]) column(feature int32, kind columnKind) int32 {
	key := column{feature, kind}
	at, ok := b.columns[key]
	if !ok {
		at = int32(len(b.order))
		b.columns[key] = at
		b.order = append(b.order, key)
	}
	return at
}

// addTree lays out the splits of one tree breadth first. A node that two others
// share comes once.
func (b *forestBuilder[T]) addTree(root, depth int32) {
	f, e := b.forest, b.forest.ensemble
	root = b.follow(root)
	b.queue = append(b.queue[:0], root)
	next := int32(len(f.nodes))
	t := tree{root: next, depth: depth, target: -2}
	b.ids[root] = -1
	for at := 0; at < len(b.queue); at++ {
		i := b.queue[at]
		b.ids[i] = next
		next++
		n := e.nodes[i]
		if n.Mode == Leaf {
			if target := b.targetOf(n); t.target == -2 {
				t.target = target
			} else if t.target != target {
				t.target = -1
			}
			continue
		}
		r := ruleOf[T](n)
		if r.equal {
			next++
			t.depth = 2 * depth
		}
		for _, child := range [2]int32{b.follow(r.left), b.follow(r.right)} {
			if b.ids[child] == 0 {
				b.ids[child] = -1
				b.queue = append(b.queue, child)
			}
		}
	}
	for _, i := range b.queue {
		n := e.nodes[i]
		if n.Mode == Leaf {
			b.addLeaf(n)
			continue
		}
		b.addSplit(n)
	}
	f.trees = append(f.trees, t)
}

// targetOf is the target of a leaf with one weight; -1 of another one. A leaf
// without a weight adds nothing, so with one target it counts as one of it.
func (b *forestBuilder[T]) targetOf(n TreeNode) int32 {
	switch {
	case n.False-n.True == 1:
		return b.forest.ensemble.weights[n.True].Target
	case n.False == n.True && b.forest.ensemble.targets == 1:
		return 0
	}
	return -1
}

func (b *forestBuilder[T]) addLeaf(n TreeNode) {
	f := b.forest
	id := int32(len(f.nodes))
	leaf := splitNode[T]{left: id, right: id}
	span := [2]int32{int32(len(f.weights)), 0}
	for _, w := range f.ensemble.weights[n.True:n.False] {
		f.weights = append(f.weights, leafWeight[T]{w.Target, T(w.Value)})
		leaf.threshold = T(w.Value)
	}
	span[1] = int32(len(f.weights))
	f.nodes = append(f.nodes, leaf)
	f.spans = append(f.spans, span)
}

func (b *forestBuilder[T]) addSplit(n TreeNode) {
	f := b.forest
	r := ruleOf[T](n)
	left, right := b.ids[b.follow(r.left)], b.ids[b.follow(r.right)]
	kind := columnRaw
	if r.nanLeft {
		kind = columnFilled
	}
	s := splitNode[T]{threshold: r.threshold, left: left, right: right}
	switch {
	case r.only:
		kind, s.threshold = columnMissing, 0
	case r.equal:
		// Not above t: equal or below, decided by the second split.
		second := int32(len(f.nodes)) + 1
		s.left, s.right = second, right
		s.column = b.column(n.Feature, kind)
		f.nodes = append(f.nodes, s)
		f.spans = append(f.spans, [2]int32{})
		// Below t goes right; NaN that came here is to go left and compares false.
		s = splitNode[T]{threshold: nextBelow(r.threshold), left: right, right: left}
		kind = columnRaw
		if math.IsInf(float64(r.threshold), -1) {
			s.threshold = T(math.NaN()) // nothing is below
		}
	}
	s.column = b.column(n.Feature, kind)
	f.nodes = append(f.nodes, s)
	f.spans = append(f.spans, [2]int32{})
}

// settleColumns lets rows be read as they are when no split needs NaN treated.
func (b *forestBuilder[T]) settleColumns() {
	for _, c := range b.order {
		if c.kind != columnRaw {
			b.forest.columns = b.order
			return
		}
	}
	for i := range b.forest.nodes {
		if n := &b.forest.nodes[i]; n.left != int32(i) {
			n.column = b.order[n.column].feature
		}
	}
}
