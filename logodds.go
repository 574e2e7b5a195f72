package tarozi

import "math"

// Sigmoid is the probability of log-odds x: 1/(1+exp(-x)), without overflow.
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + math.Exp(-x))
	}
	e := math.Exp(x)
	return e / (1 + e)
}

// LogSigmoid is ln Sigmoid(x), exact where Sigmoid(x) rounds to 0 or 1.
func LogSigmoid(x float64) float64 {
	if x < 0 {
		return x - math.Log1p(math.Exp(x))
	}
	return -math.Log1p(math.Exp(-x))
}

// Logit is the log-odds of probability p: infinite at 0 and 1, NaN outside of them.
func Logit(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// OffCertainty is a probability held 1e-9 away from 0 and 1, where there are no log-odds: what a model that votes unanimously is
// read as.
func OffCertainty(p float64) float64 { return min(max(p, 1e-9), 1-1e-9) }

// OddsFactor is what a step of so many log-odds multiplies the odds by: above 1 it raises them, below 1 it lowers them.
func OddsFactor(logOdds float64) float64 { return math.Exp(logOdds) }
