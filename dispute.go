package tarozi

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dispute says that a record is doubted. From then on the record does not count against the person, until somebody other than
// whoever recorded the doubt has decided.
type Dispute struct {
	ID       string `json:"id"`
	PersonID string `json:"person_id"`
	// Record is the id of an event, or the JSON pointer of a stated fact (#/facts/2) in the history as it stood then.
	Record Evidence `json:"record"`
	// Fact is the stated fact as it stood; null for an event. In a request its feature alone may be given: a fact of another feature
	// at that place is then a Conflict.
	Fact       *Fact            `json:"fact,omitzero"`
	RaisedBy   RaisedBy         `json:"raised_by,omitzero"` // empty: whoever recorded it
	Reason     string           `json:"reason"`
	RecordedBy string           `json:"recorded_by"`
	CreatedAt  time.Time        `json:"created_at"`
	Decision   *DisputeDecision `json:"decision"` // null while it waits
}

// Status is that of the disputed record as far as the dispute has come.
func (d *Dispute) Status() Status {
	switch {
	case d.Decision == nil:
		return Disputed
	case d.Decision.Result == DisputeUnfounded:
		return Unfounded
	default:
		return Verified
	}
}

// DisputeResult is how a dispute ended.
type DisputeResult string

// The results.
const (
	DisputeVerified  DisputeResult = "verified"  // the record holds, and counts again
	DisputeUnfounded DisputeResult = "unfounded" // it does not hold, and never counts again
)

// DisputeResults lists every DisputeResult.
var DisputeResults = []DisputeResult{DisputeVerified, DisputeUnfounded}

// DisputeDecision is what somebody found out about a disputed record.
type DisputeDecision struct {
	ID        string        `json:"id"`
	DisputeID string        `json:"dispute_id"`
	Result    DisputeResult `json:"result"`
	Reason    string        `json:"reason"`
	DecidedBy string        `json:"decided_by"`
	CreatedAt time.Time     `json:"created_at"`
}

// Validate checks what somebody disputes and returns an *Error of code Malformed, or nil.
func (d *Dispute) Validate() error {
	var f faults
	f.record("/record", d.Record)
	term(&f, "/raised_by", d.RaisedBy, RaisedBys, false)
	f.sentence("/reason", d.Reason, "say in a sentence what is doubted about this record")
	return f.named("dispute")
}

// Validate checks a decision about a disputed record.
func (d *DisputeDecision) Validate() error {
	var f faults
	term(&f, "/result", d.Result, DisputeResults, true)
	f.sentence("/reason", d.Reason, "say in a sentence what was found out, and how")
	return f.named("decision about the dispute")
}

// record checks what names a record: the id of an event, or a place in the history.
func (f *faults) record(at string, record Evidence) {
	if list, place, ok := strings.Cut(strings.TrimPrefix(string(record), "#/"), "/"); ok && strings.HasPrefix(string(record), "#/") {
		if _, err := strconv.ParseUint(place, 10, 31); err != nil || !slices.Contains([]string{"facts", "sentences", "supervision"}, list) {
			f.add(at, "unknown_value", "a record without an id is named by its place in the history, such as #/facts/2")
		}
		return
	}
	f.id(at, string(record))
}
