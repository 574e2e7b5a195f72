package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tarozi/tarozi/audit"
)

// RowFault is a row that is not as the log says.
type RowFault struct {
	EntryID string // that committed to the row; empty where none did
	What    string
}

// Rows holds every covered row against the latest entry that speaks of it, and every entry, given by its id, against its commitments.
// It returns the number of rows that are as they were logged, and the ids of entries that spoke of rows since erased. No key is needed:
// what is sealed is compared as it lies there.
func (l AuditLog) Rows(ctx context.Context, entries map[string]audit.Commitment) (held int, erased map[string]bool, faults []RowFault, err error) {
	err = l.db.read(ctx, func(t *tx) error {
		tables, err := t.coveredTables()
		if err != nil {
			return err
		}
		if erased, faults, err = t.checkManifests(entries); err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			one, seen := tables[name], map[string]bool{}
			err := t.eachRow(one, func(key string, values []any) error {
				seen[key] = true
				latest, err := t.commitment(name, key)
				switch {
				case err != nil:
					return err
				case latest == nil:
					faults = append(faults, RowFault{What: fmt.Sprintf("a row of %s (%s) has no entry: nobody made it through the service", name, one.shown(values))})
				case latest.What != rowWritten:
					faults = append(faults, RowFault{latest.EntryID, fmt.Sprintf("a row of %s (%s) was deleted and is there again", name, one.shown(values))})
				case !latest.holds(one, values):
					faults = append(faults, RowFault{latest.EntryID, fmt.Sprintf("the row of %s (%s) is not the one that was logged", name, one.shown(values))})
				default:
					held++
				}
				return nil
			})
			if err != nil {
				return err
			}
			if err := t.missing(name, seen, &faults); err != nil {
				return err
			}
		}
		return nil
	})
	return held, erased, faults, err
}

// missing names rows that were written last, as far as the log says, and are not there.
func (t *tx) missing(name string, seen map[string]bool, faults *[]RowFault) error {
	rows, err := t.sql.QueryxContext(t.ctx, `SELECT row_key, entry_id, what, max(seq) FROM row_commitments
		WHERE table_name = ? AND row_key IS NOT NULL GROUP BY row_key`, name)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, entryID, what string
		var seq int64
		if err := rows.Scan(&key, &entryID, &what, &seq); err != nil {
			return err
		}
		if what == rowWritten && !seen[key] {
			*faults = append(*faults, RowFault{entryID, fmt.Sprintf("a row of %s that was logged is gone", name)})
		}
	}
	return rows.Err()
}

// checkManifests holds the commitments of each entry against what the entry has of them, and every emptied one against an erasure.
func (t *tx) checkManifests(entries map[string]audit.Commitment) (spokeOfErased map[string]bool, faults []RowFault, err error) {
	rows, err := t.sql.QueryxContext(t.ctx, `SELECT entry_id, what, row_key IS NULL, sha256 FROM row_commitments ORDER BY seq`)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	spokeOfErased = map[string]bool{}
	type manifest struct {
		count int
		sums  []byte
	}
	made := map[string]*manifest{}
	emptied, erased := map[[sha256.Size]byte]string{}, map[[sha256.Size]byte]bool{}
	for rows.Next() {
		var entryID, what string
		var keyless bool
		var sum []byte
		if err := rows.Scan(&entryID, &what, &keyless, &sum); err != nil {
			return nil, nil, err
		}
		if made[entryID] == nil {
			made[entryID] = new(manifest)
		}
		made[entryID].count++
		made[entryID].sums = append(made[entryID].sums, sum...)
		switch {
		case what == rowErased:
			erased[[sha256.Size]byte(sum)] = true
		case keyless:
			emptied[erasedSum(sum)] = entryID
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	for id, m := range made {
		sum := sha256.Sum256(m.sums)
		switch e, logged := entries[id]; {
		case !logged:
			faults = append(faults, RowFault{What: fmt.Sprintf("%d hashes of rows belong to no entry", m.count)})
		case e.Rows != m.count || e.RowsSHA256 != hex.EncodeToString(sum[:]):
			faults = append(faults, RowFault{id, "the hashes of its rows are not those that it committed to"})
		}
	}
	for id, e := range entries {
		if e.Rows > 0 && made[id] == nil {
			faults = append(faults, RowFault{id, "the hashes of its rows are gone"})
		}
	}
	for sum, id := range emptied {
		if !erased[sum] {
			faults = append(faults, RowFault{id, "a hash of a row was emptied, and no erasure says so"})
			continue
		}
		spokeOfErased[id] = true
	}
	return spokeOfErased, faults, nil
}

// shown names a row without saying whose it is.
func (t *table) shown(values []any) string {
	var parts []string
	for _, at := range t.key {
		if column := t.columns[at]; column != "person_id" {
			parts = append(parts, fmt.Sprintf("%s %v", column, values[at]))
		}
	}
	if len(parts) == 0 {
		return "a person's"
	}
	return strings.Join(parts, ", ")
}
