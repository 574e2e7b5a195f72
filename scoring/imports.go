package scoring

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

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
	// Refused and Rows are of a dry run alone: a batch that is stored is stored whole, or refused whole.
	Refused int         `json:"refused,omitzero"`
	Rows    []RowEffect `json:"rows,omitzero"`
}

// Effect is what storing one record of a batch would do.
type Effect string

// The effects.
const (
	EffectNew       Effect = "new"
	EffectCorrected Effect = "corrected"
	EffectSame      Effect = "same"
	EffectRefused   Effect = "refused"
)

// RowEffect is the effect of one record. What is stored is not told: who brings attributes may not read them.
type RowEffect struct {
	Row     int                 `json:"row"` // place in the batch, from 0
	Effect  Effect              `json:"effect"`
	Changes []string            `json:"changes,omitzero"` // fields that would be another, of a corrected record
	Errors  []tarozi.FieldError `json:"errors,omitzero"`  // of a refused one, with pointers into the record
}

// Add counts one record, and keeps it where rows are kept.
func (t *Tally) Add(e RowEffect, keep bool) {
	switch e.Effect {
	case EffectNew:
		t.New++
	case EffectCorrected:
		t.Changed++
	case EffectSame:
		t.Same++
	case EffectRefused:
		t.Refused++
	}
	if keep {
		t.Rows = append(t.Rows, e)
	}
}

// PutIdentities stores who people are.
func (s *Service) PutIdentities(ctx context.Context, actor tarozi.Actor, batch []tarozi.Identity, dryRun bool) (Tally, error) {
	k := kind[tarozi.Identity]{tarozi.WriteIdentities, "identities.imported", (*tarozi.Identity).Validate, func(i *tarozi.Identity) string { return i.PersonID }, s.Registry.PutIdentities}
	return importBatch(ctx, s, actor, &k, batch, nil, dryRun)
}

// PutOutcomes stores what happened to people later.
func (s *Service) PutOutcomes(ctx context.Context, actor tarozi.Actor, batch []tarozi.Outcome, dryRun bool) (Tally, error) {
	return s.AddOutcomes(ctx, actor, batch, nil, dryRun)
}

// AddOutcomes is PutOutcomes under an idempotency key, which may be nil.
func (s *Service) AddOutcomes(ctx context.Context, actor tarozi.Actor, batch []tarozi.Outcome, key *Idempotency, dryRun bool) (Tally, error) {
	about := func(o *tarozi.Outcome) string {
		return fmt.Sprintf("%s\x00%s\x00%s", o.PersonID, o.Kind, o.FollowedFrom)
	}
	k := kind[tarozi.Outcome]{tarozi.WriteOutcomes, "outcomes.imported", s.lived, about, s.Registry.PutOutcomes}
	return importBatch(ctx, s, actor, &k, batch, key, dryRun)
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
	return s.AddProtected(ctx, actor, batch, nil, dryRun)
}

// AddProtected is PutProtected under an idempotency key, which may be nil.
func (s *Service) AddProtected(ctx context.Context, actor tarozi.Actor, batch []tarozi.ProtectedAttributes, key *Idempotency, dryRun bool) (Tally, error) {
	about := func(p *tarozi.ProtectedAttributes) string { return p.PersonID }
	k := kind[tarozi.ProtectedAttributes]{tarozi.WriteProtected, "protected.imported", (*tarozi.ProtectedAttributes).Validate, about, s.Registry.PutProtected}
	return importBatch(ctx, s, actor, &k, batch, key, dryRun)
}

// kind is how records of one kind are imported.
type kind[T any] struct {
	action   tarozi.Action
	entry    string
	validate func(*T) error
	about    func(*T) string // two records about the same say the same, or nobody can tell which is right
	put      func(context.Context, Write, []T, bool) (Tally, error)
}

func importBatch[T any](ctx context.Context, s *Service, actor tarozi.Actor, k *kind[T], batch []T, key *Idempotency, dryRun bool) (Tally, error) {
	if err := actor.Allow(k.action); err != nil {
		return Tally{}, err
	}
	refused, err := k.refused(batch)
	if err != nil {
		return Tally{}, err
	}
	var places []int // in batch, of those that are sound
	sound := batch
	if len(refused) > 0 {
		if !dryRun {
			return Tally{}, refusal(refused)
		}
		sound = nil
		for i := range batch {
			if refused[i] == nil {
				places, sound = append(places, i), append(sound, batch[i])
			}
		}
	}
	w, err := s.writeOf(actor, k.action, k.entry, "", sound, key)
	if err != nil {
		return Tally{}, err
	}
	tally, err := k.put(ctx, w, sound, dryRun)
	if err = s.noted(ctx, actor, refusedOf(sound, err), "", err); err != nil || !dryRun {
		return tally, err
	}
	for i := range tally.Rows {
		if places != nil {
			tally.Rows[i].Row = places[tally.Rows[i].Row]
		}
	}
	for i, errors := range refused {
		tally.Add(RowEffect{Row: i, Effect: EffectRefused, Errors: errors}, true)
	}
	slices.SortFunc(tally.Rows, func(a, b RowEffect) int { return a.Row - b.Row })
	return tally, nil
}

// refused are the faults of the records that cannot be stored, by their places in the batch.
func (k *kind[T]) refused(batch []T) (map[int][]tarozi.FieldError, error) {
	faults := map[int][]tarozi.FieldError{}
	first := map[string]int{}
	for i := range batch {
		var known *tarozi.Error
		if err := k.validate(&batch[i]); errors.As(err, &known) && known.Code == tarozi.Malformed {
			faults[i] = known.Fields
			continue
		} else if err != nil {
			return nil, err
		}
		about := k.about(&batch[i])
		other, again := first[about]
		if !again {
			first[about] = i
		} else if !reflect.DeepEqual(batch[i], batch[other]) {
			for _, at := range []int{other, i} {
				faults[at] = []tarozi.FieldError{{Pointer: "/person_id", Code: "contradiction",
					Message: "another record of this batch says something else about the same: keep the one that is right"}}
			}
		}
	}
	return faults, nil
}

// maxFaults bounds how many records an error names.
const maxFaults = 100

// refusal is the error of a batch with faults.
func refusal(refused map[int][]tarozi.FieldError) error {
	e := &tarozi.Error{Code: tarozi.Malformed, Message: fmt.Sprintf("%d records have faults, and nothing was stored: mend the fields named and send them again", len(refused))}
	for _, i := range slices.Sorted(maps.Keys(refused)) {
		if len(e.Fields) >= maxFaults {
			break
		}
		for _, f := range refused[i] {
			f.Pointer = fmt.Sprintf("/%d", i) + f.Pointer
			e.Fields = append(e.Fields, f)
		}
	}
	return e
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
