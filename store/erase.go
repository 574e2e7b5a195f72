package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

const placeHold = "legal hold"

// Erase destroys everything of a person, or some kinds of it, in one transaction: the rows, the person's key, the salts of every hash
// of them in the log, and the hashes of requests that carried them. The hashes in the log stay, and the entry of the erasure says
// which rows they were of. A person who is not there is NotFound; one under a legal hold is a Conflict.
func (db *DB) Erase(ctx context.Context, w scoring.Write, personID string, kinds []scoring.Kind) error {
	_, _, err := db.change(ctx, w, "", func(t *tx) error {
		if _, err := t.known(w.Scope, personID); err != nil {
			return err
		}
		var holds int
		if err := t.get(&holds, `SELECT count(*) FROM legal_holds WHERE person_id = ? AND lifted_at IS NULL`, personID); err != nil {
			return err
		}
		if holds > 0 {
			return tarozi.Errorf(tarozi.Conflict, "a legal hold is on this person: nothing is erased until it is lifted")
		}
		// What refers to what is deleted goes in the same transaction, in whatever order.
		if _, err := t.exec(`PRAGMA defer_foreign_keys = 1`); err != nil {
			return err
		}
		if slices.Contains(kinds, scoring.Everything) {
			return t.eraseEverything(personID)
		}
		for _, kind := range kinds {
			if err := t.eraseKind(personID, kind); err != nil {
				return err
			}
		}
		return t.forgetRows()
	})
	if err != nil {
		return err
	}
	db.names.forget(personID)
	db.seal.Forget()
	return db.emptyWAL(ctx)
}

// ofAssessments are the rows that know a person by an assessment alone.
const ofAssessments = `assessment_id IN (SELECT id FROM assessments WHERE person_id = ?)`

func (t *tx) eraseEverything(personID string) error {
	if err := t.forgetRequests(personID); err != nil {
		return err
	}
	tables := slices.Sorted(maps.Keys(t.watch.tables))
	for _, name := range tables {
		if columns := t.watch.tables[name].columns; !slices.Contains(columns, "person_id") && slices.Contains(columns, "assessment_id") {
			if _, err := t.exec(`DELETE FROM `+name+` WHERE `+ofAssessments, personID); err != nil {
				return err
			}
		}
	}
	for _, name := range tables {
		if slices.Contains(t.watch.tables[name].columns, "person_id") {
			if _, err := t.exec(`DELETE FROM `+name+` WHERE person_id = ?`, personID); err != nil {
				return err
			}
		}
	}
	return t.forgetRows()
}

// forgetRequests takes away what would repeat the answers to requests about the person: their hashes are not salted. Those of batches
// name nobody, and go as well: a batch that is sent again changes nothing.
func (t *tx) forgetRequests(personID string) error {
	_, err := t.exec(`DELETE FROM idempotency WHERE result_id IN ('', ?) OR result_id IN (SELECT id FROM assessments WHERE person_id = ?)
		OR result_id IN (SELECT s.id FROM review_steps s JOIN assessments a ON a.id = s.assessment_id WHERE a.person_id = ?)`,
		personID, personID, personID)
	return err
}

func (t *tx) eraseKind(personID string, kind scoring.Kind) error {
	switch kind {
	case scoring.KindIdentity:
		_, err := t.exec(`DELETE FROM identities WHERE person_id = ?`, personID)
		return err
	case scoring.KindProtected:
		_, err := t.exec(`DELETE FROM protected_attributes WHERE person_id = ?`, personID)
		return err
	case scoring.KindOutcomes:
		_, err := t.exec(`DELETE FROM outcomes WHERE person_id = ?`, personID)
		return err
	case scoring.KindAssessments:
		if err := t.forgetRequests(personID); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(t.watch.tables)) {
			if slices.Contains(t.watch.tables[name].columns, "assessment_id") {
				if _, err := t.exec(`DELETE FROM `+name+` WHERE `+ofAssessments, personID); err != nil {
					return err
				}
			}
		}
		if _, err := t.exec(`DELETE FROM assessments WHERE person_id = ?`, personID); err != nil {
			return err
		}
		_, err := t.exec(`UPDATE people SET latest_assessment_id = NULL, latest_assessed_at = NULL, new_events = event_count WHERE person_id = ?`, personID)
		return err
	default:
		return fmt.Errorf("a kind of records %q that nobody knows", kind)
	}
}

