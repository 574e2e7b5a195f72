package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/store"
	"github.com/tarozi/tarozi/store/storetest"
)

const logOrigin = "tarozi.example/faults"

// bench is one operation with everything that its steps pass through, and the database that it begins with.
type bench struct {
	t          *testing.T
	layer      *layer
	disk       *disk
	signer     note.Signer
	verifier   note.Verifier
	do         func(context.Context, *store.DB, *storetest.Maker) error
	maker      *storetest.Maker
	base       []byte // the database's file
	key        []byte
	lines      []byte // of the file of checkpoints
	before     string // contents
	afterShape string
}

// newBench prepares a database in which half of the entries are in the log already and the others wait.
func newBench(t *testing.T, do func(*bench) func(context.Context, *store.DB, *storetest.Maker) error) *bench {
	t.Helper()
	secret, public, err := note.GenerateKey(strings.NewReader(strings.Repeat("k", 64)), logOrigin)
	must(t, err)
	b := &bench{t: t, layer: &layer{}}
	b.disk = &disk{layer: b.layer}
	b.signer, err = note.NewSigner(secret)
	must(t, err)
	b.verifier, err = note.NewVerifier(public)
	must(t, err)
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := store.Open(t.Context(), path, store.Options{})
	must(t, err)
	b.maker = prepare(t, db)
	b.do = func(ctx context.Context, db *store.DB, _ *storetest.Maker) error { return b.keeper(db).Round(ctx) }
	must(t, b.do(t.Context(), db, nil))
	for _, person := range []string{"p2", "p3"} {
		must(t, db.PutHistory(t.Context(), b.maker.Write("history.put", "w"), b.maker.History(person)))
	}
	must(t, db.Close())
	if do != nil {
		b.do = do(b)
	}
	b.base, err = os.ReadFile(path)
	must(t, err)
	b.key, err = os.ReadFile(filepath.Join(filepath.Dir(path), "seal-key"))
	must(t, err)
	b.lines = b.disk.synced
	return b
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (b *bench) keeper(db *store.DB) *audit.Keeper {
	return &audit.Keeper{
		Sequencer: &audit.Sequencer{Storage: storage{db.AuditLog(), b.layer}, Origin: logOrigin, Signer: signs{b.signer, b.layer}, Verifier: b.verifier, Limit: 100},
		Open:      b.disk.open, Now: func() time.Time { return storetest.Start }, Every: time.Minute,
	}
}

// open puts a database, its write-ahead log and the file of checkpoints on the disk and opens them, as a restart does.
func (b *bench) open(file, wal string, lines []byte) (db *store.DB, path string) {
	b.t.Helper()
	folder := b.t.TempDir()
	path = filepath.Join(folder, "t.db")
	for name, text := range map[string]string{"t.db": file, "t.db-wal": wal, "seal-key": string(b.key)} {
		if name != "t.db-wal" || wal != "" {
			must(b.t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
		}
	}
	b.disk.synced, b.disk.written = bytes.Clone(lines), bytes.Clone(lines)
	db, err := store.OpenFaulty(b.t.Context(), path, b.layer.wrap)
	must(b.t, err)
	b.t.Cleanup(func() { must(b.t, db.Close()) })
	return db, path
}

// shape is the number of rows of every table.
func shape(t testing.TB, path string) string {
	t.Helper()
	beside := side(t, path)
	defer beside.Close()
	var all []string
	for _, table := range tables(t, beside) {
		all = append(all, table+" "+column(t, beside, `SELECT count(*) FROM `+table)[0])
	}
	return strings.Join(all, ", ")
}

// state says whether nothing or all of the operation is stored; anything else is a failure. In both cases each row is as the log says
// it, each entry is in the queue or in the log once, and the log verifies.
func (b *bench) state(db *store.DB, path, when string) (after bool) {
	b.t.Helper()
	beside := side(b.t, path)
	defer beside.Close()
	if contents(b.t, beside) != b.before {
		if got := shape(b.t, path); got != b.afterShape {
			b.t.Errorf("%s: half of it is stored: %s", when, got)
		}
		after = true
	}
	log, known := &audit.Log{Origin: logOrigin, Verifier: b.verifier}, map[string]audit.Commitment{}
	note := func(entry []byte) {
		c, err := audit.ParseCommitment(entry)
		must(b.t, err)
		if _, twice := known[c.ID]; twice {
			b.t.Errorf("%s: entry %s is there twice", when, c.ID)
		}
		known[c.ID] = c
	}
	must(b.t, db.AuditLog().Entries(b.t.Context(), func(e store.LoggedEntry) error {
		note(e.Entry)
		log.Entries, log.Leaves = append(log.Entries, e.Entry), append(log.Leaves, tlog.Hash(e.Leaf))
		return nil
	}))
	waiting, err := db.AuditLog().Waiting(b.t.Context())
	must(b.t, err)
	for _, e := range waiting {
		note(e.Entry)
	}
	log.Checkpoints, err = db.AuditLog().Checkpoints(b.t.Context())
	must(b.t, err)
	kept, err := audit.ReadCheckpoints(b.disk.written)
	if err != nil {
		b.t.Errorf("%s: the file of checkpoints: %v", when, err)
	}
	log.Kept = kept
	faults, err := log.Verify()
	must(b.t, err)
	_, _, wrong, err := db.AuditLog().Rows(b.t.Context(), known)
	if len(faults) > 0 || len(wrong) > 0 || err != nil {
		b.t.Errorf("%s: %v %v %v", when, faults, wrong, err)
	}
	return after
}

// madeGood sequences what waits, without a fault: the file then ends with the checkpoint of the log.
func (b *bench) madeGood(db *store.DB, when string) {
	b.t.Helper()
	must(b.t, b.keeper(db).Round(b.t.Context()))
	head, err := db.AuditLog().Head(b.t.Context())
	must(b.t, err)
	kept, err := audit.ReadCheckpoints(b.disk.synced)
	if err != nil || len(kept) == 0 || !bytes.Equal(kept[len(kept)-1], head) {
		b.t.Errorf("%s: the file of checkpoints does not end with that of the log (%v)", when, err)
	}
	if waiting, err := db.AuditLog().Waiting(b.t.Context()); err != nil || len(waiting) > 0 {
		b.t.Errorf("%s: %d entries wait still (%v)", when, len(waiting), err)
	}
}

// snapshot is what the disk holds at one moment.
type snapshot struct {
	image
	lines []byte
}

// sound does the operation without a fault. It notes the operation's steps, and what the disk holds before and after each.
func (b *bench) sound() (steps []string, kept []snapshot) {
	b.t.Helper()
	db, path := b.open(string(b.base), "", b.lines)
	beside := side(b.t, path)
	b.before = contents(b.t, beside)
	must(b.t, beside.Close())
	seen := map[string]bool{}
	b.layer.look = func(name string) {
		one, err := imageOf(name, path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			b.t.Errorf("%s: %v", name, err)
		}
		for _, lines := range b.disk.torn() {
			if whole := one.file + one.wal + string(lines); !seen[whole] {
				seen[whole] = true
				kept = append(kept, snapshot{one, lines})
			}
		}
	}
	b.layer.images = true
	b.layer.arm(-1, fault{})
	fork := *b.maker
	must(b.t, b.do(b.t.Context(), db, &fork))
	steps = b.layer.disarm()
	b.layer.images = false
	b.afterShape = shape(b.t, path)
	return steps, kept
}

// cuts are the images that a power cut can leave between two, where the write-ahead log grew: it ends at any frame, within the last ones
// at any of some sectors, and with a sector of zeroes.
func cuts(from, to snapshot) (all []snapshot) {
	const sector, frame = 512, 24 + 4096
	if from.file != to.file || !strings.HasPrefix(to.wal, from.wal) {
		return nil
	}
	for at := len(to.wal) - frame; at > len(from.wal); at -= frame {
		for _, torn := range []string{to.wal[:at], to.wal[:at+sector], to.wal[:at] + strings.Repeat("\x00", sector)} {
			all = append(all, snapshot{image{fmt.Sprintf("within the write between %s and %s, at %d", from.name, to.name, at), to.file, torn}, to.lines})
		}
	}
	if len(all) > 0 {
		last := to.wal[:len(to.wal)-1]
		all = append(all, snapshot{image{"a byte before the end of " + to.name, to.file, last}, to.lines})
	}
	return all
}

// TestFaultTable breaks every step of every change and of the sequencer: each statement to SQLite with those around it (begin,
// savepoints, commit), reading the queue and the hashes, signing, and each call of the file of checkpoints. A step fails with an error
// or a panic, before it is done and after; and the power is cut before and after it, and within each write. What is answered is there
// whole and logged once, nothing is half there, and the service goes on: without a restart after an error, with one after a power cut.
func TestFaultTable(t *testing.T) {
	var steps, broken, powerCuts, kept atomic.Int64
	t.Run("table", func(t *testing.T) {
		type row struct {
			name string
			do   func(*bench) func(context.Context, *store.DB, *storetest.Maker) error
		}
		rows := []row{{"the sequencer", nil}}
		for _, op := range operations {
			rows = append(rows, row{op.name, func(*bench) func(context.Context, *store.DB, *storetest.Maker) error { return op.do }})
		}
		for _, r := range rows {
			t.Run(r.name, func(t *testing.T) {
				t.Parallel()
				b := newBench(t, r.do)
				names, snapshots := b.sound()
				steps.Add(int64(len(names)))
				broken.Add(int64(b.faults(names)))
				for i := range snapshots[:len(snapshots)-1] {
					snapshots = append(snapshots, cuts(snapshots[i], snapshots[i+1])...)
				}
				afterwards := 0
				for _, s := range snapshots {
					db, path := b.open(s.file, s.wal, s.lines)
					if b.state(db, path, "power cut "+s.name) {
						afterwards++
					}
					b.madeGood(db, "power cut "+s.name)
					must(t, db.Close())
				}
				if afterwards == 0 || afterwards == len(snapshots) {
					t.Errorf("%d of %d power cuts left the whole operation: both outcomes are to be seen", afterwards, len(snapshots))
				}
				powerCuts.Add(int64(len(snapshots)))
				kept.Add(int64(afterwards))
			})
		}
	})
	t.Logf("%d steps; %d times one was broken by an error or a panic; %d power cuts, of which %d left the whole change and the others nothing of it",
		steps.Load(), broken.Load(), powerCuts.Load(), kept.Load())
}

// faults breaks each step in each way, and says how often.
func (b *bench) faults(names []string) (broken int) {
	b.t.Helper()
	commit := slices.Index(names, "COMMIT")
	var db *store.DB
	var path string
	for i, name := range names {
		for _, f := range []fault{{"error", false}, {"error", true}, {"panic", false}, {"panic", true}} {
			if f.what == "panic" && drivers(name) {
				continue
			}
			if db == nil {
				db, path = b.open(string(b.base), "", b.lines)
			}
			when := fmt.Sprintf("step %d (%s) broken by %+v", i, name, f)
			broken++
			b.layer.arm(i, f)
			fork := *b.maker
			err := b.do(b.t.Context(), db, &fork)
			b.layer.disarm()
			if err == nil {
				b.t.Errorf("%s: no error", when)
			}
			after := b.state(db, path, when)
			// What calls the commit is done when that is.
			if done := i > commit || f.persisted && (i == commit || name == "append the batch"); after != done {
				b.t.Errorf("%s: all of it stored: %v, want %v", when, after, done)
			}
			if after {
				b.madeGood(db, when)
				must(b.t, db.Close())
				db = nil
			}
		}
	}
	if db == nil {
		return broken
	}
	// All of these left nothing: the same database takes the operation.
	fork := *b.maker
	must(b.t, b.do(b.t.Context(), db, &fork))
	if !b.state(db, path, "after all faults") {
		b.t.Error("after all faults the operation stores nothing")
	}
	b.madeGood(db, "after all faults")
	return broken
}
