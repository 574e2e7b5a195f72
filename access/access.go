// Package access looks after accounts: passwords, second factors, keys of case systems, and who may change whose. It is what the pages
// and the command line stand on; sessions are the server's.
package access

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// Store keeps accounts. Each change is stored with its audit entry, or not at all.
type Store interface {
	Account(ctx context.Context, id string) (tarozi.Account, error)
	AccountByLogin(ctx context.Context, login string) (a tarozi.Account, passwordHash string, err error)
	Accounts(ctx context.Context, scope tarozi.Scope) ([]tarozi.Account, error)
	CreateAccount(ctx context.Context, w scoring.Write, a tarozi.Account, passwordHash string) error
	PutAccount(ctx context.Context, w scoring.Write, a tarozi.Account) error
	SetPassword(ctx context.Context, w scoring.Write, accountID, hash string, ends time.Time) error
	SetSecondFactor(ctx context.Context, w scoring.Write, accountID, secret string, codes []string) error
	SecondFactor(ctx context.Context, accountID string) (secret string, err error)
	UseStep(ctx context.Context, w scoring.Write, accountID string, step int64) (fresh bool, err error)
	UseRecoveryCode(ctx context.Context, w scoring.Write, accountID, sha256 string) (held bool, err error)
	TrySignIn(ctx context.Context, loginSHA256 string, now time.Time, backoff func(failed int) time.Duration) (wait time.Duration, err error)
	ClearAttempts(ctx context.Context, w scoring.Write, loginSHA256 string) error
	Note(ctx context.Context, w scoring.Write) error
	APIKeys(ctx context.Context, scope tarozi.Scope, accountID string) ([]store.APIKey, error)
	CreateAPIKey(ctx context.Context, w scoring.Write, k store.APIKey) error
	RevokeAPIKey(ctx context.Context, w scoring.Write, keyID string) error
	ShortenAPIKey(ctx context.Context, w scoring.Write, keyID string, ends time.Time) error
	AccountByExternalID(ctx context.Context, externalID string) (tarozi.Account, error)
}

// Service changes accounts on behalf of an actor, as far as the actor may.
type Service struct {
	Store  Store
	Random io.Reader
	Now    func() time.Time
	NewID  func() string
	// Prepare makes a change with its audit entry: scoring.Service.PrepareAccount.
	Prepare func(actor tarozi.Actor, action, subjectID string) (scoring.Write, error)
	// Hash is the cost of password hashes; nil is argon2id.DefaultParams.
	Hash *argon2id.Params
	// hashing bounds the memory that hashes take at once.
	hashing chan struct{}
	unknown string
}

// maxHashes is how many passwords are looked at at once; each takes some 64 MB.
const maxHashes = 4

// New makes the service ready. It draws the password that nobody has, which logins that do not exist are checked against.
func New(s Service) (*Service, error) {
	s.hashing = make(chan struct{}, maxHashes)
	secret, err := s.secret(32)
	if err != nil {
		return nil, err
	}
	if s.unknown, err = argon2id.CreateHash(secret, s.params()); err != nil {
		return nil, fmt.Errorf("hashing a password that nobody has: %w", err)
	}
	return &s, nil
}

// grants are the roles that each role may give and take.
var grants = map[tarozi.Role][]tarozi.Role{
	tarozi.AgencyAdministrator: {tarozi.Officer, tarozi.Supervisor, tarozi.AgencyAdministrator, tarozi.CaseSystem},
	tarozi.SystemAdministrator: tarozi.Roles,
	tarozi.Operator:            tarozi.Roles,
}

// Grants are the roles that the actor may give to an account.
func Grants(actor tarozi.Actor) []tarozi.Role {
	if !actor.May(tarozi.ManageAccounts) {
		return nil
	}
	return slices.Clone(grants[actor.Role])
}

func may(actor tarozi.Actor, role tarozi.Role) error {
	if err := actor.Allow(tarozi.ManageAccounts); err != nil {
		return err
	}
	if !slices.Contains(grants[actor.Role], role) {
		return tarozi.Errorf(tarozi.Forbidden, "accounts of this role are for the system administrator: ask there")
	}
	return nil
}

// List gives the accounts that the actor administers, by login.
func (s *Service) List(ctx context.Context, actor tarozi.Actor) ([]tarozi.Account, error) {
	if err := actor.Allow(tarozi.ManageAccounts); err != nil {
		return nil, err
	}
	return s.Store.Accounts(ctx, actor.Scope(tarozi.ManageAccounts))
}

// Read gives one of the accounts that the actor administers.
func (s *Service) Read(ctx context.Context, actor tarozi.Actor, id string) (tarozi.Account, error) {
	list, err := s.List(ctx, actor)
	if err != nil {
		return tarozi.Account{}, err
	}
	at := slices.IndexFunc(list, func(a tarozi.Account) bool { return a.ID == id })
	if at < 0 {
		return tarozi.Account{}, tarozi.Errorf(tarozi.NotFound, "there is no such account among those you administer: choose one of the list")
	}
	return list[at], nil
}

