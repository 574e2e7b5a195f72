package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/scoring"
)

type judgedView struct {
	view
	Lead  string
	Count string // of the reviews; empty where there are none
	All   []fact // the figures of everybody the reader may see
	Names []string
	Rows  []judgedRow // of groups, where the reader sees them
}

type judgedRow struct {
	Name   string
	Values []string
}

// judgedFigures are the figures in the order in which they are shown.
var judgedFigures = []struct {
	id  string
	get func(*fairness.JudgementRow) fairness.Estimate
}{
	{"judged.same", func(r *fairness.JudgementRow) fairness.Estimate { return r.Same }},
	{"judged.towards", func(r *fairness.JudgementRow) fairness.Estimate { return r.Towards }},
	{"judged.away", func(r *fairness.JudgementRow) fairness.Estimate { return r.Away }},
	{"judged.up", func(r *fairness.JudgementRow) fairness.Estimate { return r.Up }},
	{"judged.down", func(r *fairness.JudgementRow) fairness.Estimate { return r.Down }},
	{"judged.own_right", func(r *fairness.JudgementRow) fairness.Estimate { return r.OwnRight }},
	{"judged.score_right", func(r *fairness.JudgementRow) fairness.Estimate { return r.ScoreRight }},
	{"judged.final_right", func(r *fairness.JudgementRow) fairness.Estimate { return r.FinalRight }},
}

// judged shows what review does, as far as the reader may see it.
func (p *Pages) judged(c *gin.Context) {
	who := asker(c)
	rows, err := scoring.Judgements(c.Request.Context(), p.People, who)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := judgedView{view: p.view(c, "judged.title")}
	v.Nav, v.Lead = "judged", v.L.Text("judged.lead.own")
	if who.May(tarozi.ReadReports) || who.May(tarozi.CountersignOther) {
		v.Lead = v.L.Text("judged.lead.agency")
	}
	for _, f := range judgedFigures {
		v.Names = append(v.Names, v.L.Text(f.id))
	}
	for i := range rows {
		r := &rows[i]
		values := make([]string, len(judgedFigures))
		for k, f := range judgedFigures {
			values[k] = share(v.L, f.get(r))
		}
		switch r.Attribute {
		case fairness.AllAttribute:
			v.Count = v.L.Text("judged.hidden")
			if r.N != nil {
				v.Count = v.L.Plural("judged.count", *r.N)
			}
			for k, name := range v.Names {
				v.All = append(v.All, fact{name, values[k]})
			}
		case "agency": // everybody, over again: the scope of an account is its agency
		case scoring.CaseGroup:
			v.Rows = append(v.Rows, judgedRow{v.L.Text("judged.band." + r.Group), values})
		default:
			v.Rows = append(v.Rows, judgedRow{v.L.Group(r.Attribute + "=" + r.Group), values})
		}
	}
	p.show(c, http.StatusOK, "judged", v)
}

// share is a share with its range, or why there is none.
func share(l *words.Locale, e fairness.Estimate) string {
	switch {
	case e.Defined() && e.HasInterval():
		return l.Text("judged.share", "share", l.Percent(e.Value, 0), "low", l.Percent(e.Low, 0), "high", l.Percent(e.High, 0))
	case e.Defined():
		return l.Percent(e.Value, 0)
	case e.Reason == fairness.SmallCell || e.Reason == fairness.ComplementaryCell:
		return l.Text("judged.hidden")
	default:
		return l.Text("judged.none")
	}
}
