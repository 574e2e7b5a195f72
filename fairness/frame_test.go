package fairness

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComputeRefuses(t *testing.T) {
	good := func() *Table {
		return &Table{Score: []float64{0.1, 0.9}, Outcome: []uint8{0, 1}, Attributes: []Attribute{NewAttribute("g", []string{"a", "b"})}}
	}
	for _, row := range []struct {
		name  string
		spoil func(*Table, *Options)
	}{
		{"score that is no number", func(t *Table, _ *Options) { t.Score[0] = math.NaN() }},
		{"outcome of 2", func(t *Table, _ *Options) { t.Outcome[0] = 2 }},
		{"short outcome", func(t *Table, _ *Options) { t.Outcome = t.Outcome[:1] }},
		{"short attribute", func(t *Table, _ *Options) { t.Attributes[0].Codes = t.Attributes[0].Codes[:1] }},
		{"code without level", func(t *Table, _ *Options) { t.Attributes[0].Codes[0] = 7 }},
		{"attribute twice", func(t *Table, _ *Options) { t.Attributes = append(t.Attributes, t.Attributes[0]) }},
		{"negative weight", func(t *Table, _ *Options) { t.Weight = []float64{1, -1} }},
		{"nobody known", func(t *Table, _ *Options) { t.Outcome[0], t.Outcome[1] = Unknown, Unknown }},
		{"nobody weighs anything", func(t *Table, _ *Options) { t.Weight = []float64{0, 0} }},
		{"no rows", func(t *Table, _ *Options) { *t = Table{} }},
		{"threshold that is no number", func(_ *Table, o *Options) { o.Thresholds = []float64{math.NaN()} }},
		{"score no probability", func(t *Table, o *Options) { t.Score[0], o.ScoreKind = 3, ProbabilityScore }},
		{"unknown kind of score", func(_ *Table, o *Options) { o.ScoreKind = "odds" }},
		{"tolerance without 1", func(_ *Table, o *Options) { o.TauLow = 1.1 }},
		{"level of 1", func(_ *Table, o *Options) { o.Level = 1 }},
		{"reference that does not occur", func(_ *Table, o *Options) { o.Reference = map[string]string{"g": "c"} }},
		{"reference of no attribute", func(_ *Table, o *Options) { o.Reference = map[string]string{"h": "a"} }},
	} {
		table, o := good(), DefaultOptions()
		row.spoil(table, &o)
		if _, err := Compute(context.Background(), table, o); err == nil {
			t.Errorf("%s is taken", row.name)
		}
	}
}

func TestComputeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Compute(ctx, benchmarkTable(1000), DefaultOptions()); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// TestWorkersChangeNothing runs one bootstrap with one and with several workers, and again with another seed.
func TestWorkersChangeNothing(t *testing.T) {
	o := DefaultOptions()
	o.Thresholds, o.Replicates, o.Workers = []float64{0.5}, 50, 1
	table := benchmarkTable(500)
	one := compute(t, table, o)
	o.Workers = 4
	four := compute(t, table, o)
	four.Options.Workers = 1
	nan := cmp.Comparer(func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) })
	if d := cmp.Diff(one, four, nan); d != "" {
		t.Errorf("the number of workers changes figures:\n%s", d)
	}
	o.Seed = 2
	if other := compute(t, table, o); other.Groups[0].Score[AUC].Low == one.Groups[0].Score[AUC].Low {
		t.Error("another seed gives the same interval")
	}
}

// TestBootstrapSpread compares the bootstrap's interval of a difference of two rates with that of the normal
// approximation, which is good for groups of this size.
func TestBootstrapSpread(t *testing.T) {
	table := benchmarkTable(20_000)
	o := DefaultOptions()
	o.Thresholds, o.NoIntersections = []float64{0.5}, true
	f := compute(t, table, o)
	for _, c := range f.Comparisons {
		if c.Metric != FPR {
			continue
		}
		var variance float64
		for _, g := range f.Groups {
			if g.Attribute == c.Attribute && (g.Group == c.Group || g.Group == c.Reference) {
				p, n := g.At[0].Metrics[FPR].Value, float64(g.At[0].Counts.FP+g.At[0].Counts.TN)
				variance += p * (1 - p) / n
			}
		}
		want := 2 * 1.96 * math.Sqrt(variance)
		if got := c.Difference.High - c.Difference.Low; got < 0.88*want || got > 1.12*want {
			t.Errorf("%s %s: interval of width %.5f, the normal approximation has %.5f", c.Attribute, c.Group, got, want)
		}
	}
}

