package fairness

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
)

func TestNumberDrift(t *testing.T) {
	before := make([]float64, 1000)
	for i := range before {
		before[i] = float64(i) / 1000
	}
	moved := make([]float64, 1000)
	for i := range moved {
		moved[i] = min(0.999, before[i]+0.05)
	}
	// By hand: the first bin keeps 50 of 100, the last gets 150, the eight between keep 100.
	want := (0.05-0.1)*math.Log(0.5) + (0.15-0.1)*math.Log(1.5)
	for _, row := range []struct {
		name        string
		before, now []float64
		psi, ks     float64
		why         Reason
	}{
		{"same", before, before, 0, 0, ""},
		{"moved", before, moved, want, 0.05, ""},
		{"nothing now", before, nil, math.NaN(), math.NaN(), EmptyGroup},
		{"all missing before", []float64{math.NaN()}, before, math.NaN(), math.NaN(), EmptyGroup},
		{"empty bin", before, []float64{0.5, 0.5}, 9*(0.25-0.1)*math.Log(2.5) + 0.9*math.Log(10), 0.5, ""},
		{"constant", []float64{1, 1}, []float64{1, 1, 1}, 0, 0, ""},
		{"constant before, not now", []float64{0, 0}, []float64{0, 1}, -0.5*math.Log(0.5) + 0.25*math.Log(2), 0.5, ""},
		{"constant before, less now", []float64{1, 1}, []float64{0, 1}, -0.5*math.Log(0.5) + 0.25*math.Log(2), 0.5, ""},
		{"one new value among hundreds", flags(0, 500), flags(1, 500), (0.998-1)*math.Log(0.998) + 0.001*math.Log(2), 0.002, ""},
		// A flag of one in twenty before and of one in two now: all deciles before are 0.
		{"rare flag", flags(5, 100), flags(50, 100), 0.45*math.Log(0.5/0.05) - 0.45*math.Log(0.5/0.95), 0.45, ""},
	} {
		d, err := NumberDrift("score", row.before, row.now)
		if err != nil {
			t.Fatal(err)
		}
		if d.PSI.Reason != row.why || row.why == "" && math.Abs(d.PSI.Value-row.psi) > 1e-9 {
			t.Errorf("%s: PSI %+v, want %v", row.name, d.PSI, row.psi)
		}
		if math.IsNaN(row.ks) != math.IsNaN(d.KS.Value) || math.Abs(d.KS.Value-row.ks) > 0.0011 {
			t.Errorf("%s: KS %+v, want %v", row.name, d.KS, row.ks)
		}
	}
	if _, err := NumberDrift("score", before, []float64{math.Inf(1)}); err == nil {
		t.Error("an infinite value is taken")
	}
	if d, err := NumberDrift("score", []float64{1, math.NaN()}, []float64{1, 2, 3, math.NaN()}); err != nil || d.Missing != 0.25 || d.MissingBefore != 0.5 {
		t.Errorf("missing shares: %+v, %v", d, err)
	}
}

// flags are n zeros and ones, so many of them ones.
func flags(ones, n int) []float64 {
	values := make([]float64, n)
	for i := range ones {
		values[i] = 1
	}
	return values
}

func TestCategoryDrift(t *testing.T) {
	d := CategoryDrift("offence", []string{"a", "a", "b", "b"}, []string{"a", "a", "a", "b", ""})
	want := (0.75-0.5)*math.Log(1.5) + (0.25-0.5)*math.Log(0.5)
	if math.Abs(d.PSI.Value-want) > 1e-15 || d.KS.Reason != NotOrdered || math.Abs(d.Missing-0.2) > 1e-15 || d.N != 4 {
		t.Errorf("drift %+v, want PSI %v", d, want)
	}
	if d := CategoryDrift("offence", []string{"a"}, []string{"b"}); math.Abs(d.PSI.Value-math.Log(2)) > 1e-15 {
		t.Errorf("a new category, half a person before: %+v", d.PSI)
	}
}

