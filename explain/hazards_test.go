package explain

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

type platt struct{ a, b float64 }

func (p platt) LogOdds(m float64) float64 { return p.a*m + p.b }
func (p platt) Slope(float64) float64     { return p.a }

// drawHeads makes up to three heads whose terms may be zero, tiny or large.
func drawHeads(t *rapid.T) []Hazard {
	term := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(-1e-7, 1e-7), rapid.Float64Range(-3, 3))
	heads := make([]Hazard, rapid.IntRange(1, 3).Draw(t, "heads"))
	for i := range heads {
		heads[i] = Hazard{
			Terms:     rapid.SliceOfN(term, 1, 6).Draw(t, "terms"),
			Reference: rapid.Float64Range(-4, 2).Draw(t, "reference"),
			Curve:     platt{rapid.Float64Range(0.2, 2).Draw(t, "a"), rapid.Float64Range(-1, 1).Draw(t, "b")},
			Share:     rapid.Float64Range(0.01, 1).Draw(t, "share"),
		}
	}
	return heads
}

func total(start float64, parts [][]float64) float64 {
	for _, head := range parts {
		for _, p := range head {
			start += p
		}
	}
	return start
}

func TestContributionsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, err := Product(drawHeads(t))
		if err != nil {
			t.Fatal(err)
		}
		if off := total(b.Baseline, b.Points) - b.Probability; math.Abs(off) > 1e-12 {
			t.Errorf("points miss the probability by %g", off)
		}
		if off := total(b.BaselineLogOdds, b.LogOdds) - b.TotalLogOdds; math.Abs(off) > 1e-9 {
			t.Errorf("log-odds miss their total by %g", off)
		}
	})
}

func TestSignsAndDummies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heads := drawHeads(t)
		b, err := Product(heads)
		if err != nil {
			t.Fatal(err)
		}
		for k, h := range heads {
			for j, term := range h.Terms {
				if term == 0 && (b.Points[k][j] != 0 || b.LogOdds[k][j] != 0) {
					t.Errorf("a term of 0 contributes %g", b.Points[k][j])
				}
				if term*b.Points[k][j] < 0 || term*b.LogOdds[k][j] < 0 {
					t.Errorf("term %g contributes %g points, %g log-odds: another direction", term, b.Points[k][j], b.LogOdds[k][j])
				}
			}
		}
	})
}

func TestOneHeadIsThePlainCase(t *testing.T) {
	// By hand: g(m) = sigmoid(1.2 m - 0.1), b = -1, m = -1 + 0.5 + 0.25 = -0.25.
	curve := platt{1.2, -0.1}
	b, err := Product([]Hazard{{Terms: []float64{0.5, 0.25}, Reference: -1, Curve: curve, Share: 1}})
	if err != nil {
		t.Fatal(err)
	}
	gB, gM := 1/(1+math.Exp(1.3)), 1/(1+math.Exp(0.4))
	want := []struct {
		name      string
		got, want float64
	}{
		{"baseline", b.Baseline, gB},
		{"probability", b.Probability, gM},
		{"baseline log-odds", b.BaselineLogOdds, -1.3},
		{"log-odds", b.TotalLogOdds, -0.4},
		{"points of 0.5", b.Points[0][0], 0.5 * (gM - gB) / 0.75},
		{"log-odds of 0.5", b.LogOdds[0][0], 0.6},
		{"log-odds of 0.25", b.LogOdds[0][1], 0.3},
	}
	for _, w := range want {
		if math.Abs(w.got-w.want) > 1e-14 {
			t.Errorf("%s: %v, want %v", w.name, w.got, w.want)
		}
	}
}

func TestTwoHeadsShareByShapley(t *testing.T) {
	// Two whole hazards move from 0.2 to 0.4 and from 0.1 to 0.3. By hand on F = 1 - (1-h1)(1-h2):
	// A1 = ((0.46-0.28) + (0.58-0.44))/2 = 0.16... with F(b,b)=0.28, F(m,b)=0.46, F(b,m)=0.44, F(m,m)=0.58.
	logit := func(p float64) float64 { return math.Log(p / (1 - p)) }
	head := func(from, to float64) Hazard {
		return Hazard{Terms: []float64{logit(to) - logit(from)}, Reference: logit(from), Curve: platt{1, 0}, Share: 1}
	}
	b, err := Product([]Hazard{head(0.2, 0.4), head(0.1, 0.3)})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{(0.18 + 0.14) / 2, (0.16 + 0.12) / 2} {
		if got := b.Points[i][0]; math.Abs(got-want) > 1e-14 {
			t.Errorf("head %d: %v points, want %v", i+1, got, want)
		}
	}
}

func TestDerivativeMeetsQuotient(t *testing.T) {
	at := func(distance float64) float64 {
		b, err := Product([]Hazard{
			{Terms: []float64{distance, 1, -1}, Reference: -0.7, Curve: platt{1.1, 0.2}, Share: 0.4},
			{Terms: []float64{0.8}, Reference: -1.5, Curve: platt{0.9, 0}, Share: 1},
		})
		if err != nil {
			t.Fatal(err)
		}
		return b.LogOdds[0][1]
	}
	if below, above := at(nearlyStill*(1-1e-9)), at(nearlyStill*(1+1e-9)); math.Abs(below-above) > 1e-9 {
		t.Errorf("the factor jumps from %v to %v where the derivative gives way to the quotient", below, above)
	}
}

func TestProductRefuses(t *testing.T) {
	one := Hazard{Terms: []float64{1}, Curve: platt{1, 0}, Share: 1}
	for name, heads := range map[string][]Hazard{
		"no head":         {},
		"too many heads":  make([]Hazard, MaxHazards+1),
		"share of zero":   {{Terms: one.Terms, Curve: one.Curve}},
		"share over one":  {{Terms: one.Terms, Curve: one.Curve, Share: 1.5}},
		"share unknown":   {{Terms: one.Terms, Curve: one.Curve, Share: math.NaN()}},
		"term not finite": {{Terms: []float64{math.NaN()}, Curve: one.Curve, Share: 1}},
	} {
		if b, err := Product(heads); err == nil {
			t.Errorf("%s: got %+v, want an error", name, b)
		}
	}
}
