package store

import (
	"context"

	"github.com/tarozi/tarozi/scoring"
)

// CountRefusal counts a request to which no score was given, with its audit entry. Neither says about whom it was.
func (db *DB) CountRefusal(ctx context.Context, w scoring.Write, r scoring.Refusal) error {
	return db.write(ctx, func(t *tx) error {
		in := inAgencies(w.Scope, "id")
		var found int
		if err := t.get(&found, `SELECT count(*) FROM agencies WHERE id = ? AND (`+in.sql+`)`, in.after(r.AgencyID)...); err != nil {
			return err
		}
		if found == 0 {
			return noPerson()
		}
		_, err := t.exec(`INSERT INTO refusals (agency_id, model_sha256, as_of, reason, n) VALUES (?, ?, ?, ?, 1)
			ON CONFLICT (agency_id, model_sha256, as_of, reason) DO UPDATE SET n = n + 1`, r.AgencyID, r.ModelSHA256, r.AsOf.String(), r.Reason)
		if err != nil {
			return err
		}
		return t.record(w.Audit)
	})
}
