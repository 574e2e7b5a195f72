package pages

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
)

// Reviewing is what the pages ask of scoring.Service about reviews.
type Reviewing interface {
	MayShow(ctx context.Context, actor tarozi.Actor, a *tarozi.Assessment) (bool, error)
	Shown(ctx context.Context, actor tarozi.Actor, states map[string]tarozi.ReviewState) (map[string]bool, error)
	StateOf(stored tarozi.ReviewState, createdAt time.Time) tarozi.ReviewState
	Case(ctx context.Context, actor tarozi.Actor, assessmentID string) (*tarozi.ReviewCase, error)
	LockView(ctx context.Context, actor tarozi.Actor, assessmentID string, view *tarozi.PriorView, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	Skip(ctx context.Context, actor tarozi.Actor, assessmentID string, bypass *tarozi.Bypass, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	Decide(ctx context.Context, actor tarozi.Actor, assessmentID string, decision *tarozi.Review, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	Countersign(ctx context.Context, actor tarozi.Actor, assessmentID string, signature *tarozi.Countersignature, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	Waiting(ctx context.Context, actor tarozi.Actor) ([]scoring.WaitingDecision, error)
	Challenge(ctx context.Context, actor tarozi.Actor, assessmentID string, challenge *tarozi.Challenge, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	AnswerChallenge(ctx context.Context, actor tarozi.Actor, assessmentID, challengeID string, answer *tarozi.ChallengeAnswer, key *scoring.Idempotency) (*tarozi.ReviewCase, error)
	Unanswered(ctx context.Context, actor tarozi.Actor) ([]scoring.Unanswered, error)
	Disputing
	Due(ctx context.Context, actor tarozi.Actor) ([]scoring.Due, error)
	DueOf(ctx context.Context, actor tarozi.Actor, personID string) ([]scoring.Due, error)
}

// step is one form of the review: what can be chosen, what was typed, and what to mend.
type step struct {
	Name          string // the last part of the address
	Action, Token string
	Values        map[string]string
	Faults        map[string]string // by field
	Summary       []fault
	Choices       map[string][]option
}

// head is the summary of what to mend.
type head struct {
	Title   string
	Summary []fault
}

// Head is the step's summary in the reader's language.
func (s *step) Head(l *words.Locale) head {
	return head{l.Plural("assess.faults", len(s.Summary)), s.Summary}
}

// Wrong is the error text of a field, empty where it is right.
func (s *step) Wrong(field string) string { return s.Faults[field] }

// Value is what was typed into a field.
func (s *step) Value(field string) string { return s.Values[field] }

// Options are the choices of a field.
func (s *step) Options(field string) []option { return s.Choices[field] }

// newStep prepares the form of a step. The posted values stand in it where the request is of this step.
func (p *Pages) newStep(c *gin.Context, l *words.Locale, id, name string, lists map[string][]string, vocabulary map[string]string) *step {
	s := &step{Name: name, Action: assessmentPath(id) + "/" + name, Token: p.NewID(), Values: map[string]string{}, Faults: map[string]string{}, Choices: map[string][]option{}}
	posted := c.Request.Method == http.MethodPost && strings.HasSuffix(c.Request.URL.Path, "/"+name)
	if posted {
		s.Token = c.PostForm("token")
		for field := range c.Request.PostForm {
			s.Values[field] = c.PostForm(field)
		}
	}
	for field, list := range lists {
		for _, value := range list {
			o := option{Value: value, Label: l.Term(vocabulary[field], value)}
			o.Checked = posted && slices.Contains(c.PostFormArray(field), value)
			s.Choices[field] = append(s.Choices[field], o)
		}
	}
	return s
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = string(one)
	}
	return out
}

func (p *Pages) viewStep(c *gin.Context, l *words.Locale, id string) *step {
	return p.newStep(c, l, id, "view", map[string][]string{"band": texts(tarozi.Bands), "reasons": texts(tarozi.ViewReasons)},
		map[string]string{"band": "band", "reasons": "view_reason"})
}

func (p *Pages) decisionStep(c *gin.Context, l *words.Locale, id string) *step {
	s := p.newStep(c, l, id, "decision", map[string][]string{"decision": texts(tarozi.Decisions), "band": texts(tarozi.Bands),
		"reason_code": texts(tarozi.OverrideReasons)}, map[string]string{"decision": "decision", "band": "band", "reason_code": "override_reason"})
	for i := range s.Choices["decision"] {
		o := &s.Choices["decision"][i]
		o.Label = l.Text("review.choice." + o.Value)
	}
	return s
}

func (p *Pages) signatureStep(c *gin.Context, l *words.Locale, id string) *step {
	return p.newStep(c, l, id, "countersignature", map[string][]string{"verdict": texts(tarozi.CountersignVerdicts)},
		map[string]string{"verdict": "verdict_on_decision"})
}

func (p *Pages) challengeStep(c *gin.Context, l *words.Locale, id string) *step {
	return p.newStep(c, l, id, "challenge", map[string][]string{"raised_by": texts(tarozi.RaisedBys)}, map[string]string{"raised_by": "raised_by"})
}

func (p *Pages) answerStep(c *gin.Context, l *words.Locale, id string) *step {
	return p.newStep(c, l, id, "answer", map[string][]string{"result": texts(tarozi.ChallengeResults), "consequence": texts(tarozi.Consequences)},
		map[string]string{"result": "challenge_result", "consequence": "consequence"})
}

// answer offers the form for the first objection that waits for an answer, to somebody who may give it: not to whoever decided.
func (p *Pages) answer(c *gin.Context, v *scoreView, known *tarozi.ReviewCase) {
	who := asker(c)
	decided := slices.ContainsFunc(known.Reviews, func(r tarozi.Review) bool { return r.Reviewer == who.AccountID })
	at := slices.IndexFunc(known.Challenges, func(o tarozi.Challenge) bool { return o.Answer == nil })
	if at < 0 || decided || !who.May(tarozi.Decide) {
		return
	}
	v.Objection = &known.Challenges[at]
	if due := v.Objection.AnswerDue; !due.IsZero() {
		v.AnswerDue = p.answerDue(v.L, due)
	}
	if v.Answer == nil {
		v.Answer = p.answerStep(c, v.L, known.AssessmentID)
	}
}

func (p *Pages) skipStep(c *gin.Context, l *words.Locale, id string) *step {
	return p.newStep(c, l, id, "skip", nil, nil)
}

// refuse notes on the step's fields what the service refused; false where it is nothing that a change of the form can mend.
func (s *step) refuse(l *words.Locale, err error) bool {
	var refused *tarozi.Error
	if !errors.As(err, &refused) || refused.Code != tarozi.Malformed || len(refused.Fields) == 0 {
		return false
	}
	for _, one := range refused.Fields {
		field, _, _ := strings.Cut(strings.TrimPrefix(one.Pointer, "/"), "/")
		if s.Faults[field] != "" {
			continue
		}
		id := "review.fault." + field
		if own := "review.fault." + s.Name + "_" + field; l.Has(own) {
			id = own
		}
		text := l.Text(id)
		s.Faults[field] = text
		s.Summary = append(s.Summary, fault{"#" + field, text})
	}
	return true
}

// ownView shows the question that comes before the score.
func (p *Pages) ownView(c *gin.Context, v *scoreView, a *tarozi.Assessment, view, skip *step) {
	if view == nil {
		view = p.viewStep(c, v.L, a.ID)
	}
	v.View, v.Title = view, v.L.Text("review.view.title")
	if p.urgent(c) {
		if v.Skip = skip; skip == nil {
			v.Skip = p.skipStep(c, v.L, a.ID)
		}
	}
	if len(a.Scores) > 0 {
		v.Question = v.L.Score(a.Scores[0].Outcome, a.Scores[0].HorizonMonths)
	}
	status := http.StatusOK
	if len(view.Summary) > 0 || v.Skip != nil && len(v.Skip.Summary) > 0 {
		status = http.StatusUnprocessableEntity
	}
	p.show(c, status, "own-view", v)
}

// urgent reports whether the agency lets urgent cases go without an own view. Where that cannot be read, the own view is asked for.
func (p *Pages) urgent(c *gin.Context) bool {
	agency, err := p.People.Agency(c.Request.Context(), asker(c).AgencyID)
	return err == nil && agency.UrgentWithoutView
}

// review fills in what was done about the assessment and what the reader may do next.
func (p *Pages) review(c *gin.Context, v *scoreView, a *tarozi.Assessment) error {
	who, l := asker(c), v.L
	known, err := p.Scoring.Case(c.Request.Context(), who, a.ID)
	if err != nil {
		return err
	}
	v.Done = p.log(c, l, known)
	v.Undecided = known.State == tarozi.ReviewPending
	if own := known.View(who.AccountID); own != nil {
		v.Own = l.Text("review.done.view", "view", estimate(l, own))
	}
	opened := known.View(who.AccountID) != nil || known.Bypass(who.AccountID) != nil
	last := known.Last()
	switch {
	case known.State == tarozi.ReviewPending && opened && who.May(tarozi.Decide) && v.Decision == nil:
		v.Decision = p.decisionStep(c, l, a.ID)
	case known.State == tarozi.ReviewAwaiting && who.May(tarozi.CountersignOther) && last != nil && last.Reviewer != who.AccountID && v.Signature == nil:
		v.Signature = p.signatureStep(c, l, a.ID)
	}
	if last != nil {
		v.ReviewID = last.ID
		v.Side = sideBySide(l, last)
		v.Held = l.Text("review.held", "decision", decided(l, last), "state", l.Term("review_state", string(known.State)))
	}
	if who.May(tarozi.Object) && v.Challenge == nil {
		v.Challenge = p.challengeStep(c, l, a.ID)
	}
	p.answer(c, v, known)
	if known.State.Open() {
		v.Deadline = l.Text("review.deadline", "time", l.Time(known.Deadline, p.Zone))
	}
	return nil
}

// sideBySide are the bands of the own view, the score and the decision.
func sideBySide(l *words.Locale, r *tarozi.Review) []fact {
	own := l.Text("review.side.none")
	if r.PriorBand != "" {
		own = l.Term("band", string(r.PriorBand))
	}
	return []fact{{l.Text("review.side.own"), own}, {l.Text("review.side.score"), l.Term("band", string(r.ScoreBand))},
		{l.Text("review.side.final"), l.Term("band", string(r.Band))}}
}

// reviewStep carries out the step that the address names, and leads back to the assessment.
func (p *Pages) reviewStep(c *gin.Context) {
	if err := c.Request.ParseForm(); err != nil {
		p.Fail(c, tarozi.Errorf(tarozi.Malformed, "the form cannot be read"))
		return
	}
	ctx, who, id, l := c.Request.Context(), asker(c), c.Param("id"), p.locale(c)
	var made *step
	var err error
	switch c.Param("step") {
	case "view":
		made = p.viewStep(c, l, id)
		view := &tarozi.PriorView{Band: tarozi.Band(c.PostForm("band")), Note: c.PostForm("note")}
		for _, reason := range c.PostFormArray("reasons") {
			view.Reasons = append(view.Reasons, tarozi.ReasonCode(reason))
		}
		if typed := strings.TrimSpace(c.PostForm("people_of_100")); typed != "" {
			n, wrong := strconv.Atoi(typed)
			if wrong != nil {
				n = -1 // refused as out of range
			}
			view.People = &n
		}
		_, err = p.Scoring.LockView(ctx, who, id, view, once(c))
	case "skip":
		made = p.skipStep(c, l, id)
		_, err = p.Scoring.Skip(ctx, who, id, &tarozi.Bypass{Reason: c.PostForm("reason")}, once(c))
	case "decision":
		made = p.decisionStep(c, l, id)
		decision := &tarozi.Review{Decision: tarozi.Decision(c.PostForm("decision")), Band: tarozi.Band(c.PostForm("band")),
			ReasonCode: tarozi.ReasonCode(c.PostForm("reason_code")), Reason: c.PostForm("reason")}
		if decision.Decision == tarozi.Agree {
			decision.Band = "" // the score's
		}
		_, err = p.Scoring.Decide(ctx, who, id, decision, once(c))
	case "countersignature":
		made = p.signatureStep(c, l, id)
		_, err = p.Scoring.Countersign(ctx, who, id, &tarozi.Countersignature{ReviewID: c.PostForm("review_id"),
			Verdict: tarozi.CountersignVerdict(c.PostForm("verdict")), Note: c.PostForm("note")}, once(c))
	case "challenge":
		made = p.challengeStep(c, l, id)
		_, err = p.Scoring.Challenge(ctx, who, id, &tarozi.Challenge{RaisedBy: tarozi.RaisedBy(c.PostForm("raised_by")),
			Objection: c.PostForm("objection")}, once(c))
	case "answer":
		made = p.answerStep(c, l, id)
		_, err = p.Scoring.AnswerChallenge(ctx, who, id, c.PostForm("challenge_id"), &tarozi.ChallengeAnswer{Result: tarozi.ChallengeResult(c.PostForm("result")),
			Consequence: tarozi.Consequence(c.PostForm("consequence")), Answer: c.PostForm("answer")}, once(c))
	default:
		p.NotFound(c)
		return
	}
	switch {
	case err == nil:
		to := assessmentPath(id)
		if c.Param("step") != "view" && c.Param("step") != "skip" {
			to += "#review" // whoever has just opened the score begins at its top
		}
		c.Redirect(http.StatusSeeOther, to)
	case made.refuse(l, err):
		p.scorePage(c, made)
	default:
		p.Fail(c, err)
	}
}
