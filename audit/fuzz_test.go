package audit

import (
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
)

// FuzzCheckpoints reads anything as a file of checkpoints and as signed notes: no panic, and what is read as a checkpoint is written in
// the one way that checkpoints are.
func FuzzCheckpoints(f *testing.F) {
	m := &memory{}
	s := grow(f, m, 9, 4)
	for _, signed := range m.checkpoints {
		line, err := CheckpointLine(signed)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
		f.Add(signed)
	}
	f.Add([]byte("{\"checkpoint\":\"\"}\n\x00\x00\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		all, err := ReadCheckpoints(content)
		if err != nil {
			all = nil
		}
		for _, signed := range append(all, content) {
			c, err := ReadCheckpoint(signed)
			if err == nil && !strings.HasPrefix(string(signed), c.text()) {
				t.Errorf("%q is read as %q", signed, c.text())
			}
			if _, err := OpenCheckpoint(signed, origin, s.Verifier); err == nil && c.Size > 9 {
				t.Errorf("a checkpoint that nobody signed is believed: %q", signed)
			}
		}
	})
}

// FuzzProof checks any proof: no panic, and no entry is believed that is not in the log.
func FuzzProof(f *testing.F) {
	m := &memory{}
	s := grow(f, m, 9, 4)
	tree := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) { return m.Hashes(f.Context(), at) })
	since := int64(4)
	for place := range int64(9) {
		p, err := Prove(m.checkpoints[len(m.checkpoints)-1], tree, &Inclusion{Place: place, Entry: string(m.entries[place])}, &since)
		if err != nil {
			f.Fatal(err)
		}
		text, err := json.Marshal(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var p Proof
		if json.Unmarshal(text, &p) != nil {
			return
		}
		for _, earlier := range [][]byte{nil, m.checkpoints[0]} {
			if err := p.Verify(origin, s.Verifier, earlier); err != nil || p.Inclusion == nil {
				continue
			}
			if i := p.Inclusion; i.Place < 0 || i.Place >= 9 || i.Entry != string(m.entries[i.Place]) {
				t.Errorf("entry %q is believed to be at %d", i.Entry, i.Place)
			}
		}
	})
}
