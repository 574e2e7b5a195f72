package server_test

import (
	"crypto/sha256"
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/auditing"
	"github.com/tarozi/tarozi/server/reporting"
)

// logged counts the entries of an action that wait for the log.
func (s *service) logged(action string) (n int) {
	s.Helper()
	queue, err := s.db.AuditLog().Waiting(s.Context())
	must(s, err)
	for _, q := range queue {
		var entry scoring.AuditEntry
		must(s, json.Unmarshal(q.Entry, &entry))
		if entry.Action == action {
			n++
		}
	}
	return n
}

// rows is a hash of every row of each table that holds records, for comparing.
func (s *service) rows() string {
	s.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.path+"?mode=ro&_busy_timeout=5000")
	must(s, err)
	defer db.Close()
	list := func(query string, args ...any) (all []string) {
		rows, err := db.QueryContext(s.Context(), query, args...)
		must(s, err)
		defer rows.Close()
		for rows.Next() {
			var one string
			must(s, rows.Scan(&one))
			all = append(all, one)
		}
		must(s, rows.Err())
		return all
	}
	var sums []string
	for _, table := range list(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT IN ('sessions', 'sign_in_attempts', 'probe') ORDER BY name`) {
		columns := list(`SELECT 'quote(' || name || ')' FROM pragma_table_info(?)`, table)
		content := list(`SELECT ` + strings.Join(columns, "||','||") + ` AS line FROM ` + table + ` ORDER BY line`)
		sums = append(sums, fmt.Sprintf("%s: %d rows %x", table, len(content), sha256.Sum256([]byte(strings.Join(content, "\n")))))
	}
	return strings.Join(sums, "\n")
}

// Each thing makes its one entry, and where no entry can be made the thing is not done: the entry is in the thing's own transaction.
// The rows go from one to the next as things do in a case.
func TestEachThingMakesAnEntryOrIsNotDone(t *testing.T) {
	s := start(t)
	officer, supervisor := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor)
	command := scoring.Command(agency)
	member := tarozi.Actor{AccountID: "first", AgencyID: agency, Role: tarozi.Oversight, Actions: tarozi.ActionsOf(tarozi.Oversight)}
	second := member
	second.AccountID = "second"
	auditor := auditing.Reader{Log: s.db.AuditLog(), Writes: s.scores, NewID: s.scores.NewID}
	reporter := reporting.Reporter{Service: s.scores, Store: s.db, Replicates: 20}
	account := func(role tarozi.Role) tarozi.Actor {
		a, _, err := s.db.AccountByLogin(t.Context(), string(role)+"@"+agency)
		must(t, err)
		return tarozi.Actor{AccountID: a.ID, AgencyID: agency, Role: role, Actions: tarozi.ActionsOf(role)}
	}
	head, desk := account(tarozi.Supervisor), account(tarozi.Officer)
	var one, challenge, dispute, lever, review string
	var band any
	api := func(method, path, body string, who ...string) func() (map[string]any, bool) {
		return func() (map[string]any, bool) {
			a := s.call(method, path, body, who...)
			if a.status >= 300 {
				if a.status < 500 {
					t.Errorf("%s: %d %s", path, a.status, a.body)
				}
				return nil, false
			}
			var object map[string]any
			if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
				object = a.object()
			}
			return object, true
		}
	}
	done := func(do func() error) func() (map[string]any, bool) {
		return func() (map[string]any, bool) {
			err := do()
			if err != nil && !strings.Contains(err.Error(), "nothing was stored") {
				t.Log(err)
			}
			return nil, err == nil
		}
	}
	deployed, err := s.db.Deployments(t.Context())
	must(t, err)
	model, things := deployed[0].SHA256, 0
	asks := actorOf(s.account(agency, "asks", tarozi.CaseSystem))
	unsupervised := tarozi.CaseHistory{AgencyID: agency, PersonID: "p-1", BirthYear: 1990}
	for _, row := range []struct {
		name, action string
		do           func() func() (map[string]any, bool)
		keep         func(map[string]any)
	}{
		{"history", "history.replaced", func() func() (map[string]any, bool) {
			return api("PUT", "/api/v1/people/p-1/history", history("p-1"))
		}, nil},
		{"events", "events.added", func() func() (map[string]any, bool) { return api("POST", "/api/v1/people/p-1/events", events("e-new")) }, nil},
		{"import of names", "identities.imported", func() func() (map[string]any, bool) {
			return done(func() error {
				_, err := s.scores.PutIdentities(t.Context(), command, []tarozi.Identity{{PersonID: "p-1", Name: "Somebody"}}, false)
				return err
			})
		}, nil},
		{"import of protected attributes", "protected.imported", func() func() (map[string]any, bool) {
			return api("PUT", "/api/v1/people/p-1/protected", `{"attributes":{"sex":"male"}}`)
		}, nil},
		{"assessment", "assessment.created", func() func() (map[string]any, bool) { return api("POST", "/api/v1/assessments", request("p-1")) },
			func(made map[string]any) { one = "/api/v1/assessments/" + made["id"].(string) }},
		{"request without a score", "assessment.refused", func() func() (map[string]any, bool) {
			return done(func() error {
				_, err := s.scores.Create(t.Context(), asks, &tarozi.Request{History: unsupervised}, nil)
				if tarozi.CodeOf(err) == tarozi.NotScorable {
					return nil
				}
				return err
			})
		}, nil},
		{"own view", "review.own_view", func() func() (map[string]any, bool) { return api("POST", one+"/own-views", ownView, officer...) }, nil},
		{"decision", "review.decision", func() func() (map[string]any, bool) {
			return api("POST", one+"/reviews", `{"decision":"agree"}`, officer...)
		}, nil},
		{"challenge", "review.challenge", func() func() (map[string]any, bool) {
			return api("POST", one+"/challenges", `{"raised_by":"person","objection":"I was at work.","records":["e1"]}`)
		}, func(made map[string]any) { challenge = part(t, made, "challenges", 0, "id").(string) }},
		{"answer", "review.answer", func() func() (map[string]any, bool) {
			return api("POST", one+"/challenges/"+challenge+"/answers", `{"result":"rejected","answer":"Your employer was asked and says no.","consequence":"none"}`, supervisor...)
		}, nil},
		{"dispute", "dispute.recorded", func() func() (map[string]any, bool) {
			return api("POST", "/api/v1/people/p-1/disputes", doubt("e1"), officer...)
		}, func(made map[string]any) { dispute = made["id"].(string) }},
		{"decision of a dispute", "dispute.decided", func() func() (map[string]any, bool) {
			return api("POST", "/api/v1/people/p-1/disputes/"+dispute+"/decisions", found("verified"), supervisor...)
		}, nil},
		{"view of a person", "viewed.person", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Look(t.Context(), command, tarozi.ErasePeople, "person", "p-1") })
		}, nil},
		{"search by person", "audit.person_searched", func() func() (map[string]any, bool) {
			return done(func() error {
				_, err := auditor.SearchPerson(t.Context(), member, "p-1", "A complaint of 12 November", 10)
				return err
			})
		}, nil},
		{"import of outcomes", "outcomes.imported", func() func() (map[string]any, bool) {
			return done(func() error {
				_, err := s.scores.PutOutcomes(t.Context(), command, []tarozi.Outcome{{PersonID: "p-1", Kind: tarozi.Recidivism,
					FollowedFrom: tarozi.Date{Year: 2026, Month: time.November, Day: 1}, FollowedUntil: tarozi.Date{Year: 2026, Month: time.November, Day: 20}}}, false)
				return err
			})
		}, nil},
		{"assessment to differ from", "assessment.created", func() func() (map[string]any, bool) { return api("POST", "/api/v1/assessments", request("p-3")) },
			func(made map[string]any) { one = "/api/v1/assessments/" + made["id"].(string) }},
		{"own view before an override", "review.own_view", func() func() (map[string]any, bool) { return api("POST", one+"/own-views", ownView, officer...) },
			func(map[string]any) {
				band = part(t, s.call("GET", one, "", officer...).want(http.StatusOK).object(), "scores", 0, "band")
			}},
		{"override", "review.decision", func() func() (map[string]any, bool) {
			return api("POST", one+"/reviews", decision(t, band), officer...)
		}, func(made map[string]any) { review = part(t, made, "reviews", 0, "id").(string) }},
		{"countersignature", "review.countersignature", func() func() (map[string]any, bool) {
			return api("POST", one+"/countersignatures", fmt.Sprintf(`{"review_id":%q,"verdict":"approve"}`, review), supervisor...)
		}, nil},
		{"who is responsible", "people.assigned", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Assign(t.Context(), head, []string{"p-3"}, desk.AccountID) })
		}, nil},
		{"restriction", "person.restricted", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Restrict(t.Context(), head, "p-3", true, []string{head.AccountID}) })
		}, nil},
		{"end of a restriction", "person.unrestricted", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Restrict(t.Context(), head, "p-3", false, nil) })
		}, nil},
		{"transfer", "person.transferred", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Transfer(t.Context(), head, "p-3", otherAgency) })
		}, nil},
		{"report", "report.made", func() func() (map[string]any, bool) {
			return done(func() error { _, err := reporter.Make(t.Context(), member, "2026-Q3"); return err })
		}, nil},
		{"export", "records.exported", func() func() (map[string]any, bool) {
			return done(func() error {
				w, err := s.scores.Administer(agency, "records.exported", "")
				if err != nil {
					return err
				}
				return s.db.Note(t.Context(), w)
			})
		}, nil},
		{"model change", "model.retired", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Move(t.Context(), agency, model, tarozi.ModelRetired) })
		}, nil},
		{"lever", "lever.proposed", func() func() (map[string]any, bool) {
			return done(func() error {
				l, err := s.scores.ProposeLever(t.Context(), member, &tarozi.Lever{Kind: tarozi.LeverPause, ModelID: scoring.DefaultModel,
					Reasons: "Errors fall on one group more than on others.", LapsesAt: now.Add(90 * 24 * time.Hour)}, nil)
				if err == nil {
					lever = l.ID
				}
				return err
			})
		}, nil},
		{"signature of a lever", "lever.signed", func() func() (map[string]any, bool) {
			return done(func() error {
				_, err := s.scores.SignLever(t.Context(), second, scoring.DefaultModel, lever, nil)
				return err
			})
		}, nil},
		{"legal hold", "hold.set", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Hold(t.Context(), command, "p-1", "a court asks") })
		}, nil},
		{"end of a legal hold", "hold.lifted", func() func() (map[string]any, bool) {
			return done(func() error { _, err := s.scores.LiftHolds(t.Context(), command, "p-1"); return err })
		}, nil},
		{"sign-in", "sign_in.password", func() func() (map[string]any, bool) {
			return func() (map[string]any, bool) {
				a, cookie := s.signIn("officer@"+agency, password)
				return nil, a.status == http.StatusSeeOther && cookie != ""
			}
		}, nil},
		{"retention", "retention.applied", func() func() (map[string]any, bool) {
			return done(func() error {
				return s.scores.EraseKinds(t.Context(), command, "p-1", []scoring.Kind{scoring.KindIdentity})
			})
		}, nil},
		{"erasure", "person.erased", func() func() (map[string]any, bool) {
			return done(func() error { return s.scores.Erase(t.Context(), command, "p-1") })
		}, nil},
	} {
		things++
		before, rows := s.logged(row.action), s.rows()
		s.spoil(`CREATE TRIGGER fault BEFORE INSERT ON audit_queue BEGIN SELECT RAISE(ABORT, 'no entries'); END`)
		if _, ok := row.do()(); ok {
			t.Errorf("%s: done without an entry", row.name)
		}
		s.spoil(`DROP TRIGGER fault`)
		if after := s.rows(); after != rows {
			t.Errorf("%s: without an entry there is\n%s\nwhere there was\n%s", row.name, after, rows)
		}
		made, ok := row.do()()
		if !ok {
			t.Fatalf("%s: refused", row.name)
		}
		if row.keep != nil {
			row.keep(made)
		}
		if after := s.logged(row.action); after != before+1 {
			t.Errorf("%s: %d entries %s where there were %d", row.name, after, row.action, before)
		}
	}
	// What is refused has an entry as well.
	for _, refused := range []struct {
		action string
		do     func()
	}{
		{"sign_in.refused", func() { s.signIn("officer@"+agency, "wrong") }},
		{"access.refused", func() {
			s.call("PUT", "/api/v1/people/p-2/history", history("p-2")).want(http.StatusNoContent)
			s.call("GET", "/api/v1/people/p-2/assessments", "", s.as("system@"+otherAgency)...)
			s.call("POST", "/api/v1/people/p-2/events", events("e-9"), s.as("system@"+otherAgency)...).want(http.StatusNotFound)
		}},
	} {
		before := s.logged(refused.action)
		refused.do()
		if s.logged(refused.action) == before {
			t.Errorf("no entry says %s", refused.action)
		}
	}
	t.Logf("%d things, each done with its one entry and none without", things)
}
