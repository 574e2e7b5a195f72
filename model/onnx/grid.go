package onnx

import (
	"math"
	"slices"
)

// grid is a forest whose trees each compare one or two features, as those of
// additive models and stumps do, in the form of tables. A row is put into bins
// once, feature by feature, between the cuts of all trees; each tree is then one
// look-up, whatever its depth. The tables hold what the trees give, so sums come
// out bit for bit the same.
type grid struct {
	forest   *forest[float32]
	features []binned
	// cuts are those of a feature as numbers, then infinity, which NaN alone is
	// not at most: a value's bin is the number of cuts that it is not at most.
	// Nil where they are more than countedCuts.
	cuts  [][]float32
	trees []gridTree
	cells []float32 // with nearCells more at the end, to be read in one piece
}

// gridTree is the table from cells on, a's bins by b's bins; stride is 0 where
// there is one feature. A near table has no more than nearCells cells.
type gridTree struct {
	a, b, stride, cells, target int32
	near                        bool
}

// gridCells bounds the tables of a forest: what stays in a core's cache.
const gridCells = 1 << 15

const (
	// nearCells fit into two AVX2 registers.
	nearCells = 16
	// countedCuts are counted in less time than it takes to search them.
	countedCuts = 256
)

// newGrid returns nil when the forest is none of this kind.
func newGrid(f *forest[float32], columns []column) *grid {
	g := &grid{forest: f}
	pairs := make([][]int32, len(f.trees))
	for i, t := range f.trees {
		if t.target < 0 {
			return nil
		}
		for k, n := range f.nodesOf(i) {
			if n.left == t.root+int32(k) {
				continue
			}
			c := columns[n.column]
			if !slices.Contains(pairs[i], c.feature) {
				pairs[i] = append(pairs[i], c.feature)
			}
			if len(pairs[i]) > 2 {
				return nil
			}
		}
	}
	var at map[int32]int32
	g.features, at = f.binned(columns)
	if len(g.features) == 0 {
		return nil
	}
	for i := range g.features {
		g.cuts = append(g.cuts, g.features[i].numbers())
	}
	for i, t := range f.trees {
		gt := gridTree{target: t.target, cells: int32(len(g.cells))}
		if len(pairs[i]) > 0 {
			gt.a = at[pairs[i][0]]
			gt.b = gt.a
		}
		across, down := g.features[gt.a].bins(), 1
		if len(pairs[i]) == 2 {
			gt.b, gt.stride = at[pairs[i][1]], int32(across)
			down = g.features[gt.b].bins()
		}
		if len(g.cells)+across*down > gridCells {
			return nil
		}
		gt.near = across*down <= nearCells
		for b := range down {
			for a := range across {
				g.cells = append(g.cells, g.walk(columns, t.root, gt, a, b))
			}
		}
		g.trees = append(g.trees, gt)
	}
	g.cells = append(g.cells, make([]float32, nearCells)...)
	return g
}

// numbers returns what grid.cuts holds of a feature.
func (b *binned) numbers() []float32 {
	if b.count > countedCuts {
		return nil
	}
	cuts := make([]float32, 0, b.count+1)
	for _, k := range b.cuts[:b.count] {
		cuts = append(cuts, keyed(k))
	}
	return append(cuts, float32(math.Inf(1)))
}

// nodesOf returns the nodes of a tree, which lie together.
func (f *forest[T]) nodesOf(tree int) []splitNode[T] {
	end := len(f.nodes)
	if tree+1 < len(f.trees) {
		end = int(f.trees[tree+1].root)
	}
	return f.nodes[f.trees[tree].root:end]
}

// walk returns what a tree gives for values of two bins.
func (g *grid) walk(columns []column, root int32, t gridTree, a, b int) float32 {
	nodes := g.forest.nodes
	for i := root; ; {
		n := nodes[i]
		if n.left == i {
			return n.threshold
		}
		c := columns[n.column]
		f, bin := &g.features[t.a], a
		if c.feature != f.feature {
			f, bin = &g.features[t.b], b
		}
		i = n.right
		if f.left(bin, c.kind, n.threshold) {
			i = n.left
		}
	}
}

// sum adds the trees' values up like forest.sum.
func (g *grid) sum(c *call, x []float32, rows, stride int, scores []float32) {
	only, targets := g.forest.only, g.forest.ensemble.targets
	done := 0
	if rows >= lanes && hasEights() {
		// The last group may have some rows of the one before once more.
		done = rows &^ (lanes - 1)
		g.sumEights(c, x, done, stride, scores)
		if last := rows - lanes; done < rows {
			g.sumEights(c, x[last*stride:], lanes, stride, scores[last*targets:])
			done = rows
		}
	}
	clear(scores[done*targets:])
	c.scratch.order = grow(c.scratch.order, len(g.features))
	bins := c.scratch.order
	for r := done; r < rows; r++ {
		row, to := x[r*stride:(r+1)*stride], scores[r*targets:(r+1)*targets]
		for i := range g.features {
			f := &g.features[i]
			bins[i] = f.bin(row[f.feature])
		}
		if only < 0 {
			for i := range g.trees {
				t := &g.trees[i]
				to[t.target] += g.cells[t.cells+bins[t.a]+bins[t.b]*t.stride]
			}
			continue
		}
		score := float32(0)
		for i := range g.trees {
			t := &g.trees[i]
			score += g.cells[t.cells+bins[t.a]+bins[t.b]*t.stride]
		}
		to[only] = score
	}
}
