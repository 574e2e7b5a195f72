package fairness

import (
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// layerOf is one layer of counts and what of it a frame shows.
type layerOf struct {
	name  string
	cells func(g int) []int
	shown func(g int) bool
}

// TestNothingSmallCanBeWorkedOut audits the suppression from outside: whatever the people, no small count is shown, and
// no hidden count follows from what is shown by the sums over groups. The audit solves the sums as linear equations.
func TestNothingSmallCanBeWorkedOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Chains over several sums need many groups with few hidden cells among them.
		people := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) person {
			return person{
				score:   float64(rapid.IntRange(0, 20).Draw(t, "score")) / 20,
				outcome: uint8(rapid.IntRange(0, 1).Draw(t, "outcome")),
				groups: [2]string{
					string(rune('a' + rapid.IntRange(0, 6).Draw(t, "first"))),
					string(rune('p' + rapid.IntRange(0, 6).Draw(t, "second"))),
				},
			}
		}), 20, 600).Draw(t, "people")
		o := propertyOptions(t)
		o.MinCell = rapid.IntRange(2, 10).Draw(t, "smallest cell")
		p, err := newPlan(tableOf(people, false), o)
		if err != nil {
			t.Fatal(err)
		}
		counts := countsOf(p)
		m := suppress(p, counts, o.MinCell, nil)
		layers := []layerOf{
			{"whole", func(g int) []int { return []int{sizeOfGroup(counts[g])} }, func(g int) bool { return m.whole[g] == "" }},
			{"outcomes", func(g int) []int { n, y := counts[g].total(); return []int{n, y} }, func(g int) bool { return m.outcomes[g] == "" }},
		}
		for k, cut := range p.cut {
			layers = append(layers,
				layerOf{"selected", func(g int) []int { c := counts[g].at(cut); return []int{c.TP + c.FP, c.FN + c.TN} },
					func(g int) bool { return m.selected[k][g] == "" }},
				layerOf{"joint", func(g int) []int { c := counts[g].at(cut); return []int{c.TP, c.FP, c.FN, c.TN} },
					func(g int) bool { return m.joint[k][g] == "" }})
		}
		for _, l := range layers {
			auditLayer(t, p, l, o.MinCell)
		}
		// The layers hold what they promise to each other.
		for g := range p.groups {
			for k := range p.cut {
				if m.whole[g] != "" && (m.outcomes[g] == "" || m.selected[k][g] == "") ||
					(m.outcomes[g] != "" || m.selected[k][g] != "") && m.joint[k][g] == "" {
					t.Fatalf("group %d shows a finer layer than a hidden coarser one", g)
				}
			}
		}
	})
}

func countsOf(p *plan) []groupCounts {
	tally := newTally(p)
	units := make([]float64, len(p.rows))
	for i := range units {
		units[i] = 1
	}
	tally.run(p, units)
	return p.countCells(tally)
}

func sizeOfGroup(c groupCounts) int {
	n, y := c.total()
	return n + y
}

func auditLayer(t *rapid.T, p *plan, l layerOf, smallest int) {
	unknown := make(map[int]int) // group -> column
	for g := range p.groups {
		if l.shown(g) {
			for _, n := range l.cells(g) {
				if n >= 1 && n < smallest {
					t.Fatalf("%s: group %d shows a count of %d", l.name, g, n)
				}
			}
			continue
		}
		occupied := false
		for _, n := range l.cells(g) {
			occupied = occupied || n > 0
		}
		// An empty group is known to be empty; it hides nothing.
		if occupied {
			unknown[g] = len(unknown)
		}
	}
	if len(unknown) == 0 {
		return
	}
	// Each sum over groups is an equation in the hidden counts. A hidden count follows if its unit vector adds nothing to
	// the rank.
	var rows [][]float64
	for _, r := range p.relations() {
		row := make([]float64, len(unknown))
		for _, g := range r.members {
			if c, ok := unknown[g]; ok {
				row[c] = 1
			}
		}
		if c, ok := unknown[r.parent]; ok {
			row[c] = -1
		}
		rows = append(rows, row)
	}
	base := rank(rows)
	for g, c := range unknown {
		unit := make([]float64, len(unknown))
		unit[c] = 1
		if rank(append(rows[:len(rows):len(rows)], unit)) == base {
			t.Fatalf("%s: the hidden counts %v of group %d follow from what is shown", l.name, l.cells(g), g)
		}
	}
}

func rank(rows [][]float64) int {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		return -1
	}
	return svd.Rank(1e-9)
}

