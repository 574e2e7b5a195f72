package fairness

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// person is a row that a property draws.
type person struct {
	score   float64
	outcome uint8
	weight  float64
	groups  [2]string
}

func drawPeople(t *rapid.T, least int) []person {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) person {
		return person{
			score:   float64(rapid.IntRange(0, 20).Draw(t, "score")) / 20,
			outcome: uint8(rapid.IntRange(0, 1).Draw(t, "outcome")),
			weight:  float64(rapid.IntRange(1, 4).Draw(t, "weight")) / 2,
			groups: [2]string{
				rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(t, "first"),
				rapid.SampledFrom([]string{"x", "y"}).Draw(t, "second"),
			},
		}
	}), least, 120).Draw(t, "people")
}

func tableOf(people []person, weighted bool) *Table {
	t := &Table{}
	var first, second []string
	for _, p := range people {
		t.Score, t.Outcome = append(t.Score, p.score), append(t.Outcome, p.outcome)
		first, second = append(first, p.groups[0]), append(second, p.groups[1])
		if weighted {
			t.Weight = append(t.Weight, p.weight)
		}
	}
	t.Attributes = []Attribute{NewAttribute("first", first), NewAttribute("second", second)}
	return t
}

func propertyOptions(t *rapid.T) Options {
	o := DefaultOptions()
	o.Thresholds, o.Replicates = []float64{0.3, 0.6}, 30
	o.MinCell = rapid.SampledFrom([]int{0, 5}).Draw(t, "smallest cell")
	o.Workers = rapid.IntRange(1, 3).Draw(t, "workers")
	return o
}

// sameFrames compares two frames; the order of groups, which follows names, is evened out.
func sameFrames(t *rapid.T, what string, a, b *Frame) {
	// Options differ in workers and order in names; everything else must be equal to the bit.
	a.Options, b.Options = Options{}, Options{}
	sortFrame(a)
	sortFrame(b)
	equal := cmp.Comparer(func(x, y Estimate) bool {
		same := func(x, y float64) bool { return x == y || math.IsNaN(x) && math.IsNaN(y) }
		return same(x.Value, y.Value) && same(x.Low, y.Low) && same(x.High, y.High) && x.Method == y.Method &&
			x.Reason == y.Reason && x.UndefinedReplicates == y.UndefinedReplicates
	})
	if d := cmp.Diff(a, b, equal); d != "" {
		t.Fatalf("%s changed the frame:\n%s", what, d)
	}
}

func sortFrame(f *Frame) {
	slices.SortFunc(f.Groups, func(x, y Group) int {
		return slices.Compare([]string{x.Attribute, x.Group}, []string{y.Attribute, y.Group})
	})
	slices.SortFunc(f.Pairs, func(x, y Pair) int {
		return slices.Compare([]string{x.Attribute, x.Positive, x.Negative}, []string{y.Attribute, y.Positive, y.Negative})
	})
	key := func(c Comparison) []string {
		at := ""
		if c.Threshold != nil {
			at = fmt.Sprint(*c.Threshold)
		}
		return []string{c.Attribute, c.Group, at, string(c.Metric)}
	}
	slices.SortStableFunc(f.Comparisons, func(x, y Comparison) int { return slices.Compare(key(x), key(y)) })
	slices.SortStableFunc(f.Calibration, func(x, y CalibrationBin) int {
		return slices.Compare([]string{x.Attribute, x.Group}, []string{y.Attribute, y.Group})
	})
	for _, s := range f.Spreads {
		slices.Sort(s.LeftOut)
	}
}

func frameOf(t *rapid.T, table *Table, o Options) *Frame {
	f, err := Compute(t.Context(), table, o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestOrderOfRowsChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people, weighted := drawPeople(t, 1), rapid.Bool().Draw(t, "weighted")
		o := propertyOptions(t)
		a := frameOf(t, tableOf(people, weighted), o)
		shuffled := rapid.Permutation(people).Draw(t, "order")
		b := frameOf(t, tableOf(shuffled, weighted), o)
		sameFrames(t, "the order of rows", a, b)
	})
}

func TestNamesOfGroupsChangeNothing(t *testing.T) {
	names := map[string]string{"a": "ö", "b": "1", "c": "Z, z", "x": "zzz", "y": "A"}
	back := make(map[string]string)
	for from, to := range names {
		back[to] = from
	}
	rapid.Check(t, func(t *rapid.T) {
		weighted, o := rapid.Bool().Draw(t, "weighted"), propertyOptions(t)
		people := rapid.Custom(func(t *rapid.T) []person { return drawPeople(t, 1) }).
			Filter(func(p []person) bool { return !ambiguous(tableOf(p, weighted)) }).Draw(t, "people told apart")
		table, renamed := tableOf(people, weighted), tableOf(people, weighted)
		for k := range renamed.Attributes {
			levels := renamed.Attributes[k].Levels
			for l := range levels {
				if to, ok := names[levels[l]]; ok {
					levels[l] = to
				}
			}
		}
		a, b := frameOf(t, table, o), frameOf(t, renamed, o)
		renameBack(b, back)
		sameFrames(t, "the names of groups", a, b)
	})
}

