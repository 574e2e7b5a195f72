package scoring_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Whatever people try in whatever order, at whatever time: nobody decides without an own view, no changed band holds on one
// person's word, nothing is decided after the deadline, nobody sees a score before their turn, what is stored of the state is what
// the steps say, and each step that was taken, and no other, has its audit entry.
func TestReviewInAnyOrder(t *testing.T) {
	d := newDesk(t)
	people := []tarozi.Actor{d.officer, d.colleague, d.supervisor, d.second}
	rapid.Check(t, func(r *rapid.T) {
		ctx, a := t.Context(), d.assess()
		made := d.now
		entries := d.reviewEntries()
		taken := 0
		opened := map[string]bool{}
		for range rapid.IntRange(1, 16).Draw(r, "steps") {
			who := rapid.SampledFrom(people).Draw(r, "who")
			var c *tarozi.ReviewCase
			var err error
			late := !d.now.Before(made.Add(scoring.DefaultReviewPeriod))
			switch what := rapid.SampledFrom([]string{"view", "agree", "override", "approve", "return", "challenge", "answer", "wait"}).Draw(r, "what"); what {
			case "view":
				if c, err = d.LockView(ctx, who, a.ID, view(), nil); err == nil {
					opened[who.AccountID] = true
				}
			case "agree", "override":
				decision := &tarozi.Review{Decision: tarozi.Agree}
				if what == "override" {
					decision = otherBand(a)
				}
				c, err = d.Decide(ctx, who, a.ID, decision, nil)
				if err == nil && (late || c.View(who.AccountID) == nil) {
					r.Fatalf("%s decided; late: %v", who.AccountID, late)
				}
			case "approve", "return":
				sign := &tarozi.Countersignature{Verdict: tarozi.CountersignVerdict(what), Note: reason}
				if c, err = d.Countersign(ctx, who, a.ID, sign, nil); err == nil {
					opened[who.AccountID] = true
					if late || c.Last().Reviewer == who.AccountID {
						r.Fatalf("%s signed; late: %v", who.AccountID, late)
					}
				}
			case "challenge":
				c, err = d.Challenge(ctx, who, a.ID, &tarozi.Challenge{RaisedBy: "person", Objection: "No."}, nil)
			case "answer":
				known, failed := d.Case(ctx, d.system, a.ID)
				must(t, failed)
				open := slices.IndexFunc(known.Challenges, func(o tarozi.Challenge) bool { return o.Answer == nil })
				if open < 0 {
					continue
				}
				c, err = d.AnswerChallenge(ctx, who, a.ID, known.Challenges[open].ID,
					&tarozi.ChallengeAnswer{Result: tarozi.ChallengeRejected, Consequence: tarozi.ConsequenceNone, Answer: reason}, nil)
			case "wait":
				d.now = d.now.Add(rapid.SampledFrom([]time.Duration{time.Hour, scoring.DefaultReviewPeriod}).Draw(r, "time"))
				continue
			}
			if err != nil {
				if code := tarozi.CodeOf(err); code != tarozi.Conflict && code != tarozi.Forbidden {
					r.Fatalf("an error of code %s: %v", code, err)
				}
			} else if taken++; c == nil {
				r.Fatal("no review was given back")
			}
			d.holds(r, a, opened)
		}
		if n := d.reviewEntries() - entries; n != taken {
			r.Fatalf("%d audit entries of %d steps", n, taken)
		}
	})
}

// holds checks what must be true of an assessment at any time.
func (d *desk) holds(r *rapid.T, a *tarozi.Assessment, opened map[string]bool) {
	ctx := d.Context()
	c, err := d.Case(ctx, d.system, a.ID) // a case system that may see unreviewed scores sees everything
	must(d.T, err)
	now := d.read(a.ID)
	if now.ReviewState != c.State {
		r.Fatalf("the state is stored as %s, the steps say %s", now.ReviewState, c.State)
	}
	if (now.DecidedBand != "") != (c.State == tarozi.ReviewDone) || c.State == tarozi.ReviewDone && now.DecidedBand != c.Last().Band {
		r.Fatalf("state %s with the band %q", c.State, now.DecidedBand)
	}
	if last := c.Last(); c.State == tarozi.ReviewDone && last.Band != last.ScoreBand && (last.CountersignedBy == "" || last.CountersignedBy == last.Reviewer) {
		r.Fatalf("a changed band holds on one person's word: %+v", last)
	}
	for _, who := range []tarozi.Actor{d.officer, d.colleague, d.supervisor, d.second, d.blind} {
		shown, err := d.MayShow(ctx, who, now)
		must(d.T, err)
		turn := c.State == tarozi.ReviewDone || opened[who.AccountID] || c.State == tarozi.ReviewAwaiting && who.May(tarozi.CountersignOther)
		if shown != turn {
			r.Fatalf("in the state %s %s sees the score: %v", c.State, who.AccountID, shown)
		}
	}
}

// reviewEntries counts the audit entries of steps, going on from where it stopped.
func (d *desk) reviewEntries() int {
	d.Helper()
	for {
		queued, err := d.db.AuditQueue(d.Context(), d.counted, 1000)
		must(d.T, err)
		if len(queued) == 0 {
			return d.entries
		}
		for _, q := range queued {
			var entry scoring.AuditEntry
			must(d.T, json.Unmarshal(q.Entry, &entry))
			if strings.HasPrefix(entry.Action, "review.") {
				d.entries++
			}
			d.counted = q.Seq
		}
	}
}
