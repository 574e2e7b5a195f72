package scoring

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
)

// effect is what a factor adds to a score over all of its heads, in both units, with the standard errors of an estimate.
type effect struct {
	explain.Units
	err  explain.Units
	used bool // a head of the score reads it
}

// workspace is what the scores of one reading are explained in, one after the other.
type workspace struct {
	effects []effect // by factor
	order   []place
}

// place is where a factor's effect stands among the others.
type place struct {
	size   float64 // of the points, without their sign
	factor int
}

func newWorkspace(m *Model) *workspace {
	return &workspace{effects: make([]effect, len(m.factors)), order: make([]place, 0, len(m.factors))}
}

// fewParts is up to how many heads a sum takes no memory of its own to be explained.
const fewParts = 4

// effects writes what each factor adds to a planned score and gives what the score comes to; rescaled says that log-odds follow the
// points.
func (m *Model) effects(p *planned, answers []*answer, w *workspace) (totals explain.Totals, rescaled bool, err error) {
	list := w.effects
	clear(list)
	if m.heads[p.parts[0].head] == nil {
		totals, err = m.addTerms(p, answers, list)
		return totals, false, err
	}
	at := make([]explain.At, len(p.parts))
	for i, part := range p.parts {
		at[i] = explain.At{Attribution: answers[part.head].attribution, Curve: &m.Heads[part.head].Calibration, Share: part.share}
	}
	parts, err := explain.Explain(at)
	if err != nil {
		return totals, false, err
	}
	for i, part := range p.parts {
		for j, factor := range m.terms[part.head] {
			if factor == unread {
				continue
			}
			e := &list[factor]
			e.used = true
			e.Points += parts.Points[i][j]
			e.LogOdds += parts.LogOdds[i][j]
			if parts.PointsErrors != nil { // heads draw from different seeds, so that their errors are independent
				e.err.Points = math.Hypot(e.err.Points, parts.PointsErrors[i][j])
				e.err.LogOdds = math.Hypot(e.err.LogOdds, parts.LogOddsErrors[i][j])
			}
		}
	}
	return parts.Totals, parts.Rescaled, nil
}

// addTerms is effects for heads that give terms: each term less its mean takes its part of its head's move.
func (m *Model) addTerms(p *planned, answers []*answer, list []effect) (explain.Totals, error) {
	var stepRoom [fewParts]explain.Step
	var worthRoom [fewParts]explain.Units
	steps, worths := stepRoom[:0], worthRoom[:]
	if len(p.parts) > fewParts {
		worths = make([]explain.Units, len(p.parts))
	}
	for _, part := range p.parts {
		h := m.Heads[part.head]
		steps = append(steps, explain.Step{Reference: h.ReferenceMargin(), Margin: answers[part.head].margin, Curve: &h.Calibration, Share: part.share})
	}
	totals, err := explain.Carry(steps, worths[:len(steps)])
	if err != nil {
		return totals, err
	}
	for i, part := range p.parts {
		reference, worth := m.Heads[part.head].Reference, worths[i]
		for j, t := range answers[part.head].terms {
			factor := m.terms[part.head][j]
			e := &list[factor]
			e.used = true
			t -= reference[j]
			e.Points += t * worth.Points
			e.LogOdds += t * worth.LogOdds
		}
	}
	return totals, nil
}

// contributions are the rows of an answer, largest effect first; described says of each factor what it is in this person's case.
func (w *workspace) contributions(described []tarozi.Contribution) []tarozi.Contribution {
	w.order = w.order[:0]
	for factor := range w.effects {
		if e := &w.effects[factor]; e.used {
			w.order = append(w.order, place{math.Abs(e.Points), factor})
		}
	}
	slices.SortFunc(w.order, func(a, b place) int {
		switch {
		case a.size > b.size:
			return -1
		case a.size < b.size:
			return 1
		default:
			return a.factor - b.factor
		}
	})
	list := make([]tarozi.Contribution, len(w.order))
	for i, at := range w.order {
		c, e := &list[i], &w.effects[at.factor]
		*c = described[at.factor]
		c.Points, c.LogOdds, c.Direction = e.Points, e.LogOdds, tarozi.DirectionOf(e.Points)
		c.PointsError, c.LogOddsError = e.err.Points, e.err.LogOdds
	}
	return list
}
