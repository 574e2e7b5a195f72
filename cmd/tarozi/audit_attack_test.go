package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tarozi/tarozi/audit"
)

// exportedLog is the exported log of a database, with a second checkpoint by the same key and a record of it.
func exportedLog(t *testing.T) (folder, record string, signer note.Signer) {
	t.Helper()
	database := loggedDatabase(t)
	folder = filepath.Join(t.TempDir(), "log")
	if said, status := command(t, "export", "--db", database, "--out", folder); status != exitDone {
		t.Fatal(said)
	}
	record = filepath.Join(t.TempDir(), "record.json")
	if said, status := command(t, "record", "--db", database, "--id", column(t, database, `SELECT id FROM assessments`)[0], "--out", record); status != exitDone {
		t.Fatal(said)
	}
	key, err := loadAuditKey(auditKeyFile(database), "")
	if err != nil {
		t.Fatal(err)
	}
	// A checkpoint of the first three entries goes before that of all, as a log has that grew.
	early := sign(t, key.signer, key.origin(), 3, rootOf(t, folder, 3))
	write(t, folder, checkpointsFile, append(early, read(t, folder, checkpointsFile)...))
	return folder, record, key.signer
}

func read(t testing.TB, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t testing.TB, folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// rootOf is the root over the first n stored hashes of an exported log.
func rootOf(t testing.TB, folder string, n int) tlog.Hash {
	t.Helper()
	var hashes []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		var list []tlog.Hash
		for _, i := range at {
			list = append(list, hashes[i])
		}
		return list, nil
	})
	for i, line := range bytes.Split(bytes.TrimSpace(read(t, folder, leavesFile)), []byte{'\n'})[:n] {
		leaf, err := tlog.ParseHash(string(line))
		if err != nil {
			t.Fatal(err)
		}
		more, err := tlog.StoredHashesForRecordHash(int64(i), leaf, reader)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, more...)
	}
	root, err := tlog.TreeHash(int64(n), reader)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// sign is a line of a file of checkpoints.
