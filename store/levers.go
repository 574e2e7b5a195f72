package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/audit"
	"github.com/tarozi/tarozi/scoring"
)

// Levers is what is in force for an agency about a bundle at a moment.
func (db *DB) Levers(ctx context.Context, agencyID, modelID, modelSHA256 string, at time.Time) (scoring.Levers, error) {
	d, err := db.Decisions(ctx, agencyID, modelID)
	if err != nil {
		return scoring.Levers{}, err
	}
	return d.InForce(modelSHA256, at), nil
}

// Decisions are all decisions about a model by the committees of an agency and of those above it, waiting and lapsed ones included,
// with what reports of these agencies found about the model. An agency that is not there is NotFound.
func (db *DB) Decisions(ctx context.Context, agencyID, modelID string) (*scoring.Decisions, error) {
	var d *scoring.Decisions
	err := db.read(ctx, func(t *tx) (err error) {
		d, err = t.decisions(agencyID, modelID)
		return err
	})
	return d, err
}

func (t *tx) decisions(agencyID, modelID string) (*scoring.Decisions, error) {
	d := new(scoring.Decisions)
	var err error
	if d.Agencies, err = t.upwards(agencyID); err != nil {
		return nil, err
	}
	if d.Levers, err = t.levers(agencyID, modelID); err != nil {
		return nil, err
	}
	if d.Findings, err = t.findings(agencyID, modelID); err != nil {
		return nil, err
	}
	return d, nil
}

func (t *tx) inForce(agencyID, modelID, modelSHA256 string, at time.Time) (scoring.Levers, error) {
	d, err := t.decisions(agencyID, modelID)
	if err != nil {
		return scoring.Levers{}, err
	}
	return d.InForce(modelSHA256, at), nil
}

// above selects an agency and those above it, nearest first. UNION, not UNION ALL: a ring of parents ends.
const above = `WITH RECURSIVE above (id, parent_id, depth) AS (
		SELECT id, parent_id, 0 FROM agencies WHERE id = ?
		UNION SELECT a.id, a.parent_id, depth + 1 FROM agencies a JOIN above ON a.id = above.parent_id WHERE depth < 20)
	`

func (t *tx) upwards(agencyID string) ([]string, error) {
	var ids []string
	if err := t.list(&ids, above+`SELECT id FROM above ORDER BY depth`, agencyID); err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		return nil, tarozi.Errorf(tarozi.NotFound, "there is no such agency")
	}
	return ids, nil
}

func (t *tx) levers(agencyID, modelID string) ([]tarozi.Lever, error) {
	var rows []struct{ Document []byte }
	err := t.list(&rows, above+`SELECT document FROM levers WHERE model_id = ? AND agency_id IN (SELECT id FROM above) ORDER BY proposed_at, id`,
		agencyID, modelID)
	if err != nil {
		return nil, err
	}
	var signed []struct{ Document []byte }
	err = t.list(&signed, above+`SELECT s.document FROM lever_signatures s JOIN levers l ON l.id = s.lever_id
		WHERE l.model_id = ? AND l.agency_id IN (SELECT id FROM above) ORDER BY s.lever_id, s.ordinal`, agencyID, modelID)
	if err != nil {
		return nil, err
	}
	signatures := map[string][]tarozi.LeverSignature{}
	for _, row := range signed {
		var s tarozi.LeverSignature
		if err := unmarshal(row.Document, &s); err != nil {
			return nil, err
		}
		signatures[s.LeverID] = append(signatures[s.LeverID], s)
	}
	list := make([]tarozi.Lever, len(rows))
	for i, row := range rows {
		if err := unmarshal(row.Document, &list[i]); err != nil {
			return nil, err
		}
		list[i].Signatures = signatures[list[i].ID]
	}
	return list, nil
}

