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

// dueRow is a person to be assessed anew.
type dueRow struct {
	Name, ID, Link, Assess, AsOf string
	NoName                       bool
	Why                          []fact // each reason, and since when
}

// due lists who should be assessed anew, the most pressing first.
func (p *Pages) due(c *gin.Context) {
	ctx, who := c.Request.Context(), asker(c)
	list, err := p.Scoring.Due(ctx, who)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := dueView{view: p.view(c, "due.title")}
	v.Nav, v.Heading = "caseload", v.L.Plural("due.heading", len(list))
	if over := len(list) - mostDue; over > 0 {
		v.More, list = v.L.Plural("due.more", over), list[:mostDue]
	}
	for _, d := range list {
		name, err := p.name(c, d.PersonID)
		if err != nil {
			p.Fail(c, err)
			return
		}
		v.Rows = append(v.Rows, dueRow{Name: cmp.Or(name, d.PersonID), NoName: name == "", ID: d.PersonID, Link: personPath(d.PersonID),
			Assess: personPath(d.PersonID) + "/assess", AsOf: v.L.Date(d.AsOf), Why: p.why(v.L, d.Reasons)})
	}
	p.show(c, http.StatusOK, "due", v)
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
