package storetest

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

func testAccounts(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	branch := tarozi.Agency{ID: "branch", ParentID: "north", Name: "Branch"}
	must(t, "adding an agency below", s.PutAgency(ctx, m.Write("agency.put", "branch"), branch))
	branch.Name, branch.UrgentWithoutView = "Renamed branch", true
	must(t, "renaming it", s.PutAgency(ctx, m.Write("agency.put", "branch"), branch))
	wantCode(t, "an agency below nothing",
		s.PutAgency(ctx, m.Write("agency.put", "x"), tarozi.Agency{ID: "x", ParentID: "absent", Name: "X"}), tarozi.NotFound)
	agencies, err := s.Agencies(ctx)
	must(t, "listing agencies", err)
	same(t, "agencies", agencies, []tarozi.Agency{branch, {ID: "north", Name: "Agency north"}})

	settled := branch
	settled.UrgentWithoutView, settled.Address, settled.ObjectionDays, settled.AnswerDays = false, "Navoiy 1, 71 200-00-00", 20, 10
	named := settled
	named.Name = "another name" // is not settled this way
	administer := m.Write("agency.settled", "branch")
	administer.Scope.Reach = tarozi.AgenciesBelow
	must(t, "settling what letters say", s.SettleAgency(ctx, administer, named))
	agency, err := s.Agency(ctx, "branch")
	must(t, "reading a settled agency", err)
	same(t, "settled agency", agency, settled)
	wantCode(t, "settling an agency above", s.SettleAgency(ctx, administer, tarozi.Agency{ID: "nation"}), tarozi.NotFound)
	must(t, "settling it back", s.PutAgency(ctx, m.Write("agency.put", "branch"), branch))
	agency, err = s.Agency(ctx, "branch")
	must(t, "reading an agency", err)
	same(t, "agency", agency, branch)
	_, err = s.Agency(ctx, "absent")
	wantCode(t, "reading an agency that is absent", err, tarozi.NotFound)

	admin := func(id string) scoring.Write {
		w := m.Write("account.created", id)
		w.Scope.Reach = tarozi.AgenciesBelow
		return w
	}
	want := tarozi.Account{ID: "a1", AgencyID: "branch", Login: "Dilnoza", Name: "Dilnoza Karimova", Role: tarozi.Officer, Created: Start}
	must(t, "creating an account", s.CreateAccount(ctx, admin("a1"), want, "hash"))
	got, hash, err := s.AccountByLogin(ctx, " dilnoza")
	must(t, "reading by login", err)
	same(t, "account by login", got, want)
	same(t, "hash", hash, "hash")
	got, err = s.Account(ctx, "a1")
	must(t, "reading by id", err)
	same(t, "account by id", got, want)
	list, err := s.Accounts(ctx, tarozi.InAgency("branch"))
	must(t, "listing accounts", err)
	same(t, "accounts", list, []tarozi.Account{want})

	taken := want
	taken.ID, taken.Login = "a2", "DILNOZA"
	wantCode(t, "a login that is taken", s.CreateAccount(ctx, admin("a2"), taken, "hash"), tarozi.Conflict)
	lost := want
	lost.ID, lost.Login, lost.AgencyID = "a3", "other", "absent"
	wantCode(t, "an account of no agency", s.CreateAccount(ctx, admin("a3"), lost, "hash"), tarozi.NotFound)
	_, _, err = s.AccountByLogin(ctx, "nobody")
	wantCode(t, "an unknown login", err, tarozi.NotFound)
	_, err = s.Account(ctx, "a2")
	wantCode(t, "an unknown account", err, tarozi.NotFound)
}

func testAPIKeys(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	must(t, "creating an account", s.CreateAccount(ctx, m.Write("account.created", "a1"),
		tarozi.Account{ID: "a1", AgencyID: "north", Login: "register", Role: tarozi.CaseSystem, Created: Start}, ""))
	sum := sha256.Sum256([]byte("the key"))
	key := store.APIKey{ID: "k1", AccountID: "a1", SHA256: hex.EncodeToString(sum[:]), CreatedAt: Start, ExpiresAt: Start.Add(time.Hour),
		Actions: []tarozi.Action{tarozi.Assess, tarozi.ReadPeople, tarozi.ReadAudit}} // the last is not its role's
	must(t, "creating a key", s.CreateAPIKey(ctx, m.Write("api_key.created", "k1"), key))

	actor, err := s.ActorByAPIKey(ctx, key.SHA256, Start.Add(time.Hour-time.Nanosecond))
	must(t, "using the key", err)
	same(t, "actor", actor, tarozi.Actor{AccountID: "a1", AgencyID: "north", Role: tarozi.CaseSystem, KeyID: "k1", At: Start.Add(time.Hour - time.Nanosecond),
		Actions: []tarozi.Action{tarozi.Assess, tarozi.ReadPeople}})
	_, err = s.ActorByAPIKey(ctx, key.SHA256, key.ExpiresAt)
	wantCode(t, "an expired key", err, tarozi.Unauthorised)
	wrong := sha256.Sum256([]byte("another key"))
	_, err = s.ActorByAPIKey(ctx, hex.EncodeToString(wrong[:]), Start)
	wantCode(t, "a wrong key", err, tarozi.Unauthorised)

	key.ID = "k2"
	wantCode(t, "the same key twice", s.CreateAPIKey(ctx, m.Write("api_key.created", "k2"), key), tarozi.Conflict)
	key.AccountID = "absent"
	wantCode(t, "a key of nobody", s.CreateAPIKey(ctx, m.Write("api_key.created", "k2"), key), tarozi.NotFound)
}