func TestSuppressionLayers(t *testing.T) {
	// 20 people: 8 of the event. Group "few" has 12 people of whom 3 are selected.
	var people []person
	add := func(n int, group string, score float64, outcome uint8) {
		for range n {
			people = append(people, person{score, outcome, 1, [2]string{group, "x"}})
		}
	}
	add(30, "many", 0.9, 1)
	add(30, "many", 0.1, 1)
	add(30, "many", 0.9, 0)
	add(30, "many", 0.1, 0)
	add(20, "next", 0.9, 1)
	add(20, "next", 0.1, 1)
	add(20, "next", 0.9, 0)
	add(20, "next", 0.1, 0)
	add(12, "few", 0.9, 1)
	add(12, "few", 0.1, 1)
	add(12, "few", 0.9, 0)
	add(3, "few", 0.1, 0)
	o := DefaultOptions()
	o.Thresholds, o.Replicates, o.NoIntersections = []float64{0.5}, 0, true
	frame := compute(t, tableOf(people, false), o)
	for _, row := range []struct {
		group  string
		metric Metric
		why    Reason
	}{
		{"few", BaseRate, ""},
		{"few", SelectionRate, ""},
		{"few", MeanScore, ""},
		{"few", AUC, SmallCell}, // with two scores it gives the four cells away
		{"many", AUC, ""},
		{"few", FPR, SmallCell},
		{"few", PPV, SmallCell},
		{"next", FPR, ComplementaryCell},
		{"next", BaseRate, ""},
		{"many", FPR, ""},
	} {
		for _, g := range frame.Groups {
			if g.Attribute == "first" && g.Group == row.group && g.metric(row.metric).Reason != row.why {
				t.Errorf("%s of %s: %q, want %q", row.metric, row.group, g.metric(row.metric).Reason, row.why)
			}
		}
	}
	for _, c := range frame.Comparisons {
		if c.Group == "few" && c.Metric == FPR && (c.Verdict.Verdict != InsufficientEvidence || c.Ratio.Reason != SmallCell) {
			t.Errorf("the verdict on a hidden value is %+v", c.Verdict)
		}
	}
}

// TestTwoScoresAreCounts: of 50 people 3 were decided as high risk. Neither the mean of the decisions (3/50) nor their AUC
// (with the base rate: one of the three had the event) may say what the selection rate does not.
func TestTwoScoresAreCounts(t *testing.T) {
	var people []person
	add := func(n int, group string, score float64) {
		for i := range n {
			people = append(people, person{score, uint8(i % 2), 1, [2]string{group, "x"}})
		}
	}
	add(200, "many", 1)
	add(200, "many", 0)
	add(30, "next", 1)
	add(40, "next", 0)
	add(3, "few", 1)
	add(47, "few", 0)
	for name, thresholds := range map[string][]float64{"parted": {0.5}, "not parted": {2}, "no threshold": nil} {
		for _, kind := range []ScoreKind{RankScore, ProbabilityScore} {
			o := DefaultOptions()
			o.Thresholds, o.Replicates, o.NoIntersections, o.ScoreKind = thresholds, 0, true, kind
			frame := compute(t, tableOf(people, false), o)
			for _, g := range frame.Groups {
				if g.Attribute != "first" {
					continue
				}
				for m, e := range g.Score {
					hidden := e.Reason == SmallCell || e.Reason == ComplementaryCell
					if want := g.Group != "many" && m != BaseRate; hidden != want {
						t.Errorf("%s, %s: %s of %s is %v (%q)", name, kind, m, g.Group, e.Value, e.Reason)
					}
				}
			}
			for _, c := range frame.Comparisons {
				if c.Attribute == "first" && c.Group == "few" && c.Metric == MeanScore && c.Difference.Defined() {
					t.Errorf("%s, %s: the difference of the means is %v", name, kind, c.Difference.Value)
				}
			}
		}
	}
}

// TestSuccessiveReports: a report about the same people and a few more does not give the newcomers away.
func TestSuccessiveReports(t *testing.T) {
	table := benchmarkTable(3000)
	o := DefaultOptions()
	o.Thresholds, o.Replicates, o.NoIntersections = []float64{0.5}, 0, true
	first := compute(t, table, o)
	if first.Groups[0].NReason != "" {
		t.Fatal("the first report hides everybody")
	}
	more := benchmarkTable(3004)
	o.Published = first.Rows()
	second := compute(t, more, o)
	if second.Groups[0].NReason == "" {
		t.Error("4 newcomers can be told from the sizes of two reports")
	}
	again := compute(t, table, o)
	if again.Groups[0].NReason != "" || again.Groups[0].At[0].Counts == nil {
		t.Error("a report about exactly the same people gives nothing away and should be shown")
	}
}
