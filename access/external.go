package access

import (
	"context"
	"slices"

	"github.com/tarozi/tarozi"
)

// External is somebody whom a single sign-on vouches for.
type External struct {
	ID       string // issuer and subject
	Login    string
	Name     string
	AgencyID string
	Role     tarozi.Role // as the operator maps the sign-on's groups
}

// SignInExternal gives the account of somebody whom a single sign-on vouches for, making it at the first time. Name and role follow the
// sign-on; nobody is given an account that somebody else made by its login alone.
func (s *Service) SignInExternal(ctx context.Context, e External) (tarozi.Account, error) {
	if !slices.Contains(tarozi.Roles, e.Role) || e.Role == tarozi.CaseSystem {
		return tarozi.Account{}, tarozi.Errorf(tarozi.Forbidden, "your organisation's sign-in gives you no role here: ask your administrator")
	}
	service := tarozi.Actor{AccountID: "single-sign-on", AgencyID: e.AgencyID, Role: tarozi.Operator, Actions: []tarozi.Action{tarozi.ManageAccounts}}
	a, err := s.Store.AccountByExternalID(ctx, e.ID)
	switch {
	case tarozi.CodeOf(err) == tarozi.NotFound:
		a = tarozi.Account{ID: s.NewID(), AgencyID: e.AgencyID, Login: e.Login, Name: e.Name, Role: e.Role, Created: s.Now().UTC(),
			ExternalID: e.ID}
		if fault := s.faultOf(&a); fault != nil {
			return a, fault
		}
		w, err := s.Prepare(service, "account.created", a.ID)
		if err != nil {
			return a, err
		}
		if err := s.Store.CreateAccount(ctx, w, a, ""); err != nil {
			return a, err
		}
	case err != nil:
		return a, err
	case !a.Disabled.IsZero():
		return a, tarozi.Errorf(tarozi.Forbidden, "your account here is closed: ask your administrator")
	case a.AgencyID != e.AgencyID:
		return a, tarozi.Errorf(tarozi.Forbidden, "your organisation's sign-in names another agency than your account here: ask your administrator for a new account")
	case a.Role != e.Role || a.Name != e.Name:
		a.Role, a.Name = e.Role, e.Name
		w, err := s.Prepare(service, "account.changed", a.ID)
		if err != nil {
			return a, err
		}
		if err := s.Store.PutAccount(ctx, w, a); err != nil {
			return a, err
		}
	}
	return a, s.note(ctx, a, "sign_in.external")
}
