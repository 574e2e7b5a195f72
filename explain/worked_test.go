package explain

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// TestWorkedExamples computes the examples of docs/explanations.md and holds the page to them.
func TestWorkedExamples(t *testing.T) {
	page, err := os.ReadFile("../docs/explanations.md")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"two hazards": workedHazards(t), "one tree": workedTree(t)} {
		if !strings.Contains(string(page), "```\n"+text+"```\n") {
			t.Errorf("docs/explanations.md does not hold the example of %s; it is now\n%s", name, text)
		}
	}
}

func line(name string, points, logOdds, odds float64) string {
	return fmt.Sprintf("%-28s %9.5f %9.5f %8.3f\n", name, points, logOdds, odds)
}

// workedHazards is an additive model of two heads: the months that are left cover half of the first one's interval.
func workedHazards(t *testing.T) string {
	b, err := Product([]Hazard{
		{Terms: []float64{0.4, -0.1}, Reference: -1.2, Curve: platt{1.1, -0.05}, Share: 0.5},
		{Terms: []float64{0.2, 0.3}, Reference: -1.6, Curve: platt{0.9, -0.1}, Share: 1},
	})
	if err != nil {
		t.Fatal(err)
	}
	var s strings.Builder
	fmt.Fprintf(&s, "%-28s %9s %9s %8s\n", "", "points", "log-odds", "odds x")
	s.WriteString(line("baseline", b.Baseline, b.BaselineLogOdds, math.Exp(b.BaselineLogOdds)))
	for j, name := range []string{"missed contacts", "age"} {
		p, l := b.Points[0][j]+b.Points[1][j], b.LogOdds[0][j]+b.LogOdds[1][j]
		s.WriteString(line(name, p, l, math.Exp(l)))
	}
	s.WriteString(line("score", b.Probability, b.TotalLogOdds, math.Exp(b.TotalLogOdds)))
	return s.String()
}

// workedTree is "missed > 2 and no job: 1; missed > 2 and a job: 0.5; else 0" against two background rows.
func workedTree(t *testing.T) string {
	e := trees{columns: 2, nodes: [][]treeNode{{
		{mode: "BRANCH_GT", feature: 0, threshold: 2, yes: 1, no: 2},
		{mode: "BRANCH_EQ", feature: 1, threshold: 0, yes: 3, no: 4},
		{value: 0}, {value: 1}, {value: 0.5},
	}}}
	b := partsOf(t, headOf(t, e, [][]float32{{0, 1}, {3, 1}}, nil), []float32{4, 0})
	var s strings.Builder
	fmt.Fprintf(&s, "%-28s %9s %9s %8s\n", "", "points", "log-odds", "odds x")
	s.WriteString(line("baseline", b.Baseline, b.BaselineLogOdds, math.Exp(b.BaselineLogOdds)))
	for j, name := range []string{"missed contacts", "job"} {
		s.WriteString(line(name, b.Points[0][j], b.LogOdds[0][j], math.Exp(b.LogOdds[0][j])))
	}
	s.WriteString(line("score", b.Probability, b.TotalLogOdds, math.Exp(b.TotalLogOdds)))
	return s.String()
}
