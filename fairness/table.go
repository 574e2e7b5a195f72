package fairness

import (
	"errors"
	"fmt"
	"math"
)

// Unknown marks an outcome or a decision that nobody knows.
const Unknown uint8 = 255

// MissingLevel is the group of the people whose attribute is empty. It is measured like any group and shown, but it is
// no group of its own kind: disparities and comparisons leave it out.
const MissingLevel = "(missing)"

// Attribute is one grouping of the people of a table: Codes[i] is the index in Levels of person i's value.
type Attribute struct {
	Name   string
	Levels []string
	Codes  []int32
}

// NewAttribute codes values in order of first appearance; an empty value becomes [MissingLevel].
func NewAttribute(name string, values []string) Attribute {
	a := Attribute{Name: name, Codes: make([]int32, 0, len(values))}
	index := make(map[string]int32)
	for _, v := range values {
		a.add(index, v)
	}
	return a
}

func (a *Attribute) add(index map[string]int32, value string) {
	if value == "" {
		value = MissingLevel
	}
	code, ok := index[value]
	if !ok {
		code = int32(len(a.Levels))
		index[value] = code
		a.Levels = append(a.Levels, value)
	}
	a.Codes = append(a.Codes, code)
}

// Table is the input: one entry per scored person (or per score) in every column. Columns that are nil are absent.
type Table struct {
	// Score is finite; higher means more risk.
	Score []float64
	// Outcome is 0, 1 or [Unknown].
	Outcome []uint8
	// Attributes are the groupings to be audited.
	Attributes []Attribute
	// Weight is finite and not negative; nil means 1 for everybody.
	Weight []float64
	// Person identifies the person behind a row, so that the bootstrap draws people, not rows; nil means that every
	// row is another person.
	Person []uint64
	// Decision is the final decision: 1 treated as high risk, 0 not, or [Unknown].
	Decision []uint8
	// PriorView is the reviewer's own estimate before the score was shown, on the scale of the score; NaN is unknown.
	PriorView []float64
	// Followed is the time of follow-up in the unit of the horizon: to the event where Outcome is 1, else to the end
	// of observation. NaN is unknown.
	Followed []float64
}

// Rows returns the number of rows.
func (t *Table) Rows() int { return len(t.Score) }

// ErrNoRows says that nobody with a known outcome is left to measure.
var ErrNoRows = errors.New("no row has both a score and an outcome: nothing can be measured")

// Check reports the first column of a wrong length or with a value out of its domain. Readers of files set such rows
// aside before; Check protects against tables made by hand.
func (t *Table) Check() error {
	n := t.Rows()
	lengths := []struct {
		name    string
		n       int
		present bool
	}{
		{"outcome", len(t.Outcome), true},
		{"weight", len(t.Weight), t.Weight != nil},
		{"person", len(t.Person), t.Person != nil},
		{"decision", len(t.Decision), t.Decision != nil},
		{"prior view", len(t.PriorView), t.PriorView != nil},
		{"followed", len(t.Followed), t.Followed != nil},
	}
	for _, l := range lengths {
		if l.present && l.n != n {
			return fmt.Errorf("fairness: column %s has %d rows, score has %d", l.name, l.n, n)
		}
	}
	names := make(map[string]bool)
	for _, a := range t.Attributes {
		if len(a.Codes) != n {
			return fmt.Errorf("fairness: attribute %q has %d rows, score has %d", a.Name, len(a.Codes), n)
		}
		if a.Name == "" || a.Name == AllAttribute || names[a.Name] {
			return fmt.Errorf("fairness: attribute name %q is empty, reserved or used twice", a.Name)
		}
		names[a.Name] = true
		for i, c := range a.Codes {
			if c < 0 || int(c) >= len(a.Levels) {
				return fmt.Errorf("fairness: attribute %q, row %d: code %d of %d levels", a.Name, i, c, len(a.Levels))
			}
		}
	}
	for i := range n {
		if math.IsNaN(t.Score[i]) || math.IsInf(t.Score[i], 0) {
			return fmt.Errorf("fairness: row %d: score %v is not finite", i, t.Score[i])
		}
		if y := t.Outcome[i]; y > 1 && y != Unknown {
			return fmt.Errorf("fairness: row %d: outcome %d is neither 0, 1 nor unknown", i, y)
		}
		if t.Weight != nil && !(t.Weight[i] >= 0 && !math.IsInf(t.Weight[i], 1)) {
			return fmt.Errorf("fairness: row %d: weight %v is negative or not finite", i, t.Weight[i])
		}
		if t.Decision != nil && t.Decision[i] > 1 && t.Decision[i] != Unknown {
			return fmt.Errorf("fairness: row %d: decision %d is neither 0, 1 nor unknown", i, t.Decision[i])
		}
		if t.Followed != nil && (t.Followed[i] < 0 || math.IsInf(t.Followed[i], 0)) {
			return fmt.Errorf("fairness: row %d: follow-up time %v is negative or infinite", i, t.Followed[i])
		}
	}
	return nil
}
