package pages

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
)

// Disputing is what the pages ask of scoring.Service about records that are doubted.
type Disputing interface {
	Disputes(ctx context.Context, actor tarozi.Actor, personID string) ([]tarozi.Dispute, error)
	DisputeRecord(ctx context.Context, actor tarozi.Actor, personID string, dispute *tarozi.Dispute, key *scoring.Idempotency) (*tarozi.Dispute, error)
	DecideDispute(ctx context.Context, actor tarozi.Actor, personID, disputeID string, decision *tarozi.DisputeDecision, key *scoring.Idempotency) (*tarozi.Dispute, error)
	ScoredHistory(ctx context.Context, actor tarozi.Actor, assessmentID string) (*tarozi.CaseHistory, error)
	CreateFromStored(ctx context.Context, actor tarozi.Actor, personID string, asOf tarozi.Date, purpose tarozi.Purpose,
		modelID string, key *scoring.Idempotency) (*tarozi.Assessment, error)
}

// evidenceView is the page of one factor: the records behind it as they stand now, each of which can be disputed.
type evidenceView struct {
	view
	PersonName, Back, Factor, Effect string
	Rows                             []evidenceRow
	Other                            []string // what the factor rests on beside records, such as the date of birth
}

// evidenceRow is a record behind a factor.
type evidenceRow struct {
	record
	Link    string // to it on the person's page
	Dispute *step  // the form; nil where it cannot be disputed, or not by the reader
	Record  tarozi.Evidence
	Feature string // of a stated fact
}

// evidence shows the records behind the factor that the address names.
func (p *Pages) evidence(c *gin.Context) { p.evidencePage(c, nil, "") }

