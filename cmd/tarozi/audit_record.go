package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/store"
)

// exportedRecord is a record with what is needed to hold it against the log: the salt and the bytes whose hash its entry committed to.
// It is about a person: it is given to whom the record is given.
type exportedRecord struct {
	SubjectID string   `json:"subject_id"`
	Action    string   `json:"action"`
	Salt      []byte   `json:"salt"`  // base64
	Parts     [][]byte `json:"parts"` // base64: of an assessment what was sent, what was read of it, and the answer; of others the document
}

func auditRecordCommand() *cobra.Command {
	var database, subject, out string
	cmd := &cobra.Command{
		Use:   "record",
		Short: "Write a record with the salt of its entry, so that whoever gets it can hold it against the log",
		Long: `The record is an assessment, a step of a review, a lever or a report, by its id. With the exported log, or with a proof of its entry, and
the public key, 'tarozi audit verify --record' says whether its bytes are the ones that were logged. The file is about a person.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			db, err := store.OpenForReading(cmd.Context(), database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, db.Close()) }()
			var found *exportedRecord
			err = db.AuditLog().Entries(cmd.Context(), func(e store.LoggedEntry) error {
				c, err := audit.ParseCommitment(e.Entry)
				if err != nil || c.SubjectID != subject || c.SHA256 == "" {
					return err
				}
				record, err := db.AuditLog().Record(cmd.Context(), c)
				if err != nil || record == nil {
					return err
				}
				found = &exportedRecord{c.SubjectID, c.Action, e.Salt, record.Parts}
				return nil
			})
			if err != nil {
				return err
			}
			if found == nil {
				return fmt.Errorf("no entry of the log speaks of a record %q that is kept as one piece: check its id; entries of the last second are still in the queue", subject)
			}
			text, err := json.Marshal(found)
			if err != nil {
				return err
			}
			return os.WriteFile(out, append(text, '\n'), 0o600)
		},
	}
	cmd.Flags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file")
	cmd.Flags().StringVar(&subject, "id", "", "id of the record")
	cmd.Flags().StringVar(&out, "out", "", "file to write")
	mustRequire(cmd, "id", "out")
	return cmd
}

// saltSize is that of every entry's salt.
const saltSize = 32

// wellFormed refuses bytes that only hash right when they are put together: the hash does not say where salt and parts end.
func (r *exportedRecord) wellFormed() error {
	if len(r.Salt) != saltSize {
		return fmt.Errorf("a salt of %d bytes where there are %d: without its salt, which an erasure destroys, a record cannot be held against the log", len(r.Salt), saltSize)
	}
	for i, part := range r.Parts {
		if len(part) > 0 && !jsontext.Value(part).IsValid() {
			return fmt.Errorf("part %d is no whole JSON document", i+1)
		}
	}
	return nil
}

// verifyRecord holds an exported record against the entries that speak of it: one must have committed to exactly its bytes.
func verifyRecord(file string, entries [][]byte) ([]audit.Fault, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var r exportedRecord
	if err := tarozi.Decode(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if err := r.wellFormed(); err != nil {
		return []audit.Fault{{Entry: -1, Checkpoint: -1, What: fmt.Sprintf("the record (%s %s): %v", r.Action, r.SubjectID, err)}}, nil
	}
	fault := audit.Fault{Entry: -1, Checkpoint: -1, What: fmt.Sprintf("no entry speaks of the record (%s %s)", r.Action, r.SubjectID)}
	for place, entry := range slices.Backward(entries) {
		c, err := audit.ParseCommitment(entry)
		if err != nil || c.SubjectID != r.SubjectID || c.Action != r.Action || c.SHA256 == "" {
			continue
		}
		if err = c.Check(r.Salt, r.Parts...); err == nil {
			return nil, nil
		}
		fault = audit.Fault{Entry: int64(place), Checkpoint: -1, What: err.Error()}
	}
	return []audit.Fault{fault}, nil
}
