package scoring

import (
	"context"
	"errors"
	"fmt"

	"github.com/tarozi/tarozi"
)

// Registry keeps what arrives beside histories: who people are, what happened to them later, and attributes for audit. It works
// like Store. A batch is stored whole or not at all; a dry run stores nothing and counts what would change.
type Registry interface {
	PutIdentities(ctx context.Context, w Write, batch []tarozi.Identity, dryRun bool) (Tally, error)
	PutOutcomes(ctx context.Context, w Write, batch []tarozi.Outcome, dryRun bool) (Tally, error)
	PutProtected(ctx context.Context, w Write, batch []tarozi.ProtectedAttributes, dryRun bool) (Tally, error)
	Keeper
}

// Tally counts what a batch did, or would do.
type Tally struct {
	New     int `json:"new"` // nothing was stored for it before
	Changed int `json:"changed"`
	Same    int `json:"same"` // stored already, word for word
}

// PutIdentities stores who people are.
func (s *Service) PutIdentities(ctx context.Context, actor tarozi.Actor, batch []tarozi.Identity, dryRun bool) (Tally, error) {
	return importBatch(ctx, s, actor, tarozi.WriteIdentities, "identities.imported", batch, (*tarozi.Identity).Validate, s.Registry.PutIdentities, nil, dryRun)
}

// PutOutcomes stores what happened to people later.
func (s *Service) PutOutcomes(ctx context.Context, actor tarozi.Actor, batch []tarozi.Outcome, dryRun bool) (Tally, error) {
	return importBatch(ctx, s, actor, tarozi.WriteOutcomes, "outcomes.imported", batch, s.lived, s.Registry.PutOutcomes, nil, dryRun)
}

// AddOutcomes is PutOutcomes under an idempotency key, which may be nil.
func (s *Service) AddOutcomes(ctx context.Context, actor tarozi.Actor, batch []tarozi.Outcome, key *Idempotency) (Tally, error) {
	return importBatch(ctx, s, actor, tarozi.WriteOutcomes, "outcomes.imported", batch, s.lived, s.Registry.PutOutcomes, key, false)
}

// lived checks an outcome: nobody was followed beyond today.
func (s *Service) lived(o *tarozi.Outcome) error {
	if err := o.Validate(); err != nil {
		return err
	}
	if today := tarozi.DateOf(s.Now().In(s.Zone)); o.FollowedUntil.After(today) {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the outcome has a fault: mend the field named and send it again",
			Fields: []tarozi.FieldError{{Pointer: "/followed_until", Code: "in_future",
				Message: fmt.Sprintf("nobody was followed until %s yet: give today (%s) or an earlier day", o.FollowedUntil, today)}}}
	}
	return nil
}

// PutProtected stores attributes for audit. Nothing in this package reads them.
func (s *Service) PutProtected(ctx context.Context, actor tarozi.Actor, batch []tarozi.ProtectedAttributes, dryRun bool) (Tally, error) {
	return importBatch(ctx, s, actor, tarozi.WriteProtected, "protected.imported", batch, (*tarozi.ProtectedAttributes).Validate, s.Registry.PutProtected, nil, dryRun)
}

func importBatch[T any](ctx context.Context, s *Service, actor tarozi.Actor, action tarozi.Action, entry string, batch []T,
	validate func(*T) error, put func(context.Context, Write, []T, bool) (Tally, error), key *Idempotency, dryRun bool) (Tally, error) {
	if err := actor.Allow(action); err != nil {
		return Tally{}, err
	}
	for i := range batch {
		if err := validate(&batch[i]); err != nil {
			return Tally{}, under(fmt.Sprintf("/%d", i), err)
		}
	}
	document, err := tarozi.Canonical(batch)
	if err != nil {
		return Tally{}, fmt.Errorf("writing the batch: %w", err)
	}
	w, err := s.write(actor, actor.Scope(action), entry, "", document)
	if err != nil {
		return Tally{}, err
	}
	w.Idempotency = key
	tally, err := put(ctx, w, batch, dryRun)
	return tally, s.noted(ctx, actor, refusedOf(batch, err), "", err)
}

// refusedOf is the id of the person whom an error of a batch names by the place; empty where it names none.
func refusedOf[T any](batch []T, err error) string {
	var known *tarozi.Error
	if !errors.As(err, &known) || len(known.Fields) == 0 {
		return ""
	}
	at := 0
	if _, err := fmt.Sscanf(known.Fields[0].Pointer, "/%d/person_id", &at); err != nil || at >= len(batch) {
		return ""
	}
	switch record := any(batch[at]).(type) {
	case tarozi.Identity:
		return record.PersonID
	case tarozi.Outcome:
		return record.PersonID
	case tarozi.ProtectedAttributes:
		return record.PersonID
	default:
		return ""
	}
}
