package scoring

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Evaluation is what a bundle says of Inputs: the part of an assessment that replay compares.
type Evaluation struct {
	Scores   []tarozi.Score   `json:"scores"`
	Missing  []tarozi.Missing `json:"missing"`
	Warnings []tarozi.Warning `json:"warnings"`
}

// sumTolerance is how far the ordered sum of contributions may lie from the score. Where it lies further, there is no score.
const sumTolerance = 1e-9

// Evaluate scores the inputs with the bundle. It is a pure function; replay calls it with what was stored. The error is an
// *tarozi.Error of code NotScorable where the card's required inputs are missing or nothing can be scored, and Internal where
// the contributions do not sum to the score.
func Evaluate(b *model.Bundle, in *Inputs) (*Evaluation, error) {
	if err := scorable(b.Card, in); err != nil {
		return nil, err
	}
	plans, warnings := plan(b, in)
	if len(plans) == 0 {
		return nil, notScorable("", "outside_model", fmt.Sprintf(
			"model %s has no score for a person %d months into supervision with this record", b.Card.ID, in.Months))
	}
	e := &Evaluation{Missing: missing(b.Card, in), Warnings: append(inputWarnings(b.Card, in), warnings...)}
	row := in.row(b.Card)
	outputs := make([]*model.HeadOutput, len(b.Heads))
	for _, p := range plans {
		for _, part := range p.parts {
			if outputs[part.head] != nil {
				continue
			}
			out, err := b.Heads[part.head].Run(row)
			if err != nil {
				return nil, tarozi.Wrap(tarozi.Internal, err, "the model could not be run; no score was given")
			}
			outputs[part.head] = &out
		}
		s, err := score(b, in, p, outputs)
		if err != nil {
			return nil, err
		}
		e.Scores = append(e.Scores, *s)
		e.Warnings = append(e.Warnings, scoreWarnings(p, s)...)
	}
	return e, nil
}

// scorable refuses inputs without what the card requires, and people whom nobody supervises.
func scorable(card *model.Card, in *Inputs) error {
	var faults []tarozi.FieldError
	if in.Start.IsZero() {
		faults = append(faults, tarozi.FieldError{Pointer: "/history/supervision", Code: "no_supervision", Message: fmt.Sprintf(
			"nobody supervises the person on %s and no release is planned: give the period of supervision, or the planned day of release", in.AsOf)})
	}
	for i, input := range card.Inputs {
		if input.Required && in.Values[i].Missing != "" {
			faults = append(faults, tarozi.FieldError{Pointer: "/history/facts", Code: "required_input_missing", Message: fmt.Sprintf(
				"model %s gives no score without %s (%s): send a record or a fact for it", card.ID, input.Feature, in.Values[i].Missing)})
		}
	}
	if faults == nil {
		return nil
	}
	return &tarozi.Error{Code: tarozi.NotScorable, Message: "no score can be given: add what is named", Fields: faults}
}

func notScorable(pointer, code, message string) error {
	return &tarozi.Error{Code: tarozi.NotScorable, Message: message,
		Fields: []tarozi.FieldError{{Pointer: cmp.Or(pointer, "/history"), Code: code, Message: message}}}
}

func missing(card *model.Card, in *Inputs) []tarozi.Missing {
	list := []tarozi.Missing{}
	for i, v := range in.Values {
		if v.Missing != "" {
			list = append(list, tarozi.Missing{Feature: v.Feature, Reason: v.Missing, CountedAs: cmp.Or(card.Inputs[i].MissingAs, "unknown")})
		}
	}
	return list
}

// score gives one planned score with its contributions.
func score(b *model.Bundle, in *Inputs, p planned, outputs []*model.HeadOutput) (*tarozi.Score, error) {
	hazards := make([]explain.Hazard, len(p.parts))
	for i, part := range p.parts {
		h := b.Heads[part.head]
		centred := make([]float64, len(h.Terms))
		for j, t := range outputs[part.head].Terms {
			centred[j] = t - h.Reference[j]
		}
		hazards[i] = explain.Hazard{Terms: centred, Reference: h.ReferenceMargin(), Curve: h.Calibration, Share: part.share}
	}
	parts, err := explain.Product(hazards)
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the score could not be explained; no score was given")
	}
	s := &tarozi.Score{
		Outcome: p.outcome, HorizonMonths: p.horizon, Baseline: parts.Baseline, BaselineLogOdds: parts.BaselineLogOdds,
		Contributions: contributions(b, in, p, parts),
	}
	s.Probability, s.LogOdds = s.Baseline, s.BaselineLogOdds
	for _, c := range s.Contributions {
		s.Probability += c.Points
		s.LogOdds += c.LogOdds
	}
	offPoints, offLogOdds := math.Abs(s.Probability-parts.Probability), math.Abs(s.LogOdds-parts.TotalLogOdds)
	if !(offPoints <= sumTolerance && offLogOdds <= sumTolerance) {
		return nil, tarozi.Errorf(tarozi.Internal,
			"the contributions miss the %s score by %g in probability and %g in log-odds; no score was given", p.outcome, offPoints, offLogOdds)
	}
	describe(s, &p)
	return s, nil
}

// contributions adds up the terms by factor over the heads, largest effect first.
func contributions(b *model.Bundle, in *Inputs, p planned, parts *explain.Breakdown) []tarozi.Contribution {
	var list []tarozi.Contribution
	place := map[string]int{}
	for i, part := range p.parts {
		for j, term := range b.Heads[part.head].Terms {
			key := strings.Join(term.Features, " ")
			at, ok := place[key]
			if !ok {
				at = len(list)
				place[key] = at
				list = append(list, factor(b.Card, in, term))
			}
			list[at].Points += parts.Points[i][j]
			list[at].LogOdds += parts.LogOdds[i][j]
		}
	}
	for i := range list {
		switch {
		case list[i].Points > 0:
			list[i].Direction = tarozi.Raises
		case list[i].Points < 0:
			list[i].Direction = tarozi.Lowers
		default:
			list[i].Direction = tarozi.Neutral
		}
	}
	slices.SortStableFunc(list, func(a, b tarozi.Contribution) int { return cmp.Compare(math.Abs(b.Points), math.Abs(a.Points)) })
	return list
}

// factor is the contribution of a term before its size is known.
func factor(card *model.Card, in *Inputs, term model.Term) tarozi.Contribution {
	var c tarozi.Contribution
	for n, key := range term.Features {
		at, _ := card.Input(key)
		feature, _ := features.Lookup(key)
		v := in.Values[at]
		if n == 0 {
			c.Feature, c.Value, c.Unit = key, v.Value, feature.Unit
		} else {
			c.With = &tarozi.Factor{Feature: key, Value: v.Value, Unit: feature.Unit}
		}
		c.Changeable = c.Changeable || feature.Changeable
		for _, record := range v.Evidence {
			if !slices.Contains(c.Evidence, record) {
				c.Evidence = append(c.Evidence, record)
			}
		}
	}
	c.Evidence = notNil(c.Evidence)
	return c
}

// describe sets what the card's validation sample says about a score.
func describe(s *tarozi.Score, p *planned) {
	nominal := p.nominal(s.Probability)
	s.Band = p.card.BandOf(nominal)
	s.Percentile = p.card.Percentile(nominal)
	if bin, ok := p.card.ObservedAt(s.Probability); ok && p.stretch == 1 {
		observed := bin.Range()
		s.ObservedRange = &observed
	}
}
