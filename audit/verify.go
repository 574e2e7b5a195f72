package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Log is a log as it lies in files: its entries in order, the hash of each as it was stored, and every checkpoint that was kept.
type Log struct {
	Origin      string
	Verifier    note.Verifier
	Entries     [][]byte
	Leaves      []tlog.Hash // tlog.RecordHash of each entry when it was logged
	Checkpoints [][]byte    // in the order of signing
	Kept        [][]byte    // those that somebody else kept, in the order of keeping
}

// Fault is one place where a log is not what it must be.
type Fault struct {
	Entry      int64 // place of the entry, -1 where the fault is not of one entry
	Checkpoint int   // place of the checkpoint among the log's own and then those kept, -1 where the fault is not of one
	What       string
}

func (f Fault) String() string {
	switch {
	case f.Entry >= 0:
		return fmt.Sprintf("entry %d: %s", f.Entry, f.What)
	case f.Checkpoint >= 0:
		return fmt.Sprintf("checkpoint %d: %s", f.Checkpoint+1, f.What)
	default:
		return f.What
	}
}

// Verify checks that every entry has its stored hash, and that every checkpoint is signed and its root follows from the stored hashes
// before its size: which makes every pair of checkpoints consistent and vouches for each entry by itself. Sizes never go back from one
// checkpoint to the next. None of it trusts whoever wrote the files but the holder of the signing key.
func (l *Log) Verify() ([]Fault, error) {
	if len(l.Leaves) != len(l.Entries) {
		return []Fault{{-1, -1, fmt.Sprintf("%d entries and %d stored hashes: one of them was taken away or added", len(l.Entries), len(l.Leaves))}}, nil
	}
	var faults []Fault
	for i, e := range l.Entries {
		if tlog.RecordHash(e) != l.Leaves[i] {
			faults = append(faults, Fault{int64(i), -1, "it is not what was logged: its hash is another"})
		}
	}
	tree, err := newMemoryTree(l.Leaves)
	if err != nil {
		return nil, err
	}
	if len(l.Checkpoints)+len(l.Kept) == 0 && len(l.Entries) == 0 {
		return []Fault{{-1, -1, "there is neither an entry nor a checkpoint: this is no log, or all of it was taken away"}}, nil
	}
	covered, latest := int64(0), int64(0) // entries that a sound checkpoint vouches for
	for i, signed := range slices.Concat(l.Checkpoints, l.Kept) {
		if i == len(l.Checkpoints) {
			latest = 0
		}
		c, err := OpenCheckpoint(signed, l.Origin, l.Verifier)
		if err != nil {
			faults = append(faults, Fault{-1, i, err.Error()})
			continue
		}
		if c.Size < latest {
			faults = append(faults, Fault{-1, i, fmt.Sprintf("it speaks of %d entries, and one before it of %d: an old checkpoint was put behind newer ones, or the log was set back", c.Size, latest)})
		}
		latest = max(latest, c.Size)
		if c.Size > int64(len(l.Leaves)) {
			faults = append(faults, Fault{-1, i, fmt.Sprintf("it speaks of %d entries, and there are %d: entries were taken away", c.Size, len(l.Leaves))})
			continue
		}
		root, err := tlog.TreeHash(c.Size, tree)
		if err != nil {
			return nil, fmt.Errorf("hashing the tree of %d entries: %w", c.Size, err)
		}
		if root != c.Root {
			faults = append(faults, Fault{-1, i, fmt.Sprintf("the stored hashes of the first %d entries are not those that it signed", c.Size)})
			continue
		}
		covered = max(covered, c.Size)
	}
	if covered < int64(len(l.Entries)) && len(faults) == 0 {
		faults = append(faults, Fault{covered, -1, fmt.Sprintf("no checkpoint vouches for entries %d to %d", covered, len(l.Entries)-1)})
	}
	return faults, nil
}

// Commitment is the part of an entry that commits to a record.
type Commitment struct {
	ID         string `json:"id"`
	AgencyID   string `json:"agency_id"`
	AccountID  string `json:"account_id"`
	Action     string `json:"action"`
	SubjectID  string `json:"subject_id"`
	SHA256     string `json:"sha256"`
	Rows       int    `json:"rows"`        // stored rows that the change touched
	RowsSHA256 string `json:"rows_sha256"` // hex, of their hashes one after another
}

// ParseCommitment reads an entry's commitment.
func ParseCommitment(entry []byte) (Commitment, error) {
	var c Commitment
	if err := json.Unmarshal(entry, &c); err != nil {
		return Commitment{}, fmt.Errorf("the entry is no JSON: %w", err)
	}
	return c, nil
}

// Check reports whether the salt and the record's parts are what the entry committed to.
func (c Commitment) Check(salt []byte, parts ...[]byte) error {
	digest := sha256.New()
	digest.Write(salt)
	for _, p := range parts {
		digest.Write(p)
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != c.SHA256 {
		return fmt.Errorf("the record (%s %s) is not the one that was logged", c.Action, c.SubjectID)
	}
	return nil
}

// memoryTree is the tree over leaf hashes held in memory.
type memoryTree struct{ hashes []tlog.Hash }

func newMemoryTree(leaves []tlog.Hash) (*memoryTree, error) {
	t := &memoryTree{}
	for i, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(int64(i), leaf, t)
		if err != nil {
			return nil, fmt.Errorf("hashing entry %d: %w", i, err)
		}
		t.hashes = append(t.hashes, hashes...)
	}
	return t, nil
}

func (t *memoryTree) ReadHashes(indices []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indices))
	for at, i := range indices {
		if i < 0 || i >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("there is no hash %d", i)
		}
		hashes[at] = t.hashes[i]
	}
	return hashes, nil
}
