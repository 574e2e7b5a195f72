package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// reviewer gives the agency's account of the role a key with all that the role may do.
func (s *service) reviewer(role tarozi.Role) []string {
	s.Helper()
	return s.reviewerOf(role, agency)
}

func (s *service) reviewerOf(role tarozi.Role, of string) []string {
	s.Helper()
	holder := string(role) + "@" + of
	if s.keys[holder] == "" {
		a, _, err := s.db.AccountByLogin(s.Context(), holder)
		must(s, err)
		s.addKey(s.Context(), s.scores, holder, a, tarozi.ActionsOf(role))
	}
	return s.as(holder)
}

const ownView = `{"band":"low","reasons":["conduct"]}`

// decision departs from the band so that a second person is needed.
func decision(t *testing.T, band any) string {
	t.Helper()
	d, to := "override_up", "high"
	if band == "high" {
		d, to = "override_down", "low"
	}
	return fmt.Sprintf(`{"decision":%q,"band":%q,"reason_code":"recent_change","reason":"He lost his work and his flat in one week."}`, d, to)
}

func part(t *testing.T, value any, path ...any) any {
	t.Helper()
	for _, key := range path {
		switch k := key.(type) {
		case string:
			m, ok := value.(map[string]any)
			if !ok {
				t.Fatalf("%v: no object at %v: %v", path, key, value)
			}
			value = m[k]
		case int:
			l, ok := value.([]any)
			if !ok || k >= len(l) {
				t.Fatalf("%v: no list of that length at %v: %v", path, key, value)
			}
			value = l[k]
		}
	}
	return value
}

func TestReviewThroughTheAPI(t *testing.T) {
	s := start(t)
	officer, supervisor, blind := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor), s.as("blind@"+agency)
	made := s.call("POST", "/api/v1/assessments", request("p-1"), officer...).want(http.StatusCreated).object()
	if len(made) != 2 || made["review_state"] != "pending" {
		t.Errorf("a reviewer is given the score at once: %v", made)
	}
	one := "/api/v1/assessments/" + made["id"].(string)
	band := part(t, s.call("GET", one, "").want(http.StatusOK).object(), "scores", 0, "band")

	s.call("POST", one+"/reviews", `{"decision":"agree"}`, officer...).want(http.StatusConflict).isProblem("", "conflict", "own view first")
	s.call("POST", one+"/own-views", ownView, officer...).want(http.StatusCreated)
	s.call("POST", one+"/own-views", ownView, officer...).want(http.StatusConflict).isProblem("", "conflict", "locked already")
	s.call("POST", one+"/own-views", ownView).want(http.StatusForbidden) // a case system has no view
	if seen := s.call("GET", one, "", officer...).want(http.StatusOK).object(); seen["scores"] == nil {
		t.Errorf("after the own view: %v", seen)
	}
	if list := s.call("GET", "/api/v1/people/p-1/assessments", "", supervisor...).want(http.StatusOK); strings.Contains(string(list.body), "probability") {
		t.Errorf("the list gives scores away: %s", list.body)
	}
	hidden := s.call("GET", one+"/reviews", "", supervisor...).want(http.StatusOK).object()
	if views := part(t, hidden, "views").([]any); len(views) != 0 {
		t.Errorf("another reviewer's view is given away: %v", views)
	}

	key := append([]string{"Idempotency-Key", "d-1"}, officer...)
	decided := s.call("POST", one+"/reviews", decision(t, band), key...).want(http.StatusCreated).object()
	again := s.call("POST", one+"/reviews", decision(t, band), key...).want(http.StatusCreated).object()
	review := part(t, decided, "reviews", 0, "id").(string)
	if decided["review_state"] != "awaiting_countersignature" || part(t, again, "reviews", 0, "id") != review || len(again["reviews"].([]any)) != 1 {
		t.Errorf("decided %v and again %v", decided, again)
	}
	if seen := s.call("GET", one, "", blind...).object(); len(seen) != 2 || seen["review_state"] != "awaiting_countersignature" {
		t.Errorf("while it waits a key without the permission sees %v", seen)
	}

	sign := fmt.Sprintf(`{"review_id":%q,"verdict":"approve"}`, review)
	s.call("POST", one+"/countersignatures", sign, officer...).want(http.StatusForbidden)
	s.call("POST", one+"/countersignatures", fmt.Sprintf(`{"review_id":%q,"verdict":"return"}`, review), supervisor...).want(http.StatusBadRequest).
		isProblem("/note", "required", "sentence")
	s.call("POST", one+"/countersignatures", `{"review_id":"another","verdict":"approve"}`, supervisor...).want(http.StatusConflict)
	signed := s.call("POST", one+"/countersignatures", sign, supervisor...).want(http.StatusCreated).object()
	if signed["review_state"] != "done" || part(t, signed, "reviews", 0, "countersigned_by") == nil {
		t.Errorf("signed: %v", signed)
	}
	if seen := s.call("GET", one, "", blind...).want(http.StatusOK).object(); seen["scores"] == nil || seen["decided_band"] == band || seen["decided_band"] == nil {
		t.Errorf("once it is done a key without the permission sees %v", seen)
	}
	s.call("POST", one+"/reviews", `{"decision":"agree"}`, officer...).want(http.StatusConflict).isProblem("", "conflict", "done")

	var page struct {
		Changes []struct {
			What        string `json:"what"`
			ReviewState string `json:"review_state"`
		} `json:"changes"`
	}
	s.call("GET", "/api/v1/assessments?changed_since=", "").want(http.StatusOK).into(&page)
	if got := fmt.Sprint(page.Changes); got != "[{created done} {reviewed done} {countersigned done}]" {
		t.Errorf("changes %s", got)
	}
}

