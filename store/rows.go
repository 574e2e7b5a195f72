package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// uncovered are the tables whose rows no entry commits to, and why.
var uncovered = map[string]string{
	"sessions":            "they come and go without a record being changed",
	"sign_in_attempts":    "failed attempts to sign in, forgotten after a day; what comes of each has an entry",
	"idempotency":         "they only say which request was answered already",
	"probe":               "readiness",
	"audit_queue":         "the log itself, and what its checkpoints vouch for",
	"audit_log":           "the log itself",
	"audit_hashes":        "the log itself",
	"audit_checkpoints":   "the log itself",
	"row_commitments":     "the commitments; each entry has the hash of its own",
	"row_adoption":        "a mark of migrations",
	"goose_db_version":    "migrations",
	"migration_checksums": "migrations",
}

// table is a covered table: its columns in their order, and those of its primary key in theirs.
type table struct {
	name    string
	columns []string
	key     []int // places in columns
}

// What became of a row.
const (
	rowWritten = "written"
	rowDeleted = "deleted"
	rowErased  = "erased"
)

// touched is a row that the present job wrote or deleted.
type touched struct {
	table, key, what string
	person           string // whose it is, where the table says so
	salt             []byte
	sum              [sha256.Size]byte
}

// rowWatch learns of every row that is written in a covered table. Triggers that exist for the writer's connection alone call it, so
// that no query can forget to; it belongs to the writer's one goroutine.
type rowWatch struct {
	tables map[string]*table
	rows   []touched
	places map[string]int // of a row in rows
}

func (w *rowWatch) reset() {
	w.rows = w.rows[:0]
	clear(w.places)
}

// register gives the connection the functions that the triggers call, and the triggers where the schema is known already.
func (w *rowWatch) register(c *sqlite3.SQLiteConn) error {
	for _, what := range []string{rowWritten, rowDeleted} {
		err := c.RegisterFunc("row_"+what, func(name string, values ...any) (int64, error) { return 1, w.touch(what, name, values) }, false)
		if err != nil {
			return fmt.Errorf("registering row_%s: %w", what, err)
		}
	}
	for _, statement := range w.triggers() {
		if _, err := c.Exec(statement, nil); err != nil {
			return fmt.Errorf("watching rows: %w", err)
		}
	}
	return nil
}

// begin watches the tables of the schema, which the migrations have made.
func (w *rowWatch) begin(ctx context.Context, writer *sqlx.DB) error {
	inner, err := writer.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer inner.Rollback()
	if w.tables, err = (&tx{ctx: ctx, sql: inner}).coveredTables(); err != nil {
		return fmt.Errorf("reading the tables to watch: %w", err)
	}
	for _, statement := range w.triggers() {
		if _, err := inner.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("watching rows: %w", err)
		}
	}
	return inner.Commit()
}

func (w *rowWatch) triggers() []string {
	var all []string
	for _, t := range w.tables {
		for _, event := range []struct{ name, what, row string }{
			{"INSERT", rowWritten, "NEW"}, {"UPDATE", rowWritten, "NEW"}, {"DELETE", rowDeleted, "OLD"},
		} {
			all = append(all, fmt.Sprintf(`CREATE TEMP TRIGGER IF NOT EXISTS watch_%s_%s AFTER %s ON main.%s BEGIN SELECT row_%s('%s', %s.%s); END`,
				t.name, strings.ToLower(event.name), event.name, t.name, event.what, t.name, event.row, strings.Join(t.columns, ", "+event.row+".")))
		}
	}
	return all
}

func (w *rowWatch) touch(what, name string, values []any) error {
	t := w.tables[name]
	row := touched{table: name, what: what, salt: make([]byte, 16)}
	if _, err := io.ReadFull(rand.Reader, row.salt); err != nil {
		return fmt.Errorf("drawing a salt: %w", err)
	}
	var err error
	if row.key, err = t.keyOf(values); err != nil {
		return err
	}
	if at := slices.Index(t.columns, "person_id"); at >= 0 {
		row.person, _ = values[at].(string)
	}
	if what == rowDeleted {
		row.sum = rowSum(row.salt, name, nil, nil)
	} else {
		row.sum = rowSum(row.salt, name, t.columns, values)
	}
	if at, again := w.places[name+row.key]; again {
		w.rows[at] = row
		return nil
	}
	w.places[name+row.key] = len(w.rows)
	w.rows = append(w.rows, row)
	return nil
}

