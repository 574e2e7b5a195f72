package scoring

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// kinds are the bundles of model/testdata/bundles, one for each way of explaining. They are made by
// `python -m goldens_explain.bundles` in notebooks/, from made-up rows.
var kinds = map[string]explain.Method{
	"test-logistic": explain.Linear, "test-boosted": explain.Trees, "test-forest": explain.Trees,
	"test-network": explain.Exact, "test-wide-network": explain.Sampled,
}

// kindsFolder is where they are, seen from this package.
const kindsFolder = "../model/testdata/bundles"

// ofKinds gathers the test bundles.
func ofKinds(t testing.TB) *Models {
	t.Helper()
	var bundles []*model.Bundle
	for name := range kinds {
		b, err := model.Load(os.DirFS(filepath.Join(kindsFolder, name)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		bundles = append(bundles, b)
	}
	models, err := NewModels(bundles)
	if err != nil {
		t.Fatal(err)
	}
	return models
}

// expectation is what notebooks/goldens_explain/bundles.py computed from the definition, for one row of values.
type expectation struct {
	Values []*float64
	Scores map[string]struct {
		Baseline, Probability float64
		BaselineLogOdds       float64 `json:"baseline_log_odds"`
		LogOdds               float64 `json:"log_odds"`
		Rescaled              bool
		Contributions         map[string]struct {
			Points  float64
			LogOdds float64 `json:"log_odds"`
		}
	}
}

func expectations(t testing.TB, name string) []expectation {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(kindsFolder, name+".expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Rows []expectation }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	return file.Rows
}

// inputsOf are the inputs of a row of values on the day that supervision begins.
func inputsOf(t testing.TB, card *model.Card, values []*float64) *Inputs {
	t.Helper()
	day, err := tarozi.ParseDate("2026-06-01")
	if err != nil {
		t.Fatal(err)
	}
	in := &Inputs{AsOf: day, Start: day, Zone: "UTC", Purpose: tarozi.PurposeSupervision, NewArrests: []tarozi.Evidence{}}
	for i, input := range card.Inputs {
		v := InputValue{Feature: input.Feature, Evidence: []tarozi.Evidence{}}
		switch {
		case values[i] == nil:
			v.Missing = tarozi.NoRecord
		case len(input.Categories) > 0:
			v.Value = tarozi.Category(input.Categories[int(*values[i])])
		case input.Kind == "flag":
			v.Value = tarozi.Flag(*values[i] == 1)
		default:
			v.Value = tarozi.Number(*values[i])
		}
		in.Values = append(in.Values, v)
	}
	return in
}

// Every kind of model gives the scores and contributions that the definition gives: every coalition of factors through ONNX Runtime,
// through calibration and product of hazards, in both units. They add up to 1e-9, whatever the method.
func TestEveryKindIsServed(t *testing.T) {
	models := ofKinds(t)
	for name, method := range kinds {
		t.Run(name, func(t *testing.T) {
			m, err := models.ByID(name)
			if err != nil {
				t.Fatal(err)
			}
			rows := expectations(t, name)
			if len(rows) == 0 {
				t.Fatal("nothing is expected")
			}
			for n, row := range rows {
				e, err := Evaluate(m, inputsOf(t, m.Card, row.Values))
				if err != nil {
					t.Fatalf("row %d: %v", n, err)
				}
				if len(e.Scores) != len(row.Scores) {
					t.Errorf("row %d: %d scores, want %d", n, len(e.Scores), len(row.Scores))
				}
				for i := range e.Scores {
					s := &e.Scores[i]
					key := fmt.Sprintf("%s %d", s.Outcome, months(s))
					want, ok := row.Scores[key]
					if !ok {
						t.Fatalf("row %d: nothing is expected of %s", n, key)
					}
					if s.Method != string(method) || s.Rescaled != want.Rescaled {
						t.Errorf("row %d, %s: explained by %s, rescaled %t", n, key, s.Method, s.Rescaled)
					}
					points, logOdds := s.Baseline, s.BaselineLogOdds
					for _, c := range s.Contributions {
						points += c.Points
						logOdds += c.LogOdds
						if sampled := c.PointsError != 0; sampled && method != explain.Sampled {
							t.Errorf("row %d, %s: an exact %s has a standard error", n, key, c.Feature)
						}
					}
					if math.Abs(points-s.Probability) > 1e-9 || math.Abs(logOdds-s.LogOdds) > 1e-9 {
						t.Errorf("row %d, %s: the sums are %v and %v, the score is %v and %v", n, key, points, logOdds, s.Probability, s.LogOdds)
					}
					near := func(what string, got, want, tolerance float64) {
						if !(math.Abs(got-want) <= tolerance) {
							t.Errorf("row %d, %s: %s is %v, want %v", n, key, what, got, want)
						}
					}
					// Graphs compute in float32; of a probability near 0 or 1 the log-odds lose digits.
					near("the probability", s.Probability, want.Probability, 1e-6)
					near("its log-odds", s.LogOdds, want.LogOdds, 1e-5)
					near("the baseline", s.Baseline, want.Baseline, 1e-6)
					near("its log-odds", s.BaselineLogOdds, want.BaselineLogOdds, 1e-5)
					for feature, part := range want.Contributions {
						c := contributionOf(s, feature)
						if c == nil && part.Points == 0 {
							continue // a head that never reads it
						}
						if c == nil {
							t.Fatalf("row %d, %s: no contribution of %s", n, key, feature)
						}
						near(feature+" in points", c.Points, part.Points, 2e-6+6*c.PointsError)
						near(feature+" in log-odds", c.LogOdds, part.LogOdds, 2e-5+6*c.LogOddsError)
					}
				}
			}
		})
	}
}

func months(s *tarozi.Score) int {
	if s.HorizonMonths == nil {
		return 0
	}
	return *s.HorizonMonths
}

func contributionOf(s *tarozi.Score, feature string) *tarozi.Contribution {
	for i := range s.Contributions {
		if s.Contributions[i].Feature == feature {
			return &s.Contributions[i]
		}
	}
	return nil
}

// A case history goes all the way for every kind: extracted, scored, stored, replayed bit for bit; what could change it is looked for
// with the same numbers, and what differs from an earlier assessment sums to the change.
func TestEveryKindGoesAllTheWay(t *testing.T) {
	a := &Assessor{Models: ofKinds(t), Zone: time.UTC, Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
	for name := range kinds {
		t.Run(name, func(t *testing.T) {
			m, err := a.Models.ByID(name)
			if err != nil {
				t.Fatal(err)
			}
			records := make([]*Record, 2)
			for i, missed := range []float64{6, 1} {
				r := request(t, "2026-06-01", func(h *tarozi.CaseHistory) {
					at, _ := tarozi.ParseDate("2026-06-01")
					h.Facts = append(h.Facts,
						tarozi.Fact{Feature: "contacts_missed_90d", Value: tarozi.Number(missed), AsOf: at, Status: tarozi.Verified},
						tarozi.Fact{Feature: "employed_now", Value: tarozi.Flag(false), AsOf: at, Status: tarozi.Verified})
				})
				if records[i], err = a.assess(r, m, Conditions{}); err != nil {
					t.Fatal(err)
				}
				replay, err := a.Replay(records[i])
				if err != nil || !replay.Same || replay.Extraction != "same" || *replay.Difference != 0 {
					t.Errorf("replay gives %+v: %v", replay, err)
				}
			}
			in := new(Inputs)
			if err := tarozi.Decode(records[0].Inputs, in); err != nil {
				t.Fatal(err)
			}
			outlooks, err := a.WhatCouldChange(m.SHA256, in)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range outlooks {
				if math.Abs(o.Probability-records[0].Assessment.Scores[i].Probability) > 1e-12 {
					t.Errorf("what could change it starts from %v, the score is %v", o.Probability, records[0].Assessment.Scores[i].Probability)
				}
				if len(o.Considered) < 2 {
					t.Errorf("only %v was considered", o.Considered)
				}
			}
			list, err := a.Differences(&records[0].Assessment, &records[1].Assessment, in)
			if err != nil || len(list) == 0 {
				t.Fatalf("%d differences: %v", len(list), err)
			}
			moved := false
			for _, d := range list {
				for _, s := range d.Shifts {
					moved = moved || s.Feature == "contacts_missed_90d" && s.Points < 0
				}
			}
			if !moved {
				t.Error("fewer missed contacts lower no score")
			}
		})
	}
}

// A remedy is a row of its own after trees, too, and the model's own contributions stay.
func TestRemedyAfterTrees(t *testing.T) {
	m, err := ofKinds(t).ByID("test-boosted")
	if err != nil {
		t.Fatal(err)
	}
	row := expectations(t, "test-boosted")[0]
	plain, err := Evaluate(m, inputsOf(t, m.Card, row.Values))
	if err != nil {
		t.Fatal(err)
	}
	in := inputsOf(t, m.Card, row.Values)
	in.Remedies = []RemedyInput{{ID: "calibration-by-sex", Attribute: "sex", Group: "female"}}
	mended, err := Evaluate(m, in)
	if err != nil {
		t.Fatal(err)
	}
	for i := range mended.Scores {
		s, before := &mended.Scores[i], &plain.Scores[i]
		last := s.Contributions[len(s.Contributions)-1]
		if last.Remedy != "sex" || last.Points >= 0 || len(s.Contributions) != len(before.Contributions)+1 {
			t.Errorf("%s: the remedy's row is %+v", s.Outcome, last)
		}
		sum := s.Baseline
		for j, c := range s.Contributions {
			if sum += c.Points; j < len(before.Contributions) && c.Points != before.Contributions[j].Points {
				t.Errorf("%s: the remedy moved %s", s.Outcome, c.Feature)
			}
		}
		if math.Abs(sum-s.Probability) > 1e-9 || s.Probability >= before.Probability {
			t.Errorf("%s: %v sums to %v, without the remedy it was %v", s.Outcome, s.Probability, sum, before.Probability)
		}
	}
}

// Where contributions miss a score there is none, the caller hears it, and the failure is counted.
func TestNoScoreWhereContributionsMissIt(t *testing.T) {
	bundles, err := model.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	models, err := NewModels(bundles)
	if err != nil {
		t.Fatal(err)
	}
	a := &Assessor{Models: models, Zone: time.UTC, Now: func() time.Time { return now }, NewID: func() string { return "id-1" }, Checks: new(Checks)}
	m := shippedDefault(t, models)
	if _, err := a.Score(request(t, "2026-11-01", nil), ""); err != nil || a.Checks.Passed() != 1 || a.Checks.Failed() != 0 {
		t.Fatalf("a sound model: %v, %d passed, %d failed", err, a.Checks.Passed(), a.Checks.Failed())
	}
	for _, h := range m.Heads {
		h.Reference[0] += 1e-6 // the reference's margin stays, so that the terms no longer make up the way from it
	}
	made, err := a.Score(request(t, "2026-11-01", nil), "")
	if !errors.Is(err, explain.ErrOff) || tarozi.CodeOf(err) != tarozi.Internal || made != nil {
		t.Errorf("contributions that miss the score give %v, %v", made, err)
	}
	if a.Checks.Passed() != 1 || a.Checks.Failed() != 1 {
		t.Errorf("%d passed, %d failed", a.Checks.Passed(), a.Checks.Failed())
	}
}
