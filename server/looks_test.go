package server_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// looks counts the entries of looks at people that wait for the log.
func (s *service) looks() (n int) {
	s.Helper()
	queue, err := s.db.AuditLog().Waiting(s.Context())
	must(s, err)
	for _, q := range queue {
		var entry scoring.AuditEntry
		must(s, json.Unmarshal(q.Entry, &entry))
		if strings.HasPrefix(entry.Action, "viewed.") || strings.HasPrefix(entry.Action, "listed.") {
			n++
		}
	}
	return n
}

// Whoever is shown a person, by whatever route of pages and API, by session or key, has made an entry: a route that is added later and
// carries a person's id, or is about one, fails here until it makes one too.
func TestEachLookIsAnEntry(t *testing.T) {
	s, columns, places := world(t)
	own := places[0]
	key := s.pageKey(own.person)
	shown := 0
	for i := range matrix {
		r := &matrix[i]
		if r.method != http.MethodGet {
			continue
		}
		for j := range columns {
			a := &columns[j]
			before := s.looks()
			got := a.ask(r, &own, "none")
			about := strings.Contains(r.address, "PERSON") || strings.Contains(r.address, "ASSESSMENT") && !strings.Contains(r.address, "/proof")
			carries := bytes.Contains(got.body, []byte(own.person)) || bytes.Contains(got.body, []byte(key)) || bytes.Contains(got.body, []byte(own.assessment))
			if got.status != http.StatusOK || !about && !carries {
				continue
			}
			shown++
			if s.looks() != before+1 {
				t.Errorf("%s %s by %s: %d entries instead of one", r.method, r.path, a.name, s.looks()-before)
			}
		}
	}
	if shown < 20 {
		t.Errorf("only %d answers show a person: the test looks at the wrong place", shown)
	}
	t.Logf("%d answers that show a person, each with its entry", shown)

	// What is refused is an entry as well, of the person it was about; and what is shown of nobody makes none.
	officer := s.signedIn(tarozi.Officer)
	for _, other := range places[1:] {
		for _, path := range []string{"/people/" + s.pageKey(other.person), "/assessments/" + other.assessment, "/assessments/" + other.assessment + "/letter",
			"/assessments/" + other.assessment + "/records", "/people/" + s.pageKey(other.person) + "/assess", "/people/" + s.pageKey(other.person) + "/custody"} {
			before := s.logged("access.refused")
			officer.get(path).want(http.StatusNotFound)
			if s.logged("access.refused") == before {
				t.Errorf("%s of %s: the refused look is not recorded", path, other.name)
			}
		}
	}
	before, refused := s.looks(), s.logged("access.refused")
	officer.get("/assessments/none").want(http.StatusNotFound)
	s.call("GET", "/api/v1/people/nobody/assessments", "").want(http.StatusNotFound)
	if s.looks() != before || s.logged("access.refused") != refused {
		t.Error("a look at nobody is recorded")
	}
}
