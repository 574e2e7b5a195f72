package model

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
)

// oneHot is the encoding of a category as a column for each.
const oneHot = "one_hot"

// width is how many columns an input makes.
func (in *Input) width() int {
	if in.Encoding == oneHot {
		return len(in.Categories)
	}
	return 1
}

// Columns is how many columns the graphs take.
func (c *Card) Columns() int {
	n := 0
	for i := range c.Inputs {
		n += c.Inputs[i].width()
	}
	return n
}

// Factors gives each column the position of its input: what belongs to one input is explained as one factor.
func (c *Card) Factors() []int {
	var list []int
	for i := range c.Inputs {
		for range c.Inputs[i].width() {
			list = append(list, i)
		}
	}
	return list
}

// Row makes the columns of the graphs from a value for each input, NaN where it is missing. It may be values itself.
func (c *Card) Row(values []float32) []float32 {
	columns := c.Columns()
	if columns == len(c.Inputs) { // an encoding makes two columns or more
		return values
	}
	row := make([]float32, 0, columns)
	for i, v := range values {
		if c.Inputs[i].Encoding != oneHot {
			row = append(row, v)
			continue
		}
		for level := range c.Inputs[i].Categories {
			switch {
			case v != v:
				row = append(row, v)
			case int(v) == level:
				row = append(row, 1)
			default:
				row = append(row, 0)
			}
		}
	}
	return row
}

// cells reads one line of a table of generated rows: a value for each input, NaN for an empty cell.
func (c *Card) cells(line []string) ([]float32, error) {
	values := make([]float32, len(line))
	for i, cell := range line {
		if cell == "" {
			values[i] = float32(math.NaN())
			continue
		}
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Inputs[i].Feature, err)
		}
		values[i] = float32(v)
	}
	return values, nil
}

// mostBackground bounds the background rows: each is a comparison that every explained score makes.
const mostBackground = 1024

// readBackground reads the background rows that the card names, holds each value against its input, and tries what the graphs make of
// them, and of unknown values.
func (b *Bundle) readBackground() error {
	about := b.Card.Background
	if about == nil {
		return nil
	}
	file, ok := b.Files[about.File]
	if !ok {
		return fmt.Errorf("the card names background rows in %s, which SHA256SUMS does not", about.File)
	}
	rows, err := b.Card.background(file)
	if err != nil {
		return fmt.Errorf("%s: %w", about.File, err)
	}
	for _, values := range rows {
		b.Background = append(b.Background, b.Card.Row(values))
	}
	for _, h := range b.Heads {
		if h.Output == nil {
			continue
		}
		if err := h.tryUnknown(b.Card, rows[0]); err != nil {
			return fmt.Errorf("%s: %w", h.Graph, err)
		}
	}
	return nil
}

// background reads the rows of the file, a value for each input.
func (c *Card) background(file []byte) ([][]float32, error) {
	table, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		return nil, err
	}
	if n := len(table) - 1; n != c.Background.Rows || n < 1 || n > mostBackground {
		return nil, fmt.Errorf("it has %d rows, the card says %d; there are 1 to %d of them", n, c.Background.Rows, mostBackground)
	}
	if len(table[0]) != len(c.Inputs) {
		return nil, fmt.Errorf("it has %d columns, the card has %d inputs", len(table[0]), len(c.Inputs))
	}
	for i, in := range c.Inputs {
		if table[0][i] != in.Feature {
			return nil, fmt.Errorf("column %d is %q, the card's input is %q", i+1, table[0][i], in.Feature)
		}
	}
	var rows [][]float32
	for n, line := range table[1:] {
		values, err := c.cells(line)
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n+2, err)
		}
		for i, v := range values {
			if !c.Inputs[i].holds(float64(v)) {
				return nil, fmt.Errorf("row %d: %s is %q, which the card's range does not hold", n+2, c.Inputs[i].Feature, line[i])
			}
		}
		rows = append(rows, values)
	}
	return rows, nil
}

// holds reports whether a value of a generated row is one that the input may have; an input that is required is never unknown.
func (in *Input) holds(v float64) bool {
	switch {
	case math.IsNaN(v):
		return !in.Required
	case len(in.Categories) > 0:
		return v == math.Trunc(v) && v >= 0 && int(v) < len(in.Categories)
	case in.Kind == "flag":
		return v == 0 || v == 1
	default:
		return !math.IsInf(v, 0) && v >= in.Min && (v <= in.Max || in.OpenAbove)
	}
}

// tryUnknown takes each input away from a background row: an input that is not required must leave a number, and one whose unknown
// counts as no must give what no gives.
func (h *Head) tryUnknown(card *Card, values []float32) error {
	with := func(at int, v float64) (float64, error) {
		changed := append([]float32(nil), values...)
		changed[at] = float32(v)
		out, err := h.Run(card.Row(changed))
		return out.Output, err
	}
	for i := range card.Inputs {
		in := &card.Inputs[i]
		if in.Required {
			continue
		}
		unknown, err := with(i, math.NaN())
		if err != nil {
			return err
		}
		if math.IsNaN(unknown) {
			return fmt.Errorf("it gives nothing where %s is unknown: impute it in the graph, or make it required in the card", in.Feature)
		}
		if in.MissingAs != "no" {
			continue
		}
		no, err := with(i, 0)
		if err != nil {
			return err
		}
		if no != unknown {
			return fmt.Errorf("%s counts as no where it is unknown, says the card; the graph gives %v for no and %v for unknown", in.Feature, no, unknown)
		}
	}
	return nil
}
