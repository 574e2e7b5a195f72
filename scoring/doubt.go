package scoring

import (
	"fmt"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Alternative is what a model reads otherwise if some disputed records are counted as they stood before they were disputed.
type Alternative struct {
	Records []tarozi.Evidence `json:"records"`
	Values  []InputValue      `json:"values"` // those that differ, in the order of the card's inputs
}

// mostCombined is how many disputed records are counted and left out in every combination. Of more, all of them, each alone and all
// but each are tried.
const mostCombined = 6

// alternatives are the other readings of a history with disputed records: none where nothing is disputed, or nothing that is read
// depends on it. Fewer records come first.
func alternatives(card *model.Card, h *tarozi.CaseHistory, m features.Moment, values []InputValue) ([]Alternative, error) {
	var list []Alternative
	for _, records := range combinations(features.Disputed(h, m)) {
		standing := features.Standing(h, records)
		if features.ValidateFacts(standing) != nil {
			continue // it contradicts another statement of the same day, so that it could not stand beside it
		}
		x, err := features.Extract(standing, m)
		if err != nil {
			return nil, fmt.Errorf("reading the history with its disputed records: %w", err)
		}
		other := Alternative{Records: records}
		for i, input := range card.Inputs {
			at, _ := features.Index(input.Feature) // read has looked it up
			e := &x.Entries[at]
			if e.Value == values[i].Value || input.Required && e.Missing != "" {
				continue
			}
			other.Values = append(other.Values, valueOf(input.Feature, e))
		}
		same := func(a Alternative) bool {
			return slices.EqualFunc(a.Values, other.Values, func(v, w InputValue) bool { return v.Feature == w.Feature && v.Value == w.Value })
		}
		if len(other.Values) > 0 && !slices.ContainsFunc(list, same) {
			list = append(list, other)
		}
	}
	return list, nil
}

// combinations are the sets of records to count, without the empty one; smaller sets first.
func combinations(records []tarozi.Evidence) [][]tarozi.Evidence {
	var list [][]tarozi.Evidence
	n := len(records)
	if n > mostCombined {
		for i := range records {
			list = append(list, records[i:i+1])
		}
		for i := range records {
			list = append(list, slices.Concat(records[:i], records[i+1:]))
		}
		return append(list, records)
	}
	for set := 1; set < 1<<n; set++ {
		var chosen []tarozi.Evidence
		for i, record := range records {
			if set>>i&1 == 1 {
				chosen = append(chosen, record)
			}
		}
		list = append(list, chosen)
	}
	slices.SortStableFunc(list, func(a, b []tarozi.Evidence) int { return len(a) - len(b) })
	return list
}

// reading is one way to read the history, with what the model says of it.
type reading struct {
	in        *Inputs
	kept      []string              // features whose disputed value stays
	row       []float32             // of columns
	answers   []*answer             // by head; nil: not asked yet
	described []tarozi.Contribution // nil: not needed yet
	work      *workspace
}

// readings are the inputs as they are, then with each alternative.
func readings(b *Model, in *Inputs) []reading {
	list := []reading{{in: in}}
	for _, other := range in.Disputed {
		own, r := *in, reading{}
		own.Values, own.Disputed = slices.Clone(in.Values), nil
		for _, v := range other.Values {
			if at, ok := b.Card.Input(v.Feature); ok && at < len(own.Values) {
				own.Values[at] = v
				r.kept = append(r.kept, v.Feature)
			}
		}
		r.in = &own
		list = append(list, r)
	}
	for i := range list {
		r := &list[i]
		r.row, r.answers = b.Card.Row(r.in.row(b.Card)), make([]*answer, len(b.Heads))
	}
	return list
}

// settled is a planned score of the reading that makes it lowest; of readings with the same score, the first.
type settled struct {
	reading  *reading
	score    *tarozi.Score
	warnings []tarozi.Warning // of remedies
}

func settle(b *Model, list []reading, p *planned) (*settled, error) {
	lowest, least := &list[0], math.Inf(1)
	for i := range list {
		if len(list) == 1 {
			break
		}
		r := &list[i]
		chance, err := probability(b, p, r.in.Remedies, r.row)
		if err != nil {
			return nil, notRun(b.Card, r.in, err)
		}
		if chance < least {
			lowest, least = r, chance
		}
	}
	s, unapplied, err := lowest.score(b, p)
	if err != nil {
		return nil, err
	}
	return &settled{lowest, s, unapplied}, nil
}

// score explains a planned score of the reading, with the remedies that are on.
func (r *reading) score(b *Model, p *planned) (*tarozi.Score, []tarozi.Warning, error) {
	if r.described == nil {
		r.described, r.work = describe(b, r.in), newWorkspace(b)
	}
	for _, part := range p.parts {
		if r.answers[part.head] != nil {
			continue
		}
		said, err := b.ask(part.head, r.row)
		if err != nil {
			return nil, nil, notRun(b.Card, r.in, err)
		}
		r.answers[part.head] = said
	}
	s, err := score(b, r.described, p, r.answers, r.work)
	if err != nil {
		return nil, nil, err
	}
	unapplied, err := remedied(b, r.in, p, r.answers, s)
	return s, unapplied, err
}

// keptWarnings say which disputed values a score keeps, of those that it depends on.
func (s *settled) keptWarnings(b *Model, p planned) []tarozi.Warning {
	var list []tarozi.Warning
	read := readBy(b, []planned{p})
	for _, feature := range s.reading.kept {
		if at, ok := b.Card.Input(feature); ok && read[at] {
			w := tarozi.Warning{Code: tarozi.WarnDisputedKept, Feature: feature, Outcome: p.outcome}
			if p.horizon != nil {
				w.Horizon = *p.horizon
			}
			list = append(list, w)
		}
	}
	return list
}