// emptyWAL moves the write-ahead log into the file and empties it: until then deleted text lives on in it. Readers under way keep it
// from that for a moment.
func (db *DB) emptyWAL(ctx context.Context) error {
	for try := 0; ; try++ {
		var busy, frames, moved int
		if err := db.writes.db.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
			return told(err)
		}
		switch {
		case busy == 0:
			return nil
		case try == 20:
			return tarozi.Errorf(tarozi.Unavailable, "what was erased still stands in the write-ahead log, which others hold open: stop the service "+
				"or run the command again")
		}
		select {
		case <-ctx.Done():
			return told(ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Hold puts a legal hold on a person.
func (db *DB) Hold(ctx context.Context, w scoring.Write, personID string, h *scoring.Hold) error {
	_, _, err := db.change(ctx, w, h.ID, func(t *tx) error {
		p, err := t.known(w.Scope, personID)
		if err != nil {
			return err
		}
		key, err := t.keyFor(p.AgencyID, personID, w.At)
		if err != nil {
			return err
		}
		sealed, err := sealedJSON(key, placeHold, h)
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO legal_holds (id, agency_id, person_id, set_at, sealed) VALUES (?, ?, ?, ?, ?)`,
			h.ID, p.AgencyID, personID, stamp(w.At), sealed)
		return err
	})
	return err
}

// LiftHolds ends every legal hold on a person and says how many there were.
func (db *DB) LiftHolds(ctx context.Context, w scoring.Write, personID string) (lifted int, err error) {
	_, _, err = db.change(ctx, w, "", func(t *tx) error {
		if _, err := t.known(w.Scope, personID); err != nil {
			return err
		}
		t.about(personID)
		n, err := t.exec(`UPDATE legal_holds SET lifted_at = ? WHERE person_id = ? AND lifted_at IS NULL`, stamp(w.At), personID)
		lifted = int(n)
		return err
	})
	return lifted, err
}

// BeginRetention stores that a run of the rules begins, by whom the write says.
func (db *DB) BeginRetention(ctx context.Context, w scoring.Write, id string, document []byte) error {
	_, _, err := db.change(ctx, w, id, func(t *tx) error {
		_, err := t.exec(`INSERT INTO retention_runs (id, agency_id, begun_at, document) VALUES (?, ?, ?, ?)`, id, w.Actor.AgencyID, stamp(w.At), document)
		return err
	})
	return err
}

// Lifecycles lists people of the scope by their ids after the cursor, with what decides about their retention.
func (db *DB) Lifecycles(ctx context.Context, scope tarozi.Scope, after string, limit int) ([]scoring.Lifecycle, error) {
	var rows []struct {
		PersonID                                        string `db:"person_id"`
		AgencyID                                        string `db:"agency_id"`
		Head                                            []byte
		Holds, Identity, Protected, Outcome, Assessment int
		Closed                                          bool
	}
	c := present(scope, "p")
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT p.person_id, p.agency_id, h.head,
			(SELECT count(*) FROM legal_holds l WHERE l.person_id = p.person_id AND l.lifted_at IS NULL) AS holds,
			p.restricted = 1 AND NOT EXISTS (SELECT 1 FROM restricted_names n WHERE n.person_id = p.person_id AND n.account_id = ?) AS closed,
			EXISTS (SELECT 1 FROM identities x WHERE x.person_id = p.person_id) AS identity,
			EXISTS (SELECT 1 FROM protected_attributes x WHERE x.person_id = p.person_id) AS protected,
			EXISTS (SELECT 1 FROM outcomes x WHERE x.person_id = p.person_id) AS outcome,
			EXISTS (SELECT 1 FROM assessments x WHERE x.person_id = p.person_id) AS assessment
			FROM people p LEFT JOIN histories h ON h.person_id = p.person_id AND h.version = p.history_version
			WHERE p.person_id > ? AND (`+c.sql+`) ORDER BY p.person_id LIMIT ?`, append(c.after(scope.AccountID, after), bounded(limit))...)
	})
	if err != nil {
		return nil, err
	}
	list := make([]scoring.Lifecycle, len(rows))
	for i, row := range rows {
		l := &list[i]
		l.PersonID, l.AgencyID, l.Held, l.Closed = row.PersonID, row.AgencyID, row.Holds > 0, row.Closed
		if row.Head != nil {
			l.History = new(tarozi.CaseHistory)
			if err := unmarshal(row.Head, l.History); err != nil {
				return nil, told(err)
			}
		}
		for kind, there := range map[scoring.Kind]int{scoring.KindIdentity: row.Identity, scoring.KindProtected: row.Protected,
			scoring.KindOutcomes: row.Outcome, scoring.KindAssessments: row.Assessment} {
			if there > 0 {
				l.Stored = append(l.Stored, kind)
			}
		}
		slices.Sort(l.Stored)
	}
	return list, nil
}

// Looked stores that somebody is about to look at a person: it is on disk before the first byte is shown. A person outside of the
// scope is NotFound, and nothing is stored.
func (db *DB) Looked(ctx context.Context, w scoring.Write, personID string) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.known(w.Scope, personID); err != nil {
			return err
		}
		t.about(personID)
		return t.record(w.Audit)
	})
}

