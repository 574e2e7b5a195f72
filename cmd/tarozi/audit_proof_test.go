package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A proof that the service answers is checked with the public key alone; one changed in a byte is not believed.
func TestVerifyProof(t *testing.T) {
	database, _ := institution(t)
	password := soakPassword
	mustTell(t, password, "account", "add", "--db", database, "--agency", "a-1", "--login", "auditor", "--name", "Auditor", "--role", "auditor")
	s := serving(t, database)
	key := publicFile(auditKeyFile(database))
	client := s.signedIn(t, "auditor")
	text := s.fetch(t, client, "/api/v1/audit/proof?place=0&since=0")
	s.end(t)
	file := filepath.Join(t.TempDir(), "proof.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(filepath.Dir(database), checkpointsFile)
	if said := mustTell(t, "", "audit", "verify", "--proof", file, "--key", key, "--checkpoints", kept); !strings.Contains(said, "entry 0 is in the log") {
		t.Errorf("it says %s", said)
	}
	if said, status := tell(t, "", "audit", "verify", "--proof", file); status == exitDone || !strings.Contains(said, "--key") {
		t.Errorf("without a key: status %d, %s", status, said)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(text, "agency", "agancy", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, status := tell(t, "", "audit", "verify", "--proof", file, "--key", key, "--checkpoints", kept); status != exitRefused {
		t.Errorf("a changed entry: status %d, %s", status, said)
	}
}
