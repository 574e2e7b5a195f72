package pages

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
)

// mostDue is how many people one page lists; those below it come up when those above are done.
const mostDue = 100

type dueView struct {
	view
	Heading, More string
	Rows          []dueRow
}

// dueRow is a person to be assessed anew by a model.
type dueRow struct {
	Name, ID, Link, Assess, AsOf string
	By                           scoredBy
	NoName                       bool
	Why                          []fact // each reason, and since when
}

// due lists who should be assessed anew, the most pressing first.
func (p *Pages) due(c *gin.Context) {
	ctx, who := c.Request.Context(), asker(c)
	if err := p.Scoring.LookOver(ctx, who, tarozi.ReadAssessments, "due"); err != nil {
		p.Fail(c, err)
		return
	}
	list, err := p.Scoring.Due(ctx, who)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := dueView{view: p.view(c, "due.title")}
	v.Nav, v.Heading = "caseload", v.L.Plural("due.heading", countPeople(list, nil))
	if len(list) > mostDue {
		if over := countPeople(list[mostDue:], list[:mostDue]); over > 0 {
			v.More = v.L.Plural("due.more", over)
		}
		list = list[:mostDue]
	}
	for _, d := range list {
		name, err := p.name(c, d.PersonID)
		if err != nil {
			p.Fail(c, err)
			return
		}
		by, err := p.scoredBy(c, v.L, d.Model)
		if err != nil {
			p.Fail(c, err)
			return
		}
		person, err := p.personPath(c, d.PersonID)
		if err != nil {
			p.Fail(c, err)
			return
		}
		v.Rows = append(v.Rows, dueRow{Name: cmp.Or(name, d.PersonID), NoName: name == "", ID: d.PersonID, Link: person, By: by,
			Assess: person + "/assess?" + query("model", d.Model.ID), AsOf: v.L.Date(d.AsOf), Why: p.why(v.L, d.Reasons)})
	}
	p.show(c, http.StatusOK, "due", v)
}

// countPeople counts the people of a list, each once, who are not in another.
func countPeople(list, without []scoring.Due) int {
	people := map[string]bool{}
	for _, d := range list {
		people[d.PersonID] = true
	}
	for _, d := range without {
		delete(people, d.PersonID)
	}
	return len(people)
}

// why says each reason for assessing anew, and since when it has been there.
func (p *Pages) why(l *words.Locale, reasons []scoring.Reassess) []fact {
	said := make([]fact, len(reasons))
	for i, r := range reasons {
		text := l.Text("due.reason." + string(r.Reason))
		if len(r.Records) > 1 {
			text = join(text, l.Plural("due.records", len(r.Records)))
		}
		said[i] = fact{text, l.Date(tarozi.DateOf(r.Since.In(p.Zone)))}
	}
	return said
}
