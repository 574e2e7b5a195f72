package tarozi

import "time"

// Outcome is what happened to a person later; for audit alone.
type Outcome struct {
	PersonID      string      `json:"person_id"`
	Kind          OutcomeKind `json:"kind"`
	Observed      bool        `json:"observed"`
	ObservedOn    Date        `json:"observed_on,omitzero"` // of the first occurrence, where Observed
	FollowedFrom  Date        `json:"followed_from"`
	FollowedUntil Date        `json:"followed_until"` // after this day nobody looked (censoring)
	ReceivedAt    time.Time   `json:"received_at,omitzero"`
	Provenance    `json:",inline"`
}

// Validate checks an outcome and returns an *Error of code Malformed, or nil.
func (o *Outcome) Validate() error {
	var f faults
	f.id("/person_id", o.PersonID)
	term(&f, "/kind", o.Kind, OutcomeKinds, true)
	if o.FollowedFrom.IsZero() {
		f.add("/followed_from", "required", "say from which day the person was followed")
	}
	if o.FollowedUntil.IsZero() || o.FollowedUntil.Before(o.FollowedFrom) {
		f.add("/followed_until", "required", "say until which day the person was followed; it is not before followed_from")
	}
	if o.Observed == o.ObservedOn.IsZero() {
		f.add("/observed_on", "contradiction", "give the day if and only if the outcome was observed")
	}
	if !o.ObservedOn.IsZero() && (o.ObservedOn.Before(o.FollowedFrom) || o.ObservedOn.After(o.FollowedUntil)) {
		f.add("/observed_on", "contradiction", "the day lies outside the time the person was followed")
	}
	o.Provenance.validate(&f, "")
	return f.named("outcome")
}

// ProtectedAttributes are kept apart, for audit alone; no package between a history and a score imports this type's readers.
type ProtectedAttributes struct {
	PersonID   string            `json:"person_id"`
	Attributes map[string]string `json:"attributes"` // such as sex: female
}

// ProtectedNames lists the attributes that may be stored for audit.
var ProtectedNames = []string{
	"sex", "ethnicity", "race", "religion", "nationality", "language", "health", "disability", "marital_status", "address_area",
}

// Validate checks the attributes and returns an *Error of code Malformed, or nil.
func (p *ProtectedAttributes) Validate() error {
	var f faults
	f.id("/person_id", p.PersonID)
	if len(p.Attributes) == 0 {
		f.add("/attributes", "required", "give at least one attribute")
	}
	for name, value := range p.Attributes {
		term(&f, "/attributes/"+name, name, ProtectedNames, true)
		f.text("/attributes/"+name, value, 100)
		if value == "" {
			f.add("/attributes/"+name, "required", "give a value, or leave the attribute out where it is not known")
		}
	}
	return f.named("set of attributes")
}

// Identity is who a person is, for people's eyes alone: the caseload's search and letters.
type Identity struct {
	PersonID string `json:"person_id"`
	Name     string `json:"name"`
	Contact  string `json:"contact,omitzero"`
}

// Validate checks an identity and returns an *Error of code Malformed, or nil.
func (i *Identity) Validate() error {
	var f faults
	f.id("/person_id", i.PersonID)
	if i.Name == "" {
		f.add("/name", "required", "give the person's name")
	}
	f.text("/name", i.Name, 200)
	f.text("/contact", i.Contact, 500)
	return f.named("identity")
}
