package scoring

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// RemedyAttributes opens one protected attribute of one person, for a remedy that a committee has switched on by its signatures. It is
// the only way from an attribute to a score; features and models cannot reach it.
type RemedyAttributes interface {
	// RemedyAttribute is the stated value, empty where none is stated.
	RemedyAttribute(ctx context.Context, agencyID, personID, name string) (string, error)
}

// RemedyInput is a remedy that was on, with the group that it read. It is stored with the inputs, so that replay needs nobody's
// attributes.
type RemedyInput struct {
	ID        string `json:"id"`
	Attribute string `json:"attribute"`
	Group     string `json:"group"` // empty: not stated
}

// remedies reads what the remedies that are switched on ask for, and nothing where none is.
func (s *Service) remedies(ctx context.Context, d *Deployed, l *Levers, agencyID, personID string) ([]RemedyInput, error) {
	var list []RemedyInput
	for _, id := range l.Remedies {
		remedy := d.Card.Remedy(id)
		if remedy == nil {
			return nil, tarozi.Errorf(tarozi.Internal, "the remedy %s that is switched on is not on the card of model %s; no score was given", id, d.ModelID)
		}
		group, err := s.Store.RemedyAttribute(ctx, agencyID, personID, remedy.Attribute)
		if err != nil {
			return nil, fmt.Errorf("reading what the remedy %s depends on: %w", id, err)
		}
		list = append(list, RemedyInput{ID: id, Attribute: remedy.Attribute, Group: group})
	}
	return list, nil
}

// remedied adds the remedies as steps after the model: each maps the calibrated log-odds of the score's heads by the group's curve, and
// what that does to the score is one contribution of its own, in both units. The other contributions stay what the model says. The
// sample of the card is of the score without remedies, so what happened to people with similar scores is not known and left out. A
// remedy whose group is not stated, or which the card has no curve for, does nothing and is warned of.
func remedied(b *Model, in *Inputs, p *planned, answers []*answer, s *tarozi.Score) (warnings []tarozi.Warning, err error) {
	logOdds := make([]float64, len(p.parts))
	for i, part := range p.parts {
		logOdds[i] = b.Heads[part.head].Calibration.LogOdds(answers[part.head].margin)
	}
	for _, r := range in.Remedies {
		remedy, err := b.remedy(r.ID)
		if err != nil {
			return nil, err
		}
		next, known := mapped(b, remedy, p.parts, r.Group, logOdds)
		if !known {
			warnings = append(warnings, tarozi.Warning{Code: tarozi.WarnRemedyNotApplied, Group: r.Attribute})
			continue
		}
		logOdds = next
		survival := logSurvival(p.parts, logOdds)
		probability := -math.Expm1(survival)
		c := tarozi.Contribution{Feature: r.ID, Remedy: r.Attribute, Value: tarozi.Category(r.Group), Evidence: []tarozi.Evidence{},
			Points: probability - s.Probability, LogOdds: math.Log(probability) - survival - s.LogOdds}
		c.Direction = tarozi.DirectionOf(c.Points)
		s.Contributions = append(s.Contributions, c)
		s.Probability += c.Points
		s.LogOdds += c.LogOdds
		if !(math.Abs(tarozi.Sigmoid(s.LogOdds)-s.Probability) <= sumTolerance) {
			return nil, tarozi.Wrap(tarozi.Internal, explain.ErrOff, fmt.Sprintf("the remedy %s does not add up; no score was given", r.ID))
		}
		nominal := p.nominal(s.Probability)
		s.Band, s.Percentile, s.ObservedRange = p.card.BandOf(nominal), p.card.Percentile(nominal), nil
	}
	return warnings, nil
}

// remedy is the card's remedy of an id that was switched on.
func (m *Model) remedy(id string) (*model.Remedy, error) {
	remedy := m.Card.Remedy(id)
	if remedy == nil {
		return nil, tarozi.Errorf(tarozi.Internal, "the remedy %s is not on the card of model %s; no score was given", id, m.Card.ID)
	}
	return remedy, nil
}

// mapped are the calibrated log-odds of a score's heads after the group's curves; false where a head has no curve for the group.
func mapped(m *Model, remedy *model.Remedy, parts []part, group string, logOdds []float64) ([]float64, bool) {
	next := make([]float64, len(parts))
	for i, part := range parts {
		var known bool
		if next[i], known = remedy.LogOdds(m.Heads[part.head].ID, group, logOdds[i]); !known {
			return nil, false
		}
	}
	return next, true
}

// logSurvival is the logarithm of the probability that none of the heads' outcomes comes, from each head's calibrated log-odds.
func logSurvival(parts []part, logOdds []float64) float64 {
	sum := 0.0
	for i, part := range parts {
		sum += part.share * tarozi.LogSigmoid(-logOdds[i])
	}
	return sum
}

// mended reports whether a warning is about groups of an attribute that a remedy of the score has taken in: its figures are those of
// the score without it.
func mended(s *tarozi.Score, w tarozi.Warning) bool {
	attribute, _, _ := strings.Cut(w.Group, "=")
	return attribute != "" && slices.ContainsFunc(s.Contributions, func(c tarozi.Contribution) bool { return c.Remedy == attribute })
}
