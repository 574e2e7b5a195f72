package server_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/server/reporting"
)

// subject is what the test itself knows of a person, told apart from everything that the service keeps.
type subject struct {
	id, sex string
	score   float64
	seen    bool // an arrest within twelve months
	whole   bool // followed over all twelve months, or until an arrest
	outcome tarozi.Outcome
}

// followedUp scores people who began supervision more than a year ago, as of that day, and stores what happened to those who are not late.
func followedUp(t *testing.T, s *service, people int, late func(i int) bool) []subject {
	t.Helper()
	officer := s.account(agency, "scores", tarozi.CaseSystem)
	who := actorOf(officer)
	year := tarozi.DateOf(now).AddMonths(-12)
	var list []subject
	var protected []tarozi.ProtectedAttributes
	var outcomes []tarozi.Outcome
	for p := range (datasets.Population{People: 20 * people, Seed: 5, Until: tarozi.DateOf(now).AddDays(-2), Agencies: 1}).All() {
		if len(list) == people {
			break
		}
		if p.Protected.Attributes["sex"] == "male" && len(list)%2 == 0 { // as many women as men
			continue
		}
		if p.Purpose != tarozi.PurposeSupervision || len(p.History.Supervision) == 0 || p.History.Supervision[0].From.After(year) {
			continue
		}
		h := p.History
		h.AgencyID = agency
		began := h.Supervision[0].From
		a, err := s.scores.Create(t.Context(), who, &tarozi.Request{History: h, AsOf: began}, nil)
		if tarozi.CodeOf(err) == tarozi.NotScorable {
			continue
		}
		must(t, err)
		one := subject{id: h.PersonID, sex: p.Protected.Attributes["sex"]}
		for _, score := range a.Scores {
			if score.Outcome == tarozi.Recidivism && score.HorizonMonths != nil && *score.HorizonMonths == 12 {
				one.score = score.Probability
			}
		}
		i := len(list)
		// A third of the people of a low and of a high score, and a fifth of the others, are arrested after 100 days; nobody's follow-up ends early.
		one.seen, one.whole = i%5 == 0 || one.score > 0.3 && i%3 == 0 || one.score < 0.18 && i%3 == 1, true
		one.outcome = tarozi.Outcome{PersonID: h.PersonID, Kind: tarozi.Recidivism, FollowedFrom: began, FollowedUntil: began.AddMonths(12), Observed: one.seen}
		if one.seen {
			one.outcome.ObservedOn = began.AddDays(100)
		}
		if late == nil || !late(i) {
			outcomes = append(outcomes, one.outcome)
		} else {
			one.whole = false
		}
		protected = append(protected, tarozi.ProtectedAttributes{PersonID: h.PersonID, Attributes: map[string]string{"sex": one.sex}})
		list = append(list, one)
	}
	_, err := s.scores.PutProtected(t.Context(), who, protected, false)
	must(t, err)
	_, err = s.scores.PutOutcomes(t.Context(), who, outcomes, false)
	must(t, err)
	return list
}

// Every count and rate of a report from the database is worked out again here from the raw rows, with no function of the product's.
func TestReportAgreesWithRawRows(t *testing.T) {
	s := start(t)
	people := followedUp(t, s, 480, nil)
	r, err := (&reporting.Reporter{Service: s.scores, Store: s.db, Replicates: 20}).Make(t.Context(), member(t, s), "2026-Q4")
	must(t, err)
	if *r.Score.N != len(people) {
		t.Fatalf("%d people were measured, not %d", *r.Score.N, len(people))
	}
	near := func(what string, e fairness.Estimate, want float64) {
		t.Helper()
		if e.Defined() && math.Abs(e.Value-want) > 1e-12 {
			t.Errorf("%s: %v, the raw rows give %v", what, e.Value, want)
		}
	}
	compared, sexes := 0, 0
	for _, g := range r.Groups {
		if g.Threshold == nil || g.Attribute != "all" && g.Attribute != "sex" {
			continue
		}
		var n, tp, fp, fn, tn, pairs, won float64
		var sum, squares float64
		for _, p := range people {
			if g.Attribute == "sex" && p.sex != g.Group {
				continue
			}
			n++
			sum += p.score
			high := p.score >= *g.Threshold
			y := 0.0
			switch {
			case high && p.seen:
				tp++
			case high:
				fp++
			case p.seen:
				fn++
			default:
				tn++
			}
			if p.seen {
				y = 1
				for _, q := range people {
					if q.seen || g.Attribute == "sex" && q.sex != g.Group {
						continue
					}
					pairs++
					if p.score > q.score {
						won++
					} else if p.score == q.score {
						won += 0.5
					}
				}
			}
			squares += (p.score - y) * (p.score - y)
		}
		name := fmt.Sprintf("%s=%s at %v", g.Attribute, g.Group, *g.Threshold)
		if g.N != nil && *g.N != int(n) {
			t.Errorf("%s: %d people, the raw rows have %v", name, *g.N, n)
		}
		if g.Counts != nil {
			compared++
			if g.Attribute == "sex" {
				sexes++
			}
			if c := *g.Counts; float64(c.TP) != tp || float64(c.FP) != fp || float64(c.FN) != fn || float64(c.TN) != tn {
				t.Errorf("%s: %+v, the raw rows give %v %v %v %v", name, c, tp, fp, fn, tn)
			}
		}
		for m, want := range map[fairness.Metric]float64{fairness.FPR: fp / (fp + tn), fairness.FNR: fn / (fn + tp), fairness.PPV: tp / (tp + fp),
			fairness.NPV: tn / (tn + fn), fairness.SelectionRate: (tp + fp) / n, fairness.BaseRate: (tp + fn) / n, fairness.MeanScore: sum / n,
			fairness.AUC: won / pairs, fairness.Brier: squares / n, fairness.ObservedOverExpected: (tp + fn) / sum} {
			near(name+" "+string(m), g.Metrics[m], want)
		}
	}
	if compared < 2 || sexes < 2 {
		t.Errorf("only %d rows of counts, %d of a sex, are shown: the comparison is empty", compared, sexes)
	}
	for _, c := range r.Coverage {
		if c.Attribute == "all" && (*c.Scored != len(people) || *c.OutcomeKnown != len(people)) {
			t.Errorf("coverage %+v", c)
		}
	}
}

