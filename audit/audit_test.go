package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

const origin = "tarozi.example/test"

// zeros is a source of randomness for a key that is the same at every run.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func keys(t testing.TB) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(zeros{}, origin)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

// memory is a Storage that can fail at Append, before or after it has stored.
type memory struct {
	queue       []Queued
	entries     [][]byte
	hashes      []tlog.Hash
	checkpoints [][]byte
	failBefore  bool
	failAfter   bool
}

func (m *memory) Queued(_ context.Context, limit int) ([]Queued, error) {
	return slices.Clone(m.queue[:min(limit, len(m.queue))]), nil
}

func (m *memory) Head(context.Context) ([]byte, error) {
	if len(m.checkpoints) == 0 {
		return nil, nil
	}
	return m.checkpoints[len(m.checkpoints)-1], nil
}

func (m *memory) Hashes(_ context.Context, indices []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, i := range indices {
		hashes = append(hashes, m.hashes[i])
	}
	return hashes, nil
}

func (m *memory) Append(_ context.Context, b Batch) error {
	if m.failBefore {
		return errors.New("the power went before")
	}
	if b.From != int64(len(m.entries)) || b.FirstHash != int64(len(m.hashes)) {
		return errors.New("the log ends elsewhere")
	}
	for _, e := range b.Entries {
		m.entries = append(m.entries, e.Entry)
	}
	m.queue = m.queue[len(b.Entries):]
	m.hashes = append(m.hashes, b.Hashes...)
	m.checkpoints = append(m.checkpoints, b.Checkpoint)
	if m.failAfter {
		return errors.New("the power went after")
	}
	return nil
}

func (m *memory) log(verifier note.Verifier) *Log {
	l := &Log{Origin: origin, Verifier: verifier, Checkpoints: slices.Clone(m.checkpoints)}
	for i, e := range m.entries {
		l.Entries = append(l.Entries, slices.Clone(e))
		l.Leaves = append(l.Leaves, m.hashes[tlog.StoredHashIndex(0, int64(i))])
	}
	return l
}

