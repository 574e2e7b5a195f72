package explain

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// graphOf runs made-up trees as a graph of which nothing is known.
func graphOf(t interface{ Fatal(...any) }, e trees, background [][]float32) *graph {
	g, err := newGraph(Setup{Program: e.program(t), Output: "margin", Background: background})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func logOddsOf(t interface{ Fatal(...any) }, attribute func([]float32) (attribution, error), row []float32, references int) []float64 {
	a, err := attribute(row)
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]Units, references)
	for z := range weights {
		weights[z].LogOdds = 1 / float64(references)
	}
	var list []float64
	for _, u := range a.Split(weights) {
		list = append(list, u.LogOdds)
	}
	return list
}

// The two exact ways to the same values share nothing but the definition. Graphs score in float32.
func TestEnumerationIsTheTrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, factors := drawCase(t)
		h := headOf(t, e, background, factors)
		trees := logOddsOf(t, h.attribute, row, len(background))
		counted := logOddsOf(t, graphOf(t, e, background).enumerate(factors, h.factors), row, len(background))
		for j := range trees {
			if math.Abs(trees[j]-counted[j]) > 1e-6 {
				t.Errorf("factor %d: trees give %v, coalitions %v", j, trees[j], counted[j])
			}
		}
	})
}

func TestSamplesAddUpAndComeNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, row, background, factors := drawCase(t)
		count := headOf(t, e, background, factors).factors
		g := graphOf(t, e, background)
		a, err := g.sample(factors, count, 32, rapid.Uint64().Draw(t, "seed"))(row)
		if err != nil {
			t.Fatal(err)
		}
		weights := make([]Units, len(background))
		move := 0.0
		for z, r := range a.References() {
			weights[z].LogOdds = 1 / float64(len(background))
			move += (a.Margin() - r) / float64(len(background))
		}
		exact := logOddsOf(t, g.enumerate(factors, count), row, len(background))
		spread := a.(uncertain).Errors(weights)
		for j, u := range a.Split(weights) {
			move -= u.LogOdds
			// 32 pairs know their own spread only roughly, and rare terms may not be drawn at all.
			if math.Abs(u.LogOdds-exact[j]) > 8*spread[j].LogOdds+0.1 {
				t.Errorf("factor %d is %v with a standard error of %v, exactly %v", j, u.LogOdds, spread[j].LogOdds, exact[j])
			}
		}
		if math.Abs(move) > 1e-9 {
			t.Errorf("the samples miss the move by %g", move)
		}
	})
}

func TestSampledAgainIsTheSame(t *testing.T) {
	e := completeTrees(10, 4, 14)
	background, row := normalRows(5, 14), normalRows(6, 14)[5]
	s := Setup{Program: e.program(t), Output: "margin", Background: background, Seed: 7}
	g := graphOf(t, e, background)
	var factors []int
	for i := range 14 {
		factors = append(factors, i)
	}
	first := logOddsOf(t, g.sample(factors, 14, 16, s.Seed), row, len(background))
	again := logOddsOf(t, g.sample(factors, 14, 16, s.Seed), row, len(background))
	other := logOddsOf(t, g.sample(factors, 14, 16, s.Seed+1), row, len(background))
	same, differs := true, false
	for j := range first {
		same = same && first[j] == again[j]
		differs = differs || first[j] != other[j]
	}
	if !same || !differs {
		t.Errorf("the same seed gives the same: %t; another gives another: %t", same, differs)
	}
}

// Additive functions leave sampling nothing to guess.
func TestSampledIsExactOnSums(t *testing.T) {
	e := trees{columns: 14}
	for f := range 14 {
		e.nodes = append(e.nodes, []treeNode{{mode: "BRANCH_LEQ", feature: f, threshold: 0.5, yes: 1, no: 2}, {value: 0.25}, {value: -0.5}})
	}
	background, row := normalRows(7, 14), normalRows(8, 14)[7]
	g := graphOf(t, e, background)
	var factors []int
	for i := range 14 {
		factors = append(factors, i)
	}
	a, err := g.sample(factors, 14, 4, 1)(row)
	if err != nil {
		t.Fatal(err)
	}
	weights := make([]Units, len(background))
	for z := range weights {
		weights[z] = Units{1, 1}
	}
	for j, u := range a.(uncertain).Errors(weights) {
		if u.LogOdds > 1e-6 {
			t.Errorf("factor %d of a sum has a standard error of %g", j, u.LogOdds)
		}
	}
}

// Several hazards of trees: the definition once more, background row by background row, on the product itself.
func TestTreesThroughAProductOfHazards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, row, background, factors := drawCase(t)
		second := first
		second.nodes = [][]treeNode{drawTree(t, first.columns)}
		heads := []At{
			{Attribution: attributed(t, headOf(t, first, background, factors), row), Curve: platt{1.2, -1}, Share: 0.5},
			{Attribution: attributed(t, headOf(t, second, background, factors), row), Curve: platt{0.8, -0.5}, Share: 1},
		}
		b, err := Explain(heads)
		if err != nil {
			t.Fatal(err)
		}
		checkSums(t, "two heads", b)
		want := 0.0
		for _, z := range background {
			hazards := make([]Hazard, 2)
			for k, e := range []trees{first, second} {
				hazards[k] = Hazard{Terms: []float64{e.score(row) - e.score(z)}, Reference: e.score(z), Curve: heads[k].Curve, Share: heads[k].Share}
			}
			one, err := Product(hazards)
			if err != nil {
				t.Fatal(err)
			}
			want += one.Points[0][0] / float64(len(background))
		}
		if got := total(0, b.Points[:1]); math.Abs(got-want) > 1e-9 {
			t.Errorf("the first head moves the product by %v, want %v", got, want)
		}
	})
}