func member(t *testing.T, s *service) tarozi.Actor {
	t.Helper()
	a, _, err := s.db.AccountByLogin(t.Context(), "oversight@"+agency)
	must(t, err)
	return actorOf(a)
}

// An attacker keeps every report and every export, and subtracts. Few outcomes come late, one more person is scored: no count that stands
// in two reports may differ by 1 to 9, and what JSON hides CSV hides.
func TestReportsGiveNobodyAwayByDifferences(t *testing.T) {
	clock := now
	s := start(t, func(c *server.Config, _ string) {
		c.Service.Now = func() time.Time { clock = clock.Add(time.Second); return clock }
	})
	people := followedUp(t, s, 420, func(i int) bool { return i%100 == 7 || i >= 380 })
	who, machine := member(t, s), s.account(agency, "late", tarozi.CaseSystem)
	reporter := &reporting.Reporter{Service: s.scores, Store: s.db, Replicates: 20}
	var kept []map[string]int
	for step := range 4 {
		switch step {
		case 1: // four outcomes come late
			for i, p := range people[:380] {
				if i%100 == 7 {
					_, err := s.scores.PutOutcomes(t.Context(), actorOf(machine), []tarozi.Outcome{p.outcome}, false)
					must(t, err)
				}
			}
		case 2: // an outcome is corrected
			o := people[0].outcome
			o.Observed, o.ObservedOn = false, tarozi.Date{}
			_, err := s.scores.PutOutcomes(t.Context(), actorOf(machine), []tarozi.Outcome{o}, false)
			must(t, err)
		case 3: // forty come at once
			for _, p := range people[380:] {
				_, err := s.scores.PutOutcomes(t.Context(), actorOf(machine), []tarozi.Outcome{p.outcome}, false)
				must(t, err)
			}
		}
		r, err := reporter.Make(t.Context(), who, []string{"2026-Q4", "2026-Q4", "2026-11", "2026"}[step])
		must(t, err)
		counts := numbersOf(r)
		for earlier, before := range kept {
			for name, n := range counts {
				was, both := before[name]
				if d := max(n-was, was-n); both && d > 0 && d < 10 {
					t.Errorf("reports %d and %d differ in %s by %d (%d, %d)", earlier, step, name, d, was, n)
				}
			}
		}
		kept = append(kept, counts)
		if len(counts) < 3 {
			t.Errorf("report %d shows only %v", step, counts)
		}
	}
}

// numbersOf are the counts of people that a report shows, by where they stand; of a rate the numerator that follows from it.
func numbersOf(r *fairness.Report) map[string]int {
	counts := map[string]int{}
	add := func(n *int, format string, args ...any) {
		if n != nil {
			counts[fmt.Sprintf(format, args...)] = *n
		}
	}
	add(r.Input.Rows, "rows")
	add(r.Score.N, "measured")
	if c := r.Censoring; c != nil {
		add(c.Followed, "followed")
		add(c.NotFollowed, "not followed")
		add(c.Unknown, "unknown")
	}
	for _, g := range r.Groups {
		at := -1.0
		if g.Threshold != nil {
			at = *g.Threshold
		}
		add(g.N, "%s=%s n", g.Attribute, g.Group)
		if g.Counts != nil {
			for k, n := range []int{g.Counts.TP, g.Counts.FP, g.Counts.FN, g.Counts.TN} {
				add(&n, "%s=%s at %v cell %d", g.Attribute, g.Group, at, k)
			}
		}
		if e := g.Metrics[fairness.SelectionRate]; g.N != nil && e.Defined() && !r.Score.Weighted {
			n := int(math.Round(e.Value * float64(*g.N)))
			add(&n, "%s=%s at %v selected", g.Attribute, g.Group, at)
		}
	}
	for _, c := range r.Coverage {
		add(c.Scored, "%s=%s scored", c.Attribute, c.Group)
		add(c.OutcomeKnown, "%s=%s known", c.Attribute, c.Group)
	}
	for _, b := range r.Calibration {
		add(b.N, "%s=%s bin %v-%v", b.Attribute, b.Group, b.Low, b.High)
	}
	for _, b := range r.Service.Bands {
		add(b.N, "band %s", b.Band)
		if b.N != nil && b.Observed.Defined() {
			n := int(math.Round(b.Observed.Value * float64(*b.N)))
			add(&n, "band %s events", b.Band)
		}
	}
	for _, w := range r.Service.Workflow {
		add(w.N, "work %s", w.What)
	}
	for _, j := range r.Service.Judgement {
		add(j.N, "reviews %s=%s", j.Attribute, j.Group)
	}
	for _, d := range r.Service.Drift {
		add(d.N, "drift %s now", d.Name)
		add(d.NBefore, "drift %s before", d.Name)
	}
	return counts
}
