// Package table writes feature vectors as tables for training and study: a row for each extraction, with the columns person_id,
// as_of, months (whole months since supervision began) and then every feature of the catalogue in its order.
package table

import (
	"fmt"
	"io"
	"strconv"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// Row is one extraction and whose it is.
type Row struct {
	PersonID   string
	AsOf       tarozi.Date
	Extraction *features.Extraction
}

// leading are the columns before the features.
var leading = []string{"person_id", "as_of", "months"}

// CSV writes rows as RFC 4180 with a header: flags as 0 and 1, categories by name, numbers in their shortest exact decimal form,
// missing values empty.
type CSV struct {
	out  io.Writer
	line []byte
}

// NewCSV writes the header.
func NewCSV(out io.Writer) (*CSV, error) {
	c := &CSV{out: out}
	for _, name := range leading {
		c.cell(name)
	}
	for _, feature := range features.Catalogue() {
		c.cell(feature.Key)
	}
	return c, c.end()
}

// Write adds a row.
func (c *CSV) Write(row Row) error {
	c.cell(row.PersonID)
	c.cell(row.AsOf.String())
	c.cell(strconv.Itoa(row.Extraction.Months))
	for i := range row.Extraction.Entries {
		switch value := row.Extraction.Entries[i].Value; value.Kind() {
		case tarozi.NoValue:
			c.cell("")
		case tarozi.TextValue:
			c.cell(value.Text())
		default:
			c.cell(strconv.FormatFloat(value.Float(), 'f', -1, 64))
		}
	}
	return c.end()
}

// Close does nothing: each row is whole when Write returns.
func (c *CSV) Close() error { return nil }

// cell adds a cell; an id may hold any printable character, so commas and quotes are quoted.
func (c *CSV) cell(text string) {
	if len(c.line) > 0 {
		c.line = append(c.line, ',')
	}
	quoted := false
	for i := range len(text) {
		if text[i] == ',' || text[i] == '"' {
			quoted = true
			break
		}
	}
	if !quoted {
		c.line = append(c.line, text...)
		return
	}
	c.line = append(c.line, '"')
	for i := range len(text) {
		if text[i] == '"' {
			c.line = append(c.line, '"')
		}
		c.line = append(c.line, text[i])
	}
	c.line = append(c.line, '"')
}

func (c *CSV) end() error {
	c.line = append(c.line, '\n')
	_, err := c.out.Write(c.line)
	c.line = c.line[:0]
	if err != nil {
		return fmt.Errorf("writing a row of CSV: %w", err)
	}
	return nil
}
