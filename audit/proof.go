package audit

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Proof is what an outsider needs to check one entry, or that the log only grew, with nothing but the log's public key.
type Proof struct {
	Checkpoint  string       `json:"checkpoint"` // the signed note that both parts prove against
	Inclusion   *Inclusion   `json:"inclusion,omitempty"`
	Consistency *Consistency `json:"consistency,omitempty"`
}

// Inclusion says that the entry stands at its place (RFC 6962, 2.1.1: Hashes is the audit path).
type Inclusion struct {
	Place  int64       `json:"place"` // from 0
	Entry  string      `json:"entry"` // the exact bytes that the leaf hashes
	Hashes []tlog.Hash `json:"hashes"`
}

// Consistency says that the first Since entries of the log are those that its tree of that size had (RFC 6962, 2.1.2).
type Consistency struct {
	Since  int64       `json:"since"`
	Hashes []tlog.Hash `json:"hashes"`
}

// Prove makes the proof of an entry at a place, of growth since a size, or of both; either may be nil. The tree holds the stored
// hashes of the checkpoint's entries.
func Prove(signed []byte, tree tlog.HashReader, at *Inclusion, since *int64) (*Proof, error) {
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return nil, err
	}
	p := &Proof{Checkpoint: string(signed)}
	if at != nil {
		if at.Place < 0 || at.Place >= c.Size {
			return nil, fmt.Errorf("the checkpoint speaks of %d entries, and there is none at place %d", c.Size, at.Place)
		}
		hashes, err := tlog.ProveRecord(c.Size, at.Place, tree)
		if err != nil {
			return nil, fmt.Errorf("proving entry %d: %w", at.Place, err)
		}
		p.Inclusion = &Inclusion{at.Place, at.Entry, append([]tlog.Hash{}, hashes...)}
	}
	if since != nil {
		if *since < 0 || *since > c.Size {
			return nil, fmt.Errorf("the log never had %d entries: the checkpoint speaks of %d", *since, c.Size)
		}
		p.Consistency = &Consistency{Since: *since, Hashes: []tlog.Hash{}}
		if *since > 0 { // everything follows from the empty tree
			hashes, err := tlog.ProveTree(c.Size, *since, tree)
			if err != nil {
				return nil, fmt.Errorf("proving growth since %d entries: %w", *since, err)
			}
			p.Consistency.Hashes = append(p.Consistency.Hashes, hashes...)
		}
	}
	return p, nil
}

// Verify checks the proof against the log's public key. The root that a consistency proof starts from is that of an earlier
// checkpoint, which whoever kept it gives as earlier.
func (p *Proof) Verify(origin string, verifier note.Verifier, earlier []byte) error {
	c, err := OpenCheckpoint([]byte(p.Checkpoint), origin, verifier)
	if err != nil {
		return err
	}
	if p.Inclusion == nil && p.Consistency == nil {
		return errors.New("the proof proves nothing: it has neither inclusion nor consistency")
	}
	if i := p.Inclusion; i != nil {
		if err := tlog.CheckRecord(i.Hashes, c.Size, c.Root, i.Place, tlog.RecordHash([]byte(i.Entry))); err != nil {
			return fmt.Errorf("entry %d is not in the log that the checkpoint signed: %w", i.Place, err)
		}
	}
	if earlier == nil {
		if p.Consistency != nil && p.Consistency.Since > 0 {
			return errors.New("the proof says that the log grew from an earlier checkpoint: give that one as well")
		}
		return nil
	}
	old, err := OpenCheckpoint(earlier, origin, verifier)
	if err != nil {
		return fmt.Errorf("the earlier checkpoint: %w", err)
	}
	if p.Consistency == nil || p.Consistency.Since != old.Size {
		return fmt.Errorf("the proof is not one of growth since the %d entries of the earlier checkpoint", old.Size)
	}
	if old.Size == 0 {
		return nil
	}
	if err := tlog.CheckTree(p.Consistency.Hashes, c.Size, c.Root, old.Size, old.Root); err != nil {
		return fmt.Errorf("the log is not the one of the earlier checkpoint: %w", err)
	}
	return nil
}

// ReadCheckpoint reads a signed note without asking whose signature it carries: for the log's own storage, never for what came from
// elsewhere.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	_, err := note.Open(signed, note.VerifierList())
	var unverified *note.UnverifiedNoteError
	if !errors.As(err, &unverified) {
		return Checkpoint{}, fmt.Errorf("the checkpoint is no signed note: %w", err)
	}
	origin, _, _ := strings.Cut(unverified.Note.Text, "\n")
	return parseCheckpoint(unverified.Note.Text, origin)
}
