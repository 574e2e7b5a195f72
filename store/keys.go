package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// APIKey is what is kept of a key: never the key itself.
type APIKey struct {
	ID        string
	AccountID string
	SHA256    string          // hex, of the key
	Actions   []tarozi.Action // those its role does not have are never granted
	CreatedAt time.Time
	ExpiresAt time.Time
	RevokedAt time.Time // zero: it holds until it expires
}

// CreateAPIKey stores a key for an account; an account that is absent is NotFound.
func (db *DB) CreateAPIKey(ctx context.Context, w scoring.Write, k APIKey) error {
	actions, err := marshal(k.Actions)
	if err != nil {
		return told(err)
	}
	_, _, err = db.change(ctx, w, k.ID, func(t *tx) error {
		if err := t.administersAccount(w, k.AccountID); err != nil {
			return err
		}
		stored, err := t.exec(`INSERT INTO api_keys (id, agency_id, account_id, key_sha256, actions, created_at, expires_at)
			SELECT ?, agency_id, id, ?, ?, ?, ? FROM accounts WHERE id = ?`,
			k.ID, k.SHA256, string(actions), stamp(k.CreatedAt), stamp(k.ExpiresAt), k.AccountID)
		if err == nil && stored == 0 {
			err = noAccount()
		}
		return err
	})
	return err
}

// ActorByAPIKey is who holds the key with this SHA-256 (hex), with the actions that both the key and its account's role allow.
// A key that is unknown, taken back or expired at now, or of a closed account, is Unauthorised.
func (db *DB) ActorByAPIKey(ctx context.Context, sha256 string, now time.Time) (tarozi.Actor, error) {
	var row struct {
		ID        string
		AccountID string `db:"account_id"`
		AgencyID  string `db:"agency_id"`
		Role      string
		Actions   string
	}
	err := db.read(ctx, func(t *tx) error {
		return t.get(&row, `SELECT k.id, k.account_id, a.agency_id, a.role, k.actions FROM api_keys k JOIN accounts a ON a.id = k.account_id
			WHERE k.key_sha256 = ? AND k.expires_at > ? AND k.revoked_at IS NULL AND a.disabled_at IS NULL`, sha256, stamp(now))
	})
	if errors.Is(err, sql.ErrNoRows) {
		return tarozi.Actor{}, tarozi.Errorf(tarozi.Unauthorised, "the API key is unknown or has expired: ask your administrator for a new one")
	}
	if err != nil {
		return tarozi.Actor{}, err
	}
	var granted []tarozi.Action
	if err := unmarshal([]byte(row.Actions), &granted); err != nil {
		return tarozi.Actor{}, told(err)
	}
	actor := tarozi.Actor{AccountID: row.AccountID, AgencyID: row.AgencyID, Role: tarozi.Role(row.Role), KeyID: row.ID, At: now}
	for _, action := range tarozi.ActionsOf(actor.Role) {
		if slices.Contains(granted, action) {
			actor.Actions = append(actor.Actions, action)
		}
	}
	return actor, nil
}

// APIKeys lists an account's keys, the newest first, where the scope reaches the account.
func (db *DB) APIKeys(ctx context.Context, scope tarozi.Scope, accountID string) ([]APIKey, error) {
	var rows []struct {
		ID        string
		SHA256    string `db:"key_sha256"`
		Actions   string
		CreatedAt string         `db:"created_at"`
		ExpiresAt string         `db:"expires_at"`
		RevokedAt sql.NullString `db:"revoked_at"`
	}
	err := db.read(ctx, func(t *tx) error {
		of := inAgencies(scope, "agency_id")
		return t.list(&rows, `SELECT id, key_sha256, actions, created_at, expires_at, revoked_at FROM api_keys
			WHERE account_id = ? AND `+of.sql+` ORDER BY created_at DESC, id DESC`, of.after(accountID)...)
	})
	if err != nil {
		return nil, err
	}
	keys := make([]APIKey, len(rows))
	for i, row := range rows {
		k := APIKey{ID: row.ID, AccountID: accountID, SHA256: row.SHA256}
		if err := unmarshal([]byte(row.Actions), &k.Actions); err != nil {
			return nil, told(err)
		}
		if k.CreatedAt, err = parseStamp(row.CreatedAt); err != nil {
			return nil, told(err)
		}
		if k.ExpiresAt, err = parseStamp(row.ExpiresAt); err != nil {
			return nil, told(err)
		}
		if row.RevokedAt.Valid {
			if k.RevokedAt, err = parseStamp(row.RevokedAt.String); err != nil {
				return nil, told(err)
			}
		}
		keys[i] = k
	}
	return keys, nil
}

// RevokeAPIKey takes a key back at once.
func (db *DB) RevokeAPIKey(ctx context.Context, w scoring.Write, keyID string) error {
	return db.changeKey(ctx, w, `UPDATE api_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?`, w.At, keyID)
}

// ShortenAPIKey lets a key end at the moment, where it would have lasted longer: its successor is in use by then.
func (db *DB) ShortenAPIKey(ctx context.Context, w scoring.Write, keyID string, ends time.Time) error {
	return db.changeKey(ctx, w, `UPDATE api_keys SET expires_at = min(expires_at, ?) WHERE id = ?`, ends, keyID)
}

func (db *DB) changeKey(ctx context.Context, w scoring.Write, statement string, at time.Time, keyID string) error {
	_, _, err := db.change(ctx, w, keyID, func(t *tx) error {
		of := inAgencies(w.Scope, "agency_id")
		changed, err := t.exec(statement+` AND `+of.sql, of.after(stamp(at), keyID)...)
		if err == nil && changed == 0 {
			err = tarozi.Errorf(tarozi.NotFound, "there is no such key: choose one of the list")
		}
		return err
	})
	return err
}