func (t *table) keyOf(values []any) (string, error) {
	if len(values) != len(t.columns) {
		return "", fmt.Errorf("a row of %s has %d values instead of %d", t.name, len(values), len(t.columns))
	}
	key := make([]any, len(t.key))
	for i, at := range t.key {
		key[i] = values[at]
	}
	text, err := marshal(key)
	return string(text), err
}

// rowSum hashes a row: the salt, the table, and each column that is not NULL with its name, so that a column added later, which is
// NULL in the rows that there are, changes nothing.
func rowSum(salt []byte, name string, columns []string, values []any) (sum [sha256.Size]byte) {
	digest := sha256.New()
	put := func(kind byte, part []byte) {
		var head [9]byte
		head[0] = kind
		binary.BigEndian.PutUint64(head[1:], uint64(len(part)))
		digest.Write(head[:])
		digest.Write(part)
	}
	put('s', salt)
	put('t', []byte(name))
	for i, column := range columns {
		var number [8]byte
		switch v := values[i].(type) {
		case nil:
			continue
		case []byte:
			if v == nil {
				continue
			}
			put('c', []byte(column))
			put('b', v)
		case string:
			put('c', []byte(column))
			put('x', []byte(v))
		case int64:
			put('c', []byte(column))
			binary.BigEndian.PutUint64(number[:], uint64(v))
			put('i', number[:])
		case float64:
			put('c', []byte(column))
			binary.BigEndian.PutUint64(number[:], math.Float64bits(v))
			put('f', number[:])
		}
	}
	digest.Sum(sum[:0])
	return sum
}

