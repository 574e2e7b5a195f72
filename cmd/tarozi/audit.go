package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/store"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// How often the queue is looked at, how many entries one batch takes, and how long a checkpoint may be the latest one in its file
// before it is written again to show that the service lives.
const (
	sequenceEvery   = time.Second
	sequenceLimit   = 1024
	checkpointEvery = time.Minute - 5*time.Second // "at least once a minute", a slow round included
)

// auditKey is the pair that signs and checks a log's checkpoints. Its name is the log's origin.
type auditKey struct {
	signer   note.Signer
	verifier note.Verifier
}

func (k auditKey) origin() string { return k.verifier.Name() }

// publicFile is where the public half of a key file lies.
func publicFile(keyFile string) string { return keyFile + ".pub" }

// loadAuditKey reads the key file, making a pair where there is none yet. The public half lies beside it for whoever checks the log. A
// public half without its key is a log whose key was lost or not yet put back: another key could not go on with it.
func loadAuditKey(keyFile, origin string) (auditKey, error) {
	secret, err := os.ReadFile(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(publicFile(keyFile)); err == nil {
			return auditKey{}, fmt.Errorf("the audit log's key %s is not there, and %s is: put the key back from where you keep it", keyFile, publicFile(keyFile))
		}
		made, _, err := note.GenerateKey(rand.Reader, origin)
		if err != nil {
			return auditKey{}, fmt.Errorf("making the audit log's key: %w", err)
		}
		if err := writeWhole(keyFile, []byte(made+"\n"), 0o600); err != nil {
			return auditKey{}, fmt.Errorf("writing the audit log's key: %w", err)
		}
		secret = []byte(made)
	} else if err != nil {
		return auditKey{}, fmt.Errorf("reading the audit log's key: %w", err)
	}
	if _, err := os.Stat(publicFile(keyFile)); errors.Is(err, fs.ErrNotExist) { // never written, or the machine stopped in between
		public, err := publicHalf(strings.TrimSpace(string(secret)))
		if err != nil {
			return auditKey{}, fmt.Errorf("the audit log's key in %s: %w", keyFile, err)
		}
		if err := writeWhole(publicFile(keyFile), []byte(public+"\n"), 0o644); err != nil {
			return auditKey{}, fmt.Errorf("writing the audit log's public key: %w", err)
		}
	}
	signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
	if err != nil {
		return auditKey{}, fmt.Errorf("the audit log's key in %s: %w", keyFile, err)
	}
	verifier, err := loadVerifier(publicFile(keyFile))
	if err != nil {
		return auditKey{}, err
	}
	if verifier.Name() != signer.Name() || verifier.KeyHash() != signer.KeyHash() {
		return auditKey{}, fmt.Errorf("%s is not the public half of %s", publicFile(keyFile), keyFile)
	}
	return auditKey{signer, verifier}, nil
}

// publicHalf is the verifier key of a signer key (golang.org/x/mod/sumdb/note: PRIVATE+KEY+name+hash+base64 of 1 and an Ed25519 seed).
func publicHalf(secret string) (string, error) {
	parts := strings.SplitN(strings.TrimPrefix(secret, "PRIVATE+KEY+"), "+", 3)
	if len(parts) != 3 {
		return "", errors.New("it is no key of a signed note")
	}
	seed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(seed) != 1+ed25519.SeedSize || seed[0] != 1 {
		return "", errors.New("it is no Ed25519 key of a signed note")
	}
	return note.NewEd25519VerifierKey(parts[0], ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
}

func loadVerifier(file string) (note.Verifier, error) {
	public, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the audit log's public key: %w", err)
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(string(public)))
	if err != nil {
		return nil, fmt.Errorf("the audit log's public key in %s: %w", file, err)
	}
	return verifier, nil
}

// checkpointKeeper keeps the log of a database with the checkpoints in file.
func checkpointKeeper(db *store.DB, key auditKey, file string) *audit.Keeper {
	return &audit.Keeper{
		Sequencer: &audit.Sequencer{Storage: db.AuditLog(), Origin: key.origin(), Signer: key.signer, Verifier: key.verifier, Limit: sequenceLimit},
		Open:      func() (audit.File, error) { return os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644) },
		Now:       time.Now, Every: checkpointEvery,
	}
}

// sequenceAudit gives queued entries their places until ctx ends, and once more then.
func sequenceAudit(ctx context.Context, k *audit.Keeper, log *slog.Logger) {
	ticks := time.NewTicker(sequenceEvery)
	defer ticks.Stop()
	round := func(ctx context.Context) {
		if err := k.Round(ctx); err != nil {
			log.Error("a round of the audit log failed", "error", err)
		}
	}
	for {
		round(ctx)
		select {
		case <-ticks.C:
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			round(last)
			return
		}
	}
}

