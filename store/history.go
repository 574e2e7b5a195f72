package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"strconv"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// PutHistory makes h the person's present history, creating the person. Identical resends of an event within it are stored once.
// A history that only has more events at its end than the present one continues it; any other is a new version.
func (db *DB) PutHistory(ctx context.Context, w scoring.Write, h *tarozi.CaseHistory) error {
	p, err := prepare(h)
	if err != nil {
		return told(err)
	}
	_, _, err = db.change(ctx, w, h.PersonID, func(t *tx) error { return t.putHistory(w, p) })
	return err
}

// AddEvents appends events to the present history of a person who has one; otherwise it is NotFound. Events that are all there
// already change nothing, and make no audit entry.
func (db *DB) AddEvents(ctx context.Context, w scoring.Write, personID string, events []tarozi.Event) error {
	rows, err := eventRows(events)
	if err != nil {
		return told(err)
	}
	return db.write(ctx, func(t *tx) error {
		if _, again, err := t.once(w, personID); again || err != nil {
			return err
		}
		p, err := t.person(w.Scope, personID)
		if err != nil {
			return err
		}
		if p.HistoryVersion == 0 {
			return tarozi.Errorf(tarozi.NotFound, "there is no history of this person yet: send the whole history first")
		}
		fresh, err := t.unknown(p, rows)
		if err != nil || len(fresh) == 0 {
			return err
		}
		if p.EventCount+len(fresh) > tarozi.MaxEvents {
			return tarozi.Errorf(tarozi.TooLarge, "the history would hold %d events and may hold %d: send it anew without events older than "+
				"the windows need", p.EventCount+len(fresh), tarozi.MaxEvents)
		}
		if err := t.insertEvents(p, w, fresh); err != nil {
			return err
		}
		tally := p.tally(fresh)
		_, err = t.exec(`UPDATE people SET event_count = event_count + ?, new_events = new_events + ?,
			last_event_at = CASE WHEN last_event_at > ? THEN last_event_at ELSE ? END WHERE person_id = ?`,
			len(fresh), tally.new, tally.last, tally.last, p.PersonID)
		if err != nil {
			return err
		}
		return t.record(w.Audit)
	})
}

// History is the person's present history: the last one that was put, followed by the events added since in their order. An agency
// that the person has left finds its own last one, with the events that it added.
func (db *DB) History(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.CaseHistory, error) {
	var h *tarozi.CaseHistory
	err := db.read(ctx, func(t *tx) error {
		if _, err := t.known(scope, personID); err != nil {
			return err
		}
		var head struct {
			Version int64
			Head    []byte
		}
		may := readable(scope, "h", "p")
		err := t.get(&head, `SELECT h.version, h.head FROM people p JOIN histories h ON h.person_id = p.person_id
			WHERE p.person_id = ? AND `+may.sql+` ORDER BY h.version DESC LIMIT 1`, may.after(personID)...)
		if errors.Is(err, sql.ErrNoRows) {
			return tarozi.Errorf(tarozi.NotFound, "there is no history of this person yet")
		}
		if err != nil {
			return err
		}
		var events [][]byte
		may = readable(scope, "e", "p")
		err = t.list(&events, `SELECT e.document FROM people p JOIN events e ON e.person_id = p.person_id
			WHERE p.person_id = ? AND e.version = ? AND `+may.sql+` ORDER BY e.ordinal`, may.after(personID, head.Version)...)
		if err != nil {
			return err
		}
		h, err = joined(head.Head, events)
		return err
	})
	if err != nil {
		return nil, err
	}
	return h, nil
}

// joined reads a history of its head and its events.
func joined(head []byte, events [][]byte) (*tarozi.CaseHistory, error) {
	h := new(tarozi.CaseHistory)
	if err := unmarshal(head, h); err != nil || len(events) == 0 {
		return h, err
	}
	array := append(append([]byte{'['}, bytes.Join(events, []byte{','})...), ']')
	return h, unmarshal(array, &h.Events)
}

