package store

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/tarozi/tarozi"
)

// A database from before the steps of reviews keeps its decisions, and knows which assessments they ended.
func TestMigrateKeepsReviews(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "m.db")
	writer, readers := migratedTo(t, path, "00003")
	const at = "2026-11-24T09:00:00.000000000Z"
	for _, statement := range []string{
		`INSERT INTO agencies (id, name) VALUES ('north', 'North')`,
		`INSERT INTO people (person_id, agency_id, created_at) VALUES ('p1', 'north', '` + at + `')`,
		`INSERT INTO assessments (id, agency_id, person_id, created_at, as_of, purpose, model_id, model_version, model_sha256, input_sha256, scores, document, input, inputs)
			SELECT column1, 'north', 'p1', '` + at + `', '2026-11-24', 'supervision', 'm', '1', '', '', '[]', x'7b7d', x'7b7d', x'7b7d' FROM (VALUES ('decided'), ('open'))`,
		`INSERT INTO reviews (id, agency_id, assessment_id, reviewer, created_at, document) VALUES ('r1', 'north', 'decided', 'a1', '` + at + `', CAST('{"band":"high"}' AS BLOB))`,
		`INSERT INTO changes (agency_id, assessment_id, person_id, what, at) VALUES ('north', 'decided', 'p1', 'reviewed', '` + at + `')`,
	} {
		if _, err := writer.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := readers.Close(); err != nil {
		t.Fatal(err)
	}

	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for id, want := range map[string]struct {
		state, band string
		steps       int
	}{"decided": {"done", "high", 1}, "open": {"pending", "", 0}} {
		record, err := db.Assessment(ctx, tarozi.InAgency("north"), id)
		if err != nil {
			t.Fatal(err)
		}
		steps, err := db.Steps(ctx, tarozi.InAgency("north"), id)
		if err != nil {
			t.Fatal(err)
		}
		if string(record.Assessment.ReviewState) != want.state || string(record.Assessment.DecidedBand) != want.band || len(steps) != want.steps {
			t.Errorf("%s: state %s, band %q, with steps %+v", id, record.Assessment.ReviewState, record.Assessment.DecidedBand, steps)
		}
	}
	changes, _, err := db.ChangedSince(ctx, tarozi.InAgency("north"), "", 10)
	if err != nil || len(changes) != 1 || changes[0].ReviewState != "done" {
		t.Errorf("changes %+v, %v", changes, err)
	}
}

// The lists that are asked for all day go by their index, however many assessments are stored.
func TestOpenReviewsGoByTheirIndex(t *testing.T) {
	db, err := Open(t.Context(), filepath.Join(t.TempDir(), "q.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var plan []struct {
		ID, Parent, NotUsed int
		Detail              string
	}
	err = db.readers.Select(&plan, `EXPLAIN QUERY PLAN SELECT id FROM assessments WHERE `+isOpen+` AND agency_id = 'a' AND created_at <= 'b'
		ORDER BY created_at, id LIMIT 5`)
	if err != nil {
		t.Fatal(err)
	}
	if len(plan) != 1 || !strings.Contains(plan[0].Detail, "INDEX assessments_open (agency_id=? AND created_at<?)") {
		t.Errorf("the plan is %+v", plan)
	}
}

// migratedTo makes a database by the migrations that were there before one, and gives the connections that write and read it.
func migratedTo(t *testing.T, path, before string) (writer, readers *sqlx.DB) {
	t.Helper()
	all, err := sqliteMigrations()
	if err != nil {
		t.Fatal(err)
	}
	matches, err := fs.Glob(all, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	earlier := fstest.MapFS{}
	for _, name := range matches {
		if name >= before {
			continue
		}
		text, err := fs.ReadFile(all, name)
		if err != nil {
			t.Fatal(err)
		}
		earlier[name] = &fstest.MapFile{Data: text}
	}
	if writer, readers, err = openPools(t.Context(), path, Options{BusyTimeout: time.Second, Readers: 1}, new(names), new(rowWatch)); err != nil {
		t.Fatal(err)
	}
	if err := migrate(t.Context(), writer, earlier); err != nil {
		t.Fatal(err)
	}
	return writer, readers
}
