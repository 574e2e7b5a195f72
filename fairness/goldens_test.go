package fairness

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// goldenFile is made by notebooks/goldens_fairness/generate.py; it names the versions of the libraries.
type goldenFile struct {
	Dataset   string            `json:"dataset"`
	Threshold float64           `json:"threshold"`
	Generator string            `json:"generator"`
	Python    string            `json:"python"`
	Versions  map[string]string `json:"versions"`
	Values    []golden          `json:"values"`
}

type golden struct {
	Library   string   `json:"library"`
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Other     string   `json:"other"`
	Figure    string   `json:"figure"`
	Weighted  bool     `json:"weighted"`
	Value     *float64 `json:"value"`
	Infinite  bool     `json:"infinite"`
}

func (g golden) String() string {
	return fmt.Sprintf("%s %s=%s %s %s weighted=%v", g.Library, g.Attribute, g.Group, g.Other, g.Figure, g.Weighted)
}

func readGoldens(t *testing.T, name string) goldenFile {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "goldens_"+name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var f goldenFile
	if err := json.Unmarshal(data, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// plainOptions measure without bootstrap and show small cells.
func plainOptions(thresholds ...float64) Options {
	o := DefaultOptions()
	o.Thresholds, o.Replicates, o.MinCell = thresholds, 0, 0
	return o
}

func compute(t *testing.T, table *Table, o Options) *Frame {
	t.Helper()
	f, err := Compute(context.Background(), table, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// tolerance is relative for values above 1 and absolute below.
const tolerance = 1e-12

func near(got, want float64) bool { return math.Abs(got-want) <= tolerance*max(1, math.Abs(want)) }

// figureOf finds the estimate that a golden is about. Ratios and differences with Other are comparisons.
func figureOf(f *Frame, g golden) (Estimate, bool) {
	figure := g.Figure
	if figure == "xauc" {
		for _, p := range f.Pairs {
			if p.Attribute == g.Attribute && p.Positive == g.Group && p.Negative == g.Other {
				return p.XAUC, true
			}
		}
		return Estimate{}, false
	}
	if g.Other != "" {
		return comparedFigure(f, g)
	}
	if g.Group == "" {
		for _, s := range f.Spreads {
			if s.Attribute != g.Attribute || s.Name != figure {
				continue
			}
			if g.Library == "fairlearn" && len(s.LeftOut) > 0 {
				return zeroFilled(f, g), true
			}
			return s.Estimate, true
		}
		return Estimate{}, false
	}
	complemented := strings.HasPrefix(figure, "1-")
	figure = strings.TrimPrefix(figure, "1-")
	for _, group := range f.Groups {
		if group.Attribute != g.Attribute || group.Group != g.Group {
			continue
		}
		e, ok := group.Score[Metric(figure)]
		if !ok {
			e, ok = group.At[0].Metrics[Metric(figure)]
		}
		if figure == "calibration_slope_robust_se" {
			slope := group.Score[CalibrationSlope]
			e, ok = point((slope.High-slope.Value)/1.959963984540054), slope.HasInterval()
		}
		if complemented {
			e = complement(e)
		}
		return e, ok
	}
	return Estimate{}, false
}

// zeroFilled is the spread as fairlearn has it: a group without a value counts as 0. Ours leaves it out and names it.
func zeroFilled(f *Frame, g golden) Estimate {
	spread := func(m Metric) (difference, ratio float64) {
		low, high := math.Inf(1), math.Inf(-1)
		for _, group := range f.Groups {
			if group.Attribute == g.Attribute {
				v := group.At[0].Metrics[m].Value
				if math.IsNaN(v) {
					v = 0
				}
				low, high = min(low, v), max(high, v)
			}
		}
		return high - low, low / high
	}
	tpr, tprRatio := spread(TPR)
	fpr, fprRatio := spread(FPR)
	switch g.Figure {
	case "equalized_odds_difference":
		return point(max(tpr, fpr))
	case "equalized_odds_mean_difference":
		return point((tpr + fpr) / 2)
	case "equalized_odds_ratio":
		return point(min(tprRatio, fprRatio))
	}
	for _, m := range ThresholdMetrics() {
		difference, ratio := spread(m)
		switch g.Figure {
		case spreadName(m) + "_difference":
			return point(difference)
		case spreadName(m) + "_ratio":
			return point(ratio)
		}
	}
	return Estimate{}
}

func comparedFigure(f *Frame, g golden) (Estimate, bool) {
	for _, c := range f.Comparisons {
		if c.Attribute != g.Attribute || c.Group != g.Group || c.Reference != g.Other {
			continue
		}
		switch g.Figure {
		case string(c.Metric) + "_difference":
			return c.Difference, true
		case string(c.Metric) + "_ratio":
			return c.Ratio, true
		case string(c.Metric) + "_within_tolerance":
			if c.Verdict == nil || c.Verdict.WithinTolerance == nil {
				return undefined(GroupUndefined), true
			}
			if *c.Verdict.WithinTolerance {
				return point(1), true
			}
			return point(0), true
		}
	}
	return Estimate{}, false
}

// substitutes are what each library puts where we say undefined: fairlearn and scikit-learn 0 (and so differences and
// ratios that treat such a group as 0), AIF360 NaN, infinity or 0 by metric, Aequitas NaN or 10.
var substitutes = map[string][]float64{
	"fairlearn": {0},
	"aif360":    {0, math.NaN(), math.Inf(1)},
	"aequitas":  {10, math.NaN()},
}

// checkGoldens compares every golden with the frame and counts them by library.
func checkGoldens(t *testing.T, f goldenFile, frames map[bool]*Frame) {
	t.Helper()
	seen := make(map[string]int)
	for _, g := range f.Values {
		e, ok := figureOf(frames[g.Weighted], g)
		if !ok {
			t.Errorf("%s: no such figure", g)
			continue
		}
		seen[g.Library]++
		want := math.NaN()
		switch {
		case g.Value != nil:
			want = *g.Value
		case g.Infinite:
			want = math.Inf(1)
		}
		if !e.Defined() {
			if e.Reason == "" {
				t.Errorf("%s: undefined without a reason", g)
			}
			// Aequitas judges the 10 that it puts for a ratio to 0, and finds it outside.
			if g.Library == "aequitas" && strings.HasSuffix(g.Figure, "_within_tolerance") && want == 0 {
				continue
			}
			if !slices.ContainsFunc(substitutes[g.Library], func(s float64) bool {
				return s == want || math.IsNaN(s) && math.IsNaN(want)
			}) {
				t.Errorf("%s: undefined (%s), the library has %v", g, e.Reason, want)
			}
			continue
		}
		if !near(e.Value, want) {
			t.Errorf("%s: got %.17g, want %.17g", g, e.Value, want)
		}
	}
	for _, library := range []string{"fairlearn", "aif360", "aequitas"} {
		if seen[library] == 0 {
			t.Errorf("no golden of %s was compared", library)
		}
	}
}

func readTable(t *testing.T, name string, c Columns) *Table {
	t.Helper()
	in, err := ReadFile(filepath.Join("testdata", name), c, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	if refused(in) > 0 {
		t.Fatalf("%s: %v", name, in.SetAside)
	}
	return in.Table
}

func TestGoldensSynthetic(t *testing.T) {
	f := readGoldens(t, "synthetic")
	c := Columns{Score: "score", Outcome: "y", Groups: []string{"region", "sex"}}
	plain := compute(t, readTable(t, "synthetic.csv", c), plainOptions(f.Threshold))
	c.Weight = "weight"
	weighted := compute(t, readTable(t, "synthetic.csv", c), plainOptions(f.Threshold))
	checkGoldens(t, f, map[bool]*Frame{false: plain, true: weighted})
}

// TestGoldensEdge shows the groups in which the libraries part: we leave undefined what they fill in.
func TestGoldensEdge(t *testing.T) {
	f := readGoldens(t, "edge")
	frame := compute(t, readTable(t, "edge.csv", Columns{Score: "score", Outcome: "y", Groups: []string{"kind", "unit"}}), plainOptions(f.Threshold))
	checkGoldens(t, f, map[bool]*Frame{false: frame})

	for _, row := range []struct {
		group  string
		metric Metric
		why    Reason
	}{
		{"no_negatives", FPR, NoNegatives},
		{"no_negatives", AUC, NoNegatives},
		{"no_negatives", CalibrationSlope, OneClass},
		{"no_positives", TPR, NoPositives},
		{"no_positives", FNR, NoPositives},
		{"none_selected", PPV, NoneSelected},
		{"all_selected", NPV, AllSelected},
	} {
		g := golden{Attribute: "kind", Group: row.group, Figure: string(row.metric)}
		if e, ok := figureOf(frame, g); !ok || e.Reason != row.why || e.Defined() {
			t.Errorf("%s of %s: %+v, want undefined: %s", row.metric, row.group, e, row.why)
		}
	}
	ratio := golden{Attribute: "unit", Group: "noisy", Other: "clean", Figure: "fpr_ratio"}
	if e, ok := figureOf(frame, ratio); !ok || e.Reason != ZeroDenominator {
		t.Errorf("ratio to a rate of 0: %+v, want undefined: %s", e, ZeroDenominator)
	}
}
