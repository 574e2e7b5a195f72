package pages

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// listedDue is how many people the page of retention lists; it counts all of them, restricted cases among them.
const listedDue = 200

// retentionView is what the rules of retention would erase today, shown before anything goes.
type retentionView struct {
	view
	Rules         []retentionRule
	Goes, Held    int
	Heading, Kept string
	Rows          []retentionRow
	Closed        string // how many restricted cases are due that do not name who asks; empty: none
	More          string // that the list is cut; empty where it is whole
	Shown         string // what the list was, for the run
	Reason        string
	Fault, Done   string
}

type retentionRule struct{ Kind, Months, People string }

type retentionRow struct {
	Agency, Person, Ended, Kinds string
	Held                         bool
}

func (p *Pages) retention(c *gin.Context) { p.showRetention(c, http.StatusOK, retentionView{}) }

func (p *Pages) showRetention(c *gin.Context, status int, v retentionView) {
	ctx, who := c.Request.Context(), asker(c)
	rules := p.Scoring.RetentionRules()
	due, err := p.Scoring.Retention(ctx, who, rules)
	if err == nil {
		err = p.Scoring.LookOver(ctx, who, tarozi.ApplyRetention, "retention")
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	agencies, err := p.People.Agencies(ctx)
	if err != nil {
		p.Fail(c, err)
		return
	}
	names := map[string]string{}
	for _, a := range agencies {
		names[a.ID] = a.Name
	}
	v.view = p.view(c, "retention.title")
	v.Nav, v.Shown = "retention", scoring.DueDigest(due)
	people, closed := map[scoring.Kind]int{}, 0
	for _, d := range due {
		if d.Held {
			v.Held++
		} else {
			v.Goes++
		}
		var kinds []string
		for _, kind := range d.Kinds {
			kinds = append(kinds, v.L.Text("retention.kind."+string(kind)))
			if !d.Held {
				people[kind]++
			}
		}
		if d.Closed {
			closed++
		} else if len(v.Rows) < listedDue {
			v.Rows = append(v.Rows, retentionRow{names[d.AgencyID], d.PersonID, v.L.Date(d.Ended), strings.Join(kinds, ", "), d.Held})
		}
	}
	for _, kind := range scoring.Kinds {
		if months, ruled := rules[kind]; ruled {
			v.Rules = append(v.Rules, retentionRule{v.L.Text("retention.kind." + string(kind)), v.L.Plural("retention.months", months),
				v.L.Plural("retention.people", people[kind])})
		}
	}
	v.Heading, v.Kept = v.L.Plural("retention.goes", v.Goes), v.L.Plural("retention.held", v.Held)
	if closed > 0 {
		v.Closed = v.L.Plural("retention.closed", closed)
	}
	if more := len(due) - closed - len(v.Rows); more > 0 {
		v.More = v.L.Plural("retention.more", more)
	}
	p.show(c, status, "retention", v)
}

// applyRetention erases what the page has shown, for a reason.
func (p *Pages) applyRetention(c *gin.Context) {
	v := retentionView{Reason: c.PostForm("reason")}
	erased, err := p.Scoring.ApplyRetention(c.Request.Context(), asker(c), c.PostForm("shown"), v.Reason)
	switch tarozi.CodeOf(err) {
	case tarozi.Malformed:
		v.Fault = p.locale(c).Text("retention.fault")
		p.showRetention(c, http.StatusUnprocessableEntity, v)
		return
	case tarozi.Conflict:
		v.Fault = p.locale(c).Text("retention.changed")
		p.showRetention(c, http.StatusConflict, v)
		return
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	p.showRetention(c, http.StatusOK, retentionView{Done: p.locale(c).Plural("retention.done", erased)})
}
