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

// Totals is a cumulative probability with its baseline, and the log-odds of both.
type Totals struct {
	Baseline, BaselineLogOdds float64
	Probability, TotalLogOdds float64
}

// Breakdown is a cumulative probability F = 1 - prod(1 - h_k) with its parts. Points[k][j] and LogOdds[k][j] are what term j of
// head k added to the probability and to its log-odds.
type Breakdown struct {
	Totals
	Points, LogOdds [][]float64
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
	steps, worths := make([]Step, k), make([]Units, k)
	for i, h := range heads {
		steps[i] = Step{Reference: h.Reference, Margin: h.Margin(), Curve: h.Curve, Share: h.Share}
	}
	totals, err := Carry(steps, worths)
	if err != nil {
		return nil, err
	}
	b := &Breakdown{Totals: totals, Points: make([][]float64, k), LogOdds: make([][]float64, k)}
	for i, h := range heads {
		b.Points[i], b.LogOdds[i] = make([]float64, len(h.Terms)), make([]float64, len(h.Terms))
		for j, t := range h.Terms {
			b.Points[i][j], b.LogOdds[i][j] = t*worths[i].Points, t*worths[i].LogOdds
		}
	}
	return b, nil
}

// Step is a head's move from its reference's margin to the person's, through a calibration, over a share of the head's interval.
type Step struct {
	Reference, Margin float64
	Curve             Curve
	Share             float64 // of the interval that the horizon covers, in (0, 1]
}

// fewHeads is the number of heads up to which the work needs no memory of its own.
const fewHeads = 4

// Carry moves every head from its reference to the person and says what the product of hazards comes to. It writes to worths, one for
// each step, what one unit of the head's margin is worth on the way: a term of t units takes t times that of the move. It is Product
// without the lists, and allocates nothing for up to four heads.
func Carry(steps []Step, worths []Units) (Totals, error) {
	if k := len(steps); k == 0 || k > MaxHazards || len(worths) != k {
		return Totals{}, fmt.Errorf("a score needs 1 to %d hazards with a place for what each is worth, not %d and %d", MaxHazards, k, len(worths))
	}
	var room [fewHeads]move
	moves := room[:0]
	from, to := 0.0, 0.0
	for i, s := range steps {
		if err := checkShare(i, s.Share); err != nil {
			return Totals{}, err
		}
		m := newMove(s.Curve, s.Share, s.Reference, s.Margin, nearlyStill)
		from, to = from+m.from, to+m.to
		moves = append(moves, m)
	}
	before, after := unitsOf(from), unitsOf(to)
	t := Totals{Baseline: before.Points, BaselineLogOdds: before.LogOdds, Probability: after.Points, TotalLogOdds: after.LogOdds}
	if math.IsNaN(t.Probability + t.TotalLogOdds + t.Baseline + t.BaselineLogOdds) {
		return Totals{}, errors.New("the score is not a number")
	}
	worthOf(moves, worths)
	return t, nil
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

// worthOf writes what one unit of each head's terms is worth: the head's Shapley value over its distance.
func worthOf(moves []move, worths []Units) {
	k := len(moves)
	var survivalRoom [1 << fewHeads]float64
	var valueRoom [1 << fewHeads]Units
	survival, value := survivalRoom[:], valueRoom[:] // by coalition: the heads that have moved
	if k > fewHeads {
		survival, value = make([]float64, 1<<k), make([]Units, 1<<k)
	}
	for coalition := range 1 << k {
		total := 0.0
		for j := range moves {
			if coalition&(1<<j) != 0 {
				total += moves[j].to
			} else {
				total += moves[j].from
			}
		}
		survival[coalition], value[coalition] = total, unitsOf(total)
	}
	for i := range moves {
		m := &moves[i]
		worths[i] = Units{}
		for coalition := range 1 << k {
			if coalition&(1<<i) != 0 {
				continue
			}
			weight := coalitionWeight(bits.OnesCount(uint(coalition)), k)
			if m.still {
				t := survival[coalition] - m.from + m.middle
				worths[i].add(Units{-math.Exp(t) * m.slope, m.slope / math.Expm1(t)}.times(weight))
				continue
			}
			before, after := value[coalition], value[coalition|1<<i]
			worths[i].add(Units{after.Points - before.Points, after.LogOdds - before.LogOdds}.times(weight / m.distance))
		}
	}
}

// coalitionWeight is size! (k-size-1)! / k!, the weight of a coalition that a player joins.
func coalitionWeight(size, k int) float64 {
	weight := 1 / float64(k)
	for i := 1; i <= size; i++ {
		weight *= float64(i) / float64(k-i)
	}
	return weight
}

// unitsOf is the probability of the event where the log-survival is t, 1 - exp(t), and its log-odds, ln(1 - exp(t)) - t.
func unitsOf(t float64) Units {
	p := -math.Expm1(t)
	return Units{p, math.Log(p) - t}
}
