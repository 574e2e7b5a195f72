package explain

import (
	"fmt"
	"math"

	"github.com/tarozi/tarozi/model/onnx"
)

// sum is the attribution of a head that adds up: one reference, and each factor's distance from it.
type sum struct {
	margin    float64
	reference float64
	parts     []float64
}

func (s *sum) Margin() float64       { return s.margin }
func (s *sum) References() []float64 { return []float64{s.reference} }

func (s *sum) Split(weights []Units) []Units {
	out := make([]Units, len(s.parts))
	for j, p := range s.parts {
		out[j] = weights[0].times(p)
	}
	return out
}

// newSum joins the parts by factor; the margin is the reference plus the factors' parts, added in order.
func newSum(reference float64, parts []float64, factors []int, count int) *sum {
	s := &sum{margin: reference, reference: reference, parts: make([]float64, count)}
	for i, p := range parts {
		s.parts[factors[i]] += p
	}
	for _, p := range s.parts {
		s.margin += p
	}
	return s
}

// newAdditive explains a graph by its own terms, each less its mean over the background rows.
func newAdditive(g *graph, factors []int, count int) (func([]float32) (attribution, error), error) {
	scores, terms, err := g.runAll(g.background)
	if err != nil {
		return nil, err
	}
	mean := make([]float64, g.terms)
	intercept := 0.0
	for z, score := range scores {
		intercept += score
		for j := range mean {
			mean[j] += terms[z*g.terms+j]
			intercept -= terms[z*g.terms+j]
		}
	}
	rows := float64(len(scores))
	intercept /= rows
	reference := intercept
	for j := range mean {
		mean[j] /= rows
		reference += mean[j]
	}
	for z, score := range scores {
		total := intercept
		for _, t := range terms[z*g.terms : (z+1)*g.terms] {
			total += t
		}
		if !identity.agrees(total, score) {
			return nil, fmt.Errorf("background row %d: the terms and the intercept %v sum to %v, the graph says %v", z, intercept, total, score)
		}
	}
	return func(row []float32) (attribution, error) {
		score, terms, err := g.score(row)
		if err != nil {
			return nil, err
		}
		for j := range terms {
			terms[j] -= mean[j]
		}
		s := newSum(reference, terms, factors, count)
		if !identity.agrees(s.margin, score) {
			return nil, fmt.Errorf("%w: the terms sum to %v, the graph says %v", ErrOff, s.margin, score)
		}
		return s, nil
	}, nil
}

// linearHead explains a graph with one linear operator: each coefficient times the distance from the mean of the background
// rows (what interventional Shapley values of a linear function come to; Štrumbelj and Kononenko 2014).
func linearHead(g *graph, s *Setup, count int) (*Head, bool, error) {
	operators := g.program.Linears()
	if len(operators) != 1 || len(g.program.Ensembles()) > 0 {
		return nil, false, nil
	}
	operator := operators[0]
	prepare, ok := g.preparation(operator.Input())
	if !ok {
		return nil, false, nil
	}
	mean := make([]float64, g.columns)
	for _, row := range g.background {
		for i, v := range prepare(row) {
			mean[i] += float64(v) / float64(len(g.background))
		}
	}
	for _, l := range links(s.Probability) {
		for _, weights := range scoresOf(operator.Targets(), g.column) {
			coefficients, intercept := weighted(operator, weights)
			if len(coefficients) != g.columns {
				continue
			}
			margin := func(row []float32) float64 {
				total := intercept
				for i, v := range prepare(row) {
					total += coefficients[i] * float64(v)
				}
				return total
			}
			sums := make([]float64, len(g.background))
			for z, row := range g.background {
				sums[z] = margin(row)
			}
			if !g.explains(sums, l) {
				continue
			}
			reference := intercept
			for i, m := range mean {
				reference += coefficients[i] * m
			}
			h := &Head{method: Linear, factors: count, references: 1, runs: 1, probability: s.Probability && l == identity, reads: make([]bool, count)}
			for i, c := range coefficients {
				h.reads[s.Factors[i]] = h.reads[s.Factors[i]] || c != 0
			}
			h.margin = func(row []float32) (float64, error) {
				if err := g.accepts(row); err != nil {
					return 0, err
				}
				m := margin(row)
				if math.IsNaN(m) {
					return 0, ErrMissing
				}
				return m, g.check(row, m, l)
			}
			h.attribute = func(row []float32) (attribution, error) {
				if err := g.accepts(row); err != nil {
					return nil, err
				}
				parts := make([]float64, g.columns)
				for i, v := range prepare(row) {
					parts[i] = coefficients[i] * (float64(v) - mean[i])
				}
				a := newSum(reference, parts, s.Factors, count)
				if math.IsNaN(a.margin) {
					return nil, ErrMissing
				}
				return a, g.check(row, a.margin, l)
			}
			return h, true, nil
		}
	}
	return nil, false, nil
}

// scoresOf lists how an operator's scores may become the one that is explained: alone, as the score of its column, or, with
// two, as the difference that a softmax sees.
func scoresOf(scores, column int) [][]float64 {
	if scores == 1 {
		return [][]float64{{1}}
	}
	var list [][]float64
	if column < scores {
		alone := make([]float64, scores)
		alone[column] = 1
		list = append(list, alone)
		if scores == 2 {
			difference := []float64{-1, -1}
			difference[column] = 1
			list = append(list, difference)
		}
	}
	return list
}

func weighted(o *onnx.Linear, weights []float64) (coefficients []float64, intercept float64) {
	for t, w := range weights {
		if w == 0 {
			continue
		}
		intercept += w * float64(o.Intercept(t))
		for i, c := range o.Coefficients(t) {
			if i == len(coefficients) {
				coefficients = append(coefficients, 0)
			}
			coefficients[i] += w * float64(c)
		}
	}
	return coefficients, intercept
}
