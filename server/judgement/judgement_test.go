package judgement

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/store"
)

type stored []store.JudgedReview

func (s stored) JudgedReviews(_ context.Context, scope tarozi.Scope) ([]store.JudgedReview, error) {
	return slices.DeleteFunc(slices.Clone(s), func(j store.JudgedReview) bool { return j.AgencyID != scope.AgencyID }), nil
}

// reviews repeats one review of an officer: own view low, score high, decision high.
func reviews(n int, agency, officer, sex string) stored {
	horizon, day := 12, tarozi.Date{Year: 2025, Month: time.January, Day: 1}
	return slices.Repeat(stored{{AgencyID: agency, AsOf: day, Score: store.ScoreSummary{Outcome: tarozi.Recidivism, HorizonMonths: &horizon, Band: tarozi.High},
		Review:     tarozi.Review{Reviewer: officer, PriorBand: tarozi.Low, ScoreBand: tarozi.High, Band: tarozi.High, Decision: tarozi.Agree},
		Outcomes:   []tarozi.Outcome{{Kind: tarozi.Recidivism, FollowedFrom: day, FollowedUntil: day.AddMonths(6), Observed: true, ObservedOn: day.AddDays(30)}},
		Attributes: map[string]string{"sex": sex}}}, n)
}

func TestWhoSeesWhat(t *testing.T) {
	all := slices.Concat(reviews(20, "north", "a", "male"), reviews(12, "north", "b", "female"), reviews(3, "north", "c", "other"), reviews(50, "south", "d", "male"))
	as := func(account string, role tarozi.Role) tarozi.Actor {
		return tarozi.Actor{AccountID: account, AgencyID: "north", Role: role, Actions: tarozi.ActionsOf(role)}
	}
	for _, c := range []struct {
		name string
		who  tarozi.Actor
		want string // rows with their numbers; ? where it is not shown
	}{
		{"officer", as("b", tarozi.Officer), "all=all:12 agency=north:12"},
		{"officer without reviews", as("x", tarozi.Officer), ""},
		{"officer of few", as("c", tarozi.Officer), "all=all:3 agency=north:3"},
		{"supervisor", as("s", tarozi.Supervisor), "all=all:35 agency=north:35"},
		{"committee", as("o", tarozi.Oversight), "all=all:35 agency=north:35 sex=female:? sex=male:20 sex=other:?"},
	} {
		rows, err := Rows(t.Context(), all, c.who)
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
	if _, err := Rows(t.Context(), all, as("k", tarozi.CaseSystem)); tarozi.CodeOf(err) != tarozi.Forbidden {
		t.Errorf("a case system: %v", err)
	}
}
