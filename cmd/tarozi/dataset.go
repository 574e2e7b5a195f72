package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
)

// datasetCommand is `tarozi dataset`: public data sets and made-up people as case histories.
func datasetCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "dataset",
		Short: "Turn a public data set, or made-up people, into case histories",
	}
	command.AddCommand(datasetNIJCommand(), datasetCOMPASCommand(), datasetSyntheticCommand())
	return command
}

func datasetNIJCommand() *cobra.Command {
	var in, out, protected, outcomes string
	var options datasets.NIJOptions
	command := &cobra.Command{
		Use:   "nij --in FILE --out FILE",
		Short: "Read the NIJ Recidivism Forecasting Challenge file",
		Long: `Reads a file of the Recidivism Forecasting Challenge (US National Institute of Justice, 2021), with or without its
outcome columns, and writes a line {"history": ..., "as_of": ...} for each row. Sex, race and area of residence go to the
file of protected attributes alone. A file with a fault is refused whole: nothing is written.`,
		Args: flagsAlone(func() error {
			if options.Months != 0 && options.Months != 12 && options.Months != 24 {
				return errors.New("--months is 0, 12 or 24")
			}
			return needed("in", in, "out", out)
		}),
		RunE: func(command *cobra.Command, _ []string) error {
			return convert(command, in, []target{{sinkHistories, out}, {sinkProtected, protected}, {sinkOutcomes, outcomes}},
				func(source io.Reader, files map[sink]*datasets.Output) error {
					refused := 0
					for row, err := range datasets.NIJ(source, options) {
						if err := command.Context().Err(); err != nil {
							return err
						}
						if err != nil {
							refused++
							command.PrintErrln(err)
							continue
						}
						if err := writeCase(row, files); err != nil {
							return err
						}
					}
					return refusal(command, refused)
				})
		},
	}
	flags := command.Flags()
	flags.StringVar(&in, "in", "", "the data set, CSV; - is standard input")
	flags.StringVar(&out, "out", "", "histories, NDJSON; - is standard output")
	flags.IntVar(&options.Months, "months", 0, "months since release at which each history is seen: 0, 12 or 24")
	flags.BoolVar(&options.Activity, "activity", false, "add activity during supervision, for benchmarks alone: it is summed up to arrest or end")
	flags.StringVar(&protected, "protected", "", "protected attributes for audit, NDJSON")
	flags.StringVar(&outcomes, "outcomes", "", "outcomes as far as the file has them, NDJSON")
	return command
}

func datasetCOMPASCommand() *cobra.Command {
	var in, out string
	command := &cobra.Command{
		Use:   "compas --in FILE --out FILE",
		Short: "Read the COMPAS scores of Broward County",
		Long: `Reads the two-year file of COMPAS scores that ProPublica published in 2016, without the columns that identify people, and
writes a table with scores, outcomes, groups and inputs. For the published error rates:

  tarozi fairness --in FILE --score decile --outcome recidivism --groups race,sex --threshold 5 --id person_id

The data has no sentence and no supervision, so there are no case histories in it.`,
		Args: flagsAlone(func() error { return needed("in", in, "out", out) }),
		RunE: func(command *cobra.Command, _ []string) error {
			return convert(command, in, []target{{sinkTable, out}}, func(source io.Reader, files map[sink]*datasets.Output) error {
				table := csv.NewWriter(files[sinkTable])
				if err := table.Write(datasets.COMPASHeader()); err != nil {
					return err
				}
				refused := 0
				for row, err := range datasets.COMPAS(source) {
					if err != nil {
						refused++
						command.PrintErrln(err)
						continue
					}
					if err := table.Write(row.Fields()); err != nil {
						return err
					}
				}
				table.Flush()
				if err := table.Error(); err != nil {
					return err
				}
				return refusal(command, refused)
			})
		},
	}
	command.Flags().StringVar(&in, "in", "", "the data set, CSV; - is standard input")
	command.Flags().StringVar(&out, "out", "", "the table, CSV; - is standard output")
	return command
}

func datasetSyntheticCommand() *cobra.Command {
	var out, protected, identities, outcomes, truth, until string
	var months int
	var landmarks bool
	var population datasets.Population
	command := &cobra.Command{
		Use:   "synthetic --people N --seed S --out FILE",
		Short: "Make up people with full records of supervision, monitoring and custody",
		Long: `Makes up people whose lives follow a stated process (docs/synthetic.md) and writes a line {"history": ..., "as_of": ...}
for each as of the last day. With --months each person is seen so many months after the records begin, and the outcomes are
those from then to the last day. With --landmarks each person is seen at the end of every month, and the outcomes are those
of the three months after. The same flags give the same bytes.`,
		Args: flagsAlone(func() error {
			day, err := tarozi.ParseDate(until)
			if err != nil {
				return fmt.Errorf("--until: %w", err)
			}
			population.Until = day
			if months < 0 {
				return errors.New("--months is 0 or more")
			}
			if landmarks && months > 0 {
				return errors.New("give --months or --landmarks, not both")
			}
			if truth != "" && !landmarks && months == 0 {
				return errors.New("--truth needs --months or --landmarks: it is about the month after")
			}
			if err := population.Check(); err != nil {
				return err
			}
			return needed("out", out)
		}),
		RunE: func(command *cobra.Command, _ []string) error {
			targets := []target{
				{sinkHistories, out}, {sinkProtected, protected}, {sinkIdentities, identities}, {sinkOutcomes, outcomes}, {sinkTruth, truth},
			}
			return convert(command, "", targets, func(_ io.Reader, files map[sink]*datasets.Output) error {
				before := ""
				for mark := range seen(population, months, landmarks) {
					if err := command.Context().Err(); err != nil {
						return err
					}
					if err := writePerson(mark, mark.History.PersonID != before, files); err != nil {
						return err
					}
					before = mark.History.PersonID
				}
				return nil
			})
		},
	}
	flags := command.Flags()
	flags.IntVar(&population.People, "people", 200, "how many people")
	flags.Uint64Var(&population.Seed, "seed", 1, "seed; person i depends on it and on i alone")
	flags.IntVar(&population.Agencies, "agencies", 3, "over how many agencies people are spread")
	flags.Float64Var(&population.Shift, "shift", 0, "added to each month's log-odds of every outcome: a population that differs on purpose")
	flags.StringVar(&until, "until", "2026-11-01", "the last day of every record")
	flags.IntVar(&months, "months", 0, "see each person so many months after the records begin; people with shorter records are left out")
	flags.BoolVar(&landmarks, "landmarks", false, "see each person at the end of every month, for training")
	flags.StringVar(&out, "out", "", "histories, NDJSON; - is standard output")
	flags.StringVar(&protected, "protected", "", "protected attributes for audit, NDJSON")
	flags.StringVar(&identities, "identities", "", "names and contacts, NDJSON")
	flags.StringVar(&outcomes, "outcomes", "", "outcomes, NDJSON; followed_from is the as-of day of --months and --landmarks")
	flags.StringVar(&truth, "truth", "", "what the process states of the month after each as-of day, NDJSON")
	return command
}

