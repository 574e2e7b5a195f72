package onnx

import "math"

// blockRows is the number of rows that go through a tree together: enough for
// the tree to stay in the cache, few enough for the rows to stay there too.
const blockRows = 64

// prepare copies rows of the input into columns of the forest. It returns rows
// and stride as they are when there is nothing to prepare.
func (f *forest[T]) prepare(c *call, buffer *[]T, x []T, rows, stride int) ([]T, int) {
	if f.columns == nil {
		return x, stride
	}
	width := len(f.columns)
	*buffer = grow(*buffer, rows*width)
	out := *buffer
	for r := range rows {
		row, to := x[r*stride:(r+1)*stride], out[r*width:(r+1)*width]
		for i, col := range f.columns {
			v := row[col.feature]
			switch {
			case col.kind == columnFilled && v != v:
				v = T(math.Inf(-1))
			case col.kind == columnMissing && v != v:
				v = -1
			case col.kind == columnMissing:
				v = 1
			}
			to[i] = v
		}
	}
	return out, width
}

// descend4 walks four paths at once, so that the processor overlaps their
// waits: of four rows through one tree, or of one row through four trees. Leaves
// lead to themselves, which makes all paths depth long.
func descend4[T float](nodes []splitNode[T], x []T, o0, o1, o2, o3 int, i0, i1, i2, i3 int32, depth int32) (int32, int32, int32, int32) {
	for range depth {
		n0, n1, n2, n3 := &nodes[i0], &nodes[i1], &nodes[i2], &nodes[i3]
		l0, l1, l2, l3 := n0.left, n1.left, n2.left, n3.left
		r0, r1, r2, r3 := n0.right, n1.right, n2.right, n3.right
		if x[o0+int(n0.column)] <= n0.threshold {
			r0 = l0
		}
		if x[o1+int(n1.column)] <= n1.threshold {
			r1 = l1
		}
		if x[o2+int(n2.column)] <= n2.threshold {
			r2 = l2
		}
		if x[o3+int(n3.column)] <= n3.threshold {
			r3 = l3
		}
		if r0 == i0 && r1 == i1 && r2 == i2 && r3 == i3 {
			break
		}
		i0, i1, i2, i3 = r0, r1, r2, r3
	}
	return i0, i1, i2, i3
}

func descend[T float](nodes []splitNode[T], row []T, i int32) int32 {
	for {
		n := &nodes[i]
		if n.left == i {
			return i
		}
		if row[n.column] <= n.threshold {
			i = n.left
		} else {
			i = n.right
		}
	}
}

// leaves finds the leaf of each of rows rows in one tree.
func (f *forest[T]) leaves(t tree, x []T, rows, stride int, out []int32) {
	r := 0
	if t.depth > 0 {
		for ; r+4 <= rows; r += 4 {
			o := r * stride
			out[r], out[r+1], out[r+2], out[r+3] = descend4(f.nodes, x, o, o+stride, o+2*stride, o+3*stride,
				t.root, t.root, t.root, t.root, t.depth)
		}
	}
	for ; r < rows; r++ {
		out[r] = descend(f.nodes, x[r*stride:(r+1)*stride], t.root)
	}
}

// leavesOfRow finds the leaves of one row in four trees.
func (f *forest[T]) leavesOfRow(trees []tree, x []T) (int32, int32, int32, int32) {
	depth := max(trees[0].depth, trees[1].depth, trees[2].depth, trees[3].depth)
	if depth == 0 {
		return trees[0].root, trees[1].root, trees[2].root, trees[3].root
	}
	return descend4(f.nodes, x, 0, 0, 0, 0, trees[0].root, trees[1].root, trees[2].root, trees[3].root, depth)
}

// sum adds the trees' values to scores (rows by targets), which start at zero,
// in the order of the trees: ONNX Runtime's order, in which rounding happens.
func (f *forest[T]) sum(c *call, x []T, rows, stride int, scores []T) {
	targets := f.ensemble.targets
	if rows < 4 {
		for r := range rows {
			f.sumRow(x[r*stride:(r+1)*stride], scores[r*targets:(r+1)*targets])
		}
		return
	}
	var buffer [blockRows]int32
	for _, t := range f.trees {
		found := buffer[:rows]
		f.leaves(t, x, rows, stride, found)
		switch {
		case f.single:
			for r, leaf := range found {
				scores[r] += f.nodes[leaf].threshold
			}
		case t.target >= 0:
			at := int(t.target)
			for _, leaf := range found {
				scores[at] += f.nodes[leaf].threshold
				at += targets
			}
		default:
			for r, leaf := range found {
				f.addWeights(leaf, scores[r*targets:(r+1)*targets])
			}
		}
	}
}

func (f *forest[T]) addWeights(leaf int32, scores []T) {
	span := f.spans[leaf]
	for _, w := range f.weights[span[0]:span[1]] {
		scores[w.target] += w.value
	}
}

func (f *forest[T]) add(t *tree, leaf int32, scores []T) {
	if t.target >= 0 {
		scores[t.target] += f.nodes[leaf].threshold
		return
	}
	f.addWeights(leaf, scores)
}

func (f *forest[T]) sumRow(row []T, scores []T) {
	trees := f.trees
	if f.single {
		score := scores[0]
		for ; len(trees) >= 4; trees = trees[4:] {
			a, b, c, d := f.leavesOfRow(trees[:4], row)
			score += f.nodes[a].threshold
			score += f.nodes[b].threshold
			score += f.nodes[c].threshold
			score += f.nodes[d].threshold
		}
		scores[0] = score
	}
	for ; len(trees) >= 4; trees = trees[4:] {
		a, b, c, d := f.leavesOfRow(trees[:4], row)
		f.add(&trees[0], a, scores)
		f.add(&trees[1], b, scores)
		f.add(&trees[2], c, scores)
		f.add(&trees[3], d, scores)
	}
	for i := range trees {
		f.add(&trees[i], descend(f.nodes, row, trees[i].root), scores)
	}
}

// extreme keeps the least or the greatest value per target; set notes which
// targets have one.
func (f *forest[T]) extreme(x []T, rows, stride int, scores []T, set []bool, greatest bool) {
	targets := f.ensemble.targets
	for r := range rows {
		row := x[r*stride : (r+1)*stride]
		for _, t := range f.trees {
			span := f.spans[descend(f.nodes, row, t.root)]
			for _, w := range f.weights[span[0]:span[1]] {
				at := r*targets + int(w.target)
				if !set[at] || greatest && w.value > scores[at] || !greatest && w.value < scores[at] {
					scores[at], set[at] = w.value, true
				}
			}
		}
	}
}

// touched notes which targets have a weight in the row's leaves.
func (f *forest[T]) touched(row []T, set []bool) {
	for i := range f.trees {
		t := &f.trees[i]
		if t.target >= 0 {
			set[t.target] = true
			continue
		}
		span := f.spans[descend(f.nodes, row, t.root)]
		for _, w := range f.weights[span[0]:span[1]] {
			set[w.target] = true
		}
	}
}
