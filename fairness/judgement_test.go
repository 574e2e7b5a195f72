package fairness

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/tarozi/tarozi"
)

const (
	low, medium, high = tarozi.Low, tarozi.Medium, tarozi.High
)

// reviewed repeats one review.
func reviewed(n int, officer, sex string, own, score, final tarozi.Band, outcome uint8) []Reviewed {
	d := tarozi.Agree
	switch {
	case level(final) > level(score):
		d = tarozi.OverrideUp
	case level(final) < level(score):
		d = tarozi.OverrideDown
	}
	list := make([]Reviewed, n)
	for i := range list {
		list[i] = Reviewed{Officer: officer, Agency: "north", Groups: map[string]string{"sex": sex}, Own: own, Score: score, Final: final,
			Decision: d, Outcome: outcome}
	}
	return list
}

func judge(t *testing.T, o Options, lists ...[]Reviewed) map[string]JudgementRow {
	t.Helper()
	var all []Reviewed
	for _, l := range lists {
		all = append(all, l...)
	}
	rows, err := Judge(t.Context(), all, high, o)
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]JudgementRow{}
	for _, r := range rows {
		by[r.Attribute+"="+r.Group] = r
	}
	return by
}

// The expected shares are counted by hand.
func TestJudge(t *testing.T) {
	o := DefaultOptions()
	o.MinCell = 1
	rows := judge(t, o,
		reviewed(4, "a", "female", low, high, high, 1),        // moved all the way to a score that was right
		reviewed(2, "a", "female", low, high, medium, 0),      // moved part of the way; down from the score; own view and decision right
		reviewed(4, "a", "male", medium, medium, medium, 0),   // all alike and right
		reviewed(5, "b", "male", medium, low, high, 1),        // away from the score, upwards; the decision alone right
		reviewed(1, "b", "male", high, medium, high, 0),       // stayed; score alone right
		reviewed(3, "b", "male", "", high, low, Unknown),      // urgent: no own view
		reviewed(1, "b", "female", low, medium, low, Unknown)) // stayed; outcome not known
	const all, a, b = "all=all", "officer=a", "officer=b"
	for _, c := range []struct {
		row  string
		name string
		get  func(JudgementRow) Estimate
		of   float64
		n    float64
	}{
		{all, "same", func(r JudgementRow) Estimate { return r.Same }, 4, 17},
		{all, "towards", func(r JudgementRow) Estimate { return r.Towards }, 6, 13},
		{all, "away", func(r JudgementRow) Estimate { return r.Away }, 5, 13},
		{all, "up", func(r JudgementRow) Estimate { return r.Up }, 6, 20},
		{all, "down", func(r JudgementRow) Estimate { return r.Down }, 6, 20},
		{all, "own right", func(r JudgementRow) Estimate { return r.OwnRight }, 6, 16},
		{all, "score right", func(r JudgementRow) Estimate { return r.ScoreRight }, 9, 16},
		{all, "final right", func(r JudgementRow) Estimate { return r.FinalRight }, 15, 16},
		{a, "towards", func(r JudgementRow) Estimate { return r.Towards }, 6, 6},
		{a, "score right", func(r JudgementRow) Estimate { return r.ScoreRight }, 8, 10},
		{b, "away", func(r JudgementRow) Estimate { return r.Away }, 5, 7},
		{b, "up", func(r JudgementRow) Estimate { return r.Up }, 6, 10},
		{"sex=female", "down", func(r JudgementRow) Estimate { return r.Down }, 3, 7},
		{"agency=north", "final right", func(r JudgementRow) Estimate { return r.FinalRight }, 15, 16},
	} {
		got, want := c.get(rows[c.row]), c.of/c.n
		wl, wh := tarozi.WilsonInterval(want, c.n, 0.95)
		if math.Abs(got.Value-want) > 1e-12 || math.Abs(got.Low-wl) > 1e-9 || math.Abs(got.High-wh) > 1e-9 {
			t.Errorf("%s, %s: %+v instead of %v (%v to %v)", c.row, c.name, got, want, wl, wh)
		}
	}
	for row, n := range map[string]int{all: 20, a: 10, b: 10, "sex=female": 7, "sex=male": 13} {
		if got := rows[row].N; got == nil || *got != n {
			t.Errorf("%s counts %v instead of %d", row, got, n)
		}
	}
}

func TestJudgeWhereLittleIsKnown(t *testing.T) {
	if rows := judge(t, DefaultOptions()); len(rows) != 0 {
		t.Errorf("no reviews give %v", rows)
	}
	rows := judge(t, DefaultOptions(), reviewed(30, "a", "male", "", high, high, Unknown), reviewed(20, "b", "male", low, high, high, Unknown))
	if e := rows["officer=a"].Towards; e.Defined() {
		t.Errorf("without own views: %+v", e)
	}
	if e := rows["all=all"].OwnRight; e.Defined() || e.Reason != EmptyGroup {
		t.Errorf("without outcomes: %+v", e)
	}
	if e := rows["officer=b"].Towards; !e.Defined() || e.Value != 1 {
		t.Errorf("officer b: %+v", e)
	}
	// Of a few people nothing is shown, nor can it be counted back from the rest.
	rows = judge(t, DefaultOptions(), reviewed(30, "a", "male", low, high, high, 1), reviewed(3, "b", "male", low, high, medium, 0))
	for _, row := range []string{"officer=a", "officer=b"} {
		if e := rows[row].Towards; e.Defined() {
			t.Errorf("%s is shown: %+v", row, e)
		}
	}
	if n := rows["officer=b"].N; n != nil {
		t.Errorf("a group of 3 counts %d", *n)
	}
	bad := reviewed(1, "a", "male", low, high, "huge", 1)
	if _, err := Judge(t.Context(), bad, high, DefaultOptions()); err == nil {
		t.Error("a band that is not there was measured")
	}
}

func ExampleJudge() {
	var reviews []Reviewed
	for i := range 40 {
		r := Reviewed{Officer: "a", Agency: "north", Own: tarozi.Low, Score: tarozi.High, Final: tarozi.High, Decision: tarozi.Agree, Outcome: 1}
		if i%4 == 0 {
			r.Final, r.Decision, r.Outcome = tarozi.Low, tarozi.OverrideDown, 0
		}
		reviews = append(reviews, r)
	}
	rows, err := Judge(context.Background(), reviews, tarozi.High, DefaultOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("towards the score %.2f, right: own view %.2f, score %.2f, decision %.2f\n",
		rows[0].Towards.Value, rows[0].OwnRight.Value, rows[0].ScoreRight.Value, rows[0].FinalRight.Value)
	// Output: towards the score 0.75, right: own view 0.25, score 0.75, decision 1.00
}