func TestChallengeThroughTheAPI(t *testing.T) {
	s := start(t)
	officer, supervisor := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor)
	made := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).object()
	one := "/api/v1/assessments/" + made["id"].(string)
	s.call("POST", one+"/own-views", ownView, officer...).want(http.StatusCreated)
	s.call("POST", one+"/reviews", `{"decision":"agree"}`, officer...).want(http.StatusCreated)
	c := s.call("POST", one+"/challenges", `{"raised_by":"person","objection":"I was at work.","records":["e1"]}`).want(http.StatusCreated).object()
	answers := one + "/challenges/" + part(t, c, "challenges", 0, "id").(string) + "/answers"
	answer := `{"result":"upheld","answer":"Your employer has confirmed it.","consequence":"reassess"}`
	s.call("POST", answers, answer, officer...).want(http.StatusForbidden).isProblem("", "forbidden", "somebody else")
	s.call("POST", one+"/challenges/none/answers", answer, supervisor...).want(http.StatusNotFound)
	s.call("POST", answers, strings.Replace(answer, "reassess", "none", 1), supervisor...).want(http.StatusBadRequest).isProblem("/consequence", "contradiction", "")
	c = s.call("POST", answers, answer, supervisor...).want(http.StatusCreated).object()
	if part(t, c, "challenges", 0, "answer", "result") != "upheld" {
		t.Errorf("answered: %v", c)
	}
	s.call("POST", answers, answer, supervisor...).want(http.StatusConflict)
	due := s.call("GET", "/api/v1/reassessments", "", supervisor...).want(http.StatusOK).object()
	if part(t, due, "people", 0, "person_id") != "p-1" || part(t, due, "people", 0, "reasons", 0, "reason") != "challenge_upheld" {
		t.Errorf("due: %v", due)
	}
}

func TestNewRecordsMakeAnAssessmentStale(t *testing.T) {
	s := start(t)
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	due := func() []any {
		return part(t, s.call("GET", "/api/v1/reassessments", "").want(http.StatusOK).object(), "people").([]any)
	}
	if got := due(); len(got) != 0 {
		t.Errorf("due at once: %v", got)
	}
	later := now.Add(time.Hour).Format(time.RFC3339)
	add := func(id, status string) {
		s.call("POST", "/api/v1/people/p-1/events", fmt.Sprintf(`{"events":[{"id":%q,"type":"arrest","at":%q,"received_at":%q,"status":%q,"offence":"drug","severity":"grave"}]}`,
			id, later, later, status)).want(http.StatusNoContent)
	}
	add("said", "alleged")
	if got := due(); len(got) != 0 {
		t.Errorf("an allegation makes it due: %v", got)
	}
	add("found", "verified")
	if got := due(); len(got) != 1 || part(t, got, 0, "reasons", 0, "reason") != "new_record" || part(t, got, 0, "reasons", 0, "records", 0) != "found" {
		t.Errorf("due: %v", got)
	}
}

