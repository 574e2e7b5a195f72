package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

func TestEventsAfterTheAsOfDateAreIgnoredAndSaid(t *testing.T) {
	s := start(t)
	arrest := `{"id":"later","type":"arrest","at":"2026-11-05T08:00:00+05:00","received_at":"2026-11-05T09:00:00+05:00","status":"verified","offence":"drug","severity":"grave"},`
	var with, without tarozi.Assessment
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).into(&without)
	s.call("POST", "/api/v1/assessments", request("p-1", `"events":[`, `"events":[`+arrest)).want(http.StatusCreated).into(&with)
	if with.Scores[0].Probability != without.Scores[0].Probability {
		t.Errorf("a later event moved the score from %v to %v", without.Scores[0].Probability, with.Scores[0].Probability)
	}
	for _, w := range with.Warnings {
		if w.Code == tarozi.WarnEventsAfterAsOf && w.Count == 1 && w.Text != "" {
			return
		}
	}
	t.Errorf("no warning says so: %+v", with.Warnings)
}

func TestContributionsSumToTheScore(t *testing.T) {
	s := start(t)
	var a tarozi.Assessment
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).into(&a)
	if len(a.Scores) == 0 {
		t.Fatal("no score")
	}
	for _, score := range a.Scores {
		points, logOdds := score.Baseline, score.BaselineLogOdds
		for _, c := range score.Contributions {
			points += c.Points
			logOdds += c.LogOdds
		}
		if points != score.Probability || logOdds != score.LogOdds {
			t.Errorf("%s: %v and %v are not %v and %v", score.Outcome, points, logOdds, score.Probability, score.LogOdds)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	s := start(t)
	key := []string{"Idempotency-Key", "key-1"}
	var first, again, fresh tarozi.Assessment
	s.call("POST", "/api/v1/assessments", request("p-1"), key...).want(http.StatusCreated).into(&first)
	s.call("POST", "/api/v1/assessments", request("p-1"), key...).want(http.StatusCreated).into(&again)
	s.call("POST", "/api/v1/assessments", request("p-1"), "Idempotency-Key", "key-2").want(http.StatusCreated).into(&fresh)
	if again.ID != first.ID || fresh.ID == first.ID {
		t.Errorf("first %s, again %s, with a new key %s", first.ID, again.ID, fresh.ID)
	}
	s.call("POST", "/api/v1/assessments", request("p-1", "custody_days\":610", "custody_days\":611"), key...).want(http.StatusConflict).
		isProblem("", "conflict", "Idempotency-Key")
	s.call("POST", "/api/v1/people/p-1/events", events("e2"), key...).want(http.StatusConflict)
	if n := s.stored().Assessments; n != 2 {
		t.Errorf("%d assessments are stored instead of 2", n)
	}
	s.call("POST", "/api/v1/assessments", request("p-1"), "Idempotency-Key", "two words").want(http.StatusBadRequest).
		isProblem("Idempotency-Key", "unknown_value", "characters")
	s.call("POST", "/api/v1/assessments", request("p-1"), "Idempotency-Key", strings.Repeat("k", 129)).want(http.StatusBadRequest).
		isProblem("Idempotency-Key", "too_long", "128")
}

func events(id string) string {
	return fmt.Sprintf(`{"events":[%s]}`, contact(id, "attended"))
}

func TestWhoMayAsk(t *testing.T) {
	s := start(t)
	var made tarozi.Assessment
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).into(&made)
	before := s.stored()
	one := "/api/v1/assessments/" + made.ID
	other := s.as("system@" + otherAgency)
	for _, c := range []struct {
		name, method, path, body string
		header                   []string
		status                   int
		code                     string
	}{
		{"no key", "GET", one, "", []string{"Authorization", ""}, 401, "unauthorised"},
		{"wrong key", "GET", one, "", []string{"Authorization", "Bearer wrong"}, 401, "unauthorised"},
		{"no bearer", "GET", one, "", []string{"Authorization", "Basic eDp5"}, 401, "unauthorised"},
		{"wrong key on a call that does not exist", "GET", "/api/v1/nothing", "", []string{"Authorization", "Bearer wrong"}, 401, "unauthorised"},
		{"key without the permission to read models", "GET", "/api/v1/models", "", s.as("blind@" + agency), 403, "forbidden"},
		{"key without the permission to read a card", "GET", "/api/v1/models/georgia-parole/card", "", s.as("blind@" + agency), 403, "forbidden"},
		{"key without any permission", "GET", one, "", s.as("watch@" + agency), 403, "forbidden"},
		{"key without the permission to score", "POST", "/api/v1/assessments", request("p-1"), s.as("watch@" + agency), 403, "forbidden"},
		{"other agency's assessment", "GET", one, "", other, 404, "not_found"},
		{"other agency's replay", "GET", one + "/replay", "", other, 404, "not_found"},
		{"other agency's person", "GET", "/api/v1/people/p-1/assessments", "", other, 404, "not_found"},
		{"events of other agency's person", "POST", "/api/v1/people/p-1/events", events("e2"), other, 404, "not_found"},
		{"history of other agency's person", "PUT", "/api/v1/people/p-1/history", history("p-1"), other, 404, "not_found"},
		{"attributes of other agency's person", "PUT", "/api/v1/people/p-1/protected", `{"attributes":{"sex":"male"}}`, other, 404, "not_found"},
		{"outcome of other agency's person", "POST", "/api/v1/outcomes", outcome("p-1"), other, 404, "not_found"},
		{"score of other agency's stored person", "POST", "/api/v1/assessments", `{"person_id":"p-1"}`, other, 404, "not_found"},
		{"history under other agency's name", "POST", "/api/v1/assessments", request("p-2", `"`+agency+`"`, `"`+otherAgency+`"`), nil, 404, "not_found"},
		{"nobody's assessment", "GET", "/api/v1/assessments/none", "", nil, 404, "not_found"},
		{"nobody", "GET", "/api/v1/people/none/assessments", "", nil, 404, "not_found"},
		{"model that is not there", "GET", "/api/v1/models/none/card", "", nil, 404, "not_found"},
		{"call that is not there", "GET", "/api/v1/nothing", "", nil, 404, "not_found"},
		{"method that is not there", "DELETE", one, "", nil, 405, "malformed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.with(t)
			s.call(c.method, c.path, c.body, c.header...).want(c.status).isProblem("", c.code, "")
		})
	}
	before.AuditQueue += 8 // what was kept from somebody is on record
	if after := s.stored(); after != before {
		t.Errorf("stored before %+v and after %+v", before, after)
	}
}

