package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// errDryRun takes back what a dry run did.
var errDryRun = errors.New("dry run")

// importBatch stores a batch in one transaction, or none of it; a dry run stores nothing and tells each record's effect. put stores
// one record of the batch and says whether it was there and which of its fields differ. A person nobody knows yet is created as the
// actor's agency's; one outside of the scope is NotFound, with the place in the batch, and refused in a dry run.
func importBatch[T any](ctx context.Context, db *DB, w scoring.Write, batch []T, dryRun bool, person func(*T) string,
	put func(*tx, *personRow, *T) (was bool, differs []string, err error)) (scoring.Tally, error) {

	var tally scoring.Tally
	_, done, err := db.change(ctx, w, "", func(t *tx) error {
		tally = scoring.Tally{}
		for i := range batch {
			who, err := t.claim(w, w.Actor.AgencyID, person(&batch[i]))
			row := scoring.RowEffect{Row: i, Effect: scoring.EffectSame}
			if dryRun && tarozi.CodeOf(err) == tarozi.NotFound {
				row.Effect, row.Errors = scoring.EffectRefused, []tarozi.FieldError{{Pointer: "/person_id", Code: "not_found", Message: err.Error()}}
				tally.Add(row, true)
				continue
			}
			if err != nil {
				return placed(err, i)
			}
			was, differs, err := put(t, who, &batch[i])
			switch {
			case err != nil:
				return err
			case !was:
				row.Effect = scoring.EffectNew
			case len(differs) > 0:
				row.Effect, row.Changes = scoring.EffectCorrected, differs
			}
			tally.Add(row, dryRun)
		}
		if dryRun {
			return errDryRun
		}
		return nil
	})
	switch {
	case dryRun && errors.Is(err, errDryRun):
		return tally, nil
	case err != nil:
		return scoring.Tally{}, err
	case !done: // repeated under its idempotency key
		return scoring.Tally{Same: len(batch)}, nil
	default:
		return tally, nil
	}
}

// placed says which record of a batch names a person that cannot be found.
func placed(err error, i int) error {
	var known *tarozi.Error
	if !errors.As(err, &known) {
		return err
	}
	located := *known
	located.Fields = []tarozi.FieldError{{Pointer: "/" + strconv.Itoa(i) + "/person_id", Code: "not_found", Message: known.Message}}
	return &located
}

// PutIdentities stores who people are, in place of what was stored.
func (db *DB) PutIdentities(ctx context.Context, w scoring.Write, batch []tarozi.Identity, dryRun bool) (scoring.Tally, error) {
	return importBatch(ctx, db, w, batch, dryRun, func(i *tarozi.Identity) string { return i.PersonID },
		func(t *tx, who *personRow, i *tarozi.Identity) (was bool, differs []string, err error) {
			stored, err := t.identity(i.PersonID)
			if err != nil {
				return false, nil, err
			}
			if stored != nil {
				if differs = changed(stored.Name != i.Name, "name", stored.Contact != i.Contact, "contact"); differs == nil {
					return true, nil, nil
				}
			}
			return stored != nil, differs, t.putSealed(w, who.AgencyID, "identities", placeIdentity, i.PersonID, i)
		})
}

// identity reads who a person is, nil where that is not stored; that the person is in the scope is made sure before.
func (t *tx) identity(personID string) (*tarozi.Identity, error) {
	stored := new(tarozi.Identity)
	found, err := t.readSealed("identities", placeIdentity, personID, stored)
	if !found || err != nil {
		return nil, err
	}
	return stored, nil
}

