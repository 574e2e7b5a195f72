package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// The demonstration's people and accounts. All of them are made up.
const (
	demoPeople   = 200
	demoSeed     = 20261123
	demoAgencies = 3
	demoPassword = "tarozi-demo"
)

// demoAccount is one of the demonstration's accounts; agency is its place among the agencies.
type demoAccount struct {
	login  string
	name   string
	role   tarozi.Role
	agency int
}

var demoAccounts = []demoAccount{
	{"officer", "Dilnoza Karimova", tarozi.Officer, 0},
	{"officer2", "Sherzod Toʻxtayev", tarozi.Officer, 1},
	{"officer3", "Olga Kim", tarozi.Officer, 2},
	{"supervisor", "Bahodir Yusupov", tarozi.Supervisor, 0},
	{"auditor", "Gulnora Saidova", tarozi.Auditor, 0},
	{"oversight", "Nargiza Abdullayeva", tarozi.Oversight, demoAgencies},
	{"oversight2", "Jasur Rahimov", tarozi.Oversight, demoAgencies},
	{"oversight3", "Elena Li", tarozi.Oversight, demoAgencies},
	{"administrator", "Malika Ergasheva", tarozi.AgencyAdministrator, demoAgencies},
	{"system", "Timur Nazarov", tarozi.SystemAdministrator, demoAgencies},
	{"scientist", "Aziza Xolmatova", tarozi.DataScientist, demoAgencies},
	{"casesystem", "Elektron penitensiar tizim", tarozi.CaseSystem, 0},
}

// seedDemo fills an empty database with made-up agencies, accounts and people, some of them assessed already, and marks it as one of
// made-up people. One that is filled is left as it is. One that was left half filled is refused, and so is one that --demo did not
// make: its people may be real.
func seedDemo(ctx context.Context, db *store.DB, service *scoring.Service, bundles []*model.Bundle, database, keyFile string) error {
	mark, err := db.Mark(ctx, scoring.MarkDemonstration)
	if err != nil {
		return err
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		return err
	}
	switch {
	case mark == scoring.DemoFilled:
		return service.InstallShipped(ctx, bundles)
	case mark == scoring.DemoFilling:
		return fmt.Errorf("it was left half filled when it was made: remove %s, %s-wal and %s-shm with the files of its audit log, and start again, or name another file with --db",
			database, database, database)
	case counts.Agencies > 0:
		return fmt.Errorf("%s holds agencies that --demo did not make: leave --demo out, or name a new file with --db", database)
	}
	if err := service.Demonstrate(ctx, scoring.DemoFilling); err != nil {
		return err
	}
	if err := service.InstallShipped(ctx, bundles); err != nil {
		return err
	}
	if err := fillDemo(ctx, db, service, keyFile); err != nil {
		return err
	}
	return service.Demonstrate(ctx, scoring.DemoFilled)
}

func fillDemo(ctx context.Context, db *store.DB, service *scoring.Service, keyFile string) error {
	agencies := datasets.SyntheticAgencies(demoAgencies)
	// The committee sits above the agencies, and so comes first when they are stored.
	above := tarozi.Agency{ID: "respublika", Name: "Respublika probatsiya xizmati"}
	for i := range agencies {
		agencies[i].ParentID = above.ID
	}
	agencies = append(agencies, above)
	accounts, err := demoAgenciesAndAccounts(ctx, db, service, agencies, keyFile)
	if err != nil {
		return err
	}
	officer := map[string]tarozi.Actor{}
	for _, a := range accounts {
		if a.Role == tarozi.Officer {
			officer[a.AgencyID] = tarozi.Actor{AccountID: a.ID, AgencyID: a.AgencyID, Role: a.Role, Actions: tarozi.ActionsOf(a.Role)}
		}
	}
	// Until yesterday: an event may come late on the last day, and nothing may lie in the future.
	yesterday := tarozi.DateOf(service.Now().In(service.Zone)).AddDays(-1)
	number := 0
	for person := range datasets.Synthetic(demoPeople, demoSeed, yesterday) {
		who := officer[person.History.AgencyID]
		err := seedPerson(ctx, service, scoring.Command(person.History.AgencyID), &person)
		if err == nil && number%5 < 2 {
			err = seedAssessment(ctx, service, who, &person, number%10 == 0)
		}
		if err != nil {
			return fmt.Errorf("person %s: %w", person.History.PersonID, err)
		}
		number++
	}
	return seedFollowed(ctx, service, officer, yesterday)
}

