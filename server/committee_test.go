package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/store"
)

const decisions = "/api/v1/models/" + scoring.DefaultModel + "/decisions"

// committee is a running service whose clock can be moved, with keys of two members and of an officer that outlast the moves.
type committee struct {
	*service
	clock                  time.Time
	first, second, officer []string
}

func sitting(t *testing.T) *committee {
	t.Helper()
	c := &committee{clock: now}
	c.service = start(t, func(config *server.Config, _ string) {
		config.Service.Now = func() time.Time { c.clock = c.clock.Add(time.Millisecond); return c.clock }
	})
	held := func(login string, role tarozi.Role) []string {
		a := c.account(agency, login, role)
		holder := login + "@key"
		c.addKey(t.Context(), c.scores, holder, a, tarozi.ActionsOf(role))
		return c.as(holder)
	}
	c.first, c.second, c.officer = held("member1", tarozi.Oversight), held("member2", tarozi.Oversight), held("officer1", tarozi.Officer)
	return c
}

// decide proposes by one member's key, and signs by another's.
func (c *committee) decide(kind, more string, lapses time.Time) string {
	c.Helper()
	body := fmt.Sprintf(`{"kind":%q,"reasons":"The committee met and looked at the report of the quarter.","lapses_at":%q%s}`, kind, lapses.Format(time.RFC3339), more)
	made := c.call("POST", decisions, body, c.first...).want(http.StatusCreated).object()
	id := made["id"].(string)
	c.call("POST", decisions+"/"+id+"/signatures", "", c.second...).want(http.StatusCreated)
	return id
}

func (c *committee) scored(person string) (id string, probability float64, band string) {
	c.Helper()
	made := c.call("POST", "/api/v1/assessments", request(person)).want(http.StatusCreated).object()
	for i := range made["scores"].([]any) {
		if part(c.T, made, "scores", i, "outcome") == "recidivism" && part(c.T, made, "scores", i, "horizon_months") == 12.0 {
			return made["id"].(string), part(c.T, made, "scores", i, "probability").(float64), part(c.T, made, "scores", i, "band").(string)
		}
	}
	c.Fatalf("no score of a new arrest within 12 months: %v", made)
	return "", 0, ""
}

// found stores a report that found the model past its limit.
func (c *committee) found(kind scoring.MarkKind) {
	c.Helper()
	member, _, err := c.db.AccountByLogin(c.Context(), "member1")
	must(c.T, err)
	who := actorOf(member)
	model, err := c.scores.KnownByID(c.Context(), who, scoring.DefaultModel)
	must(c.T, err)
	w, err := c.scores.Record(who, tarozi.ReadReports, "report.made", "r-1", []byte("{}"))
	must(c.T, err)
	value := 3.0
	must(c.T, c.db.SaveReport(c.Context(), w, &store.StoredReport{ID: "r-1", AgencyID: agency, ModelID: model.ModelID, Period: "2026-Q4", MadeBy: member.ID,
		MadeAt: c.clock, Document: []byte("{}")}, []scoring.Finding{{ReportID: "r-1", Kind: kind, AgencyID: agency, ModelID: model.ModelID,
		ModelSHA256: model.SHA256, At: c.clock, Over: true, Figure: "score", Value: &value, Limit: 0.2}}))
}

func (c *committee) inForce() map[string]any {
	c.Helper()
	return part(c.T, c.call("GET", decisions, "", c.officer...).want(http.StatusOK).object(), "in_force").(map[string]any)
}

