package scoring

import (
	"math"
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
)

// A remedy is one row after the model: the others stay, everything adds up, replay gives it again, and without it nothing changes.
func TestRemedyIsOneRowAfterTheModel(t *testing.T) {
	a := assessor(t)
	m, err := a.Models.ByID(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	remedy := m.Card.Remedies[0]
	made := func(given Conditions) *Record {
		t.Helper()
		r, err := a.assess(request(t, "2026-11-01", nil), m, given)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	plain := made(Conditions{})
	for _, group := range []string{"female", "male"} {
		t.Run(group, func(t *testing.T) {
			r := made(Conditions{Remedies: []RemedyInput{{ID: remedy.ID, Attribute: remedy.Attribute, Group: group}}})
			for i, s := range r.Assessment.Scores {
				blind := plain.Assessment.Scores[i]
				last := s.Contributions[len(s.Contributions)-1]
				if last.Remedy != "sex" || last.Feature != remedy.ID || len(s.Contributions) != len(blind.Contributions)+1 {
					t.Fatalf("the last row is %+v", last)
				}
				points, logOdds := s.Baseline, s.BaselineLogOdds
				for j, c := range s.Contributions {
					points, logOdds = points+c.Points, logOdds+c.LogOdds
					if j < len(blind.Contributions) && (c.Points != blind.Contributions[j].Points || c.LogOdds != blind.Contributions[j].LogOdds) {
						t.Errorf("%s: the remedy changed the row of %s", s.Outcome, c.Feature)
					}
				}
				if math.Abs(points-s.Probability) > 1e-9 || math.Abs(logOdds-s.LogOdds) > 1e-9 || math.Abs(tarozi.Sigmoid(s.LogOdds)-s.Probability) > 1e-9 {
					t.Errorf("%s: rows sum to %v and %v, the score is %v and %v", s.Outcome, points, logOdds, s.Probability, s.LogOdds)
				}
				if group == "female" && s.Probability >= blind.Probability {
					t.Errorf("%s: %v for women, %v blind: the card's figures over-predict them", s.Outcome, s.Probability, blind.Probability)
				}
				// A whole single head by hand: the group's curve of the calibrated log-odds.
				if s.HorizonMonths == nil {
					want := tarozi.Sigmoid(remedy.Heads["violation"][group].LogOdds(blind.LogOdds))
					if math.Abs(want-s.Probability) > 1e-12 {
						t.Errorf("violation is %v, by hand %v", s.Probability, want)
					}
				}
			}
			if slices.ContainsFunc(r.Assessment.Warnings, func(w tarozi.Warning) bool { return w.Group == "sex=female" }) {
				t.Error("a warning about women speaks of the score without the remedy")
			}
			replay, err := a.Replay(r)
			if err != nil || !replay.Same || replay.Extraction != "same" {
				t.Errorf("replay %+v (%v)", replay, err)
			}
		})
	}
	t.Run("not stated", func(t *testing.T) {
		r := made(Conditions{Remedies: []RemedyInput{{ID: remedy.ID, Attribute: remedy.Attribute}}})
		for i, s := range r.Assessment.Scores {
			if s.Probability != plain.Assessment.Scores[i].Probability {
				t.Errorf("%s is %v, blind %v", s.Outcome, s.Probability, plain.Assessment.Scores[i].Probability)
			}
		}
		if !slices.Contains(r.Assessment.Warnings, tarozi.Warning{Code: tarozi.WarnRemedyNotApplied, Group: "sex"}) {
			t.Errorf("warnings %+v", r.Assessment.Warnings)
		}
	})
}

// What could change a score, and what differs from last time, speak of the score as it stands: with its remedies.
func TestReasonsTakeRemediesIn(t *testing.T) {
	a := assessor(t)
	m, in := shippedDefault(t, a.Models), storedInputs(t, a.Models)
	remedy := m.Card.Remedies[0]
	in.Remedies = []RemedyInput{{ID: remedy.ID, Attribute: remedy.Attribute, Group: "female"}}
	scored, err := Evaluate(m, in)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("what could change", func(t *testing.T) {
		list, err := outlooks(m, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range list {
			if now := scored.Scores[i]; math.Abs(o.Probability-now.Probability) > 1e-12 || o.Band != now.Band {
				t.Errorf("%s: looks from %v (%s), the score is %v (%s)", o.Outcome, o.Probability, o.Band, now.Probability, now.Band)
			}
		}
	})
	t.Run("a later model that does not offer the remedy", func(t *testing.T) {
		card := *m.Card
		card.Remedies = nil
		bundle := *m.Bundle
		bundle.Card, bundle.SHA256 = &card, "without the remedy"
		later := mustModel(t, &bundle)
		a.Models.list = append(a.Models.list, later)
		laterIn := *in
		laterIn.Remedies = nil
		e, err := Evaluate(later, &laterIn)
		if err != nil {
			t.Fatal(err)
		}
		list, err := a.Differences(&tarozi.Assessment{Model: reference(m, in), Scores: scored.Scores},
			&tarozi.Assessment{Model: reference(later, &laterIn), Scores: e.Scores}, in)
		if err != nil {
			t.Fatal(err)
		}
		for i, d := range list {
			if want := e.Scores[i].Probability - scored.Scores[i].Probability; len(d.Shifts) != 1 || math.Abs(d.Shifts[0].Points-want) > 1e-12 {
				t.Errorf("%s: %+v, the model alone moved it by %v", d.Outcome, d.Shifts, want)
			}
		}
	})
}
