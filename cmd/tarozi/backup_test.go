package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/store"
)

// The drill: a backup of a service under load is restored on another machine, as it were; it verifies, serves what was there, rebuilds
// its scores and goes on with the log.
func TestBackupAndRestore(t *testing.T) {
	database, key := institution(t)
	s := serving(t, database)
	var before []string
	for n := range 3 {
		id, err := s.assess(t.Context(), key, fmt.Sprint("before-", n))
		if err != nil {
			t.Fatal(err)
		}
		before = append(before, id)
	}
	ctx, stop := context.WithCancel(t.Context())
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		for n := 0; ctx.Err() == nil; n++ {
			_, _ = s.assess(ctx, key, fmt.Sprint("meanwhile-", n)) // the last one is cut off
		}
	}()
	folder := filepath.Join(t.TempDir(), "backup")
	said := mustTell(t, "", "backup", "--db", database, "--out", folder)
	stop()
	<-idle
	s.end(t)
	if !strings.Contains(said, "keys are not in it") {
		t.Errorf("the backup does not say that it has no keys: %s", said)
	}
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", f.Name(), info.Mode())
		}
		content, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(content), "PRIVATE+KEY") {
			t.Errorf("%s holds the signing key", f.Name())
		}
	}

	restored := filepath.Join(t.TempDir(), "tarozi.db")
	mustTell(t, "", "restore", "--from", folder, "--db", restored)
	t.Log(strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", restored)))
	if said, status := tell(t, "", "serve", "--addr", "127.0.0.1:0", "--db", restored); status == exitDone || !strings.Contains(said, "key") {
		t.Errorf("the service starts without the log's key: status %d, %s", status, said)
	}
	copyFile(t, auditKeyFile(database), auditKeyFile(restored))
	copyFile(t, store.SealKeyFile(database), store.SealKeyFile(restored))
	s = serving(t, restored)
	for _, id := range before {
		status, body := s.get(t, key, "/api/v1/assessments/"+id+"/replay")
		if status != 200 || !strings.Contains(body, `"same":true`) {
			t.Errorf("replay of %s: status %d, %s", id, status, body)
		}
	}
	if _, err := s.assess(t.Context(), key, "after"); err != nil {
		t.Error(err)
	}
	s.end(t)
	t.Log(strings.TrimSpace(mustTell(t, "", "audit", "verify", "--db", restored)))

	if said, status := tell(t, "", "restore", "--from", folder, "--db", restored); status == exitDone || !strings.Contains(said, "not overwritten") {
		t.Errorf("a database was overwritten: status %d, %s", status, said)
	}
	if said, status := tell(t, "", "backup", "--db", database, "--out", folder); status == exitDone || !strings.Contains(said, "there already") {
		t.Errorf("a backup was overwritten: status %d, %s", status, said)
	}
	for _, name := range []string{backupDatabase, backupKey, checkpointsFile, backupManifest} {
		t.Run("damaged "+name, func(t *testing.T) {
			damaged := filepath.Join(t.TempDir(), "backup")
			if err := os.CopyFS(damaged, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(damaged, name)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			content[len(content)/2] ^= 1
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			target := filepath.Join(t.TempDir(), "tarozi.db")
			said, status := tell(t, "", "restore", "--from", damaged, "--db", target)
			if status == exitDone {
				t.Errorf("a damaged backup was taken: %s", said)
			}
			if left, _ := filepath.Glob(target + "*"); len(left) > 0 {
				t.Errorf("it left %v", left)
			}
		})
	}
	t.Run("forged with its manifest", func(t *testing.T) {
		forged := filepath.Join(t.TempDir(), "backup")
		if err := os.CopyFS(forged, os.DirFS(folder)); err != nil {
			t.Fatal(err)
		}
		flip(t, filepath.Join(forged, backupDatabase), "assessments", "document", `id = '`+before[0]+`'`)
		old, err := hashOf(filepath.Join(folder, backupDatabase))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := hashOf(filepath.Join(forged, backupDatabase))
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(forged, backupManifest))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(forged, backupManifest), []byte(strings.Replace(string(text), old, sum, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		said, status := tell(t, "", "restore", "--from", forged, "--db", filepath.Join(t.TempDir(), "tarozi.db"))
		if status == exitDone || !strings.Contains(said, "assessments") {
			t.Errorf("status %d, %s", status, said)
		}
	})
}