// Cuts that a committee sets by the API hold for the next score, on its page, in its review and in its replay; when they lapse, the
// card's are back, and what was scored under them is replayed under them still.
func TestCommitteesCutsGoThroughTheService(t *testing.T) {
	c := sitting(t)
	before, p, band := c.scored("p-before")
	if band == "high" {
		t.Fatalf("the person is in the band high already: %v", p)
	}
	lapses := c.clock.Add(20 * time.Minute)
	c.decide("thresholds", fmt.Sprintf(`,"cuts":[{"outcome":"recidivism","horizon_months":12,"medium":%v,"high":%v}]`, p/2, p*0.9), lapses)
	during, same, raised := c.scored("p-during")
	if same != p || raised != "high" {
		t.Errorf("under the committee's cuts the score is %v (%v before) in the band %s", same, p, raised)
	}

	officer := c.browser()
	officer.signIn("officer@"+agency, password).leads("/")
	officer.do("GET", "/language?to=en&back=/about", "", "")
	reviewed := func(id string) {
		t.Helper()
		page := "/assessments/" + id
		if shown := string(officer.do("GET", page, "", "").want(http.StatusOK).body); strings.Contains(shown, "High risk") {
			t.Error("the band is shown before an own view is locked")
		}
		own := c.call("POST", "/api/v1"+page+"/own-views", ownView, c.reviewer(tarozi.Officer)...)
		own.want(http.StatusCreated)
	}
	reviewed(during)
	shown := string(officer.do("GET", "/assessments/"+during, "", "").want(http.StatusOK).body)
	if !strings.Contains(shown, fmt.Sprintf("%.0f", 90*p)) {
		t.Errorf("the page does not name the cut of %.0f %%", 90*p)
	}
	// Agreeing with "high" is a decision for "high".
	review := c.call("POST", "/api/v1/assessments/"+during+"/reviews", `{"decision":"agree"}`, c.reviewer(tarozi.Officer)...).want(http.StatusCreated).object()
	if got := part(t, review, "reviews", 0, "band"); got != "high" {
		t.Errorf("the decision that agrees is for %v", got)
	}

	c.clock = lapses.Add(time.Minute)
	if cuts := c.inForce()["cuts"].([]any); len(cuts) != 0 {
		t.Errorf("lapsed cuts are in force: %v", cuts)
	}
	if _, after, back := c.scored("p-after"); after != p || back != band {
		t.Errorf("after the lapse: %v in the band %s, before: %v, %s", after, back, p, band)
	}
	for _, id := range []string{before, during} {
		replay := c.call("GET", "/api/v1/assessments/"+id+"/replay", "").want(http.StatusOK).object()
		if replay["same"] != true || replay["difference"] != 0.0 {
			t.Errorf("replay of %s: %v", id, replay)
		}
	}
}

// A review that is overdue marks the model and its scores, and pauses it by itself once the time set is over.
func TestModelPausesByItself(t *testing.T) {
	for _, row := range []struct{ mark, warning string }{{"review_overdue", "model_review_overdue"}, {"drift", "model_drift"}, {"disparity", "model_disparity"}} {
		t.Run(row.mark, func(t *testing.T) {
			c := sitting(t)
			year := c.clock.AddDate(1, 0, 0)
			c.decide("tolerances", `,"tolerances":{"ratio_low":0.8,"ratio_high":1.25,"psi":0.2,"review_every_days":1,"pause_after_days":1}`, year)
			id, _, _ := c.scored("p-1")
			at := c.clock
			if row.mark == "review_overdue" {
				c.decide("accept", `,"validity":"pilot","population":"People on parole in the city."`, year)
			} else {
				c.clock = c.clock.AddDate(0, 0, 1) // as long as until the review is due
				c.found(scoring.MarkKind(row.mark))
			}
			c.clock = at.AddDate(0, 0, 1).Add(time.Minute)
			marks := c.inForce()["marks"].([]any)
			if len(marks) != 1 || part(t, marks[0], "kind") != row.mark {
				t.Fatalf("marks: %v", marks)
			}
			if c.inForce()["paused"] != nil {
				t.Error("paused before the time set is over")
			}
			warned := string(c.call("GET", "/api/v1/assessments/"+id, "").want(http.StatusOK).body)
			if !strings.Contains(warned, row.warning) {
				t.Errorf("an open assessment does not say %s: %s", row.warning, warned)
			}
			c.scored("p-2")

			c.clock = at.AddDate(0, 0, 2).Add(time.Minute)
			if got := part(t, c.inForce(), "paused", "mark"); got != row.mark {
				t.Errorf("paused for %v", got)
			}
			refused := c.call("POST", "/api/v1/assessments", request("p-3")).want(http.StatusConflict)
			if !strings.Contains(string(refused.body), "model_paused") || !strings.Contains(string(refused.body), row.mark) {
				t.Errorf("refused: %s", refused.body)
			}
			if marked := string(c.call("GET", "/api/v1/assessments/"+id, "").want(http.StatusOK).body); !strings.Contains(marked, "model_paused") {
				t.Errorf("an open assessment does not say that the model is paused: %s", marked)
			}
			c.decide("resume", "", c.clock.AddDate(0, 0, 30))
			c.scored("p-3")
		})
	}
}
