package store

import (
	"context"

	"github.com/tarozi/tarozi/scoring"
)

// placeFactor is what secrets of second factors are sealed for; their owners are accounts.
const placeFactor = "second factor"

// sealFactors seals the secrets that were stored in the clear before there was a place for sealed ones.
func (t *tx) sealFactors() error {
	var there int
	if err := t.get(&there, `SELECT count(*) FROM sqlite_master WHERE name = 'second_factors_in_clear'`); err != nil || there == 0 {
		return err
	}
	var clear []struct {
		AccountID string `db:"account_id"`
		Secret    string
	}
	if err := t.list(&clear, `SELECT account_id, secret FROM second_factors_in_clear`); err != nil {
		return err
	}
	for _, f := range clear {
		sealed, err := t.seal.SealFor(f.AccountID, placeFactor, []byte(f.Secret))
		if err != nil {
			return err
		}
		if _, err := t.exec(`UPDATE accounts SET totp_sealed = ? WHERE id = ?`, sealed, f.AccountID); err != nil {
			return err
		}
	}
	_, err := t.exec(`DROP TABLE second_factors_in_clear`) // secure_delete overwrites its pages
	return err
}

// sealedFactor is an account's second factor as it is stored.
type sealedFactor struct {
	AccountID string `db:"id"`
	Sealed    []byte `db:"totp_sealed"`
}

func (t *tx) sealedFactors() (list []sealedFactor, err error) {
	return list, t.list(&list, `SELECT id, totp_sealed FROM accounts WHERE totp_sealed IS NOT NULL ORDER BY id`)
}

// resealFactors seals every second factor anew with the master key of today, in one transaction: there is at most one for each account.
func (db *DB) resealFactors(ctx context.Context, write func() (scoring.Write, error)) (changed int, err error) {
	w, err := write()
	if err != nil {
		return 0, err
	}
	err = db.write(ctx, func(t *tx) error {
		changed = 0
		list, err := t.sealedFactors()
		if err != nil {
			return err
		}
		for _, f := range list {
			if db.seal.Current(f.Sealed) {
				continue
			}
			secret, err := db.seal.OpenFor(f.AccountID, placeFactor, f.Sealed)
			if err != nil {
				return err
			}
			again, err := db.seal.SealFor(f.AccountID, placeFactor, secret)
			if err != nil {
				return err
			}
			if _, err := t.exec(`UPDATE accounts SET totp_sealed = ? WHERE id = ?`, again, f.AccountID); err != nil {
				return err
			}
			changed++
		}
		if changed == 0 {
			return nil
		}
		return t.record(w.Audit)
	})
	return changed, err
}
