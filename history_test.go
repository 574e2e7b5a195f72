package tarozi

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

const goodHistory = `{
  "person_id": "p-1", "agency_id": "a-1", "birth_date": "1990-05-10",
  "sentences": [{"imposed_on": "2025-01-10", "type": "parole", "offence": "property", "severity": "medium", "article": "169", "custody_days": 400, "source": "court"}],
  "supervision": [{"from": "2026-03-01", "kind": "parole", "level": "high", "conditions": ["treatment", "other"]}],
  "facts": [{"feature": "prior_arrests_felony", "value": 3, "as_of": "2026-03-01", "status": "verified", "source": "register"}],
  "events": [
    {"id": "e1", "type": "arrest", "at": "2020-06-01T10:00:00+05:00", "received_at": "2020-06-02T10:00:00+05:00", "status": "verified", "offence": "drug", "severity": "minor", "involves": ["weapon"]},
    {"id": "e2", "type": "alert", "at": "2026-04-01T10:00:00Z", "received_at": "2026-04-01T10:00:05Z", "status": "verified", "alert": "zone_exit", "finding": "equipment_fault"},
    {"id": "e3", "type": "incident", "at": "2025-04-01T10:00:00Z", "received_at": "2025-04-01T10:00:05Z", "status": "verified", "category": "violence", "detected_by": "camera"}
  ]
}`

