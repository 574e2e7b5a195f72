package seal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func sealer(t testing.TB, path string) *Sealer {
	t.Helper()
	s, err := OpenFile(path, true)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAKeyOpensWhatItSealedAndNothingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal-key")
	s := sealer(t, path)
	key, wrapped, err := s.NewKey("p-1")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := key.Seal("identity", []byte("Nodira"))
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := s.NewKey("p-2")
	if err != nil {
		t.Fatal(err)
	}
	again, err := sealer(t, path).Unwrap("p-1", wrapped) // after a restart
	if err != nil {
		t.Fatal(err)
	}
	spoilt := bytes.Clone(sealed)
	spoilt[len(spoilt)/2] ^= 1
	for _, row := range []struct {
		name   string
		key    *Key
		place  string
		sealed []byte
		opens  bool
	}{
		{"the same", key, "identity", sealed, true},
		{"after a restart", again, "identity", sealed, true},
		{"another person's key", other, "identity", sealed, false},
		{"another place", key, "protected", sealed, false},
		{"a changed byte", key, "identity", spoilt, false},
		{"cut short", key, "identity", sealed[:8], false},
		{"nothing", key, "identity", nil, false},
	} {
		plain, err := row.key.Open(row.place, row.sealed)
		if opens := err == nil && string(plain) == "Nodira"; opens != row.opens {
			t.Errorf("%s: opened is %v (%v)", row.name, opens, err)
		}
	}
	if _, err := s.Unwrap("p-2", wrapped); err == nil {
		t.Error("a key was unwrapped for another person")
	}
	if _, err := sealer(t, filepath.Join(t.TempDir(), "seal-key")).Unwrap("p-1", wrapped); err == nil || !strings.Contains(err.Error(), "--seal-key") {
		t.Errorf("another master key gives %v, want an error that names --seal-key", err)
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal-key")
	if _, err := OpenFile(path, false); !errors.Is(err, ErrNoFile) {
		t.Errorf("no file gives %v", err)
	}
	var all sync.WaitGroup
	pseudonyms := make([]string, 8)
	for i := range pseudonyms {
		all.Go(func() {
			s, err := OpenFile(path, true)
			if err == nil {
				pseudonyms[i], err = s.Pseudonym("p-1")
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, p := range pseudonyms {
		if p != pseudonyms[0] || len(p) != 16 {
			t.Errorf("processes that start at once have different keys: %v", pseudonyms)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%d files are left beside the key (%v)", len(entries)-1, err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path, false); err == nil || !strings.Contains(err.Error(), "0600") {
		t.Errorf("a file that others read gives %v", err)
	}
	if err := os.WriteFile(path, []byte(`{"master":"secret"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(path, false); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a spoilt file gives %v", err)
	}
}

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seal-key")
	before := sealer(t, path)
	_, wrapped, err := before.NewKey("p-1")
	if err != nil {
		t.Fatal(err)
	}
	pseudonym, err := before.Pseudonym("p-1")
	if err != nil {
		t.Fatal(err)
	}
	if err := Rotate(path); err != nil {
		t.Fatal(err)
	}
	after := sealer(t, path)
	if after.Current(wrapped) || !before.Current(wrapped) {
		t.Error("it cannot be told which master key wraps a key")
	}
	rewrapped, err := after.Rewrap("p-1", wrapped)
	if err != nil || !after.Current(rewrapped) {
		t.Fatalf("wrapping anew: current %v, %v", after.Current(rewrapped), err)
	}
	if removed, err := Retire(path); err != nil || removed != 1 {
		t.Fatalf("%d keys removed, %v", removed, err)
	}
	last := sealer(t, path)
	if _, err := last.Unwrap("p-1", rewrapped); err != nil {
		t.Errorf("what was wrapped anew cannot be read: %v", err)
	}
	if _, err := last.Unwrap("p-1", wrapped); err == nil {
		t.Error("the retired master key still opens")
	}
	if again, err := last.Pseudonym("p-1"); err != nil || again != pseudonym {
		t.Errorf("the pseudonym is %s and was %s (%v)", again, pseudonym, err)
	}
}

func BenchmarkUnwrap(b *testing.B) {
	s := sealer(b, filepath.Join(b.TempDir(), "seal-key"))
	_, wrapped, err := s.NewKey("p-1")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s.Forget()
		if _, err := s.Unwrap("p-1", wrapped); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSeal(b *testing.B) {
	s := sealer(b, filepath.Join(b.TempDir(), "seal-key"))
	key, _, err := s.NewKey("p-1")
	if err != nil {
		b.Fatal(err)
	}
	text := make([]byte, 12_000)
	for b.Loop() {
		if _, err := key.Seal("assessment", text); err != nil {
			b.Fatal(err)
		}
	}
}