// TestUndefinedReplicates: one positive is in no replicate with probability exp(-1), and those replicates are counted.
func TestUndefinedReplicates(t *testing.T) {
	table := &Table{Score: []float64{0.2, 0.4, 0.6, 0.5, 0.3}, Outcome: []uint8{0, 0, 0, 1, 0}}
	o := DefaultOptions()
	o.Replicates, o.MinCell = 4000, 0
	auc := compute(t, table, o).Groups[0].Score[AUC]
	if share := float64(auc.UndefinedReplicates) / 4000; math.Abs(share-math.Exp(-1)) > 0.04 {
		t.Errorf("AUC is undefined in %.3f of the replicates, want about %.3f", share, math.Exp(-1))
	}
	if !auc.HasInterval() || auc.Value != 0.75 {
		t.Errorf("AUC %+v", auc)
	}
	// Above all others it is above them in every replicate: five people do not make that certain.
	table.Score[3] = 0.8
	if auc := compute(t, table, o).Groups[0].Score[AUC]; auc.HasInterval() || auc.Value != 1 || auc.Reason != NoSpread {
		t.Errorf("AUC without spread: %+v", auc)
	}
	table.Outcome[3] = 0
	if auc := compute(t, table, o).Groups[0].Score[AUC]; auc.Defined() || auc.Reason != NoPositives {
		t.Errorf("AUC without positives: %+v", auc)
	}
}

// TestWeightsAreCounts: a whole-number weight counts a person so many times.
func TestWeightsAreCounts(t *testing.T) {
	weighted := &Table{Score: []float64{0.2, 0.7, 0.7, 0.9}, Outcome: []uint8{0, 1, 0, 1}, Weight: []float64{3, 1, 2, 0}}
	counted := &Table{Score: []float64{0.2, 0.2, 0.2, 0.7, 0.7, 0.7}, Outcome: []uint8{0, 0, 0, 1, 0, 0}}
	a := compute(t, weighted, plainOptions(0.5)).Groups[0]
	b := compute(t, counted, plainOptions(0.5)).Groups[0]
	if a.N != 3 || b.N != 6 {
		t.Errorf("people measured: %d and %d, want 3 and 6", a.N, b.N)
	}
	for _, m := range append(ScoreMetrics(), ThresholdMetrics()...) {
		x, y := a.metric(m), b.metric(m)
		if x.Reason != y.Reason || x.Defined() && !near(x.Value, y.Value) {
			t.Errorf("%s: weighted %+v, counted %+v", m, x, y)
		}
	}
}

// TestMissingAttribute: people of unknown attribute are shown and take no part in comparisons.
func TestMissingAttribute(t *testing.T) {
	table := &Table{
		Score: []float64{0.1, 0.9, 0.2, 0.8, 0.9, 0.9}, Outcome: []uint8{0, 1, 1, 0, 1, 0},
		Attributes: []Attribute{NewAttribute("g", []string{"a", "a", "b", "b", "", ""})},
	}
	f := compute(t, table, plainOptions(0.5))
	found := false
	for _, g := range f.Groups {
		found = found || g.Group == MissingLevel && g.Missing && g.N == 2
	}
	if !found {
		t.Error("the people of unknown attribute are not shown")
	}
	for _, c := range f.Comparisons {
		if c.Group == MissingLevel || c.Reference == MissingLevel {
			t.Errorf("compared: %+v", c)
		}
	}
	for _, s := range f.Spreads {
		if s.Name == "demographic_parity_difference" && (s.Estimate.Value != 0 || len(s.LeftOut) != 1) {
			t.Errorf("selection rates of a and b are equal, the spread is %+v", s)
		}
	}
}

func TestLogLossAtBound(t *testing.T) {
	for _, row := range []struct {
		name    string
		score   []float64
		outcome []uint8
		loss    float64
		why     Reason
	}{
		{"certain and right", []float64{0, 1}, []uint8{0, 1}, 0, ""},
		{"certain and wrong", []float64{0, 0.5}, []uint8{1, 0}, math.NaN(), ScoreAtBound},
		{"a coin", []float64{0.5, 0.5}, []uint8{1, 0}, math.Ln2, ""},
	} {
		e := compute(t, &Table{Score: row.score, Outcome: row.outcome}, plainOptions()).Groups[0].Score[LogLoss]
		if e.Reason != row.why || row.why == "" && !near(e.Value, row.loss) {
			t.Errorf("%s: %+v", row.name, e)
		}
	}
}

func TestCalibrationSlopeUndefined(t *testing.T) {
	for _, row := range []struct {
		name    string
		score   []float64
		outcome []uint8
		why     Reason
	}{
		{"rank", []float64{1, 2, 3, 4}, []uint8{0, 1, 0, 1}, ScoreNotProbability},
		{"certain", []float64{0, 0.5, 0.6, 0.7}, []uint8{0, 1, 0, 1}, ScoreAtBound},
		{"one class", []float64{0.1, 0.5, 0.6, 0.7}, []uint8{1, 1, 1, 1}, OneClass},
		{"constant", []float64{0.5, 0.5, 0.5, 0.5}, []uint8{0, 1, 0, 1}, ConstantScore},
		{"separated", []float64{0.1, 0.2, 0.6, 0.7}, []uint8{0, 0, 1, 1}, NotConverged},
		{"separated with a tie", []float64{0.1, 0.2, 0.2, 0.7}, []uint8{0, 0, 1, 1}, NotConverged},
	} {
		e := compute(t, &Table{Score: row.score, Outcome: row.outcome}, plainOptions()).Groups[0].Score[CalibrationSlope]
		if e.Defined() || e.Reason != row.why {
			t.Errorf("%s: %+v, want undefined: %s", row.name, e, row.why)
		}
	}
}

