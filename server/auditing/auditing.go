// Package auditing lets auditors read the tamper-evident log: what it says, and the proofs by which anybody can check that. Both the
// API and the pages go through it, so that the permission and the reason for a search are asked for in one place.
package auditing

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// Log is what is asked of the store.
type Log interface {
	Head(ctx context.Context) (signed []byte, err error)
	Hashes(ctx context.Context, indices []int64) ([]tlog.Hash, error)
	Entry(ctx context.Context, scope tarozi.Scope, place int64) ([]byte, error)
	Search(ctx context.Context, scope tarozi.Scope, q store.AuditQuery) ([]store.FoundEntry, error)
	SearchPerson(ctx context.Context, w scoring.Write, personID string, document []byte, limit int) ([]store.FoundEntry, error)
}

// Writes prepares what is stored with its audit entry; scoring.Service does.
type Writes interface {
	Prepare(actor tarozi.Actor, permission tarozi.Action, action, subjectID string, stored ...[]byte) (scoring.Write, error)
}

// Reader answers auditors.
type Reader struct {
	Log    Log
	Writes Writes
	NewID  func() string
}

// Checkpoint is a signed checkpoint and what it says.
type Checkpoint struct {
	Origin string    `json:"origin"`
	Size   int64     `json:"size"`
	Root   tlog.Hash `json:"root"`
	Signed string    `json:"signed"`
}

// Checkpoint is the latest one. A log that nothing was ever signed of is NotFound.
func (r Reader) Checkpoint(ctx context.Context, who tarozi.Actor) (*Checkpoint, error) {
	if err := who.Allow(tarozi.ReadAudit); err != nil {
		return nil, err
	}
	signed, err := r.Log.Head(ctx)
	if err != nil {
		return nil, err
	}
	if signed == nil {
		return nil, tarozi.Errorf(tarozi.NotFound, "the log has no checkpoint yet: the service signs the first one a second after it has started")
	}
	c, err := audit.ReadCheckpoint(signed)
	if err != nil {
		return nil, fmt.Errorf("the latest stored checkpoint: %w", err)
	}
	return &Checkpoint{c.Origin, c.Size, c.Root, string(signed)}, nil
}

// Proof proves an entry of the actor's agencies at a place, the log's growth since a size, or both, against the latest checkpoint.
func (r Reader) Proof(ctx context.Context, who tarozi.Actor, place, since *int64) (*audit.Proof, error) {
	head, err := r.Checkpoint(ctx, who)
	if err != nil {
		return nil, err
	}
	if place == nil && since == nil {
		return nil, wrong("place", "required", "say what to prove: the place of an entry, or since, the size of an earlier checkpoint")
	}
	var at *audit.Inclusion
	if place != nil {
		if *place >= head.Size {
			return nil, tarozi.Errorf(tarozi.NotFound, "no checkpoint vouches for an entry at place %d yet: the log has %d entries", *place, head.Size)
		}
		entry, err := r.Log.Entry(ctx, who.Scope(tarozi.ReadAudit), *place)
		if err != nil {
			return nil, err
		}
		at = &audit.Inclusion{Place: *place, Entry: string(entry)}
	}
	if since != nil && *since > head.Size {
		return nil, wrong("since", "too_large", fmt.Sprintf("the log has %d entries: give a size that it had", head.Size))
	}
	tree := tlog.HashReaderFunc(func(indices []int64) ([]tlog.Hash, error) { return r.Log.Hashes(ctx, indices) })
	return audit.Prove([]byte(head.Signed), tree, at, since)
}

func wrong(field, code, message string) error {
	return &tarozi.Error{Code: tarozi.Malformed, Message: message, Fields: []tarozi.FieldError{{Pointer: "/" + field, Code: code, Message: message}}}
}

// Search lists entries of the actor's agencies, latest first.
func (r Reader) Search(ctx context.Context, who tarozi.Actor, q store.AuditQuery) ([]store.FoundEntry, error) {
	if err := who.Allow(tarozi.ReadAudit); err != nil {
		return nil, err
	}
	return r.Log.Search(ctx, who.Scope(tarozi.ReadAudit), q)
}

// The shortest and longest reason for a search by person, in characters.
const (
	shortestReason = 10
	longestReason  = 1000
)

// search is the record of a search by person.
type search struct {
	PersonID string `json:"person_id"`
	Reason   string `json:"reason"`
}

// SearchPerson lists the entries about a person. Entries name nobody, so that to ask for somebody's is to look at the person: it
// needs a reason, which is kept and logged before anything is shown.
func (r Reader) SearchPerson(ctx context.Context, who tarozi.Actor, personID, reason string, limit int) ([]store.FoundEntry, error) {
	if err := who.Allow(tarozi.ReadAudit); err != nil {
		return nil, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(personID); n == 0 || n > 64 {
		return nil, wrong("person", "length", "give the person's id in the register, up to 64 characters")
	}
	if n := utf8.RuneCountInString(reason); n < shortestReason || n > longestReason {
		return nil, wrong("reason", "length", fmt.Sprintf("say why you look for this person, in %d to %d characters", shortestReason, longestReason))
	}
	document, err := tarozi.Canonical(search{personID, reason})
	if err != nil {
		return nil, fmt.Errorf("writing the search: %w", err)
	}
	w, err := r.Writes.Prepare(who, tarozi.ReadAudit, "audit.person_searched", r.NewID(), document)
	if err != nil {
		return nil, err
	}
	return r.Log.SearchPerson(ctx, w, personID, document, limit)
}
