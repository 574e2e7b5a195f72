package audit

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Storage keeps the queue and the log. Append is one transaction.
type Storage interface {
	// Queued lists entries that have no place yet, in the order in which their changes were committed, at most limit.
	Queued(ctx context.Context, limit int) ([]Queued, error)
	// Head is the latest checkpoint as it was signed; nil for a log that has none.
	Head(ctx context.Context) (signed []byte, err error)
	// Hashes reads stored hashes by their indices (tlog.StoredHashIndex), in order; one that is missing is an error.
	Hashes(ctx context.Context, indices []int64) ([]tlog.Hash, error)
	// Append moves the entries from the queue into the log from place b.From on, with the hashes that follow from them and the
	// new checkpoint. Where the log no longer ends at b.From, nothing is stored and the error says so.
	Append(ctx context.Context, b Batch) error
}

// Queued is an entry in the queue: the exact bytes that its leaf hashes.
type Queued struct {
	Seq   int64
	Entry []byte
}

// Batch is what one Append stores.
type Batch struct {
	From       int64 // place of the first entry
	Entries    []Queued
	FirstHash  int64 // index of the first of Hashes
	Hashes     []tlog.Hash
	Checkpoint []byte
}

// Sequencer gives queued entries their places. One runs for a log at a time; a second one fails at Append and changes nothing.
type Sequencer struct {
	Storage  Storage
	Origin   string
	Signer   note.Signer
	Verifier note.Verifier
	Limit    int // entries of one batch
}

// Sequence moves one batch from the queue into the log and returns how many entries it took and the checkpoint that now holds.
// With an empty queue it signs a checkpoint only where there is none yet.
func (s *Sequencer) Sequence(ctx context.Context) (taken int, checkpoint []byte, err error) {
	head, err := s.Storage.Head(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the latest checkpoint: %w", err)
	}
	size := int64(0)
	if head != nil {
		c, err := OpenCheckpoint(head, s.Origin, s.Verifier)
		if err != nil {
			return 0, nil, fmt.Errorf("the latest checkpoint of this log: %w", err)
		}
		size = c.Size
	}
	entries, err := s.Storage.Queued(ctx, s.Limit)
	if err != nil {
		return 0, nil, fmt.Errorf("reading the queue: %w", err)
	}
	if len(entries) == 0 && head != nil {
		return 0, head, nil
	}
	b := Batch{From: size, Entries: entries, FirstHash: tlog.StoredHashCount(size)}
	reader := &grownTree{ctx: ctx, storage: s.Storage, first: b.FirstHash}
	for i, e := range entries {
		hashes, err := tlog.StoredHashes(size+int64(i), e.Entry, reader)
		if err != nil {
			return 0, nil, fmt.Errorf("hashing entry %d: %w", size+int64(i), err)
		}
		reader.fresh = append(reader.fresh, hashes...)
	}
	b.Hashes = reader.fresh
	grown := size + int64(len(entries))
	root, err := tlog.TreeHash(grown, reader)
	if err != nil {
		return 0, nil, fmt.Errorf("hashing the tree of %d entries: %w", grown, err)
	}
	if b.Checkpoint, err = (Checkpoint{s.Origin, grown, root}).Sign(s.Signer); err != nil {
		return 0, nil, err
	}
	if err := s.Storage.Append(ctx, b); err != nil {
		return 0, nil, fmt.Errorf("appending %d entries to the log: %w", len(entries), err)
	}
	return len(entries), b.Checkpoint, nil
}

// grownTree reads the stored hashes of a tree and, behind them, those of a batch that is not stored yet.
type grownTree struct {
	ctx     context.Context
	storage Storage
	first   int64 // index of the first fresh hash
	fresh   []tlog.Hash
}

func (g *grownTree) ReadHashes(indices []int64) ([]tlog.Hash, error) {
	var stored []int64
	for _, i := range indices {
		if i < g.first {
			stored = append(stored, i)
		}
	}
	var old []tlog.Hash
	if len(stored) > 0 {
		var err error
		if old, err = g.storage.Hashes(g.ctx, stored); err != nil {
			return nil, err
		}
		if len(old) != len(stored) {
			return nil, fmt.Errorf("%d stored hashes instead of %d", len(old), len(stored))
		}
	}
	hashes := make([]tlog.Hash, len(indices))
	for at, i := range indices {
		switch {
		case i < g.first:
			hashes[at], old = old[0], old[1:]
		case i-g.first < int64(len(g.fresh)):
			hashes[at] = g.fresh[i-g.first]
		default:
			return nil, fmt.Errorf("hash %d is not known yet", i)
		}
	}
	return hashes, nil
}
