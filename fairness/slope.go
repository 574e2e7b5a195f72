package fairness

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/tarozi/tarozi"
)

const (
	slopeIterations = 50
	slopeTolerance  = 1e-12
)

// slopeFit is a logistic regression of the outcome on the logit of the score: intercept a, slope b.
type slopeFit struct {
	p         *plan
	positions []int32
	x         []float64 // logit of the score at each position
}

// calibrationSlope returns the slope of a logistic regression of outcome on logit(score) (Cox 1958; 1 is ideal, below
// 1 the scores are too extreme) with a Wald interval whose variance is robust to misfit and adds up each person's rows
// first (Huber 1967, White 1982; clustered by person). It is undefined for scores of exactly 0 or 1, where the logit
// is infinite, for one class, for a constant score and where outcomes are separated by the score.
func (s slopeFit) calibrationSlope(level float64) Estimate {
	if !s.p.probability {
		return undefined(ScoreNotProbability)
	}
	if why := s.obstacle(); why != "" {
		return undefined(why)
	}
	s.x = make([]float64, len(s.positions))
	for j, k := range s.positions {
		s.x[j] = tarozi.Logit(s.p.score[k])
	}
	a, b, information, ok := s.solve()
	if !ok {
		return undefined(NotConverged)
	}
	e := point(b)
	se := math.Sqrt(s.robustVariance(a, b, information))
	if !(se > 0) || math.IsInf(se, 0) {
		return e
	}
	z := distuv.UnitNormal.Quantile((1 + level) / 2)
	e.Low, e.High, e.Method = b-z*se, b+z*se, Wald
	return e
}

func (s slopeFit) obstacle() Reason {
	if len(s.positions) == 0 {
		return EmptyGroup
	}
	var class [2]bool
	low := [2]float64{math.Inf(1), math.Inf(1)}
	high := [2]float64{math.Inf(-1), math.Inf(-1)}
	for _, k := range s.positions {
		v, y := s.p.score[k], s.p.outcome[k]
		if v == 0 || v == 1 {
			return ScoreAtBound
		}
		class[y] = true
		low[y], high[y] = min(low[y], v), max(high[y], v)
	}
	switch {
	case !class[0] || !class[1]:
		return OneClass
	case min(low[0], low[1]) == max(high[0], high[1]):
		return ConstantScore
	case high[0] <= low[1] || high[1] <= low[0]:
		return NotConverged
	}
	return ""
}

func (s slopeFit) weight(k int32) float64 {
	if s.p.weight == nil {
		return 1
	}
	return s.p.weight[k]
}

// solve runs Newton's method from the identity calibration, halving a step that lowers the likelihood.
func (s slopeFit) solve() (a, b float64, information [3]float64, ok bool) {
	a, b = 0, 1
	loss, gradient, information := s.derivatives(a, b)
	for range slopeIterations {
		det := information[0]*information[2] - information[1]*information[1]
		if !(det > 0) {
			return a, b, information, false
		}
		da := (information[2]*gradient[0] - information[1]*gradient[1]) / det
		db := (information[0]*gradient[1] - information[1]*gradient[0]) / det
		if math.IsNaN(da + db) {
			return a, b, information, false
		}
		step := 1.0
		for {
			l, g, i := s.derivatives(a+step*da, b+step*db)
			if l <= loss+1e-12*math.Abs(loss) {
				a, b, loss, gradient, information = a+step*da, b+step*db, l, g, i
				break
			}
			if step /= 2; step < 1e-10 {
				return a, b, information, false
			}
		}
		if math.Abs(da)+math.Abs(db) <= slopeTolerance*(1+math.Abs(a)+math.Abs(b)) {
			return a, b, information, true
		}
	}
	return a, b, information, false
}

func (s slopeFit) derivatives(a, b float64) (loss float64, gradient [2]float64, information [3]float64) {
	for j, k := range s.positions {
		w, x, y := s.weight(k), s.x[j], float64(s.p.outcome[k])
		m := a + b*x
		q := tarozi.Sigmoid(m)
		// The loss of what happened is -log of its probability, without cancellation for extreme margins.
		loss -= w * tarozi.LogSigmoid((2*y-1)*m)
		r, v := w*(y-q), w*q*(1-q)
		gradient[0] += r
		gradient[1] += r * x
		information[0] += v
		information[1] += v * x
		information[2] += v * x * x
	}
	return loss, gradient, information
}

func (s slopeFit) robustVariance(a, b float64, information [3]float64) float64 {
	det := information[0]*information[2] - information[1]*information[1]
	// Row of the inverse information that belongs to the slope.
	i0, i1 := -information[1]/det, information[0]/det
	person := make(map[uint64]float64)
	variance := 0.0
	for j, k := range s.positions {
		x := s.x[j]
		r := s.weight(k) * (float64(s.p.outcome[k]) - tarozi.Sigmoid(a+b*x))
		influence := r * (i0 + i1*x)
		if s.p.clustered {
			person[s.p.key[k]] += influence
			continue
		}
		variance += influence * influence
	}
	for _, k := range s.positions {
		if v, ok := person[s.p.key[k]]; ok {
			variance += v * v
			delete(person, s.p.key[k])
		}
	}
	return variance
}
