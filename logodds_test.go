package tarozi

import (
	"math"
	"testing"
)

func TestLogOdds(t *testing.T) {
	for _, row := range []struct {
		name             string
		x, p, logSigmoid float64 // mpmath 1.3 at 50 digits
	}{
		{"even odds", 0, 0.5, -0.6931471805599453},
		{"one in favour", 1, 0.7310585786300049, -0.3132616875182229},
		{"one against", -1, 0.2689414213699951, -1.3132616875182228},
		{"near certainty", 40, 1, -4.248354255291589e-18},
		{"out of exp's range above", 800, 1, 0},
		{"out of exp's range below", -800, 0, -800},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Sigmoid(row.x); math.Abs(got-row.p) > 1e-16 {
				t.Errorf("Sigmoid(%v) = %v, want %v", row.x, got, row.p)
			}
			if got := LogSigmoid(row.x); math.Abs(got-row.logSigmoid) > 4e-16*math.Abs(row.logSigmoid) {
				t.Errorf("LogSigmoid(%v) = %v, want %v", row.x, got, row.logSigmoid)
			}
			if row.p > 0 && row.p < 1 && math.Abs(Logit(row.p)-row.x) > 1e-15 {
				t.Errorf("Logit(%v) = %v, want %v", row.p, Logit(row.p), row.x)
			}
		})
	}
	if !math.IsInf(Logit(0), -1) || !math.IsInf(Logit(1), 1) || !math.IsNaN(Logit(1.1)) {
		t.Errorf("Logit at 0, 1, 1.1: %v, %v, %v", Logit(0), Logit(1), Logit(1.1))
	}
}