func seedPerson(ctx context.Context, s *scoring.Service, actor tarozi.Actor, p *datasets.Person) error {
	if err := s.PutHistory(ctx, actor, &p.History, nil); err != nil {
		return err
	}
	if _, err := s.PutIdentities(ctx, actor, []tarozi.Identity{p.Identity}, false); err != nil {
		return err
	}
	if _, err := s.PutProtected(ctx, actor, []tarozi.ProtectedAttributes{p.Protected}, false); err != nil {
		return err
	}
	if len(p.Outcomes) > 0 {
		if _, err := s.PutOutcomes(ctx, actor, p.Outcomes, false); err != nil {
			return err
		}
	}
	return nil
}

// seedAssessment scores a person; reviewed ones have an officer's own view and a decision, so that there is something to look back on.
func seedAssessment(ctx context.Context, s *scoring.Service, actor tarozi.Actor, p *datasets.Person, reviewed bool) error {
	inUse, err := s.Serving(ctx, p.History.AgencyID)
	if err != nil {
		return err
	}
	var first *tarozi.Assessment
	for i := len(inUse.InUse) - 1; i >= 0; i-- { // the default last: it is the newest then
		a, err := s.CreateFromStored(ctx, actor, p.History.PersonID, tarozi.Date{}, p.Purpose, inUse.InUse[i].ModelID, nil)
		switch {
		case tarozi.CodeOf(err) == tarozi.NotScorable: // some made-up people lack what a model needs, as real ones do
		case err != nil:
			return err
		default:
			first = a
		}
	}
	if first == nil || !reviewed {
		return nil
	}
	return seedReview(ctx, s, actor, first)
}

// seedReview is an officer's own view of an assessment, and a decision that agrees with the score.
func seedReview(ctx context.Context, s *scoring.Service, actor tarozi.Actor, a *tarozi.Assessment) error {
	view := &tarozi.PriorView{Band: tarozi.Medium, Reasons: []tarozi.ReasonCode{"conduct"}}
	if _, err := s.LockView(ctx, actor, a.ID, view, nil); err != nil {
		return err
	}
	_, err := s.Decide(ctx, actor, a.ID, &tarozi.Review{Decision: tarozi.Agree, Band: a.Scores[0].Band}, nil)
	return err
}

// demoAgenciesAndAccounts stores the agencies, the accounts and one key, which is written to keyFile.
func demoAgenciesAndAccounts(ctx context.Context, db *store.DB, s *scoring.Service, agencies []tarozi.Agency, keyFile string) ([]tarozi.Account, error) {
	for _, a := range slices.Backward(agencies) {
		w, err := s.Administer(a.ID, "agency.created", a.ID)
		if err != nil {
			return nil, err
		}
		if err := db.PutAgency(ctx, w, a); err != nil {
			return nil, fmt.Errorf("agency %s: %w", a.ID, err)
		}
	}
	// Everybody's password is the same and known, so that one hash does and nobody has to change it.
	hash, err := argon2id.CreateHash(demoPassword, argon2id.DefaultParams)
	if err != nil {
		return nil, fmt.Errorf("hashing the demonstration's password: %w", err)
	}
	keeper, err := newAccess(db, s)
	if err != nil {
		return nil, err
	}
	var accounts []tarozi.Account
	for _, d := range demoAccounts {
		a := tarozi.Account{ID: s.NewID(), AgencyID: agencies[d.agency].ID, Login: d.login, Name: d.name, Role: d.role, Created: s.Now().UTC()}
		w, err := s.Administer(a.AgencyID, "account.created", a.ID)
		if err != nil {
			return nil, err
		}
		given := hash
		if a.Role == tarozi.CaseSystem {
			given = "" // it has a key instead
		}
		if err := db.CreateAccount(ctx, w, a, given); err != nil {
			return nil, fmt.Errorf("account %s: %w", a.Login, err)
		}
		if a.Role == tarozi.CaseSystem {
			key, err := keeper.CreateKey(ctx, scoring.Command(a.AgencyID), a.ID, nil, 90*24*time.Hour)
			if err != nil {
				return nil, err
			}
			if err := os.WriteFile(keyFile, []byte(key+"\n"), 0o600); err != nil {
				return nil, fmt.Errorf("writing the demonstration's API key: %w", err)
			}
		}
		accounts = append(accounts, a)
	}
	return accounts, nil
}

// demoKeyFile is beside the database.
func demoKeyFile(database string) string {
	return filepath.Join(filepath.Dir(database), "demo-api-key.txt")
}
