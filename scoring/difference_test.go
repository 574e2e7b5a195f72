package scoring

import (
	"math"
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

func TestDifferencesSumToTheChange(t *testing.T) {
	a := assessor(t)
	later := func(h *tarozi.CaseHistory) {
		fact := h.Facts[3]
		fact.Value, fact.AsOf = tarozi.Number(6), h.Supervision[0].From.AddDays(100)
		h.Facts = append(h.Facts, fact)
	}
	before, err := assessed(a, request(t, "2026-06-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	after, err := assessed(a, request(t, "2026-11-01", later))
	if err != nil {
		t.Fatal(err)
	}
	in := new(Inputs)
	if err := tarozi.Decode(before.Inputs, in); err != nil {
		t.Fatal(err)
	}
	compare := func(t *testing.T, kinds ...explain.ShiftKind) {
		list, err := a.Differences(&before.Assessment, &after.Assessment, in)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != len(after.Assessment.Scores) {
			t.Errorf("%d differences of %d scores", len(list), len(after.Assessment.Scores))
		}
		for _, d := range list {
			points, seen := 0.0, []explain.ShiftKind{}
			for _, s := range d.Shifts {
				if s.Kind != explain.ShiftFactor && s.Points == 0 {
					t.Errorf("%s: the %s moved nothing", d.Outcome, s.Kind)
				}
				points += s.Points
				seen = append(seen, s.Kind)
			}
			if math.Abs(points-(d.After-d.Before)) > 1e-12 {
				t.Errorf("%s: the shifts sum to %v, the score moved by %v", d.Outcome, points, d.After-d.Before)
			}
			for _, k := range kinds {
				if d.Outcome == tarozi.Recidivism && !slices.Contains(seen, k) {
					t.Errorf("%s: %v names no %s", d.Outcome, seen, k)
				}
			}
		}
		if i := slices.IndexFunc(list[0].Shifts, func(s explain.Shift) bool { return s.Feature == "prior_arrests_felony" && s.With == "" }); i < 0 {
			t.Error("the felony record, which grew, is not among the shifts")
		} else if s := list[0].Shifts[i]; len(s.Added) == 0 || s.Points <= 0 {
			t.Errorf("the felony record grew and stands as %+v", s)
		}
	}
	t.Run("one model, further into supervision", func(t *testing.T) {
		compare(t, explain.ShiftTime, explain.ShiftFactor)
	})
	t.Run("another calibration in between", func(t *testing.T) {
		bundles, err := model.Shipped()
		if err != nil {
			t.Fatal(err)
		}
		other := *bundles[slices.IndexFunc(bundles, func(b *model.Bundle) bool { return b.Card.ID == DefaultModel })]
		other.SHA256 = "of the other calibration"
		for _, h := range other.Heads {
			card := *h.HeadCard
			card.Calibration.C += 0.1
			if card.Calibration.Method == "platt" {
				card.Calibration.C, card.Calibration.B = 0, card.Calibration.B+0.1
			}
			h.HeadCard = &card
		}
		a.Models.list = append(a.Models.list, mustModel(t, &other))
		m := a.Models.list[len(a.Models.list)-1]
		afterIn := new(Inputs)
		if err := tarozi.Decode(after.Inputs, afterIn); err != nil {
			t.Fatal(err)
		}
		e, err := Evaluate(m, afterIn)
		if err != nil {
			t.Fatal(err)
		}
		after.Assessment.Scores, after.Assessment.Model = e.Scores, reference(m, afterIn)
		compare(t, explain.ShiftModel, explain.ShiftFactor)
	})
	t.Run("of two people", func(t *testing.T) {
		stranger := after.Assessment
		stranger.PersonID = "somebody else"
		if _, err := a.Differences(&before.Assessment, &stranger, in); tarozi.CodeOf(err) != tarozi.Malformed {
			t.Errorf("got %v", err)
		}
	})
}

func mustModel(t *testing.T, b *model.Bundle) *Model {
	t.Helper()
	m, err := newModel(b)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
