package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// CaseloadFilter chooses people of a caseload.
type CaseloadFilter string

// The filters.
const (
	CaseloadAll   CaseloadFilter = "all"
	NeedsReview   CaseloadFilter = "needs_review"   // the review of the latest assessment by some model is not done
	NeverAssessed CaseloadFilter = "never_assessed" // there is no assessment
)

// CaseloadSort is the order of a caseload; people of one place are in the order of their names.
type CaseloadSort string

// The orders.
const (
	ByName      CaseloadSort = "name"       // in the order of the Uzbek alphabets; people without a name last
	ByAssessed  CaseloadSort = "assessed"   // latest assessed first, people never assessed last
	ByNewEvents CaseloadSort = "new_events" // most new events first
)

// sortName puts people without a name behind every letter.
const sortName = "CASE WHEN i.sealed IS NULL THEN '\U0010FFFF' ELSE name_sorted(p.person_id, i.sealed, k.wrapped) END"

// caseloadOrders are the keys that people are sorted by first, how a later key compares with an earlier one, and the direction.
var caseloadOrders = map[CaseloadSort]struct{ key, after, direction string }{
	ByName:      {sortName, ">", "ASC"},
	ByAssessed:  {`coalesce(p.latest_assessed_at, '')`, "<", "DESC"},
	ByNewEvents: {`p.new_events`, "<", "DESC"},
}

// longestSearch is in bytes.
const longestSearch = 200

// CaseloadQuery asks for a page of a caseload. The cursor is the page key of the last person of the page before.
type CaseloadQuery struct {
	Search string         // words that all stand in the name, or in the person's id; empty: everybody
	Filter CaseloadFilter // empty: CaseloadAll
	Sort   CaseloadSort   // empty: ByName
	Page   scoring.Page
}

// Caseload is a page of a scope's people.
type Caseload struct {
	Rows  []CaseloadRow
	Next  string // cursor of the next page; empty on the last
	Total int    // people that the query finds, over all pages
}

// CaseloadRow is one person.
type CaseloadRow struct {
	PersonID    string
	PageKey     string             // stands for the person in addresses of pages
	Name        string             // empty where no identity is stored
	Latest      *LatestAssessment  // nil where there is none
	Others      []LatestAssessment // the latest of each other model, newest first
	LastEventAt time.Time          // latest received_at of the history's events; zero where it has none
	Restricted  bool               // for named accounts alone: neither name nor scores are given before a reason is
	NewEvents   int                // events received after the latest assessment; all of them where there is none
}

// LatestAssessment is what a caseload shows of an assessment.
type LatestAssessment struct {
	ID          string
	Model       tarozi.ModelRef
	AsOf        tarozi.Date
	CreatedAt   time.Time
	Scores      []scoring.ScoreSummary
	ReviewState tarozi.ReviewState
	DecidedBand tarozi.Band // that holds, of the first score; empty until the review is done
}

type caseloadRow struct {
	PersonID    string         `db:"person_id"`
	PageKey     string         `db:"page_key"`
	Sealed      []byte         `db:"sealed"`
	Wrapped     []byte         `db:"wrapped"`
	LastEventAt sql.NullString `db:"last_event_at"`
	NewEvents   int            `db:"new_events"`
	Restricted  bool
	LatestID    sql.NullString `db:"latest_assessment_id"`
}

// latestRow is the latest assessment of a person by one model. Not every query reads the scores and the band decided.
type latestRow struct {
	PersonID    string `db:"person_id"`
	ID          string
	ModelID     string             `db:"model_id"`
	Version     string             `db:"model_version"`
	SHA256      string             `db:"model_sha256"`
	Validity    tarozi.Validity    `db:"validity"`
	AsOf        string             `db:"as_of"`
	CreatedAt   string             `db:"created_at"`
	Scores      string             `db:"scores"`
	ReviewState tarozi.ReviewState `db:"review_state"`
	DecidedBand tarozi.Band        `db:"decided_band"`
}

// validityOf is how far the model was shown to hold when the assessment was made.
const validityOf = `json_extract(CAST(a.document AS TEXT), '$.model.validity')`

// newestByModel is the condition that an assessment is the person's latest by its model; of those of one moment the last stored is.
func newestByModel(a string) string {
	return `NOT EXISTS (SELECT 1 FROM assessments later WHERE later.person_id = ` + a + `.person_id AND later.model_id = ` + a + `.model_id
		AND (later.created_at, later.rowid) > (` + a + `.created_at, ` + a + `.rowid))`
}

const caseloadFrom = `
	FROM people p
	LEFT JOIN identities i ON i.person_id = p.person_id
	LEFT JOIN person_keys k ON k.person_id = p.person_id
	WHERE `