// readCheckpoints reads a file of checkpoints.
func readCheckpoints(file string) ([][]byte, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	signed, err := audit.ReadCheckpoints(content)
	if err != nil {
		return nil, fmt.Errorf("%s, %w", file, err)
	}
	return signed, nil
}

func eachLineOf(file string, do func(line []byte) error) error {
	in, err := os.Open(file)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := eachLine(in, func(_ int, line []byte) error { return do(line) }); err != nil {
		return fmt.Errorf("%s, %w", file, err)
	}
	return nil
}

// The files of an exported log.
const (
	entriesFile     = "entries.ndjson"
	leavesFile      = "leaves.txt"
	checkpointsFile = "checkpoints.ndjson"
)

func auditCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "audit", Short: "Check and export the tamper-evident log"}
	cmd.AddCommand(auditVerifyCommand(), auditExportCommand(), auditRecordCommand())
	return cmd
}

func auditVerifyCommand() *cobra.Command {
	var folder, database, keyFile, kept, proof, record string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check a log from exported files, or in a database together with the records it speaks of",
		Long: `With --log the check needs nothing but the exported files and the public key. With --db it also holds every stored row
against what its entry committed to, and names rows without an entry; the database is not written to, and no key but the public one is needed. --checkpoints names checkpoints that were kept elsewhere: they must be of the same log.
Each fault is named; the exit status is then 1.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if proof != "" {
				return verifyProof(cmd, proof, keyFile, kept, record)
			}
			if (folder == "") == (database == "") {
				return errors.New("name exported files with --log, or a database with --db")
			}
			if keyFile == "" && folder != "" {
				keyFile = filepath.Join(folder, "audit-key.pub")
			} else if keyFile == "" {
				keyFile = publicFile(auditKeyFile(database))
			}
			verifier, err := loadVerifier(keyFile)
			if err != nil {
				return err
			}
			log := &audit.Log{Origin: verifier.Name(), Verifier: verifier}
			records, faults := 0, []audit.Fault(nil)
			if folder != "" {
				err = readLog(folder, log)
			} else {
				records, faults, err = readDatabase(cmd.Context(), database, log)
			}
			if err != nil {
				return err
			}
			if kept != "" {
				others, err := readCheckpoints(kept)
				if err != nil {
					return err
				}
				log.Kept = others
			}
			more, err := log.Verify()
			if err != nil {
				return err
			}
			faults = append(more, faults...)
			if record != "" {
				fault, err := verifyRecord(record, log.Entries)
				if err != nil {
					return err
				}
				faults = append(faults, fault...)
			}
			for _, f := range faults {
				cmd.PrintErrln(f)
			}
			if len(faults) > 0 {
				return errRefused
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%s: %d entries, %d checkpoints and %d stored rows are as they were logged\n",
				log.Origin, len(log.Entries), len(log.Checkpoints)+len(log.Kept), records)
			return nil
		},
	}
	cmd.Flags().StringVar(&folder, "log", "", "folder that 'tarozi audit export' wrote")
	cmd.Flags().StringVar(&database, "db", "", "the SQLite file")
	cmd.Flags().StringVar(&keyFile, "key", "", "the log's public key; beside the log or the database if left out")
	cmd.Flags().StringVar(&proof, "proof", "", "file with the answer of GET /api/v1/audit/proof; with --checkpoints, the log must have grown from the one kept")
	cmd.Flags().StringVar(&record, "record", "", "file that 'tarozi audit record' wrote: its bytes must be the ones that an entry of the log, or the one of the proof, committed to")
	cmd.Flags().StringVar(&kept, "checkpoints", "", "file of checkpoints that were kept elsewhere")
	return cmd
}

// readDatabase reads the log of a database, without writing to it, and holds the records and every row against their entries.
func readDatabase(ctx context.Context, database string, log *audit.Log) (records int, faults []audit.Fault, err error) {
	db, err := store.OpenForReading(ctx, database)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	stored := db.AuditLog()
	var logged []store.LoggedEntry
	places, entries := map[string]int64{}, map[string]audit.Commitment{}
	err = stored.Entries(ctx, func(e store.LoggedEntry) error {
		place := int64(len(log.Entries))
		log.Entries = append(log.Entries, e.Entry)
		var leaf tlog.Hash
		copy(leaf[:], e.Leaf)
		log.Leaves = append(log.Leaves, leaf)
		c, err := audit.ParseCommitment(e.Entry)
		if err != nil {
			faults = append(faults, audit.Fault{Entry: place, Checkpoint: -1, What: err.Error()})
			return nil
		}
		logged = append(logged, e)
		places[c.ID], entries[c.ID] = place, c
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	waiting, err := stored.Waiting(ctx)
	if err != nil {
		return 0, nil, err
	}
	for _, e := range waiting {
		c, err := audit.ParseCommitment(e.Entry)
		if err != nil {
			faults = append(faults, audit.Fault{Entry: -1, Checkpoint: -1, What: "an entry in the queue: " + err.Error()})
			continue
		}
		logged = append(logged, e)
		entries[c.ID] = c
	}
	// name says of which entry a fault is: its place, or its id while it has none.
	name := func(id, what string) audit.Fault {
		if place, known := places[id]; known {
			return audit.Fault{Entry: place, Checkpoint: -1, What: what}
		}
		if id != "" {
			what = fmt.Sprintf("entry %s, which waits in the queue: %s", id, what)
		}
		return audit.Fault{Entry: -1, Checkpoint: -1, What: what}
	}
	held, erased, wrong, err := stored.Rows(ctx, entries)
	if err != nil {
		return 0, nil, err
	}
	for _, w := range wrong {
		faults = append(faults, name(w.EntryID, w.What))
	}
	for _, e := range logged {
		c, err := audit.ParseCommitment(e.Entry)
		if err != nil {
			return 0, nil, err
		}
		more, err := checkRecord(ctx, stored, e, c, erased[c.ID])
		if err != nil {
			return 0, nil, err
		}
		for _, what := range more {
			faults = append(faults, name(c.ID, what))
		}
	}
	log.Checkpoints, err = stored.Checkpoints(ctx)
	return held, faults, err
}

// checkRecord holds the record that an entry speaks of against its own hash, which an outsider checks by the record alone. Of an erased
// person's record nothing is left but that hash.
func checkRecord(ctx context.Context, stored store.AuditLog, e store.LoggedEntry, c audit.Commitment, erased bool) (faults []string, err error) {
	record, err := stored.Record(ctx, c)
	switch {
	case tarozi.CodeOf(err) == tarozi.NotFound && erased:
		return nil, nil
	case tarozi.CodeOf(err) == tarozi.NotFound:
		return []string{err.Error()}, nil
	case err != nil:
		return nil, err
	case record == nil && len(e.Salt) == 0 && c.SHA256 != "" && !erased:
		return []string{"its salt was taken away, and no erasure says so"}, nil
	case record == nil:
		return nil, nil // not kept as one piece
	}
	if err := c.Check(e.Salt, record.Parts...); err != nil {
		faults = append(faults, err.Error())
	}
	if record.Wrong != "" {
		faults = append(faults, fmt.Sprintf("the record (%s %s): %s", c.Action, c.SubjectID, record.Wrong))
	}
	return faults, nil
}

// readLog reads an exported log.
func readLog(folder string, log *audit.Log) error {
	err := eachLineOf(filepath.Join(folder, entriesFile), func(line []byte) error {
		log.Entries = append(log.Entries, line)
		return nil
	})
	if err != nil {
		return err
	}
	err = eachLineOf(filepath.Join(folder, leavesFile), func(line []byte) error {
		leaf, err := tlog.ParseHash(string(line))
		log.Leaves = append(log.Leaves, leaf)
		return err
	})
	if err != nil {
		return err
	}
	log.Checkpoints, err = readCheckpoints(filepath.Join(folder, checkpointsFile))
	return err
}

func auditExportCommand() *cobra.Command {
	var database, folder string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the log to files that anybody can check: entries, hashes, checkpoints, public key",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			log := &audit.Log{}
			if _, _, err := readDatabase(cmd.Context(), database, log); err != nil {
				return err
			}
			public, err := os.ReadFile(publicFile(auditKeyFile(database)))
			if err != nil {
				return err
			}
			var leaves, checkpoints bytes.Buffer
			for _, leaf := range log.Leaves {
				leaves.WriteString(base64.StdEncoding.EncodeToString(leaf[:]) + "\n")
			}
			for _, signed := range log.Checkpoints {
				line, err := audit.CheckpointLine(signed)
				if err != nil {
					return err
				}
				checkpoints.Write(line)
			}
			if err := os.MkdirAll(folder, 0o755); err != nil {
				return err
			}
			for name, content := range map[string][]byte{
				entriesFile: bytes.Join(append(log.Entries, nil), []byte{'\n'}), leavesFile: leaves.Bytes(),
				checkpointsFile: checkpoints.Bytes(), "audit-key.pub": public,
			} {
				if err := os.WriteFile(filepath.Join(folder, name), content, 0o644); err != nil {
					return err
				}
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d entries and %d checkpoints written to %s\n", len(log.Entries), len(log.Checkpoints), folder)
			return nil
		},
	}
	cmd.Flags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file")
	cmd.Flags().StringVar(&folder, "out", "", "folder to write")
	mustRequire(cmd, "out")
	return cmd
}

// auditKeyFile is beside the database.
func auditKeyFile(database string) string { return filepath.Join(filepath.Dir(database), "audit-key") }
