package datasets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Output is a file under way. Nothing stands under its name until Commit; Discard leaves what stood there before.
type Output struct {
	*bufio.Writer
	file      *os.File // nil for standard output
	name      string
	temporary bool // file has another name until it is whole
	closed    bool
}

// NewOutput begins a file that its owner alone may read. The name "-" is stdout; there, and in a pipe or device, what is
// written cannot be taken back.
func NewOutput(name string, stdout io.Writer) (*Output, error) {
	if name == "-" {
		return &Output{Writer: bufio.NewWriterSize(stdout, 1<<16), name: "standard output"}, nil
	}
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return nil, fmt.Errorf("opening %s: %w", name, err)
		}
		return &Output{Writer: bufio.NewWriterSize(file, 1<<16), file: file, name: name}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return nil, fmt.Errorf("beginning %s: %w", name, err)
	}
	return &Output{Writer: bufio.NewWriterSize(file, 1<<16), file: file, name: name, temporary: true}, nil
}

// Line writes v as one line of JSON. A nil Output, of a file nobody asked for, takes it and writes nothing.
func (o *Output) Line(v any) error {
	if o == nil {
		return nil
	}
	if err := json.MarshalWrite(o.Writer, v, json.Deterministic(true), jsontext.Multiline(false)); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return o.WriteByte('\n')
}

// Commit makes the file whole and gives it its name.
func (o *Output) Commit() error { return CommitAll(o) }

// CommitAll makes files whole, then gives them their names: a full disk is found out before any of them has one.
func CommitAll(outputs ...*Output) error {
	for _, o := range outputs {
		if err := o.finish(); err != nil {
			return fmt.Errorf("writing %s: %w", o.name, err)
		}
	}
	for _, o := range outputs {
		if !o.temporary {
			continue
		}
		if err := os.Rename(o.file.Name(), o.name); err != nil {
			return fmt.Errorf("writing %s: %w", o.name, err)
		}
		o.temporary = false
	}
	return nil
}

// finish writes what is buffered through to the disk and closes the file.
func (o *Output) finish() error {
	if err := o.Flush(); err != nil || o.file == nil {
		return err
	}
	if o.temporary {
		if err := o.file.Sync(); err != nil {
			return err
		}
	}
	o.closed = true
	return o.file.Close()
}

// Discard removes what has no name yet; after Commit it does nothing.
func (o *Output) Discard() error {
	var err error
	if o.file != nil && !o.closed {
		o.closed = true
		err = o.file.Close()
	}
	if o.temporary {
		o.temporary = false
		err = errors.Join(err, os.Remove(o.file.Name()))
	}
	return err
}
