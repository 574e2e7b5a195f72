package explain

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/tarozi/tarozi"
)

// Curve is a smooth, strictly increasing calibration from a margin to calibrated log-odds.
type Curve interface {
	LogOdds(margin float64) float64
	Slope(margin float64) float64 // d LogOdds / d margin
}

// Hazard is one head at work: a person's move from the reference to their own margin, through a calibration, over a share of
// the head's interval.
type Hazard struct {
	Terms     []float64 // each term of the person less the reference's, in log-odds before calibration
	Reference float64   // the reference's margin
	Curve     Curve
	Share     float64 // of the interval that the horizon covers, in (0, 1]
}

// Margin is the person's margin: the reference plus the terms, added in order.
func (h Hazard) Margin() float64 {
	m := h.Reference
	for _, t := range h.Terms {
		m += t
	}
	return m
}

func checkShare(head int, share float64) error {
	if !(share > 0 && share <= 1) {
		return fmt.Errorf("hazard %d covers a share %v of its interval; it must lie in (0, 1]", head, share)
	}
	return nil
}

// logSurvival is ln((1-g)^w) at margin m: with piecewise constant hazard a share w of the interval leaves (1-h)^w.
func logSurvival(c Curve, share, m float64) float64 {
	return share * tarozi.LogSigmoid(-c.LogOdds(m))
}

// Breakdown is a cumulative probability F = 1 - prod(1 - h_k) with its parts. Points[k][j] and LogOdds[k][j] are what term j of
// head k added to the probability and to its log-odds.
type Breakdown struct {
	Baseline, BaselineLogOdds float64
	Probability, TotalLogOdds float64
	Points, LogOdds           [][]float64
	// PointsErrors and LogOddsErrors are the standard errors of Points and LogOdds where a head was sampled; nil else.
	PointsErrors, LogOddsErrors [][]float64
	// Rescaled says that LogOdds are Points times one common factor: a head's exact parts are parts of a probability.
	Rescaled bool
}

// MaxHazards bounds the heads of one product: the shares take 2^K evaluations.
const MaxHazards = 12

// nearlyStill is the move in margin below which the difference quotient gives way to the derivative at the middle of the move:
// the quotient's rounding error grows as 1e-16/d, the derivative's error as d*d/24.
const nearlyStill = 1e-5

// Product explains the probability over several hazards. Each head's move is worth its Shapley value (Shapley 1953) in the
// game whose players are the heads, and within a head every term takes its part in proportion, so that a constant factor per
// head carries the terms through calibration and product alike; where a head does not move the factor is its limit, the
// derivative. With one head and a whole interval the factor is (g(m) - g(b)) / (m - b).
func Product(heads []Hazard) (*Breakdown, error) {
	k := len(heads)
	if k == 0 || k > MaxHazards {
		return nil, fmt.Errorf("a score needs 1 to %d hazards, not %d", MaxHazards, k)
	}
	moves := make([]move, k)
	for i, h := range heads {
		if err := checkShare(i, h.Share); err != nil {
			return nil, err
		}
		moves[i] = newMove(h.Curve, h.Share, h.Reference, h.Margin(), nearlyStill)
	}
	from, to := 0.0, 0.0
	for _, m := range moves {
		from, to = from+m.from, to+m.to
	}
	b := &Breakdown{
		Baseline: probability(from), BaselineLogOdds: logOdds(from),
		Probability: probability(to), TotalLogOdds: logOdds(to),
		Points: make([][]float64, k), LogOdds: make([][]float64, k),
	}
	worths := worthOf(moves)
	for i, h := range heads {
		b.Points[i], b.LogOdds[i] = make([]float64, len(h.Terms)), make([]float64, len(h.Terms))
		for j, t := range h.Terms {
			b.Points[i][j], b.LogOdds[i][j] = t*worths[i].Points, t*worths[i].LogOdds
		}
	}
	if math.IsNaN(b.Probability + b.TotalLogOdds + b.Baseline + b.BaselineLogOdds) {
		return nil, errors.New("the score is not a number")
	}
	return b, nil
}

// move is a head's way from the reference to the person, as log-survival.
type move struct {
	distance      float64 // in margin
	from, to      float64
	still         bool // the way is too short for a quotient
	middle, slope float64
}

func newMove(c Curve, share, reference, margin, still float64) move {
	m := move{distance: margin - reference, from: logSurvival(c, share, reference), to: logSurvival(c, share, margin)}
	if m.still = math.Abs(m.distance) < still; m.still {
		middle := reference + m.distance/2
		m.middle, m.slope = logSurvival(c, share, middle), -share*tarozi.Sigmoid(c.LogOdds(middle))*c.Slope(middle)
	}
	return m
}

// worthOf is what one unit of each head's terms is worth: the head's Shapley value over its distance.
func worthOf(moves []move) []Units {
	k := len(moves)
	survival, worth := make([]float64, 1<<k), make([]Units, 1<<k) // by coalition: the heads that have moved
	for coalition := range survival {
		for j, m := range moves {
			if coalition&(1<<j) != 0 {
				survival[coalition] += m.to
			} else {
				survival[coalition] += m.from
			}
		}
		worth[coalition] = Units{probability(survival[coalition]), logOdds(survival[coalition])}
	}
	list := make([]Units, k)
	for i, m := range moves {
		for coalition, before := range worth {
			if coalition&(1<<i) != 0 {
				continue
			}
			weight := coalitionWeight(bits.OnesCount(uint(coalition)), k)
			if m.still {
				t := survival[coalition] - m.from + m.middle
				list[i].add(Units{-math.Exp(t) * m.slope, m.slope / math.Expm1(t)}.times(weight))
				continue
			}
			after := worth[coalition|1<<i]
			list[i].add(Units{after.Points - before.Points, after.LogOdds - before.LogOdds}.times(weight / m.distance))
		}
	}
	return list
}

// coalitionWeight is size! (k-size-1)! / k!, the weight of a coalition that a player joins.
func coalitionWeight(size, k int) float64 {
	weight := 1 / float64(k)
	for i := 1; i <= size; i++ {
		weight *= float64(i) / float64(k-i)
	}
	return weight
}

// probability of the event where the log-survival is t: 1 - exp(t).
func probability(t float64) float64 { return -math.Expm1(t) }

// logOdds of the event where the log-survival is t: ln(1 - exp(t)) - t.
func logOdds(t float64) float64 { return math.Log(-math.Expm1(t)) - t }
