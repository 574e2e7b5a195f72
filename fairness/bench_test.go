package fairness

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
)

// benchmarkTable is a million made-up people with four attributes and continuous scores, the worst case for ranking.
// notebooks/goldens_fairness/bench.py times fairlearn on a table of the same shape.
func benchmarkTable(n int) *Table {
	rng := rand.New(rand.NewPCG(1, 2))
	t := &Table{Score: make([]float64, n), Outcome: make([]uint8, n)}
	for _, a := range []struct {
		name   string
		levels []string
	}{
		{"sex", []string{"f", "m"}},
		{"ethnicity", []string{"a", "b", "c", "d", "e"}},
		{"age", []string{"18-24", "25-39", "40-59", "60+"}},
		{"region", []string{"north", "south", "east"}},
	} {
		t.Attributes = append(t.Attributes, Attribute{Name: a.name, Levels: a.levels, Codes: make([]int32, n)})
	}
	for i := range n {
		t.Score[i] = 1 / (1 + math.Exp(-rng.NormFloat64()+0.6))
		if rng.Float64() < t.Score[i] {
			t.Outcome[i] = 1
		}
		for a := range t.Attributes {
			t.Attributes[a].Codes[i] = int32(rng.IntN(len(t.Attributes[a].Levels)))
		}
	}
	return t
}

func BenchmarkFrame(b *testing.B) {
	t := benchmarkTable(1_000_000)
	o := DefaultOptions()
	o.Thresholds = []float64{0.5}
	for b.Loop() {
		if _, err := Compute(context.Background(), t, o); err != nil {
			b.Fatal(err)
		}
	}
}