// Create makes an account. The password given here is somebody else's than the person's, so that it must be changed at the first sign-in;
// an empty one is drawn and returned, to be shown once. A case system gets none: it has keys.
func (s *Service) Create(ctx context.Context, actor tarozi.Actor, a *tarozi.Account, password string) (drawn string, err error) {
	if err := may(actor, a.Role); err != nil {
		return "", err
	}
	a.Login, a.Name = strings.TrimSpace(a.Login), strings.TrimSpace(a.Name)
	if fault := s.faultOf(a); fault != nil {
		return "", fault
	}
	hash := ""
	a.MustChange = a.Role != tarozi.CaseSystem
	if a.MustChange {
		if password == "" {
			if drawn, err = s.secret(10); err != nil {
				return "", err
			}
			password = drawn
		} else if err := Strong(password, a.Login, a.Name); err != nil {
			return "", err
		}
		if hash, err = s.hash(ctx, password); err != nil {
			return "", err
		}
	}
	a.ID, a.Created = s.NewID(), s.Now().UTC()
	if a.MustChange {
		a.FirstPasswordEnds = a.Created.Add(FirstPasswordLife)
	}
	w, err := s.Prepare(actor, "account.created", a.ID)
	if err != nil {
		return "", err
	}
	return drawn, s.Store.CreateAccount(ctx, w, *a, hash)
}

func (s *Service) faultOf(a *tarozi.Account) error {
	var fields []tarozi.FieldError
	for _, f := range []struct{ pointer, value string }{{"/login", a.Login}, {"/name", a.Name}} {
		if n := len([]rune(f.value)); n == 0 || n > 100 {
			fields = append(fields, tarozi.FieldError{Pointer: f.pointer, Code: "bad_length", Message: "give from 1 to 100 characters"})
		}
	}
	if !slices.Contains(tarozi.Roles, a.Role) {
		fields = append(fields, tarozi.FieldError{Pointer: "/role", Code: "unknown_value", Message: "choose a role of the list"})
	}
	if fields == nil {
		return nil
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the account cannot be made so: mend what is named", Fields: fields}
}

// Change gives an account another role or closes or opens it. Nobody changes their own. Sessions and keys end with it.
func (s *Service) Change(ctx context.Context, actor tarozi.Actor, id string, role tarozi.Role, closed bool) error {
	a, err := s.administered(ctx, actor, id)
	if err != nil {
		return err
	}
	if err := may(actor, role); err != nil {
		return err
	}
	if (a.Role == tarozi.CaseSystem) != (role == tarozi.CaseSystem) {
		return tarozi.Errorf(tarozi.Conflict, "an account of a machine does not become a person's, nor the other way: make a new one")
	}
	action := "account.changed"
	switch {
	case closed && a.Disabled.IsZero():
		a.Disabled, action = s.Now().UTC(), "account.closed"
	case !closed && !a.Disabled.IsZero():
		a.Disabled, action = time.Time{}, "account.opened"
	}
	a.Role = role
	w, err := s.Prepare(actor, action, a.ID)
	if err != nil {
		return err
	}
	return s.Store.PutAccount(ctx, w, a)
}

// administered is an account that the actor may change: within reach, of a role that the actor may give, and not the actor's own.
func (s *Service) administered(ctx context.Context, actor tarozi.Actor, id string) (tarozi.Account, error) {
	a, err := s.Read(ctx, actor, id)
	if err != nil {
		return a, err
	}
	if err := may(actor, a.Role); err != nil {
		return a, err
	}
	if a.ID == actor.AccountID {
		return a, tarozi.Errorf(tarozi.Conflict, "your own account is changed by another administrator: ask a colleague")
	}
	return a, nil
}

// Reset draws a new first password for somebody who cannot sign in, to be shown once and changed at the next sign-in. With factor the
// second factor is taken away too.
func (s *Service) Reset(ctx context.Context, actor tarozi.Actor, id string, factor bool) (drawn string, err error) {
	a, err := s.administered(ctx, actor, id)
	if err != nil {
		return "", err
	}
	if a.Role == tarozi.CaseSystem {
		return "", tarozi.Errorf(tarozi.Conflict, "a case system has no password: make it a key")
	}
	if factor {
		w, err := s.Prepare(actor, "account.second_factor_reset", a.ID)
		if err != nil {
			return "", err
		}
		if err := s.Store.SetSecondFactor(ctx, w, a.ID, "", nil); err != nil {
			return "", err
		}
	}
	if drawn, err = s.secret(10); err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, drawn)
	if err != nil {
		return "", err
	}
	w, err := s.Prepare(actor, "account.password_reset", a.ID)
	if err != nil {
		return "", err
	}
	return drawn, s.Store.SetPassword(ctx, w, a.ID, hash, s.Now().UTC().Add(FirstPasswordLife))
}
