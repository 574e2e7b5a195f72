package onnx

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestForestForms: the four forms of a forest give the same sums bit for bit, and
// those of the trees as the file has them, on every threshold, its neighbours and
// every special value.
func TestForestForms(t *testing.T) {
	grids, packs, masked := 0, 0, 0
	for _, path := range goldenFiles(t) {
		p, err := Load(readGolden(t, path).model, DefaultLimits())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Ensembles() {
			f := newForest[float32](e)
			x := thresholdRows(e, 100)
			rows, stride := 100, max(e.features, 1)
			want := make([]float32, rows*e.targets)
			for r := range rows {
				sumOriginal(e, x[r*stride:(r+1)*stride], want[r*e.targets:])
			}
			columns := f.columns
			if columns == nil { // rows are read as they are
				for i := range e.features {
					columns = append(columns, column{feature: int32(i)})
				}
			}
			f.masks, f.packed = newMasks(f, columns), pack(f, columns)
			for name, form := range map[string]forest[float32]{
				"plain": withForms(f, nil, nil, nil), "packed": withForms(f, nil, nil, f.packed),
				"grid": withForms(f, f.grid, nil, nil), "masks": withForms(f, nil, f.masks, nil),
			} {
				for _, size := range []int{1, 5, 8, 43, 64} {
					got := make([]float32, size*e.targets)
					form.sum(&call{}, x[:size*stride], size, stride, got)
					for i, v := range got {
						if math.Float32bits(v) != math.Float32bits(want[i]) && !(v != v && want[i] != want[i]) {
							t.Fatalf("%s: %s of %d rows: sum %d is %v, want %v", path, name, size, i, v, want[i])
						}
					}
				}
			}
			if f.grid != nil {
				grids++
			}
			if f.masks != nil {
				masked++
			}
			if f.packed != nil {
				packs++
			}
		}
	}
	t.Log(grids, packs, masked)
	if grids < 5 || packs < 50 || masked < 20 {
		t.Errorf("only %d grids, %d packed forests and %d of masks were compared", grids, packs, masked)
	}
}

func withForms(f *forest[float32], g *grid, m *masks, p *packed) forest[float32] {
	form := *f
	form.grid, form.masks, form.packed = g, m, p
	return form
}

// thresholdRows draws values from the ensemble's thresholds, the numbers next to
// them, and NaN, infinities and zeros.
func thresholdRows(e *Ensemble, rows int) []float32 {
	random := rand.New(rand.NewPCG(3, 4))
	pool := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1}
	for _, n := range e.nodes {
		if n.Mode != Leaf && len(pool) < 600 {
			v := float32(n.Threshold)
			pool = append(pool, v, math.Nextafter32(v, math.MaxFloat32), math.Nextafter32(v, -math.MaxFloat32))
		}
	}
	x := make([]float32, rows*max(e.features, 1))
	for i := range x {
		x[i] = pool[random.IntN(len(pool))]
	}
	return x
}

// sumOriginal walks the trees as the file has them. Thresholds are rounded to
// float32 first, for that is what a float input is compared with.
func sumOriginal(e *Ensemble, row, sums []float32) {
	for tree := range e.Trees() {
		i := e.Root(tree)
		n := e.Node(i)
		for n.Mode != Leaf {
			n.Threshold = float64(float32(n.Threshold))
			i = n.Next(float64(row[n.Feature]))
			n = e.Node(i)
		}
		for _, w := range e.Weights(i) {
			sums[w.Target] += float32(w.Value)
		}
	}
}
