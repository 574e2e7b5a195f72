package scoring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// Service does everything that a signed-in person or a case system asks for about assessments: it checks the permission,
// does the work and has it stored with its audit entry. It keeps no state of its own.
type Service struct {
	Assessor
	Store    Store
	Registry Registry
	Random   io.Reader // for the salts of audit entries
	// ReviewPeriod is how long a score waits for its review before it expires; 0 is DefaultReviewPeriod.
	ReviewPeriod time.Duration
	// ReassessAfter is the age at which an assessment is made anew even where nothing has happened; 0 is DefaultReassessAfter.
	ReassessAfter time.Duration
	// Signatures is how many members of an oversight committee a decision needs; 0 is DefaultSignatures.
	Signatures int
	// Rules are those of retention; nil is DefaultRules.
	Rules Rules
}

// Create scores a request by a model in use, the default where none is named, and stores the assessment. The history that came with
// it becomes the person's present history. A request repeated under the same idempotency key gives the first answer again.
func (s *Service) Create(ctx context.Context, actor tarozi.Actor, req *tarozi.Request, key *Idempotency) (*tarozi.Assessment, error) {
	return s.create(ctx, actor, key, req.Model, func() (*tarozi.Request, error) {
		return req, ownAgency(actor, tarozi.Assess, req.History.AgencyID, "/history/agency_id")
	}, true)
}

// CreateFromStored scores what is stored about a person, by the default model where modelID is empty.
func (s *Service) CreateFromStored(ctx context.Context, actor tarozi.Actor, personID string, asOf tarozi.Date, purpose tarozi.Purpose,
	modelID string, key *Idempotency) (*tarozi.Assessment, error) {
	return s.create(ctx, actor, key, modelID, func() (*tarozi.Request, error) {
		history, err := s.History(ctx, actor, personID)
		if err != nil {
			return nil, err
		}
		return &tarozi.Request{History: *history, AsOf: asOf, Purpose: purpose}, nil
	}, false)
}

// create answers a request that was answered before from what is stored, before anything is read or scored; any other one it scores
// with the models at work for the agency. keep says that its history becomes the person's present one.
func (s *Service) create(ctx context.Context, actor tarozi.Actor, key *Idempotency, modelID string, request func() (*tarozi.Request, error),
	keep bool) (*tarozi.Assessment, error) {
	if err := actor.Allow(tarozi.Assess); err != nil {
		return nil, err
	}
	if key != nil {
		asked := Write{Actor: actor, Scope: actor.Scope(tarozi.Assess), Idempotency: key, Audit: AuditEntry{Action: assessmentCreated}}
		if id, err := s.Store.Earlier(ctx, asked); err != nil {
			return nil, err
		} else if id != "" {
			return s.stored(ctx, actor, id)
		}
	}
	req, err := request()
	if err != nil {
		return nil, err
	}
	disputes, err := s.Store.Disputes(ctx, tarozi.InAgency(req.History.AgencyID), req.History.PersonID)
	if err != nil {
		return nil, err
	}
	if kept := Keep(&req.History, disputes); kept != &req.History {
		own := *req
		own.History = *kept
		req = &own
	}
	serving, err := s.Serving(ctx, req.History.AgencyID)
	if err != nil {
		return nil, err
	}
	chosen, err := serving.choose(modelID)
	if err != nil {
		return nil, err
	}
	levers, err := s.Store.Levers(ctx, req.History.AgencyID, chosen.ModelID, chosen.Deployment.SHA256, s.Now())
	if err != nil {
		return nil, err
	}
	if err := s.paused(ctx, actor, chosen.ModelID, &levers); err != nil {
		return nil, err
	}
	given, err := conditions(chosen, &levers)
	if err != nil {
		return nil, err
	}
	if given.Remedies, err = s.remedies(ctx, chosen, &levers, req.History.AgencyID, req.History.PersonID); err != nil {
		return nil, err
	}
	record, err := s.assess(req, chosen.Model, given)
	if err != nil {
		return nil, s.refused(ctx, actor, req, chosen.Model, err)
	}
	if keep {
		record.History = &req.History
	}
	record.Admit = levers.unchanged
	record.Assessment.ReviewState = tarozi.ReviewPending
	if record.Shadows, err = s.shadows(req, record, serving.Shadows); err != nil {
		return nil, err
	}
	document, err := tarozi.Canonical(record.Assessment)
	if err != nil {
		return nil, fmt.Errorf("writing the assessment: %w", err)
	}
	w, err := s.write(actor, actor.Scope(tarozi.Assess), assessmentCreated, record.Assessment.ID, record.Input, record.Inputs, document)
	if err != nil {
		return nil, err
	}
	w.Idempotency, w.Audit.AgencyID = key, record.Assessment.AgencyID
	id, err := s.Store.SaveAssessment(ctx, w, record)
	if err != nil {
		return nil, s.noted(ctx, actor, record.Assessment.PersonID, "", err)
	}
	if id == record.Assessment.ID {
		return &record.Assessment, s.warn(ctx, &record.Assessment)
	}
	return s.stored(ctx, actor, id)
}

