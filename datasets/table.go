package datasets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
)

// CellError is one fault of a CSV file at one place. Line counts from 1 and is the header's line for a fault of the header.
type CellError struct {
	Line    int
	Column  string // name of the column; empty where the fault is the line's
	Message string
}

// Error gives the line, the column and what to do.
func (e *CellError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	}
	return fmt.Sprintf("line %d, column %s: %s", e.Line, e.Column, e.Message)
}

// rows reads a file line by line. read makes a row of a line and says whose it is: an id stands on one line alone, and column is what
// its cell is called. A line with faults gives an empty row with all of them, and reading goes on; where the file itself cannot be read,
// it ends.
func rows[R any](in io.Reader, required, optional []string, column string, read func(*line) (row R, id string)) iter.Seq2[R, error] {
	return func(yield func(R, error) bool) {
		var none R
		t, err := openTable(in, required, optional)
		if err != nil {
			yield(none, err)
			return
		}
		seen := make(map[string]int)
		for {
			l, err := t.next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(none, err)
				return
			}
			row, id := read(l)
			if first, again := seen[id]; again {
				l.fault(column, "this id stands on line %d already: each row needs its own", first)
			}
			seen[id] = l.number
			if err = l.err(); err != nil {
				row = none
			}
			if !yield(row, err) {
				return
			}
		}
	}
}

// table reads a CSV file whose columns are known by name; their order is free.
type table struct {
	csv    *csv.Reader
	places map[string]int // column -> field
}

// openTable reads the header. Each column of required must stand there once; of optional, all or none must; no other may.
func openTable(in io.Reader, required, optional []string) (*table, error) {
	reader := csv.NewReader(in)
	reader.ReuseRecord = true
	header, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, &CellError{Line: 1, Message: "the file is empty: give the data set with its header"}
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	known := make(map[string]bool, len(required)+len(optional))
	for _, name := range append(append([]string{}, required...), optional...) {
		known[name] = true
	}
	t := &table{csv: reader, places: make(map[string]int, len(header))}
	for i, name := range header {
		name = strings.Clone(name)
		if !known[name] {
			return nil, &CellError{Line: 1, Column: name, Message: "this column is not of the data set: take it out"}
		}
		if _, again := t.places[name]; again {
			return nil, &CellError{Line: 1, Column: name, Message: "this column stands in the header twice: keep one"}
		}
		t.places[name] = i
	}
	for _, name := range required {
		if !t.has(name) {
			return nil, &CellError{Line: 1, Column: name, Message: "this column is missing: give the data set with all its columns"}
		}
	}
	for _, name := range optional {
		if t.has(name) != t.has(optional[0]) {
			return nil, &CellError{Line: 1, Column: name, Message: fmt.Sprintf("of the columns %s give all or none", strings.Join(optional, ", "))}
		}
	}
	return t, nil
}

func (t *table) has(column string) bool {
	_, ok := t.places[column]
	return ok
}

// next reads one line; io.EOF after the last.
func (t *table) next() (*line, error) {
	fields, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	number, _ := t.csv.FieldPos(0)
	return &line{table: t, fields: fields, number: number}, nil
}

func syntaxError(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("reading the data set: %w", err)
	}
	message := "this is not CSV (" + parse.Err.Error() + "): mend the quotes"
	if errors.Is(parse.Err, csv.ErrFieldCount) {
		message = "the line has more or fewer fields than the header: it is cut off or has a stray comma"
	}
	return &CellError{Line: parse.Line, Message: message}
}

// line is one line under way: its cells are read one by one, and faults collects what cannot be read.
type line struct {
	table  *table
	fields []string
	number int
	faults []error
}

// cell is the text of a column, empty where the file lacks the column.
func (l *line) cell(column string) string {
	place, ok := l.table.places[column]
	if !ok {
		return ""
	}
	return strings.Clone(l.fields[place])
}

func (l *line) fault(column, format string, args ...any) {
	l.faults = append(l.faults, &CellError{Line: l.number, Column: column, Message: fmt.Sprintf(format, args...)})
}

// err is every fault of the line, or nil.
func (l *line) err() error { return errors.Join(l.faults...) }
