package explain

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/model/onnx"
)

// numbers are rows of numbers in which null is a missing value.
type numbers [][]*float64

func (n numbers) rows() [][]float32 {
	out := make([][]float32, len(n))
	for i, row := range n {
		for _, v := range row {
			if v == nil {
				out[i] = append(out[i], float32(math.NaN()))
			} else {
				out[i] = append(out[i], float32(*v))
			}
		}
	}
	return out
}

// golden is one file of testdata/goldens, written by notebooks/goldens_explain.
type golden struct {
	Kind        string
	Method      Method
	Output      string
	Column      int
	Probability bool
	Factors     []int
	Tolerance   float64
	Rows        numbers
	Background  numbers
	Expected    struct {
		Baseline float64
		Margins  []float64
		Parts    [][]float64 // of the sum that the method splits
		Points   *struct {   // of the probability, each background row's move by itself
			Baseline float64
			Parts    numbers // null where shap differs by intent: a background row with the very margin of the row
		}
		Against [][]float64 // of the first row, against each background row alone
	}
	program *onnx.Program
}

func readGolden(t testing.TB, path string) *golden {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	g := new(golden)
	for _, f := range archive.File {
		opened, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "model.onnx" {
			if g.program, err = onnx.Load(content, onnx.DefaultLimits()); err != nil {
				t.Fatal(err)
			}
		} else if err := json.Unmarshal(content, g); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

func (g *golden) setup(background [][]float32) Setup {
	return Setup{Program: g.program, Output: g.Output, Column: g.Column, Probability: g.Probability, Factors: g.Factors,
		Background: background, Seed: 1}
}

// uncalibrated leaves margins as they are.
var uncalibrated = platt{1, 0}

// TestGoldens compares contributions with shap's and interpret's, in the unit that those split: a sum in log-odds, or a
// probability. Where shap carried them to a probability row by row, the points are compared too.
func TestGoldens(t *testing.T) {
	paths, err := filepath.Glob("testdata/goldens/*.zip")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d goldens, want at least 20: %v", len(paths), err)
	}
	seen := map[Method]int{}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".zip"), func(t *testing.T) {
			g := readGolden(t, path)
			h, err := NewHead(g.setup(g.Background.rows()))
			if err != nil {
				t.Fatal(err)
			}
			if h.Method() != g.Method {
				t.Fatalf("explained by %s, want %s", h.Method(), g.Method)
			}
			seen[g.Method]++
			for i, row := range g.Rows.rows() {
				g.compare(t, fmt.Sprintf("row %d", i), h, i, row)
			}
			g.compareAlone(t, h)
		})
	}
	for _, m := range []Method{Additive, Linear, Trees, Exact, Sampled} {
		if seen[m] == 0 {
			t.Errorf("no golden is explained by %s", m)
		}
	}
}

func (g *golden) compare(t *testing.T, name string, h *Head, i int, row []float32) {
	t.Helper()
	b, err := Explain([]At{{Attribution: attributed(t, h, row), Curve: uncalibrated, Share: 1}})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	checkSums(t, name, b)
	near := func(what string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
			t.Errorf("%s: %s is %v, want %v: off by %g", name, what, got, want, got-want)
		}
	}
	total, baseline, parts, spread := b.TotalLogOdds, b.BaselineLogOdds, b.LogOdds, b.LogOddsErrors
	if h.probability {
		total, baseline, parts, spread = b.Probability, b.Baseline, b.Points, b.PointsErrors
	}
	near("the margin", total, g.Expected.Margins[i], g.Tolerance)
	near("the baseline", baseline, g.Expected.Baseline, g.Tolerance)
	for j, want := range g.Expected.Parts[i] {
		tolerance := g.Tolerance
		if spread != nil {
			// An unbiased estimate lies within five standard errors but once in two million times.
			tolerance += 5 * spread[0][j]
		}
		near(fmt.Sprintf("factor %d", j), parts[0][j], want, tolerance)
	}
	if points := g.Expected.Points; points != nil {
		near("the baseline in points", b.Baseline, points.Baseline, g.Tolerance)
		for j, want := range points.Parts[i] {
			if want != nil {
				near(fmt.Sprintf("factor %d in points", j), b.Points[0][j], *want, g.Tolerance)
			}
		}
	}
}

// compareAlone holds the parts of the first row against each background row: what the means are made of.
func (g *golden) compareAlone(t *testing.T, h *Head) {
	t.Helper()
	if g.Expected.Against == nil {
		return
	}
	a, err := h.attribute(g.Rows.rows()[0])
	if err != nil {
		t.Fatal(err)
	}
	for z, want := range g.Expected.Against {
		weights := make([]Units, len(g.Background))
		weights[z].LogOdds = 1
		for j, u := range a.Split(weights) {
			if math.Abs(u.LogOdds-want[j]) > g.Tolerance {
				t.Errorf("against background row %d factor %d is %v, want %v", z, j, u.LogOdds, want[j])
			}
		}
	}
}

// checkSums holds contributions against the score.
func checkSums(t interface {
	Helper()
	Errorf(string, ...any)
}, name string, b *Breakdown) {
	t.Helper()
	if off := total(b.Baseline, b.Points) - b.Probability; !(math.Abs(off) <= 1e-9) {
		t.Errorf("%s: the points miss the probability by %g", name, off)
	}
	if off := total(b.BaselineLogOdds, b.LogOdds) - b.TotalLogOdds; !(math.Abs(off) <= 1e-9) {
		t.Errorf("%s: the log-odds miss their total by %g", name, off)
	}
}
