package explain

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model/onnx"
)

// batchRows is the number of rows that are run at once.
const batchRows = 1024

// graph runs a program for the score that is explained.
type graph struct {
	program      *onnx.Program
	input        string
	columns      int
	terms        int // of an additive graph, else 0
	column       int
	background   [][]float32
	references   []float64 // the output on the background rows
	sessions     sync.Pool
	whatIsScored string // for errors
}

func newGraph(s Setup) (*graph, error) {
	if s.Program == nil {
		return nil, errors.New("there is no graph to explain")
	}
	in := s.Program.Inputs()
	if len(in) != 1 || in[0].Type != onnx.Float32 || len(in[0].Dims) != 2 || in[0].Dims[1] < 1 {
		return nil, fmt.Errorf("a graph is explained if it takes one matrix of float32 with a known number of columns, not %v", in)
	}
	g := &graph{input: in[0].Name, columns: in[0].Dims[1], column: s.Column, background: s.Background,
		whatIsScored: fmt.Sprintf("column %d of output %q", s.Column, s.Output)}
	outputs := []string{s.Output}
	additive := s.Program.Output(TermsOutput) >= 0 && s.Output != TermsOutput
	if additive {
		outputs = append(outputs, TermsOutput)
	}
	var err error
	if g.program, err = s.Program.Select(outputs...); err != nil {
		return nil, fmt.Errorf("selecting what is explained: %w", err)
	}
	g.sessions.New = func() any { return g.program.NewSession() }
	if len(s.Background) == 0 {
		return nil, errors.New("an explanation needs at least one background row")
	}
	for i, row := range s.Background {
		if len(row) != g.columns {
			return nil, fmt.Errorf("background row %d has %d columns, the graph takes %d", i, len(row), g.columns)
		}
	}
	values, terms, err := g.runAll(s.Background)
	if err != nil {
		return nil, fmt.Errorf("running the background rows: %w", err)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("background row %d scores %v: only rows with a finite score can be compared with", i, v)
		}
	}
	g.references = values
	if additive {
		g.terms = len(terms) / len(values)
	}
	return g, nil
}

func (g *graph) additive() bool { return g.terms > 0 }

// runAll scores rows: a score each and, of an additive graph, the terms of each row, one row after the other.
func (g *graph) runAll(rows [][]float32) (scores, terms []float64, err error) {
	flat := make([]float32, 0, min(len(rows), batchRows)*g.columns)
	for first := 0; first < len(rows); first += batchRows {
		flat = flat[:0]
		n := min(batchRows, len(rows)-first)
		for _, row := range rows[first : first+n] {
			flat = append(flat, row...)
		}
		if scores, terms, err = g.run(flat, n, scores, terms); err != nil {
			return nil, nil, err
		}
	}
	return scores, terms, nil
}

// run appends the scores and terms of n rows.
func (g *graph) run(flat []float32, n int, scores, terms []float64) ([]float64, []float64, error) {
	session := g.sessions.Get().(*onnx.Session)
	defer g.sessions.Put(session)
	out, err := session.RunRows(flat, n)
	if err != nil {
		return nil, nil, err
	}
	width := out[0].Len() / n
	if out[0].Len() != n*width || g.column < 0 || g.column >= width {
		return nil, nil, fmt.Errorf("%s is not there: it holds %d values for %d rows", g.whatIsScored, out[0].Len(), n)
	}
	values, err := widened(&out[0])
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", g.whatIsScored, err)
	}
	for i := range n {
		scores = append(scores, values[i*width+g.column])
	}
	if len(out) > 1 {
		values, err := widened(&out[1])
		if err != nil {
			return nil, nil, fmt.Errorf("output %q: %w", TermsOutput, err)
		}
		terms = append(terms, values...)
	}
	return scores, terms, nil
}

func isNaN(v float32) bool { return v != v }

func widened(t *onnx.Tensor) ([]float64, error) {
	if double, ok := onnx.Data[float64](*t); ok {
		return double, nil
	}
	single, ok := onnx.Data[float32](*t)
	if !ok {
		return nil, errors.New("only float32 and float64 scores can be explained")
	}
	out := make([]float64, len(single))
	for i, v := range single {
		out[i] = float64(v)
	}
	return out, nil
}

func (g *graph) accepts(row []float32) error {
	if len(row) != g.columns {
		return fmt.Errorf("the row has %d columns, the graph takes %d", len(row), g.columns)
	}
	return nil
}

// score is the graph's own score of one row.
func (g *graph) score(row []float32) (float64, []float64, error) {
	if err := g.accepts(row); err != nil {
		return 0, nil, err
	}
	scores, terms, err := g.run(row, 1, nil, nil)
	if err != nil {
		return 0, nil, err
	}
	if math.IsNaN(scores[0]) && slices.ContainsFunc(row, isNaN) {
		return 0, nil, ErrMissing
	}
	if math.IsNaN(scores[0]) || math.IsInf(scores[0], 0) {
		return 0, nil, fmt.Errorf("%s is %v for this row: there is nothing to explain", g.whatIsScored, scores[0])
	}
	return scores[0], terms, nil
}

// preparation follows scalers and imputers back from a value to the graph's input; false where anything else lies between.
func (g *graph) preparation(value string) (func(row []float32) []float32, bool) {
	var chain []*onnx.Columnwise
	for value != g.input {
		var found *onnx.Columnwise
		for _, s := range g.program.Columnwise() {
			if s.Output() == value {
				found = s
			}
		}
		if found == nil {
			return nil, false
		}
		chain = append(chain, found)
		value = found.Input()
	}
	return func(row []float32) []float32 {
		for i := len(chain) - 1; i >= 0; i-- {
			row = chain[i].Apply(row)
		}
		return row
	}, true
}

// link is what a graph does to a structure's sum.
type link bool

const (
	identity link = false
	logistic link = true
)

func (l link) of(sum float64) float64 {
	if l == logistic {
		return tarozi.Sigmoid(sum)
	}
	return sum
}

// graphTolerance is how far a float32 graph's number may lie from the float64 sum of the same parts: absolute in probability
// and for small sums, relative for large ones.
const graphTolerance = 1e-5

func (l link) agrees(sum, score float64) bool {
	return math.Abs(l.of(sum)-score) <= graphTolerance*max(1, math.Abs(score))
}

// explains says that all sums, through the link, are the graph's scores of the background rows.
func (g *graph) explains(sums []float64, l link) bool {
	for z, sum := range sums {
		if !l.agrees(sum, g.references[z]) {
			return false
		}
	}
	return true
}

// links lists what may follow a structure's sum: a probability may be the sum itself or its logistic.
func links(probability bool) []link {
	if probability {
		return []link{identity, logistic}
	}
	return []link{identity}
}

// check holds a structure's sum for one row against the graph.
func (g *graph) check(row []float32, sum float64, l link) error {
	score, _, err := g.score(row)
	if err != nil {
		return err
	}
	if !l.agrees(sum, score) {
		return fmt.Errorf("%w: the parts sum to %v, the graph says %v", ErrOff, l.of(sum), score)
	}
	return nil
}
