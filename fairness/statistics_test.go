package fairness

import (
	"math"
	"testing"
)

func TestHolm(t *testing.T) {
	// The example of R's p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm"): 0.03 0.06 0.06 0.02.
	got := Holm([]float64{0.01, 0.04, math.NaN(), 0.03, 0.005})
	for k, want := range []float64{0.03, 0.06, math.NaN(), 0.06, 0.02} {
		if math.IsNaN(want) != math.IsNaN(got[k]) || math.Abs(got[k]-want) > 1e-15 {
			t.Errorf("p-value %d: %v, want %v", k, got[k], want)
		}
	}
}

func TestQuantile(t *testing.T) {
	sorted := []float64{1, 2, 4, 8}
	// numpy.quantile([1, 2, 4, 8], q)
	for q, want := range map[float64]float64{0: 1, 0.1: 1.3, 0.5: 3, 0.9: 6.8, 1: 8} {
		if got := quantile(sorted, q); math.Abs(got-want) > 1e-14 {
			t.Errorf("quantile %v: %v, want %v", q, got, want)
		}
	}
}

// TestPoissonCounts compares the counts of many draws with exp(-1)/k!.
func TestPoissonCounts(t *testing.T) {
	table := newPoissonTable()
	const n = 4_000_000
	var counts [32]int
	for i := range uint64(n) {
		counts[table.draw(mix64(i+1), 12345)]++
	}
	p := math.Exp(-1)
	for k := range 8 {
		if k > 0 {
			p /= float64(k)
		}
		sd := math.Sqrt(n * p * (1 - p))
		if d := math.Abs(float64(counts[k]) - n*p); d > 5*sd {
			t.Errorf("%d drawn %d times, expected %.0f with standard deviation %.0f", k, counts[k], n*p, sd)
		}
	}
}

// TestPoissonTable holds the quick table to the definition at every step of the distribution.
func TestPoissonTable(t *testing.T) {
	table := newPoissonTable()
	for k, c := range table.cumulative {
		for _, u := range []uint64{c - 1, c, c + 1} {
			got := table.quick[u>>(64-poissonBits)]
			if got != poissonAmbiguous && got != table.count(u) {
				t.Errorf("step %d: the table says %d, the definition %d", k, got, table.count(u))
			}
		}
	}
	if table.count(0) != 0 || int(table.count(math.MaxUint64)) != len(table.cumulative) {
		t.Error("the ends of the distribution are wrong")
	}
}
