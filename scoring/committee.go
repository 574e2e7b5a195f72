package scoring

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// Committee is what the levers ask of a store, under the rules of Store.
type Committee interface {
	// Levers is what is in force for an agency about a bundle at a moment.
	Levers(ctx context.Context, agencyID, modelID, modelSHA256 string, at time.Time) (Levers, error)
	// Decisions are all decisions about a model by the committees of an agency and of those above it, with the reports' findings.
	Decisions(ctx context.Context, agencyID, modelID string) (*Decisions, error)
	// Lever reads a decision of the agency's own committee.
	Lever(ctx context.Context, agencyID, id string) (*tarozi.Lever, error)
	// AddLever stores a decision with its proposer's signature.
	AddLever(ctx context.Context, w Write, l *tarozi.Lever, first tarozi.LeverSignature) (id string, err error)
	// SignLever adds the signature that next makes of the decision as it stands.
	SignLever(ctx context.Context, w Write, leverID string,
		next func(*tarozi.Lever) (*tarozi.LeverSignature, AuditEntry, error)) (*tarozi.Lever, error)
	// NotePause records, once, that a model was found paused by itself for the agency of the write.
	NotePause(ctx context.Context, w Write, modelID string, p *Pause) error
}

// DefaultSignatures is how many members of a committee a decision needs.
const DefaultSignatures = 2

func (s *Service) signatures() int {
	if s.Signatures == 0 {
		return DefaultSignatures
	}
	return s.Signatures
}

// ProposeLever stores a committee member's proposal with their signature. It names the model, and may name
// the very bundle by its SHA-256, such as a candidate; else it is about the one in use, or the newest where none is.
func (s *Service) ProposeLever(ctx context.Context, actor tarozi.Actor, proposal *tarozi.Lever, key *Idempotency) (*tarozi.Lever, error) {
	if err := actor.Allow(tarozi.ProposeLevers); err != nil {
		return nil, err
	}
	m, err := s.proposedFor(ctx, actor, proposal)
	if err != nil {
		return nil, err
	}
	now := s.Now().UTC()
	l := *proposal
	l.ID, l.AgencyID, l.ProposedBy, l.ProposedAt, l.Needed, l.Signatures = s.NewID(), actor.AgencyID, actor.AccountID, now, s.signatures(), nil
	l.ModelVersion, l.ModelSHA256 = m.Card.Version, m.SHA256
	l.From, l.LapsesAt = l.From.UTC(), l.LapsesAt.UTC()
	if l.From.IsZero() {
		l.From = now
	}
	if err := l.Validate(); err != nil {
		return nil, err
	}
	if err := fitsModel(&l, m); err != nil {
		return nil, err
	}
	w, err := s.writeOf(actor, tarozi.ProposeLevers, "lever.proposed", l.ID, &l, key)
	if err != nil {
		return nil, err
	}
	first := tarozi.LeverSignature{ID: s.NewID(), LeverID: l.ID, By: actor.AccountID, At: now}
	id, err := s.Store.AddLever(ctx, w, &l, first)
	if err != nil {
		return nil, err
	}
	return s.Store.Lever(ctx, actor.AgencyID, id)
}

// proposedFor is the bundle that a proposal is about.
func (s *Service) proposedFor(ctx context.Context, actor tarozi.Actor, proposal *tarozi.Lever) (*Model, error) {
	if proposal.ModelSHA256 == "" {
		known, err := s.KnownByID(ctx, actor, proposal.ModelID)
		if err != nil {
			return nil, err
		}
		return known.Model, nil
	}
	m, err := s.bundle(ctx, proposal.ModelSHA256)
	if err == nil && m.Card.ID != proposal.ModelID {
		err = tarozi.Errorf(tarozi.NotFound, "the bundle %s is not one of model %q", proposal.ModelSHA256, proposal.ModelID)
	}
	return m, err
}

