package model

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
)

// selfTestTolerance is how far a margin or a hazard may lie from what the bundle's makers computed.
const selfTestTolerance = 1e-6

// selfTest runs the bundle's own generated rows and compares margin (of a head that gives probabilities, its probability) and hazard of
// every head with the expected ones.
func (b *Bundle) selfTest(file []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return err
	}
	if len(rows) < 2 {
		return fmt.Errorf("no rows: a bundle is tested at every load")
	}
	header := rows[0]
	inputs := len(b.Card.Inputs)
	if len(header) != inputs+2*len(b.Heads) {
		return fmt.Errorf("%d columns instead of %d inputs and two of each of %d heads", len(header), inputs, len(b.Heads))
	}
	for i, in := range b.Card.Inputs {
		if header[i] != in.Feature {
			return fmt.Errorf("column %d is %q, the card's input is %q", i+1, header[i], in.Feature)
		}
	}
	for k, h := range b.Heads {
		at := inputs + 2*k
		if header[at] != h.ID+":margin" || header[at+1] != h.ID+":hazard" {
			return fmt.Errorf("columns %d and %d are %q and %q, not margin and hazard of head %s", at+1, at+2, header[at], header[at+1], h.ID)
		}
	}
	for n, row := range rows[1:] {
		if err := b.selfTestRow(row); err != nil {
			return fmt.Errorf("row %d: %w", n+2, err)
		}
	}
	return nil
}

func (b *Bundle) selfTestRow(row []string) error {
	inputs := len(b.Card.Inputs)
	values, err := b.Card.cells(row[:inputs])
	if err != nil {
		return err
	}
	x := b.Card.Row(values)
	for k, h := range b.Heads {
		out, err := h.Run(x)
		if err != nil {
			return err
		}
		for i, got := range []float64{out.Output, h.Hazard(out.Margin)} {
			cell := row[inputs+2*k+i]
			want, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return fmt.Errorf("head %s: expected value: %w", h.ID, err)
			}
			if off := math.Abs(got - want); !(off <= selfTestTolerance) {
				return fmt.Errorf("head %s gives %v, the bundle's makers got %v: a difference of %g", h.ID, got, want, off)
			}
		}
	}
	return nil
}
