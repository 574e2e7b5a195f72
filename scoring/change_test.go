package scoring

import (
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// position is the place of a feature among the card's inputs.
func position(t *testing.T, m *Model, feature string) int {
	t.Helper()
	i, ok := m.Card.Input(feature)
	if !ok {
		t.Fatalf("the shipped card has no input %s", feature)
	}
	return i
}

// The search itself, with levers that a test may pull: each way is scored again as a whole assessment would score it.
func TestWaysAreWhatTheModelSays(t *testing.T) {
	a := assessor(t)
	m, in := shippedDefault(t, a.Models), storedInputs(t, a.Models)
	felonies, property := position(t, m, "prior_arrests_felony"), position(t, m, "prior_arrests_property")
	count := func(i int) explain.Lever {
		l := explain.Lever{Input: i}
		for v := in.Values[i].Value.Float() - 1; v >= 0; v-- {
			l.To = append(l.To, v)
		}
		return l
	}
	list, err := outlooks(m, in, []explain.Lever{count(felonies), count(property)})
	if err != nil {
		t.Fatal(err)
	}
	scored, err := Evaluate(m, in)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i, o := range list {
		now := scored.Scores[i]
		if math.Abs(o.Probability-now.Probability) > 1e-9 || o.Band != now.Band {
			t.Errorf("%s: looks from %v (%s), the score is %v (%s)", o.Outcome, o.Probability, o.Band, now.Probability, now.Band)
		}
		for _, w := range o.Ways {
			found++
			other := *in
			other.Values = slices.Clone(in.Values)
			for _, c := range w.Changes {
				other.Values[position(t, m, c.Feature)].Value = c.To
			}
			then, err := Evaluate(m, &other)
			if err != nil {
				t.Fatal(err)
			}
			if s := then.Scores[i]; math.Abs(s.Probability-w.Probability) > 1e-9 || s.Band != w.Band || s.Band != o.Next {
				t.Errorf("%+v: an assessment gives %v (%s)", w, s.Probability, s.Band)
			}
		}
	}
	if found == 0 {
		t.Error("no way was found with a felony record to take away: the test shows nothing")
	}
}

// The shipped model reads nothing that a person can change from here on, and the answer says so.
func TestNothingToChangeIsSaid(t *testing.T) {
	a := assessor(t)
	in := storedInputs(t, a.Models)
	list, err := a.WhatCouldChange(shippedDefault(t, a.Models).SHA256, in)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatal("no score")
	}
	for _, o := range list {
		if len(o.Ways) != 0 || len(o.Considered) != 0 {
			t.Errorf("%s: moved %v and found %+v", o.Outcome, o.Considered, o.Ways)
		}
	}
	if _, err := a.WhatCouldChange("of no bundle", in); tarozi.CodeOf(err) != tarozi.NotFound {
		t.Errorf("an unknown bundle gives %v", err)
	}
}

func TestLevers(t *testing.T) {
	input := func(feature string, least, most float64) model.Input {
		return model.Input{Feature: feature, Min: least, Max: most}
	}
	for _, c := range []struct {
		name  string
		input model.Input
		value tarozi.Value
		want  []float64
	}{
		{"missed contacts go down", input("contacts_missed_90d", 0, 6), tarozi.Number(3), []float64{2, 1, 0}},
		{"not below the trained range", input("contacts_missed_90d", 1, 6), tarozi.Number(3), []float64{2, 1}},
		{"a job can be found", input("employed_now", 0, 1), tarozi.Flag(false), []float64{1}},
		{"a job is not given up", input("employed_now", 0, 1), tarozi.Flag(true), nil},
		{"attendance goes up", input("programme_attendance_share_180d", 0, 1), tarozi.Number(0.9), []float64{0.95, 1}},
		{"what is unknown stays so", input("contacts_missed_90d", 0, 6), tarozi.Value{}, nil},
		{"an arrest cannot be taken back", input("arrests_since_start", 0, 6), tarozi.Number(3), nil},
		{"nor can the record", input("prior_arrests_felony", 0, 10), tarozi.Number(3), nil},
		{"a long way in 32 steps", input("days_since_last_contact", 0, 64), tarozi.Number(64), evens(62)},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := InputValue{Feature: c.input.Feature, Value: c.value}
			if c.value.IsZero() {
				v.Missing = tarozi.NoRecord
			}
			list := levers(&model.Card{Inputs: []model.Input{c.input}}, &Inputs{Values: []InputValue{v}})
			if c.want == nil {
				if len(list) != 0 {
					t.Fatalf("it is moved to %v", list[0].To)
				}
				return
			}
			if len(list) != 1 || !slices.EqualFunc(list[0].To, c.want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
				t.Errorf("it is moved to %v, want %v", list, c.want)
			}
		})
	}
}

// evens counts down to 0 by two.
func evens(from int) []float64 {
	var list []float64
	for v := from; v >= 0; v -= 2 {
		list = append(list, float64(v))
	}
	return list
}

// A way leads to values that a history can have: a violation in the last 90 days is one in the last year too.
func TestWaysArePossible(t *testing.T) {
	a := assessor(t)
	m, err := a.Models.ByID("monitoring-demo")
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]tarozi.Value{"age_now": tarozi.Number(24), "drug_tests_positive_180d": tarozi.Number(1), "violations_90d": tarozi.Number(1),
		"violations_365d": tarozi.Number(1), "contacts_missed_90d": tarozi.Number(2), "contact_attendance_share_180d": tarozi.Number(0.5),
		"employed_now": tarozi.Flag(false), "employed_share_365d": tarozi.Number(0.1), "moves_365d": tarozi.Number(0),
		"moves_without_permission_365d": tarozi.Number(0)}
	in := &Inputs{Purpose: tarozi.PurposeSupervision, Start: tarozi.Date{Year: 2026, Month: 1, Day: 1}, Months: 6}
	for _, input := range m.Card.Inputs {
		v := InputValue{Feature: input.Feature, Value: values[input.Feature]}
		if v.Value.IsZero() {
			v.Missing = tarozi.NoRecord
		}
		in.Values = append(in.Values, v)
	}
	list, err := outlooks(m, in, levers(m.Card, in))
	if err != nil {
		t.Fatal(err)
	}
	number := func(values map[string]tarozi.Value, feature string) float64 { return values[feature].Float() }
	found := 0
	for _, o := range list {
		for _, w := range o.Ways {
			found++
			after := maps.Clone(values)
			for _, c := range w.Changes {
				after[c.Feature] = c.To
			}
			if number(after, "violations_90d") > number(after, "violations_365d") ||
				number(after, "moves_without_permission_365d") > number(after, "moves_365d") ||
				number(after, "contacts_missed_90d") > 0 && number(after, "contact_attendance_share_180d") >= 1 ||
				number(after, "employed_now") == 0 && number(after, "employed_share_365d") >= 1 {
				t.Errorf("%+v is nothing that can be", w.Changes)
			}
		}
	}
	if found == 0 {
		t.Error("no way was found: the test shows nothing")
	}
}
