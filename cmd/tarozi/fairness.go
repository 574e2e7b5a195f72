package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/fairness"
)

// fairnessCommand is `tarozi fairness`: a bias and fairness report from a file, without a database.
func fairnessCommand() *cobra.Command {
	run := fairness.Run{Settings: fairness.DefaultSettings()}
	var kind, language string
	var references, previous []string
	command := &cobra.Command{
		Use:   "fairness --in FILE --score COLUMN --outcome COLUMN",
		Short: "Measure error rates, calibration and disparities by group, from a file",
		Long: `Reads one row per scored person from a CSV or Parquet file and writes every metric for each group, for the
intersections of two attributes and each threshold, with intervals, disparities and verdicts. A person counts as called
high risk when the score is at or above the threshold. Rows that cannot be used are set aside, counted in the report and
named on standard error; the exit status is then 1. Figures that rest on too few people are not shown (--min-cell).`,
		Example: `  tarozi fairness --in scores.csv --score decile_score --outcome two_year_recid --groups race,sex --threshold 5 --format json --out report.json`,
		Args:    cobra.NoArgs,
		RunE: func(command *cobra.Command, _ []string) error {
			run.Settings.ScoreKind = fairness.ScoreKind(kind)
			run.Settings.Reference = make(map[string]string)
			for _, r := range references {
				attribute, group, ok := strings.Cut(r, "=")
				if !ok {
					return fmt.Errorf("--reference %q is not ATTRIBUTE=GROUP", r)
				}
				run.Settings.Reference[attribute] = group
			}
			if (run.Settings.Horizon > 0) != (run.Columns.Followed != "") {
				return errors.New("--horizon and --followed go together")
			}
			for _, name := range previous {
				published, err := readPublished(name)
				if err != nil {
					return err
				}
				run.Settings.Published = append(run.Settings.Published, published...)
			}
			if !slices.Contains([]string{"uz", "uz-Cyrl", "ru", "en"}, language) {
				return fmt.Errorf("--lang %q is none of uz, uz-Cyrl, ru, en", language)
			}
			texts, err := fairness.Locales()
			if err != nil {
				return err
			}
			catalogue, err := words.Load(texts)
			if err != nil {
				return err
			}
			run.Words = catalogue.In(language)
			report, err := run.Do(command.Context(), command.InOrStdin(), command.OutOrStdout())
			if err != nil {
				return err
			}
			return setAside(command, report)
		},
	}
	flags := command.Flags()
	flags.StringVar(&run.In, "in", "", "the rows, .csv or .parquet; - is CSV on standard input")
	flags.StringVar(&run.Out, "out", "-", "the report; - is standard output")
	flags.StringVar(&run.Format, "format", "text", "form of the report: "+strings.Join(fairness.Formats(), ", "))
	flags.StringVar(&language, "lang", "en", "language of HTML: uz, uz-Cyrl, ru, en")
	flags.StringVar(&run.Columns.Score, "score", "", "column of the score; higher means more risk")
	flags.StringVar(&run.Columns.Outcome, "outcome", "", "column of the outcome, 0 or 1; empty where not known")
	flags.StringSliceVar(&run.Columns.Groups, "groups", nil, "columns of the groups to compare")
	flags.Float64SliceVar(&run.Settings.Thresholds, "threshold", nil, "scores from which a person counts as high risk")
	flags.StringVar(&run.Columns.Decision, "decision", "", "column of the final decision, 0 or 1")
	flags.StringVar(&run.Columns.PriorView, "prior-view", "", "column of the reviewer's own estimate, on the scale of the score")
	flags.StringVar(&run.Columns.Weight, "weights", "", "column of weights")
	flags.StringVar(&run.Columns.Person, "person", "", "column that tells people apart who have several rows")
	flags.StringVar(&run.Columns.ID, "id", "", "column that must not repeat")
	flags.StringVar(&run.Columns.Followed, "followed", "", "column of the time followed, to the event or the end; with --horizon")
	flags.Float64Var(&run.Settings.Horizon, "horizon", 0, "count events up to this time only; with --followed")
	flags.StringVar(&kind, "score-kind", string(fairness.AutoScore), "what the score is: auto, probability or rank")
	flags.StringArrayVar(&references, "reference", nil, "ATTRIBUTE=GROUP that others are compared with; the largest by default")
	flags.BoolVar(&run.Settings.NoIntersections, "no-intersections", false, "leave out intersections of two attributes")
	flags.IntVar(&run.Settings.Replicates, "replicates", run.Settings.Replicates, "bootstrap replicates")
	flags.Uint64Var(&run.Settings.Seed, "seed", run.Settings.Seed, "seed of the bootstrap")
	flags.Float64Var(&run.Settings.Level, "level", run.Settings.Level, "confidence level of the intervals")
	flags.Float64Var(&run.Settings.Alpha, "alpha", run.Settings.Alpha, "error rate of all verdicts together")
	flags.Float64Var(&run.Settings.TauLow, "tau-low", run.Settings.TauLow, "lowest ratio to the reference that is tolerated")
	flags.Float64Var(&run.Settings.TauHigh, "tau-high", run.Settings.TauHigh, "highest ratio to the reference that is tolerated")
	flags.IntVar(&run.Settings.MinCell, "min-cell", run.Settings.MinCell, "smallest count that is shown; 0 shows everything")
	flags.StringArrayVar(&previous, "previous", nil, "an earlier report (JSON) about the same people: differences from it are kept from being small cells")
	mustRequire(command, "in", "score", "outcome")
	return command
}

func readPublished(name string) ([]fairness.GroupRow, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("opening the earlier report: %w", err)
	}
	defer f.Close()
	report, err := fairness.ReadReport(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return report.Groups, nil
}

// setAside names the rows that a report does not measure, and makes them an error; nil for none.
func setAside(command *cobra.Command, report *fairness.Report) error {
	total := 0
	for _, s := range report.SetAside {
		total += s.Count
		for _, line := range s.Lines {
			command.PrintErrf("line %d: column %q: %s\n", line, s.Column, s.Reason)
		}
		if more := s.Count - len(s.Lines); more > 0 {
			command.PrintErrf("%d more: column %q: %s\n", more, s.Column, s.Reason)
		}
	}
	if total == 0 {
		return nil
	}
	command.PrintErrf("%d rows were set aside and the report written without them: mend the rows named above and run it again\n", total)
	return errRefused
}