func sign(t testing.TB, signer note.Signer, origin string, size int64, root tlog.Hash) []byte {
	t.Helper()
	signed, err := audit.Checkpoint{Origin: origin, Size: size, Root: root}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	line, err := audit.CheckpointLine(signed)
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// A log's files are attacked in every way that their form offers: the verifier names what is wrong and its status is 1.
func TestAttackedLogFiles(t *testing.T) {
	source, record, signer := exportedLog(t)
	origin := signer.Name()
	otherKey := func(name string) (note.Signer, string) {
		secret, public, err := note.GenerateKey(strings.NewReader(strings.Repeat("o", 64)), name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := note.NewSigner(secret)
		if err != nil {
			t.Fatal(err)
		}
		return s, public
	}
	lines := func(folder, name string) [][]byte { return bytes.SplitAfter(read(t, folder, name), []byte{'\n'}) }
	join := func(parts [][]byte) []byte { return bytes.Join(parts, nil) }
	for _, c := range []struct {
		name, names string
		attack      func(folder string)
	}{
		{"the last entry is taken away", "stored hashes", func(f string) {
			all := lines(f, entriesFile)
			write(t, f, entriesFile, join(all[:len(all)-2]))
		}},
		{"the last entry and its hash are taken away", "entries were taken away", func(f string) {
			entries, leaves := lines(f, entriesFile), lines(f, leavesFile)
			write(t, f, entriesFile, join(entries[:len(entries)-2]))
			write(t, f, leavesFile, join(leaves[:len(leaves)-2]))
		}},
		{"the entries are cut off within a line", "not what was logged", func(f string) {
			text := read(t, f, entriesFile)
			write(t, f, entriesFile, text[:len(text)-20])
		}},
		{"the hashes are cut off within a line", "leaves.txt, line", func(f string) {
			text := read(t, f, leavesFile)
			write(t, f, leavesFile, text[:len(text)-20])
		}},
		{"two entries change places", "entry 3: it is not what was logged", func(f string) {
			all := lines(f, entriesFile)
			all[3], all[4] = all[4], all[3]
			write(t, f, entriesFile, join(all))
		}},
		{"two entries change places with their hashes", "checkpoint 2: the stored hashes", func(f string) {
			for _, name := range []string{entriesFile, leavesFile} {
				all := lines(f, name)
				all[3], all[4] = all[4], all[3]
				write(t, f, name, join(all))
			}
		}},
		{"an entry is put in twice", "checkpoint 2", func(f string) {
			for _, name := range []string{entriesFile, leavesFile} {
				all := lines(f, name)
				write(t, f, name, join(slices.Insert(all, 3, all[3])))
			}
		}},
		{"all is taken away", "all of it was taken away", func(f string) {
			for _, name := range []string{entriesFile, leavesFile, checkpointsFile} {
				write(t, f, name, nil)
			}
		}},
		{"the checkpoints are taken away", "no checkpoint vouches for entries 0 to", func(f string) { write(t, f, checkpointsFile, nil) }},
		{"the last checkpoint is taken away", "no checkpoint vouches for entries 3 to", func(f string) { write(t, f, checkpointsFile, lines(f, checkpointsFile)[0]) }},
		{"the log is forked: the same key signs another root", "checkpoint 3: the stored hashes", func(f string) {
			root := rootOf(t, f, 5)
			root[7] ^= 1
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), sign(t, signer, origin, int64(len(lines(f, leavesFile))-1), root)...))
		}},
		{"an old checkpoint is played again", "an old checkpoint was put behind newer ones", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), lines(f, checkpointsFile)[0]...))
		}},
		{"a checkpoint of another log by the same key", "checkpoint 3: the checkpoint is of the log", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), sign(t, signer, "elsewhere.example/log", 3, rootOf(t, f, 3))...))
		}},
		{"a checkpoint by another key of the same name", "checkpoint 3: the checkpoint's signature", func(f string) {
			other, _ := otherKey(origin)
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), sign(t, other, origin, 3, rootOf(t, f, 3))...))
		}},
		{"another public key", "the checkpoint's signature", func(f string) {
			_, public := otherKey(origin)
			write(t, f, "audit-key.pub", []byte(public))
		}},
		{"no public key", "public key", func(f string) { write(t, f, "audit-key.pub", nil) }},
		{"a size below nothing", "is no count", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), sign(t, signer, origin, -1, tlog.Hash{})...))
		}},
		{"a size beyond all numbers", "entries were taken away", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), sign(t, signer, origin, 1<<62, tlog.Hash{})...))
		}},
		{"a note that is none", "checkpoint 3", func(f string) {
			line, err := audit.CheckpointLine([]byte("— \n\n— x y\n"))
			if err != nil {
				t.Fatal(err)
			}
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), line...))
		}},
		{"a line that is no JSON", "checkpoints.ndjson, line 3", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), "{]\n"...))
		}},
		{"a line with more than a checkpoint", "checkpoints.ndjson, line 3", func(f string) {
			write(t, f, checkpointsFile, append(read(t, f, checkpointsFile), `{"checkpoint":"x","and":"more"}`+"\n"...))
		}},
		{"a huge line", "longer than 10 MB", func(f string) {
			write(t, f, entriesFile, append(bytes.Repeat([]byte{'x'}, 11<<20), '\n'))
		}},
		{"a huge file of nothing", "stored hashes", func(f string) {
			file, err := os.OpenFile(filepath.Join(f, entriesFile), os.O_RDWR, 0o600)
			if err == nil {
				_, err = file.WriteAt([]byte("x\n"), 8<<20)
			}
			if err != nil {
				t.Fatal(err)
			}
			file.Close()
		}},
		{"lines end as on another system", "not what was logged", func(f string) {
			write(t, f, entriesFile, bytes.ReplaceAll(read(t, f, entriesFile), []byte{'\n'}, []byte("\r\n")))
		}},
		{"a folder in the place of a file", entriesFile, func(f string) {
			if err := os.Remove(filepath.Join(f, entriesFile)); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(filepath.Join(f, entriesFile), 0o700); err != nil {
				t.Fatal(err)
			}
		}},
		{"a file is missing", leavesFile, func(f string) {
			if err := os.Remove(filepath.Join(f, leavesFile)); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := t.TempDir()
			for _, name := range []string{entriesFile, leavesFile, checkpointsFile, "audit-key.pub"} {
				write(t, folder, name, read(t, source, name))
			}
			if said, status := command(t, "verify", "--log", folder, "--record", record); status != exitDone {
				t.Fatalf("before the attack: %s", said)
			}
			c.attack(folder)
			if said, status := command(t, "verify", "--log", folder); status != exitRefused || !strings.Contains(said, c.names) {
				t.Errorf("%.500q, status %d; want one that names %q", said, status, c.names)
			}
		})
	}
	// A checkpoint that somebody else kept is held against the log as well.
	kept := t.TempDir()
	root := rootOf(t, source, 3)
	root[0] ^= 1
	write(t, kept, "forked", sign(t, signer, origin, 3, root))
	if said, status := command(t, "verify", "--log", source, "--checkpoints", filepath.Join(kept, "forked")); status != exitRefused || !strings.Contains(said, "checkpoint 3: the stored hashes of the first 3") {
		t.Errorf("a kept checkpoint of a fork: %q, status %d", said, status)
	}
}

