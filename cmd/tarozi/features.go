package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/features/table"
)

// featuresCommand is `tarozi features`: histories in, vectors out.
func featuresCommand() *cobra.Command {
	var out string
	var catalogue bool
	format, zone := "csv", defaultZone
	command := &cobra.Command{
		Use:   "features [FILE]",
		Short: "Turn case histories into feature vectors, as CSV or Parquet",
		Long: `Reads a line {"history": ..., "as_of": ...} for each person, as "tarozi dataset" writes them, and writes a row for each: person_id,
as_of, months since supervision began, then every feature of the catalogue. Flags are 0 and 1, what is not known is empty.
Without an as_of a history is read as of its last record. Rows come in the order of the lines. A line with a fault is named on
standard error and left out; the exit status is then 1.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(command *cobra.Command, args []string) (err error) {
			if catalogue {
				return printCatalogue(command.OutOrStdout())
			}
			location, err := time.LoadLocation(zone)
			if err != nil {
				return fmt.Errorf("loading the time zone: %w", err)
			}
			name := "-"
			if len(args) == 1 {
				name = args[0]
			}
			in, _, err := openInput(name)
			if err != nil {
				return fmt.Errorf("opening the histories: %w", err)
			}
			defer in.Close()
			file, err := datasets.NewOutput(out, command.OutOrStdout())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, file.Discard()) }()
			rows, err := newTable(format, file)
			if err != nil {
				return err
			}
			refused, err := orderedLines(command.Context(), in, command.ErrOrStderr(),
				func(line []byte) (table.Row, error) { return vector(line, location) }, rows.Write)
			if err != nil {
				return err
			}
			if err := errors.Join(rows.Close(), file.Commit()); err != nil {
				return err
			}
			if refused > 0 {
				command.PrintErrf("%d lines were refused and have no row\n", refused)
				return errRefused
			}
			return nil
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "-", "the table; - is standard output")
	flags.Func("format", "csv or parquet (default csv)", func(name string) error {
		if name != "csv" && name != "parquet" {
			return errors.New("give csv or parquet")
		}
		format = name
		return nil
	})
	flags.Func("zone", "time zone in which the day of an instant is taken (default "+defaultZone+")", func(name string) error {
		if _, err := time.LoadLocation(name); err != nil {
			return fmt.Errorf("it is not known: give a name such as %s", defaultZone)
		}
		zone = name
		return nil
	})
	flags.BoolVar(&catalogue, "catalogue", false, "print the catalogue of features as lines of JSON, and read nothing")
	return command
}

// tableWriter is a table under way.
type tableWriter interface {
	Write(row table.Row) error
	Close() error
}

func newTable(format string, out io.Writer) (tableWriter, error) {
	if format == "parquet" {
		return table.NewParquet(out), nil
	}
	return table.NewCSV(out)
}

func printCatalogue(out io.Writer) error {
	for _, feature := range features.Catalogue() {
		if err := json.MarshalWrite(out, &feature, jsontext.Multiline(false)); err != nil {
			return fmt.Errorf("printing the catalogue: %w", err)
		}
		if _, err := fmt.Fprintln(out); err != nil {
			return fmt.Errorf("printing the catalogue: %w", err)
		}
	}
	return nil
}

// vector reads one line.
func vector(line []byte, zone *time.Location) (table.Row, error) {
	if len(bytes.TrimSpace(line)) == 0 {
		return table.Row{}, errors.New("the line is empty: take it out")
	}
	request, err := readRequest(line)
	if err != nil {
		return table.Row{}, err
	}
	if err := request.History.Validate(); err != nil {
		return table.Row{}, err
	}
	if request.Purpose != "" && !slices.Contains(tarozi.Purposes, request.Purpose) {
		return table.Row{}, fmt.Errorf("/purpose: %q is not known: give one of %v", request.Purpose, tarozi.Purposes)
	}
	if request.AsOf.IsZero() {
		if request.AsOf = request.History.LastRecord(zone); request.AsOf.IsZero() {
			return table.Row{}, errors.New("/as_of: the history has no record: say as of which day to read it")
		}
	}
	x, err := features.Extract(&request.History, features.Moment{AsOf: request.AsOf, Zone: zone, Purpose: request.Purpose})
	if err != nil {
		return table.Row{}, err
	}
	return table.Row{PersonID: request.History.PersonID, AsOf: request.AsOf, Extraction: x}, nil
}
