package tarozi

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
)

// EventFields lists, for each type of event, the fields it may carry beside id, type, at, received_at, status and its source;
// those marked true must be given.
var EventFields = map[EventType]map[string]bool{
	EventArrest:                {"offence": true, "severity": true, "article": false, "involves": false},
	EventCharge:                {"offence": true, "severity": true, "article": false, "involves": false},
	EventConviction:            {"offence": true, "severity": true, "article": false, "involves": false},
	EventRevocation:            {"revoked": true},
	EventAdministrativeOffence: {"article": false},
	EventContact:               {"attendance": true, "method": false},
	EventResidenceChange:       {"permitted": false},
	EventEmployment:            {"work": true, "until": false},
	EventProgramSession:        {"attendance": true, "programme": false},
	EventDrugTest:              {"result": true, "substances": false},
	EventViolation:             {"violation": true},
	EventDelinquencyReport:     {},
	EventAlert:                 {"alert": true, "finding": false},
	EventCheckIn:               {"match": true, "liveness": false, "verdict": false},
	EventIncident:              {"category": true, "detected_by": true, "confirmed_by": false},
}

// Validate checks the history against the vocabulary and returns an *Error of code Malformed that names every faulty field
// (the first 50), or nil. Whether facts name features of the catalogue, with values in range, is for package features to say.
func (h *CaseHistory) Validate() error {
	var f faults
	f.id("/person_id", h.PersonID)
	f.id("/agency_id", h.AgencyID)
	if !h.BirthDate.IsZero() && h.BirthYear != 0 {
		f.add("/birth_year", "contradiction", "give birth_date or birth_year, not both")
	}
	born, at := h.Born(), "/birth_date"
	if h.BirthYear != 0 {
		at = "/birth_year"
	}
	if !born.IsZero() && (born.Year < 1900 || born.Year > 2100) {
		f.add(at, "out_of_range", "the year of birth must lie between 1900 and 2100")
	}
	for i := range h.Sentences {
		h.Sentences[i].validate(&f, place("/sentences", i), born)
	}
	for i := range h.Supervision {
		h.Supervision[i].validate(&f, place("/supervision", i), born)
	}
	for i := range h.Facts {
		h.Facts[i].validate(&f, place("/facts", i))
	}
	if len(h.Events) > MaxEvents {
		f.add("/events", "too_many", fmt.Sprintf("%d events: a history holds at most %d; leave out what is older than the windows need",
			len(h.Events), MaxEvents))
		return f.named("case history")
	}
	for i := range h.Events {
		h.Events[i].validate(&f, place("/events", i))
	}
	h.duplicates(&f)
	return f.named("case history")
}

func place(list string, i int) string { return list + "/" + strconv.Itoa(i) }

// duplicates refuses two versions of an event that were received at the same moment and differ. Identical resends pass.
func (h *CaseHistory) duplicates(f *faults) {
	type version struct {
		id       string
		received int64
	}
	seen := make(map[version]int, len(h.Events))
	for i := range h.Events {
		key := version{h.Events[i].ID, h.Events[i].ReceivedAt.UnixNano()}
		first, again := seen[key]
		if !again {
			seen[key] = i
			continue
		}
		if !h.Events[first].same(&h.Events[i]) {
			f.add(place("/events", i)+"/id", "duplicate", fmt.Sprintf(
				"event %q stands here and at /events/%d with the same received_at and other content: give the later version a later received_at",
				h.Events[i].ID, first))
		}
	}
}

// same compares two versions by what they say, times by the instant.
func (e *Event) same(other *Event) bool {
	a, b := *e, *other
	a.At, b.At = a.At.UTC(), b.At.UTC()
	a.ReceivedAt, b.ReceivedAt = a.ReceivedAt.UTC(), b.ReceivedAt.UTC()
	left, errLeft := json.Marshal(&a)
	right, errRight := json.Marshal(&b)
	return errLeft == nil && errRight == nil && bytes.Equal(left, right)
}

