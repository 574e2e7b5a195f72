package scoring

import (
	"fmt"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Outlook says what could bring one score into the next band down. No ways means that none was found. It is what the model
// would say of other values: neither a promise nor a cause.
type Outlook struct {
	Outcome       tarozi.OutcomeKind `json:"outcome"`
	HorizonMonths *int               `json:"horizon_months"` // null: while supervised
	Probability   float64            `json:"probability"`
	Band          tarozi.Band        `json:"band"`
	Next          tarozi.Band        `json:"next,omitzero"` // the band below; left out for the lowest
	Considered    []string           `json:"considered"`    // the features that were moved, alone and two at a time
	Ways          []Way              `json:"ways"`          // single changes first, smaller ones first
}

// Way is one or two changes with the probability that they would give.
type Way struct {
	Changes     []ValueChange `json:"changes"`
	Probability float64       `json:"probability"`
	Band        tarozi.Band   `json:"band"`
}

// ValueChange is a feature's value now and as it would have to be.
type ValueChange struct {
	Feature string       `json:"feature"`
	From    tarozi.Value `json:"from"`
	To      tarozi.Value `json:"to"`
}

// WhatCouldChange looks, for each score that the bundle of this SHA-256 gives the stored inputs, for the smallest changes that
// reach the next band down. It moves the known inputs that a person can change from here on, in the direction that speaks
// for the person and within the range that the model was trained on, to states that a history can be in (features.Ties).
func (a *Assessor) WhatCouldChange(sha256 string, in *Inputs) ([]Outlook, error) {
	m, err := a.Models.bySHA256(sha256)
	if err != nil {
		return nil, err
	}
	if err := scorable(m.Card, in); err != nil {
		return nil, err
	}
	return outlooks(m, in, levers(m.Card, in))
}

func outlooks(m *Model, in *Inputs, move []explain.Lever) ([]Outlook, error) {
	plans, _ := plan(m, in)
	list := make([]Outlook, len(plans))
	var read []reading
	if len(in.Disputed) > 0 {
		read = readings(m, in)
	}
	for i, p := range plans {
		at, moved := in, move
		if read != nil { // the score keeps a disputed value, or does not
			chosen, err := settle(m, read, &p)
			if err != nil {
				return nil, err
			}
			if at = chosen.reading.in; at != in {
				moved = levers(m.Card, at)
			}
		}
		o, err := outlook(m, at, p, moved)
		if err != nil {
			return nil, fmt.Errorf("looking for what could change the %s score: %w", p.outcome, err)
		}
		list[i] = *o
	}
	return list, nil
}

func outlook(m *Model, in *Inputs, p planned, levers []explain.Lever) (*Outlook, error) {
	score := func(values []float64) (float64, error) {
		return probability(m, &p, in.Remedies, columns(m.Card, values))
	}
	present := make([]float64, len(in.Values))
	for i, v := range in.row(m.Card) {
		present[i] = float64(v)
	}
	now, err := score(present)
	if err != nil {
		return nil, err
	}
	o := &Outlook{Outcome: p.outcome, HorizonMonths: p.horizon, Probability: now, Considered: []string{}, Ways: []Way{}}
	for _, l := range levers {
		o.Considered = append(o.Considered, in.Values[l.Input].Feature)
	}
	at := slices.IndexFunc(p.card.Bands, func(b model.BandCut) bool { return b.Band == p.card.BandOf(p.nominal(now)) })
	o.Band = p.card.Bands[at].Band
	if at == 0 {
		return o, nil
	}
	next := p.card.Bands[at-1]
	o.Next = next.Band
	ties := tied(m.Card)
	nominal := func(values []float64) (float64, error) {
		if !possible(ties, present, values) {
			return math.Inf(1), nil
		}
		probability, err := score(values)
		return p.nominal(probability), err
	}
	ways, err := explain.Changes(nominal, present, levers, next.Below)
	if err != nil {
		return nil, err
	}
	for _, w := range ways {
		way := Way{Band: p.card.BandOf(w.Probability)}
		changed := slices.Clone(present)
		for _, c := range w.Changes {
			v := in.Values[c.Input]
			way.Changes = append(way.Changes, ValueChange{v.Feature, v.Value, like(v.Value, c.To)})
			changed[c.Input] = c.To
		}
		if way.Probability, err = score(changed); err != nil {
			return nil, err
		}
		o.Ways = append(o.Ways, way)
	}
	return o, nil
}

// tie is a features.Tie by the places of its inputs.
type tie struct {
	first, second int
	contradict    func(first, second float64) bool
}

// tied lists the ties between the card's inputs.
func tied(card *model.Card) []tie {
	var list []tie
	for _, t := range features.Ties() {
		first, one := card.Input(t.First)
		second, both := card.Input(t.Second)
		if one && both {
			list = append(list, tie{first, second, t.Contradict})
		}
	}
	return list
}

// possible reports whether a history can have the values, as far as they are not the present ones.
func possible(ties []tie, present, values []float64) bool {
	for _, t := range ties {
		a, b := values[t.first], values[t.second]
		changed := a != present[t.first] || b != present[t.second]
		if changed && !math.IsNaN(a) && !math.IsNaN(b) && t.contradict(a, b) {
			return false
		}
	}
	return true
}

// like makes a value of the form that the present one has.
func like(present tarozi.Value, to float64) tarozi.Value {
	if present.Kind() == tarozi.FlagValue {
		return tarozi.Flag(to == 1)
	}
	return tarozi.Number(to)
}

// columns are the graphs' columns of a value for each input.
func columns(card *model.Card, values []float64) []float32 {
	row := make([]float32, len(values))
	for i, v := range values {
		row[i] = float32(v)
	}
	return card.Row(row)
}

// probability is the score alone of a row of columns: the product of hazards without contributions, the remedies that are on included.
func probability(m *Model, p *planned, remedies []RemedyInput, row []float32) (float64, error) {
	logOdds := make([]float64, len(p.parts))
	for i, part := range p.parts {
		margin, err := m.margin(part.head, row)
		if err != nil {
			return 0, err
		}
		logOdds[i] = m.Heads[part.head].Calibration.LogOdds(margin)
	}
	for _, r := range remedies {
		remedy, err := m.remedy(r.ID)
		if err != nil {
			return 0, err
		}
		if next, known := mapped(m, remedy, p.parts, r.Group, logOdds); known {
			logOdds = next
		}
	}
	return -math.Expm1(logSurvival(p.parts, logOdds)), nil
}

// mostSteps bounds the values that one input is tried at: beyond it they are spread over the way evenly.
const mostSteps = 32

// shareStep is the smallest change of a share that is tried.
const shareStep = 0.05

// levers lists what can be moved. Counts that only grow, over a lifetime or since the start, cannot be taken back.
func levers(card *model.Card, in *Inputs) []explain.Lever {
	var list []explain.Lever
	for i, input := range card.Inputs {
		f, known := features.Lookup(input.Feature)
		v := in.Values[i]
		growsOnly := f.Rule == features.RuleLifetime || f.Rule == features.RuleSinceStart
		if !known || !f.Changeable || f.Adverse == 0 || v.Missing != "" || v.Value.Kind() == tarozi.TextValue || growsOnly && f.Adverse > 0 {
			continue
		}
		if to := steps(&f, &input, v.Value.Float()); len(to) > 0 {
			list = append(list, explain.Lever{Input: i, To: to})
		}
	}
	return list
}

// steps are the values from the present one to the end of the trained range that speaks for the person, nearest first.
func steps(f *features.Feature, input *model.Input, from float64) []float64 {
	low, high, step := input.Min, input.Max, 1.0
	switch f.Kind {
	case features.KindFlag:
		low, high = 0, 1
	case features.KindShare:
		step = shareStep
	}
	end := low
	if f.Adverse < 0 {
		end = high
	}
	distance := (end - from) * -float64(f.Adverse)
	if !(distance > 0) {
		return nil
	}
	step *= math.Ceil(distance / step / mostSteps)
	var to []float64
	for i := 1.0; i*step < distance; i++ {
		to = append(to, from-float64(f.Adverse)*i*step)
	}
	return append(to, end)
}