func TestReviewBadInput(t *testing.T) {
	s := start(t)
	officer := s.reviewer(tarozi.Officer)
	made := s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated).object()
	one := "/api/v1/assessments/" + made["id"].(string)
	for _, c := range []struct {
		name, path, body string
		status           int
		field, code      string
	}{
		{"view without an estimate", "/own-views", `{"reasons":["conduct"]}`, 400, "/band", "required"},
		{"view without a reason", "/own-views", `{"band":"low","reasons":[]}`, 400, "/reasons", "required"},
		{"view of 101 people", "/own-views", `{"people_of_100":101,"reasons":["conduct"]}`, 400, "/people_of_100", "out_of_range"},
		{"view of half a person", "/own-views", `{"people_of_100":0.5,"reasons":["conduct"]}`, 400, "/people_of_100", "wrong_type"},
		{"view for a reason that is not there", "/own-views", `{"band":"low","reasons":["looks"]}`, 400, "/reasons/0", "unknown_value"},
		{"view in somebody's name", "/own-views", `{"band":"low","reasons":["conduct"],"reviewer":"x"}`, 400, "/reviewer", "unknown_field"},
		{"view of another time", "/own-views", `{"band":"low","reasons":["conduct"],"locked_at":"2026-01-01T00:00:00Z"}`, 400, "/locked_at", "unknown_field"},
		{"no decision", "/reviews", `{}`, 400, "/decision", "required"},
		{"another decision", "/reviews", `{"decision":"maybe"}`, 400, "/decision", "unknown_value"},
		{"objection without words", "/challenges", `{"raised_by":"person","objection":" "}`, 400, "/objection", "required"},
		{"objection too long", "/challenges", `{"raised_by":"person","objection":"` + strings.Repeat("x", 4001) + `"}`, 400, "/objection", "too_long"},
		{"urgent where it is not allowed", "/bypasses", `{"reason":"The court decides in an hour."}`, 403, "", "forbidden"},
		{"nobody's assessment", "x/reviews", `{"decision":"agree"}`, 404, "", "not_found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.with(t)
			s.call("POST", one+c.path, c.body, officer...).want(c.status).isProblem(c.field, c.code, "")
		})
	}
	other := s.reviewerOf(tarozi.Supervisor, otherAgency)
	s.call("POST", one+"/own-views", ownView, other...).want(http.StatusNotFound)
	s.call("GET", one+"/reviews", "", other...).want(http.StatusNotFound)
	s.call("GET", "/api/v1/reassessments", "", s.as("watch@"+agency)...).want(http.StatusForbidden)
	s.call("POST", one+"/own-views", ownView, officer...).want(http.StatusCreated)
	s.call("POST", one+"/reviews", `{"decision":"override_up","band":"high","reason_code":"other","reason":"I know."}`, officer...).
		want(http.StatusBadRequest).isProblem("/reason", "too_short", "sentence")
	if c := s.stored(); c.Reviews != 0 {
		t.Errorf("stored %+v", c)
	}
}

func TestWhatReviewDoes(t *testing.T) {
	s := start(t)
	officer, supervisor := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor)
	if rows := part(t, s.call("GET", "/api/v1/reports/reviews", "", officer...).want(http.StatusOK).object(), "rows").([]any); len(rows) != 0 {
		t.Errorf("before any review: %v", rows)
	}
	made := s.call("POST", "/api/v1/assessments", request("p-1", `"2026-11-01"`, `"2026-06-01"`)).want(http.StatusCreated).object()
	one := "/api/v1/assessments/" + made["id"].(string)
	s.call("POST", one+"/own-views", ownView, officer...).want(http.StatusCreated)
	s.call("POST", one+"/reviews", `{"decision":"agree"}`, officer...).want(http.StatusCreated)
	s.call("POST", "/api/v1/outcomes", outcome("p-1")).want(http.StatusOK)
	report := s.call("GET", "/api/v1/reports/reviews", "", officer...).want(http.StatusOK).object()
	if part(t, report, "rows", 0, "n") != 1.0 || part(t, report, "rows", 0, "own_right", "value") != 0.0 {
		t.Errorf("report: %v", report)
	}
	// An agency with one review is its officer.
	report = s.call("GET", "/api/v1/reports/reviews", "", supervisor...).want(http.StatusOK).object()
	if part(t, report, "rows", 0, "n") != nil || part(t, report, "rows", 0, "n_reason") != "small_cell" {
		t.Errorf("a cell of one is shown: %v", report)
	}
	s.call("GET", "/api/v1/reports/reviews", "").want(http.StatusForbidden)
}
