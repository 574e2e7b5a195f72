package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// importFile is a file of records, and what is to be done with it.
type importFile struct {
	in              io.Reader
	csv             bool
	dryRun, partial bool
	out, refused    io.Writer
}

// importRow is a record with its place in the file. One that cannot be read has faults instead.
type importRow[T any] struct {
	line   int
	record T
	faults []tarozi.FieldError
}

// importRows reads a whole file before anything of it is stored.
func importRows[T any](ctx context.Context, actor tarozi.Actor, f *importFile, columns []csvColumn[T],
	put func(context.Context, tarozi.Actor, []T, bool) (scoring.Tally, error)) error {
	rows, err := readRows(f, columns)
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		return errors.New("the file has no rows")
	}
	if f.dryRun {
		_, tally, err := effects(ctx, actor, rows, put)
		if err != nil {
			return err
		}
		for _, e := range tally.Rows {
			fmt.Fprintln(f.out, effectLine(rows[e.Row].line, &e))
		}
		fmt.Fprintf(f.out, "would be stored: %d new, %d corrected, %d the same as before; %d refused\n", tally.New, tally.Changed, tally.Same, tally.Refused)
		if tally.Refused > 0 {
			return errRefused
		}
		return nil
	}
	aside := 0
	if f.partial {
		sound, tally, err := effects(ctx, actor, rows, put)
		if err != nil {
			return err
		}
		for _, e := range tally.Rows {
			if e.Effect == scoring.EffectRefused {
				fmt.Fprintln(f.refused, effectLine(rows[e.Row].line, &e))
			}
		}
		rows, aside = sound, tally.Refused
		if len(rows) == 0 {
			fmt.Fprintf(f.refused, "all %d rows were refused, and nothing was stored\n", aside)
			return errRefused
		}
	}
	batch, faulty := make([]T, len(rows)), 0
	for i := range rows {
		batch[i] = rows[i].record
		if len(rows[i].faults) > 0 {
			faulty++
			fmt.Fprintln(f.refused, effectLine(rows[i].line, &scoring.RowEffect{Effect: scoring.EffectRefused, Errors: rows[i].faults}))
		}
	}
	if faulty > 0 {
		return nothingStored(f, faulty)
	}
	tally, err := put(ctx, actor, batch, false)
	if places := placesOf(err); len(places) > 0 {
		for _, at := range places {
			fmt.Fprintln(f.refused, effectLine(rows[at.Row].line, &at))
		}
		return nothingStored(f, len(places))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(f.out, "stored: %d new, %d corrected, %d the same as before\n", tally.New, tally.Changed, tally.Same)
	if aside > 0 {
		fmt.Fprintf(f.refused, "%d rows were refused and set aside: mend the rows named above and import them again\n", aside)
		return errRefused
	}
	return nil
}

func nothingStored(f *importFile, n int) error {
	fmt.Fprintf(f.refused, "%d rows were refused, and nothing was stored: mend the rows named above and import the file again, or store the others with --partial\n", n)
	return errRefused
}

// effects is what each row would do, refused ones among them, and the rows that are not.
func effects[T any](ctx context.Context, actor tarozi.Actor, rows []importRow[T],
	put func(context.Context, tarozi.Actor, []T, bool) (scoring.Tally, error)) (sound []importRow[T], tally scoring.Tally, err error) {
	var batch []T
	var places []int
	for i := range rows {
		if len(rows[i].faults) == 0 {
			batch, places = append(batch, rows[i].record), append(places, i)
		}
	}
	told, err := put(ctx, actor, batch, true)
	if err != nil {
		return nil, tally, err
	}
	next := 0
	for i := range rows {
		e := scoring.RowEffect{Row: i, Effect: scoring.EffectRefused, Errors: rows[i].faults}
		if next < len(places) && places[next] == i {
			e = told.Rows[next]
			e.Row = i
			next++
		}
		tally.Add(e, true)
		if e.Effect != scoring.EffectRefused {
			sound = append(sound, rows[i])
		}
	}
	return sound, tally, nil
}

// placesOf are the records that an error names by their places in a batch.
func placesOf(err error) []scoring.RowEffect {
	var known *tarozi.Error
	if !errors.As(err, &known) {
		return nil
	}
	var list []scoring.RowEffect
	for _, f := range known.Fields {
		place, rest, _ := strings.Cut(strings.TrimPrefix(f.Pointer, "/"), "/")
		row, err := strconv.Atoi(place)
		if err != nil {
			return nil
		}
		f.Pointer = "/" + rest
		if last := len(list) - 1; last >= 0 && list[last].Row == row {
			list[last].Errors = append(list[last].Errors, f)
		} else {
			list = append(list, scoring.RowEffect{Row: row, Effect: scoring.EffectRefused, Errors: []tarozi.FieldError{f}})
		}
	}
	return list
}

// effectLine says what a row does, with its line, and its columns where it is refused or corrected.
func effectLine(line int, e *scoring.RowEffect) string {
	text := fmt.Sprintf("line %d: %s", line, e.Effect)
	if len(e.Changes) > 0 {
		text += " (" + strings.Join(e.Changes, ", ") + ")"
	}
	for _, f := range e.Errors {
		name := strings.TrimPrefix(strings.TrimPrefix(f.Pointer, "/"), "attributes/")
		if name == "" {
			text += ": " + f.Message
		} else {
			text += fmt.Sprintf(": column %q: %s", name, f.Message)
		}
	}
	return text
}

// readRows reads CSV, or JSON lines.
func readRows[T any](f *importFile, columns []csvColumn[T]) ([]importRow[T], error) {
	if f.csv && columns == nil {
		return nil, errors.New("identities are JSON lines: CSV is for outcomes and protected attributes")
	}
	if f.csv {
		return readCSVRows(f.in, columns)
	}
	var rows []importRow[T]
	err := eachLine(f.in, func(number int, line []byte) error {
		row := importRow[T]{line: number}
		var known *tarozi.Error
		if err := tarozi.Decode(line, &row.record); errors.As(err, &known) {
			if row.faults = known.Fields; len(row.faults) == 0 {
				row.faults = []tarozi.FieldError{{Message: known.Message}}
			}
		} else if err != nil {
			return err
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}
