package pages_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/tarozi/tarozi"
)

// administrator makes an account that administers an officer's agency, signed in.
func (s *site) administrator(of string) *browser {
	s.Helper()
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	must(s, err)
	a := tarozi.Account{ID: s.scores.NewID(), AgencyID: s.actors[of].AgencyID, Login: "administrator", Name: "Malika Ergasheva", Role: tarozi.AgencyAdministrator, Created: now}
	w, err := s.scores.Administer(a.AgencyID, "account.created", a.ID)
	must(s, err)
	must(s, s.db.CreateAccount(s.Context(), w, a, hash))
	return s.signedIn("administrator").speaking("en")
}

// What an agency's administrator settles stands in its letters, and gives objections the day on which their answer is due; the agency's
// pages are nobody else's.
func TestAgencySettles(t *testing.T) {
	s := start(t)
	path := s.assessed("officer0", &s.of("officer0")[0])
	officer, supervisor := s.signedIn("officer0").speaking("en"), s.signedIn("supervisor0").speaking("en")
	officer.post(path+"/decision", url.Values{"token": {"d"}, "decision": {"agree"}}).is(http.StatusOK)
	officer.get(path+"/letter?in=en").is(http.StatusOK).has("by 23 December 2026", "within 15 days", "letter-line")

	admin := s.administrator("officer0")
	own := "/agencies/" + s.actors["officer0"].AgencyID
	admin.get("/agencies").is(http.StatusOK).has(own, "30 days", "15 days", "none yet").lacks("/agencies/" + s.actors["officer1"].AgencyID)
	admin.get("/agencies/" + s.actors["officer1"].AgencyID).is(http.StatusNotFound)
	form := url.Values{"address": {"Navoiy koʻchasi 1, 71 200-00-00"}, "objection_days": {"20"}, "answer_days": {"0"}}
	admin.post(own, form).is(http.StatusUnprocessableEntity).has("between 1 and 365 for answers", "Navoiy koʻchasi 1").lacks("365 for objections")
	form.Set("answer_days", "ten")
	admin.post(own, form).is(http.StatusUnprocessableEntity).has(`value="ten"`)
	form.Set("answer_days", "10")
	admin.post(own, form).is(http.StatusOK).has("Stored, and entered in the log")
	for _, login := range []string{"officer0", "supervisor0"} {
		s.signedIn(login).get("/agencies").is(http.StatusForbidden)
		s.signedIn(login).post(own, form).is(http.StatusForbidden)
	}

	officer.get(path+"/letter?in=en").is(http.StatusOK).has("by 13 December 2026", "within 10 days", "Navoiy koʻchasi 1, 71 200-00-00").lacks("letter-line")
	officer.get(path + "/letter?in=ru").is(http.StatusOK).has("в течение 10 дней")
	officer.post(path+"/challenge", url.Values{"token": {"c"}, "raised_by": {"person"}, "objection": {"I was at work."}}).is(http.StatusOK).
		has("The answer is due by 3 December 2026")
	supervisor.get("/caseload").is(http.StatusOK).has("1 objection waits for an answer", path+"#review", "The answer is due by 3 December 2026")
	answered := supervisor.get(path).is(http.StatusOK).has("The answer is due by 3 December 2026")
	id := answered.all(`name="challenge_id" value="([^"]+)"`)[0]
	supervisor.post(path+"/answer", url.Values{"token": {"a"}, "challenge_id": {id}, "result": {"rejected"}, "consequence": {"none"},
		"answer": {"The register shows another day."}}).is(http.StatusOK).lacks("is due by 3 December")
	supervisor.get("/caseload").lacks("waits for an answer")
}
