package store

import (
	"context"
	"database/sql"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// AddDispute stores what next makes of the person's present history and disputes: the dispute, new or decided, the history with it,
// a line of the changes for each assessment that rests on the record, and the audit entry. next may be called more than once. id is
// what an idempotency key is tied to; the dispute that was stored under it is given back.
func (db *DB) AddDispute(ctx context.Context, w scoring.Write, personID, id string,
	next func(*tarozi.CaseHistory, []scoring.StoredDispute) (*scoring.DisputeStep, error)) (*scoring.StoredDispute, error) {
	var made *scoring.StoredDispute
	first, done, err := db.changeAs(ctx, w, id, func(t *tx) (scoring.AuditEntry, error) {
		p, err := t.person(w.Scope, personID)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		h, err := t.presentHistory(p)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		known, err := t.disputes(personID, all)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		step, err := next(h, known)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		made, step.Audit.AgencyID = &step.Dispute, p.AgencyID
		return step.Audit, t.addDispute(w, p, step)
	})
	if err != nil {
		return nil, err
	}
	if done {
		return made, nil
	}
	err = db.read(ctx, func(t *tx) error { // repeated under its idempotency key
		list, err := t.disputes(personID, present(w.Scope, "p"))
		for i := range list {
			if d := &list[i]; d.ID == first || d.Decision != nil && d.Decision.ID == first {
				made = d
			}
		}
		return err
	})
	if err == nil && made == nil {
		err = noPerson()
	}
	return made, err
}

func (t *tx) addDispute(w scoring.Write, p *personRow, step *scoring.DisputeStep) error {
	d := &step.Dispute
	document, err := tarozi.Canonical(d.Dispute)
	if err != nil {
		return err
	}
	versions, err := marshal(d.Versions)
	if err != nil {
		return err
	}
	decided := sql.NullString{}
	if d.Decision != nil {
		decided = sql.NullString{String: stamp(d.Decision.CreatedAt), Valid: true}
	}
	_, err = t.exec(`INSERT INTO disputes (id, agency_id, person_id, account_id, created_at, decided_at, document, versions) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET decided_at = excluded.decided_at, document = excluded.document, versions = excluded.versions`,
		d.ID, p.AgencyID, p.PersonID, d.RecordedBy, stamp(d.CreatedAt), decided, document, versions)
	if err != nil {
		return err
	}
	kept := *step.History
	kept.AgencyID = p.AgencyID
	history, err := prepare(&kept)
	if err != nil {
		return err
	}
	if err := t.putHistory(w, history); err != nil {
		return err
	}
	for _, id := range step.Affected {
		if err := t.happened(w, p, id, step.What); err != nil {
			return err
		}
	}
	return nil
}

// presentHistory is the whole history of a person as it stands.
func (t *tx) presentHistory(p *personRow) (*tarozi.CaseHistory, error) {
	if p.HistoryVersion == 0 {
		return nil, tarozi.Errorf(tarozi.NotFound, "there is no history of this person yet")
	}
	var head []byte
	if err := t.get(&head, `SELECT head FROM histories WHERE person_id = ? AND version = ?`, p.PersonID, p.HistoryVersion); err != nil {
		return nil, err
	}
	var events [][]byte
	err := t.list(&events, `SELECT document FROM events WHERE person_id = ? AND version = ? ORDER BY ordinal`, p.PersonID, p.HistoryVersion)
	if err != nil {
		return nil, err
	}
	return joined(head, events)
}

// disputes reads a person's disputes, those that the clause lets through, in the order in which they were recorded.
func (t *tx) disputes(personID string, may clause) ([]scoring.StoredDispute, error) {
	var rows []struct{ Document, Versions []byte }
	err := t.list(&rows, `SELECT d.document, d.versions FROM disputes d JOIN people p ON p.person_id = d.person_id
		WHERE d.person_id = ? AND (`+may.sql+`) ORDER BY d.created_at, d.id`, may.after(personID)...)
	if err != nil {
		return nil, err
	}
	list := make([]scoring.StoredDispute, len(rows))
	for i, row := range rows {
		if err := unmarshal(row.Document, &list[i].Dispute); err != nil {
			return nil, err
		}
		if err := unmarshal(row.Versions, &list[i].Versions); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Disputes lists what is and was disputed about a person of the scope, in the order in which it was recorded. Of a person whom nobody
// knows it is empty.
func (db *DB) Disputes(ctx context.Context, scope tarozi.Scope, personID string) (list []scoring.StoredDispute, err error) {
	err = db.read(ctx, func(t *tx) error {
		list, err = t.disputes(personID, readable(scope, "d", "p"))
		return err
	})
	return list, err
}
