package onnx

import "math"

// blockRows is the number of rows that go through a tree together: enough for
// the tree to stay in the cache, few enough for the rows to stay there too.
const blockRows = 64

// prepare copies rows of the input into columns of the forest. It returns rows
// and stride as they are when there is nothing to prepare.
func (f *forest[T]) prepare(c *call, x []T, rows, stride int) ([]T, int) {
	if f.columns == nil {
		return x, stride
	}
	width := len(f.columns)
	s := scratchOf[T](c)
	s.rows = grow(s.rows, rows*width)
	out := s.rows
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

// sum sets scores (rows by targets) to the sums of the trees' values, in the order
// of the trees: ONNX Runtime's order, in which rounding happens.
func (f *forest[T]) sum(c *call, x []T, rows, stride int, scores []T) {
	if f.grid != nil && (f.packed == nil || rows < lanes/2 || rows >= lanes && hasEights()) {
		f.grid.sum(c, any(x).([]float32), rows, stride, any(scores).([]float32))
		return
	}
	clear(scores)
	if f.masks != nil {
		f.masks.sum(c, any(x).([]float32), rows, stride, any(scores).([]float32))
		return
	}
	if f.packed != nil {
		f.packed.sum(c, any(x).([]float32), rows, stride, any(scores).([]float32))
		return
	}
	x, stride = f.prepare(c, x, rows, stride)
	targets := f.ensemble.targets
	for i := range f.trees {
		t := &f.trees[i]
		for r := range rows {
			leaf := descend(f.nodes, x[r*stride:(r+1)*stride], t.root)
			if t.target >= 0 {
				scores[r*targets+int(t.target)] += f.nodes[leaf].threshold
			} else {
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

// extreme keeps the least or the greatest value per target, 0 where there is none;
// set notes which targets have one.
func (f *forest[T]) extreme(c *call, x []T, rows, stride int, scores []T, set []bool, greatest bool) {
	clear(scores)
	clear(set)
	x, stride = f.prepare(c, x, rows, stride)
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

// touched notes which targets have a weight in the leaves of a prepared row.
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
