package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/store"
)

// The files of a backup.
const (
	backupDatabase = "tarozi.db"
	backupKey      = "audit-key.pub"
	backupManifest = "manifest.json"
)

// manifest says what a backup is and what its files hash to. It stands against damage, not against forgery: the log does that.
type manifest struct {
	Version string            `json:"version"` // of the program that wrote it
	MadeAt  time.Time         `json:"made_at"`
	Log     string            `json:"log"` // origin of the audit log
	Entries int               `json:"entries"`
	SHA256  map[string]string `json:"sha256"` // hex, by file
}

func backupCommand() *cobra.Command {
	var database, folder string
	cmd := &cobra.Command{
		Use:   "backup",
		Short: "Copy the database while the service works, with what is needed to check its log",
		Long: `The folder gets the database as of one moment, the log's public key and the checkpoints kept so far; only its owner can read it. The
copy is verified before the command ends. Keys are NOT in it: keep the audit log's signing key and the key that people's names are sealed
with somewhere else. Without the first no new entries can be signed, without the second nobody's name or protected attributes can be read.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := backup(cmd.Context(), database, folder)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), `%s: the database with %d entries of the log %s, verified.
The keys are not in it: keep %s and %s apart from it.
`, folder, m.Entries, m.Log, auditKeyFile(database), store.SealKeyFile(database))
			return nil
		},
	}
	cmd.Flags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file")
	cmd.Flags().StringVar(&folder, "out", "", "folder to make")
	mustRequire(cmd, "out")
	return cmd
}

func restoreCommand() *cobra.Command {
	var database, folder string
	cmd := &cobra.Command{
		Use:   "restore",
		Short: "Put a backup in the place of a database that is gone",
		Long: `Every file of the backup is held against its hash, the database read whole, and its log and rows verified, before anything is written.
A database that is there is never overwritten: move it away first. Put the keys back beside it before the service starts. Checkpoints that
were kept elsewhere and are newer than the backup will say that entries were taken away: they were, and the date of the restore says why.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := restore(cmd.Context(), folder, database)
			if err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), `%s: restored as of %s, with %d entries of the log %s, verified.
Put %s and %s back before you start the service. What came after that time is not in it: write down when and why you restored it.
`, database, m.MadeAt.Format(time.RFC3339), m.Entries, m.Log, auditKeyFile(database), store.SealKeyFile(database))
			return nil
		},
	}
	cmd.Flags().StringVar(&folder, "from", "", "folder that 'tarozi backup' made")
	cmd.Flags().StringVar(&database, "db", "var/tarozi.db", "the SQLite file to make")
	mustRequire(cmd, "from")
	return cmd
}

// backup makes the folder whole or not at all.
func backup(ctx context.Context, database, folder string) (m *manifest, err error) {
	if _, err := os.Lstat(folder); err == nil {
		return nil, fmt.Errorf("%s is there already: name a new folder with --out", folder)
	}
	part := folder + ".part"
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return nil, err
	}
	end, err := exclusive(folder + ".lock")
	if err != nil {
		return nil, fmt.Errorf("another backup to %s is under way: %w", folder, err)
	}
	defer func() { err = errors.Join(err, end()) }()
	// A backup that was killed has left its copy, people's records in it.
	if err := os.RemoveAll(part); err != nil {
		return nil, err
	}
	if err := os.Mkdir(part, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	if err := store.Backup(ctx, database, filepath.Join(part, backupDatabase)); err != nil {
		return nil, err
	}
	public, err := os.ReadFile(publicFile(auditKeyFile(database)))
	if err != nil {
		return nil, fmt.Errorf("the log's public key: %w", err)
	}
	if err := writeWhole(filepath.Join(part, backupKey), public, 0o600); err != nil {
		return nil, err
	}
	log, err := verified(ctx, filepath.Join(part, backupDatabase), filepath.Join(part, backupKey))
	if err != nil {
		return nil, fmt.Errorf("the copy does not verify, and was not kept: %w", err)
	}
	var lines bytes.Buffer
	for _, signed := range log.Checkpoints {
		line, err := audit.CheckpointLine(signed)
		if err != nil {
			return nil, err
		}
		lines.Write(line)
	}
	if err := writeWhole(filepath.Join(part, checkpointsFile), lines.Bytes(), 0o600); err != nil {
		return nil, err
	}
	m = &manifest{Version: version, MadeAt: time.Now().UTC(), Log: log.Origin, Entries: len(log.Entries), SHA256: map[string]string{}}
	for _, name := range []string{backupDatabase, backupKey, checkpointsFile} {
		if m.SHA256[name], err = hashOf(filepath.Join(part, name)); err != nil {
			return nil, err
		}
	}
	text, err := json.Marshal(m, json.Deterministic(true), jsontext.WithIndent("  "))
	if err != nil {
		return nil, err
	}
	if err := writeWhole(filepath.Join(part, backupManifest), append(text, '\n'), 0o600); err != nil {
		return nil, err
	}
	if err := os.Rename(part, folder); err != nil {
		return nil, err
	}
	return m, syncFolder(filepath.Dir(folder))
}

