package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Assign makes an officer responsible for people of the write's scope; an empty officer means nobody yet. The officer is an account
// of the people's own agency that may review.
func (db *DB) Assign(ctx context.Context, w scoring.Write, personIDs []string, officerID string) error {
	_, _, err := db.change(ctx, w, officerID, func(t *tx) error {
		for i, id := range personIDs {
			p, err := t.person(w.Scope, id)
			if err != nil {
				return placed(err, i)
			}
			if officerID != "" {
				if err := t.reviewerOf(p.AgencyID, officerID); err != nil {
					return err
				}
			}
			if err := t.settle(w, p, p.AgencyID, officerID); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// reviewerOf refuses an account that cannot be responsible for people of the agency.
func (t *tx) reviewerOf(agencyID, accountID string) error {
	var found int
	err := t.get(&found, `SELECT count(*) FROM accounts WHERE id = ? AND agency_id = ? AND role IN (?, ?) AND disabled_at IS NULL`,
		accountID, agencyID, string(tarozi.Officer), string(tarozi.Supervisor))
	if err == nil && found == 0 {
		err = tarozi.Errorf(tarozi.Conflict, "this account cannot be responsible here: choose an officer or supervisor of the person's agency")
	}
	return err
}

// settle ends the present row of responsibilities and begins the next; one that says the same goes on.
func (t *tx) settle(w scoring.Write, p *personRow, agencyID, officerID string) error {
	var now struct {
		Ordinal   int
		AgencyID  string         `db:"agency_id"`
		OfficerID sql.NullString `db:"officer_id"`
	}
	err := t.get(&now, `SELECT ordinal, agency_id, officer_id FROM responsibilities WHERE person_id = ? AND until_at IS NULL`, p.PersonID)
	if err != nil {
		return err
	}
	if now.AgencyID == agencyID && now.OfficerID.String == officerID {
		return nil
	}
	officer := sql.NullString{String: officerID, Valid: officerID != ""}
	if _, err := t.exec(`UPDATE responsibilities SET until_at = ? WHERE person_id = ? AND until_at IS NULL`, stamp(w.At), p.PersonID); err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO responsibilities (person_id, ordinal, agency_id, officer_id, from_at, account_id) VALUES (?, ?, ?, ?, ?, ?)`,
		p.PersonID, now.Ordinal+1, agencyID, officer, stamp(w.At), w.Actor.AccountID)
	if err != nil {
		return err
	}
	_, err = t.exec(`UPDATE people SET agency_id = ?, officer_id = ? WHERE person_id = ?`, agencyID, officer, p.PersonID)
	return err
}

// Transfer hands a person of the write's scope over to another agency, where nobody is responsible yet. The name goes with the person.
func (db *DB) Transfer(ctx context.Context, w scoring.Write, personID, agencyID string) error {
	_, _, err := db.change(ctx, w, "", func(t *tx) error {
		p, err := t.person(w.Scope, personID)
		if err != nil {
			return err
		}
		if p.AgencyID == agencyID {
			return tarozi.Errorf(tarozi.Conflict, "the person is with this agency already: choose another")
		}
		var found int
		if err := t.get(&found, `SELECT count(*) FROM agencies WHERE id = ?`, agencyID); err != nil {
			return err
		}
		if found == 0 {
			return tarozi.Errorf(tarozi.NotFound, "there is no such agency: choose one of the list")
		}
		if err := t.settle(w, p, agencyID, ""); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE identities SET agency_id = ? WHERE person_id = ?`, agencyID, personID); err != nil {
			return err
		}
		_, err = t.exec(`UPDATE assessments SET left_state = review_state, left_band = decided_band WHERE person_id = ? AND agency_id = ?`,
			personID, p.AgencyID)
		return err
	})
	return err
}

// Restrict makes a case one for the named accounts alone, or one for everybody again; the names take the place of earlier ones.
func (db *DB) Restrict(ctx context.Context, w scoring.Write, personID string, restricted bool, accountIDs []string) error {
	_, _, err := db.change(ctx, w, "", func(t *tx) error {
		p, err := t.person(w.Scope, personID)
		if err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM restricted_names WHERE person_id = ?`, personID); err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE people SET restricted = ? WHERE person_id = ?`, restricted, personID); err != nil {
			return err
		}
		for _, id := range accountIDs {
			_, err := t.exec(`INSERT INTO restricted_names (person_id, account_id, agency_id, named_by, named_at) VALUES (?, ?, ?, ?, ?)`,
				personID, id, p.AgencyID, w.Actor.AccountID, stamp(w.At))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// Look opens a restricted case to a named account. A case that is not restricted, or not the account's, is NotFound.
func (db *DB) Look(ctx context.Context, w scoring.Write, l scoring.Look) error {
	_, _, err := db.change(ctx, w, l.ID, func(t *tx) error {
		var agencyID string
		may := was(w.Scope, "p")
		err := t.get(&agencyID, `SELECT p.agency_id FROM people p WHERE p.person_id = ? AND p.restricted = 1 AND `+may.sql, may.after(l.PersonID)...)
		if errors.Is(err, sql.ErrNoRows) {
			return noPerson()
		}
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO restricted_looks (id, person_id, account_id, agency_id, reason, at, until_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			l.ID, l.PersonID, w.Actor.AccountID, agencyID, l.Reason, stamp(w.At), stamp(l.Until))
		return err
	})
	return err
}

// NoteRefusal records that the write's actor asked for a person, or an assessment of one, who exists and is not theirs to see. Where
// there is nobody it records nothing: nothing was kept from the actor.
func (db *DB) NoteRefusal(ctx context.Context, w scoring.Write, personID, assessmentID string) error {
	var found []string
	err := db.read(ctx, func(t *tx) error {
		return t.list(&found, `SELECT person_id FROM people WHERE person_id = ? UNION SELECT person_id FROM assessments WHERE id = ?`,
			personID, assessmentID)
	})
	if err != nil || len(found) == 0 {
		return err
	}
	return db.write(ctx, func(t *tx) error {
		for _, id := range found {
			t.about(id)
		}
		return t.record(w.Audit)
	})
}

// Custody is who is responsible for a person, and was.
func (db *DB) Custody(ctx context.Context, scope tarozi.Scope, personID string) (*scoring.Custody, error) {
	c := new(scoring.Custody)
	var rows []struct {
		AgencyID    string         `db:"agency_id"`
		AgencyName  string         `db:"agency_name"`
		OfficerID   sql.NullString `db:"officer_id"`
		OfficerName sql.NullString `db:"officer_name"`
		FromAt      string         `db:"from_at"`
		UntilAt     sql.NullString `db:"until_at"`
	}
	err := db.read(ctx, func(t *tx) error {
		p, err := t.person(scope, personID)
		if err != nil {
			return err
		}
		c.AgencyID = p.AgencyID
		if err := t.get(&c.Restricted, `SELECT restricted FROM people WHERE person_id = ?`, personID); err != nil {
			return err
		}
		if err := t.list(&c.Named, `SELECT account_id FROM restricted_names WHERE person_id = ? ORDER BY account_id`, personID); err != nil {
			return err
		}
		return t.list(&rows, `SELECT r.agency_id, g.name AS agency_name, r.officer_id, a.name AS officer_name, r.from_at, r.until_at
			FROM responsibilities r JOIN agencies g ON g.id = r.agency_id LEFT JOIN accounts a ON a.id = r.officer_id
			WHERE r.person_id = ? ORDER BY r.ordinal DESC`, personID)
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		r := scoring.Responsibility{AgencyID: row.AgencyID, AgencyName: row.AgencyName, OfficerID: row.OfficerID.String, OfficerName: row.OfficerName.String}
		if r.From, err = parseStamp(row.FromAt); err != nil {
			return nil, told(err)
		}
		if row.UntilAt.Valid {
			if r.Until, err = parseStamp(row.UntilAt.String); err != nil {
				return nil, told(err)
			}
		}
		c.History = append(c.History, r)
	}
	return c, nil
}
