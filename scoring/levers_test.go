package scoring

import (
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

func TestLeversInForce(t *testing.T) {
	start := time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	decide := func(agency string, kind tarozi.LeverKind, at int, change func(*tarozi.Lever)) tarozi.Lever {
		l := tarozi.Lever{ID: string(kind) + agency, AgencyID: agency, Kind: kind, ModelSHA256: "sum", From: day(at), LapsesAt: day(at + 200), Needed: 2,
			Reasons: "because", Signatures: []tarozi.LeverSignature{{By: "a", At: day(at)}, {By: "b", At: day(at)}}}
		if kind == tarozi.LeverAccept {
			l.Validity = tarozi.Pilot
		}
		if change != nil {
			change(&l)
		}
		return l
	}
	over := func(at int, past bool) Finding {
		return Finding{ReportID: "r", Kind: MarkDrift, ModelSHA256: "sum", At: day(at), Over: past}
	}
	remedy := func(l *tarozi.Lever) { l.Remedy = "by-sex" }
	for _, c := range []struct {
		name     string
		levers   []tarozi.Lever
		findings []Finding
		at       int
		paused   bool
		by       MarkKind
		check    func(Levers) bool
	}{
		{name: "nothing decided", at: 10, check: func(l Levers) bool {
			return l.Acceptance == nil && l.Tolerances == tarozi.DefaultTolerances() && len(l.Marks) == 0
		}},
		{name: "pause", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, nil)}, at: 2, paused: true},
		{name: "pause that has lapsed", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, nil)}, at: 201},
		{name: "pause from above", levers: []tarozi.Lever{decide("above", tarozi.LeverPause, 1, nil)}, at: 2, paused: true},
		{name: "resumed", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, nil), decide("here", tarozi.LeverResume, 3, nil)}, at: 4},
		{name: "resumed, and the resumption has lapsed", at: 50, levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, nil),
			decide("here", tarozi.LeverResume, 3, func(l *tarozi.Lever) { l.LapsesAt = day(5) })}},
		{name: "resumed from above", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, nil), decide("above", tarozi.LeverResume, 3, nil)}, at: 4},
		{name: "what is above is not resumed from below", levers: []tarozi.Lever{decide("above", tarozi.LeverPause, 1, nil), decide("here", tarozi.LeverResume, 3, nil)}, at: 4, paused: true},
		{name: "paused again", levers: []tarozi.Lever{decide("here", tarozi.LeverResume, 3, nil), decide("here", tarozi.LeverPause, 4, nil)}, at: 5, paused: true},
		{name: "pause of an earlier version holds", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, func(l *tarozi.Lever) { l.ModelSHA256 = "old" })}, at: 2, paused: true},
		{name: "acceptance of another bundle", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 1, func(l *tarozi.Lever) { l.ModelSHA256 = "old" })}, at: 2,
			check: func(l Levers) bool { return l.Acceptance == nil && len(l.Marks) == 0 }},
		{name: "accepted", levers: []tarozi.Lever{decide("above", tarozi.LeverAccept, 1, nil)}, at: 2,
			check: func(l Levers) bool {
				return l.Acceptance != nil && len(l.Acceptance.By) == 2 && l.Acceptance.Until.Equal(day(201))
			}},
		{name: "one signature of two", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, func(l *tarozi.Lever) { l.Signatures = l.Signatures[:1] })}, at: 2},
		{name: "not yet", levers: []tarozi.Lever{decide("here", tarozi.LeverPause, 1, func(l *tarozi.Lever) { l.From = day(9) })}, at: 2},
		{name: "review overdue", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 0, nil)}, at: 93,
			check: func(l Levers) bool {
				return len(l.Marks) == 1 && l.Marks[0].Kind == MarkReviewOverdue && l.Marks[0].PausesAt.Equal(day(122))
			}},
		{name: "review overdue too long", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 0, nil)}, at: 122, paused: true, by: MarkReviewOverdue},
		{name: "paused by itself and resumed", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 0, nil), decide("here", tarozi.LeverResume, 125, nil)}, at: 154},
		{name: "and again", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 0, nil), decide("here", tarozi.LeverResume, 125, nil)}, at: 155, paused: true, by: MarkReviewOverdue},
		{name: "accepted anew", levers: []tarozi.Lever{decide("here", tarozi.LeverAccept, 0, nil), decide("here", tarozi.LeverAccept, 100, nil)}, at: 130},
		{name: "drift", findings: []Finding{over(1, false), over(2, true), over(20, true)}, at: 31,
			check: func(l Levers) bool { return len(l.Marks) == 1 && l.Marks[0].Since.Equal(day(2)) }},
		{name: "drift too long", findings: []Finding{over(2, true), over(20, true)}, at: 32, paused: true, by: MarkDrift},
		{name: "drift that ended", findings: []Finding{over(2, true), over(20, false)}, at: 40},
		{name: "tolerances give less time", findings: []Finding{over(2, true)}, at: 3, paused: true, by: MarkDrift, levers: []tarozi.Lever{
			decide("above", tarozi.LeverTolerances, 0, func(l *tarozi.Lever) { t := tarozi.DefaultTolerances(); t.PauseAfterDays = 1; l.Tolerances = &t })}},
		{name: "remedy", levers: []tarozi.Lever{decide("here", tarozi.LeverRemedyOn, 1, remedy)}, at: 2,
			check: func(l Levers) bool { return len(l.Remedies) == 1 && l.Remedies[0] == "by-sex" }},
		{name: "remedy switched off", levers: []tarozi.Lever{decide("here", tarozi.LeverRemedyOn, 1, remedy), decide("here", tarozi.LeverRemedyOff, 2, remedy)}, at: 3,
			check: func(l Levers) bool { return len(l.Remedies) == 0 }},
		{name: "thresholds of the nearest", at: 9, levers: []tarozi.Lever{
			decide("here", tarozi.LeverThresholds, 1, func(l *tarozi.Lever) { l.Cuts = []tarozi.Cuts{{Outcome: tarozi.Recidivism, Medium: 0.1, High: 0.3}} }),
			decide("above", tarozi.LeverThresholds, 2, func(l *tarozi.Lever) { l.Cuts = []tarozi.Cuts{{Outcome: tarozi.Recidivism, Medium: 0.2, High: 0.4}} })},
			check: func(l Levers) bool { return len(l.Cuts) == 1 && l.Cuts[0].Medium == 0.1 }},
	} {
		d := Decisions{Agencies: []string{"here", "above"}, Levers: c.levers, Findings: c.findings}
		got := d.InForce("sum", day(c.at))
		if (got.Paused != nil) != c.paused || got.Paused != nil && got.Paused.Mark != c.by {
			t.Errorf("%s: paused %+v", c.name, got.Paused)
		}
		if c.check != nil && !c.check(got) {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