func (t *tx) findings(agencyID, modelID string) ([]scoring.Finding, error) {
	var rows []struct{ Document []byte }
	err := t.list(&rows, above+`SELECT document FROM report_findings WHERE model_id = ? AND agency_id IN (SELECT id FROM above)
		ORDER BY at, report_id, kind`, agencyID, modelID)
	if err != nil {
		return nil, err
	}
	list := make([]scoring.Finding, len(rows))
	for i, row := range rows {
		if err := unmarshal(row.Document, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// AddLever stores a committee's decision with its proposer's signature. The audit entry of w commits to the decision's document.
func (db *DB) AddLever(ctx context.Context, w scoring.Write, l *tarozi.Lever, first tarozi.LeverSignature) (string, error) {
	document, err := leverDocument(l)
	if err != nil {
		return "", told(err)
	}
	id, _, err := db.change(ctx, w, l.ID, func(t *tx) error {
		if l.AgencyID != w.Actor.AgencyID {
			return noLever()
		}
		_, err := t.exec(`INSERT INTO levers (id, agency_id, model_id, proposed_at, document) VALUES (?, ?, ?, ?, ?)`,
			l.ID, l.AgencyID, l.ModelID, stamp(l.ProposedAt), document)
		if err != nil {
			return err
		}
		return t.addSignature(l.AgencyID, 1, &first)
	})
	return id, err
}

// leverDocument is a decision as it is stored: signatures stand beside it.
func leverDocument(l *tarozi.Lever) ([]byte, error) {
	bare := *l
	bare.Signatures = nil
	return tarozi.Canonical(&bare)
}

func (t *tx) addSignature(agencyID string, ordinal int, s *tarozi.LeverSignature) error {
	document, err := tarozi.Canonical(s)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO lever_signatures (id, agency_id, lever_id, ordinal, account_id, document) VALUES (?, ?, ?, ?, ?, ?)`,
		s.ID, agencyID, s.LeverID, ordinal, s.By, document)
	return err
}

func noLever() error {
	return tarozi.Errorf(tarozi.NotFound, "there is no such decision of this agency's committee: check its id")
}

// SignLever adds the signature that next makes of the decision as it stands, with its audit entry. next is called within the
// transaction, maybe more than once; its error is given back and nothing is stored. A decision of another agency is NotFound.
func (db *DB) SignLever(ctx context.Context, w scoring.Write, leverID string,
	next func(*tarozi.Lever) (*tarozi.LeverSignature, scoring.AuditEntry, error)) (signed *tarozi.Lever, err error) {
	_, _, err = db.changeAs(ctx, w, leverID, func(t *tx) (scoring.AuditEntry, error) {
		if signed, err = t.lever(w.Actor.AgencyID, leverID); err != nil {
			return scoring.AuditEntry{}, err
		}
		signature, entry, err := next(signed)
		if err != nil {
			return scoring.AuditEntry{}, err
		}
		signed.Signatures = append(signed.Signatures, *signature)
		return entry, t.addSignature(w.Actor.AgencyID, len(signed.Signatures), signature)
	})
	if err != nil {
		return nil, err
	}
	if signed != nil {
		return signed, nil
	}
	return db.Lever(ctx, w.Actor.AgencyID, leverID) // repeated under its idempotency key
}

// Lever reads one decision of an agency's own committee.
func (db *DB) Lever(ctx context.Context, agencyID, id string) (l *tarozi.Lever, err error) {
	err = db.read(ctx, func(t *tx) error {
		l, err = t.lever(agencyID, id)
		return err
	})
	return l, err
}

func (t *tx) lever(agencyID, id string) (*tarozi.Lever, error) {
	var document []byte
	err := t.get(&document, `SELECT document FROM levers WHERE id = ? AND agency_id = ?`, id, agencyID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, noLever()
	}
	if err != nil {
		return nil, err
	}
	l := new(tarozi.Lever)
	if err := unmarshal(document, l); err != nil {
		return nil, err
	}
	var rows []struct{ Document []byte }
	if err := t.list(&rows, `SELECT document FROM lever_signatures WHERE lever_id = ? ORDER BY ordinal`, id); err != nil {
		return nil, err
	}
	l.Signatures = make([]tarozi.LeverSignature, len(rows))
	for i, row := range rows {
		if err := unmarshal(row.Document, &l.Signatures[i]); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// NotePause records, once, that a model was found paused by itself for an agency since a moment.
func (db *DB) NotePause(ctx context.Context, w scoring.Write, modelID string, p *scoring.Pause) error {
	document, err := tarozi.Canonical(p)
	if err != nil {
		return told(err)
	}
	err = db.write(ctx, func(t *tx) error {
		added, err := t.exec(`INSERT INTO self_pauses (agency_id, model_id, since, noted_at, document) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO NOTHING`, w.Actor.AgencyID, modelID, stamp(p.Since), stamp(w.At), document)
		if err != nil || added == 0 {
			return err
		}
		return t.record(w.Audit)
	})
	return err
}

// loggedLever is what is stored of a decision or of a signature.
func (t *tx) loggedLever(c audit.Commitment) (*LoggedRecord, error) {
	query := `SELECT document, agency_id FROM levers WHERE id = ?`
	if c.Action == "lever.signed" {
		query = `SELECT document, agency_id FROM lever_signatures WHERE id = ?`
	}
	var row struct {
		Document []byte
		AgencyID string `db:"agency_id"`
	}
	if err := t.get(&row, query, c.SubjectID); err != nil {
		return nil, err
	}
	r := &LoggedRecord{Parts: [][]byte{row.Document}}
	if row.AgencyID != c.AgencyID {
		r.Wrong = "its row names another agency"
	}
	return r, nil
}
