package scoring_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
)

var doubtDay = time.Date(2026, time.November, 23, 10, 0, 0, 0, time.UTC)

func doubtAssessor(t *testing.T) (*scoring.Assessor, []*model.Bundle) {
	t.Helper()
	bundles, err := model.Shipped()
	must(t, err)
	models, err := scoring.NewModels(bundles)
	must(t, err)
	zone, err := time.LoadLocation("Asia/Tashkent")
	must(t, err)
	return &scoring.Assessor{Models: models, Zone: zone, Now: func() time.Time { return doubtDay }, NewID: func() string { return "id-1" }}, bundles
}

// disputeRecord gives the history one more disputed record, a stated fact or an event, as DisputeRecord would; nil where all are.
func disputeRecord(r *rand.Rand, h *tarozi.CaseHistory, facts bool) *tarozi.CaseHistory {
	own := *h
	own.Facts, own.Events = slices.Clone(h.Facts), slices.Clone(h.Events)
	if facts {
		standing := []int{}
		for i, f := range own.Facts {
			if f.Status == tarozi.Verified {
				standing = append(standing, i)
			}
		}
		if len(standing) == 0 {
			return nil
		}
		own.Facts[standing[r.IntN(len(standing))]].Status = tarozi.Disputed
		return &own
	}
	var standing []*tarozi.Event
	for i := range own.Events {
		if e := scoring.LatestVersion(&own, own.Events[i].ID); e.Status == tarozi.Verified && !slices.Contains(standing, e) {
			standing = append(standing, e)
		}
	}
	if len(standing) == 0 {
		return nil
	}
	version := *standing[r.IntN(len(standing))]
	version.Status, version.ReceivedAt = tarozi.Disputed, doubtDay
	own.Events = append(own.Events, version)
	return &own
}

// Whatever records of whatever people are disputed, one after the other, by no dispute does a score of a shipped model rise; the
// contributions of what is kept sum to it, and the stored inputs give it again.
func TestDisputesNeverRaiseAScore(t *testing.T) {
	a, bundles := doubtAssessor(t)
	r := rand.New(rand.NewPCG(5, 77))
	compared, fell, kept := 0, 0, 0
	for person := range datasets.Synthetic(120, 20261123, tarozi.DateOf(doubtDay)) {
		for _, b := range bundles {
			h := &person.History
			before, err := a.Score(&tarozi.Request{History: *h}, b.Card.ID)
			if err != nil {
				continue // nobody supervises the person, or the model has no score
			}
			for step := range 4 {
				if h = disputeRecord(r, h, step%2 == 0 || len(h.Events) == 0); h == nil {
					break
				}
				after, err := a.Score(&tarozi.Request{History: *h}, b.Card.ID)
				if err != nil {
					break // without a required input there is no score
				}
				for i := range after.Scores {
					s := &after.Scores[i]
					at := slices.IndexFunc(before.Scores, func(o tarozi.Score) bool { return s.SameKind(&o) })
					if at < 0 {
						continue // an arrest that is disputed leaves the score for one open
					}
					compared++
					switch was := before.Scores[at].Probability; {
					case s.Probability > was:
						t.Errorf("%s of %s, %s: %v before the dispute, %v after it (%s)", b.Card.ID, h.PersonID, s.Outcome, was, s.Probability, disputesOf(h))
					case s.Probability < was:
						fell++
					}
				}
				for _, w := range after.Warnings {
					if w.Code == tarozi.WarnDisputedKept {
						kept++
					}
				}
				before = after
			}
		}
	}
	t.Logf("%d scores compared, %d fell, %d times a disputed value stayed", compared, fell, kept)
	if compared < 500 || fell == 0 || kept == 0 {
		t.Errorf("%d scores compared, %d fell, %d values kept: too few to show anything", compared, fell, kept)
	}
}

func disputesOf(h *tarozi.CaseHistory) string {
	records := []string{}
	for _, f := range h.Facts {
		if f.Status == tarozi.Disputed {
			records = append(records, fmt.Sprintf("%s = %v", f.Feature, f.Value))
		}
	}
	for _, e := range h.Events {
		if e.Status == tarozi.Disputed {
			records = append(records, fmt.Sprintf("%s %s", e.Type, e.ID))
		}
	}
	return fmt.Sprint(records)
}

const doubted = `{"person_id": "p-1", "agency_id": "a-1", "birth_date": "1993-02-11",
 "sentences": [{"imposed_on": "2024-03-01", "type": "parole", "offence": "property", "severity": "medium", "custody_days": 800, "released_on": "2026-06-01"}],
 "supervision": [{"from": "2026-06-01", "kind": "parole", "level": "standard"}],
 "facts": [
  {"feature": "intake_risk_score", "value": 2, "as_of": "2026-06-01", "status": "%s"},
  {"feature": "prior_arrests_felony", "value": 4, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_arrests_property", "value": 5, "as_of": "2026-06-01", "status": "%s"}]}`