// prepared is a history made ready for storing, outside the transaction.
type prepared struct {
	personID, agencyID string
	history            *tarozi.CaseHistory
	head               []byte // JSON of the history without its events
	events             []eventRow
}

func prepare(h *tarozi.CaseHistory) (*prepared, error) {
	head := *h
	if head.Events != nil {
		head.Events = []tarozi.Event{} // an empty list and none stay apart
	}
	text, err := marshal(&head)
	if err != nil {
		return nil, err
	}
	rows, err := eventRows(h.Events)
	if err != nil {
		return nil, err
	}
	return &prepared{personID: h.PersonID, agencyID: h.AgencyID, history: h, head: text, events: rows}, nil
}

// eventRow is an event made ready for storing.
type eventRow struct {
	at       int // its place in the request
	id       string
	received string
	sum      []byte // of what it says, whatever zone its times are written in
	document []byte
}

// eventRows leaves out identical resends within the list; two events of one version that differ are a Conflict.
func eventRows(events []tarozi.Event) ([]eventRow, error) {
	type version struct{ id, received string }
	seen := make(map[version]int, len(events))
	rows := make([]eventRow, 0, len(events))
	for i := range events {
		document, err := marshal(&events[i])
		if err != nil {
			return nil, err
		}
		said := events[i]
		said.At, said.ReceivedAt = said.At.UTC(), said.ReceivedAt.UTC()
		saidText, err := marshal(&said)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(saidText)
		row := eventRow{at: i, id: said.ID, received: stamp(said.ReceivedAt), sum: sum[:], document: document}
		if first, again := seen[version{row.id, row.received}]; again {
			if !bytes.Equal(rows[first].sum, row.sum) {
				return nil, clash(i)
			}
			continue
		}
		seen[version{row.id, row.received}] = len(rows)
		rows = append(rows, row)
	}
	return rows, nil
}

func clash(i int) *tarozi.Error {
	return &tarozi.Error{
		Code:    tarozi.Conflict,
		Message: "an event contradicts one that is stored under the same id and received_at: give the later version a later received_at",
		Fields: []tarozi.FieldError{{Pointer: "/events/" + strconv.Itoa(i) + "/id", Code: "duplicate",
			Message: "this version of the event is stored already and says something else"}},
	}
}

// personRow is a row of people.
type personRow struct {
	PersonID         string         `db:"person_id"`
	AgencyID         string         `db:"agency_id"` // responsible now
	HistoryVersion   int64          `db:"history_version"`
	EventCount       int            `db:"event_count"`
	LastEventAt      sql.NullString `db:"last_event_at"`
	LatestAssessedAt sql.NullString `db:"latest_assessed_at"`
	Restricted       bool
}

// claim reads a person of the write's scope, creating one whom nobody knows yet as the agency's. A person outside of the scope is
// NotFound.
func (t *tx) claim(w scoring.Write, agencyID, personID string) (*personRow, error) {
	var known int
	if err := t.get(&known, `SELECT count(*) FROM people WHERE person_id = ?`, personID); err != nil {
		return nil, err
	}
	if known > 0 {
		return t.person(w.Scope, personID)
	}
	if err := t.inScope(w.Scope, agencyID); err != nil {
		return nil, err
	}
	_, err := t.exec(`INSERT INTO people (person_id, agency_id, created_at, page_key) VALUES (?, ?, ?, lower(hex(randomblob(16))))`, personID, agencyID, stamp(w.At))
	if err != nil {
		return nil, err
	}
	_, err = t.exec(`INSERT INTO responsibilities (person_id, ordinal, agency_id, from_at, account_id) VALUES (?, 1, ?, ?, ?)`,
		personID, agencyID, stamp(w.At), w.Actor.AccountID)
	if err != nil {
		return nil, err
	}
	return t.person(w.Scope, personID)
}