func (s *Sentence) validate(f *faults, at string, born Date) {
	f.day(at+"/imposed_on", s.ImposedOn, "say on which day the sentence was imposed")
	if !born.IsZero() && !s.ImposedOn.IsZero() && !born.Before(s.ImposedOn) {
		f.add(at+"/imposed_on", "contradiction", "the sentence is dated on or before the person's birth: mend one of the two")
	}
	term(f, at+"/type", s.Type, SentenceTypes, true)
	term(f, at+"/offence", s.Offence, Offences, false)
	term(f, at+"/severity", s.Severity, Severities, false)
	if s.CustodyDays != nil && (*s.CustodyDays < 0 || *s.CustodyDays > 36_525) {
		f.add(at+"/custody_days", "out_of_range", "days in custody lie between 0 and 36525")
	}
	for _, day := range []struct {
		name string
		date Date
	}{{"/released_on", s.ReleasedOn}, {"/release_planned_on", s.ReleasePlannedOn}} {
		f.day(at+day.name, day.date, "")
		if !day.date.IsZero() && day.date.Before(s.ImposedOn) {
			f.add(at+day.name, "contradiction", "a release cannot come before the sentence")
		}
	}
	s.Provenance.validate(f, at)
}

func (s *Supervision) validate(f *faults, at string, born Date) {
	f.day(at+"/from", s.From, "say on which day the supervision began")
	f.day(at+"/to", s.To, "")
	if !born.IsZero() && !s.From.IsZero() && !born.Before(s.From) {
		f.add(at+"/from", "contradiction", "supervision is dated on or before the person's birth: mend one of the two")
	}
	if !s.To.IsZero() && s.To.Before(s.From) {
		f.add(at+"/to", "contradiction", "supervision cannot end before it begins")
	}
	term(f, at+"/kind", s.Kind, SupervisionKinds, true)
	term(f, at+"/level", s.Level, SupervisionLevels, false)
	for i, c := range s.Conditions {
		term(f, place(at+"/conditions", i), c, Conditions, true)
	}
	s.Provenance.validate(f, at)
}

func (x *Fact) validate(f *faults, at string) {
	if x.Feature == "" {
		f.add(at+"/feature", "required", "name the feature of the catalogue that the fact is about")
	}
	if x.Value.IsZero() {
		f.add(at+"/value", "required", "give a value; leave the fact out where the value is not known")
	}
	f.day(at+"/as_of", x.AsOf, "say for which day the value holds")
	term(f, at+"/status", x.Status, Statuses, true)
	x.Provenance.validate(f, at)
}

func (e *Event) validate(f *faults, at string) {
	f.id(at+"/id", e.ID)
	allowed, known := EventFields[e.Type]
	if !known {
		term(f, at+"/type", e.Type, EventTypes, true)
		return
	}
	f.moment(at+"/at", e.At)
	f.moment(at+"/received_at", e.ReceivedAt)
	term(f, at+"/status", e.Status, Statuses, true)
	for _, field := range e.given() {
		required, ok := allowed[field.name]
		switch {
		case field.present && !ok:
			f.add(at+"/"+field.name, "not_of_this_type", fmt.Sprintf("an event of type %s has no %s", e.Type, field.name))
		case !field.present && required:
			f.add(at+"/"+field.name, "required", fmt.Sprintf("an event of type %s needs %s", e.Type, field.name))
		}
	}
	term(f, at+"/offence", e.Offence, Offences, false)
	term(f, at+"/severity", e.Severity, Severities, false)
	for i, v := range e.Involves {
		term(f, place(at+"/involves", i), v, Involvements, true)
	}
	if e.Revoked != "" && e.Revoked != SupervisionProbation && e.Revoked != SupervisionParole {
		f.add(at+"/revoked", "unknown_value", "what is revoked is probation or parole")
	}
	term(f, at+"/attendance", e.Attendance, Attendances, false)
	term(f, at+"/method", e.Method, ContactMethods, false)
	term(f, at+"/work", e.Work, Works, false)
	f.day(at+"/until", e.Until, "")
	if !e.Until.IsZero() && !e.At.IsZero() && e.Until.Before(DateOf(e.At)) {
		f.add(at+"/until", "contradiction", "a period of work cannot end before it begins")
	}
	term(f, at+"/result", e.Result, TestResults, false)
	for i, v := range e.Substances {
		term(f, place(at+"/substances", i), v, Substances, true)
	}
	if len(e.Substances) > 0 && e.Result != TestPositive {
		f.add(at+"/substances", "contradiction", "substances go with a positive result")
	}
	term(f, at+"/violation", e.Violation, ViolationKinds, false)
	term(f, at+"/alert", e.Alert, AlertKinds, false)
	term(f, at+"/finding", e.Finding, Findings, false)
	term(f, at+"/match", e.Match, BiometricMatches, false)
	term(f, at+"/liveness", e.Liveness, Livenesses, false)
	term(f, at+"/verdict", e.Verdict, Verdicts, false)
	term(f, at+"/category", e.Category, IncidentCategories, false)
	term(f, at+"/detected_by", e.DetectedBy, Detectors, false)
	e.Provenance.validate(f, at)
}