// evidencePage is the page of a factor, with the form of a dispute that was refused, nil otherwise, and the record it is about.
func (p *Pages) evidencePage(c *gin.Context, refused *step, about tarozi.Evidence) {
	ctx, who := c.Request.Context(), asker(c)
	a, err := p.Scoring.Assessment(ctx, who, c.Param("id"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	if shown, err := p.Scoring.MayShow(ctx, who, a); err != nil || !shown {
		p.Fail(c, cmp.Or(err, error(errNotFound)))
		return
	}
	if err := p.Scoring.Look(ctx, who, tarozi.ReadAssessments, "records", a.PersonID); err != nil {
		p.Fail(c, err)
		return
	}
	s := choose(a, c.Query("outcome"), c.Query("months"))
	at := -1
	if s != nil {
		at = slices.IndexFunc(s.Contributions, func(o tarozi.Contribution) bool {
			return o.Feature == c.Query("feature") && (o.With == nil && c.Query("with") == "" || o.With != nil && o.With.Feature == c.Query("with"))
		})
	}
	if at < 0 {
		p.Fail(c, errNotFound)
		return
	}
	factor := s.Contributions[at]
	inputs, err := p.Scoring.Inputs(ctx, who, a.ID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	card, err := p.Scoring.Card(ctx, a.Model.SHA256)
	if err != nil {
		p.Fail(c, err)
		return
	}
	then, err := p.Scoring.ScoredHistory(ctx, who, a.ID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	now, err := p.Scoring.History(ctx, who, a.PersonID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	name, err := p.name(c, a.PersonID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := evidenceView{view: p.view(c, "evidence.title"), PersonName: cmp.Or(name, a.PersonID), Back: assessmentPath(a.ID) + "#why"}
	v.Nav, v.Factor = "caseload", v.L.Factor(factor)
	steps := words.StepsOf(s, inTenths(s, servedBy(card, s, inputs))) // those of the chart that leads here
	v.Effect = strings.TrimPrefix(steps.Effect(v.L, &s.Contributions[at]), v.Factor+". ")
	person, err := p.personPath(c, a.PersonID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	for _, e := range factor.Evidence {
		row, known := p.evidenceRow(v.L, then, now, e)
		if !known {
			v.Other = append(v.Other, v.L.Text("evidence.birth"))
			continue
		}
		row.Link = person + "?record=all#" + row.Anchor
		if row.Record != "" && row.Status == tarozi.Verified && who.May(tarozi.Object) {
			row.Dispute = p.disputeStep(c, v.L, a, row.Record)
			if refused != nil && about == row.Record {
				row.Dispute = refused
			}
		}
		v.Rows = append(v.Rows, row)
	}
	status := http.StatusOK
	if refused != nil {
		status = http.StatusUnprocessableEntity
	}
	p.show(c, status, "evidence", v)
}

// evidenceRow is a record as it stands now; known is false for what is no record, such as the date of birth. Record stays empty where
// there is nothing to dispute: a sentence is its court's.
func (p *Pages) evidenceRow(l *words.Locale, then, now *tarozi.CaseHistory, e tarozi.Evidence) (row evidenceRow, known bool) {
	if fact := scoring.FactAt(then, e); fact != nil {
		at := slices.IndexFunc(now.Facts, func(o tarozi.Fact) bool {
			return o.Feature == fact.Feature && o.AsOf == fact.AsOf && o.Value == fact.Value && o.ReceivedAt.Equal(fact.ReceivedAt)
		})
		if at < 0 { // taken out since
			return evidenceRow{record: p.fact(l, 0, fact)}, true
		}
		return evidenceRow{record: p.fact(l, at, &now.Facts[at]), Record: tarozi.Evidence("#/facts/" + strconv.Itoa(at)), Feature: fact.Feature}, true
	}
	if event := scoring.LatestVersion(now, string(e)); event != nil {
		return evidenceRow{record: p.event(l, event.ID, event), Record: e}, true
	}
	if event := scoring.LatestVersion(then, string(e)); event != nil {
		return evidenceRow{record: p.event(l, event.ID, event)}, true
	}
	list, place, _ := strings.Cut(strings.TrimPrefix(string(e), "#/"), "/")
	i, err := strconv.Atoi(place)
	switch {
	case err == nil && list == "sentences" && i >= 0 && i < len(then.Sentences):
		return evidenceRow{record: p.sentence(l, i, then.Sentences[i])}, true
	case err == nil && list == "supervision" && i >= 0 && i < len(then.Supervision):
		return evidenceRow{record: p.supervision(l, i, then.Supervision[i])}, true
	default:
		return evidenceRow{}, false
	}
}

func (p *Pages) disputeStep(c *gin.Context, l *words.Locale, a *tarozi.Assessment, record tarozi.Evidence) *step {
	s := p.newStep(c, l, a.ID, "dispute", map[string][]string{"raised_by": texts(tarozi.RaisedBys)}, map[string]string{"raised_by": "raised_by"})
	s.Action += "?" + c.Request.URL.RawQuery
	if c.PostForm("record") != string(record) {
		s.Values = map[string]string{}
	}
	return s
}

// dispute records a doubt about a record behind a factor, and leads back to the assessment that rests on it.
func (p *Pages) dispute(c *gin.Context) {
	ctx, who, l := c.Request.Context(), asker(c), p.locale(c)
	a, err := p.Scoring.Assessment(ctx, who, c.Param("id"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	doubted := &tarozi.Dispute{Record: tarozi.Evidence(c.PostForm("record")), RaisedBy: tarozi.RaisedBy(c.PostForm("raised_by")), Reason: c.PostForm("reason")}
	if feature := c.PostForm("feature"); feature != "" {
		doubted.Fact = &tarozi.Fact{Feature: feature}
	}
	made := p.disputeStep(c, l, a, doubted.Record)
	_, err = p.Scoring.DisputeRecord(ctx, who, a.PersonID, doubted, once(c))
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, assessmentPath(a.ID))
	case made.refuse(l, err):
		p.evidencePage(c, made, doubted.Record)
	default:
		p.Fail(c, err)
	}
}

// disputeView is a record that is disputed, on the person's page.
type disputeView struct {
	record
	Who, Reason string
	Decision    *step  // the form; nil for whoever may not decide
	Action      string // of the form
}

// disputes lists what waits for its decision, with the form for those who may decide.
func (p *Pages) disputes(c *gin.Context, l *words.Locale, h *tarozi.CaseHistory, refused *step) ([]disputeView, error) {
	who := asker(c)
	list, err := p.Scoring.Disputes(c.Request.Context(), who, h.PersonID)
	if err != nil {
		return nil, err
	}
	var open []disputeView
	for i := range list {
		d := &list[i]
		if d.Decision != nil {
			continue
		}
		shown := disputeView{Reason: d.Reason, Who: l.Text("dispute.recorded", "by", p.accountName(c.Request.Context(), d.RecordedBy), "time", l.Time(d.CreatedAt, p.Zone))}
		if d.RaisedBy != "" {
			shown.Who = join(l.Text("dispute.raised", "by", l.Term("raised_by", string(d.RaisedBy))), shown.Who)
		}
		if d.Fact != nil {
			at := max(0, slices.IndexFunc(h.Facts, func(o tarozi.Fact) bool {
				return o.Feature == d.Fact.Feature && o.AsOf == d.Fact.AsOf && o.Value == d.Fact.Value
			}))
			shown.record = p.fact(l, at, d.Fact)
		} else if event := scoring.LatestVersion(h, string(d.Record)); event != nil {
			shown.record = p.event(l, event.ID, event)
		}
		if who.May(tarozi.Decide) && d.RecordedBy != who.AccountID {
			shown.Decision = p.newStep(c, l, "", "decision", map[string][]string{"result": texts(tarozi.DisputeResults)}, map[string]string{"result": "dispute_result"})
			if refused != nil && c.Param("dispute") == d.ID {
				shown.Decision = refused
			}
			shown.Action = here(c) + "/disputes/" + d.ID + "/decision"
		}
		open = append(open, shown)
	}
	return open, nil
}

// decideDispute stores a decision about a disputed record and leads back to the person.
func (p *Pages) decideDispute(c *gin.Context) {
	ctx, who, l, person := c.Request.Context(), asker(c), p.locale(c), c.Param("person")
	made := p.newStep(c, l, "", "decision", map[string][]string{"result": texts(tarozi.DisputeResults)}, map[string]string{"result": "dispute_result"})
	_, err := p.Scoring.DecideDispute(ctx, who, person, c.Param("dispute"),
		&tarozi.DisputeDecision{Result: tarozi.DisputeResult(c.PostForm("result")), Reason: c.PostForm("reason")}, once(c))
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, here(c))
	case made.refuse(l, err):
		p.personPage(c, made)
	default:
		p.Fail(c, err)
	}
}

// accountName is the name of an account; its id where the account is gone, or no person's.
func (p *Pages) accountName(ctx context.Context, id string) string {
	if account, err := p.People.Account(ctx, id); err == nil {
		return account.Name
	}
	return id
}

// shaken says which records behind an assessment were disputed, or found to be unfounded, after it was made.
func (p *Pages) shaken(c *gin.Context, l *words.Locale, a *tarozi.Assessment) ([]string, error) {
	ctx, who := c.Request.Context(), asker(c)
	if !who.May(tarozi.ReadPeople) {
		return nil, nil
	}
	disputes, err := p.Scoring.Disputes(ctx, who, a.PersonID)
	if err != nil || len(disputes) == 0 {
		return nil, err
	}
	then, err := p.Scoring.ScoredHistory(ctx, who, a.ID)
	if err != nil {
		return nil, err
	}
	used := map[tarozi.Evidence]bool{}
	for i := range a.Scores {
		for j := range a.Scores[i].Contributions {
			for _, e := range a.Scores[i].Contributions[j].Evidence {
				used[e] = true
			}
		}
	}
	var said []string
	for i := range disputes {
		d := &disputes[i]
		if since := d.CreatedAt; since.Before(a.CreatedAt) && (d.Decision == nil || d.Decision.CreatedAt.Before(a.CreatedAt)) {
			continue
		}
		record, text := d.Record, ""
		if d.Fact != nil {
			at := slices.IndexFunc(then.Facts, func(o tarozi.Fact) bool {
				return o.Feature == d.Fact.Feature && o.AsOf == d.Fact.AsOf && o.Value == d.Fact.Value && o.ReceivedAt.Equal(d.Fact.ReceivedAt)
			})
			record, text = tarozi.Evidence("#/facts/"+strconv.Itoa(at)), factText(l, d.Fact)
		} else if event := scoring.LatestVersion(then, string(record)); event != nil {
			r := p.event(l, event.ID, event)
			text = join(r.What, r.Detail)
		}
		if used[record] && d.Status() != tarozi.Verified {
			said = append(said, l.Text("dispute.shaken."+string(d.Status()), "record", text))
		}
	}
	return said, nil
}
