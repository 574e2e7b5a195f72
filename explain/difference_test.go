package explain

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

func scoreWith(baseline float64, contributions ...tarozi.Contribution) *tarozi.Score {
	s := &tarozi.Score{Outcome: tarozi.Recidivism, Baseline: baseline, BaselineLogOdds: tarozi.Logit(baseline), Contributions: contributions}
	s.Probability, s.LogOdds = s.Baseline, s.BaselineLogOdds
	for _, c := range contributions {
		s.Probability += c.Points
		s.LogOdds += c.LogOdds
	}
	return s
}

func contribution(feature string, value, points float64, records ...tarozi.Evidence) tarozi.Contribution {
	return tarozi.Contribution{Feature: feature, Value: tarozi.Number(value), Points: points, LogOdds: 5 * points, Evidence: records}
}

func TestCompareNamesEveryReason(t *testing.T) {
	earlier := scoreWith(0.3, contribution("missed", 1, 0.05, "e1"), contribution("age", 30, 0.02), contribution("gone", 1, -0.01))
	between := scoreWith(0.32, contribution("missed", 1, 0.06, "e1"), contribution("age", 30, 0.02))
	later := scoreWith(0.35, contribution("missed", 3, 0.1, "e2", "e3"), contribution("age", 30, 0.02), contribution("new", 1, 0.03))
	d, err := Compare(earlier, between, later)
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		kind    ShiftKind
		feature string
		points  float64
	}
	want := []row{{ShiftModel, "", 0.04}, {ShiftTime, "", 0.03}, {ShiftFactor, "missed", 0.04}, {ShiftFactor, "new", 0.03}}
	if len(d.Shifts) != len(want) {
		t.Fatalf("the shifts are %+v", d.Shifts)
	}
	for i, w := range want {
		s := d.Shifts[i]
		if s.Kind != w.kind || s.Feature != w.feature || math.Abs(s.Points-w.points) > 1e-12 {
			t.Errorf("shift %d is %+v, want %+v", i, s, w)
		}
	}
	missed := d.Shifts[2]
	if !slices.Equal(missed.Added, []tarozi.Evidence{"e2", "e3"}) || !slices.Equal(missed.Removed, []tarozi.Evidence{"e1"}) {
		t.Errorf("records added %v and removed %v", missed.Added, missed.Removed)
	}
	if d.Shifts[3].Before != nil || d.Shifts[3].After.Float() != 1 {
		t.Errorf("a factor that is new stands as %+v", d.Shifts[3])
	}
}

func TestShiftsSumToTheChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func() *tarozi.Score {
			var list []tarozi.Contribution
			for _, f := range rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c", "d"}), rapid.ID).Draw(t, "features") {
				list = append(list, contribution(f, float64(rapid.IntRange(0, 3).Draw(t, "value")), rapid.Float64Range(-0.1, 0.1).Draw(t, "points")))
			}
			return scoreWith(rapid.Float64Range(0.2, 0.6).Draw(t, "baseline"), list...)
		}
		var between *tarozi.Score
		if rapid.Bool().Draw(t, "another model") {
			between = draw()
		}
		earlier, later := draw(), draw()
		d, err := Compare(earlier, between, later)
		if err != nil {
			t.Fatal(err)
		}
		points, logOdds := 0.0, 0.0
		for _, s := range d.Shifts {
			points += s.Points
			logOdds += s.LogOdds
		}
		if math.Abs(points-(later.Probability-earlier.Probability)) > 1e-12 || math.Abs(logOdds-(later.LogOdds-earlier.LogOdds)) > 1e-12 {
			t.Errorf("the shifts sum to %v and %v", points, logOdds)
		}
	})
}

func TestCompareRefuses(t *testing.T) {
	twelve, twentyFour := 12, 24
	a, b, c := scoreWith(0.3), scoreWith(0.3), scoreWith(0.3)
	a.HorizonMonths, b.HorizonMonths, c.Outcome = &twelve, &twentyFour, tarozi.ViolationOf
	broken := scoreWith(0.3, contribution("x", 1, 0.1))
	broken.Probability += 0.001
	for _, refused := range []struct {
		name     string
		from, to *tarozi.Score
	}{
		{"another horizon", a, b}, {"a horizon and none", a, scoreWith(0.3)}, {"another outcome", scoreWith(0.3), c},
		{"a score that is not its sum", scoreWith(0.3), broken},
	} {
		if d, err := Compare(refused.from, nil, refused.to); err == nil {
			t.Errorf("%s: got %+v, want an error", refused.name, d)
		}
	}
}
