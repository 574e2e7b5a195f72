package fairness

import (
	"math"
	"testing"
)

func TestWilsonInterval(t *testing.T) {
	for _, row := range []struct {
		name       string
		successes  float64
		n          float64
		low, high  float64 // statsmodels 0.14, proportion_confint(method="wilson")
		tolerance  float64
		shouldHave bool
	}{
		{"10 of 100", 10, 100, 0.05522913706, 0.17436566150, 1e-10, true},
		{"none of 10", 0, 10, 0, 0.27753279986, 1e-10, true},
		{"all of 10", 10, 10, 0.72246720013, 1, 1e-10, true},
		{"one of one", 1, 1, 0.20654931437, 1, 1e-10, true},
		{"nobody", 0, 0, math.NaN(), math.NaN(), 0, false},
	} {
		low, high := WilsonInterval(row.successes/row.n, row.n, 0.95)
		if !row.shouldHave {
			if !math.IsNaN(low) || !math.IsNaN(high) {
				t.Errorf("%s: %v to %v, want no interval", row.name, low, high)
			}
			continue
		}
		if math.Abs(low-row.low) > row.tolerance || math.Abs(high-row.high) > row.tolerance {
			t.Errorf("%s: %.11f to %.11f, want %.11f to %.11f", row.name, low, high, row.low, row.high)
		}
	}
}

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
