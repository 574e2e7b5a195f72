package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
)

// SealKeyFile is where the master key of a database lies where nothing else is said: beside it.
func SealKeyFile(database string) string { return filepath.Join(filepath.Dir(database), "seal-key") }

// The places that a person's texts are sealed for.
const (
	placeIdentity  = "identity"
	placeProtected = "protected attributes"
)

// sealerOf opens the master key. One is made only for a database that has nothing sealed yet: where there is, a new key could not
// read it, and the old one must be found.
func sealerOf(t *tx, path string, o Options) (*seal.Sealer, error) {
	var one struct {
		PersonID string `db:"person_id"`
		Wrapped  []byte
	}
	err := t.get(&one, `SELECT person_id, wrapped FROM person_keys LIMIT 1`)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	fresh := errors.Is(err, sql.ErrNoRows)
	factors, err := t.sealedFactors()
	if err != nil {
		return nil, err
	}
	fresh = fresh && len(factors) == 0
	sealer := o.Seal
	if sealer == nil {
		file := o.SealKey
		if file == "" {
			file = SealKeyFile(path)
		}
		if sealer, err = seal.OpenFile(file, fresh); err != nil {
			return nil, err
		}
	}
	if one.Wrapped != nil {
		if _, err := sealer.Unwrap(one.PersonID, one.Wrapped); err != nil {
			return nil, err
		}
	}
	return sealer, nil
}

// key is the key of a person, nil where nothing of theirs is sealed.
func (t *tx) key(personID string) (*seal.Key, error) {
	var wrapped []byte
	err := t.get(&wrapped, `SELECT wrapped FROM person_keys WHERE person_id = ?`, personID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return t.seal.Unwrap(personID, wrapped)
}

// keyFor is the key of a person, made where there is none.
func (t *tx) keyFor(agencyID, personID string, at time.Time) (*seal.Key, error) {
	key, err := t.key(personID)
	if key != nil || err != nil {
		return key, err
	}
	key, wrapped, err := t.seal.NewKey(personID)
	if err != nil {
		return nil, err
	}
	_, err = t.exec(`INSERT INTO person_keys (person_id, agency_id, wrapped, created_at) VALUES (?, ?, ?, ?)`,
		personID, agencyID, wrapped, stamp(at))
	return key, err
}

// unsealed reads a sealed JSON text into a value.
func unsealed(key *seal.Key, place string, sealed []byte, into any) error {
	if key == nil {
		return fmt.Errorf("a sealed text whose key is gone")
	}
	text, err := key.Open(place, sealed)
	if err != nil {
		return err
	}
	return unmarshal(text, into)
}

// readSealed reads the row that a table has of a person into a value; false where it has none.
func (t *tx) readSealed(table, place, personID string, into any) (found bool, err error) {
	var sealed []byte
	err = t.get(&sealed, `SELECT sealed FROM `+table+` WHERE person_id = ?`, personID)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	key, err := t.key(personID)
	if err != nil {
		return false, err
	}
	return true, unsealed(key, place, sealed, into)
}

func sealedJSON(key *seal.Key, place string, value any) ([]byte, error) {
	text, err := marshal(value)
	if err != nil {
		return nil, err
	}
	return key.Seal(place, text)
}

// names opens people's names for lists. SQL asks it row by row (see register), and what it has opened it remembers, so that a caseload
// is sorted and searched as if the names lay in the clear: they do so in this process's memory, and nowhere else.
type names struct {
	seal *seal.Sealer

	mu    sync.Mutex
	known map[string]knownName // by person
}

// rememberedNames bounds the names in memory.
const rememberedNames = 1 << 18

type knownName struct {
	sealed               []byte // that it was opened from
	name, folded, sorted string
}

func (n *names) open(personID string, sealed, wrapped []byte) (knownName, error) {
	n.mu.Lock()
	known, hit := n.known[personID]
	n.mu.Unlock()
	if hit && bytes.Equal(known.sealed, sealed) {
		return known, nil
	}
	key, err := n.seal.Unwrap(personID, wrapped)
	if err != nil {
		return knownName{}, err
	}
	var identity tarozi.Identity
	if err := unsealed(key, placeIdentity, sealed, &identity); err != nil {
		return knownName{}, err
	}
	known = knownName{sealed: sealed, name: identity.Name, folded: fold(identity.Name), sorted: sortKey(identity.Name)}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.known == nil || len(n.known) >= rememberedNames {
		n.known = map[string]knownName{}
	}
	n.known[personID] = known
	return known, nil
}

// forget drops a person's name from memory.
func (n *names) forget(personID string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.known, personID)
}

// register gives a connection the functions name_folded and name_sorted of a person's id, sealed identity and wrapped key.
func (n *names) register(c *sqlite3.SQLiteConn) error {
	for function, part := range map[string]func(knownName) string{
		"name_folded": func(k knownName) string { return k.folded },
		"name_sorted": func(k knownName) string { return k.sorted },
	} {
		err := c.RegisterFunc(function, func(personID string, sealed, wrapped []byte) (string, error) {
			known, err := n.open(personID, sealed, wrapped)
			return part(known), err
		}, true)
		if err != nil {
			return fmt.Errorf("registering %s: %w", function, err)
		}
	}
	return nil
}

