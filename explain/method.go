package explain

import (
	"errors"
	"fmt"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model/onnx"
)

// Method is how contributions were computed.
type Method string

// The methods. Additive and Linear split a sum; Trees is interventional TreeSHAP (Lundberg et al. 2020); Exact counts every
// coalition (Shapley 1953); Sampled draws permutations and states its standard error. All but the last are exact.
const (
	Additive Method = "additive"
	Linear   Method = "linear"
	Trees    Method = "tree_shap_interventional"
	Exact    Method = "shapley_exact"
	Sampled  Method = "shapley_sampled"
)

// MaxExactFactors bounds exact enumeration: 2^12 runs of the graph for each background row.
const MaxExactFactors = 12

// defaultPairs is the number of antithetic pairs of permutations that Sampled draws.
const defaultPairs = 64

// TermsOutput names the output, rows by terms, with which a graph shows that it is additive.
const TermsOutput = "terms"

// Setup says what of a graph is explained and against whom.
type Setup struct {
	Program *onnx.Program // takes one matrix of float32: rows by columns
	Output  string        // the output that is explained, rows by scores
	Column  int           // which of its scores
	// Probability says that the output is a probability; else it is a margin in log-odds.
	Probability bool
	// Factors gives each column its factor, numbered from 0 without a gap, so that one-hot levels or a pair's columns count
	// as one; for an additive graph each term its factor. Nil makes each a factor of its own.
	Factors []int
	// Background are the rows that the person is compared with: generated, never real people.
	Background [][]float32
	Seed       uint64 // of Sampled
	Pairs      int    // of antithetic permutations of Sampled; 0 means 64
}

// Head explains one score of one graph. It is safe for concurrent use.
type Head struct {
	method      Method
	factors     int // the length of each list of contributions
	references  int
	runs        int
	probability bool // margins are probabilities, not log-odds: the parts are exact in probability
	reads       []bool
	attribute   func(row []float32) (attribution, error)
	margin      func(row []float32) (float64, error) // what attribute explains, without the parts
}

// Reads reports whether the head's output can depend on a factor; where the graph does not show it, on every one.
func (h *Head) Reads(factor int) bool { return h.reads[factor] }

// References is the number of references that a row is explained against: 1, or the background rows.
func (h *Head) References() int { return h.references }

// Runs is how many times one explanation runs the graph at most.
func (h *Head) Runs() int { return h.runs }

// Margin is the row's margin in log-odds, the very number that Attribute explains, without the work of explaining it. Errors are
// those of Attribute.
func (h *Head) Margin(row []float32) (float64, error) {
	m, err := h.margin(row)
	return h.logOdds(m), err
}

// logOdds of a head's number, which is a margin or a probability.
func (h *Head) logOdds(margin float64) float64 {
	if h.probability {
		return tarozi.Logit(tarozi.OffCertainty(margin))
	}
	return margin
}

// Method names how the head's contributions are computed.
func (h *Head) Method() Method { return h.method }

// NewHead chooses the method by what the graph is made of: an output of terms; one linear operator; tree ensembles that are
// added or averaged; else enumeration for up to MaxExactFactors factors, and sampling beyond. A structure counts only if it
// gives the graph's own numbers on every background row, so whatever else the graph does to them leads to the next method.
func NewHead(s Setup) (*Head, error) {
	g, err := newGraph(s)
	if err != nil {
		return nil, err
	}
	factors, err := countFactors(&s, g)
	if err != nil {
		return nil, err
	}
	h := &Head{factors: factors, references: len(s.Background), runs: 1, probability: s.Probability, reads: slices.Repeat([]bool{true}, factors)}
	h.margin = func(row []float32) (float64, error) {
		score, _, err := g.score(row)
		return score, err
	}
	if g.additive() {
		h.method, h.probability, h.references = Additive, false, 1
		if h.attribute, err = newAdditive(g, s.Factors, factors); err != nil {
			return nil, err
		}
		h.margin = func(row []float32) (float64, error) {
			a, err := h.attribute(row)
			if err != nil {
				return 0, err
			}
			return a.Margin(), nil
		}
		return h, nil
	}
	for _, structure := range []func(*graph, *Setup, int) (*Head, bool, error){linearHead, treesHead} {
		if found, ok, err := structure(g, &s, factors); ok || err != nil {
			return found, err
		}
	}
	if factors <= MaxExactFactors {
		h.runs = len(s.Background) << factors
		h.method, h.attribute = Exact, g.enumerate(s.Factors, factors)
		return h, nil
	}
	pairs := s.Pairs
	if pairs == 0 {
		pairs = defaultPairs
	}
	if pairs < 2 {
		return nil, errors.New("a standard error needs two pairs of permutations or more")
	}
	h.runs = len(s.Background) * 2 * pairs * factors
	h.method, h.attribute = Sampled, g.sample(s.Factors, factors, pairs, s.Seed)
	return h, nil
}

// countFactors fills in the factors of a setup that names none and checks the others.
func countFactors(s *Setup, g *graph) (int, error) {
	columns := g.columns
	if g.additive() {
		columns = g.terms
	}
	if s.Factors == nil {
		for i := range columns {
			s.Factors = append(s.Factors, i)
		}
	}
	if len(s.Factors) != columns {
		return 0, fmt.Errorf("%d columns or terms are given %d factors", columns, len(s.Factors))
	}
	used := make([]bool, columns)
	count := 0
	for i, f := range s.Factors {
		if f < 0 || f >= columns {
			return 0, fmt.Errorf("column or term %d is given factor %d, which is out of range", i, f)
		}
		used[f] = true
		count = max(count, f+1)
	}
	for f := range count {
		if !used[f] {
			return 0, fmt.Errorf("no column or term is given factor %d", f)
		}
	}
	return count, nil
}