// assessmentCreated is the action of a new assessment in the audit log.
const assessmentCreated = "assessment.created"

// stored is the assessment that an earlier request under the same key gave.
func (s *Service) stored(ctx context.Context, actor tarozi.Actor, id string) (*tarozi.Assessment, error) {
	earlier, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, err
	}
	if err := s.Look(ctx, actor, tarozi.ReadAssessments, "score", earlier.Assessment.PersonID); err != nil {
		return nil, err
	}
	return &earlier.Assessment, s.warn(ctx, &earlier.Assessment)
}

// Assessment reads one assessment.
func (s *Service) Assessment(ctx context.Context, actor tarozi.Actor, id string) (*tarozi.Assessment, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	r, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, s.noted(ctx, actor, "", id, err)
	}
	r.Assessment.ReviewState = s.StateOf(r.Assessment.ReviewState, r.Assessment.CreatedAt)
	// What is asked about its reasons next is asked of its bundle; without it the assessment can still be read.
	if _, err := s.bundle(ctx, r.Assessment.Model.SHA256); err != nil && tarozi.CodeOf(err) != tarozi.NotFound {
		return nil, err
	}
	return &r.Assessment, s.warn(ctx, &r.Assessment)
}

// Inputs are the stored values that the model read for an assessment.
func (s *Service) Inputs(ctx context.Context, actor tarozi.Actor, id string) (*Inputs, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	r, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, s.noted(ctx, actor, "", id, err)
	}
	in := new(Inputs)
	if err := tarozi.Decode(r.Inputs, in); err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored inputs cannot be read")
	}
	return in, nil
}

// AssessmentsOf lists a person's assessments, newest first.
func (s *Service) AssessmentsOf(ctx context.Context, actor tarozi.Actor, personID string, page Page) ([]tarozi.Assessment, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	list, err := s.Store.AssessmentsOf(ctx, actor.Scope(tarozi.ReadAssessments), personID, page)
	for i := range list {
		list[i].ReviewState = s.StateOf(list[i].ReviewState, list[i].CreatedAt)
	}
	return list, s.noted(ctx, actor, personID, "", err)
}

// ChangedSince lists what was scored, reviewed, countersigned, challenged, and what has expired, after the cursor.
func (s *Service) ChangedSince(ctx context.Context, actor tarozi.Actor, cursor string, limit int) ([]Change, string, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, "", err
	}
	if err := s.noteExpired(ctx, actor.Scope(tarozi.ReadAssessments)); err != nil {
		return nil, "", err
	}
	return s.Store.ChangedSince(ctx, actor.Scope(tarozi.ReadAssessments), cursor, limit)
}

// Rebuild replays a stored assessment.
func (s *Service) Rebuild(ctx context.Context, actor tarozi.Actor, id string) (*Replay, error) {
	if err := actor.Allow(tarozi.ReadAssessments); err != nil {
		return nil, err
	}
	r, err := s.Store.Assessment(ctx, actor.Scope(tarozi.ReadAssessments), id)
	if err != nil {
		return nil, s.noted(ctx, actor, "", id, err)
	}
	if _, err := s.bundle(ctx, r.Assessment.Model.SHA256); err != nil {
		return nil, err
	}
	return s.Replay(r)
}

// History is what is known of a person.
func (s *Service) History(ctx context.Context, actor tarozi.Actor, personID string) (*tarozi.CaseHistory, error) {
	if err := actor.Allow(tarozi.ReadPeople); err != nil {
		return nil, err
	}
	h, err := s.Store.History(ctx, actor.Scope(tarozi.ReadPeople), personID)
	return h, s.noted(ctx, actor, personID, "", err)
}

// PutHistory replaces what is known of a person.
func (s *Service) PutHistory(ctx context.Context, actor tarozi.Actor, h *tarozi.CaseHistory, key *Idempotency) error {
	if err := actor.Allow(tarozi.WriteHistory); err != nil {
		return err
	}
	if err := ownAgency(actor, tarozi.WriteHistory, h.AgencyID, "/agency_id"); err != nil {
		return err
	}
	if err := s.validHistory(h); err != nil {
		return err
	}
	w, err := s.writeOf(actor, tarozi.WriteHistory, "history.replaced", "", h, key)
	if err != nil {
		return err
	}
	return s.noted(ctx, actor, h.PersonID, "", s.Store.PutHistory(ctx, w, h))
}