type fieldPresence struct {
	name    string
	present bool
}

// given says which of the fields of single types are present.
func (e *Event) given() [22]fieldPresence {
	return [...]fieldPresence{
		{"offence", e.Offence != ""},
		{"severity", e.Severity != ""},
		{"article", e.Article != ""},
		{"involves", e.Involves != nil},
		{"revoked", e.Revoked != ""},
		{"attendance", e.Attendance != ""},
		{"method", e.Method != ""},
		{"permitted", e.Permitted != nil},
		{"work", e.Work != ""},
		{"until", !e.Until.IsZero()},
		{"programme", e.Programme != ""},
		{"result", e.Result != ""},
		{"substances", e.Substances != nil},
		{"violation", e.Violation != ""},
		{"alert", e.Alert != ""},
		{"finding", e.Finding != ""},
		{"match", e.Match != ""},
		{"liveness", e.Liveness != ""},
		{"verdict", e.Verdict != ""},
		{"category", e.Category != ""},
		{"detected_by", e.DetectedBy != ""},
		{"confirmed_by", e.ConfirmedBy != ""},
	}
}

func (p *Provenance) validate(f *faults, at string) {
	f.text(at+"/source", p.Source, 200)
	f.text(at+"/source_id", p.SourceID, 200)
	f.text(at+"/note", p.Note, 2000)
}

// maxFaults bounds how many faults one answer lists.
const maxFaults = 50

type faults struct {
	list []FieldError
	more int
}

func (f *faults) add(pointer, code, message string) {
	if len(f.list) == maxFaults {
		f.more++
		return
	}
	f.list = append(f.list, FieldError{Pointer: pointer, Code: code, Message: message})
}

func (f *faults) id(at, id string) {
	switch {
	case id == "":
		f.add(at, "required", "give an id")
	case len([]rune(id)) > MaxID:
		f.add(at, "too_long", fmt.Sprintf("an id has at most %d characters", MaxID))
	case !plain(id):
		f.add(at, "unknown_value", "an id has no slash, no blank at its ends, no invisible characters, and is not . or ..")
	}
}

// plain reports whether an id can stand in an address and be read by a person.
func plain(id string) bool {
	if id == "." || id == ".." || strings.TrimSpace(id) != id {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return r == '/' || r == '\\' || (r != ' ' && !unicode.IsGraphic(r)) || r == unicode.ReplacementChar
	})
}

func (f *faults) text(at, text string, most int) {
	if len([]rune(text)) > most {
		f.add(at, "too_long", fmt.Sprintf("at most %d characters", most))
	}
}

func (f *faults) moment(at string, t time.Time) {
	if t.IsZero() {
		f.add(at, "required", "give a time with its zone, such as 2026-11-23T09:30:00+05:00")
		return
	}
	f.year(at, t.Year())
}

// day checks a date; where it is not given and whenMissing is not empty, that is what to do about it.
func (f *faults) day(at string, d Date, whenMissing string) {
	switch {
	case !d.IsZero():
		f.year(at, d.Year)
	case whenMissing != "":
		f.add(at, "required", whenMissing)
	}
}

func (f *faults) year(at string, year int) {
	if year < 1900 || year > 2200 {
		f.add(at, "out_of_range", "the year must lie between 1900 and 2200")
	}
}

// term checks a value against its closed list.
func term[T ~string](f *faults, at string, value T, list []T, required bool) {
	switch {
	case value == "" && required:
		f.add(at, "required", fmt.Sprintf("give one of %v", list))
	case value != "" && !slices.Contains(list, value):
		f.add(at, "unknown_value", fmt.Sprintf("%q is not known: give one of %v", value, list))
	}
}

// named is the error for a record called what, or nil where nothing was found.
func (f *faults) named(what string) error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b FieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	message := fmt.Sprintf("the %s has a fault: mend the field named and send it again", what)
	if n := len(f.list) + f.more; n > 1 {
		message = fmt.Sprintf("the %s has %d faults: mend the fields named and send it again", what, n)
	}
	return &Error{Code: Malformed, Message: message, Fields: f.list}
}
