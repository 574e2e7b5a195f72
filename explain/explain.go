package explain

import (
	"errors"
	"fmt"
	"math"

	"github.com/tarozi/tarozi"
)

// Units is one amount in both units, or what one unit of margin is worth in both.
type Units struct {
	Points  float64 // of probability, as a fraction
	LogOdds float64
}

func (u Units) times(x float64) Units { return Units{u.Points * x, u.LogOdds * x} }

func (u Units) plus(v Units) Units { return Units{u.Points + v.Points, u.LogOdds + v.LogOdds} }

func (u *Units) add(v Units) {
	u.Points += v.Points
	u.LogOdds += v.LogOdds
}

// attribution splits a head's move, from each of its references to the person, among the factors: for each reference z the
// parts sum to Margin() - References()[z].
type attribution interface {
	Margin() float64
	References() []float64
	// Split adds up the parts of all references: for each factor the sum over z of weights[z] times its part.
	Split(weights []Units) []Units
}

// uncertain is an attribution whose parts are estimates.
type uncertain interface {
	// Errors are the standard errors of what Split gives.
	Errors(weights []Units) []Units
}

// Attribution is a head's explanation of one row, ready to be carried to any score that the head is part of.
type Attribution struct {
	head  *Head
	parts attribution
}

// Attribute explains a row: a value per column, NaN where it is missing. The error is an ErrMissing where the graph has no way with
// a missing value, an ErrOff where the parts are not the graph's own number.
func (h *Head) Attribute(row []float32) (*Attribution, error) {
	parts, err := h.attribute(row)
	if err != nil {
		return nil, err
	}
	return &Attribution{h, parts}, nil
}

// Margin is the row's margin in log-odds: what the references' moves and the parts sum to, or the log-odds of the probability that
// the graph gives.
func (a *Attribution) Margin() float64 { return a.head.logOdds(a.parts.Margin()) }

// References is the number of references that the row is explained against.
func (a *Attribution) References() int { return len(a.parts.References()) }

// At is one head at work on a row, through a calibration, over a share of the head's interval.
type At struct {
	*Attribution
	Curve Curve
	Share float64 // of the interval that the horizon covers, in (0, 1]
}

// ErrOff says that contributions do not sum to what they explain. Where it comes up there is no explanation and no score.
var ErrOff = errors.New("the contributions do not add up")

// ErrMissing says that a graph gives nothing for a row with a missing value.
var ErrMissing = errors.New("a value is missing, and the model has no way with that: give every input")

// Explain is Product for heads of any method. Each reference is a baseline of its own: the move from it to the person goes
// through calibration and product as in Product, and the baselines and contributions are the means over the references. All
// heads must have as many references as the others, as they have when they share their background rows.
//
// Where a head's margins are probabilities its parts are exact in points; log-odds are then the points times one factor,
// (logit F - logit baseline) / (F - baseline), which Rescaled says. It is an error where the parts miss the score by more than
// 1e-9 in either unit, as they do where a score has no finite log-odds.
func Explain(heads []At) (*Breakdown, error) {
	k := len(heads)
	if k == 0 || k > MaxHazards {
		return nil, fmt.Errorf("a score needs 1 to %d hazards, not %d", MaxHazards, k)
	}
	parts := make([]attribution, k)
	for i, h := range heads {
		if err := checkShare(i, h.Share); err != nil {
			return nil, err
		}
		if parts[i] = h.parts; h.References() != heads[0].References() {
			return nil, fmt.Errorf("head %d has %d references, head 0 has %d: heads of one score share them",
				i, h.References(), heads[0].References())
		}
	}
	b, weights := carry(heads, parts)
	for i, a := range parts {
		fill(&b.Points, &b.LogOdds, a.Split(weights[i]))
		spread := make([]Units, heads[i].head.factors)
		if u, ok := a.(uncertain); ok {
			spread = u.Errors(weights[i])
		}
		fill(&b.PointsErrors, &b.LogOddsErrors, spread)
		b.Rescaled = b.Rescaled || heads[i].head.probability
	}
	b.settleErrors(parts)
	if b.Rescaled {
		b.rescale()
	}
	return b, b.checkSums()
}

