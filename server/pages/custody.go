package pages

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// custodyView says who is responsible for a person, and lets a supervisor settle it.
type custodyView struct {
	view
	ID, Link   string
	History    []custodyRow
	Officers   []pick
	Agencies   []pick
	Restricted bool
	Named      []pick // accounts of the agency, with those that may see the case
	Fault      string
	MayAssign  bool
	MayMove    bool
	MayClose   bool
}

type custodyRow struct{ Agency, Officer, From, Until string }

func (p *Pages) custody(c *gin.Context) { p.showCustody(c, http.StatusOK, "") }

func (p *Pages) showCustody(c *gin.Context, status int, fault string) {
	ctx, who, id := c.Request.Context(), asker(c), c.Param("person")
	custody, err := p.Scoring.Custody(ctx, who, id)
	if err == nil {
		err = p.Scoring.Look(ctx, who, custodyAction(who), "custody", id)
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := custodyView{view: p.view(c, "custody.title"), ID: id, Link: here(c), Restricted: custody.Restricted, Fault: fault,
		MayAssign: who.May(tarozi.AssignPeople), MayMove: who.May(tarozi.TransferPeople), MayClose: who.May(tarozi.RestrictPeople)}
	v.Nav = "caseload"
	for _, r := range custody.History {
		row := custodyRow{Agency: r.AgencyName, Officer: r.OfficerName, From: v.L.Time(r.From, p.Zone), Until: v.L.Text("custody.now")}
		if r.OfficerID == "" {
			row.Officer = v.L.Text("custody.nobody")
		}
		if !r.Until.IsZero() {
			row.Until = v.L.Time(r.Until, p.Zone)
		}
		v.History = append(v.History, row)
	}
	present := ""
	if len(custody.History) > 0 {
		present = custody.History[0].OfficerID
	}
	accounts, err := p.People.Accounts(ctx, tarozi.InAgency(custody.AgencyID))
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.Officers = []pick{{"", v.L.Text("custody.nobody"), present == ""}}
	for _, a := range accounts {
		if !a.Disabled.IsZero() || (a.Role != tarozi.Officer && a.Role != tarozi.Supervisor) {
			continue
		}
		label := a.Name + " · " + v.L.Term("role", string(a.Role))
		v.Officers = append(v.Officers, pick{a.ID, label, a.ID == present})
		v.Named = append(v.Named, pick{a.ID, label, slices.Contains(custody.Named, a.ID)})
	}
	agencies, err := p.People.Agencies(ctx)
	if err != nil {
		p.Fail(c, err)
		return
	}
	for _, a := range agencies {
		if a.ID != custody.AgencyID {
			v.Agencies = append(v.Agencies, pick{Value: a.ID, Label: a.Name})
		}
	}
	p.show(c, status, "custody", v)
}

// custodyAction is the action under which somebody looks at who is responsible: whoever settles it reaches restricted cases too, of which the
// page shows nothing else.
func custodyAction(who tarozi.Actor) tarozi.Action {
	if who.May(tarozi.AssignPeople) {
		return tarozi.AssignPeople
	}
	return tarozi.ReadPeople
}

// settle does what a supervisor asks about who is responsible and who may see.
func (p *Pages) settle(c *gin.Context) {
	ctx, who, id := c.Request.Context(), asker(c), c.Param("person")
	back := here(c) + "/custody"
	var err error
	switch c.PostForm("do") {
	case "assign":
		err = p.Scoring.Assign(ctx, who, []string{id}, c.PostForm("officer"))
	case "transfer":
		if c.PostForm("sure") != "yes" {
			p.showCustody(c, http.StatusBadRequest, p.locale(c).Text("custody.sure_fault"))
			return
		}
		err = p.Scoring.Transfer(ctx, who, id, c.PostForm("agency"))
		back = "/caseload"
	case "restrict":
		err = p.Scoring.Restrict(ctx, who, id, true, c.PostFormArray("named"))
	case "release":
		err = p.Scoring.Restrict(ctx, who, id, false, nil)
	default:
		err = tarozi.Errorf(tarozi.Malformed, "the form does not say what to do")
	}
	if err != nil {
		if tarozi.CodeOf(err) == tarozi.Conflict {
			p.showCustody(c, http.StatusConflict, p.locale(c).Text("custody.conflict"))
			return
		}
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, back)
}

// restrictedView lists restricted cases for those who settle who may see them.
type restrictedView struct {
	view
	Rows []restrictedRow
}

type restrictedRow struct{ ID, Link, Agency, Named string }

func (p *Pages) restrictedCases(c *gin.Context) {
	list, err := p.Scoring.RestrictedCases(c.Request.Context(), asker(c))
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := restrictedView{view: p.view(c, "restricted.title")}
	v.Nav = "caseload"
	for _, r := range list {
		v.Rows = append(v.Rows, restrictedRow{r.PersonID, peoplePath + r.PageKey + "/custody", r.Agency, v.L.Plural("restricted.named", r.Named)})
	}
	p.show(c, http.StatusOK, "restricted", v)
}

// reasonView asks why somebody looks at a restricted case.
type reasonView struct {
	view
	Person, Back string
}

// askReason answers with the question for a reason, at the address of what was asked for.
func (p *Pages) askReason(c *gin.Context, needed *scoring.ReasonNeeded) {
	back := c.Request.URL.RequestURI()
	if c.Request.Method != http.MethodGet {
		var err error
		if back, err = p.personPath(c, needed.PersonID); err != nil {
			p.Fail(c, err)
			return
		}
	}
	p.show(c, http.StatusForbidden, "reason", reasonView{view: p.view(c, "reason.title"), Person: needed.PersonID, Back: back})
}

// openCase takes the reason and goes on to the case; one that is too short is asked for again there.
func (p *Pages) openCase(c *gin.Context) {
	err := p.Scoring.LookAt(c.Request.Context(), asker(c), c.PostForm("person"), strings.TrimSpace(c.PostForm("reason")))
	if err != nil && tarozi.CodeOf(err) != tarozi.Malformed {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, ownPath(c.PostForm("back")))
}