func TestEstimateWithoutOutcomes(t *testing.T) {
	got := EstimateWithoutOutcomes([]float64{0.9, 0.6, 0.2, 0.1}, 0.5)
	for name, pair := range map[string][2]float64{
		"base rate": {got.BaseRate, 1.8 / 4}, "TPR": {got.TPR, 1.5 / 1.8}, "FPR": {got.FPR, 0.5 / 2.2},
		"PPV": {got.PPV, 0.75}, "NPV": {got.NPV, 0.85}, "accuracy": {got.Accuracy, 3.2 / 4},
	} {
		if math.Abs(pair[0]-pair[1]) > 1e-15 {
			t.Errorf("%s: %v, want %v", name, pair[0], pair[1])
		}
	}
	for name, score := range map[string][]float64{"nobody": nil, "no probability": {3}, "no number": {math.NaN()}} {
		if got := EstimateWithoutOutcomes(score, 0.5); !math.IsNaN(got.Accuracy) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestSimulatorGrid(t *testing.T) {
	table := &Table{}
	var groups []string
	for i := range 100 {
		table.Score, table.Outcome = append(table.Score, float64(i)/100), append(table.Outcome, uint8(i%2))
		groups = append(groups, map[bool]string{true: "a", false: "b"}[i%4 == 0])
	}
	table.Score, table.Outcome, groups = append(table.Score, 0.5), append(table.Outcome, 1), append(groups, "alone")
	table.Attributes = []Attribute{NewAttribute("g", groups)}
	// Group a has 25 people, one at every 0.04: ten of them span 0.40, so that two cuts fit at most.
	grid, leftOut, err := SimulatorGrid(table, []float64{0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8}, 10)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(grid, []float64{0.4}) || !slices.Equal(leftOut, []Part{{"g", "alone"}}) {
		t.Errorf("grid %v, left out %v", grid, leftOut)
	}
	o := DefaultOptions()
	o.Replicates = 0
	f, _, err := Simulate(context.Background(), table, []float64{0.1, 0.4}, o)
	if err != nil || !slices.Equal(f.Thresholds(), []float64{0.4}) {
		t.Errorf("simulated %v, %v", f, err)
	}
	if _, _, err := Simulate(context.Background(), table, []float64{2}, o); err == nil {
		t.Error("a threshold above everybody is taken")
	}
}

// TestDetection: with all events found the table repeats the figures; with fewer, by hand.
func TestDetection(t *testing.T) {
	// 100 people: TP 20, FN 20, FP 15, TN 45.
	table := &Table{}
	add := func(n int, score float64, y uint8) {
		for range n {
			table.Score, table.Outcome = append(table.Score, score), append(table.Outcome, y)
		}
	}
	add(20, 1, 1)
	add(20, 0, 1)
	add(15, 1, 0)
	add(45, 0, 0)
	table.Attributes = []Attribute{NewAttribute("g", slices.Repeat([]string{"a"}, 100))}
	rows := detectionTable(compute(t, table, plainOptions(0.5)), []float64{1, 0.8, 0.2})
	for k, want := range []struct{ base, fpr, ppv, npv float64 }{
		{0.4, 0.25, 20.0 / 35, 45.0 / 65},
		// 50 events: the 10 unfound ones are half selected, so FP 10, TN 40, TP 25, FN 25.
		{0.5, 0.2, 25.0 / 35, 40.0 / 65},
	} {
		for name, pair := range map[string][2]float64{
			"base rate": {rows[k].BaseRate.Value, want.base}, "FPR": {rows[k].FPR.Value, want.fpr},
			"PPV": {rows[k].PPV.Value, want.ppv}, "NPV": {rows[k].NPV.Value, want.npv},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Errorf("detected %v: %s %v, want %v", rows[k].Detected, name, pair[0], pair[1])
			}
		}
	}
	if rows[2].FPR.Reason != Impossible {
		t.Errorf("200 events among 100 people: %+v", rows[2])
	}
}

// TestTradeoff: with the reference's own PPV the reference's FPR comes out again.
func TestTradeoff(t *testing.T) {
	f := compute(t, readTable(t, "synthetic.csv", Columns{Score: "score", Outcome: "y", Groups: []string{"sex"}}), plainOptions(0.5))
	reference := f.Groups[slices.IndexFunc(f.Groups, func(g Group) bool { return g.Group == "m" })]
	row := tradeoff(Comparison{}, reference, reference.At[0], reference.At[0])
	if !near(row.FPRAtEqualPPV.Value, reference.At[0].Metrics[FPR].Value) || !near(row.PPVAtEqualFPR.Value, reference.At[0].Metrics[PPV].Value) {
		t.Errorf("the identity does not hold: %+v", row)
	}
	group := func(base, tpr, fpr, ppv float64) (Group, AtThreshold) {
		return Group{Score: map[Metric]Estimate{BaseRate: point(base)}},
			AtThreshold{Metrics: map[Metric]Estimate{TPR: point(tpr), FPR: point(fpr), PPV: point(ppv)}}
	}
	g, own := group(0.8, 0.9, 0.5, 0.878)
	_, other := group(0.4, 0.9, 0.6, 0.5)
	// 0.8/0.2 * 0.5/0.5 * 0.9 = 3.6: no share of people.
	if row := tradeoff(Comparison{}, g, own, other); row.FPRAtEqualPPV.Reason != Impossible || row.FPRAtEqualPPV.Defined() {
		t.Errorf("FPR at the reference's PPV: %+v, want none", row.FPRAtEqualPPV)
	}
	if rows := tradeoffs(f); len(rows) != 1 || rows[0].Group != "f" || rows[0].FPRAtEqualPPV.Value == rows[0].FPR.Value {
		t.Errorf("rows %+v", rows)
	}
}

// A value never seen before can be a finding, and one person who has it is none.
func TestDriftToANewValueIsAFinding(t *testing.T) {
	for _, row := range []struct {
		have int
		over bool
	}{{1, false}, {150, true}, {500, true}} {
		one, err := NumberDrift("jobs", flags(0, 500), flags(row.have, 500))
		if err != nil {
			t.Fatal(err)
		}
		r := &Report{Service: &Service{Tolerances: tarozi.DefaultTolerances(), Drift: []DriftRow{{Name: one.Name, PSI: one.PSI, KS: one.KS, N: &one.N, NBefore: &one.NBefore}}}}
		if found := findings(r)[0]; found.Kind != "drift" || found.Over != row.over || found.Figure != "jobs" {
			t.Errorf("%d of 500 have a new value: %+v, %+v", row.have, found, one.PSI)
		}
	}
}
