package scoring

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

type judged []JudgedReview

func (s judged) JudgedReviews(_ context.Context, scope tarozi.Scope) ([]JudgedReview, error) {
	return slices.DeleteFunc(slices.Clone(s), func(j JudgedReview) bool { return j.AgencyID != scope.AgencyID }), nil
}

// judgedReviews repeats one review of an officer: own view low, score high, decision high.
func judgedReviews(n int, agency, officer, sex string) judged {
	horizon, day := 12, tarozi.Date{Year: 2025, Month: time.January, Day: 1}
	return slices.Repeat(judged{{AgencyID: agency, AsOf: day, Score: ScoreSummary{Outcome: tarozi.Recidivism, HorizonMonths: &horizon, Band: tarozi.High},
		Review:     tarozi.Review{Reviewer: officer, PriorBand: tarozi.Low, ScoreBand: tarozi.High, Band: tarozi.High, Decision: tarozi.Agree},
		Outcomes:   []tarozi.Outcome{{Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6), Observed: true, ObservedOn: day.AddDays(30)}},
		Attributes: map[string]string{"sex": sex}}}, n)
}

// A report speaks of its own model and its own time: what was reviewed later, or of another model's scores, is no part of it.
func TestJudgedAreThoseOfTheReport(t *testing.T) {
	all := judgedReviews(4, "north", "a", "male")
	day := all[0].AsOf
	for i := range all {
		all[i].ModelSHA256 = "measured"
	}
	all[1].ModelSHA256 = "another"
	all[2].AsOf = day.AddDays(1)
	all[3].AsOf = day.AddDays(-31)
	list, err := Judged(t.Context(), all, tarozi.Scope{AgencyID: "north"}, "measured", day.AddDays(-30), day)
	if err != nil || len(list) != 1 {
		t.Errorf("%d reviews of one: %v", len(list), err)
	}
}

func TestWhoSeesWhat(t *testing.T) {
	all := slices.Concat(judgedReviews(20, "north", "a", "male"), judgedReviews(12, "north", "b", "female"), judgedReviews(3, "north", "c", "other"), judgedReviews(50, "south", "d", "male"))
	as := func(account string, role tarozi.Role) tarozi.Actor {
		return tarozi.Actor{AccountID: account, AgencyID: "north", Role: role, Actions: tarozi.ActionsOf(role)}
	}
	for _, c := range []struct {
		name string
		who  tarozi.Actor
		want string // rows with their numbers; ? where it is not shown
	}{
		{"officer", as("b", tarozi.Officer), "all=all:12 agency=north:12 band=high:12"},
		{"officer without reviews", as("x", tarozi.Officer), ""},
		{"officer of few", as("c", tarozi.Officer), "all=all:3 agency=north:3 band=high:3"},
		{"supervisor", as("s", tarozi.Supervisor), "all=all:35 agency=north:35 band=high:35"},
		{"committee", as("o", tarozi.Oversight), "all=all:35 agency=north:35 band=high:35 sex=female:? sex=male:20 sex=other:?"},
	} {
		rows, err := Judgements(t.Context(), all, c.who)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			n := "?"
			if r.N != nil {
				n = fmt.Sprint(*r.N)
				if !r.OwnRight.Defined() || r.OwnRight.Value != 0 || r.ScoreRight.Value != 1 {
					t.Errorf("%s, %s=%s: %+v", c.name, r.Attribute, r.Group, r)
				}
			}
			got = append(got, r.Attribute+"="+r.Group+":"+n)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s sees %q, want %q", c.name, text, c.want)
		}
	}
	// An own view that could not be one's own is left out of what own views are measured by.
	informed := judgedReviews(12, "north", "b", "female")
	for i := range informed {
		informed[i].Review.PriorView = &tarozi.PriorView{Band: tarozi.Low, Informed: true}
	}
	rows, err := Judgements(t.Context(), informed, as("b", tarozi.Officer))
	if err != nil || len(rows) == 0 || rows[0].OwnRight.Defined() || rows[0].Towards.Defined() {
		t.Errorf("informed views are counted: %+v, %v", rows, err)
	}
	if _, err := Judgements(t.Context(), all, as("k", tarozi.CaseSystem)); tarozi.CodeOf(err) != tarozi.Forbidden {
		t.Errorf("a case system: %v", err)
	}
}
