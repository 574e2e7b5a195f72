package main

import (
	"html"
	"os"
	"path/filepath"
	"regexp"
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

// What the auditor downloads by a link of the page is a proof that the command takes, of the entry on whose line the link stands.
func TestVerifyProofFromThePage(t *testing.T) {
	database, _ := institution(t)
	mustTell(t, soakPassword, "account", "add", "--db", database, "--agency", "a-1", "--login", "auditor", "--name", "Auditor", "--role", "auditor")
	s := serving(t, database)
	client := s.signedIn(t, "auditor")
	s.fetch(t, client, "/api/v1/audit/proof?place=0&since=0") // waits for the first checkpoint
	links := regexp.MustCompile(`href="([^"]+)" download="proof-(\d+)\.json"`).FindAllStringSubmatch(s.fetch(t, client, "/audit"), -1)
	if len(links) < 3 {
		t.Fatalf("the page has %d links to proofs", len(links))
	}
	texts := map[string]string{}
	for _, link := range links {
		texts[link[2]] = s.fetch(t, client, html.UnescapeString(link[1]))
	}
	s.end(t)
	key, kept := publicFile(auditKeyFile(database)), filepath.Join(filepath.Dir(database), checkpointsFile)
	for place, text := range texts {
		file := filepath.Join(t.TempDir(), "proof-"+place+".json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if said := mustTell(t, "", "audit", "verify", "--proof", file, "--key", key, "--checkpoints", kept); !strings.Contains(said, "entry "+place+" is in the log") {
			t.Errorf("of the proof of entry %s it says %s", place, said)
		}
	}
	t.Logf("%d proofs by links of the page, each taken by the command", len(texts))
}