func TestForestsOfProbabilities(t *testing.T) {
	e := trees{columns: 3, average: true, nodes: [][]treeNode{
		{{mode: "BRANCH_LEQ", feature: 0, threshold: 0.5, yes: 1, no: 2}, {value: 0}, {value: 1}},
		{{mode: "BRANCH_LEQ", feature: 1, threshold: 0.5, yes: 1, no: 2}, {value: 0}, {value: 1}},
	}}
	background := [][]float32{{0, 0, 0}, {1, 0, 0}}
	h, err := NewHead(Setup{Program: e.program(t), Output: "margin", Probability: true, Background: background})
	if err != nil {
		t.Fatal(err)
	}
	if h.Method() != Trees || !h.probability {
		t.Fatalf("a forest of probabilities is explained by %s", h.Method())
	}
	for _, c := range []struct {
		name     string
		row      []float32
		points   [3]float64
		baseline float64
	}{
		// The baseline is the mean of 0 and 0.5. Column 0 differs from one of two background rows, column 1 from both.
		{"all trees vote yes", []float32{1, 1, 5}, [3]float64{0.25, 0.5, 0}, 0.25},
		{"no tree does", []float32{0, 0, 5}, [3]float64{-0.25, 0, 0}, 0.25},
		{"half of them", []float32{0, 1, 5}, [3]float64{-0.25, 0.5, 0}, 0.25},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := partsOf(t, h, c.row)
			checkSums(t, c.name, b)
			if !b.Rescaled {
				t.Error("the log-odds are not said to be rescaled")
			}
			// A unanimous vote reads as 1e-9 off certainty.
			if math.Abs(b.Baseline-c.baseline) > 1e-8 {
				t.Errorf("the baseline is %v", b.Baseline)
			}
			for j, want := range c.points {
				if math.Abs(b.Points[0][j]-want) > 1e-8 {
					t.Errorf("factor %d: %v points, want %v", j, b.Points[0][j], want)
				}
				if b.Points[0][j]*b.LogOdds[0][j] < 0 {
					t.Errorf("factor %d has points %v and log-odds %v", j, b.Points[0][j], b.LogOdds[0][j])
				}
			}
		})
	}
}

func TestHeadsAreRefused(t *testing.T) {
	e := completeTrees(2, 2, 3)
	p := e.program(t)
	background := normalRows(2, 3)
	for _, c := range []struct {
		name  string
		setup Setup
		says  string
	}{
		{"no graph", Setup{}, "no graph"},
		{"an output that is not there", Setup{Program: p, Output: "score", Background: background}, "score"},
		{"a column that is not there", Setup{Program: p, Output: "margin", Column: 1, Background: background}, "column 1"},
		{"no background rows", Setup{Program: p, Output: "margin"}, "background"},
		{"short background rows", Setup{Program: p, Output: "margin", Background: [][]float32{{1}}}, "columns"},
		{"too few factors", Setup{Program: p, Output: "margin", Background: background, Factors: []int{0}}, "factors"},
		{"a factor left out", Setup{Program: p, Output: "margin", Background: background, Factors: []int{0, 2, 2}}, "factor 1"},
		{"a factor below zero", Setup{Program: p, Output: "margin", Background: background, Factors: []int{0, -1, 1}}, "range"},
	} {
		if _, err := NewHead(c.setup); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want an error about %q", c.name, err, c.says)
		}
	}
	h := headOf(t, e, background, nil)
	if _, err := h.Attribute([]float32{1}); err == nil {
		t.Error("a short row is explained")
	}
	at := func(row []float32, share float64) At {
		return At{Attribution: attributed(t, h, row), Curve: uncalibrated, Share: share}
	}
	other := headOf(t, e, normalRows(3, 3), nil)
	for name, heads := range map[string][]At{
		"no head":              nil,
		"a share of zero":      {at(background[0], 0)},
		"unequal background":   {at(background[0], 1), {Attribution: attributed(t, other, background[0]), Curve: uncalibrated, Share: 1}},
		"more heads than ever": make([]At, MaxHazards+1),
		"odds without end":     {{Attribution: attributed(t, h, background[0]), Curve: platt{1e6, 0}, Share: 1}},
	} {
		if b, err := Explain(heads); err == nil {
			t.Errorf("%s: got %+v, want an error", name, b)
		}
	}
}

// A head serves any number of goroutines.
func TestManyAtOnce(t *testing.T) {
	e := completeTrees(20, 4, 8)
	background, rows := normalRows(150, 8), normalRows(158, 8)[150:]
	h := headOf(t, e, background, nil)
	want := make([]*Breakdown, len(rows))
	for i, row := range rows {
		want[i] = partsOf(t, h, row)
	}
	t.Run("at once", func(t *testing.T) {
		for i, row := range rows {
			t.Run("row", func(t *testing.T) {
				t.Parallel()
				for range 20 {
					for j, p := range partsOf(t, h, row).Points[0] {
						if p != want[i].Points[0][j] {
							t.Errorf("row %d, factor %d: %v, alone %v", i, j, p, want[i].Points[0][j])
						}
					}
				}
			})
		}
	})
}
