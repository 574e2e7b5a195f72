package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// PutAgency stores an agency, or a new name, place in the tree or setting for one that is there.
func (db *DB) PutAgency(ctx context.Context, w scoring.Write, a tarozi.Agency) error {
	_, _, err := db.change(ctx, w, a.ID, func(t *tx) error {
		_, err := t.exec(`INSERT INTO agencies (id, parent_id, name, urgent_without_view) VALUES (?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
				urgent_without_view = excluded.urgent_without_view`,
			a.ID, sql.NullString{String: a.ParentID, Valid: a.ParentID != ""}, a.Name, a.UrgentWithoutView)
		if err != nil {
			return err
		}
		return t.closeTree()
	})
	return err
}

type agencyRow struct {
	ID       string
	ParentID sql.NullString `db:"parent_id"`
	Name     string
	Urgent   bool `db:"urgent_without_view"`
}

func (r agencyRow) agency() tarozi.Agency {
	return tarozi.Agency{ID: r.ID, ParentID: r.ParentID.String, Name: r.Name, UrgentWithoutView: r.Urgent}
}

// Agency reads an agency.
func (db *DB) Agency(ctx context.Context, id string) (tarozi.Agency, error) {
	var row agencyRow
	err := db.read(ctx, func(t *tx) error {
		return t.get(&row, `SELECT id, parent_id, name, urgent_without_view FROM agencies WHERE id = ?`, id)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return tarozi.Agency{}, tarozi.Errorf(tarozi.NotFound, "there is no such agency")
	}
	return row.agency(), err
}

// Agencies lists all agencies by id.
func (db *DB) Agencies(ctx context.Context) ([]tarozi.Agency, error) {
	var rows []agencyRow
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT id, parent_id, name, urgent_without_view FROM agencies ORDER BY id`)
	})
	if err != nil {
		return nil, err
	}
	agencies := make([]tarozi.Agency, len(rows))
	for i, row := range rows {
		agencies[i] = row.agency()
	}
	return agencies, nil
}

// CreateAccount stores an account with the argon2id hash of its password; an empty hash lets nobody sign in with a password. A
// login that is taken, in whatever case, is a Conflict.
func (db *DB) CreateAccount(ctx context.Context, w scoring.Write, a tarozi.Account, passwordHash string) error {
	_, _, err := db.change(ctx, w, a.ID, func(t *tx) error {
		_, err := t.exec(`INSERT INTO accounts (id, agency_id, login, login_folded, name, role, password_hash, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			a.ID, a.AgencyID, a.Login, foldLogin(a.Login), a.Name, string(a.Role), passwordHash, stamp(a.Created))
		return err
	})
	return err
}

func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

type accountRow struct {
	ID           string
	AgencyID     string `db:"agency_id"`
	Login        string
	Name         string
	Role         string
	PasswordHash string `db:"password_hash"`
	CreatedAt    string `db:"created_at"`
}

func (r accountRow) account() (tarozi.Account, error) {
	created, err := parseStamp(r.CreatedAt)
	return tarozi.Account{ID: r.ID, AgencyID: r.AgencyID, Login: r.Login, Name: r.Name, Role: tarozi.Role(r.Role), Created: created}, told(err)
}

const selectAccount = `SELECT id, agency_id, login, name, role, password_hash, created_at FROM accounts WHERE `

func noAccount() error { return tarozi.Errorf(tarozi.NotFound, "there is no such account") }

func (db *DB) accountWhere(ctx context.Context, condition, value string) (row accountRow, err error) {
	err = db.read(ctx, func(t *tx) error { return t.get(&row, selectAccount+condition, value) })
	if errors.Is(err, sql.ErrNoRows) {
		err = noAccount()
	}
	return row, err
}

// AccountByLogin reads the account that signs in with login, in whatever case, with the hash of its password.
func (db *DB) AccountByLogin(ctx context.Context, login string) (a tarozi.Account, passwordHash string, err error) {
	row, err := db.accountWhere(ctx, `login_folded = ?`, foldLogin(login))
	if err != nil {
		return tarozi.Account{}, "", err
	}
	a, err = row.account()
	return a, row.PasswordHash, err
}

// Account reads an account.
func (db *DB) Account(ctx context.Context, id string) (tarozi.Account, error) {
	row, err := db.accountWhere(ctx, `id = ?`, id)
	if err != nil {
		return tarozi.Account{}, err
	}
	return row.account()
}

// Accounts lists the accounts of the scope's agencies by login.
func (db *DB) Accounts(ctx context.Context, scope tarozi.Scope) ([]tarozi.Account, error) {
	var rows []accountRow
	of := inAgencies(scope, "agency_id")
	err := db.read(ctx, func(t *tx) error { return t.list(&rows, selectAccount+of.sql+` ORDER BY login_folded`, of.args...) })
	if err != nil {
		return nil, err
	}
	accounts := make([]tarozi.Account, len(rows))
	for i, row := range rows {
		if accounts[i], err = row.account(); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

// APIKey is what is kept of a key: never the key itself.
type APIKey struct {
	ID        string
	AccountID string
	SHA256    string          // hex, of the key
	Actions   []tarozi.Action // those its role does not have are never granted
	CreatedAt time.Time
	ExpiresAt time.Time
}

// CreateAPIKey stores a key for an account; an account that is absent is NotFound.
func (db *DB) CreateAPIKey(ctx context.Context, w scoring.Write, k APIKey) error {
	actions, err := marshal(k.Actions)
	if err != nil {
		return told(err)
	}
	_, _, err = db.change(ctx, w, k.ID, func(t *tx) error {
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
// A key that is unknown, or expired at now, is Unauthorised.
func (db *DB) ActorByAPIKey(ctx context.Context, sha256 string, now time.Time) (tarozi.Actor, error) {
	var row struct {
		AccountID string `db:"account_id"`
		AgencyID  string `db:"agency_id"`
		Role      string
		Actions   string
	}
	err := db.read(ctx, func(t *tx) error {
		return t.get(&row, `SELECT k.account_id, a.agency_id, a.role, k.actions FROM api_keys k JOIN accounts a ON a.id = k.account_id
			WHERE k.key_sha256 = ? AND k.expires_at > ?`, sha256, stamp(now))
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
	actor := tarozi.Actor{AccountID: row.AccountID, AgencyID: row.AgencyID, Role: tarozi.Role(row.Role)}
	for _, action := range tarozi.ActionsOf(actor.Role) {
		if slices.Contains(granted, action) {
			actor.Actions = append(actor.Actions, action)
		}
	}
	return actor, nil
}
