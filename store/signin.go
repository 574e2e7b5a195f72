package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// administers refuses a change of what belongs to an agency that the write's scope does not reach.
func (t *tx) administers(w scoring.Write, agencyID string) error {
	var found int
	of := inAgencies(w.Scope, "id")
	err := t.get(&found, `SELECT count(*) FROM agencies WHERE id = ? AND `+of.sql, of.after(agencyID)...)
	if err == nil && found == 0 {
		err = tarozi.Errorf(tarozi.NotFound, "there is no such agency among those you administer: choose another")
	}
	return err
}

// administersAccount is administers for the agency of an account.
func (t *tx) administersAccount(w scoring.Write, accountID string) error {
	var found int
	of := inAgencies(w.Scope, "agency_id")
	err := t.get(&found, `SELECT count(*) FROM accounts WHERE id = ? AND `+of.sql, of.after(accountID)...)
	if err == nil && found == 0 {
		err = noAccount()
	}
	return err
}

// changeAccount changes one account that is the actor's own or within the write's scope.
func (db *DB) changeAccount(ctx context.Context, w scoring.Write, accountID string, work func(*tx) error) error {
	_, _, err := db.change(ctx, w, accountID, func(t *tx) error {
		if accountID != w.Actor.AccountID {
			if err := t.administersAccount(w, accountID); err != nil {
				return err
			}
		}
		return work(t)
	})
	return err
}

// PutAccount stores an account's name, role and whether it is closed. All its sessions end where the role changes or it is closed.
func (db *DB) PutAccount(ctx context.Context, w scoring.Write, a tarozi.Account) error {
	return db.changeAccount(ctx, w, a.ID, func(t *tx) error {
		var before struct {
			Role       string
			DisabledAt sql.NullString `db:"disabled_at"`
		}
		if err := t.get(&before, `SELECT role, disabled_at FROM accounts WHERE id = ?`, a.ID); err != nil {
			return err
		}
		closed := sql.NullString{String: stamp(a.Disabled), Valid: !a.Disabled.IsZero()}
		if _, err := t.exec(`UPDATE accounts SET name = ?, role = ?, disabled_at = ? WHERE id = ?`, a.Name, string(a.Role), closed, a.ID); err != nil {
			return err
		}
		if before.Role == string(a.Role) && !closed.Valid {
			return nil
		}
		return t.endSessions(a.ID)
	})
}

// SetPassword stores the hash of a new password and ends all sessions of the account. One that somebody else has given signs in until ends, to
// be changed then; ends is zero for one of the account's own choice.
func (db *DB) SetPassword(ctx context.Context, w scoring.Write, accountID, hash string, ends time.Time) error {
	return db.changeAccount(ctx, w, accountID, func(t *tx) error {
		if _, err := t.exec(`UPDATE accounts SET password_hash = ?, must_change = ?, first_password_ends = ? WHERE id = ?`, hash, !ends.IsZero(), ending(ends), accountID); err != nil {
			return err
		}
		return t.endSessions(accountID)
	})
}

