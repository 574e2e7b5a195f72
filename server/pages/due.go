package pages

import (
	"cmp"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
)

// duePeople is how many people one page of the list has.
const duePeople = 50

type dueView struct {
	view
	Heading, Page string
	Before, Next  string // links; empty on the first and the last page
	Rows          []dueRow
	Key           modelKey
}

// dueRow is a person to be assessed anew.
type dueRow struct {
	Name, ID, Link string
	NoName         bool
	By             []dueBy
}

// dueBy is the model by which a person is to be assessed anew.
type dueBy struct {
	Model, Assess, AsOf string
	Why                 []fact // each reason, and since when
	model               int
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
	people := byPerson(list)
	v.Nav, v.Heading = "caseload", v.L.Plural("due.heading", len(people))
	pages := max(1, (len(people)+duePeople-1)/duePeople)
	page, err := strconv.Atoi(cmp.Or(c.Query("page"), "1"))
	if err != nil || page < 1 || page > pages {
		p.Fail(c, errNotFound)
		return
	}
	if pages > 1 {
		v.Page = v.L.Text("due.page", "n", page, "of", pages)
	}
	if page > 1 {
		v.Before = "/due?" + query("page", strconv.Itoa(page-1))
	}
	if page < pages {
		v.Next = "/due?" + query("page", strconv.Itoa(page+1))
	}
	names := p.modelNames(v.L)
	for _, of := range people[(page-1)*duePeople : min(page*duePeople, len(people))] {
		row, err := p.dueRow(c, v.L, of, names)
		if err != nil {
			p.Fail(c, err)
			return
		}
		v.Rows = append(v.Rows, *row)
	}
	v.Key = names.lettered()
	for i := range v.Rows {
		for j := range v.Rows[i].By {
			by := &v.Rows[i].By[j]
			by.Model = names.said(by.model)
		}
	}
	p.show(c, http.StatusOK, "due", v)
}

// byPerson puts what is due about one person together; people stay in the order of their most pressing reason.
func byPerson(list []scoring.Due) [][]scoring.Due {
	var people [][]scoring.Due
	place := map[string]int{}
	for _, d := range list {
		at, known := place[d.PersonID]
		if !known {
			at = len(people)
			place[d.PersonID], people = at, append(people, nil)
		}
		people[at] = append(people[at], d)
	}
	return people
}

func (p *Pages) dueRow(c *gin.Context, l *words.Locale, of []scoring.Due, names *modelNames) (*dueRow, error) {
	id := of[0].PersonID
	name, err := p.name(c, id)
	if err != nil {
		return nil, err
	}
	person, err := p.personPath(c, id)
	if err != nil {
		return nil, err
	}
	row := &dueRow{Name: cmp.Or(name, id), NoName: name == "", ID: id, Link: person}
	for _, d := range of {
		place, err := names.of(c, d.Model)
		if err != nil {
			return nil, err
		}
		row.By = append(row.By, dueBy{model: place, Assess: person + "/assess?" + query("model", d.Model.ID), AsOf: l.Date(d.AsOf), Why: p.why(l, d.Reasons)})
	}
	return row, nil
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