// sealTheClear seals what was stored in the clear before there were keys, all of it or nothing.
func (t *tx) sealTheClear() error {
	for _, table := range []string{"identities_in_clear", "protected_attributes_in_clear"} {
		var there int
		if err := t.get(&there, `SELECT count(*) FROM sqlite_master WHERE name = ?`, table); err != nil {
			return err
		}
		if there == 0 {
			return nil // they go together
		}
	}
	var people []struct {
		tarozi.Identity
		AgencyID  string `db:"agency_id"`
		UpdatedAt string `db:"updated_at"`
	}
	err := t.list(&people, `SELECT person_id AS personid, agency_id, name, contact, updated_at FROM identities_in_clear`)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := t.sealOld("identities", placeIdentity, p.PersonID, p.AgencyID, p.UpdatedAt, &p.Identity); err != nil {
			return err
		}
	}
	var stated []struct {
		PersonID    string `db:"person_id"`
		AgencyID    string `db:"agency_id"`
		Name, Value string
		UpdatedAt   string `db:"updated_at"`
	}
	err = t.list(&stated, `SELECT person_id, agency_id, name, value, updated_at FROM protected_attributes_in_clear ORDER BY person_id, name`)
	if err != nil {
		return err
	}
	for len(stated) > 0 {
		first, set := stated[0], tarozi.ProtectedAttributes{PersonID: stated[0].PersonID, Attributes: map[string]string{}}
		for len(stated) > 0 && stated[0].PersonID == first.PersonID {
			set.Attributes[stated[0].Name] = stated[0].Value
			first.UpdatedAt = max(first.UpdatedAt, stated[0].UpdatedAt)
			stated = stated[1:]
		}
		if err := t.sealOld("protected_attributes", placeProtected, first.PersonID, first.AgencyID, first.UpdatedAt, &set); err != nil {
			return err
		}
	}
	for _, table := range []string{"identities_in_clear", "protected_attributes_in_clear"} {
		if _, err := t.exec(`DROP TABLE ` + table); err != nil { // secure_delete overwrites its pages
			return err
		}
	}
	return nil
}

func (t *tx) sealOld(table, place, personID, agencyID, updated string, value any) error {
	at, err := parseStamp(updated)
	if err != nil {
		return err
	}
	key, err := t.keyFor(agencyID, personID, at)
	if err != nil {
		return err
	}
	sealed, err := sealedJSON(key, place, value)
	if err != nil {
		return err
	}
	_, err = t.exec(`INSERT INTO `+table+` (person_id, agency_id, sealed, updated_at) VALUES (?, ?, ?, ?)`, personID, agencyID, sealed, updated)
	return err
}

// SealedWith says how many people's keys and second factors are under the master key of today, and how many under an earlier one.
func (db *DB) SealedWith(ctx context.Context) (current, earlier int, err error) {
	var all [][]byte
	err = db.read(ctx, func(t *tx) error {
		if err := t.list(&all, `SELECT wrapped FROM person_keys`); err != nil {
			return err
		}
		factors, err := t.sealedFactors()
		for _, f := range factors {
			all = append(all, f.Sealed)
		}
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	for _, wrapped := range all {
		if db.seal.Current(wrapped) {
			current++
		} else {
			earlier++
		}
	}
	return current, earlier, nil
}

// Rewrap wraps every person's key, and seals every second factor, with the master key of today, in portions of one transaction each, and says how many it changed.
// What was sealed with people's keys stays as it is. It can be broken off and run again. write makes the audit entry of a portion.
func (db *DB) Rewrap(ctx context.Context, write func() (scoring.Write, error)) (changed int, err error) {
	if changed, err = db.resealFactors(ctx, write); err != nil {
		return changed, err
	}
	const portion = 500
	for after := ""; ; {
		var rows []struct {
			PersonID string `db:"person_id"`
			Wrapped  []byte
		}
		done := 0
		w, err := write()
		if err != nil {
			return changed, err
		}
		err = db.write(ctx, func(t *tx) error {
			rows, done = nil, 0
			if err := t.list(&rows, `SELECT person_id, wrapped FROM person_keys WHERE person_id > ? ORDER BY person_id LIMIT ?`, after, portion); err != nil {
				return err
			}
			for _, row := range rows {
				if db.seal.Current(row.Wrapped) {
					continue
				}
				again, err := db.seal.Rewrap(row.PersonID, row.Wrapped)
				if err != nil {
					return err
				}
				if _, err := t.exec(`UPDATE person_keys SET wrapped = ? WHERE person_id = ?`, again, row.PersonID); err != nil {
					return err
				}
				done++
			}
			if done == 0 {
				return nil
			}
			return t.record(w.Audit)
		})
		if err != nil {
			return changed, err
		}
		changed += done
		if len(rows) < portion {
			return changed, nil
		}
		after = rows[len(rows)-1].PersonID
	}
}

// Pseudonym stands in logs for a text that may name a person, such as an id.
func (db *DB) Pseudonym(text string) (string, error) { return db.seal.Pseudonym(text) }