func TestECEBins(t *testing.T) {
	// The last bin is closed: 1 belongs to the bin from 0.9. 0.3 belongs to the bin that begins with it.
	table := &Table{Score: []float64{0.95, 1, 0.3, 0.29}, Outcome: []uint8{1, 0, 1, 0}}
	want := (math.Abs(1-1.95) + math.Abs(1-0.3) + math.Abs(0-0.29)) / 4
	if e := compute(t, table, plainOptions(0.35, 0.97)).Groups[0].Score[ECE]; !near(e.Value, want) {
		t.Errorf("ECE %v, want %v", e.Value, want)
	}
}

func TestVerdicts(t *testing.T) {
	// 4,000 in each group; selected 50 %, 51 % and 80 %, and a group of 40 with 50 %.
	table := &Table{}
	var groups []string
	add := func(n int, group string, selected float64) {
		for i := range n {
			score := 0.2
			if float64(i) < selected*float64(n) {
				score = 0.8
			}
			table.Score, table.Outcome = append(table.Score, score), append(table.Outcome, uint8(i%2))
			groups = append(groups, group)
		}
	}
	add(4001, "reference", 0.5)
	add(4000, "alike", 0.51)
	add(4000, "apart", 0.8)
	add(40, "few", 0.5)
	table.Attributes = []Attribute{NewAttribute("g", groups)}
	o := DefaultOptions()
	o.Thresholds, o.VerdictMetrics = []float64{0.5}, []Metric{SelectionRate}
	want := map[string]string{"alike": Pass, "apart": Fail, "few": InsufficientEvidence}
	for _, c := range compute(t, table, o).Comparisons {
		switch {
		case c.Metric != SelectionRate && c.Verdict != nil:
			t.Errorf("%s has a verdict", c.Metric)
		case c.Metric == SelectionRate && c.Verdict.Verdict != want[c.Group]:
			t.Errorf("%s: %+v, ratio %+v, want %s", c.Group, c.Verdict, c.Ratio, want[c.Group])
		}
	}
	o.Replicates = 0
	for _, c := range compute(t, table, o).Comparisons {
		if c.Verdict != nil && c.Verdict.Verdict != InsufficientEvidence {
			t.Errorf("%s: %s without any interval", c.Group, c.Verdict.Verdict)
		}
	}
}

// TestVerdictsWithoutSpread: everybody of a group is selected, ten of ten. Had 75 % of such people been selected (a ratio of
// 0.75, outside), ten of ten would still come about once in eighteen times; the bootstrap sees ten of ten always.
func TestVerdictsWithoutSpread(t *testing.T) {
	for _, row := range []struct {
		name                      string
		reference, selected, size int // selected of 1,000, and of the group's size
		reason                    Reason
		verdict                   string
	}{
		{"both at 1", 1000, 10, 10, NoSpread, InsufficientEvidence},
		{"the group at 1", 950, 10, 10, NoSpread, InsufficientEvidence},
		{"the reference at 1", 1000, 40, 41, NoSpread, InsufficientEvidence},
		{"neither", 950, 390, 400, "", Pass},
	} {
		table := &Table{}
		var groups []string
		add := func(n, selected int, group string) {
			for i := range n {
				score := 0.2
				if i < selected {
					score = 0.8
				}
				table.Score, table.Outcome, groups = append(table.Score, score), append(table.Outcome, 0), append(groups, group)
			}
		}
		add(1000, row.reference, "reference")
		add(row.size, row.selected, "group")
		table.Attributes = []Attribute{NewAttribute("g", groups)}
		o := DefaultOptions()
		o.Thresholds, o.VerdictMetrics, o.MinCell, o.Replicates = []float64{0.5}, []Metric{SelectionRate}, 0, 200
		for _, c := range compute(t, table, o).Comparisons {
			if c.Metric != SelectionRate {
				continue
			}
			if v := c.Verdict; v.Verdict != row.verdict || v.Reason != row.reason || !*v.WithinTolerance {
				t.Errorf("%s: %+v", row.name, v)
			}
			if c.Ratio.HasInterval() != (row.name != "both at 1") {
				t.Errorf("%s: ratio %+v", row.name, c.Ratio)
			}
		}
	}
}

func TestEquivalence(t *testing.T) {
	low, high := math.Log(0.8), math.Log(1.25)
	for _, row := range []struct {
		name                string
		ratio, sd           float64
		equivalent, outside float64
	}{
		// Normal tails by hand: ln 1.25 / 0.1 = 2.2314, tail 0.012826.
		{"in the middle", 1, 0.1, 0.012826, 1},
		{"at the bound", 1.25, 0.1, 0.5, 1},
		{"far outside", 2, 0.1, 1, 0},
	} {
		equivalent, outside := equivalence(math.Log(row.ratio), row.sd, low, high)
		if math.Abs(equivalent-row.equivalent) > 1e-5 || math.Abs(outside-row.outside) > 1e-5 {
			t.Errorf("%s: %v and %v, want %v and %v", row.name, equivalent, outside, row.equivalent, row.outside)
		}
	}
}