// seen gives the people of a population as the flags ask to see them.
func seen(population datasets.Population, months int, landmarks bool) iter.Seq[datasets.Landmark] {
	switch {
	case landmarks:
		return population.Landmarks()
	case months > 0:
		return population.At(months)
	}
	return func(yield func(datasets.Landmark) bool) {
		for person := range population.All() {
			if !yield(datasets.Landmark{Person: person}) {
				return
			}
		}
	}
}

func writePerson(mark datasets.Landmark, first bool, files map[sink]*datasets.Output) error {
	request := tarozi.Request{History: mark.History, AsOf: mark.AsOf, Purpose: mark.Purpose}
	if err := files[sinkHistories].Line(&request); err != nil {
		return err
	}
	if first {
		if err := files[sinkProtected].Line(&mark.Protected); err != nil {
			return err
		}
		if err := files[sinkIdentities].Line(&mark.Identity); err != nil {
			return err
		}
	}
	for i := range mark.Outcomes {
		if err := files[sinkOutcomes].Line(&mark.Outcomes[i]); err != nil {
			return err
		}
	}
	for i := range mark.Truth {
		if err := files[sinkTruth].Line(&mark.Truth[i]); err != nil {
			return err
		}
	}
	return nil
}

// sink is one of the files that a data set is written to.
type sink string

const (
	sinkHistories  sink = "histories"
	sinkProtected  sink = "protected attributes"
	sinkIdentities sink = "identities"
	sinkOutcomes   sink = "outcomes"
	sinkTruth      sink = "truth"
	sinkTable      sink = "table"
)

// target is the name of a file for a sink; empty where nobody asked for it.
type target struct {
	kind sink
	name string
}

// convert opens the source and the files that were asked for, lets write fill them, and gives them their names only when all
// are whole. An empty source is for data that is made, not read.
func convert(command *cobra.Command, in string, targets []target, write func(io.Reader, map[sink]*datasets.Output) error) (err error) {
	var source io.Reader
	switch in {
	case "":
	case "-":
		source = command.InOrStdin()
	default:
		file, err := os.Open(in)
		if err != nil {
			return fmt.Errorf("opening the data set: %w", err)
		}
		defer file.Close()
		source = file
	}
	files := make(map[sink]*datasets.Output, len(targets))
	var opened []*datasets.Output
	defer func() {
		for _, file := range opened {
			err = errors.Join(err, file.Discard())
		}
	}()
	taken := make(map[string]sink, len(targets))
	for _, t := range targets {
		if t.name == "" {
			continue
		}
		if other, again := taken[t.name]; again {
			return fmt.Errorf("%s and %s cannot both go to %s: give each a file of its own", other, t.kind, t.name)
		}
		taken[t.name] = t.kind
		file, err := datasets.NewOutput(t.name, command.OutOrStdout())
		if err != nil {
			return err
		}
		opened = append(opened, file)
		files[t.kind] = file
	}
	if err := write(source, files); err != nil {
		return err
	}
	return datasets.CommitAll(opened...)
}

func writeCase(row datasets.Case, files map[sink]*datasets.Output) error {
	if err := files[sinkHistories].Line(&row.Request); err != nil {
		return err
	}
	if err := files[sinkProtected].Line(&row.Protected); err != nil {
		return err
	}
	for i := range row.Outcomes {
		if err := files[sinkOutcomes].Line(&row.Outcomes[i]); err != nil {
			return err
		}
	}
	return nil
}

// refusal ends a data set with refused rows, each already named on standard error; nil for none.
func refusal(command *cobra.Command, rows int) error {
	if rows == 0 {
		return nil
	}
	command.PrintErrf("%d rows were refused, so nothing was written: mend the rows named above and run it again\n", rows)
	return errRefused
}

// flagsAlone refuses arguments, then checks the flags, so that a wrong flag counts as wrong use.
func flagsAlone(check func() error) cobra.PositionalArgs {
	return func(command *cobra.Command, args []string) error {
		if err := cobra.NoArgs(command, args); err != nil {
			return err
		}
		return check()
	}
}

// needed reports the first flag, of pairs of name and value, that was not given.
func needed(pairs ...string) error {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			return fmt.Errorf("--%s is needed: name a file, or -", pairs[i])
		}
	}
	return nil
}
