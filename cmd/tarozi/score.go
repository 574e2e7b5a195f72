package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"golang.org/x/term"
)

// defaultZone is in which the day of an instant is taken.
const defaultZone = "Asia/Tashkent"

// scoringGCPercent lets the heap grow to five times what is live, some 150 MB, before it is collected: a file's assessments are
// garbage once written, and collecting them at the default pace costs an eighth of the time.
const scoringGCPercent = 400

func scoreCommand() *cobra.Command {
	var modelID, zone string
	cmd := &cobra.Command{
		Use:   "score [FILE]",
		Short: "Score histories from a file, one assessment a line, without a database",
		Long: `Reads lines of {"history": ..., "as_of": ...} (what 'tarozi dataset' writes) or bare histories, and writes one assessment
for each to standard output, in the same order. A line without as_of is scored as of its last record. '-' or no FILE is
standard input. A line that cannot be scored is named on standard error and left out; the exit status is then 1.
Nothing is stored, and every answer is marked as not validated locally.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			assessor, err := newAssessor(zone)
			if err != nil {
				return err
			}
			if _, err := assessor.Models.ByID(modelID); err != nil {
				return err
			}
			name := "-"
			if len(args) == 1 {
				name = args[0]
			}
			in, size, err := openInput(name)
			if err != nil {
				return err
			}
			defer in.Close()
			bar := progress(size)
			debug.SetGCPercent(scoringGCPercent)
			out := bufio.NewWriterSize(cmd.OutOrStdout(), 1<<20)
			refused, err := orderedLines(cmd.Context(), io.TeeReader(in, bar), cmd.ErrOrStderr(), func(line []byte) ([]byte, error) {
				return scoreLine(assessor, line, modelID)
			}, writeLine(out))
			if err := errors.Join(err, out.Flush(), bar.Finish()); err != nil {
				return err
			}
			if refused > 0 {
				cmd.PrintErrf("%d lines were refused\n", refused)
				return errRefused
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&modelID, "model", scoring.DefaultModel, "id of the model bundle")
	cmd.Flags().StringVar(&zone, "zone", defaultZone, "time zone in which the day of an instant is taken")
	return cmd
}

// newAssessor scores with the shipped bundles and the machine's clock.
func newAssessor(zone string) (*scoring.Assessor, error) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		return nil, fmt.Errorf("time zone %q is not known: use a name such as %s", zone, defaultZone)
	}
	bundles, err := model.Shipped()
	if err != nil {
		return nil, err
	}
	models, err := scoring.NewModels(bundles)
	if err != nil {
		return nil, err
	}
	return &scoring.Assessor{Models: models, Zone: location, Now: time.Now, NewID: newID, Checks: new(scoring.Checks)}, nil
}

// newID is a UUIDv7. It fails only where the machine has no source of random numbers, and then nothing may be stored.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

func scoreLine(assessor *scoring.Assessor, line []byte, modelID string) ([]byte, error) {
	request, err := readRequest(line)
	if err != nil {
		return nil, err
	}
	if request.AsOf.IsZero() {
		request.AsOf = request.History.LastRecord(assessor.Zone)
	}
	assessment, err := assessor.Score(request, modelID)
	if err != nil {
		return nil, err
	}
	return json.Marshal(assessment)
}

// writeLine writes a text and the end of its line.
func writeLine(out *bufio.Writer) func(text []byte) error {
	return func(text []byte) error {
		if _, err := out.Write(text); err != nil {
			return fmt.Errorf("writing: %w", err)
		}
		return out.WriteByte('\n')
	}
}

// readRequest reads a request, or a bare history.
func readRequest(line []byte) (*tarozi.Request, error) {
	var probe struct {
		PersonID jsontext.Value `json:"person_id"` // stands at the top of a bare history alone
	}
	request := new(tarozi.Request)
	if err := json.Unmarshal(line, &probe); err == nil && probe.PersonID != nil {
		return request, tarozi.Decode(line, &request.History)
	}
	return request, tarozi.Decode(line, request)
}

// progress shows how much of the input was read, on a terminal alone, and where there is a size to show it of.
func progress(size int64) *progressbar.ProgressBar {
	if !term.IsTerminal(int(os.Stderr.Fd())) || size <= 0 {
		return progressbar.DefaultBytesSilent(-1)
	}
	return progressbar.DefaultBytes(size, "scoring")
}
