package tarozi

import "time"

// MaxEvents is the largest number of events in one history.
const MaxEvents = 50_000

// MaxID is the longest id in characters.
const MaxID = 64

// CaseHistory is everything a case system says about one person. It has no name, no address, no protected attribute.
type CaseHistory struct {
	PersonID    string        `json:"person_id"`
	AgencyID    string        `json:"agency_id"`
	BirthDate   Date          `json:"birth_date,omitzero"`
	BirthYear   int           `json:"birth_year,omitzero"` // where the day is not known; read as born on 1 July
	Sentences   []Sentence    `json:"sentences,omitzero"`
	Supervision []Supervision `json:"supervision,omitzero"`
	Facts       []Fact        `json:"facts,omitzero"`
	Events      []Event       `json:"events,omitzero"`
}

// Born is the date of birth; of a person whose year alone is known it is 1 July of that year. Zero where neither is given.
func (h *CaseHistory) Born() Date {
	if h.BirthDate.IsZero() && h.BirthYear != 0 {
		return Date{h.BirthYear, time.July, 1}
	}
	return h.BirthDate
}

// Provenance says where a record comes from.
type Provenance struct {
	Source   string `json:"source,omitzero"`    // the register or person that stated it
	SourceID string `json:"source_id,omitzero"` // its id there
	Note     string `json:"note,omitzero"`
}

// Sentence is one sentence of a court.
type Sentence struct {
	ImposedOn        Date         `json:"imposed_on"`
	Type             SentenceType `json:"type"`
	Offence          Offence      `json:"offence,omitzero"`
	Article          string       `json:"article,omitzero"` // of the criminal code, as text
	Severity         Severity     `json:"severity,omitzero"`
	CustodyDays      *int         `json:"custody_days,omitzero"` // days in custody before release
	ReleasedOn       Date         `json:"released_on,omitzero"`
	ReleasePlannedOn Date         `json:"release_planned_on,omitzero"`
	Provenance       `json:",inline"`
}

// Supervision is one period of supervision in the community.
type Supervision struct {
	From       Date             `json:"from"`
	To         Date             `json:"to,omitzero"` // last day; zero while it lasts
	Kind       SupervisionKind  `json:"kind"`
	Level      SupervisionLevel `json:"level,omitzero"`
	Conditions []Condition      `json:"conditions,omitzero"` // null: not known; empty: none
	Provenance `json:",inline"`
}

// Fact is a stated value of one feature of the catalogue on a day: what an officer types, or the opening balance of a
// migrated register.
type Fact struct {
	Feature    string    `json:"feature"`
	Value      Value     `json:"value"`
	AsOf       Date      `json:"as_of"`
	ReceivedAt time.Time `json:"received_at,omitzero"`
	Status     Status    `json:"status"`
	Provenance `json:",inline"`
}

// Event is one dated record. Which of the fields below Status may be given depends on Type; EventFields lists them.
// Versions of an event share ID and differ in ReceivedAt.
type Event struct {
	ID         string    `json:"id"`
	Type       EventType `json:"type"`
	At         time.Time `json:"at"`
	ReceivedAt time.Time `json:"received_at"`
	Status     Status    `json:"status"`

	Offence     Offence          `json:"offence,omitzero"`
	Severity    Severity         `json:"severity,omitzero"`
	Article     string           `json:"article,omitzero"`
	Involves    []Involvement    `json:"involves,omitzero"`
	Revoked     SupervisionKind  `json:"revoked,omitzero"`    // what a revocation ended: probation or parole
	Attendance  Attendance       `json:"attendance,omitzero"` // of a contact or a programme session
	Method      ContactMethod    `json:"method,omitzero"`
	Permitted   *bool            `json:"permitted,omitzero"` // a move with permission
	Work        Work             `json:"work,omitzero"`
	Until       Date             `json:"until,omitzero"` // last day of a period of work; zero while it lasts
	Programme   string           `json:"programme,omitzero"`
	Result      TestResult       `json:"result,omitzero"`
	Substances  []Substance      `json:"substances,omitzero"` // found by a positive test
	Violation   ViolationKind    `json:"violation,omitzero"`
	Alert       AlertKind        `json:"alert,omitzero"`
	Finding     Finding          `json:"finding,omitzero"`  // what the investigation of an alert established
	Match       BiometricMatch   `json:"match,omitzero"`    // the machine's answer at a check-in
	Liveness    Liveness         `json:"liveness,omitzero"` // the machine's answer at a check-in
	Verdict     Verdict          `json:"verdict,omitzero"`  // a person's answer about a check-in, beside the machine's
	Category    IncidentCategory `json:"category,omitzero"`
	DetectedBy  Detector         `json:"detected_by,omitzero"`
	ConfirmedBy string           `json:"confirmed_by,omitzero"` // the officer who confirmed what a camera saw
	Provenance  `json:",inline"`
}

// Established reports whether the event may count against the person: it is verified, a camera's incident was confirmed by an
// officer, an alert's investigation found a breach, and a person said that a check-in was somebody else's.
func (e *Event) Established() bool {
	if e.Status != Verified {
		return false
	}
	switch e.Type {
	case EventIncident:
		return e.DetectedBy == DetectedByOfficer || e.ConfirmedBy != ""
	case EventAlert:
		return e.Finding == FindingBreach
	case EventCheckIn:
		return e.Verdict == VerdictOtherPerson
	default:
		return true
	}
}

// CountsInFavour reports whether the event may count for the person: everything but what was found to be unfounded or is
// merely alleged. A record in the person's favour that is disputed keeps counting until it is decided.
func (e *Event) CountsInFavour() bool { return e.Status == Verified || e.Status == Disputed }

// LastRecord is the latest day that a record of the history speaks of or was received on, in the zone; zero for a history
// without records. Planned releases do not count.
func (h *CaseHistory) LastRecord(zone *time.Location) Date {
	var last Date
	see := func(days ...Date) {
		for _, d := range days {
			if d.After(last) {
				last = d
			}
		}
	}
	for _, s := range h.Sentences {
		see(s.ImposedOn, s.ReleasedOn)
	}
	for _, s := range h.Supervision {
		see(s.From)
	}
	for _, f := range h.Facts {
		see(f.AsOf)
	}
	for _, e := range h.Events {
		see(DateOf(e.At.In(zone)), DateOf(e.ReceivedAt.In(zone)))
	}
	return last
}
