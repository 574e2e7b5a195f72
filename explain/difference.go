package explain

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// Difference is what moved a score from an earlier assessment of a person to a later one. The shifts' points sum to the change
// of the probability, and their log-odds to the change of the log-odds.
type Difference struct {
	Outcome       tarozi.OutcomeKind `json:"outcome"`
	HorizonMonths *int               `json:"horizon_months"` // null: while supervised
	Before        float64            `json:"before"`         // probability
	After         float64            `json:"after"`
	Points        float64            `json:"points"`   // After less Before
	LogOdds       float64            `json:"log_odds"` // the later log-odds less the earlier ones
	Shifts        []Shift            `json:"shifts"`   // model, then time, then the factors, largest first
}

// Shift is one reason for a difference.
type Shift struct {
	Kind    ShiftKind         `json:"kind"`
	Feature string            `json:"feature,omitzero"`
	With    string            `json:"with,omitzero"` // the second factor of a pair
	Before  *tarozi.Value     `json:"before,omitzero"`
	After   *tarozi.Value     `json:"after,omitzero"`
	Points  float64           `json:"points"`
	LogOdds float64           `json:"log_odds"`
	Added   []tarozi.Evidence `json:"added,omitzero"`   // records behind the later value alone
	Removed []tarozi.Evidence `json:"removed,omitzero"` // records behind the earlier value alone
}

// ShiftKind says what shifted.
type ShiftKind string

// The kinds. ShiftModel is another model or calibration: what it makes of the earlier inputs, less what the earlier one made
// of them. ShiftTime is another baseline of the same model: the person is further into supervision.
const (
	ShiftModel  ShiftKind = "model"
	ShiftTime   ShiftKind = "time"
	ShiftFactor ShiftKind = "factor"
)

// Compare says how a score came from the earlier to the later one, of the same outcome over as many months. Where another model
// gave the later score, between is what that model makes of the earlier inputs; else it is nil.
func Compare(earlier, between, later *tarozi.Score) (*Difference, error) {
	if !earlier.SameKind(later) {
		return nil, errors.New("two scores are compared if they are about the same outcome over as many months")
	}
	d := &Difference{
		Outcome: later.Outcome, HorizonMonths: later.HorizonMonths, Before: earlier.Probability, After: later.Probability,
		Points: later.Probability - earlier.Probability, LogOdds: later.LogOdds - earlier.LogOdds,
	}
	from := earlier
	if between != nil {
		from = between
		d.Shifts = append(d.Shifts, Shift{Kind: ShiftModel,
			Points: between.Probability - earlier.Probability, LogOdds: between.LogOdds - earlier.LogOdds})
	}
	if from.Baseline != later.Baseline || from.BaselineLogOdds != later.BaselineLogOdds {
		d.Shifts = append(d.Shifts, Shift{Kind: ShiftTime,
			Points: later.Baseline - from.Baseline, LogOdds: later.BaselineLogOdds - from.BaselineLogOdds})
	}
	d.Shifts = append(d.Shifts, factorShifts(from, later)...)
	points, logOdds := d.Points, d.LogOdds
	for _, s := range d.Shifts {
		points -= s.Points
		logOdds -= s.LogOdds
	}
	if !(math.Abs(points) <= sumTolerance && math.Abs(logOdds) <= sumTolerance) {
		return nil, fmt.Errorf("the reasons miss the change of the %s score by %g in probability and %g in log-odds", d.Outcome, points, logOdds)
	}
	return d, nil
}

// factorShifts compares the contributions by factor; one that is on one side alone moved from or to nothing. Factors with the
// same value, records and contribution are left out.
func factorShifts(from, to *tarozi.Score) []Shift {
	type factor struct{ feature, with string }
	of := func(c *tarozi.Contribution) factor {
		f := factor{feature: c.Feature}
		if c.With != nil {
			f.with = c.With.Feature
		}
		return f
	}
	before := map[factor]*tarozi.Contribution{}
	for i := range from.Contributions {
		before[of(&from.Contributions[i])] = &from.Contributions[i]
	}
	var shifts []Shift
	nothing := new(tarozi.Contribution)
	for i := range to.Contributions {
		c := &to.Contributions[i]
		f := of(c)
		was, both := before[f]
		if !both {
			was = nothing
		}
		delete(before, f)
		s := shift(f.feature, f.with, was, c)
		if both {
			s.Before = &was.Value
		}
		s.After = &c.Value
		if !both || s.Points != 0 || s.LogOdds != 0 || was.Value != c.Value || s.Added != nil || s.Removed != nil {
			shifts = append(shifts, s)
		}
	}
	for i := range from.Contributions {
		c := &from.Contributions[i]
		if f := of(c); before[f] != nil {
			s := shift(f.feature, f.with, c, nothing)
			s.Before = &c.Value
			shifts = append(shifts, s)
		}
	}
	slices.SortStableFunc(shifts, func(a, b Shift) int { return cmp.Compare(math.Abs(b.Points), math.Abs(a.Points)) })
	return shifts
}

func shift(feature, with string, was, is *tarozi.Contribution) Shift {
	return Shift{
		Kind: ShiftFactor, Feature: feature, With: with, Points: is.Points - was.Points, LogOdds: is.LogOdds - was.LogOdds,
		Added: without(is.Evidence, was.Evidence), Removed: without(was.Evidence, is.Evidence),
	}
}

func without(list, other []tarozi.Evidence) []tarozi.Evidence {
	var rest []tarozi.Evidence
	for _, e := range list {
		if !slices.Contains(other, e) {
			rest = append(rest, e)
		}
	}
	return rest
}