// AddEvents adds events to what is known of a person.
func (s *Service) AddEvents(ctx context.Context, actor tarozi.Actor, personID string, events []tarozi.Event, key *Idempotency) error {
	if err := actor.Allow(tarozi.WriteHistory); err != nil {
		return err
	}
	// Only the events are checked here; the person and agency are those of the address and the account.
	if err := s.validHistory(&tarozi.CaseHistory{PersonID: personID, AgencyID: actor.AgencyID, Events: events}); err != nil {
		return err
	}
	w, err := s.writeOf(actor, tarozi.WriteHistory, "events.added", "", events, key)
	if err != nil {
		return err
	}
	return s.noted(ctx, actor, personID, "", s.Store.AddEvents(ctx, w, personID, events))
}

// ownAgency refuses a record of another agency than the actor's, where the permission reaches no further. Which agencies stand below
// the actor's is for the store to say.
func ownAgency(actor tarozi.Actor, action tarozi.Action, agencyID, pointer string) error {
	scope := actor.Scope(action)
	if agencyID == actor.AgencyID || scope.Reach == tarozi.AgenciesBelow || scope.Reach == tarozi.Nation {
		return nil
	}
	return &tarozi.Error{Code: tarozi.NotFound, Message: "your agency has no such person", Fields: []tarozi.FieldError{{
		Pointer: pointer, Code: "other_agency", Message: "give the id of the agency that your account belongs to"}}}
}

// write prepares a change within a scope with its audit entry, which commits to the stored bytes by their salted hash.
func (s *Service) write(actor tarozi.Actor, scope tarozi.Scope, action, subjectID string, stored ...[]byte) (Write, error) {
	salt := make([]byte, 32)
	if _, err := io.ReadFull(s.Random, salt); err != nil {
		return Write{}, fmt.Errorf("drawing a salt: %w", err)
	}
	now := s.Now().UTC()
	return Write{Actor: actor, Scope: scope, At: now, Audit: AuditEntry{
		ID: s.NewID(), At: now.Format(time.RFC3339Nano), AgencyID: actor.AgencyID, AccountID: actor.AccountID, Action: action,
		SubjectID: subjectID, SHA256: commitment(salt, stored...), Salt: salt,
	}}, nil
}

// writeOf makes a write under a permission whose entry commits to the canonical text of a document.
func (s *Service) writeOf(actor tarozi.Actor, permission tarozi.Action, action, subjectID string, document any, key *Idempotency) (Write, error) {
	text, err := tarozi.Canonical(document)
	if err != nil {
		return Write{}, fmt.Errorf("writing the record of %s: %w", action, err)
	}
	w, err := s.write(actor, actor.Scope(permission), action, subjectID, text)
	w.Idempotency = key
	return w, err
}

// Prepare makes what is stored of a change that another package checks and stores by itself, under the actor's permission.
func (s *Service) Prepare(actor tarozi.Actor, permission tarozi.Action, action, subjectID string, stored ...[]byte) (Write, error) {
	if err := actor.Allow(permission); err != nil {
		return Write{}, err
	}
	return s.write(actor, actor.Scope(permission), action, subjectID, stored...)
}

// commitment is the hash by which an audit entry commits to stored bytes.
func commitment(salt []byte, stored ...[]byte) string {
	digest := sha256.New()
	digest.Write(salt)
	for _, part := range stored {
		digest.Write(part)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// validHistory checks a history against the vocabulary and the catalogue.
func (s *Service) validHistory(h *tarozi.CaseHistory) error {
	if err := h.Validate(); err != nil {
		return err
	}
	if faults := receivedInFuture(h.Events, "", s.Now()); faults != nil {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the case history has a fault: mend the field named and send it again", Fields: faults}
	}
	return features.ValidateFacts(h)
}

// Record prepares a change that another package has stored for an actor who may do the action, with its audit entry.
func (s *Service) Record(actor tarozi.Actor, action tarozi.Action, what, subjectID string, stored ...[]byte) (Write, error) {
	if err := actor.Allow(action); err != nil {
		return Write{}, err
	}
	return s.write(actor, actor.Scope(action), what, subjectID, stored...)
}

// Patience is how long a score waits for its review before it expires.
func (s *Service) Patience() time.Duration { return s.reviewPeriod() }

// Administer prepares a change that the person at the machine's own command line makes, such as a new account.
func (s *Service) Administer(agencyID, action, subjectID string) (Write, error) {
	command := Command(agencyID)
	return s.write(command, command.Scope(tarozi.ManageAccounts), action, subjectID)
}

// Command is the person at the machine's own command line, working for an agency.
func Command(agencyID string) tarozi.Actor {
	return tarozi.Actor{AccountID: "command", AgencyID: agencyID, Role: tarozi.Operator, Actions: tarozi.ActionsOf(tarozi.Operator)}
}

// PrepareAccount prepares a change of an account, or a note about one, by the actor.
func (s *Service) PrepareAccount(actor tarozi.Actor, action, subjectID string) (Write, error) {
	return s.write(actor, actor.Scope(tarozi.ManageAccounts), action, subjectID)
}
