package pages

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
)

// done says one thing that somebody did about an assessment.
type done struct {
	When, Who, What, Detail string
	at                      time.Time
}

// log lists what was done about an assessment in the order in which it was done.
func (p *Pages) log(c *gin.Context, l *words.Locale, known *tarozi.ReviewCase) []done {
	var list []done
	names := map[string]string{}
	add := func(at time.Time, accountID, what, detail string) {
		if _, asked := names[accountID]; !asked {
			names[accountID] = p.accountName(c.Request.Context(), accountID)
		}
		list = append(list, done{l.Time(at, p.Zone), names[accountID], what, detail, at})
	}
	for i := range known.Views {
		view := &known.Views[i]
		var reasons []string
		for _, reason := range view.Reasons {
			reasons = append(reasons, l.Term("view_reason", string(reason)))
		}
		detail := join(strings.Join(reasons, ", "), view.Note)
		if view.Informed {
			detail = join(detail, l.Text("review.done.informed"))
		}
		add(view.LockedAt, view.Reviewer, l.Text("review.done.view", "view", estimate(l, view)), detail)
	}
	for _, bypass := range known.Bypasses {
		add(bypass.At, bypass.By, l.Text("review.done.skip"), bypass.Reason)
	}
	for i := range known.Reviews {
		r := &known.Reviews[i]
		detail := r.Reason
		if r.ReasonCode != "" {
			detail = join(l.Term("override_reason", string(r.ReasonCode)), r.Reason)
		}
		add(r.CreatedAt, r.Reviewer, decided(l, r), detail)
	}
	for _, s := range known.Countersignatures {
		add(s.CreatedAt, s.By, l.Text("review.done.signature", "verdict", l.Term("verdict_on_decision", string(s.Verdict))), s.Note)
	}
	for _, o := range known.Challenges {
		detail := o.Objection
		if o.Answer == nil && !o.AnswerDue.IsZero() {
			detail = join(detail, p.answerDue(l, o.AnswerDue))
		}
		add(o.CreatedAt, o.RecordedBy, l.Text("review.done.challenge", "by", l.Term("raised_by", string(o.RaisedBy))), detail)
		if a := o.Answer; a != nil {
			add(a.CreatedAt, a.AnsweredBy, l.Text("review.done.answer", "result", l.Term("challenge_result", string(a.Result)),
				"consequence", l.Term("consequence", string(a.Consequence))), a.Answer)
		}
	}
	slices.SortStableFunc(list, func(a, b done) int { return cmp.Compare(a.at.UnixNano(), b.at.UnixNano()) })
	return list
}

// answerDue says when an objection is answered, or that the day has passed.
func (p *Pages) answerDue(l *words.Locale, due tarozi.Date) string {
	if p.today().After(due) {
		return l.Text("objection.overdue", "date", l.Date(due))
	}
	return l.Text("objection.due", "date", l.Date(due))
}

// estimate is how likely a view finds it: a band, a number of people, or both.
func estimate(l *words.Locale, view *tarozi.PriorView) string {
	var said []string
	if view.Band != "" {
		said = append(said, l.Term("band", string(view.Band)))
	}
	if view.People != nil {
		said = append(said, l.Text("score.short", "people", strconv.Itoa(*view.People)))
	}
	return strings.Join(said, ", ")
}

// decided is a decision in words.
func decided(l *words.Locale, r *tarozi.Review) string {
	return l.Text("review.done.decision", "decision", l.Term("decision", string(r.Decision)), "band", l.Term("band", string(r.Band)))
}

func join(parts ...string) string {
	var said string
	for _, part := range parts {
		switch {
		case said == "" || part == "":
			said += part
		case strings.ContainsAny(said[len(said)-1:], ".!?"):
			said += " " + part
		default:
			said += ". " + part
		}
	}
	return said
}