// An exported record is held against the log: any byte of it changed, moved or taken away is noticed.
func TestAttackedRecord(t *testing.T) {
	folder, file, _ := exportedLog(t)
	var sound exportedRecord
	if err := json.Unmarshal(read(t, filepath.Dir(file), filepath.Base(file)), &sound); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, names string
		attack      func(*exportedRecord)
	}{
		{"nothing", "", func(*exportedRecord) {}},
		{"a byte", "is not the one that was logged", func(r *exportedRecord) { r.Parts[2] = bytes.Replace(r.Parts[2], []byte("0."), []byte("1."), 1) }},
		{"the salt", "is not the one that was logged", func(r *exportedRecord) { r.Salt[0] ^= 1 }},
		{"no salt, as after an erasure", "a salt of 0 bytes", func(r *exportedRecord) { r.Salt = nil }},
		{"bytes moved from one part to the next", "no whole JSON document", func(r *exportedRecord) {
			r.Parts[1], r.Parts[0] = append([]byte{r.Parts[0][len(r.Parts[0])-1]}, r.Parts[1]...), r.Parts[0][:len(r.Parts[0])-1]
		}},
		{"a part", "is not the one that was logged", func(r *exportedRecord) { r.Parts = r.Parts[:2] }},
		{"another record's id", "no entry speaks of the record", func(r *exportedRecord) { r.SubjectID = "another" }},
		{"another action", "no entry speaks of the record", func(r *exportedRecord) { r.Action = "review.decision" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			spoilt := exportedRecord{SubjectID: sound.SubjectID, Action: sound.Action, Salt: bytes.Clone(sound.Salt)}
			for _, part := range sound.Parts {
				spoilt.Parts = append(spoilt.Parts, bytes.Clone(part))
			}
			c.attack(&spoilt)
			text, err := json.Marshal(spoilt)
			if err != nil {
				t.Fatal(err)
			}
			at := t.TempDir()
			write(t, at, "record.json", text)
			said, status := command(t, "verify", "--log", folder, "--record", filepath.Join(at, "record.json"))
			if c.names == "" && status != exitDone || c.names != "" && (status != exitRefused || !strings.Contains(said, c.names)) {
				t.Errorf("%q, status %d; want one that names %q", said, status, c.names)
			}
		})
	}
}

// FuzzVerifyLog gives the verifier any files: it never panics, and passes nothing but the log itself. Bytes are put in the place of
// others, so that what the verifier reads is nearly a log.
func FuzzVerifyLog(f *testing.F) {
	const origin = "tarozi.example/fuzz"
	secret, public, err := note.GenerateKey(strings.NewReader(strings.Repeat("f", 64)), origin)
	if err != nil {
		f.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		f.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		f.Fatal(err)
	}
	var entries, leaves, checkpoints []byte
	sound := f.TempDir()
	for i, entry := range []string{`{"id":"a"}`, `{"id":"b"}`, `{"id":"c"}`} {
		hash := tlog.RecordHash([]byte(entry))
		entries, leaves = append(append(entries, entry...), '\n'), append(append(leaves, base64.StdEncoding.EncodeToString(hash[:])...), '\n')
		write(f, sound, leavesFile, leaves)
		checkpoints = append(checkpoints, sign(f, signer, origin, int64(i+1), rootOf(f, sound, i+1))...)
	}
	f.Add(uint8(3), 0, []byte{})
	f.Add(uint8(0), 5, []byte("x"))
	f.Add(uint8(1), 3, []byte("\n"))
	f.Add(uint8(2), 20, []byte(`\n-1`))
	f.Add(uint8(2), len(checkpoints), checkpoints[:len(checkpoints)/3])
	f.Fuzz(func(t *testing.T, which uint8, at int, with []byte) {
		files := [][]byte{bytes.Clone(entries), bytes.Clone(leaves), bytes.Clone(checkpoints)}
		changed := false
		if which < 3 && at >= 0 && at <= len(files[which]) {
			before := files[which]
			files[which] = append(append(bytes.Clone(before[:at]), with...), before[min(len(before), at+len(with)):]...)
			changed = !bytes.Equal(before, files[which])
		}
		folder := t.TempDir()
		for i, name := range []string{entriesFile, leavesFile, checkpointsFile} {
			write(t, folder, name, files[i])
		}
		log := &audit.Log{Origin: origin, Verifier: verifier}
		if err := readLog(folder, log); err != nil {
			if !changed {
				t.Fatalf("the log itself: %v", err)
			}
			return
		}
		faults, err := log.Verify()
		if err != nil {
			t.Fatal(err)
		}
		if !changed && len(faults) > 0 {
			t.Errorf("the log itself: %v", faults)
		}
		if changed && len(faults) == 0 && which < 2 {
			// Nothing but the same entries and hashes passes: another way of ending the last line says nothing else.
			if got := bytes.Join(append(log.Entries, nil), []byte{'\n'}); !bytes.Equal(got, entries) {
				t.Errorf("passes: %q", got)
			}
		}
	})
}
