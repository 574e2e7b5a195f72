package store

import (
	"database/sql"
	"errors"
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// clause is a condition with its arguments.
type clause struct {
	sql  string
	args []any
}

func (c clause) and(other clause) clause {
	return clause{`(` + c.sql + `) AND (` + other.sql + `)`, append(append([]any{}, c.args...), other.args...)}
}

func (c clause) or(other clause) clause {
	return clause{`(` + c.sql + `) OR (` + other.sql + `)`, append(append([]any{}, c.args...), other.args...)}
}

// after puts the clause's arguments behind those that stand before it in the query.
func (c clause) after(before ...any) []any { return append(before, c.args...) }

// before are the clause's arguments followed by those that stand behind it in the query.
func before(c clause, later ...any) []any { return append(append([]any{}, c.args...), later...) }

// all lets everything through, nothing lets nothing.
var (
	all     = clause{sql: `1 = 1`}
	nothing = clause{sql: `1 = 0`}
)

// inAgencies is the condition that a column names an agency of the scope.
func inAgencies(s tarozi.Scope, column string) clause {
	switch s.Reach {
	case tarozi.OwnCaseload, tarozi.OwnAgency:
		return clause{column + ` = ?`, []any{s.AgencyID}}
	case tarozi.AgenciesBelow:
		return clause{column + ` IN (SELECT agency_id FROM agency_tree WHERE ancestor_id = ?)`, []any{s.AgencyID}}
	case tarozi.Nation:
		return clause{sql: column + ` IS NOT NULL`}
	default:
		return nothing
	}
}

// covers is the condition that a row with the columns agency_id and officer_id is of the scope's people.
func covers(s tarozi.Scope, row string) clause {
	c := inAgencies(s, row+`.agency_id`)
	if s.Reach == tarozi.OwnCaseload {
		c = c.and(clause{row + `.officer_id IS NULL OR ` + row + `.officer_id = ?`, []any{s.AccountID}})
	}
	return c
}

// unrestricted is the condition that a row of people is no restricted case, or one that names the account.
func unrestricted(s tarozi.Scope, person string) clause {
	if s.Restricted {
		return all
	}
	return clause{person + `.restricted = 0 OR EXISTS (SELECT 1 FROM restricted_names n WHERE n.person_id = ` + person + `.person_id AND n.account_id = ?)`,
		[]any{s.AccountID}}
}

// present is the condition that a row of people is in the scope now.
func present(s tarozi.Scope, person string) clause {
	return covers(s, person).and(unrestricted(s, person))
}

// written is the condition that a row, of a person who is no longer its agency's, comes from when the person was in the scope: an
// agency keeps reading what it wrote.
func written(s tarozi.Scope, row, person string) clause {
	was := covers(s, "r")
	return clause{person + `.agency_id <> ` + row + `.agency_id AND EXISTS (SELECT 1 FROM responsibilities r
		WHERE r.person_id = ` + person + `.person_id AND r.agency_id = ` + row + `.agency_id AND ` + was.sql + `)`, was.args}.and(unrestricted(s, person))
}

// readable is the condition that the scope may read a row about a person, now or as its writer.
func readable(s tarozi.Scope, row, person string) clause {
	return present(s, person).or(written(s, row, person))
}

// state are the columns of an assessment's review state as the scope may know it: the present one, or of a person who has left the one of
// that day, since what became of it later was written by others.
func state(s tarozi.Scope, a, person string) clause {
	may := present(s, person)
	column := func(now, then string) string {
		return `CASE WHEN ` + may.sql + ` THEN ` + a + `.` + now + ` ELSE coalesce(` + a + `.` + then + `, ` + a + `.` + now + `) END AS ` + now
	}
	return clause{column("review_state", "left_state") + `, ` + column("decided_band", "left_band"), append(append([]any{}, may.args...), may.args...)}
}

// was is the condition that a row of people is in the scope now, or once was.
func was(s tarozi.Scope, person string) clause {
	then := covers(s, "r")
	once := clause{`EXISTS (SELECT 1 FROM responsibilities r WHERE r.person_id = ` + person + `.person_id AND r.agency_id <> ` + person +
		`.agency_id AND ` + then.sql + `)`, then.args}
	return covers(s, person).or(once).and(unrestricted(s, person))
}

func noPerson() error {
	return tarozi.Errorf(tarozi.NotFound, "there is no such person in this agency: check the person's id")
}

// inScope refuses an agency that the scope does not reach.
func (t *tx) inScope(s tarozi.Scope, agencyID string) error {
	var found int
	c := inAgencies(s, `id`)
	if err := t.get(&found, `SELECT count(*) FROM agencies WHERE id = ? AND (`+c.sql+`)`, c.after(agencyID)...); err != nil {
		return err
	}
	if found == 0 {
		return tarozi.Errorf(tarozi.NotFound, "there is no such person in this agency: check agency_id")
	}
	return nil
}

// person reads a person of the scope; anybody else is NotFound.
func (t *tx) person(s tarozi.Scope, personID string) (*personRow, error) {
	return t.personWhere(s, present(s, "p"), personID)
}

// known reads a person who is in the scope now or was once; anybody else is NotFound.
func (t *tx) known(s tarozi.Scope, personID string) (*personRow, error) {
	return t.personWhere(s, was(s, "p"), personID)
}

func (t *tx) personWhere(s tarozi.Scope, c clause, personID string) (*personRow, error) {
	var p personRow
	err := t.get(&p, `SELECT p.person_id, p.agency_id, p.history_version, p.event_count, p.last_event_at, p.latest_assessed_at, p.restricted FROM people p
		WHERE p.person_id = ? AND `+c.sql, c.after(personID)...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noPerson()
	}
	if err != nil {
		return nil, err
	}
	if p.Restricted {
		return &p, t.opened(s, personID)
	}
	return &p, nil
}

// opened asks for a reason where the scope's account has not given one for a restricted case.
func (t *tx) opened(s tarozi.Scope, personID string) error {
	if s.Restricted {
		return nil
	}
	var open int
	err := t.get(&open, `SELECT count(*) FROM restricted_looks WHERE account_id = ? AND person_id = ? AND at <= ? AND until_at > ?`,
		s.AccountID, personID, stamp(s.At), stamp(s.At))
	if err == nil && open == 0 {
		err = scoring.AskReason(personID)
	}
	return err
}

// closeTree stores the pairs of the tree of agencies anew. A tree in which an agency stands above itself is a Conflict.
func (t *tx) closeTree() error {
	_, err := t.exec(`DELETE FROM agency_tree`)
	if err != nil {
		return err
	}
	// UNION stops at pairs that are there already, so that a loop ends too.
	_, err = t.exec(`INSERT INTO agency_tree (ancestor_id, agency_id)
		WITH RECURSIVE below (ancestor_id, agency_id) AS (
			SELECT id, id FROM agencies
			UNION
			SELECT b.ancestor_id, a.id FROM agencies a JOIN below b ON a.parent_id = b.agency_id
		)
		SELECT ancestor_id, agency_id FROM below`)
	if err != nil {
		return err
	}
	var loops []string
	err = t.list(&loops, `SELECT x.agency_id FROM agency_tree x JOIN agency_tree y ON y.ancestor_id = x.agency_id AND y.agency_id = x.ancestor_id
		WHERE x.ancestor_id <> x.agency_id ORDER BY x.agency_id`)
	if err == nil && len(loops) > 0 {
		err = tarozi.Errorf(tarozi.Conflict, "the agencies %s would stand above each other: choose another agency above", strings.Join(loops, ", "))
	}
	return err
}
