package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/server/problem"
)

// TestBadInput sends what must be refused: the answer is a problem that names the field, nothing is stored, and the service
// goes on.
func TestBadInput(t *testing.T) {
	s := start(t)
	before := s.stored()
	for _, c := range []struct {
		name, body string
		status     int
		field      string // that the answer must name; empty: the detail says it all
		code       string // of the field's fault, or of the problem
		says       string // part of the detail or of the fault's reason
	}{
		{"empty body", "", 400, "", "malformed", "there is nothing here"},
		{"malformed JSON", `{"history":`, 400, "", "malformed", "not JSON at byte 11"},
		{"no JSON at all", `history=1`, 400, "", "malformed", "not JSON at byte"},
		{"two values", request("p-1") + `{}`, 400, "", "malformed", "not JSON at byte"},
		{"invalid UTF-8", request("p-1", "standard", "stand\xffard"), 400, "", "malformed", "UTF-8"},
		{"unknown field", request("p-1", `"purpose"`, `"porpose"`), 400, "/porpose", "unknown_field", `"porpose"`},
		{"unknown field of an event", request("p-1", `"method"`, `"methud"`), 400, "/history/events/0/methud", "unknown_field", "mend its name"},
		{"wrong case", request("p-1", `"birth_date"`, `"Birth_Date"`), 400, "/history/Birth_Date", "unknown_field", ""},
		{"field twice", request("p-1", `"purpose":`, `"purpose":"release","purpose":`), 400, "/purpose", "duplicate", "twice"},
		{"wrong type", request("p-1", `"custody_days":610`, `"custody_days":"610"`), 400, "/history/sentences/0/custody_days", "wrong_type", "integer"},
		{"null for a string", request("p-1", `"kind":"parole"`, `"kind":null`), 400, "/history/supervision/0/kind", "wrong_type", "null"},
		{"list for an object", `[]`, 400, "/", "wrong_type", "object"},
		{"date that does not exist", request("p-1", "1991-04-17", "1991-02-30"), 400, "/history/birth_date", "unknown_value", "not a date that exists"},
		{"29 February of a common year", request("p-1", `"2026-11-01"`, `"2025-02-29"`), 400, "/as_of", "unknown_value", "not a date that exists"},
		{"time without a zone", request("p-1", "10:30:00+05:00", "10:30:00"), 400, "/history/events/0/at", "unknown_value", "with its zone"},
		{"birth after sentence", request("p-1", "1991-04-17", "2024-02-13"), 400, "/history/sentences/0/imposed_on", "contradiction", "birth"},
		{"as-of date in the future", request("p-1", `"2026-11-01"`, `"2026-11-24"`), 400, "/as_of", "in_future", "2026-11-23"},
		{"as-of date before birth", request("p-1", `"2026-11-01"`, `"1990-01-01"`), 400, "/as_of", "contradiction", "birth"},
		{"event id with other content", request("p-1", `"events":[`, `"events":[`+contact("e1", "missed_excused")+","), 400, "/history/events/1/id", "duplicate", "e1"},
		{"unknown event type", request("p-1", `"type":"contact"`, `"type":"contract"`), 400, "/history/events/0/type", "unknown_value", "arrest, charge, conviction"},
		{"event without a type", request("p-1", `"type":"contact",`, ``), 400, "/history/events/0/type", "required", ""},
		{"field of another type of event", request("p-1", `"method"`, `"offence":"drug","method"`), 400, "/history/events/0/offence", "unknown_field", ""},
		{"event without a field it needs", request("p-1", `,"attendance":"attended"`, ``), 400, "/history/events/0/attendance", "required", ""},
		{"unknown value", request("p-1", `"offence":"property"`, `"offence":"proprety"`), 400, "/history/sentences/0/offence", "unknown_value", "violent"},
		{"value out of range", request("p-1", `"value":4`, `"value":-4`), 400, "/history/facts/0/value", "out_of_range", "between"},
		{"days out of range", request("p-1", `"custody_days":610`, `"custody_days":61000`), 400, "/history/sentences/0/custody_days", "out_of_range", "between 0 and 36525"},
		{"value of the wrong kind", request("p-1", `"value":4`, `"value":true`), 400, "/history/facts/0/value", "wrong_type", "number"},
		{"object for a value", request("p-1", `"value":4`, `"value":{}`), 400, "/history/facts/0/value", "wrong_type", ""},
		{"unknown feature", request("p-1", `prior_arrests_felony`, `prior_arrests_fellony`), 400, "/history/facts/0/feature", "unknown_value", "catalogue"},
		{"NaN", request("p-1", `"value":4`, `"value":NaN`), 400, "/history/facts/0/value", "not_json", "finite"},
		{"Infinity", request("p-1", `"value":4`, `"value":Infinity`), 400, "/history/facts/0/value", "not_json", "finite"},
		{"minus Infinity", request("p-1", `"value":4`, `"value":-Infinity`), 400, "/history/facts/0/value", "not_json", "finite"},
		{"1e999", request("p-1", `"value":4`, `"value":1e999`), 400, "/history/facts/0/value", "out_of_range", "finite"},
		{"a name", request("p-1", `"birth_date"`, `"last_name":"Karimov","birth_date"`), 400, "/history/last_name", "not_allowed", "a name"},
		{"a protected attribute", request("p-1", `"birth_date"`, `"sex":"male","birth_date"`), 400, "/history/sex", "not_allowed", "protected attribute"},
		{"a protected attribute of an event", request("p-1", `"method"`, `"ethnicity":"x","method"`), 400, "/history/events/0/ethnicity", "not_allowed", "protected attribute"},
		{"an emotion", request("p-1", `"method"`, `"emotion":"angry","method"`), 400, "/history/events/0/emotion", "not_allowed", "state of mind"},
		{"neither history nor person", `{"as_of":"2026-11-01"}`, 400, "/", "contradiction", "one of the two"},
		{"history and person", request("p-1", `,"as_of":"2026-11-01"`, `,"person_id":"p-1"`), 400, "/", "contradiction", "one of the two"},
		{"unknown purpose", request("p-1", `"purpose":"supervision"`, `"purpose":"hiring"`), 400, "/purpose", "unknown_value", "supervision"},
		{"id too long", request(strings.Repeat("x", 65)), 400, "/history/person_id", "too_long", "64"},
		{"empty id", request(""), 400, "/history/person_id", "required", ""},
		{"1,000,000 events", request("p-1", `"events":[`, `"events":[`+strings.Repeat("{},", 1_000_000)), 400, "/history/events", "too_many", "at most 50000"},
		{"body above 10 MB", request("p-1", `"birth_date"`, strings.Repeat(" ", 10_000_000)+`"birth_date"`), 413, "", "too_large", "10000000 bytes"},
		{"no supervision", request("p-1", `"supervision":[{"from":"2026-05-14","kind":"parole","level":"standard","conditions":["employment"]}]`, `"supervision":[]`), 422, "/history/supervision", "no_supervision", "period of supervision"},
		{"no input that the card requires", request("p-1", `"prior_arrests_felony"`, `"prior_arrests_drug"`), 422, "/history/facts", "required_input_missing", "prior_arrests_felony"},
		{"deep nesting", strings.Repeat("[", 100_000), 400, "", "malformed", "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := s.with(t)
			a := s.call("POST", "/api/v1/assessments", c.body, "Content-Type", "application/json").want(c.status)
			a.isProblem(c.field, c.code, c.says)
		})
	}
	before.AuditQueue += 2 // the two answered 422 count as refused, which is an entry
	if after := s.stored(); after != before {
		t.Errorf("stored before %+v and after %+v", before, after)
	}
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
}