// ambiguous reports whether two groups of one kind hold the same scores, outcomes and weights, so that only their names
// tell them apart.
func ambiguous(t *Table) bool {
	o := DefaultOptions()
	p, err := newPlan(t, o)
	if err != nil {
		return true
	}
	for _, s := range p.sets {
		content := slices.Clone(p.content[s.first : s.first+len(s.names)])
		slices.Sort(content)
		if len(slices.Compact(content)) < len(s.names) {
			return true
		}
	}
	return false
}

func renameBack(f *Frame, names map[string]string) {
	of := make(map[Part]string)
	for k := range f.Groups {
		g := &f.Groups[k]
		from := Part{g.Attribute, g.Group}
		if len(g.Parts) > 0 {
			values := ""
			for j := range g.Parts {
				if to, ok := names[g.Parts[j].Group]; ok {
					g.Parts[j].Group = to
				}
				if j > 0 {
					values += ","
				}
				values += g.Parts[j].Group
			}
			g.Group = values
		}
		of[from] = g.Group
	}
	for k := range f.Pairs {
		p := &f.Pairs[k]
		p.Positive, p.Negative = of[Part{p.Attribute, p.Positive}], of[Part{p.Attribute, p.Negative}]
	}
	for k := range f.Comparisons {
		c := &f.Comparisons[k]
		c.Group, c.Reference = of[Part{c.Attribute, c.Group}], of[Part{c.Attribute, c.Reference}]
	}
	for k := range f.Calibration {
		c := &f.Calibration[k]
		c.Group = of[Part{c.Attribute, c.Group}]
	}
	for k := range f.Spreads {
		s := &f.Spreads[k]
		for j := range s.LeftOut {
			s.LeftOut[j] = of[Part{s.Attribute, s.LeftOut[j]}]
		}
	}
}

// TestDuplicatedRows: everybody twice keeps every value and narrows every interval that has a width.
func TestDuplicatedRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		people := drawPeople(t, 1)
		o := DefaultOptions()
		o.Thresholds, o.Replicates, o.MinCell = []float64{0.4}, 0, 0
		a := frameOf(t, tableOf(people, false), o)
		b := frameOf(t, tableOf(append(slices.Clone(people), people...), false), o)
		for k, g := range a.Groups {
			h := b.Groups[k]
			for _, m := range append(ScoreMetrics(), ThresholdMetrics()...) {
				x, y := g.metric(m), h.metric(m)
				if x.Reason != y.Reason || x.Defined() && math.Abs(x.Value-y.Value) > 1e-9 {
					t.Fatalf("%s of %s: %+v, doubled %+v", m, g.Group, x, y)
				}
				if x.HasInterval() && !(y.High-y.Low < x.High-x.Low) {
					t.Fatalf("%s of %s: interval %v to %v, doubled %v to %v", m, g.Group, x.Low, x.High, y.Low, y.High)
				}
			}
		}
	})
}

func (g Group) metric(m Metric) Estimate {
	if e, ok := g.Score[m]; ok {
		return e
	}
	return g.At[0].Metrics[m]
}

// TestDuplicatedRowsBootstrap: with all persons told apart, twice the people narrow the bootstrap's intervals by about
// the square root of two; with the copies marked as the same persons they change nothing beyond chance.
func TestDuplicatedRowsBootstrap(t *testing.T) {
	once := benchmarkTable(2000)
	twice := *once
	twice.Score = append(slices.Clone(once.Score), once.Score...)
	twice.Outcome = append(slices.Clone(once.Outcome), once.Outcome...)
	twice.Attributes = slices.Clone(once.Attributes)
	for k := range twice.Attributes {
		codes := twice.Attributes[k].Codes
		twice.Attributes[k].Codes = append(slices.Clone(codes), codes...)
	}
	o := DefaultOptions()
	o.Thresholds, o.NoIntersections = []float64{0.5}, true
	width := func(table *Table) float64 {
		e := compute(t, table, o).Groups[0].Score[AUC]
		return e.High - e.Low
	}
	one, two := width(once), width(&twice)
	same := twice
	same.Person = make([]uint64, twice.Rows())
	for i := range same.Person {
		same.Person[i] = uint64(i % once.Rows())
	}
	clustered := width(&same)
	if r := one / two; r < 1.3 || r > 1.55 {
		t.Errorf("doubling the people narrows the interval %.3f times, want about 1.414", r)
	}
	if r := one / clustered; r < 0.92 || r > 1.08 {
		t.Errorf("doubling the rows of the same people narrows the interval %.3f times, want about 1", r)
	}
}