// grow queues n entries and sequences them in batches of limit.
func grow(t testing.TB, m *memory, n, limit int) *Sequencer {
	t.Helper()
	signer, verifier := keys(t)
	s := &Sequencer{Storage: m, Origin: origin, Signer: signer, Verifier: verifier, Limit: limit}
	first := len(m.entries) + len(m.queue)
	for i := range n {
		m.queue = append(m.queue, Queued{int64(first + i), fmt.Appendf(nil, `{"id":"%d"}`, first+i)})
	}
	for len(m.queue) > 0 {
		if _, _, err := s.Sequence(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func verify(t testing.TB, l *Log) []Fault {
	t.Helper()
	faults, err := l.Verify()
	if err != nil {
		t.Fatal(err)
	}
	return faults
}

func TestAnEmptyLogHasACheckpoint(t *testing.T) {
	m := &memory{}
	s := grow(t, m, 0, 10)
	if _, _, err := s.Sequence(context.Background()); err != nil {
		t.Fatal(err)
	}
	if faults := verify(t, m.log(s.Verifier)); len(faults) != 0 || len(m.checkpoints) != 1 {
		t.Errorf("%d checkpoints, faults %v", len(m.checkpoints), faults)
	}
}

func TestLogsVerify(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &memory{}
		var s *Sequencer
		for range rapid.IntRange(1, 4).Draw(r, "rounds") {
			s = grow(t, m, rapid.IntRange(1, 40).Draw(r, "entries"), rapid.IntRange(1, 17).Draw(r, "limit"))
		}
		if faults := verify(t, m.log(s.Verifier)); len(faults) != 0 {
			r.Errorf("faults %v", faults)
		}
	})
}

// The root of RFC 6962's tree does not depend on how entries came in.
func TestBatchesDoNotMatter(t *testing.T) {
	one, many := &memory{}, &memory{}
	grow(t, one, 100, 100)
	s := grow(t, many, 100, 7)
	a, err := OpenCheckpoint(one.checkpoints[0], origin, s.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	b, err := OpenCheckpoint(many.checkpoints[len(many.checkpoints)-1], origin, s.Verifier)
	if err != nil {
		t.Fatal(err)
	}
	if a != b {
		t.Errorf("%v and %v", a, b)
	}
}

func TestChangesAreNamed(t *testing.T) {
	other := func() []byte {
		secret, _, err := note.GenerateKey(strings.NewReader(strings.Repeat("x", 64)), origin)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := Checkpoint{Origin: origin, Size: 0, Root: tlog.Hash{}}.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		return signed
	}
	for _, c := range []struct {
		name  string
		spoil func(*Log)
		names string
	}{
		{"a byte of an entry", func(l *Log) { l.Entries[13][3] ^= 1 }, "entry 13"},
		{"a byte of an entry and its hash", func(l *Log) {
			l.Entries[13][3] ^= 1
			l.Leaves[13] = tlog.RecordHash(l.Entries[13])
		}, "checkpoint 3: the stored hashes of the first 15 entries"},
		{"a byte of a stored hash", func(l *Log) { l.Leaves[2][0] ^= 1 }, "entry 2"},
		{"a byte of a checkpoint", func(l *Log) { l.Checkpoints[1][5] ^= 1 }, "checkpoint 2"},
		{"a checkpoint of another key", func(l *Log) { l.Checkpoints[1] = other() }, "checkpoint 2"},
		{"a checkpoint of another log", func(l *Log) { l.Origin = "elsewhere" }, "checkpoint 1"},
		{"the last entries", func(l *Log) { l.Entries, l.Leaves = l.Entries[:18], l.Leaves[:18] }, "entries were taken away"},
		{"two entries in each other's places", func(l *Log) { l.Entries[4], l.Entries[5] = l.Entries[5], l.Entries[4] }, "entry 4"},
		{"an entry more than was signed", func(l *Log) {
			l.Entries = append(l.Entries, []byte("x"))
			l.Leaves = append(l.Leaves, tlog.RecordHash([]byte("x")))
		}, "no checkpoint vouches for entries 20 to 20"},
		{"an entry without its hash", func(l *Log) { l.Entries = l.Entries[:19] }, "19 entries and 20 stored hashes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &memory{}
			s := grow(t, m, 20, 5)
			l := m.log(s.Verifier)
			c.spoil(l)
			faults := verify(t, l)
			if !slices.ContainsFunc(faults, func(f Fault) bool { return strings.Contains(f.String(), c.names) }) {
				t.Errorf("faults %v, want one that names %q", faults, c.names)
			}
		})
	}
}

func TestAFailedAppendIsMadeGood(t *testing.T) {
	for _, after := range []bool{false, true} {
		m := &memory{}
		s := grow(t, m, 7, 5)
		m.queue = append(m.queue, Queued{8, []byte(`{"id":"late"}`)})
		m.failBefore, m.failAfter = !after, after
		if _, _, err := s.Sequence(context.Background()); err == nil {
			t.Fatal("the failure was not reported")
		}
		m.failBefore, m.failAfter = false, false
		for range 2 {
			if _, _, err := s.Sequence(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if faults := verify(t, m.log(s.Verifier)); len(faults) != 0 || len(m.entries) != 8 {
			t.Errorf("stored first: %v; %d entries, faults %v", after, len(m.entries), faults)
		}
	}
}

func TestCommitments(t *testing.T) {
	entry := []byte(`{"action":"assessment.created","subject_id":"a","sha256":"` +
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" + `"}`) // SHA-256 of "abc", FIPS 180-4
	c, err := ParseCommitment(entry)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check([]byte("a"), []byte("b"), []byte("c")); err != nil {
		t.Error(err)
	}
	if err := c.Check([]byte("a"), []byte("b"), []byte("d")); err == nil {
		t.Error("a changed record passes")
	}
}
