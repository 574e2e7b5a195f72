package onnx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestGridBatches holds batches through random tables against their rows one by
// one, bit for bit: tables near and far, features counted and searched, several
// trees of a target, on every cut, its neighbours and every special value.
func TestGridBatches(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, targets := range []int{1, 2, 7, 8, 9, 16, 18, 39} {
		for _, most := range []int{1, 4, 12, 40, countedCuts + 50} {
			name := fmt.Sprintf("%d targets, up to %d cuts", targets, most)
			g, pool := randomGrid(random, targets, most)
			stride := len(g.features) + 3
			for _, rows := range []int{1, 7, 8, 9, 15, 16, 31, 63, 64} {
				x := make([]float32, rows*stride)
				for i := range x {
					x[i] = pool[random.IntN(len(pool))]
				}
				got, want := awkward(random, rows*targets), awkward(random, rows*targets)
				g.sum(&call{}, x, rows, stride, got)
				for r := range rows {
					g.sum(&call{}, x[r*stride:(r+1)*stride], 1, stride, want[r*targets:(r+1)*targets])
				}
				if !sameBits(got, want) {
					t.Fatalf("%s: a batch of %d rows differs from single rows", name, rows)
				}
			}
		}
	}
}

// randomGrid returns a grid of six features with at most so many cuts each, and
// values that are in, on and beyond them.
func randomGrid(random *rand.Rand, targets, most int) (*grid, []float32) {
	pool := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)),
		math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32, -math.MaxFloat32}
	g := &grid{forest: &forest[float32]{only: -1, ensemble: &Ensemble{targets: targets}}}
	if targets == 1 {
		g.forest.only = 0
	}
	for i := range int32(6) {
		b := binned{feature: 2*i%6 + i%3} // not in order
		for range 1 + random.IntN(most) {
			v := float32(random.NormFloat64())
			if random.IntN(8) == 0 {
				v = pool[random.IntN(len(pool))]
			}
			if v == v {
				b.cuts = append(b.cuts, key(v))
				pool = append(pool, v, math.Nextafter32(v, math.MaxFloat32), math.Nextafter32(v, -math.MaxFloat32))
			}
		}
		b.settle()
		g.features = append(g.features, b)
		g.cuts = append(g.cuts, b.numbers())
	}
	for range 2*targets + 3 {
		gt := gridTree{a: random.Int32N(6), target: random.Int32N(int32(targets)), cells: int32(len(g.cells))}
		gt.b = gt.a
		n := g.features[gt.a].bins()
		if random.IntN(3) == 0 {
			gt.b, gt.stride = random.Int32N(6), int32(n)
			n *= g.features[gt.b].bins()
		}
		gt.near = n <= nearCells
		g.cells = append(g.cells, awkward(random, n)...)
		g.trees = append(g.trees, gt)
	}
	g.cells = append(g.cells, make([]float32, nearCells)...)
	return g, pool
}

// TestKeyed: keyed takes a key back to its number.
func TestKeyed(t *testing.T) {
	for _, v := range []float32{0, 1, -1, math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, math.MaxFloat32,
		-math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)), -0.1} {
		if got := keyed(key(v)); got != v {
			t.Errorf("keyed(key(%g)) is %g", v, got)
		}
	}
}
