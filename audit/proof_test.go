package audit

import (
	"encoding/json"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// Every entry of every log can be proved to whoever holds the public key and any earlier checkpoint, also once the proof has been
// written and read as JSON; and one flipped bit of the entry, a hash or the place makes it false.
func TestProofs(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		m := &memory{}
		s := grow(t, m, rapid.IntRange(1, 40).Draw(r, "entries"), rapid.IntRange(1, 17).Draw(r, "limit"))
		head := m.checkpoints[len(m.checkpoints)-1]
		earlier := rapid.SampledFrom(m.checkpoints).Draw(r, "earlier")
		old, err := ReadCheckpoint(earlier)
		if err != nil {
			r.Fatal(err)
		}
		place := rapid.Int64Range(0, int64(len(m.entries)-1)).Draw(r, "place")
		tree := tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) { return m.Hashes(t.Context(), indices) })
		proof, err := Prove(head, tree, &Inclusion{Place: place, Entry: string(m.entries[place])}, &old.Size)
		if err != nil {
			r.Fatal(err)
		}
		text, err := json.Marshal(proof)
		if err != nil {
			r.Fatal(err)
		}
		read := func() (p *Proof) {
			if err := json.Unmarshal(text, &p); err != nil {
				r.Fatal(err)
			}
			return p
		}
		if err := read().Verify(origin, s.Verifier, earlier); err != nil {
			r.Fatal(err)
		}
		for name, spoil := range map[string]func(*Proof){
			"entry":       func(p *Proof) { p.Inclusion.Entry += " " },
			"place":       func(p *Proof) { p.Inclusion.Place++ },
			"path":        func(p *Proof) { p.Inclusion.Hashes = append(p.Inclusion.Hashes, tlog.Hash{}) },
			"checkpoint":  func(p *Proof) { p.Checkpoint = "x" + p.Checkpoint },
			"since":       func(p *Proof) { p.Consistency.Since++ },
			"consistency": func(p *Proof) { p.Consistency.Hashes = append(p.Consistency.Hashes, tlog.Hash{}) },
			"nothing":     func(p *Proof) { p.Inclusion, p.Consistency = nil, nil },
		} {
			p := read()
			spoil(p)
			if err := p.Verify(origin, s.Verifier, earlier); err == nil {
				r.Errorf("a proof with another %s passes", name)
			}
		}
	})
}

func TestWhatCannotBeProvedIsRefused(t *testing.T) {
	m := &memory{}
	grow(t, m, 5, 5)
	head := m.checkpoints[len(m.checkpoints)-1]
	tree := tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) { return m.Hashes(t.Context(), indices) })
	for _, place := range []int64{-1, 5} {
		if _, err := Prove(head, tree, &Inclusion{Place: place}, nil); err == nil {
			t.Errorf("place %d was proved", place)
		}
	}
	for _, since := range []int64{-1, 6} {
		if _, err := Prove(head, tree, nil, &since); err == nil {
			t.Errorf("growth since %d was proved", since)
		}
	}
}
