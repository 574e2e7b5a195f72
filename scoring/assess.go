package scoring

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
)

// Assessor turns requests into assessments. It keeps no state and stores nothing.
type Assessor struct {
	Models *Models
	Zone   *time.Location   // in which an instant's day is taken
	Now    func() time.Time // the clock
	NewID  func() string    // UUIDv7
	Checks *Checks          // nil: contribution checks are not counted
}

// Conditions are what people have settled about a model for the moment of an assessment. They are stored with the inputs, so that
// replay finds them again.
type Conditions struct {
	Validity tarozi.Validity // empty: what the card says
	Cuts     []tarozi.Cuts   // in place of the card's
	Remedies []RemedyInput   // steps after the model
}

// Score gives the assessment of one request by the model that it names, else by modelID, else by DefaultModel, which nobody has signed for:
// it is marked as not validated, or as the demonstration that its card calls itself. Errors are *tarozi.Error: Malformed for a
// request that is not of the vocabulary, NotFound for a model, NotScorable.
func (a *Assessor) Score(req *tarozi.Request, modelID string) (*tarozi.Assessment, error) {
	m, err := a.Models.ByID(cmp.Or(req.Model, modelID, DefaultModel))
	if err != nil {
		return nil, err
	}
	s, err := a.score(req, m, Conditions{Validity: unsigned(m.Card)})
	if err != nil {
		return nil, err
	}
	return &s.assessment, nil
}

// unsigned is the validity of a model that nobody has signed for, whatever its card claims.
func unsigned(card *model.Card) tarozi.Validity {
	if card.Validity.State == tarozi.Demonstration {
		return tarozi.Demonstration
	}
	return tarozi.NotValidatedLocally
}

// assess is score, with everything needed to rebuild the assessment.
func (a *Assessor) assess(req *tarozi.Request, m *Model, given Conditions) (*Record, error) {
	s, err := a.score(req, m, given)
	if err != nil {
		return nil, err
	}
	inputs, err := tarozi.Canonical(s.inputs)
	if err != nil {
		return nil, fmt.Errorf("writing the inputs: %w", err)
	}
	return &Record{Assessment: s.assessment, Input: s.request, Inputs: inputs}, nil
}

// scored is an assessment with what it was made from.
type scored struct {
	assessment tarozi.Assessment
	request    []byte // canonical JSON
	inputs     *Inputs
}

func (a *Assessor) score(req *tarozi.Request, m *Model, given Conditions) (*scored, error) {
	now := a.Now()
	r := *req
	if r.AsOf.IsZero() {
		r.AsOf = tarozi.DateOf(now.In(a.Zone))
	}
	r.Purpose = cmp.Or(r.Purpose, tarozi.PurposeSupervision)
	r.Model = "" // the assessment names the very bundle
	if err := a.check(&r, now); err != nil {
		return nil, err
	}
	in, err := read(m.Card, &r.History, features.Moment{AsOf: r.AsOf, Zone: a.Zone, Purpose: r.Purpose})
	if err != nil {
		return nil, under("/history", err)
	}
	in.Cuts, in.Validity, in.Remedies = given.Cuts, given.Validity, given.Remedies
	e, err := Evaluate(m, in)
	a.Checks.count(err)
	if err != nil {
		return nil, err
	}
	request, err := tarozi.Canonical(&r)
	if err != nil {
		return nil, fmt.Errorf("writing the request: %w", err)
	}
	return &scored{request: request, inputs: in, assessment: tarozi.Assessment{
		ID: a.NewID(), PersonID: r.History.PersonID, AgencyID: r.History.AgencyID, AsOf: r.AsOf, CreatedAt: now.UTC(),
		Purpose: r.Purpose, Model: reference(m, in), Scores: e.Scores, Missing: e.Missing, Warnings: e.Warnings,
		InputSHA256: sum(request), Catalogue: in.Catalogue,
	}}, nil
}

func (a *Assessor) check(r *tarozi.Request, now time.Time) error {
	if err := r.History.Validate(); err != nil {
		return under("/history", err)
	}
	today := tarozi.DateOf(now.In(a.Zone))
	faults := receivedInFuture(r.History.Events, "/history", now)
	if r.AsOf.After(today) {
		faults = append(faults, tarozi.FieldError{Pointer: "/as_of", Code: "in_future",
			Message: fmt.Sprintf("%s lies in the future: an assessment is made as of today (%s) or an earlier day", r.AsOf, today)})
	}
	if born := r.History.Born(); !born.IsZero() && born.After(r.AsOf) {
		faults = append(faults, tarozi.FieldError{Pointer: "/as_of", Code: "contradiction", Message: "the as-of date lies before the person's birth"})
	}
	if r.Purpose != tarozi.PurposeSupervision && r.Purpose != tarozi.PurposeRelease {
		faults = append(faults, tarozi.FieldError{Pointer: "/purpose", Code: "unknown_value",
			Message: fmt.Sprintf("%q is not known: give one of %v", r.Purpose, tarozi.Purposes)})
	}
	if faults == nil {
		return nil
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the request has a fault: mend the field named and send it again", Fields: faults}
}

// clockSlack is how far another machine's clock may be ahead of ours.
const clockSlack = time.Hour

// receivedInFuture names the first event that claims to have been received later than now: as the latest version it would win over
// every correction to come.
func receivedInFuture(events []tarozi.Event, at string, now time.Time) []tarozi.FieldError {
	for i := range events {
		if events[i].ReceivedAt.After(now.Add(clockSlack)) {
			return []tarozi.FieldError{{Pointer: fmt.Sprintf("%s/events/%d/received_at", at, i), Code: "in_future",
				Message: "nothing is received in the future: give the time at which the record came in"}}
		}
	}
	return nil
}

// under moves the pointers of a malformed part's faults to where the part stands in the whole.
func under(place string, err error) error {
	e, ok := err.(*tarozi.Error)
	if !ok || e.Code != tarozi.Malformed {
		return err
	}
	moved := *e
	moved.Fields = make([]tarozi.FieldError, len(e.Fields))
	for i, f := range e.Fields {
		f.Pointer = place + f.Pointer
		moved.Fields[i] = f
	}
	return &moved
}

func reference(b *Model, in *Inputs) tarozi.ModelRef {
	return tarozi.ModelRef{ID: b.Card.ID, Version: b.Card.Version, SHA256: b.SHA256, Validity: in.validity(b.Card)}
}

func sum(data []byte) string {
	digest := sha256.Sum256(data)
	return hex.EncodeToString(digest[:])
}
