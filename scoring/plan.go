package scoring

import (
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// planned is one score to give: the heads whose product it is, with the share of each head's interval that it covers.
type planned struct {
	outcome tarozi.OutcomeKind
	horizon *int // months from the as-of date; nil: while supervised
	parts   []part
	card    *model.ScoreCard // bands and samples; of the longest landmark passed
	// stretch is the card's horizon over the planned one: above 1 where the horizon was shortened to what the heads know.
	stretch float64
}

type part struct {
	head  int
	share float64
}

// plan chooses the scores for a person months into supervision, and says what cannot be scored.
func plan(b *Model, in *Inputs) (scores []planned, warnings []tarozi.Warning) {
	for _, outcome := range outcomes(b.Card, in.Purpose) {
		if outcome == tarozi.Recidivism && len(in.NewArrests) > 0 {
			warnings = append(warnings, tarozi.Warning{Code: tarozi.WarnNewArrest, Outcome: outcome, Count: len(in.NewArrests)})
			continue
		}
		found, warning := planOutcome(b, outcome, in.Months)
		if warning != nil {
			warnings = append(warnings, *warning)
		}
		scores = append(scores, found...)
	}
	for i := range scores {
		scores[i].card = in.Served(scores[i].card)
	}
	return scores, warnings
}

// outcomes lists the card's outcomes for a purpose in the order of its heads.
func outcomes(card *model.Card, purpose tarozi.Purpose) []tarozi.OutcomeKind {
	var list []tarozi.OutcomeKind
	for _, h := range card.Heads {
		if h.For(purpose) && !slices.Contains(list, h.Outcome) {
			list = append(list, h.Outcome)
		}
	}
	return list
}

// readBy tells for each input of the card whether a planned score depends on it: what a person in prison lacks of a bracelet's
// record is no gap.
func readBy(b *Model, plans []planned) []bool {
	read := make([]bool, len(b.Card.Inputs))
	for _, p := range plans {
		for _, part := range p.parts {
			for _, at := range b.terms[part.head] {
				if at == unread {
					continue
				}
				for _, input := range b.factors[at].inputs {
					read[input] = true
				}
			}
		}
	}
	return read
}

func planOutcome(b *Model, outcome tarozi.OutcomeKind, months int) (scores []planned, warning *tarozi.Warning) {
	if i := slices.IndexFunc(b.Heads, func(h *model.Head) bool { return h.Outcome == outcome && h.ToMonths == nil }); i >= 0 {
		return []planned{{outcome: outcome, parts: []part{{i, 1}}, card: b.Card.ScoreAt(outcome, nil, months), stretch: 1}}, nil
	}
	from, known := months, 0
	for _, h := range b.Heads {
		if h.Outcome == outcome {
			known = max(known, *h.ToMonths)
			if h.Since == model.SinceAsOf {
				from = 0
			}
		}
	}
	left := known - from
	if left <= 0 {
		return nil, &tarozi.Warning{Code: tarozi.WarnOutsideModel, Outcome: outcome, Count: known}
	}
	for _, horizon := range horizons(b.Card, outcome) {
		if horizon <= left {
			scores = append(scores, window(b, outcome, from, horizon, horizon, months))
		}
	}
	if len(scores) == 0 {
		shortest := horizons(b.Card, outcome)[0]
		scores = append(scores, window(b, outcome, from, left, shortest, months))
		warning = &tarozi.Warning{Code: tarozi.WarnHorizonShortened, Outcome: outcome, Horizon: left, Count: shortest}
	}
	return scores, warning
}

// horizons lists the horizons that the card serves for an outcome, shortest first.
func horizons(card *model.Card, outcome tarozi.OutcomeKind) []int {
	var list []int
	for _, s := range card.Scores {
		if s.Outcome == outcome && s.HorizonMonths != nil && !slices.Contains(list, *s.HorizonMonths) {
			list = append(list, *s.HorizonMonths)
		}
	}
	slices.Sort(list)
	return list
}

// window covers the months from..from+horizon with heads. The hazard within a head's interval is constant, so a head that is
// covered in part counts with its share.
func window(b *Model, outcome tarozi.OutcomeKind, from, horizon, nominal, months int) planned {
	p := planned{outcome: outcome, horizon: &horizon, card: b.Card.ScoreAt(outcome, &nominal, months),
		stretch: float64(nominal) / float64(horizon)}
	for i, h := range b.Heads {
		if h.Outcome != outcome {
			continue
		}
		if covered := min(*h.ToMonths, from+horizon) - max(h.FromMonths, from); covered > 0 {
			p.parts = append(p.parts, part{i, float64(covered) / float64(*h.ToMonths-h.FromMonths)})
		}
	}
	return p
}

// nominal is the probability that p over the planned horizon would be over the card's, at the same constant hazard: what the
// cuts between bands are held against where a horizon was shortened.
func (p *planned) nominal(probability float64) float64 {
	if p.stretch == 1 {
		return probability
	}
	return -math.Expm1(p.stretch * math.Log1p(-probability))
}