func TestHistoryComesBackAsItWent(t *testing.T) {
	var h, again CaseHistory
	if err := Decode([]byte(goodHistory), &h); err != nil {
		t.Fatal(err)
	}
	if err := h.Validate(); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(&h)
	if err != nil {
		t.Fatal(err)
	}
	if err := Decode(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(h, again, cmp.AllowUnexported(Value{})); diff != "" {
		t.Error(diff)
	}
}

func TestEstablished(t *testing.T) {
	for _, c := range []struct {
		name  string
		event Event
		want  bool
	}{
		{"a verified arrest", Event{Type: EventArrest, Status: Verified}, true},
		{"an alleged arrest", Event{Type: EventArrest, Status: Alleged}, false},
		{"a disputed violation", Event{Type: EventViolation, Status: Disputed}, false},
		{"an unfounded violation", Event{Type: EventViolation, Status: Unfounded}, false},
		{"an alert still looked into", Event{Type: EventAlert, Status: Verified}, false},
		{"an alert of faulty equipment", Event{Type: EventAlert, Status: Verified, Finding: FindingFault}, false},
		{"an alert that was a breach", Event{Type: EventAlert, Status: Verified, Finding: FindingBreach}, true},
		{"what a camera saw", Event{Type: EventIncident, Status: Verified, DetectedBy: DetectedByCamera}, false},
		{"what a camera saw and an officer confirmed", Event{Type: EventIncident, Status: Verified, DetectedBy: DetectedByCamera, ConfirmedBy: "o-1"}, true},
		{"what an officer saw", Event{Type: EventIncident, Status: Verified, DetectedBy: DetectedByOfficer}, true},
		{"a face that the machine did not match", Event{Type: EventCheckIn, Status: Verified, Match: "no_match"}, false},
		{"a face that a person did not match", Event{Type: EventCheckIn, Status: Verified, Match: "no_match", Verdict: VerdictOtherPerson}, true},
	} {
		if got := c.event.Established(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// Each case changes one thing of a good history and says which field must be named, with which code.
func TestBadHistories(t *testing.T) {
	for _, c := range []struct{ name, old, new, pointer, code string }{
		{"unknown field", `"person_id": "p-1"`, `"person_id": "p-1", "persn": 1`, "/persn", "unknown_field"},
		{"a name", `"person_id": "p-1"`, `"person_id": "p-1", "name": "Anvar"`, "/name", "not_allowed"},
		{"a protected attribute", `"person_id": "p-1"`, `"person_id": "p-1", "Gender": "M"`, "/Gender", "not_allowed"},
		{"a state of mind", `"category": "violence"`, `"category": "violence", "emotion": "anger"`, "/events/2/emotion", "not_allowed"},
		{"wrong type", `"custody_days": 400`, `"custody_days": "400"`, "/sentences/0/custody_days", "wrong_type"},
		{"wrong case of a name", `"person_id": "p-1"`, `"Person_ID": "p-1"`, "/Person_ID", "unknown_field"},
		{"a field twice", `"person_id": "p-1"`, `"person_id": "p-1", "person_id": "p-2"`, "/person_id", "duplicate"},
		{"a date that does not exist", `"1990-05-10"`, `"1990-02-30"`, "/birth_date", "unknown_value"},
		{"birth after sentence", `"1990-05-10"`, `"2025-05-10"`, "/sentences/0/imposed_on", "contradiction"},
		{"birth long ago", `"1990-05-10"`, `"1190-05-10"`, "/birth_date", "out_of_range"},
		{"supervision long ago", `"from": "2026-03-01"`, `"from": "0001-03-01"`, "/supervision/0/from", "out_of_range"},
		{"a fact of the far future", `"value": 3, "as_of": "2026-03-01"`, `"value": 3, "as_of": "2926-03-01"`, "/facts/0/as_of", "out_of_range"},
		{"unknown event type", `"type": "arrest"`, `"type": "rumour"`, "/events/0/type", "unknown_value"},
		{"unknown status", `"status": "verified", "offence"`, `"status": "sure", "offence"`, "/events/0/status", "unknown_value"},
		{"a field of another type of event", `"alert": "zone_exit"`, `"alert": "zone_exit", "offence": "drug"`, "/events/1/offence", "not_of_this_type"},
		{"a field left out", `"alert": "zone_exit", `, ``, "/events/1/alert", "required"},
		{"an id too long", `"id": "e1"`, `"id": "` + strings.Repeat("x", 65) + `"`, "/events/0/id", "too_long"},
		{"an id with a slash", `"person_id": "p-1"`, `"person_id": "case/17"`, "/person_id", "unknown_value"},
		{"an id that is a path", `"person_id": "p-1"`, `"person_id": ".."`, "/person_id", "unknown_value"},
		{"an id with an invisible character", `"person_id": "p-1"`, "\"person_id\": \"p\u202e1\"", "/person_id", "unknown_value"},
		{"an id with a blank at its end", `"person_id": "p-1"`, `"person_id": "p-1 "`, "/person_id", "unknown_value"},
		{"no person", `"person_id": "p-1"`, `"person_id": ""`, "/person_id", "required"},
		{"not a number", `"value": 3`, `"value": NaN`, "", ""},
		{"infinity", `"value": 3`, `"value": Infinity`, "", ""},
		{"too large a number", `"value": 3`, `"value": 1e999`, "/facts/0/value", "unknown_value"},
		{"a fact without value", `"value": 3`, `"value": null`, "/facts/0/value", "required"},
		{"negative custody", `"custody_days": 400`, `"custody_days": -1`, "/sentences/0/custody_days", "out_of_range"},
		{"supervision ending before it begins", `"from": "2026-03-01"`, `"from": "2026-03-01", "to": "2026-02-01"`, "/supervision/0/to", "contradiction"},
		{"same id, same moment, other content", `"id": "e2", "type": "alert", "at": "2026-04-01T10:00:00Z", "received_at": "2026-04-01T10:00:05Z"`,
			`"id": "e3", "type": "alert", "at": "2026-04-01T10:00:00Z", "received_at": "2025-04-01T10:00:05Z"`, "/events/2/id", "duplicate"},
		{"a time without a zone", `"at": "2020-06-01T10:00:00+05:00"`, `"at": "2020-06-01T10:00:00"`, "/events/0/at", "unknown_value"},
		{"cut off", `"detected_by": "camera"}
  ]
}`, `"detected`, "", ""},
		{"something after the end", `"detected_by": "camera"}
  ]
}`, `"detected_by": "camera"}]} {}`, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(goodHistory, c.old, c.new, 1)
			if text == goodHistory {
				t.Fatal("the case changes nothing")
			}
			var h CaseHistory
			err := Decode([]byte(text), &h)
			if err == nil {
				err = h.Validate()
			}
			var e *Error
			if !errors.As(err, &e) || e.Code != Malformed {
				t.Fatalf("got %v, want an error of code malformed", err)
			}
			if c.pointer == "" {
				return
			}
			for _, f := range e.Fields {
				if f.Pointer == c.pointer && f.Code == c.code {
					return
				}
			}
			t.Errorf("got %+v, want %s at %s", e.Fields, c.code, c.pointer)
		})
	}
}

func TestIdenticalResendPasses(t *testing.T) {
	var h CaseHistory
	if err := Decode([]byte(goodHistory), &h); err != nil {
		t.Fatal(err)
	}
	resent := h.Events[0]
	resent.At = resent.At.UTC() // the same instant, written in another zone
	h.Events = append(h.Events, resent)
	if err := h.Validate(); err != nil {
		t.Error(err)
	}
}

func TestManyEventsAreRefused(t *testing.T) {
	h := CaseHistory{PersonID: "p", AgencyID: "a", Events: make([]Event, MaxEvents+1)}
	var e *Error
	if err := h.Validate(); !errors.As(err, &e) || e.Fields[0].Pointer != "/events" || e.Fields[0].Code != "too_many" {
		t.Errorf("got %v", err)
	}
}

func TestManyFaultsAreCounted(t *testing.T) {
	h := CaseHistory{PersonID: "p", AgencyID: "a"}
	for i := range 100 {
		h.Events = append(h.Events, Event{ID: fmt.Sprint(i), Type: "x"})
	}
	var e *Error
	if err := h.Validate(); !errors.As(err, &e) || len(e.Fields) != maxFaults || !strings.Contains(e.Message, "100 faults") {
		t.Errorf("got %v", err)
	}
}

func TestLastRecord(t *testing.T) {
	var h CaseHistory
	if err := Decode([]byte(goodHistory), &h); err != nil {
		t.Fatal(err)
	}
	tashkent := time.FixedZone("", 5*3600)
	if got := h.LastRecord(tashkent); got != day(2026, 4, 1) {
		t.Errorf("last record on %v", got)
	}
	h.Events[1].ReceivedAt = time.Date(2026, 4, 1, 23, 0, 0, 0, time.UTC) // 2 April in Tashkent
	if got := h.LastRecord(tashkent); got != day(2026, 4, 2) {
		t.Errorf("in Tashkent the last record is of %v", got)
	}
	if got := new(CaseHistory).LastRecord(tashkent); !got.IsZero() {
		t.Errorf("a history without records: %v", got)
	}
}
