package words_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"pgregory.net/rapid"
)

func TestApportion(t *testing.T) {
	for _, row := range []struct {
		name  string
		parts []float64
		total int
		want  []int
	}{
		{"largest remainder first", []float64{1.2, 2.7, 0.4}, 4, []int{1, 3, 0}},
		{"below zero", []float64{-0.3, -1.6, 2.1}, 0, []int{0, -2, 2}},
		{"whole already", []float64{1, -2}, -1, []int{1, -2}},
		{"total rounded up past the sum", []float64{1, 1}, 3, []int{2, 1}},
		{"total rounded down below the sum", []float64{1, 1}, 1, []int{1, 0}},
		{"one part takes it all", []float64{0.4}, 1, []int{1}},
		{"none", nil, 0, []int{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := words.Apportion(row.parts, row.total); !slices.Equal(got, row.want) {
				t.Errorf("Apportion(%v, %d) = %v, want %v", row.parts, row.total, got, row.want)
			}
		})
	}
}

// Whatever is apportioned sums to the total, and no part moves by as much as two.
func TestApportionSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.Float64Range(-40, 40), 1, 40).Draw(t, "parts")
		sum := 0.0
		for _, p := range parts {
			sum += p
		}
		total := int(math.Round(sum))
		got, found := words.Apportion(parts, total), 0
		for i, n := range got {
			found += n
			if math.Abs(float64(n)-parts[i]) >= 2 {
				t.Fatalf("part %v was shown as %d", parts[i], n)
			}
		}
		if found != total {
			t.Fatalf("%v sum to %d, not %d", got, found, total)
		}
	})
}

// The sentence of a factor says the number that the chart shows: rounded so that all of them sum, not by itself.
func TestEffectIsThatOfTheSteps(t *testing.T) {
	l := load(t).In("en")
	s := tarozi.Score{Baseline: 0.3, Probability: 0.38, Contributions: []tarozi.Contribution{
		{Feature: "age_at_start", Value: tarozi.Number(24), Unit: "years", Points: 0.0553, Direction: tarozi.Raises},
		{Feature: "prior_arrests_felony", Value: tarozi.Number(4), Unit: "arrests", Points: 0.0247, Direction: tarozi.Raises}}}
	for _, row := range []struct {
		tenths bool
		want   [2]string
	}{
		{false, [2]string{"Raises the risk by 6 of 100.", "Raises the risk by 2 of 100."}},
		{true, [2]string{"Raises the risk by 5.5 of 100.", "Raises the risk by 2.5 of 100."}},
	} {
		steps := words.StepsOf(&s, row.tenths)
		for i, want := range row.want {
			if said := steps.Effect(l, &s.Contributions[i]); !strings.HasSuffix(said, want) {
				t.Errorf("%q, want %q", said, want)
			}
		}
	}
	s.Probability, s.Contributions[0].Points, s.Contributions[1].Points = 0.376, 0.0524, 0.0236 // alone: 5 and 2, which are not 8
	steps := words.StepsOf(&s, false)
	if said := steps.Effect(l, &s.Contributions[1]); !strings.HasSuffix(said, "Raises the risk by 3 of 100.") {
		t.Errorf("the chart says %v, the sentence %q", steps.Points, said)
	}
}

// A range speaks of a score only where it holds the score and counts people with scores like it; else every language says so.
func TestObservedRangeSpeaksOfTheScoreOrSaysThatItDoesNot(t *testing.T) {
	c := load(t)
	for _, row := range []struct {
		name       string
		p          float64
		from, to   float64
		fit        tarozi.ObservedFit
		says, not  string // ids
		low, high  float64
		people     int
		happenedTo int
	}{
		{"among similar people", 0.31, 0.29, 0.33, tarozi.FitSimilar, "", "", 0.28, 0.34, 900, 279},
		{"as wide as similar goes", 0.25, 0.2, 0.3, tarozi.FitSimilar, "", "", 0.2, 0.3, 900, 225},
		{"above what was observed, in a bin too wide", 0.8, 0.2, 1, tarozi.FitOutside, "observed.above", "observed.below", 0.284, 0.403, 229, 78},
		{"below what was observed, among similar people", 0.101, 0.1, 0.15, tarozi.FitOutside, "observed.below", "observed.above", 0.11, 0.14, 900, 112},
		{"in the range of a bin too wide", 0.35, 0.2, 1, tarozi.FitTooWide, "", "", 0.284, 0.403, 229, 78},
		{"stored before the bounds were", 0.31, 0, 0, tarozi.FitTooWide, "", "", 0.28, 0.34, 900, 279},
	} {
		s := tarozi.Score{Outcome: tarozi.CustodyIncident, Probability: row.p, Baseline: row.p, ObservedRange: &tarozi.ObservedRange{People: row.people,
			Events: row.happenedTo, Low: row.low, High: row.high, ScoresFrom: row.from, ScoresTo: row.to}}
		if (s.SimilarRange() != nil) != (row.fit == tarozi.FitSimilar) {
			t.Errorf("%s: drawn beside the score: %v", row.name, s.SimilarRange() != nil)
		}
		for _, code := range c.Locales() {
			l := c.In(code)
			a := tarozi.Assessment{Model: tarozi.ModelRef{Validity: tarozi.Demonstration}, Scores: []tarozi.Score{s}}
			l.Annotate(&a)
			r := a.Scores[0].ObservedRange
			if r.Fit != row.fit || r.Text != l.Observed(&s) || s.ObservedRange.Text != "" {
				t.Errorf("%s, %s: %q, %q", row.name, code, r.Fit, r.Text)
			}
			if strings.Contains(r.Text, "⟦") || row.says != "" && !strings.HasSuffix(r.Text, l.Text(row.says)) || row.not != "" && strings.Contains(r.Text, l.Text(row.not)) {
				t.Errorf("%s, %s: %q", row.name, code, r.Text)
			}
			wide := strings.Split(l.Text("observed.wide", "from", 20, "to", 100, "people", 229, "events", 78, "low", 28, "high", 40), ". ")
			if got := strings.Contains(r.Text, strings.TrimSuffix(wide[len(wide)-1], ".")); got != (row.to-row.from > 0.11) {
				t.Errorf("%s, %s: says that the group is too wide: %v: %q", row.name, code, got, r.Text)
			}
		}
	}
}
