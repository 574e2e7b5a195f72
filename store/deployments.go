package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// InstallBundle keeps a bundle whole. One that is installed already is left as it is: done is false then.
func (db *DB) InstallBundle(ctx context.Context, w scoring.Write, b *scoring.BundleFiles) (done bool, err error) {
	err = db.write(ctx, func(t *tx) error {
		stored, err := t.exec(`INSERT INTO bundles (sha256, agency_id, model_id, version, installed_at, account_id) VALUES (?, '', ?, ?, ?, ?)
			ON CONFLICT (sha256) DO NOTHING`, b.SHA256, b.ModelID, b.Version, stamp(w.At), w.Actor.AccountID)
		if done = err == nil && stored == 1; !done {
			return err
		}
		for name, content := range b.Files {
			if _, err := t.exec(`INSERT INTO bundle_files (sha256, name, agency_id, content) VALUES (?, ?, '', ?)`, b.SHA256, name, notNull(content)); err != nil {
				return err
			}
		}
		return t.record(w.Audit)
	})
	return done && err == nil, err
}

// InstalledBundles lists the bundles, the newest of each model first, without their files.
func (db *DB) InstalledBundles(ctx context.Context) ([]scoring.InstalledBundle, error) {
	var rows []struct {
		SHA256      string
		ModelID     string `db:"model_id"`
		Version     string
		InstalledAt string `db:"installed_at"`
	}
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT sha256, model_id, version, installed_at FROM bundles ORDER BY model_id, installed_at DESC, sha256`)
	})
	if err != nil {
		return nil, err
	}
	list := make([]scoring.InstalledBundle, len(rows))
	for i, row := range rows {
		at, err := parseStamp(row.InstalledAt)
		if err != nil {
			return nil, told(err)
		}
		list[i] = scoring.InstalledBundle{SHA256: row.SHA256, ModelID: row.ModelID, Version: row.Version, InstalledAt: at}
	}
	return list, nil
}

// Bundle reads an installed bundle whole.
func (db *DB) Bundle(ctx context.Context, sha256 string) (*scoring.BundleFiles, error) {
	b := &scoring.BundleFiles{SHA256: sha256, Files: map[string][]byte{}}
	var head struct {
		ModelID string `db:"model_id"`
		Version string
	}
	var files []struct {
		Name    string
		Content []byte
	}
	err := db.read(ctx, func(t *tx) error {
		if err := t.get(&head, `SELECT model_id, version FROM bundles WHERE sha256 = ?`, sha256); err != nil {
			return err
		}
		return t.list(&files, `SELECT name, content FROM bundle_files WHERE sha256 = ?`, sha256)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, tarozi.Errorf(tarozi.NotFound, "the bundle %s is not installed", sha256)
	}
	if err != nil {
		return nil, err
	}
	b.ModelID, b.Version = head.ModelID, head.Version
	for _, f := range files {
		b.Files[f.Name] = f.Content
	}
	return b, nil
}

const selectDeployments = `SELECT d.agency_id, b.model_id, b.version, d.sha256, d.state, d.since, d.account_id
	FROM deployments d JOIN bundles b ON b.sha256 = d.sha256
	WHERE d.seq = (SELECT max(l.seq) FROM deployments l WHERE l.agency_id = d.agency_id AND l.sha256 = d.sha256)`

type deploymentRow struct {
	AgencyID  string `db:"agency_id"`
	ModelID   string `db:"model_id"`
	Version   string
	SHA256    string
	State     tarozi.ModelState
	Since     string
	AccountID string `db:"account_id"`
}

func (t *tx) deployments(condition string, args ...any) ([]tarozi.Deployment, error) {
	var rows []deploymentRow
	if err := t.list(&rows, selectDeployments+condition+` ORDER BY d.seq`, args...); err != nil {
		return nil, err
	}
	list := make([]tarozi.Deployment, len(rows))
	for i, row := range rows {
		since, err := parseStamp(row.Since)
		if err != nil {
			return nil, err
		}
		list[i] = tarozi.Deployment{AgencyID: row.AgencyID, ModelID: row.ModelID, Version: row.Version, SHA256: row.SHA256,
			State: row.State, Since: since, By: row.AccountID}
	}
	return list, nil
}

// Deployments says where each bundle stands, for every agency that has a line of its own; in the order in which that came about.
func (db *DB) Deployments(ctx context.Context) (list []tarozi.Deployment, err error) {
	err = db.read(ctx, func(t *tx) error {
		list, err = t.deployments(``)
		return err
	})
	return list, err
}

// DeploymentsFor says where each bundle stands for an agency: the line of the agency itself holds before those of the agencies above
// it, and these before the one for all.
func (db *DB) DeploymentsFor(ctx context.Context, agencyID string) ([]tarozi.Deployment, error) {
	var chain []struct {
		ID    string
		Depth int
	}
	var all []tarozi.Deployment
	err := db.read(ctx, func(t *tx) error {
		err := t.list(&chain, `WITH RECURSIVE above (id, parent_id, depth) AS (
				SELECT id, parent_id, 0 FROM agencies WHERE id = ?
				UNION ALL SELECT a.id, a.parent_id, above.depth + 1 FROM agencies a JOIN above ON a.id = above.parent_id WHERE above.depth < 64)
			SELECT id, depth FROM above`, agencyID)
		if err != nil {
			return err
		}
		all, err = t.deployments(``)
		return err
	})
	if err != nil {
		return nil, err
	}
	depth := map[string]int{"": len(chain)}
	for _, a := range chain {
		depth[a.ID] = a.Depth
	}
	var list []tarozi.Deployment
	place := map[string]int{}
	for _, d := range all {
		far, serves := depth[d.AgencyID]
		if !serves {
			continue
		}
		at, known := place[d.SHA256]
		switch {
		case !known:
			place[d.SHA256] = len(list)
			list = append(list, d)
		case far < depth[list[at].AgencyID]:
			list[at] = d
		}
	}
	return list, nil
}

// Deploy adds the lines that next makes of where the bundles stand for exactly this agency (empty: for all), with the audit entry that
// it gives. next is called within the transaction, maybe more than once; its error is given back and nothing is stored.
func (db *DB) Deploy(ctx context.Context, w scoring.Write, agencyID string,
	next func(present []tarozi.Deployment) ([]tarozi.Deployment, scoring.AuditEntry, error)) error {
	return db.write(ctx, func(t *tx) error {
		if agencyID != "" {
			var known int
			if err := t.get(&known, `SELECT count(*) FROM agencies WHERE id = ?`, agencyID); err != nil {
				return err
			} else if known == 0 {
				return tarozi.Errorf(tarozi.NotFound, "there is no agency %q: check its id", agencyID)
			}
		}
		present, err := t.deployments(` AND d.agency_id = ?`, agencyID)
		if err != nil {
			return err
		}
		lines, entry, err := next(present)
		if err != nil {
			return err
		}
		for _, d := range lines {
			if _, err := t.exec(`INSERT INTO deployments (agency_id, sha256, state, since, account_id) VALUES (?, ?, ?, ?, ?)`,
				agencyID, d.SHA256, string(d.State), stamp(d.Since), d.By); err != nil {
				return err
			}
		}
		return t.record(entry)
	})
}

// RemedyAttribute is one attribute of one person of the agency, for a remedy that a committee has signed; empty where none is stated.
func (db *DB) RemedyAttribute(ctx context.Context, agencyID, personID, name string) (value string, err error) {
	err = db.read(ctx, func(t *tx) error {
		_, err := t.person(tarozi.InAgency(agencyID), personID)
		if tarozi.CodeOf(err) == tarozi.NotFound { // the request brings somebody new
			return nil
		}
		if err != nil {
			return err
		}
		stated, err := t.protected(personID)
		value = stated[name]
		return err
	})
	return value, err
}

// Mark reads what the database is marked with under a name, empty where it is not.
func (db *DB) Mark(ctx context.Context, name string) (value string, err error) {
	err = db.read(ctx, func(t *tx) error { return t.get(&value, `SELECT value FROM marks WHERE name = ?`, name) })
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return value, err
}

// SetMark marks the database.
func (db *DB) SetMark(ctx context.Context, w scoring.Write, name, value string) error {
	return db.write(ctx, func(t *tx) error {
		if _, err := t.exec(`INSERT INTO marks (name, agency_id, value, at) VALUES (?, '', ?, ?)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value, at = excluded.at`, name, value, stamp(w.At)); err != nil {
			return err
		}
		return t.record(w.Audit)
	})
}

// ShadowScores are what shadow bundles said beside an assessment, by their model.
func (db *DB) ShadowScores(ctx context.Context, scope tarozi.Scope, assessmentID string) ([]scoring.ShadowScores, error) {
	var rows []struct {
		SHA256   string
		ModelID  string `db:"model_id"`
		Version  string
		Refused  string
		Document []byte
		Inputs   []byte
	}
	within := inAgencies(scope, `agency_id`)
	err := db.read(ctx, func(t *tx) error {
		var known int
		if err := t.get(&known, `SELECT count(*) FROM assessments WHERE id = ? AND (`+within.sql+`)`, within.after(assessmentID)...); err != nil {
			return err
		} else if known == 0 {
			return noAssessment()
		}
		return t.list(&rows, `SELECT s.sha256, b.model_id, b.version, s.refused, s.document, s.inputs FROM shadow_scores s JOIN bundles b ON b.sha256 = s.sha256
			WHERE s.assessment_id = ? ORDER BY b.model_id, s.sha256`, assessmentID)
	})
	if err != nil {
		return nil, err
	}
	list := make([]scoring.ShadowScores, len(rows))
	for i, row := range rows {
		list[i] = scoring.ShadowScores{AssessmentID: assessmentID, Refused: row.Refused,
			Model: tarozi.ModelRef{ID: row.ModelID, Version: row.Version, SHA256: row.SHA256, Validity: tarozi.NotValidatedLocally}}
		if row.Refused != "" {
			continue
		}
		var said scoring.Evaluation
		if err := unmarshal(row.Document, &said); err != nil {
			return nil, told(err)
		}
		list[i].Scores, list[i].Missing, list[i].Warnings = said.Scores, said.Missing, said.Warnings
	}
	return list, nil
}