// restore checks a backup and puts its database, public key and checkpoints where they belong.
func restore(ctx context.Context, folder, database string) (m *manifest, err error) {
	checkpoints := filepath.Join(filepath.Dir(database), checkpointsFile)
	for _, name := range []string{database, database + "-wal", database + "-shm"} {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(fmt.Errorf("%s is there already and is not overwritten: move it away, or name another with --db", name), err)
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, backupManifest))
	if err != nil {
		return nil, fmt.Errorf("this is no whole backup: %w", err)
	}
	m = new(manifest)
	if err := tarozi.Decode(text, m); err != nil {
		return nil, fmt.Errorf("%s: %w", backupManifest, err)
	}
	for _, name := range []string{backupDatabase, backupKey, checkpointsFile} {
		sum, err := hashOf(filepath.Join(folder, name))
		if err != nil {
			return nil, fmt.Errorf("this is no whole backup: %w", err)
		}
		if sum != m.SHA256[name] {
			return nil, fmt.Errorf("%s of the backup is damaged: its hash is another than when it was made; take another backup", name)
		}
	}
	public, err := os.ReadFile(filepath.Join(folder, backupKey))
	if err != nil {
		return nil, err
	}
	keyFile := publicFile(auditKeyFile(database))
	if own, err := os.ReadFile(keyFile); err == nil && !bytes.Equal(bytes.TrimSpace(own), bytes.TrimSpace(public)) {
		return nil, fmt.Errorf("%s is the key of another log than the backup's: restore it elsewhere", keyFile)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(database), 0o700); err != nil {
		return nil, err
	}
	part := database + ".part"
	end, err := exclusive(database + ".lock")
	if err != nil {
		return nil, fmt.Errorf("another restore to %s is under way: %w", database, err)
	}
	defer func() { err = errors.Join(err, end()) }()
	if err := os.RemoveAll(part); err != nil { // of a restore that was killed
		return nil, err
	}
	if err := copyWhole(filepath.Join(folder, backupDatabase), part); err != nil {
		return nil, errors.Join(err, os.RemoveAll(part))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(part))
		}
	}()
	if err := store.CheckFile(ctx, part); err != nil {
		return nil, err
	}
	if _, err := verified(ctx, part, filepath.Join(folder, backupKey)); err != nil {
		return nil, fmt.Errorf("the backup does not verify: %w", err)
	}
	if err := writeWhole(keyFile, public, 0o644); err != nil {
		return nil, err
	}
	if _, err := os.Stat(checkpoints); errors.Is(err, fs.ErrNotExist) { // those kept here may be more than the backup knows
		lines, err := os.ReadFile(filepath.Join(folder, checkpointsFile))
		if err != nil {
			return nil, err
		}
		if err := writeWhole(checkpoints, lines, 0o644); err != nil {
			return nil, err
		}
	}
	if err := os.Rename(part, database); err != nil {
		return nil, err
	}
	return m, syncFolder(filepath.Dir(database))
}

// verified reads the log of a database file and checks it, and all rows against it.
func verified(ctx context.Context, database, keyFile string) (*audit.Log, error) {
	verifier, err := loadVerifier(keyFile)
	if err != nil {
		return nil, err
	}
	log := &audit.Log{Origin: verifier.Name(), Verifier: verifier}
	_, faults, err := readDatabase(ctx, database, log)
	if err != nil {
		return nil, err
	}
	more, err := log.Verify()
	if err != nil {
		return nil, err
	}
	var named []error
	for _, f := range append(more, faults...) {
		named = append(named, errors.New(f.String()))
	}
	return log, errors.Join(named...)
}

func hashOf(name string) (string, error) {
	in, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer in.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// copyWhole copies a file to a new one that only its owner can read, and onto the disk.
func copyWhole(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}
