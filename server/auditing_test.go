package server_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/server/auditing"
)

// sequencer gives the test's log a key.
func (s *service) sequencer() *audit.Sequencer {
	s.Helper()
	const origin = "tarozi.example/test"
	secret, public, err := note.GenerateKey(rand.Reader, origin)
	must(s, err)
	signer, err := note.NewSigner(secret)
	must(s, err)
	verifier, err := note.NewVerifier(public)
	must(s, err)
	return &audit.Sequencer{Storage: s.db.AuditLog(), Origin: origin, Signer: signer, Verifier: verifier, Limit: 7}
}

func sequence(t *testing.T, q *audit.Sequencer) {
	t.Helper()
	for {
		taken, _, err := q.Sequence(t.Context())
		must(t, err)
		if taken == 0 {
			return
		}
	}
}

// What the calls of the log answer is enough to check it with the public key alone, and no entry of another agency is shown.
func TestLogCanBeCheckedThroughTheAPI(t *testing.T) {
	s := start(t)
	reader := s.reviewer(tarozi.Oversight)
	s.call("GET", "/api/v1/audit/checkpoint", "", reader...).want(http.StatusNotFound)
	q := s.sequencer()
	sequence(t, q)
	var before auditing.Checkpoint
	s.call("GET", "/api/v1/audit/checkpoint", "", reader...).want(http.StatusOK).into(&before)
	created := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	id := strings.TrimPrefix(created.header.Get("Location"), "/api/v1/assessments/")
	sequence(t, q)
	var after auditing.Checkpoint
	s.call("GET", "/api/v1/audit/checkpoint", "", reader...).want(http.StatusOK).into(&after)
	if after.Size <= before.Size {
		t.Fatalf("the log has %d entries after %d", after.Size, before.Size)
	}
	own, theirs := 0, 0
	for place := range after.Size {
		a := s.call("GET", fmt.Sprintf("/api/v1/audit/proof?place=%d&since=%d", place, before.Size), "", reader...)
		if a.status == http.StatusNotFound {
			theirs++
			continue
		}
		var p audit.Proof
		a.want(http.StatusOK).into(&p)
		must(t, p.Verify(q.Origin, q.Verifier, []byte(before.Signed)))
		if strings.Contains(p.Inclusion.Entry, otherAgency) {
			t.Errorf("the entry %s of another agency is shown", p.Inclusion.Entry)
		}
		if strings.Contains(p.Inclusion.Entry, id) {
			own++
		}
	}
	if own != 1 || theirs == 0 {
		t.Errorf("%d entries of the assessment, %d of others hidden", own, theirs)
	}
	for path, status := range map[string]int{
		"proof": http.StatusBadRequest, "proof?place=-1": http.StatusBadRequest, "proof?place=x": http.StatusBadRequest,
		fmt.Sprint("proof?place=", after.Size): http.StatusNotFound, fmt.Sprint("proof?since=", after.Size+1): http.StatusBadRequest,
		"proof?since=0": http.StatusOK,
	} {
		s.call("GET", "/api/v1/audit/"+path, "", reader...).want(status)
	}
	s.call("GET", "/api/v1/audit/checkpoint", "").want(http.StatusForbidden) // a case system
	s.call("GET", "/api/v1/audit/proof?place=0", "", s.reviewer(tarozi.Officer)...).want(http.StatusForbidden)
}
