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
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
)

// Committee is what the pages of a committee's decisions ask of scoring.Service.
type Committee interface {
	Levers(ctx context.Context, actor tarozi.Actor, modelID string) (scoring.Levers, error)
	Decisions(ctx context.Context, actor tarozi.Actor, modelID string) (*scoring.Decisions, error)
	ProposeLever(ctx context.Context, actor tarozi.Actor, proposal *tarozi.Lever, key *scoring.Idempotency) (*tarozi.Lever, error)
	SignLever(ctx context.Context, actor tarozi.Actor, modelID, leverID string, key *scoring.Idempotency) (*tarozi.Lever, error)
}

type leversView struct {
	view
	Model, Title, Back string
	Now                []string // what holds
	Waiting, Past      []leverLine
	May                bool
	Kinds, Remedies    []option
	Scores, Validities []option
	Limits             tarozi.Tolerances
	Given              map[string]string
	Faults             []string
}

// leverLine is one decision.
type leverLine struct {
	ID, What, Reasons, Lapses, Signed, State string
	CanSign                                  bool
}

// Value is what was typed into a field.
func (v *leversView) Value(name string) string { return v.Given[name] }

func (p *Pages) decisions(c *gin.Context) { p.showDecisions(c, http.StatusOK, nil) }

func (p *Pages) showDecisions(c *gin.Context, status int, refused error) {
	ctx, who, id := c.Request.Context(), asker(c), c.Param("model")
	d, err := p.Committee.Decisions(ctx, who, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	known, err := p.Scoring.KnownByID(ctx, who, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := &leversView{view: p.view(c, "lever.title"), Model: id, Back: "/models/" + id, May: who.May(tarozi.ProposeLevers), Given: map[string]string{}}
	l := v.L
	v.Nav, v.Title = "models", l.Of(known.Card.Title)
	now := p.Now()
	levers := d.InForce(known.Deployment.SHA256, now)
	v.Limits, v.Now = levers.Tolerances, p.inForce(l, &levers, known.Card)
	for i := range d.Levers {
		lever := &d.Levers[i]
		line := p.leverLine(ctx, l, lever, known.Card)
		switch {
		case lever.Holds(now):
			line.State = l.Text("lever.holds")
		case !now.Before(lever.LapsesAt):
			line.State = l.Text("lever.lapsed")
		case lever.Since().IsZero():
			line.State = l.Text("lever.waits", "n", len(lever.Signatures), "of", lever.Needed)
			line.CanSign = who.May(tarozi.SignLevers) && lever.AgencyID == who.AgencyID && !lever.SignedBy(who.AccountID)
			v.Waiting = append(v.Waiting, line)
			continue
		default:
			line.State = l.Text("lever.later", "date", l.Time(lever.Since(), p.Zone))
		}
		v.Past = append(v.Past, line)
	}
	slices.Reverse(v.Past)
	for _, kind := range tarozi.LeverKinds {
		if len(known.Card.Remedies) == 0 && (kind == tarozi.LeverRemedyOn || kind == tarozi.LeverRemedyOff) {
			continue
		}
		v.Kinds = append(v.Kinds, option{Value: string(kind), Label: l.Text("lever.kind." + string(kind))})
	}
	for _, r := range known.Card.Remedies {
		v.Remedies = append(v.Remedies, option{Value: r.ID, Label: remedyName(l, r.ID)})
	}
	v.Scores = scoreOptions(l, known.Card)
	v.Validities = []option{{Value: string(tarozi.Pilot), Label: l.Term("validity", string(tarozi.Pilot))}, {Value: string(tarozi.Validated), Label: l.Term("validity", string(tarozi.Validated))}}
	if refused != nil {
		for name := range c.Request.PostForm {
			v.Given[name] = c.PostForm(name)
		}
		v.Faults = p.leverFaults(l, refused)
	}
	p.show(c, status, "decisions", v)
}

func remedyName(l *words.Locale, id string) string {
	if id == "calibration-by-sex" {
		return l.Text("lever.by_sex")
	}
	return id
}

func scoreOptions(l *words.Locale, card *model.Card) []option {
	var list []option
	for _, s := range card.Scores {
		value := string(s.Outcome)
		if s.HorizonMonths != nil {
			value += " " + strconv.Itoa(*s.HorizonMonths)
		}
		if !slices.ContainsFunc(list, func(o option) bool { return o.Value == value }) {
			list = append(list, option{Value: value, Label: l.Score(s.Outcome, s.HorizonMonths)})
		}
	}
	return list
}

// inForce says what holds, in sentences.
func (p *Pages) inForce(l *words.Locale, levers *scoring.Levers, card *model.Card) []string {
	var said []string
	if pause := levers.Paused; pause != nil {
		if pause.LeverID == "" {
			said = append(said, l.Text("lever.now.self", "date", l.Time(pause.Since, p.Zone)))
		} else {
			said = append(said, l.Text("lever.now.paused", "date", l.Time(pause.Since, p.Zone), "until", l.Time(pause.Until, p.Zone), "reason", pause.Reason))
		}
	}
	if a := levers.Acceptance; a != nil {
		said = append(said, l.Text("lever.now.accepted", "validity", l.Term("validity", string(a.Validity)), "population", a.Population, "until", l.Time(a.Until, p.Zone)))
	} else {
		said = append(said, l.Text("lever.now.not_accepted"))
	}
	for _, id := range levers.Remedies {
		said = append(said, l.Text("lever.now.remedy", "remedy", remedyName(l, id)))
	}
	for _, cut := range levers.Cuts {
		said = append(said, l.Text("lever.now.cuts", "score", l.Score(cut.Outcome, cut.HorizonMonths), "medium", l.Percent(cut.Medium, 0), "high", l.Percent(cut.High, 0)))
	}
	for _, m := range levers.Marks {
		text := l.Text("lever.mark."+string(m.Kind), "date", l.Time(m.Since, p.Zone))
		if !m.PausesAt.IsZero() && levers.Paused == nil {
			text += " " + l.Text("lever.pauses", "date", l.Time(m.PausesAt, p.Zone))
		}
		said = append(said, text)
	}
	t := levers.Tolerances
	return append(said, l.Text("lever.now.limits", "low", l.Number(t.RatioLow, 2), "high", l.Number(t.RatioHigh, 2), "psi", l.Number(t.PSI, 2),
		"review", t.ReviewEveryDays, "pause", t.PauseAfterDays))
}

func (p *Pages) leverLine(ctx context.Context, l *words.Locale, lever *tarozi.Lever, card *model.Card) leverLine {
	what := []string{l.Text("lever.kind." + string(lever.Kind))}
	if lever.Validity != "" {
		what = append(what, l.Term("validity", string(lever.Validity)), lever.Population)
	}
	if lever.Remedy != "" {
		what = append(what, remedyName(l, lever.Remedy))
	}
	for _, cut := range lever.Cuts {
		what = append(what, l.Score(cut.Outcome, cut.HorizonMonths)+" "+l.Percent(cut.Medium, 0)+", "+l.Percent(cut.High, 0))
	}
	var signed []string
	for _, s := range lever.Signatures {
		signed = append(signed, p.accountName(ctx, s.By))
	}
	return leverLine{ID: lever.ID, What: strings.Join(what, ": "), Reasons: lever.Reasons, Lapses: l.Time(lever.LapsesAt, p.Zone), Signed: strings.Join(signed, ", ")}
}

func (p *Pages) leverFaults(l *words.Locale, err error) []string {
	var e *tarozi.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return []string{l.Text("lever.fault.other")}
	}
	var said []string
	for _, f := range e.Fields {
		field := strings.Split(strings.TrimPrefix(f.Pointer, "/"), "/")[0]
		id := "lever.fault." + field
		if !l.Has(id) {
			id = "lever.fault.other"
		}
		if text := l.Text(id); !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return said
}

// propose stores a member's proposal.
func (p *Pages) propose(c *gin.Context) {
	lever, err := p.readLever(c)
	if err == nil {
		_, err = p.Committee.ProposeLever(c.Request.Context(), asker(c), lever, nil)
	}
	switch tarozi.CodeOf(err) {
	case "":
		c.Redirect(http.StatusSeeOther, "/models/"+c.Param("model")+"/decisions")
	case tarozi.Malformed:
		p.showDecisions(c, http.StatusUnprocessableEntity, err)
	default:
		p.Fail(c, err)
	}
}

// readLever reads the fields that go with the kind; what cannot be read is left empty, and refused by Validate.
func (p *Pages) readLever(c *gin.Context) (*tarozi.Lever, error) {
	lever := &tarozi.Lever{Kind: tarozi.LeverKind(c.PostForm("kind")), ModelID: c.Param("model"), Reasons: c.PostForm("reasons"), ReportID: c.PostForm("report")}
	var day [3]int
	for i, part := range []string{"year", "month", "day"} {
		day[i], _ = strconv.Atoi(c.PostForm("lapses_" + part)) // 0 is refused below
	}
	if date, err := tarozi.ParseDate(dateText(day)); err == nil {
		lever.LapsesAt = time.Date(date.Year, date.Month, date.Day, 23, 59, 59, 0, p.Zone).UTC()
	}
	decimal := func(name string) float64 {
		v, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(c.PostForm(name)), ",", "."), 64)
		if err != nil {
			return 0 // outside every range
		}
		return v
	}
	switch lever.Kind {
	case tarozi.LeverAccept:
		lever.Validity, lever.Population = tarozi.Validity(c.PostForm("validity")), c.PostForm("population")
	case tarozi.LeverRemedyOn, tarozi.LeverRemedyOff:
		lever.Remedy = c.PostForm("remedy")
	case tarozi.LeverThresholds:
		outcome, months, _ := strings.Cut(c.PostForm("score"), " ")
		cuts := tarozi.Cuts{Outcome: tarozi.OutcomeKind(outcome), Medium: decimal("medium") / 100, High: decimal("high") / 100}
		if n, err := strconv.Atoi(months); err == nil {
			cuts.HorizonMonths = &n
		}
		lever.Cuts = []tarozi.Cuts{cuts}
	case tarozi.LeverTolerances:
		lever.Tolerances = &tarozi.Tolerances{RatioLow: decimal("ratio_low"), RatioHigh: decimal("ratio_high"), PSI: decimal("psi"),
			ReviewEveryDays: int(decimal("review_every_days")), PauseAfterDays: int(decimal("pause_after_days"))}
	}
	return lever, nil
}

