package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// PutAgency stores an agency, or a new name, place in the tree or setting for one that is there.
func (db *DB) PutAgency(ctx context.Context, w scoring.Write, a tarozi.Agency) error {
	_, _, err := db.change(ctx, w, a.ID, func(t *tx) error {
		_, err := t.exec(`INSERT INTO agencies (`+agencyColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name,
				urgent_without_view = excluded.urgent_without_view, address = excluded.address,
				objection_days = excluded.objection_days, answer_days = excluded.answer_days`,
			a.ID, sql.NullString{String: a.ParentID, Valid: a.ParentID != ""}, a.Name, a.UrgentWithoutView, a.Address, a.ObjectionDays, a.AnswerDays)
		if err != nil {
			return err
		}
		return t.closeTree()
	})
	return err
}

// SettleAgency stores what an agency of the write's scope settles: address, periods, the order for urgent cases. Name and place in the
// tree stay. Any other agency is NotFound.
func (db *DB) SettleAgency(ctx context.Context, w scoring.Write, a tarozi.Agency) error {
	_, _, err := db.change(ctx, w, a.ID, func(t *tx) error {
		of := inAgencies(w.Scope, "id")
		changed, err := t.exec(`UPDATE agencies SET urgent_without_view = ?, address = ?, objection_days = ?, answer_days = ? WHERE id = ? AND `+of.sql,
			of.after(a.UrgentWithoutView, a.Address, a.ObjectionDays, a.AnswerDays, a.ID)...)
		if err == nil && changed == 0 {
			err = noAgency()
		}
		return err
	})
	return err
}

func noAgency() error { return tarozi.Errorf(tarozi.NotFound, "there is no such agency") }

const agencyColumns = `id, parent_id, name, urgent_without_view, address, objection_days, answer_days`

type agencyRow struct {
	ID            string
	ParentID      sql.NullString `db:"parent_id"`
	Name          string
	Urgent        bool `db:"urgent_without_view"`
	Address       string
	ObjectionDays int `db:"objection_days"`
	AnswerDays    int `db:"answer_days"`
}

func (r agencyRow) agency() tarozi.Agency {
	return tarozi.Agency{ID: r.ID, ParentID: r.ParentID.String, Name: r.Name, UrgentWithoutView: r.Urgent,
		Address: r.Address, ObjectionDays: r.ObjectionDays, AnswerDays: r.AnswerDays}
}

// Agency reads an agency.
func (db *DB) Agency(ctx context.Context, id string) (tarozi.Agency, error) {
	var row agencyRow
	err := db.read(ctx, func(t *tx) error {
		return t.get(&row, `SELECT `+agencyColumns+` FROM agencies WHERE id = ?`, id)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return tarozi.Agency{}, noAgency()
	}
	return row.agency(), err
}

// Agencies lists all agencies by id.
func (db *DB) Agencies(ctx context.Context) ([]tarozi.Agency, error) {
	var rows []agencyRow
	err := db.read(ctx, func(t *tx) error {
		return t.list(&rows, `SELECT `+agencyColumns+` FROM agencies ORDER BY id`)
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
		if err := t.administers(w, a.AgencyID); err != nil {
			return err
		}
		_, err := t.exec(`INSERT INTO accounts (id, agency_id, login, login_folded, name, role, password_hash, created_at, must_change, external_id, first_password_ends)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			a.ID, a.AgencyID, a.Login, foldLogin(a.Login), a.Name, string(a.Role), passwordHash, stamp(a.Created), a.MustChange,
			sql.NullString{String: a.ExternalID, Valid: a.ExternalID != ""}, ending(a.FirstPasswordEnds))
		return err
	})
	return err
}

// ending is a moment that may never come.
func ending(at time.Time) sql.NullString {
	return sql.NullString{String: stamp(at), Valid: !at.IsZero()}
}

func foldLogin(login string) string { return strings.ToLower(strings.TrimSpace(login)) }

type accountRow struct {
	ID           string
	AgencyID     string `db:"agency_id"`
	Login        string
	Name         string
	Role         string
	PasswordHash string         `db:"password_hash"`
	CreatedAt    string         `db:"created_at"`
	DisabledAt   sql.NullString `db:"disabled_at"`
	MustChange   bool           `db:"must_change"`
	SecondFactor bool           `db:"second_factor"`
	ExternalID   sql.NullString `db:"external_id"`
	FirstEnds    sql.NullString `db:"first_password_ends"`
}

func (r accountRow) account() (tarozi.Account, error) {
	a := tarozi.Account{ID: r.ID, AgencyID: r.AgencyID, Login: r.Login, Name: r.Name, Role: tarozi.Role(r.Role), MustChange: r.MustChange,
		SecondFactor: r.SecondFactor, ExternalID: r.ExternalID.String}
	var err error
	if a.Created, err = parseStamp(r.CreatedAt); err == nil && r.DisabledAt.Valid {
		a.Disabled, err = parseStamp(r.DisabledAt.String)
	}
	if err == nil && r.FirstEnds.Valid {
		a.FirstPasswordEnds, err = parseStamp(r.FirstEnds.String)
	}
	return a, told(err)
}

const selectAccount = `SELECT id, agency_id, login, name, role, password_hash, created_at, disabled_at, must_change, external_id, first_password_ends,
	totp_sealed IS NOT NULL AS second_factor FROM accounts WHERE `

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