// Lookers lists the entries about a person, oldest first, for the person's own file.
func (db *DB) Lookers(ctx context.Context, scope tarozi.Scope, personID string) ([]scoring.Trace, error) {
	var rows []struct {
		Entry              []byte
		Name, Role, Agency string
	}
	err := db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		return t.list(&rows, `SELECT l.entry, coalesce(a.name, '') AS name, coalesce(a.role, '') AS role, coalesce(g.name, '') AS agency
			FROM entry_people e JOIN (SELECT id, entry, place FROM audit_log UNION ALL SELECT id, entry, 1000000000000 + seq FROM audit_queue) l ON l.id = e.entry_id
			LEFT JOIN accounts a ON a.id = json_extract(CAST(l.entry AS TEXT), '$.account_id')
			LEFT JOIN agencies g ON g.id = json_extract(CAST(l.entry AS TEXT), '$.agency_id')
			WHERE e.person_id = ? ORDER BY l.place`, personID)
	})
	if err != nil {
		return nil, err
	}
	traces := make([]scoring.Trace, len(rows))
	for i, row := range rows {
		var entry scoring.AuditEntry
		if err := unmarshal(row.Entry, &entry); err != nil {
			return nil, told(err)
		}
		at, err := time.Parse(time.RFC3339Nano, entry.At)
		if err != nil {
			return nil, told(errors.New("an entry whose time cannot be read"))
		}
		traces[i] = scoring.Trace{At: at, Action: entry.Action, SubjectID: entry.SubjectID, AccountID: entry.AccountID, Name: row.Name, Role: tarozi.Role(row.Role), Agency: row.Agency}
	}
	return traces, nil
}

// OutcomesOf lists what is stored of what happened to a person later.
func (db *DB) OutcomesOf(ctx context.Context, scope tarozi.Scope, personID string) (outcomes []tarozi.Outcome, err error) {
	var rows [][]byte
	err = db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		return t.list(&rows, `SELECT document FROM outcomes WHERE person_id = ? ORDER BY kind, followed_from`, personID)
	})
	if err != nil {
		return nil, err
	}
	outcomes = make([]tarozi.Outcome, len(rows))
	for i, row := range rows {
		if err := unmarshal(row, &outcomes[i]); err != nil {
			return nil, told(err)
		}
	}
	return outcomes, nil
}

// ProtectedKept are the names of a person's protected attributes, without their values.
func (db *DB) ProtectedKept(ctx context.Context, scope tarozi.Scope, personID string) (kept []string, err error) {
	err = db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		stored, err := t.protected(personID)
		kept = slices.Sorted(maps.Keys(stored))
		return err
	})
	return kept, err
}
