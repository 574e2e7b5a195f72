package store

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/scoring"
)

func sequencer(t *testing.T, db *DB) *audit.Sequencer {
	t.Helper()
	secret, public, err := note.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), "tarozi.example/log")
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
	return &audit.Sequencer{Storage: db.AuditLog(), Origin: "tarozi.example/log", Signer: signer, Verifier: verifier, Limit: 4}
}

// queueEntries makes n changes, each with its entry.
func queueEntries(t *testing.T, db *DB, from, n int) {
	t.Helper()
	for i := range n {
		id := string(rune('a' + from + i))
		err := db.PutAgency(context.Background(), scoring.Write{Audit: scoring.AuditEntry{
			ID: "entry-" + id, AgencyID: id, Action: "agency.created", Salt: []byte(id)}}, tarozi.Agency{ID: id, Name: id})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAuditLogGrowsFromTheQueue(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := sequencer(t, db)
	queueEntries(t, db, 0, 9)
	for _, want := range []int{4, 4, 1, 0} {
		if taken, _, err := s.Sequence(ctx); err != nil || taken != want {
			t.Fatalf("took %d (%v), want %d", taken, err, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(ctx, path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	s.Storage = db.AuditLog()
	queueEntries(t, db, 9, 2)
	if taken, _, err := s.Sequence(ctx); err != nil || taken != 2 {
		t.Fatalf("after a restart: took %d (%v), want 2", taken, err)
	}
	var places []int64
	err = db.AuditLog().Entries(ctx, func(e LoggedEntry) error {
		places = append(places, e.Place)
		if len(e.Leaf) != 32 || len(e.Salt) != 1 {
			t.Errorf("entry %d has a hash of %d bytes and a salt of %d", e.Place, len(e.Leaf), len(e.Salt))
		}
		return nil
	})
	if err != nil || len(places) != 11 || places[10] != 10 {
		t.Errorf("places %v (%v), want 0 to 10", places, err)
	}
}

func TestTwoSequencersDoNotTrampleOnEachOther(t *testing.T) {
	ctx := context.Background()
	db, err := Open(ctx, filepath.Join(t.TempDir(), "t.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	queueEntries(t, db, 0, 2)
	queued, err := db.AuditLog().Queued(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	stale := audit.Batch{From: 0, Entries: queued, Checkpoint: []byte("x")}
	if _, _, err := sequencer(t, db).Sequence(ctx); err != nil {
		t.Fatal(err)
	}
	if err := db.AuditLog().Append(ctx, stale); tarozi.CodeOf(err) != tarozi.Conflict {
		t.Errorf("a stale batch gives %v, want a conflict", err)
	}
}
