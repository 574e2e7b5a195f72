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
	temporary bool // file is renamed to name at the end
}

// NewOutput begins a file that its owner alone may read. The name "-" is stdout; there, and in a pipe or device, what is
// written cannot be taken back.
func NewOutput(name string, stdout io.Writer) (*Output, error) {
	if name == "-" {
		return &Output{Writer: bufio.NewWriterSize(stdout, 1<<16)}, nil
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
func (o *Output) Commit() error {
	if o == nil {
		return nil
	}
	err := o.Flush()
	if o.file == nil {
		return err
	}
	if err == nil && o.temporary {
		err = o.file.Sync()
	}
	if err = errors.Join(err, o.file.Close()); err == nil && o.temporary {
		err = os.Rename(o.file.Name(), o.name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing %s: %w", o.name, err), o.remove())
	}
	o.file = nil
	return nil
}

// Discard removes what was written; after Commit it does nothing.
func (o *Output) Discard() error {
	if o == nil || o.file == nil {
		return nil
	}
	err := errors.Join(o.file.Close(), o.remove())
	o.file = nil
	return err
}

func (o *Output) remove() error {
	if !o.temporary {
		return nil
	}
	if err := os.Remove(o.file.Name()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
