package fairness

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Outcome of a verdict.
const (
	Pass                 = "pass"
	Fail                 = "fail"
	InsufficientEvidence = "insufficient_evidence"
)

// minLogShare is the share of replicates in which the log ratio must exist for its spread to be trusted.
const minLogShare = 0.95

// Verdict is the outcome of testing a ratio against the tolerance.
//
// Pass needs equivalence within the tolerance to be shown, Fail needs the ratio to be shown outside; both after Holm's
// correction over all comparisons of the frame that get a verdict. Everything else, undefined and hidden values
// included, is insufficient evidence.
type Verdict struct {
	Verdict string `json:"verdict"`
	// PEquivalent is the larger p-value of two one-sided tests that the ratio lies below TauLow or above TauHigh
	// (Schuirmann 1987), POutside that of the tests that it lies inside; both adjusted, nil where there was no test.
	PEquivalent *float64 `json:"p_equivalent"`
	POutside    *float64 `json:"p_outside"`
	// WithinTolerance compares the estimate alone with the tolerance, inclusively, as Aequitas does; nil if undefined.
	WithinTolerance *bool  `json:"within_tolerance"`
	Reason          Reason `json:"reason"`
}

// test makes the unadjusted verdict of the ratio of two figures, or nil where the metric gets none. Intersections get none:
// their many small comparisons would take the power from those that were asked for. A rate of exactly 0 or 1 comes out the
// same in every replicate, of ten people as of ten thousand; its spread is not 0 but unknown, so there is no test.
func (b *builder) test(s *groupSet, m Metric, threshold *float64, ratio Estimate, place int, figures [2]int, buffer []float64) *Verdict {
	if threshold == nil || len(s.of) != 1 || !slices.Contains(b.o.VerdictMetrics, m) {
		return nil
	}
	v := &Verdict{Verdict: InsufficientEvidence, Reason: ratio.Reason}
	if !ratio.Defined() {
		return v
	}
	inside := ratio.Value >= b.o.TauLow && ratio.Value <= b.o.TauHigh
	v.WithinTolerance = &inside
	sd, share := b.replicates.logSpread(place, buffer)
	if share < minLogShare || ratio.Value <= 0 {
		v.Reason = TooFewReplicates
		return v
	}
	if b.replicates.still(place) || b.replicates.still(figures[0]) || b.replicates.still(figures[1]) {
		v.Reason = NoSpread
		return v
	}
	equivalent, outside := equivalence(math.Log(ratio.Value), sd, math.Log(b.o.TauLow), math.Log(b.o.TauHigh))
	v.PEquivalent, v.POutside = &equivalent, &outside
	return v
}

// equivalence tests an estimate with standard error sd against the interval [low, high]: p-values for "equivalent" and
// for "outside".
func equivalence(estimate, sd, low, high float64) (equivalent, outside float64) {
	above := distuv.UnitNormal.Survival((estimate - low) / sd)
	below := distuv.UnitNormal.Survival((high - estimate) / sd)
	equivalent = max(above, below)
	tooLow := distuv.UnitNormal.Survival((low - estimate) / sd)
	tooHigh := distuv.UnitNormal.Survival((estimate - high) / sd)
	// Outside is either side: Bonferroni over the two.
	return equivalent, min(1, 2*min(tooLow, tooHigh))
}

// judge adjusts the p-values of all verdicts together and settles them.
func (b *builder) judge(f *Frame) {
	var tested []*Verdict
	var equivalent, outside []float64
	for i := range f.Comparisons {
		if v := f.Comparisons[i].Verdict; v != nil && v.PEquivalent != nil {
			tested = append(tested, v)
			equivalent, outside = append(equivalent, *v.PEquivalent), append(outside, *v.POutside)
		}
	}
	equivalent, outside = Holm(equivalent), Holm(outside)
	for k, v := range tested {
		*v.PEquivalent, *v.POutside = equivalent[k], outside[k]
		switch {
		case equivalent[k] <= b.o.Alpha:
			v.Verdict = Pass
		case outside[k] <= b.o.Alpha:
			v.Verdict = Fail
		}
	}
}