// Whoever may not make a call is told so before its body is looked at.
func TestPermissionComesBeforeTheBody(t *testing.T) {
	s := start(t)
	for _, c := range []struct{ method, path string }{
		{"POST", "/assessments"}, {"POST", "/assessments/batch"}, {"POST", "/assessments/a/own-views"}, {"POST", "/assessments/a/bypasses"},
		{"POST", "/assessments/a/reviews"}, {"POST", "/assessments/a/countersignatures"}, {"POST", "/assessments/a/challenges"},
		{"POST", "/assessments/a/challenges/c/answers"}, {"PUT", "/people/p/history"}, {"POST", "/people/p/events"}, {"POST", "/outcomes"},
		{"PUT", "/people/p/protected"},
	} {
		s.call(c.method, "/api/v1"+c.path, `{"events":`, s.as("watch@"+agency)...).want(http.StatusForbidden).isProblem("", "forbidden", "may not do this")
	}
}

func contact(id, attendance string) string {
	return fmt.Sprintf(`{"id":%q,"type":"contact","at":"2026-06-02T10:30:00+05:00","received_at":"2026-06-02T11:00:00+05:00","status":"verified","attendance":%q}`,
		id, attendance)
}

// with is the service for a part of the test.
func (s *service) with(t *testing.T) *service {
	part := *s
	part.T = t
	return &part
}

// isProblem holds the answer against RFC 9457 and looks for the fault.
func (a answer) isProblem(field, code, says string) {
	a.Helper()
	if got := a.header.Get("Content-Type"); got != problem.ContentType {
		a.Errorf("content type %q", got)
	}
	var d problem.Details
	if err := json.Unmarshal(a.body, &d); err != nil {
		a.Fatalf("%v in %s", err, a.body)
	}
	if d.Status != a.status || d.Title == "" || d.Detail == "" || d.Type == "" || !strings.HasPrefix(d.Instance, "urn:uuid:") {
		a.Errorf("incomplete: %s", a.body)
	}
	if field == "" {
		if string(d.Code) != code || !strings.Contains(d.Detail, says) {
			a.Errorf("code %q with %q is not in %s", code, says, a.body)
		}
		return
	}
	for _, f := range d.Errors {
		if f.Field == field && f.Code == code && strings.Contains(f.Reason, says) {
			return
		}
	}
	a.Errorf("no fault %s at %s that says %q in %.1500s", code, field, says, a.body)
}
