package fairness

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Run is one call of `tarozi fairness`: a file in, a report out.
type Run struct {
	// In is a CSV or Parquet file; "-" is CSV on standard input.
	In string
	// Out is the file to write; "-" or "" is standard output. An existing file is replaced only once the report is whole.
	Out string
	// Format is one of [Formats].
	Format   string
	Columns  Columns
	Settings Settings
	// Words are the language of HTML; other formats have none.
	Words Words
}

func (r Run) write(w io.Writer, report *Report) error {
	if r.Format == "html" {
		return report.WriteHTML(w, r.Words)
	}
	return report.Write(w, r.Format)
}

// Do reads, measures and writes. The report returned tells the caller which rows were set aside.
func (r Run) Do(ctx context.Context, stdin io.Reader, stdout io.Writer) (*Report, error) {
	if !slices.Contains(Formats(), r.Format) {
		return nil, fmt.Errorf("format %q is none of %s", r.Format, strings.Join(Formats(), ", "))
	}
	if r.Format == "html" && r.Words == nil {
		return nil, errors.New("a report in HTML needs a language")
	}
	read := func() (*Input, error) { return ReadFile(r.In, r.Columns, r.Settings.ScoreKind) }
	if r.In == "-" {
		read = func() (*Input, error) { return ReadCSV(stdin, "standard input", r.Columns, r.Settings.ScoreKind) }
	}
	in, err := read()
	if err != nil {
		return nil, err
	}
	report, err := BuildReport(ctx, in, r.Columns, r.Settings)
	if err != nil {
		return nil, err
	}
	if r.Out == "" || r.Out == "-" {
		return report, r.write(stdout, report)
	}
	return report, writeFile(r.Out, func(w io.Writer) error { return r.write(w, report) })
}

// writeFile gives the file its name only when it is whole.
func writeFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".fairness-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // the first error says what went wrong
		}
	}()
	if err := write(f); err != nil {
		_ = f.Close() // as above
		return err
	}
	// The report holds nothing about a person; others may read it, as a file made by a shell.
	if err := errors.Join(f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}