// SetSecondFactor seals and stores the secret of an account's second factor, with hashes (hex SHA-256) of the codes that stand in for it once
// each; an empty secret takes the factor away.
func (db *DB) SetSecondFactor(ctx context.Context, w scoring.Write, accountID, secret string, codes []string) error {
	return db.changeAccount(ctx, w, accountID, func(t *tx) error {
		var sealed any
		if secret != "" {
			text, err := t.seal.SealFor(accountID, placeFactor, []byte(secret))
			if err != nil {
				return err
			}
			sealed = text
		}
		if _, err := t.exec(`UPDATE accounts SET totp_sealed = ?, totp_step = 0 WHERE id = ?`, sealed, accountID); err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM recovery_codes WHERE account_id = ?`, accountID); err != nil {
			return err
		}
		for _, code := range codes {
			_, err := t.exec(`INSERT INTO recovery_codes (account_id, sha256, agency_id) SELECT id, ?, agency_id FROM accounts WHERE id = ?`, code, accountID)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SecondFactor is the secret of an account's second factor; empty where it has none.
func (db *DB) SecondFactor(ctx context.Context, accountID string) (secret string, err error) {
	var sealed []byte
	err = db.read(ctx, func(t *tx) error { return t.get(&sealed, `SELECT totp_sealed FROM accounts WHERE id = ?`, accountID) })
	if errors.Is(err, sql.ErrNoRows) {
		err = noAccount()
	}
	if err != nil || sealed == nil {
		return "", err
	}
	text, err := db.seal.OpenFor(accountID, placeFactor, sealed)
	return string(text), told(err)
}

// UseStep takes the step of a one-time code, once: false where it, or a later one, was used before.
func (db *DB) UseStep(ctx context.Context, w scoring.Write, accountID string, step int64) (fresh bool, err error) {
	return db.useOnce(ctx, w, `UPDATE accounts SET totp_step = ? WHERE id = ? AND totp_step < ?`, step, accountID, step)
}

// useOnce runs a statement that takes something away, with its audit entry; false and no entry where it is gone.
func (db *DB) useOnce(ctx context.Context, w scoring.Write, statement string, args ...any) (held bool, err error) {
	err = db.write(ctx, func(t *tx) error {
		changed, err := t.exec(statement, args...)
		if held = changed > 0; err != nil || !held {
			return err
		}
		return t.record(w.Audit)
	})
	return held, err
}

// UseRecoveryCode takes a code that stands in for the second factor, once; false where the account has no such code.
func (db *DB) UseRecoveryCode(ctx context.Context, w scoring.Write, accountID, sha256 string) (held bool, err error) {
	return db.useOnce(ctx, w, `DELETE FROM recovery_codes WHERE account_id = ? AND sha256 = ?`, accountID, sha256)
}

// AccountByExternalID reads the account of a single sign-on's issuer and subject.
func (db *DB) AccountByExternalID(ctx context.Context, externalID string) (tarozi.Account, error) {
	row, err := db.accountWhere(ctx, `external_id = ?`, externalID)
	if err != nil {
		return tarozi.Account{}, err
	}
	return row.account()
}

// attemptsKept is how long failed attempts are remembered.
const attemptsKept = 24 * time.Hour

// TrySignIn counts an attempt, as failed until ClearAttempts says otherwise, and gives how long to wait before one is looked at: then
// nothing is counted. backoff is the wait after so many failed attempts. What is counted under is the hash of the login that was typed.
func (db *DB) TrySignIn(ctx context.Context, loginSHA256 string, now time.Time, backoff func(failed int) time.Duration) (wait time.Duration, err error) {
	err = db.write(ctx, func(t *tx) error {
		wait = 0
		if _, err := t.exec(`DELETE FROM sign_in_attempts WHERE last_at < ?`, stamp(now.Add(-attemptsKept))); err != nil {
			return err
		}
		var row struct {
			Failed int
			LastAt string `db:"last_at"`
		}
		err := t.get(&row, `SELECT failed, last_at FROM sign_in_attempts WHERE login_sha256 = ?`, loginSHA256)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err == nil {
			last, err := parseStamp(row.LastAt)
			if err != nil {
				return err
			}
			if wait = last.Add(backoff(row.Failed)).Sub(now); wait > 0 {
				return nil
			}
			wait = 0
		}
		_, err = t.exec(`INSERT INTO sign_in_attempts (login_sha256, failed, last_at) VALUES (?, 1, ?)
			ON CONFLICT (login_sha256) DO UPDATE SET failed = failed + 1, last_at = excluded.last_at`, loginSHA256, stamp(now))
		return err
	})
	return wait, err
}

// ClearAttempts forgets failed attempts, with the audit entry of the one that did not fail.
func (db *DB) ClearAttempts(ctx context.Context, w scoring.Write, loginSHA256 string) error {
	_, _, err := db.change(ctx, w, w.Actor.AccountID, func(t *tx) error {
		_, err := t.exec(`DELETE FROM sign_in_attempts WHERE login_sha256 = ?`, loginSHA256)
		return err
	})
	return err
}