// putHistory makes p the person's present history, with what is known of disputes.
func (t *tx) putHistory(w scoring.Write, p *prepared) error {
	who, err := t.claim(w, p.agencyID, p.personID)
	if err != nil {
		return err
	}
	disputes, err := t.disputes(p.personID, all)
	if err != nil {
		return err
	}
	if kept := scoring.Keep(p.history, disputes); kept != p.history {
		if p, err = prepare(kept); err != nil {
			return err
		}
	}
	if who.AgencyID != p.agencyID {
		return noPerson()
	}
	goesOn, err := t.continues(who, p)
	if err != nil {
		return err
	}
	if !goesOn {
		who.HistoryVersion++
		who.EventCount = 0
		_, err = t.exec(`INSERT INTO histories (person_id, version, agency_id, account_id, stored_at, head) VALUES (?, ?, ?, ?, ?, ?)`,
			p.personID, who.HistoryVersion, p.agencyID, w.Actor.AccountID, stamp(w.At), p.head)
		if err != nil {
			return err
		}
	}
	fresh := p.events[who.EventCount:]
	t.about(p.personID) // also where nothing is new
	if goesOn && len(fresh) == 0 {
		return nil
	}
	if err := t.insertEvents(who, w, fresh); err != nil {
		return err
	}
	tally := who.tally(p.events)
	_, err = t.exec(`UPDATE people SET history_version = ?, event_count = ?, new_events = ?, last_event_at = ?
		WHERE person_id = ?`,
		who.HistoryVersion, len(p.events), tally.new, sql.NullString{String: tally.last, Valid: tally.last != ""}, p.personID)
	return err
}

// continues reports whether p is the present history word for word, with or without further events at its end.
func (t *tx) continues(who *personRow, p *prepared) (bool, error) {
	if who.HistoryVersion == 0 || who.EventCount > len(p.events) {
		return false, nil
	}
	var head []byte
	err := t.get(&head, `SELECT head FROM histories WHERE person_id = ? AND version = ?`, p.personID, who.HistoryVersion)
	if err != nil || !bytes.Equal(head, p.head) {
		return false, err
	}
	var stored [][]byte
	err = t.list(&stored, `SELECT document FROM events WHERE person_id = ? AND version = ? ORDER BY ordinal`, p.personID, who.HistoryVersion)
	for i := range stored {
		if !bytes.Equal(stored[i], p.events[i].document) {
			return false, err
		}
	}
	return err == nil, err
}

// unknown leaves out the rows that the present history has already; one that it has with other content is a Conflict.
func (t *tx) unknown(p *personRow, rows []eventRow) ([]eventRow, error) {
	fresh := make([]eventRow, 0, len(rows))
	for _, row := range rows {
		var sum []byte
		err := t.get(&sum, `SELECT sha256 FROM events WHERE person_id = ? AND version = ? AND event_id = ? AND received_at = ?`,
			p.PersonID, p.HistoryVersion, row.id, row.received)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			fresh = append(fresh, row)
		case err != nil:
			return nil, err
		case !bytes.Equal(sum, row.sum):
			return nil, clash(row.at)
		}
	}
	return fresh, nil
}

// insertEvents appends rows to the person's present version.
func (t *tx) insertEvents(p *personRow, w scoring.Write, rows []eventRow) error {
	for i, row := range rows {
		_, err := t.exec(`INSERT INTO events (person_id, version, ordinal, agency_id, event_id, received_at, sha256, stored_at, document)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			p.PersonID, p.HistoryVersion, p.EventCount+i, p.AgencyID, row.id, row.received, row.sum, stamp(w.At), row.document)
		if err != nil {
			return err
		}
	}
	return nil
}

// arrivals says of events when the last was received (empty: none) and how many came after the person's latest assessment.
type arrivals struct {
	last string
	new  int
}

func (p *personRow) tally(rows []eventRow) arrivals {
	var a arrivals
	for _, row := range rows {
		a.last = max(a.last, row.received)
		if !p.LatestAssessedAt.Valid || row.received > p.LatestAssessedAt.String {
			a.new++
		}
	}
	return a
}
