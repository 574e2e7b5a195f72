package pages_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/tarozi/tarozi/audit"
)

// sequence gives the queued entries their places under a key of its own.
func (s *site) sequence() {
	s.Helper()
	const origin = "tarozi.example/pages"
	if s.logKey == "" {
		secret, public, err := note.GenerateKey(rand.Reader, origin)
		must(s, err)
		s.logKey, s.logPublic = secret, public
	}
	signer, err := note.NewSigner(s.logKey)
	must(s, err)
	verifier, err := note.NewVerifier(s.logPublic)
	must(s, err)
	_, _, err = (&audit.Sequencer{Storage: s.db.AuditLog(), Origin: origin, Signer: signer, Verifier: verifier, Limit: 1000}).Sequence(s.Context())
	must(s, err)
}

// An auditor finds entries by account, agency and day, and a person's for a reason alone, which is itself logged.
func TestAuditor(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	s.assessed("officer0", &person)
	s.sequence()
	b := s.signedIn("oversight0").speaking("en")
	b.get("/audit").is(http.StatusOK).has("Audit log", "Assessment made", "Own view locked", "proof?place=", "Dilnoza Karimova").lacks(person.History.PersonID, person.Identity.Name)
	own, other := s.actors["oversight0"].AgencyID, s.actors["oversight1"].AgencyID
	b.get("/audit").has(`<option value="` + own + `"`).lacks(`<option value="` + other + `"`) // whose log is not the reader's
	officer := s.actors["officer0"].AccountID
	b.get("/audit?account=" + officer).is(http.StatusOK).has("Assessment made").lacks("Account made")
	b.get("/audit?account=OFFICER0").is(http.StatusOK).has("Assessment made")
	b.get("/audit?account=officer1").is(http.StatusOK).has("No entry fits.") // of another agency
	b.get("/audit?from-day=24&from-month=11&from-year=2026").is(http.StatusOK).has("No entry fits.")
	b.get("/audit?from-day=23&from-month=11&from-year=2026&until-day=23&until-month=11&until-year=2026").is(http.StatusOK).has("Assessment made")
	b.get("/audit?from-day=31&from-month=2&from-year=2026").is(http.StatusBadRequest).has(`href="#from-day"`)

	ask := func(id, reason string) *page {
		return b.post("/audit/person", url.Values{"person": {id}, "reason": {reason}})
	}
	ask(person.History.PersonID, "so").is(http.StatusBadRequest).has(`href="#reason"`, person.History.PersonID)
	ask("", "A complaint of 12 November").is(http.StatusBadRequest).has(`href="#person"`)
	ask(person.History.PersonID, "A complaint of 12 November").is(http.StatusOK).has("Assessment made", "Own view locked", "History stored")
	s.sequence()
	b.get("/audit").is(http.StatusOK).has("A person’s entries looked for").lacks("A complaint", person.History.PersonID)
	ask("nobody-7", "A complaint of 12 November").is(http.StatusOK).has("is logged all the same")

	proof := b.get("/api/v1/audit/proof?place=0")
	if proof.status != http.StatusOK && proof.status != http.StatusNotFound {
		t.Errorf("a proof is answered with %d", proof.status)
	}
	for _, login := range []string{"officer0", "supervisor0"} {
		other := s.signedIn(login)
		other.get("/audit").is(http.StatusForbidden)
		other.post("/audit/person", url.Values{"person": {"p"}, "reason": {strings.Repeat("why ", 5)}}).is(http.StatusForbidden)
	}
}