// A person of another agency must look exactly like one that does not exist.
func TestOtherAgencysPersonLooksAbsent(t *testing.T) {
	s := start(t)
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1")).want(http.StatusNoContent)
	for _, path := range []string{"/api/v1/people/%s/assessments"} {
		theirs := s.call("GET", fmt.Sprintf(path, "p-1"), "", s.as("system@"+otherAgency)...).want(404).object()
		absent := s.call("GET", fmt.Sprintf(path, "none"), "", s.as("system@"+otherAgency)...).want(404).object()
		delete(theirs, "instance")
		delete(absent, "instance")
		if fmt.Sprint(theirs) != fmt.Sprint(absent) {
			t.Errorf("%v is not %v", theirs, absent)
		}
	}
}

func TestUnreviewedScoresAreForThoseWhoMaySeeThem(t *testing.T) {
	s := start(t)
	blind := s.as("blind@" + agency)
	made := s.call("POST", "/api/v1/assessments", request("p-1"), blind...).want(http.StatusCreated).object()
	id, _ := made["id"].(string)
	if len(made) != 2 || id == "" || made["review_state"] != "pending" {
		t.Errorf("made: %v", made)
	}
	read := s.call("GET", "/api/v1/assessments/"+id, "", blind...).want(http.StatusOK).object()
	if len(read) != 2 || read["id"] != id {
		t.Errorf("read: %v", read)
	}
	list := s.call("GET", "/api/v1/people/p-1/assessments", "", blind...).want(http.StatusOK)
	if strings.Contains(string(list.body), "probability") {
		t.Errorf("the list gives scores away: %s", list.body)
	}
	batch := s.batch(oneLine("p-2")+"\n", blind...)
	if strings.Contains(string(batch.body), "probability") || !strings.Contains(string(batch.body), "pending") {
		t.Errorf("the batch gives scores away: %s", batch.body)
	}
	seen := s.call("GET", "/api/v1/assessments/"+id, "").want(http.StatusOK).object()
	if seen["scores"] == nil {
		t.Errorf("a key with the permission sees %v", seen)
	}

	// Once reviewed, the other key sees it as well.
	officer := tarozi.Actor{AccountID: "somebody", AgencyID: agency, Role: tarozi.Officer, Actions: tarozi.ActionsOf(tarozi.Officer)}
	_, err := s.scores.LockView(t.Context(), officer, id, &tarozi.PriorView{Band: tarozi.Low, Reasons: []tarozi.ReasonCode{"conduct"}}, nil)
	must(t, err)
	_, err = s.scores.Decide(t.Context(), officer, id, &tarozi.Review{Decision: tarozi.Agree}, nil)
	must(t, err)
	read = s.call("GET", "/api/v1/assessments/"+id, "", blind...).want(http.StatusOK).object()
	if read["scores"] == nil || read["review_state"] != "done" {
		t.Errorf("after the review: %v", read)
	}
}

