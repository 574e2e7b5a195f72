package scoring

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/model"
)

// mostRuns bounds the runs of a graph for one explanation: about a second's work, for a request that a person waits for.
const mostRuns = 500_000

// newHeads makes the explanations of the heads that give no terms; nil for the others. Background rows are those of the bundle, a
// factor is an input with all its columns.
func newHeads(b *model.Bundle) ([]*explain.Head, error) {
	heads := make([]*explain.Head, len(b.Heads))
	seed := seedOf(b)
	for i, h := range b.Heads {
		if h.Output == nil {
			continue
		}
		made, err := explain.NewHead(explain.Setup{
			Program: h.Program, Output: h.Output.Name, Column: h.Output.Column, Probability: h.Output.Probability,
			Factors: b.Card.Factors(), Background: b.Background, Seed: seed + uint64(i),
		})
		if err != nil {
			return nil, fmt.Errorf("model %s, head %s: its scores cannot be explained: %w", b.Card.ID, h.ID, err)
		}
		if runs := made.Runs(); runs > mostRuns {
			return nil, fmt.Errorf("model %s, head %s: explaining one score (%s) takes up to %d runs of the graph, more than %d: give at most %d background rows",
				b.Card.ID, h.ID, made.Method(), runs, mostRuns, len(b.Background)*mostRuns/runs)
		}
		for j, other := range b.Heads[:i] {
			if other.Outcome == h.Outcome && heads[j].References() != made.References() {
				return nil, fmt.Errorf("model %s: heads %s (%s) and %s (%s) are of one outcome and have different references: export them alike",
					b.Card.ID, other.ID, heads[j].Method(), h.ID, made.Method())
			}
		}
		heads[i] = made
	}
	return heads, nil
}

// seedOf is what a bundle's permutations are drawn from: the same for the same bundle, so that replay draws them again. Each head adds
// its place, so that the errors of two heads are independent.
func seedOf(b *model.Bundle) uint64 {
	digest, err := hex.DecodeString(b.SHA256)
	if err != nil || len(digest) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(digest)
}

// answer is what one head says of a person.
type answer struct {
	terms       []float64            // of a head that gives terms
	attribution *explain.Attribution // of any other
	margin      float64              // in log-odds, before calibration
}

// ask runs one head on a row of columns.
func (m *Model) ask(head int, row []float32) (*answer, error) {
	if h := m.heads[head]; h != nil {
		a, err := h.Attribute(row)
		if err != nil {
			return nil, err
		}
		return &answer{attribution: a, margin: a.Margin()}, nil
	}
	out, err := m.Heads[head].Run(row)
	if err != nil {
		return nil, err
	}
	return &answer{terms: out.Terms, margin: out.Margin}, nil
}

// margin is what ask gives, without explaining it.
func (m *Model) margin(head int, row []float32) (float64, error) {
	if h := m.heads[head]; h != nil {
		return h.Margin(row)
	}
	out, err := m.Heads[head].Run(row)
	return out.Margin, err
}

// notRun is the error of a head that gave nothing.
func notRun(card *model.Card, in *Inputs, err error) error {
	if !errors.Is(err, explain.ErrMissing) {
		return tarozi.Wrap(tarozi.Internal, err, "the model could not be run or its score not be explained; no score was given")
	}
	var faults []tarozi.FieldError
	for _, v := range in.Values {
		if v.Missing != "" {
			faults = append(faults, tarozi.FieldError{Pointer: "/history/facts", Code: "required_input_missing", Message: fmt.Sprintf(
				"model %s gives no score where so much is unknown; %s is (%s): send a record or a fact for it", card.ID, v.Feature, v.Missing)})
		}
	}
	return &tarozi.Error{Code: tarozi.NotScorable, Message: "no score can be given: add what is named", Fields: faults}
}

// methods lists the methods from the most to the least exact: a score of several heads is as exact as the least of them.
var methods = []explain.Method{explain.Additive, explain.Linear, explain.Trees, explain.Exact, explain.Sampled}

// method names how a planned score is explained.
func (m *Model) method(p *planned) explain.Method {
	least := 0
	for _, part := range p.parts {
		if h := m.heads[part.head]; h != nil {
			least = max(least, slices.Index(methods, h.Method()))
		}
	}
	return methods[least]
}

// Methods says of every head of the model how its scores are explained.
func (m *Model) Methods() []explain.Method {
	list := make([]explain.Method, len(m.heads))
	for i, h := range m.heads {
		if list[i] = explain.Additive; h != nil {
			list[i] = h.Method()
		}
	}
	return list
}