// sumTolerance is how far parts may miss their total, in either unit. Where they miss it further there is no explanation.
const sumTolerance = 1e-9

func (b *Breakdown) checkSums() error {
	points, logOdds := b.Baseline-b.Probability, b.BaselineLogOdds-b.TotalLogOdds
	for i := range b.Points {
		for j := range b.Points[i] {
			points += b.Points[i][j]
			logOdds += b.LogOdds[i][j]
		}
	}
	if !(math.Abs(points) <= sumTolerance && math.Abs(logOdds) <= sumTolerance) {
		return fmt.Errorf("%w: they miss the score by %g in probability and %g in log-odds", ErrOff, points, logOdds)
	}
	return nil
}

// carry moves every head from each reference to the person, and says what one unit of margin is worth on each way.
func carry(heads []At, parts []attribution) (*Breakdown, [][]Units) {
	k, rows := len(heads), len(parts[0].References())
	references, weights := make([][]float64, k), make([][]Units, k)
	for i, a := range parts {
		references[i], weights[i] = a.References(), make([]Units, rows)
	}
	b := new(Breakdown)
	moves, worths := make([]move, k), make([]Units, k)
	share := 1 / float64(rows)
	for z := range rows {
		from, to := 0.0, 0.0
		for i, h := range heads {
			moves[i] = h.move(references[i][z], parts[i].Margin())
			from, to = from+moves[i].from, to+moves[i].to
		}
		before, after := unitsOf(from), unitsOf(to)
		b.Baseline += before.Points * share
		b.BaselineLogOdds += before.LogOdds * share
		b.Probability, b.TotalLogOdds = after.Points, after.LogOdds
		worthOf(moves, worths)
		for i, worth := range worths {
			weights[i][z] = worth.times(share)
		}
	}
	return b, weights
}

// move is the head's way from a reference; of a head that gives probabilities it is as long as the probabilities differ.
func (h At) move(reference, margin float64) move {
	if !h.head.probability {
		return newMove(h.Curve, h.Share, reference, margin, nearlyStill)
	}
	middle := tarozi.OffCertainty((reference + margin) / 2)
	return newMove(ofProbability{h.Curve}, h.Share, reference, margin, nearlyStill*middle*(1-middle))
}

// ofProbability is a calibration of a probability instead of its log-odds.
type ofProbability struct{ Curve }

func (c ofProbability) LogOdds(p float64) float64 {
	return c.Curve.LogOdds(tarozi.Logit(tarozi.OffCertainty(p)))
}

func (c ofProbability) Slope(p float64) float64 {
	p = tarozi.OffCertainty(p)
	return c.Curve.Slope(tarozi.Logit(p)) / (p * (1 - p))
}

func fill(points, logOdds *[][]float64, parts []Units) {
	p, l := make([]float64, len(parts)), make([]float64, len(parts))
	for j, u := range parts {
		p[j], l[j] = u.Points, u.LogOdds
	}
	*points, *logOdds = append(*points, p), append(*logOdds, l)
}

// settleErrors leaves no errors where every head is exact.
func (b *Breakdown) settleErrors(parts []attribution) {
	for _, a := range parts {
		if _, ok := a.(uncertain); ok {
			return
		}
	}
	b.PointsErrors, b.LogOddsErrors = nil, nil
}

// rescale makes the log-odds follow the points.
func (b *Breakdown) rescale() {
	b.BaselineLogOdds = tarozi.Logit(b.Baseline)
	scale := (b.TotalLogOdds - b.BaselineLogOdds) / (b.Probability - b.Baseline)
	middle := (b.Probability + b.Baseline) / 2
	if math.Abs(b.Probability-b.Baseline) < nearlyStill*middle*(1-middle) {
		scale = 1 / (middle * (1 - middle))
	}
	follow := func(to, from [][]float64) {
		for i := range to {
			for j := range to[i] {
				to[i][j] = scale * from[i][j]
			}
		}
	}
	follow(b.LogOdds, b.Points)
	follow(b.LogOddsErrors, b.PointsErrors)
}