func TestLanguageOfTexts(t *testing.T) {
	s := start(t)
	location := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).header.Get("Location")
	for _, c := range []struct{ name, query, accept, want string }{
		{"nothing asked", "", "", "uz"},
		{"header", "", "ru-RU,ru;q=0.9,en;q=0.5", "ru"},
		{"language that is not there", "", "fr", "uz"},
		{"broken header", "", ";;;", "uz"},
		{"query before header", "?lang=en", "ru", "en"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.with(t)
			a := s.call("GET", location+c.query, "", "Accept-Language", c.accept).want(http.StatusOK)
			var read tarozi.Assessment
			a.into(&read)
			if got := a.header.Get("Content-Language"); got != c.want || read.Notice == "" || read.Scores[0].Contributions[0].Text == "" {
				t.Errorf("language %q instead of %q: %q, %q", got, c.want, read.Notice, read.Scores[0].Contributions[0].Text)
			}
		})
	}
	s.call("GET", location+"?lang=fr", "").want(http.StatusBadRequest).isProblem("lang", "unknown_value", "uz")
}

func TestHistoryThenEventsThenScoreOfAStoredPerson(t *testing.T) {
	s := start(t)
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1")).want(http.StatusNoContent)
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1")).want(http.StatusNoContent)
	s.call("POST", "/api/v1/people/p-1/events", events("e2")).want(http.StatusNoContent)
	s.call("POST", "/api/v1/people/p-1/events", events("e2")).want(http.StatusNoContent) // an identical resend
	s.call("POST", "/api/v1/people/p-1/events", strings.Replace(events("e2"), "attended", "missed_excused", 1)).want(http.StatusConflict)
	var a tarozi.Assessment
	s.call("POST", "/api/v1/assessments", `{"person_id":"p-1","as_of":"2026-11-01"}`).want(http.StatusCreated).into(&a)
	if a.PersonID != "p-1" || len(a.Scores) == 0 {
		t.Errorf("%+v", a)
	}
	if c := s.stored(); c.People != 1 || c.Events != 2 || c.Assessments != 1 {
		t.Errorf("stored %+v", c)
	}
	s.call("PUT", "/api/v1/people/p-2/history", history("p-1")).want(http.StatusBadRequest).isProblem("/person_id", "contradiction", "address")
	s.call("POST", "/api/v1/people/p-1/events", `{"events":[]}`).want(http.StatusBadRequest).isProblem("/events", "required", "")
	s.call("POST", "/api/v1/people/none/events", events("e2")).want(http.StatusNotFound)
	s.call("POST", "/api/v1/assessments", `{"person_id":"none"}`).want(http.StatusNotFound)
}

