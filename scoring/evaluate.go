package scoring

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
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
func Evaluate(b *Model, in *Inputs) (*Evaluation, error) {
	if err := scorable(b.Card, in); err != nil {
		return nil, err
	}
	plans, warnings := plan(b, in)
	if len(plans) == 0 {
		return nil, notScorable("", "outside_model", fmt.Sprintf(
			"model %s has no score for a person %d months into supervision with this record", b.Card.ID, in.Months))
	}
	read := readBy(b, plans)
	e := &Evaluation{Warnings: append(inputWarnings(b.Card, in, read), warnings...)}
	list, unknown := readings(b, in), read
	if len(list) > 1 { // a value that every score keeps that reads it is no gap
		unknown = make([]bool, len(read))
	}
	for _, p := range plans {
		at, err := settle(b, list, &p)
		if err != nil {
			return nil, err
		}
		if len(list) > 1 {
			for i, used := range readBy(b, []planned{p}) {
				unknown[i] = unknown[i] || used && at.reading.in.Values[i].Missing != ""
			}
		}
		e.Scores = append(e.Scores, *at.score)
		for _, w := range at.warnings {
			if !slices.Contains(e.Warnings, w) {
				e.Warnings = append(e.Warnings, w)
			}
		}
		e.Warnings = append(e.Warnings, slices.DeleteFunc(scoreWarnings(p, at.score), func(w tarozi.Warning) bool { return mended(at.score, w) })...)
		e.Warnings = append(e.Warnings, at.keptWarnings(b, p)...)
	}
	e.Missing = missing(b.Card, in, unknown)
	return e, nil
}

// scorable refuses inputs that were not read for the card, inputs without what it requires, and people whom nobody supervises.
func scorable(card *model.Card, in *Inputs) error {
	if !in.readBy(card) {
		return tarozi.Errorf(tarozi.Internal, "the inputs are not those of model %s: the record was changed; no score was given", card.ID)
	}
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

// missing lists the gaps among the inputs that the scores depend on.
func missing(card *model.Card, in *Inputs, read []bool) []tarozi.Missing {
	list := []tarozi.Missing{}
	for i, v := range in.Values {
		if read[i] && v.Missing != "" {
			list = append(list, tarozi.Missing{Feature: v.Feature, Reason: v.Missing, CountedAs: cmp.Or(card.Inputs[i].MissingAs, "unknown")})
		}
	}
	return list
}

// score gives one planned score with its contributions; described says of each factor what it is in this person's case.
func score(b *Model, described []tarozi.Contribution, p *planned, answers []*answer, w *workspace) (*tarozi.Score, error) {
	totals, rescaled, err := b.effects(p, answers, w)
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the score could not be explained; no score was given")
	}
	s := &tarozi.Score{
		Outcome: p.outcome, HorizonMonths: p.horizon, Baseline: totals.Baseline, BaselineLogOdds: totals.BaselineLogOdds,
		Method: string(b.method(p)), Rescaled: rescaled, Contributions: w.contributions(described),
	}
	s.Probability, s.LogOdds = s.Baseline, s.BaselineLogOdds
	for i := range s.Contributions {
		s.Probability += s.Contributions[i].Points
		s.LogOdds += s.Contributions[i].LogOdds
	}
	offPoints, offLogOdds := math.Abs(s.Probability-totals.Probability), math.Abs(s.LogOdds-totals.TotalLogOdds)
	if !(offPoints <= sumTolerance && offLogOdds <= sumTolerance) {
		return nil, tarozi.Wrap(tarozi.Internal, explain.ErrOff, fmt.Sprintf(
			"the contributions miss the %s score by %g in probability and %g in log-odds; no score was given", p.outcome, offPoints, offLogOdds))
	}
	holdAgainstSample(s, p)
	return s, nil
}

// describe says of every factor what it is in this person's case: the same for all scores, which share the records named.
func describe(b *Model, in *Inputs) []tarozi.Contribution {
	list := make([]tarozi.Contribution, len(b.factors))
	for i := range b.factors {
		b.factors[i].describe(&list[i], in)
	}
	return list
}

// describe says what the factor is in this person's case.
func (f *factor) describe(c *tarozi.Contribution, in *Inputs) {
	v := in.Values[f.inputs[0]]
	c.Feature, c.Value, c.Unit, c.Changeable, c.Evidence = v.Feature, v.Value, f.features[0].Unit, f.changeable, v.Evidence
	if len(f.inputs) == 1 {
		return
	}
	with := in.Values[f.inputs[1]]
	c.With = &tarozi.Factor{Feature: with.Feature, Value: with.Value, Unit: f.features[1].Unit}
	c.Evidence = slices.Clone(v.Evidence)
	for _, record := range with.Evidence {
		if !slices.Contains(c.Evidence, record) {
			c.Evidence = append(c.Evidence, record)
		}
	}
}

// holdAgainstSample sets what the card's validation sample says about a score.
func holdAgainstSample(s *tarozi.Score, p *planned) {
	nominal := p.nominal(s.Probability)
	s.Band = p.card.BandOf(nominal)
	s.Percentile = p.card.Percentile(nominal)
	if bin, ok := p.card.ObservedAt(s.Probability); ok && p.stretch == 1 {
		observed := bin.Range()
		s.ObservedRange = &observed
	}
}