func dateText(day [3]int) string {
	pad := func(n, width int) string {
		text := strconv.Itoa(n)
		return strings.Repeat("0", max(0, width-len(text))) + text
	}
	return pad(day[0], 4) + "-" + pad(day[1], 2) + "-" + pad(day[2], 2)
}

func (p *Pages) signLever(c *gin.Context) {
	if _, err := p.Committee.SignLever(c.Request.Context(), asker(c), c.Param("model"), c.Param("lever"), nil); err != nil {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/models/"+c.Param("model")+"/decisions")
}

// leverShown is one decision with the words to show it in.
type leverShown struct {
	L    *words.Locale
	Line leverLine
}

// With puts the words beside a decision.
func (v *leversView) With(line leverLine) leverShown { return leverShown{v.L, line} }

type pausedView struct {
	view
	Model string
	Said  []string
}

// paused shows, in place of what was asked for, that the model is paused and why; false where it is not.
func (p *Pages) paused(c *gin.Context, modelID string, card *model.Card) bool {
	levers, err := p.Committee.Levers(c.Request.Context(), asker(c), modelID)
	if err != nil {
		p.Fail(c, err)
		return true
	}
	if levers.Paused == nil {
		return false
	}
	v := pausedView{view: p.view(c, "lever.paused_title"), Model: modelID}
	v.Nav, v.Said = "caseload", p.inForce(v.L, &levers, card)[:1]
	p.show(c, http.StatusConflict, "paused", v)
	return true
}