// Caseload is a page of the scope's people.
func (db *DB) Caseload(ctx context.Context, scope tarozi.Scope, q CaseloadQuery) (*Caseload, error) {
	if q.Sort == "" {
		q.Sort = ByName
	}
	order, known := caseloadOrders[q.Sort]
	if !known {
		return nil, badQuery("sort", "the order is name, assessed or new_events")
	}
	where, args, err := q.where()
	if err != nil {
		return nil, err
	}
	may := present(scope, "p")
	from := caseloadFrom + may.sql
	args = append(may.after(), args...)
	limit := bounded(q.Page.Limit)

	var found Caseload
	var rows []caseloadRow
	var latest []latestRow
	err = db.read(ctx, func(t *tx) error {
		if err := t.get(&found.Total, `SELECT count(*)`+from+where, args...); err != nil {
			return err
		}
		if q.Page.Cursor != "" {
			var at struct {
				Key      any
				Name     string
				PersonID string `db:"person_id"`
			}
			err := t.get(&at, `SELECT p.person_id, `+order.key+` AS key, `+sortName+` AS name`+from+` AND p.page_key = ?`,
				append(may.after(), q.Page.Cursor)...)
			if errors.Is(err, sql.ErrNoRows) {
				return badCursor("cursor")
			}
			if err != nil {
				return err
			}
			where += ` AND (` + order.key + order.after + `? OR (` + order.key + ` = ? AND (` + sortName + `, p.person_id) > (?, ?)))`
			args = append(args, at.Key, at.Key, at.Name, at.PersonID)
		}
		by := order.key + ` ` + order.direction
		if q.Sort != ByName { // a name is opened for each person that the query finds: once is enough
			by += `, ` + sortName
		}
		// The names to show are opened for the page's rows alone, not by the query, which would open everybody's.
		err := t.list(&rows, `SELECT p.person_id, p.page_key, i.sealed, k.wrapped, p.last_event_at, p.new_events, p.restricted, p.latest_assessment_id`+
			from+where+` ORDER BY `+by+`, p.person_id LIMIT ?`, append(args, limit+1)...)
		if err != nil || len(rows) == 0 {
			return err
		}
		people := make([]any, len(rows))
		for i := range rows {
			people[i] = rows[i].PersonID
		}
		return t.list(&latest, `SELECT a.person_id, a.id, a.model_id, a.model_version, a.model_sha256, a.as_of, a.created_at, a.scores, a.review_state,
				a.decided_band, `+validityOf+` AS validity
			FROM assessments a WHERE a.person_id IN (?`+strings.Repeat(`, ?`, len(people)-1)+`) AND `+newestByModel("a")+`
			ORDER BY a.created_at DESC, a.rowid DESC`, people...)
	})
	if err != nil {
		return nil, err
	}
	if len(rows) > limit {
		rows = rows[:limit]
		found.Next = rows[limit-1].PageKey
	}
	found.Rows = make([]CaseloadRow, len(rows))
	for i, row := range rows {
		if found.Rows[i], err = row.decode(db.names, latest); err != nil {
			return nil, told(err)
		}
	}
	return &found, nil
}

// where is the query's condition beside the scope's.
func (q CaseloadQuery) where() (condition string, args []any, err error) {
	switch q.Filter {
	case "", CaseloadAll:
	case NeedsReview:
		condition = ` AND p.person_id IN (SELECT a.person_id FROM assessments a
			WHERE a.review_state IN ('pending', 'awaiting_countersignature') AND ` + newestByModel("a") + `)`
	case NeverAssessed:
		condition = ` AND p.latest_assessment_id IS NULL`
	default:
		return "", nil, badQuery("filter", "the filter is all, needs_review or never_assessed")
	}
	if len(q.Search) > longestSearch {
		return "", nil, badQuery("search", "the search is too long: give a name or an id")
	}
	escape := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)
	for _, word := range strings.Fields(fold(q.Search)) {
		pattern := "%" + escape.Replace(word) + "%"
		condition += ` AND (i.sealed IS NOT NULL AND name_folded(p.person_id, i.sealed, k.wrapped) LIKE ? ESCAPE '\' OR lower(p.person_id) LIKE ? ESCAPE '\')`
		args = append(args, pattern, pattern)
	}
	return condition, args, nil
}

func badQuery(parameter, message string) *tarozi.Error {
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the list cannot be made",
		Fields: []tarozi.FieldError{{Pointer: "/" + parameter, Code: "unknown_value", Message: message}}}
}

func (row *caseloadRow) decode(opened *names, latest []latestRow) (CaseloadRow, error) {
	person := CaseloadRow{PersonID: row.PersonID, PageKey: row.PageKey, NewEvents: row.NewEvents, Restricted: row.Restricted}
	if row.Restricted { // a reason comes before name and score
		row.Sealed = nil
	}
	var err error
	if row.Sealed != nil {
		known, err := opened.open(row.PersonID, row.Sealed, row.Wrapped)
		if err != nil {
			return person, err
		}
		person.Name = known.name
	}
	if row.LastEventAt.Valid {
		if person.LastEventAt, err = parseStamp(row.LastEventAt.String); err != nil {
			return person, err
		}
	}
	for _, by := range latest {
		if by.PersonID != row.PersonID {
			continue
		}
		if row.Restricted {
			by.Scores, by.DecidedBand = "[]", ""
		}
		assessment, err := by.decode()
		switch {
		case err != nil:
			return person, err
		case by.ID == row.LatestID.String:
			person.Latest = assessment
		default:
			person.Others = append(person.Others, *assessment)
		}
	}
	return person, nil
}

func (row latestRow) decode() (*LatestAssessment, error) {
	latest := &LatestAssessment{ID: row.ID, ReviewState: row.ReviewState, DecidedBand: row.DecidedBand,
		Model: tarozi.ModelRef{ID: row.ModelID, Version: row.Version, SHA256: row.SHA256, Validity: row.Validity}}
	var err error
	if latest.AsOf, err = tarozi.ParseDate(row.AsOf); err != nil {
		return nil, err
	}
	if latest.CreatedAt, err = parseStamp(row.CreatedAt); err != nil {
		return nil, err
	}
	return latest, unmarshal([]byte(row.Scores), &latest.Scores)
}