// Identity is who a person of the scope is, or was in it once, nil where that is not stored; a person who is absent is NotFound.
func (db *DB) Identity(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.Identity, error) {
	var identity *tarozi.Identity
	err := db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		var err error
		identity, err = t.identity(personID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return identity, nil
}

// PutProtected stores attributes for audit. Attributes that are not given stay as they are. Nothing here reads them back.
func (db *DB) PutProtected(ctx context.Context, w scoring.Write, batch []tarozi.ProtectedAttributes, dryRun bool) (scoring.Tally, error) {
	return importBatch(ctx, db, w, batch, dryRun, func(p *tarozi.ProtectedAttributes) string { return p.PersonID },
		func(t *tx, who *personRow, p *tarozi.ProtectedAttributes) (was bool, differs []string, err error) {
			stored, err := t.protected(p.PersonID)
			if err != nil {
				return false, nil, err
			}
			whole := tarozi.ProtectedAttributes{PersonID: p.PersonID, Attributes: maps.Clone(stored)}
			if whole.Attributes == nil {
				whole.Attributes = map[string]string{}
			}
			for name, value := range p.Attributes {
				if before, known := stored[name]; !known || before != value {
					differs = append(differs, name)
				}
				whole.Attributes[name] = value
			}
			slices.Sort(differs)
			if differs != nil {
				err = t.putSealed(w, who.AgencyID, "protected_attributes", placeProtected, p.PersonID, &whole)
			}
			return len(stored) > 0, differs, err
		})
}

// protected reads a person's attributes, for the comparison with what comes in and for the audit of decisions alone.
func (t *tx) protected(personID string) (map[string]string, error) {
	var stored tarozi.ProtectedAttributes
	_, err := t.readSealed("protected_attributes", placeProtected, personID, &stored)
	return stored.Attributes, err
}

// putSealed seals a value with the person's key into one of the tables of sealed values, in place of what was there.
func (t *tx) putSealed(w scoring.Write, agencyID, table, place, personID string, value any) error {
	key, err := t.keyFor(agencyID, personID, w.At)
	if err != nil {
		return err
	}
	sealed, err := sealedJSON(key, place, value)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO `+table+` (person_id, agency_id, sealed, updated_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id) DO UPDATE SET agency_id = excluded.agency_id, sealed = excluded.sealed, updated_at = excluded.updated_at`,
		personID, agencyID, sealed, stamp(w.At))
	return err
}

// PutOutcomes stores what happened to people. An outcome is the same one when person, kind and first day are; its later
// statement takes the place of the earlier.
func (db *DB) PutOutcomes(ctx context.Context, w scoring.Write, batch []tarozi.Outcome, dryRun bool) (scoring.Tally, error) {
	return importBatch(ctx, db, w, batch, dryRun, func(o *tarozi.Outcome) string { return o.PersonID },
		func(t *tx, who *personRow, o *tarozi.Outcome) (was bool, differs []string, err error) {
			received := o.ReceivedAt
			if received.IsZero() {
				received = w.At
			}
			said := *o
			said.ReceivedAt = time.Time{} // when it was said again does not make it another
			document, err := marshal(&said)
			if err != nil {
				return false, nil, err
			}
			var stored []byte
			err = t.get(&stored, `SELECT document FROM outcomes WHERE person_id = ? AND kind = ? AND followed_from = ?`,
				o.PersonID, string(o.Kind), o.FollowedFrom.String())
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return false, nil, err
			}
			if was = err == nil; was {
				if bytes.Equal(stored, document) {
					return true, nil, nil
				}
				if differs, err = corrected(stored, &said); err != nil {
					return false, nil, err
				}
			}
			_, err = t.exec(`INSERT INTO outcomes (person_id, kind, followed_from, agency_id, document, received_at) VALUES (?, ?, ?, ?, ?, ?)
				ON CONFLICT (person_id, kind, followed_from) DO UPDATE SET agency_id = excluded.agency_id, document = excluded.document,
					received_at = excluded.received_at`,
				o.PersonID, string(o.Kind), o.FollowedFrom.String(), who.AgencyID, document, stamp(received))
			return was, differs, err
		})
}

// corrected names the fields in which an outcome is another than the stored one.
func corrected(stored []byte, said *tarozi.Outcome) ([]string, error) {
	var was tarozi.Outcome
	if err := unmarshal(stored, &was); err != nil {
		return nil, err
	}
	return changed(was.Observed != said.Observed, "observed", was.ObservedOn != said.ObservedOn, "observed_on",
		was.FollowedUntil != said.FollowedUntil, "followed_until", was.Source != said.Source, "source",
		was.SourceID != said.SourceID, "source_id", was.Note != said.Note, "note"), nil
}

// changed lists the names that follow a true one; nil for none.
func changed(pairs ...any) (names []string) {
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i].(bool) {
			names = append(names, pairs[i+1].(string))
		}
	}
	return names
}

// Counts says how much is stored, over all agencies.
type Counts struct {
	Agencies, Accounts, People, Histories, Events, Assessments, Reviews int
	Identities, Protected, Outcomes                                     int // Protected and Identities count people
	AuditQueue                                                          int
}

// Counts counts what is stored.
func (db *DB) Counts(ctx context.Context) (Counts, error) {
	var c Counts
	err := db.read(ctx, func(t *tx) error {
		return t.get(&c, `SELECT
			(SELECT count(*) FROM agencies) AS agencies,
			(SELECT count(*) FROM accounts) AS accounts,
			(SELECT count(*) FROM people) AS people,
			(SELECT count(*) FROM people WHERE history_version > 0) AS histories,
			(SELECT coalesce(sum(event_count), 0) FROM people) AS events,
			(SELECT count(*) FROM assessments) AS assessments,
			(SELECT count(*) FROM review_steps WHERE kind = 'decision') AS reviews,
			(SELECT count(*) FROM identities) AS identities,
			(SELECT count(*) FROM protected_attributes) AS protected,
			(SELECT count(*) FROM outcomes) AS outcomes,
			(SELECT count(*) FROM audit_queue) AS auditqueue`)
	})
	return c, err
}
