package store

import (
	"context"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// mostRestricted is how many restricted cases one list has: they are few.
const mostRestricted = 500

// RestrictedCases lists the restricted cases of the scope's agencies by agency, without names: it is for settling who may see
// them.
func (db *DB) RestrictedCases(ctx context.Context, scope tarozi.Scope) ([]scoring.RestrictedCase, error) {
	var rows []struct {
		PersonID string `db:"person_id"`
		PageKey  string `db:"page_key"`
		Agency   string
		Named    int
	}
	may := covers(scope, "p")
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT p.person_id, p.page_key, g.name AS agency, (SELECT count(*) FROM restricted_names n WHERE n.person_id = p.person_id) AS named
			FROM people p JOIN agencies g ON g.id = p.agency_id WHERE p.restricted = 1 AND (`+may.sql+`) ORDER BY g.name, p.person_id LIMIT ?`,
			append(may.after(), mostRestricted)...)
	})
	if err != nil {
		return nil, err
	}
	list := make([]scoring.RestrictedCase, len(rows))
	for i, row := range rows {
		list[i] = scoring.RestrictedCase{PersonID: row.PersonID, PageKey: row.PageKey, Agency: row.Agency, Named: row.Named}
	}
	return list, nil
}