// The value of a stated fact that is disputed stays where the score would be higher without it, and goes where it would not; each is
// said.
func TestDisputeOfAStatedFact(t *testing.T) {
	a, _ := doubtAssessor(t)
	score := func(intake, arrests tarozi.Status) *tarozi.Assessment {
		r := new(tarozi.Request)
		must(t, tarozi.Decode([]byte(fmt.Sprintf(doubted, intake, arrests)), &r.History))
		made, err := a.Score(r, scoring.DefaultModel)
		must(t, err)
		return made
	}
	said := func(made *tarozi.Assessment, s *tarozi.Score, feature string) bool {
		return slices.ContainsFunc(made.Warnings, func(w tarozi.Warning) bool {
			return w.Code == tarozi.WarnDisputedKept && w.Feature == feature && w.Outcome == s.Outcome
		})
	}
	whole := score(tarozi.Verified, tarozi.Verified)
	for _, row := range []struct {
		name            string
		intake, arrests tarozi.Status
		feature         string
		stays           bool
	}{
		{"a low intake score", tarozi.Disputed, tarozi.Verified, "intake_risk_score", true},
		{"many arrests", tarozi.Verified, tarozi.Disputed, "prior_arrests_property", false},
		{"an intake score that was never established", tarozi.Unfounded, tarozi.Verified, "intake_risk_score", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			made := score(row.intake, row.arrests)
			s, was := &made.Scores[0], whole.Scores[0].Probability
			if row.stays && s.Probability != was || !row.stays && row.intake != tarozi.Unfounded && s.Probability >= was {
				t.Errorf("%v, with the record standing %v", s.Probability, was)
			}
			if row.intake == tarozi.Unfounded && s.Probability <= was {
				t.Errorf("%v: what is unfounded counts, with the record standing it is %v", s.Probability, was)
			}
			at := slices.IndexFunc(s.Contributions, func(c tarozi.Contribution) bool { return c.Feature == row.feature && c.With == nil })
			if known := !s.Contributions[at].Value.IsZero(); known != row.stays {
				t.Errorf("the reasons give %s as %v", row.feature, s.Contributions[at].Value)
			}
			if said(made, s, row.feature) != row.stays {
				t.Errorf("said of it: %v", made.Warnings)
			}
			missing := slices.ContainsFunc(made.Missing, func(m tarozi.Missing) bool { return m.Feature == row.feature })
			if everywhere := !slices.ContainsFunc(made.Scores, func(s tarozi.Score) bool { return !said(made, &s, row.feature) }); missing == everywhere {
				t.Errorf("missing: %v, kept by every score: %v", missing, everywhere)
			}
		})
	}
}

// With many records disputed the score is still no higher than with every one of them standing.
func TestManyDisputes(t *testing.T) {
	a, _ := doubtAssessor(t)
	for person := range datasets.Synthetic(20, 5, tarozi.DateOf(doubtDay)) {
		whole, err := a.Score(&tarozi.Request{History: person.History}, scoring.DefaultModel)
		if err != nil {
			continue
		}
		h := person.History
		h.Facts = slices.Clone(h.Facts)
		for i := range h.Facts {
			h.Facts[i].Status = tarozi.Disputed
		}
		if n := len(features.Disputed(&h, features.Moment{AsOf: tarozi.DateOf(doubtDay), Zone: a.Zone})); n < 7 {
			t.Fatalf("%d disputed records", n)
		}
		made, err := a.Score(&tarozi.Request{History: h}, scoring.DefaultModel)
		if tarozi.CodeOf(err) == tarozi.NotScorable {
			continue
		}
		must(t, err)
		for i := range made.Scores {
			if s, was := &made.Scores[i], &whole.Scores[i]; s.Probability > was.Probability {
				t.Errorf("%s, %s: %v with every record disputed, %v with every one standing", h.PersonID, s.Outcome, s.Probability, was.Probability)
			}
		}
	}
}

// What was stored gives the same scores again, disputed records among it; inputs without them say nothing of the kind.
func TestDisputeReplays(t *testing.T) {
	d := newDesk(t)
	for _, status := range []tarozi.Status{tarozi.Verified, tarozi.Disputed} {
		r := new(tarozi.Request)
		must(t, tarozi.Decode([]byte(fmt.Sprintf(doubted, status, tarozi.Verified)), &r.History))
		r.History.AgencyID = "north"
		a, err := d.Create(t.Context(), d.system, r, nil)
		must(t, err)
		in, err := d.Inputs(t.Context(), d.officer, a.ID)
		must(t, err)
		if disputed := status == tarozi.Disputed; disputed != (len(in.Disputed) == 1) {
			t.Errorf("%s: other readings stored: %v", status, in.Disputed)
		}
		record, err := d.Store.Assessment(t.Context(), d.officer.Scope(tarozi.ReadAssessments), a.ID)
		must(t, err)
		replay, err := d.Replay(record)
		must(t, err)
		if !replay.Same || replay.Extraction != "same" {
			t.Errorf("%s: replay says %+v", status, replay)
		}
		list, err := d.Outlooks(t.Context(), d.system, a.ID)
		must(t, err)
		if off := list[0].Probability - a.Scores[0].Probability; off > 1e-12 || off < -1e-12 {
			t.Errorf("%s: what could change begins at %v, the score is %v", status, list[0].Probability, a.Scores[0].Probability)
		}
	}
}