// fitsModel refuses a decision about what the model's card does not have.
func fitsModel(l *tarozi.Lever, m *Model) error {
	var faults []tarozi.FieldError
	if l.Remedy != "" && m.Card.Remedy(l.Remedy) == nil {
		faults = append(faults, tarozi.FieldError{Pointer: "/remedy", Code: "unknown_value", Message: fmt.Sprintf("the card of model %s offers no remedy %q", m.Card.ID, l.Remedy)})
	}
	for i, c := range l.Cuts {
		if !m.Card.Serves(c.Outcome, c.HorizonMonths) {
			faults = append(faults, tarozi.FieldError{Pointer: fmt.Sprintf("/cuts/%d", i), Code: "unknown_value", Message: fmt.Sprintf("model %s has no such score", m.Card.ID)})
		}
	}
	if faults == nil {
		return nil
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the decision has a fault: mend the field named and send it again", Fields: faults}
}

// SignLever adds a member's signature to a decision of their own committee. Each member signs once; with the last signature that is
// needed the decision holds.
func (s *Service) SignLever(ctx context.Context, actor tarozi.Actor, modelID, leverID string, key *Idempotency) (*tarozi.Lever, error) {
	if err := actor.Allow(tarozi.SignLevers); err != nil {
		return nil, err
	}
	signature := tarozi.LeverSignature{ID: s.NewID(), LeverID: leverID, By: actor.AccountID, At: s.Now().UTC()}
	w, err := s.writeOf(actor, tarozi.SignLevers, "lever.signed", signature.ID, &signature, key)
	if err != nil {
		return nil, err
	}
	return s.Store.SignLever(ctx, w, leverID, func(l *tarozi.Lever) (*tarozi.LeverSignature, AuditEntry, error) {
		switch {
		case l.ModelID != modelID:
			return nil, AuditEntry{}, tarozi.Errorf(tarozi.NotFound, "there is no such decision about model %q: check its id", modelID)
		case l.SignedBy(actor.AccountID):
			return nil, AuditEntry{}, tarozi.Errorf(tarozi.Conflict, "you have signed this decision already: another member of the committee signs next")
		case !l.Signed().IsZero():
			return nil, AuditEntry{}, tarozi.Errorf(tarozi.Conflict, "this decision has all its signatures already")
		case !w.At.Before(l.LapsesAt):
			return nil, AuditEntry{}, tarozi.Errorf(tarozi.Conflict, "this proposal has lapsed: propose it anew")
		}
		return &signature, w.Audit, nil
	})
}

// Levers is what holds for the actor's agency about a model now.
func (s *Service) Levers(ctx context.Context, actor tarozi.Actor, modelID string) (Levers, error) {
	if err := actor.Allow(tarozi.ReadModels); err != nil {
		return Levers{}, err
	}
	m, err := s.KnownByID(ctx, actor, modelID)
	if err != nil {
		return Levers{}, err
	}
	return s.Store.Levers(ctx, actor.AgencyID, m.ModelID, m.Deployment.SHA256, s.Now())
}

// paused refuses to score where the model is paused for an agency. A pause by itself is recorded when it is first met.
func (s *Service) paused(ctx context.Context, actor tarozi.Actor, modelID string, l *Levers) error {
	p := l.Paused
	if p == nil {
		return nil
	}
	message := fmt.Sprintf("model %s is paused by decision of the oversight committee since %s: no score is given until the committee resumes it. Its reason: %s",
		modelID, p.Since.Format(time.DateOnly), p.Reason)
	if p.LeverID == "" {
		message = fmt.Sprintf("model %s has paused by itself since %s (%s): no score is given until the oversight committee resumes it", modelID, p.Since.Format(time.DateOnly), p.Mark)
		document, err := tarozi.Canonical(p)
		if err != nil {
			return fmt.Errorf("writing the pause: %w", err)
		}
		w, err := s.write(actor, actor.Scope(tarozi.Assess), "lever.paused_by_itself", modelID, document)
		if err != nil {
			return err
		}
		if err := s.Store.NotePause(ctx, w, modelID, p); err != nil {
			return err
		}
	}
	return &tarozi.Error{Code: tarozi.Conflict, Message: message, Fields: []tarozi.FieldError{{Pointer: "", Code: "model_paused", Message: message}}}
}

// unchanged refuses a score that was made under other levers than those now in force.
func (l *Levers) unchanged(now Levers) error {
	if (now.Paused == nil) != (l.Paused == nil) || (now.Acceptance == nil) != (l.Acceptance == nil) || !reflect.DeepEqual(now.Cuts, l.Cuts) || !slices.Equal(now.Remedies, l.Remedies) {
		return tarozi.Errorf(tarozi.Conflict, "the oversight committee decided about the model just now, so that no score was stored: ask for it again")
	}
	return nil
}

// warn adds what holds now about the model of an assessment; a pause concerns those whose review is open.
func (s *Service) warn(ctx context.Context, a *tarozi.Assessment) error {
	l, err := s.Store.Levers(ctx, a.AgencyID, a.Model.ID, a.Model.SHA256, s.Now())
	if err != nil {
		return err
	}
	list := a.Warnings[:len(a.Warnings):len(a.Warnings)]
	if l.Paused != nil && a.ReviewState.Open() {
		list = append(list, tarozi.Warning{Code: tarozi.WarnModelPaused})
	}
	for _, m := range l.Marks {
		list = append(list, tarozi.Warning{Code: markWarnings[m.Kind]})
	}
	a.Warnings = list
	return nil
}

var markWarnings = map[MarkKind]tarozi.WarningCode{
	MarkReviewOverdue: tarozi.WarnReviewOverdue, MarkDrift: tarozi.WarnModelDrift, MarkDisparity: tarozi.WarnModelDisparity,
	MarkChangeRequested: tarozi.WarnChangeRequested,
}

// Decisions are those of the actor's agency, and of those above it, about a model.
func (s *Service) Decisions(ctx context.Context, actor tarozi.Actor, modelID string) (*Decisions, error) {
	if err := actor.Allow(tarozi.ReadModels); err != nil {
		return nil, err
	}
	if _, err := s.KnownByID(ctx, actor, modelID); err != nil {
		return nil, err
	}
	return s.Store.Decisions(ctx, actor.AgencyID, modelID)
}
