package tarozi

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
