package main

import (
	"errors"
	"fmt"
	"io"
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
	command.AddCommand(datasetNIJCommand())
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
		Args: cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			if options.Months != 0 && options.Months != 12 && options.Months != 24 {
				return errors.New("--months is 0, 12 or 24")
			}
			return convert(command, in, map[sink]string{sinkHistories: out, sinkProtected: protected, sinkOutcomes: outcomes},
				func(source io.Reader, files map[sink]*datasets.Output) error {
					refused := 0
					for row, err := range datasets.NIJ(source, options) {
						if err != nil {
							refused++
							command.PrintErrln(err)
							continue
						}
						if err := writeCase(row, files); err != nil {
							return err
						}
					}
					return refusal(refused)
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
	mustRequire(command, "in", "out")
	return command
}

// sink is one of the files that a data set is written to.
type sink string

const (
	sinkHistories  sink = "histories"
	sinkProtected  sink = "protected attributes"
	sinkIdentities sink = "identities"
	sinkOutcomes   sink = "outcomes"
)

// convert opens the source and the files that were asked for, lets write fill them, and gives them their names only when all
// are whole. An empty source is for data that is made, not read.
func convert(command *cobra.Command, in string, names map[sink]string, write func(io.Reader, map[sink]*datasets.Output) error) (err error) {
	source := io.Reader(nil)
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
	files := make(map[sink]*datasets.Output, len(names))
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.Discard())
		}
	}()
	taken := make(map[string]sink, len(names))
	for kind, name := range names {
		if name == "" {
			continue
		}
		if other, again := taken[name]; again {
			return fmt.Errorf("%s and %s cannot both go to %s: give each a file of its own", kind, other, name)
		}
		taken[name] = kind
		if files[kind], err = datasets.NewOutput(name, command.OutOrStdout()); err != nil {
			return err
		}
	}
	if err := write(source, files); err != nil {
		return err
	}
	for _, file := range files {
		if err := file.Commit(); err != nil {
			return err
		}
	}
	return nil
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

// refusal is the error of a data set with refused rows, each already named on standard error; nil for none.
func refusal(rows int) error {
	if rows == 0 {
		return nil
	}
	return tarozi.Errorf(tarozi.Malformed, "%d rows were refused, so nothing was written: mend the rows named above and run it again", rows)
}

// mustRequire marks flags of the command as required; a name that is no flag is a fault of this program.
func mustRequire(command *cobra.Command, names ...string) {
	for _, name := range names {
		if err := command.MarkFlagRequired(name); err != nil {
			panic(err)
		}
	}
}
