package server_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

const disputed = "/api/v1/people/person-golden/disputes"

func doubt(record string) string {
	return fmt.Sprintf(`{"record":%q,"raised_by":"person","reason":"The person says that it was somebody else."}`, record)
}

func found(result string) string {
	return fmt.Sprintf(`{"result":%q,"reason":"The police station was asked in writing."}`, result)
}

// weight is what the records weigh in the assessment: the points of the contributions that rest on one of them.
func weight(a *tarozi.Assessment, record tarozi.Evidence) (points float64, rests bool) {
	for _, s := range a.Scores {
		for _, c := range s.Contributions {
			if slices.Contains(c.Evidence, record) {
				points, rests = points+c.Points, true
			}
		}
	}
	return points, rests
}

// A disputed record stops counting at once, whatever its register sends again; another person decides; both are on the record.
func TestDisputedRecordStopsCounting(t *testing.T) {
	sent, err := os.ReadFile(filepath.Join("testdata", "request.json"))
	must(t, err)
	for _, row := range []struct{ name, record, decides, fresh string }{
		{"an event, found to hold", "a-1", "verified", "new_record"},
		{"an event, unfounded", "a-1", "unfounded", ""},
		{"a stated fact, found to hold", "#/facts/0", "verified", "new_record"},
		{"a stated fact, unfounded", "#/facts/0", "unfounded", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := start(t)
			tick := now
			s.scores.Now = func() time.Time { tick = tick.Add(time.Second); return tick }
			officer, supervisor := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor)
			actor := tarozi.Actor{AccountID: "case_system@" + agency, AgencyID: agency, Role: tarozi.CaseSystem, Actions: tarozi.ActionsOf(tarozi.CaseSystem)}
			record := tarozi.Evidence(row.record)
			assess := func() *tarozi.Assessment {
				t.Helper()
				a, err := s.scores.CreateFromStored(s.Context(), actor, "person-golden", tarozi.DateOf(now), "", "", nil)
				must(t, err)
				return a
			}
			why := func() string {
				due, err := s.scores.DueOf(s.Context(), actor, "person-golden")
				must(t, err)
				var reasons []string
				for _, d := range due {
					for _, r := range d.Reasons {
						if r.Reason != scoring.ReassessOld {
							reasons = append(reasons, string(r.Reason))
						}
					}
				}
				return strings.Join(reasons, " ")
			}
			s.call("POST", "/api/v1/assessments", string(sent)).want(http.StatusCreated)
			first := assess()
			if _, rests := weight(first, record); !rests {
				t.Fatalf("nothing rests on %s", record)
			}

			id := s.call("POST", disputed, doubt(row.record), officer...).want(http.StatusCreated).object()["id"].(string)
			s.call("POST", disputed, doubt(row.record), officer...).want(http.StatusConflict)
			if got := why(); got != "record_disputed" {
				t.Errorf("the assessment is due for %q", got)
			}
			second := assess()
			if points, rests := weight(second, record); rests {
				t.Errorf("the disputed record weighs %v", points)
			}
			if second.Scores[0].Probability >= first.Scores[0].Probability {
				t.Errorf("the score went from %v to %v with a record less against the person", first.Scores[0].Probability, second.Scores[0].Probability)
			}
			// The register knows nothing of the dispute and sends what it has.
			s.call("POST", "/api/v1/assessments", string(sent)).want(http.StatusCreated)
			if _, rests := weight(assess(), record); rests {
				t.Error("a history sent anew made the disputed record count")
			}

			decisions := disputed + "/" + id + "/decisions"
			s.call("POST", decisions, found(row.decides), officer...).want(http.StatusForbidden)
			s.call("POST", disputed+"/no-such-dispute/decisions", found(row.decides), supervisor...).want(http.StatusNotFound)
			s.call("POST", decisions, `{"result":"verified","reason":"So."}`, supervisor...).want(http.StatusBadRequest)
			s.call("POST", decisions, found(row.decides), supervisor...).want(http.StatusCreated)
			s.call("POST", decisions, found(row.decides), supervisor...).want(http.StatusConflict)
			if got := why(); got != row.fresh {
				t.Errorf("after the decision the assessment is due for %q instead of %q", got, row.fresh)
			}
			if _, rests := weight(assess(), record); rests != (row.decides == "verified") {
				t.Errorf("decided as %s, the record counts: %v", row.decides, rests)
			}
			if list := part(t, s.call("GET", disputed, "", officer...).want(http.StatusOK).object(), "disputes").([]any); len(list) != 1 || part(t, list[0], "decision", "result") != row.decides {
				t.Errorf("the list of disputes is %v", list)
			}
			queue, err := s.db.AuditQueue(s.Context(), 0, 1000)
			must(t, err)
			for _, action := range []string{"dispute.recorded", "dispute.decided"} {
				n := 0
				for _, entry := range queue {
					n += strings.Count(string(entry.Entry), action)
				}
				if n != 1 {
					t.Errorf("%d audit entries say %s", n, action)
				}
			}
			changes := string(s.call("GET", "/api/v1/assessments?limit=200", "").want(http.StatusOK).body)
			if !strings.Contains(changes, "record_disputed") || !strings.Contains(changes, "dispute_decided") {
				t.Errorf("the changes do not tell of the dispute: %s", changes)
			}
		})
	}
}

// What is refused leaves everything as it was.
func TestDisputesRefused(t *testing.T) {
	sent, err := os.ReadFile(filepath.Join("testdata", "request.json"))
	must(t, err)
	s := start(t)
	officer, supervisor := s.reviewer(tarozi.Officer), s.reviewer(tarozi.Supervisor)
	made := s.call("POST", "/api/v1/assessments", string(sent)).want(http.StatusCreated).object()
	for _, row := range []struct {
		name, body string
		want       int
	}{
		{"no such event", doubt("nothing"), http.StatusNotFound},
		{"no such fact", doubt("#/facts/99"), http.StatusNotFound},
		{"a sentence has no status", doubt("#/sentences/0"), http.StatusNotFound},
		{"an allegation does not count anyway", doubt("#/facts/6"), http.StatusConflict},
		{"no reason", `{"record":"a-1","reason":""}`, http.StatusBadRequest},
		{"another fact stands there now", `{"record":"#/facts/0","fact":{"feature":"education"},"reason":"The person says that it is wrong."}`, http.StatusConflict},
	} {
		s.call("POST", disputed, row.body, officer...).want(row.want)
	}
	s.call("POST", disputed, doubt("a-1"), s.reviewerOf(tarozi.Officer, otherAgency)...).want(http.StatusNotFound)
	if list := part(t, s.call("GET", disputed, "", officer...).object(), "disputes").([]any); len(list) != 0 {
		t.Errorf("stored all the same: %v", list)
	}
	// Whoever decided about the score does not decide about a record it rests on.
	one := "/api/v1/assessments/" + made["id"].(string)
	s.call("POST", one+"/own-views", ownView, supervisor...).want(http.StatusCreated)
	s.call("POST", one+"/reviews", `{"decision":"agree"}`, supervisor...).want(http.StatusCreated)
	id := s.call("POST", disputed, doubt("a-1"), officer...).want(http.StatusCreated).object()["id"].(string)
	s.call("POST", disputed+"/"+id+"/decisions", found("verified"), supervisor...).want(http.StatusForbidden).isProblem("", "forbidden", "you decided about a score")
}