func TestListsAreGivenInPages(t *testing.T) {
	s := start(t)
	want := map[string]bool{}
	for i := range 5 {
		var a tarozi.Assessment
		s.call("POST", "/api/v1/assessments", request("p-1", "610", fmt.Sprint(600+i))).want(http.StatusCreated).into(&a)
		want[a.ID] = true
	}
	seen, cursor, pages := map[string]bool{}, "", 0
	for {
		var page struct {
			Assessments []tarozi.Assessment `json:"assessments"`
			Next        string              `json:"next"`
		}
		s.call("GET", "/api/v1/people/p-1/assessments?limit=2&cursor="+cursor, "").want(http.StatusOK).into(&page)
		pages++
		for _, a := range page.Assessments {
			seen[a.ID] = true
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) || pages != 3 {
		t.Errorf("%d pages with %v instead of %v", pages, seen, want)
	}

	cursor = ""
	var changes int
	for range 3 {
		var page struct {
			Changes []map[string]any `json:"changes"`
			Next    string           `json:"next"`
		}
		s.call("GET", "/api/v1/assessments?limit=3&changed_since="+cursor, "").want(http.StatusOK).into(&page)
		changes += len(page.Changes)
		cursor = page.Next
	}
	if changes != 5 {
		t.Errorf("%d changes instead of 5", changes)
	}
	s.call("GET", "/api/v1/people/p-1/assessments?cursor=none", "").want(http.StatusBadRequest).isProblem("cursor", "unknown_value", "page before")
	s.call("GET", "/api/v1/assessments?changed_since=x", "").want(http.StatusBadRequest).isProblem("changed_since", "unknown_value", "page before")
	s.call("GET", "/api/v1/assessments?limit=0", "").want(http.StatusBadRequest).isProblem("limit", "out_of_range", "between 1 and 500")
	s.call("GET", "/api/v1/assessments?limit=many", "").want(http.StatusBadRequest).isProblem("limit", "wrong_type", "")
}

func outcome(person string, changes ...string) string {
	return replaced(fmt.Sprintf(`{"outcomes":[{"person_id":%q,"kind":"recidivism","observed":true,"observed_on":"2026-08-01","followed_from":"2026-05-14","followed_until":"2026-11-14"}]}`,
		person), changes...)
}

func TestOutcomesAndProtectedAttributes(t *testing.T) {
	s := start(t)
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1")).want(http.StatusNoContent)
	if got := s.call("POST", "/api/v1/outcomes", outcome("p-1")).want(http.StatusOK).object(); got["new"] != 1.0 {
		t.Errorf("stored: %v", got)
	}
	if got := s.call("POST", "/api/v1/outcomes", outcome("p-1")).want(http.StatusOK).object(); got["same"] != 1.0 {
		t.Errorf("stored again: %v", got)
	}
	key := []string{"Idempotency-Key", "outcome-1"}
	s.call("POST", "/api/v1/outcomes", outcome("p-1"), key...).want(http.StatusOK)
	s.call("POST", "/api/v1/outcomes", outcome("p-1"), key...).want(http.StatusOK)
	s.call("POST", "/api/v1/outcomes", outcome("p-1", `"2026-08-01"`, `"2026-08-02"`), key...).want(http.StatusConflict)
	s.call("POST", "/api/v1/outcomes", outcome("p-1", `"2026-08-01"`, `"2027-08-01"`)).want(http.StatusBadRequest).
		isProblem("/outcomes/0/observed_on", "contradiction", "outside")
	s.call("POST", "/api/v1/outcomes", outcome("p-1", `"observed":true,`, ``)).want(http.StatusBadRequest).
		isProblem("/outcomes/0/observed", "required", "")

	s.call("PUT", "/api/v1/people/p-1/protected", `{"attributes":{"sex":"female"}}`).want(http.StatusNoContent)
	s.call("PUT", "/api/v1/people/p-1/protected", `{"attributes":{"shoe_size":"38"}}`).want(http.StatusBadRequest).
		isProblem("/attributes/shoe_size", "unknown_field", "")
	s.call("PUT", "/api/v1/people/p-1/protected", `{"attributes":{"sex":""}}`).want(http.StatusBadRequest).isProblem("/attributes/sex", "required", "")
	s.call("GET", "/api/v1/people/p-1/protected", "").want(http.StatusMethodNotAllowed) // write-only

	// A dry run says what each record would do, tells nothing of what is stored, and stores nothing.
	row := func(answer map[string]any, i int, path ...any) any {
		return part(t, answer, append([]any{"rows", i}, path...)...)
	}
	dry := s.call("POST", "/api/v1/outcomes?dry_run=true", outcome("p-1", `"2026-08-01"`, `"2026-08-02"`, `[{`, `[{"person_id":"p-2","kind":"violation","observed":false,"followed_from":"2026-01-01","followed_until":"2025-01-01"},{`)).
		want(http.StatusOK).object()
	if dry["refused"] != 1.0 || row(dry, 0, "errors", 0, "pointer") != "/followed_until" || row(dry, 1, "effect") != "corrected" || row(dry, 1, "changes", 0) != "observed_on" {
		t.Errorf("dry run: %v", dry)
	}
	two := outcome("p-1")[len(`{"outcomes":[`):]
	s.call("POST", "/api/v1/outcomes", outcome("p-1", `"2026-08-01"`, `"2026-08-02"`, `}]}`, `},`+two)).want(http.StatusBadRequest).
		isProblem("/outcomes/0/person_id", "contradiction", "another record")
	many := `{"people":[{"person_id":"p-1","attributes":{"sex":"female","language":"uz"}},{"person_id":"p-2","attributes":{"sex":"male"}}]}`
	dry = s.call("POST", "/api/v1/protected?dry_run=true", many).want(http.StatusOK).object()
	if dry["new"] != 1.0 || dry["changed"] != 1.0 || row(dry, 0, "changes", 0) != "language" {
		t.Errorf("dry run of attributes: %v", dry)
	}
	if c := s.stored(); c.Outcomes != 1 || c.Protected != 1 {
		t.Errorf("after dry runs, stored %+v", c)
	}
	if got := s.call("POST", "/api/v1/protected", many).want(http.StatusOK).object(); got["new"] != 1.0 || got["rows"] != nil {
		t.Errorf("attributes of many: %v", got)
	}
	s.call("POST", "/api/v1/protected", many, s.as("system@"+otherAgency)...).want(http.StatusNotFound).isProblem("/people/0/person_id", "not_found", "")
	if c := s.stored(); c.Outcomes != 1 || c.Protected != 2 {
		t.Errorf("stored %+v", c)
	}
}

func TestModels(t *testing.T) {
	s := start(t)
	list := s.call("GET", "/api/v1/models", "").want(http.StatusOK).object()
	if list["default"] != "georgia-parole" {
		t.Errorf("%v", list)
	}
	card := s.call("GET", "/api/v1/models/georgia-parole/card", "").want(http.StatusOK).object()
	if card["id"] != "georgia-parole" || card["intended_use"] == nil {
		t.Errorf("%v", card)
	}
}
