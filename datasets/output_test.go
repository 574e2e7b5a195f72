package datasets

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOutputHasNoNameUntilCommit(t *testing.T) {
	folder := t.TempDir()
	name := filepath.Join(folder, "out.ndjson")
	o, err := NewOutput(name, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Line(map[string]int{"b": 2, "a": 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file has its name already (%v)", err)
	}
	if err := o.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := o.Discard(); err != nil {
		t.Errorf("discarding a committed file: %v", err)
	}
	data, err := os.ReadFile(name)
	if err != nil || string(data) != `{"a":1,"b":2}`+"\n" {
		t.Errorf("the file holds %q (%v)", data, err)
	}
	info, err := os.Stat(name)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file's mode is %v (%v)", info.Mode(), err)
	}
}

// Where one of several files cannot be written, none has its name.
func TestCommitIsForAllOrNone(t *testing.T) {
	folder := t.TempDir()
	good, err := NewOutput(filepath.Join(folder, "good"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bad, err := NewOutput(filepath.Join(folder, "bad"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(good.Line(1), bad.Line(1), bad.file.Close()); err != nil {
		t.Fatal(err)
	}
	if err := CommitAll(good, bad); err == nil || !strings.Contains(err.Error(), "bad") {
		t.Errorf("error is %v", err)
	}
	if err := good.Discard(); err != nil {
		t.Error(err)
	}
	if err := bad.Discard(); err != nil && !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 0 {
		t.Errorf("left over: %v (%v)", entries, err)
	}
}

func TestOutputOnADevice(t *testing.T) {
	o, err := NewOutput(os.DevNull, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.Line(1), o.Commit(), o.Discard()); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Fatalf("%s was replaced by a file (%v)", os.DevNull, err)
	}
}

func TestLineOfAFileNobodyAskedFor(t *testing.T) {
	var none *Output
	if err := none.Line(1); err != nil {
		t.Error(err)
	}
}

func TestOutputInAFolderThatIsNotThere(t *testing.T) {
	if _, err := NewOutput(filepath.Join(t.TempDir(), "none", "out"), nil); err == nil {
		t.Error("no error")
	}
}
