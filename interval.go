package tarozi

import "math"

// WilsonInterval returns the Wilson score interval (Wilson 1927) for a share p of n independent people at the given
// confidence level. It is defined for p of 0 and 1 and never leaves [0, 1]; for n <= 0 both ends are NaN.
func WilsonInterval(p, n, level float64) (low, high float64) {
	if !(n > 0) {
		return math.NaN(), math.NaN()
	}
	z := math.Sqrt2 * math.Erfinv(level) // the (1+level)/2 quantile of the standard normal distribution
	z2 := z * z / n
	centre := (p + z2/2) / (1 + z2)
	half := z / (1 + z2) * math.Sqrt(p*(1-p)/n+z2/(4*n))
	low, high = max(0, centre-half), min(1, centre+half)
	// At the ends of the scale the interval touches the share exactly; rounding must not part them.
	return min(low, p), max(high, p)
}
