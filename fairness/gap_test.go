package fairness

import (
	"math"
	"testing"
)

func TestContributionGaps(t *testing.T) {
	a := NewAttribute("sex", []string{"f", "f", "m", "m", "m", "", "x"})
	gaps, err := ContributionGaps(a, "m", []string{"age", "prior arrests"}, [][]float64{
		{1, 3, 1, 1, 1, 9, 0},
		{-2, -2, 1, 2, 3, 9, 0},
	}, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []struct {
		group, factor string
		gap           float64
		why           Reason
	}{
		{"f", "prior arrests", -4, ""},
		{"f", "age", 1, ""},
		{"x", "age", math.NaN(), SmallCell},
		{"x", "prior arrests", math.NaN(), SmallCell},
	}
	if len(gaps) != len(want) {
		t.Fatalf("gaps %+v", gaps)
	}
	for k, w := range want {
		if g := gaps[k]; g.Group != w.group || g.Factor != w.factor || g.Gap.Reason != w.why || w.why == "" && g.Gap.Value != w.gap {
			t.Errorf("gap %d: %+v, want %+v", k, g, w)
		}
	}
	for name, err := range map[string]error{
		"reference that does not occur": gapError(ContributionGaps(a, "z", nil, nil, 2)),
		"column missing":                gapError(ContributionGaps(a, "m", []string{"age"}, nil, 2)),
		"short column":                  gapError(ContributionGaps(a, "m", []string{"age"}, [][]float64{{1}}, 2)),
		"not finite":                    gapError(ContributionGaps(a, "m", []string{"age"}, [][]float64{{1, 1, 1, 1, 1, 1, math.NaN()}}, 2)),
	} {
		if err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

func gapError(_ []Gap, err error) error { return err }

func TestStandIns(t *testing.T) {
	a := NewAttribute("sex", []string{"f", "f", "f", "m", "m", "m", "x"})
	rows, err := StandIns(a, []string{"perfect", "none", "ties", "missing"}, [][]float64{
		{9, 8, 7, 1, 2, 3, 0},
		{5, 5, 5, 5, 5, 5, 5},
		{1, 1, 2, 2, 2, 3, 1},
		{math.NaN(), math.NaN(), math.NaN(), 1, 2, 3, 4},
	}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []struct {
		group, factor string
		value         float64
		why           Reason
	}{
		{"f", "perfect", 1, ""},
		{"f", "none", 0.5, ""},
		// f 1 1 2 against 2 2 3 1: of 12 pairs f is above in 1 and ties in 2 + 2.
		{"f", "ties", 1 - 3.0/12, ""},
		{"f", "missing", math.NaN(), EmptyGroup},
		{"x", "perfect", math.NaN(), SmallCell},
	} {
		found := false
		for _, r := range rows {
			if r.Group != w.group || r.Factor != w.factor {
				continue
			}
			found = true
			if r.Separation.Reason != w.why || w.why == "" && math.Abs(r.Separation.Value-w.value) > 1e-15 {
				t.Errorf("%s of %s: %+v, want %v %s", w.factor, w.group, r.Separation, w.value, w.why)
			}
		}
		if !found {
			t.Errorf("%s of %s is missing", w.factor, w.group)
		}
	}
	if _, err := StandIns(a, []string{"short"}, [][]float64{{1}}, 2); err == nil {
		t.Error("a short column is taken")
	}
}