// coveredTables reads them from the schema.
func (t *tx) coveredTables() (map[string]*table, error) {
	var names []string
	err := t.list(&names, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	tables := map[string]*table{}
	for _, name := range names {
		if uncovered[name] != "" {
			continue
		}
		var columns []struct {
			Name string
			Key  int
		}
		if err := t.list(&columns, `SELECT name, pk AS key FROM pragma_table_info(?) ORDER BY cid`, name); err != nil {
			return nil, err
		}
		one, places := &table{name: name}, map[int]int{}
		for i, c := range columns {
			one.columns = append(one.columns, c.Name)
			if c.Key > 0 {
				places[c.Key] = i
			}
		}
		for nth := 1; nth <= len(places); nth++ {
			one.key = append(one.key, places[nth])
		}
		if len(one.key) == 0 {
			return nil, fmt.Errorf("table %s has no primary key", name)
		}
		tables[name] = one
	}
	return tables, nil
}

// finish queues the job's audit entries; the last commits to the rows that the job touched. A job that touched rows of a covered table
// and makes no entry is refused: there are no changes without one.
func (t *tx) finish() error {
	if len(t.watch.rows) > 0 && len(t.entries) == 0 {
		return fmt.Errorf("a change of %s without an audit entry", t.watch.rows[0].table)
	}
	if err := t.checkClock(); err != nil {
		return err
	}
	if err := t.linkPeople(); err != nil {
		return err
	}
	rows := t.watch.rows
	for i, entry := range t.entries {
		if i == len(t.entries)-1 && len(rows) > 0 {
			digest := sha256.New()
			for _, row := range rows {
				digest.Write(row.sum[:])
			}
			entry.Rows, entry.RowsSHA256 = len(rows), hex.EncodeToString(digest.Sum(nil))
			for _, row := range rows {
				_, err := t.exec(`INSERT INTO row_commitments (agency_id, entry_id, what, table_name, row_key, salt, sha256) VALUES (?, ?, ?, ?, ?, ?, ?)`,
					entry.AgencyID, entry.ID, row.what, row.table, nullable(row.key), notNull(row.salt), row.sum[:])
				if err != nil {
					return err
				}
			}
		}
		text, err := tarozi.Canonical(entry)
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO audit_queue (id, agency_id, entry, salt) VALUES (?, ?, ?, ?)`,
			entry.ID, entry.AgencyID, text, notNull(entry.Salt))
		if err != nil {
			return err
		}
	}
	return nil
}

// linkPeople says whom the job's entries are about: the people whose rows it touched and those that about named.
func (t *tx) linkPeople() error {
	people := t.people
	for _, row := range t.watch.rows {
		if row.person != "" && row.what == rowWritten && !slices.Contains(people[max(0, len(people)-4):], row.person) {
			people = append(people, row.person)
		}
	}
	slices.Sort(people)
	for _, person := range slices.Compact(people) {
		for _, entry := range t.entries {
			_, err := t.exec(`INSERT INTO entry_people (person_id, entry_id, agency_id) VALUES (?, ?, ?)`, person, entry.ID, entry.AgencyID)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// about says that the job's entries are about a person even where no row of theirs changes.
func (t *tx) about(personID string) { t.people = append(t.people, personID) }

func nullable(text string) any {
	if text == "" {
		return nil
	}
	return text
}

// erasedSum is what the entry of an erasure commits to of each commitment that it empties: it shows that the service did so.
func erasedSum(sum []byte) [sha256.Size]byte { return sha256.Sum256(append([]byte(rowErased), sum...)) }

// forgetRows empties every commitment to the rows that the job has deleted, and the salts of the entries that spoke of them, so that
// nothing of them can be guessed back. The hashes stay, and the job's entry says that they are those of erased rows.
func (t *tx) forgetRows() error {
	type commitment struct {
		Seq     int64
		EntryID string `db:"entry_id"`
		SHA256  []byte `db:"sha256"`
	}
	deleted := slices.Clone(t.watch.rows)
	t.watch.reset()
	entries := map[string]bool{}
	for _, row := range deleted {
		if row.what != rowDeleted {
			t.watch.rows = append(t.watch.rows, row)
			continue
		}
		var old []commitment
		if err := t.list(&old, `SELECT seq, entry_id, sha256 FROM row_commitments WHERE table_name = ? AND row_key = ? ORDER BY seq`, row.table, row.key); err != nil {
			return err
		}
		for _, c := range old {
			if _, err := t.exec(`UPDATE row_commitments SET row_key = NULL, salt = x'' WHERE seq = ?`, c.Seq); err != nil {
				return err
			}
			entries[c.EntryID] = true
			t.watch.rows = append(t.watch.rows, touched{table: row.table, what: rowErased, sum: erasedSum(c.SHA256)})
		}
	}
	for id := range entries {
		for _, log := range []string{"audit_log", "audit_queue"} {
			if _, err := t.exec(`UPDATE `+log+` SET salt = x'' WHERE id = ?`, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// errNothingToAdopt ends a job that has nothing to do.
var errNothingToAdopt = errors.New("nothing to adopt")

// Adopt commits to rows that migrations have stored or changed, or that were stored before entries spoke of rows, and returns their
// number. It does so once after a migration, under an entry of its own that the log shows.
func (db *DB) Adopt(ctx context.Context, w scoring.Write) (adopted int, err error) {
	err = db.write(ctx, func(t *tx) error {
		adopted = 0
		var pending int
		if err := t.get(&pending, `SELECT pending FROM row_adoption`); err != nil {
			return err
		}
		if pending == 0 {
			return errNothingToAdopt
		}
		for _, name := range slices.Sorted(maps.Keys(t.watch.tables)) {
			one := t.watch.tables[name]
			err := t.eachRow(one, func(key string, values []any) error {
				latest, err := t.commitment(name, key)
				if err != nil {
					return err
				}
				if latest != nil && latest.What == rowWritten && latest.holds(one, values) {
					return nil
				}
				adopted++
				return t.watch.touch(rowWritten, name, values)
			})
			if err != nil {
				return err
			}
		}
		if _, err := t.exec(`UPDATE row_adoption SET pending = 0`); err != nil {
			return err
		}
		if adopted == 0 {
			return nil
		}
		return t.record(w.Audit)
	})
	if errors.Is(err, errNothingToAdopt) {
		return 0, nil
	}
	return adopted, err
}

// commitment is the latest one to a row.
type commitment struct {
	Seq     int64
	EntryID string `db:"entry_id"`
	What    string
	Salt    []byte
	SHA256  []byte `db:"sha256"`
}

func (c *commitment) holds(t *table, values []any) bool {
	sum := rowSum(c.Salt, t.name, t.columns, values)
	return bytes.Equal(sum[:], c.SHA256)
}

// commitment reads the latest commitment to a row, nil where there is none.
func (t *tx) commitment(table, key string) (*commitment, error) {
	var found []commitment
	err := t.list(&found, `SELECT seq, entry_id, what, salt, sha256 FROM row_commitments WHERE table_name = ? AND row_key = ? ORDER BY seq DESC LIMIT 1`, table, key)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// eachRow calls do for every row of a table, with its key and its columns' values.
func (t *tx) eachRow(one *table, do func(key string, values []any) error) error {
	rows, err := t.sql.QueryxContext(t.ctx, `SELECT `+strings.Join(one.columns, ", ")+` FROM `+one.name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return err
		}
		key, err := one.keyOf(values)
		if err != nil {
			return err
		}
		if err := do(key, values); err != nil {
			return err
		}
	}
	return rows.Err()
}
