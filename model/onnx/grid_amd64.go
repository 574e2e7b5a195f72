package onnx

import "golang.org/x/sys/cpu"

// hasEights tells whether the processor runs sumEights.
func hasEights() bool { return cpu.X86.HasAVX2 }

// sumEights is sum for a number of rows that is a multiple of eight. It works
// column by column: the bins of a feature for all rows, the sums of a target for
// all rows.
func (g *grid) sumEights(c *call, x []float32, rows, stride int, scores []float32) {
	groups := rows / lanes
	s, targets := scratchOf[float32](c), g.forest.ensemble.targets
	c.scratch.order = grow(c.scratch.order, len(g.features)*rows)
	s.rows = grow(s.rows, targets*rows)
	bins, sums := c.scratch.order, s.rows
	for i := range g.features {
		f, to := &g.features[i], bins[i*rows:(i+1)*rows]
		if cuts := g.cuts[i]; len(cuts) > 0 {
			_ = x[(rows-1)*stride+int(f.feature)]
			countAVX2(&to[0], &x[f.feature], stride, groups, &cuts[0], len(cuts))
			continue
		}
		for r := range to {
			to[r] = f.bin(x[r*stride+int(f.feature)])
		}
	}
	clear(sums)
	for i := range g.trees {
		t := &g.trees[i]
		to, a, b := &sums[int(t.target)*rows], &bins[int(t.a)*rows], &bins[int(t.b)*rows]
		if t.near {
			addNearAVX2(to, a, b, int(t.stride), groups, &g.cells[t.cells])
		} else {
			addFarAVX2(to, a, b, int(t.stride), groups, &g.cells[t.cells])
		}
	}
	if targets < lanes {
		for i := range targets {
			for r, v := range sums[i*rows : (i+1)*rows] {
				scores[r*targets+i] = v
			}
		}
		return
	}
	_ = scores[rows*targets-1]
	for i := 0; i < targets; i += lanes {
		// The last eight targets may be some of those before once more.
		i := min(i, targets-lanes)
		turnAVX2(&scores[i], targets, &sums[i*rows], groups)
	}
}

// countAVX2 counts, for groups of eight rows, the cuts (one and more) that the
// row's value is not at most; values are stride apart.
//
//go:noescape
func countAVX2(bins *int32, x *float32, stride, groups int, cuts *float32, n int)

// addNearAVX2 adds cell a + b*stride of each row to its sum. The table has at most
// nearCells cells, and as many can be read.
//
//go:noescape
func addNearAVX2(sums *float32, a, b *int32, stride, groups int, cells *float32)

// addFarAVX2 is addNearAVX2 for tables of any size.
//
//go:noescape
func addFarAVX2(sums *float32, a, b *int32, stride, groups int, cells *float32)

// turnAVX2 writes eight columns, of eight numbers a group and one after the other,
// as rows that are stride apart.
//
//go:noescape
func turnAVX2(out *float32, stride int, columns *float32, groups int)
