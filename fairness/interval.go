package fairness

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// WilsonInterval returns the Wilson score interval (Wilson 1927) for a share p of n independent people at the given
// confidence level. It is defined for p of 0 and 1 and never leaves [0, 1]; for n <= 0 both ends are NaN.
func WilsonInterval(p, n, level float64) (low, high float64) {
	if !(n > 0) {
		return math.NaN(), math.NaN()
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	z2 := z * z / n
	centre := (p + z2/2) / (1 + z2)
	half := z / (1 + z2) * math.Sqrt(p*(1-p)/n+z2/(4*n))
	low, high = max(0, centre-half), min(1, centre+half)
	// At the ends of the scale the interval touches the share exactly; rounding must not part them.
	return min(low, p), max(high, p)
}

// Holm returns p-values adjusted for all of them being looked at (Holm 1979), in the order given. NaN entries are no
// tests: they stay NaN and do not count.
func Holm(p []float64) []float64 {
	order := make([]int, 0, len(p))
	out := make([]float64, len(p))
	for i, v := range p {
		if math.IsNaN(v) {
			out[i] = v
			continue
		}
		order = append(order, i)
	}
	sortBy(order, p)
	worst := 0.0
	for k, i := range order {
		worst = max(worst, min(1, float64(len(order)-k)*p[i]))
		out[i] = worst
	}
	return out
}
