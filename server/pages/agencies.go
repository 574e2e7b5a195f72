package pages

import (
	"cmp"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
)

// agenciesView lists the agencies that the reader administers.
type agenciesView struct {
	view
	Rows []agencyRow
}

type agencyRow struct {
	Link, Name, Address, Objections, Answers, Urgent string
}

// agencyView is what an agency settles, as stored or as typed.
type agencyView struct {
	view
	Link, Name, Address, ObjectionDays, AnswerDays string
	Urgent, Saved                                  bool
	Faults                                         map[string]string
	Summary                                        []fault
}

// Head is the summary of what to mend.
func (v *agencyView) Head() head {
	return head{v.L.Plural("assess.faults", len(v.Summary)), v.Summary}
}

func (p *Pages) agencies(c *gin.Context) {
	list, ok := p.managed(c)
	if !ok {
		return
	}
	v := agenciesView{view: p.view(c, "agencies.title")}
	v.Nav = "agencies"
	for _, a := range list {
		urgent := "agencies.urgent_no"
		if a.UrgentWithoutView {
			urgent = "agencies.urgent_yes"
		}
		v.Rows = append(v.Rows, agencyRow{Link: agencyPath(a.ID), Name: a.Name, Address: cmp.Or(a.Address, v.L.Text("agencies.no_address")),
			Objections: v.L.Plural("unit.days", cmp.Or(a.ObjectionDays, tarozi.DefaultObjectionDays)),
			Answers:    v.L.Plural("unit.days", cmp.Or(a.AnswerDays, tarozi.DefaultAnswerDays)), Urgent: v.L.Text(urgent)})
	}
	p.show(c, http.StatusOK, "agencies", v)
}

func agencyPath(id string) string { return "/agencies/" + id }

// managed are the agencies that the reader administers; false where the request is answered already.
func (p *Pages) managed(c *gin.Context) ([]tarozi.Agency, bool) {
	who := asker(c)
	if err := who.Allow(tarozi.ManageAgencies); err != nil {
		p.Fail(c, err)
		return nil, false
	}
	all, err := p.People.Agencies(c.Request.Context())
	if err != nil {
		p.Fail(c, err)
		return nil, false
	}
	return within(all, who, tarozi.ManageAgencies), true
}

// agency shows what an agency has settled, or stores it.
func (p *Pages) agency(c *gin.Context) {
	list, ok := p.managed(c)
	if !ok {
		return
	}
	for _, a := range list {
		if a.ID == c.Param("agency") {
			p.oneAgency(c, a)
			return
		}
	}
	p.NotFound(c)
}

func (p *Pages) oneAgency(c *gin.Context, a tarozi.Agency) {
	v := &agencyView{view: p.view(c, "agencies.title"), Link: agencyPath(a.ID), Name: a.Name, Address: a.Address, Urgent: a.UrgentWithoutView,
		ObjectionDays: strconv.Itoa(cmp.Or(a.ObjectionDays, tarozi.DefaultObjectionDays)),
		AnswerDays:    strconv.Itoa(cmp.Or(a.AnswerDays, tarozi.DefaultAnswerDays)), Saved: c.Query("saved") != "", Faults: map[string]string{}}
	v.Nav = "agencies"
	if c.Request.Method != http.MethodPost {
		p.show(c, http.StatusOK, "agency", v)
		return
	}
	v.Address, v.Urgent = strings.TrimSpace(c.PostForm("address")), c.PostForm("urgent") == "yes"
	v.ObjectionDays, v.AnswerDays = strings.TrimSpace(c.PostForm("objection_days")), strings.TrimSpace(c.PostForm("answer_days"))
	a.Address, a.UrgentWithoutView, a.ObjectionDays, a.AnswerDays = v.Address, v.Urgent, wholeDays(v.ObjectionDays), wholeDays(v.AnswerDays)
	err := p.Scoring.SettleAgency(c.Request.Context(), asker(c), a)
	if err == nil {
		c.Redirect(http.StatusSeeOther, v.Link+"?saved=yes")
		return
	}
	var known *tarozi.Error
	if !errors.As(err, &known) || known.Code != tarozi.Malformed {
		p.Fail(c, err)
		return
	}
	for _, f := range known.Fields {
		field := strings.TrimPrefix(f.Pointer, "/")
		v.Faults[field] = v.L.Text("agencies.fault." + field)
		v.Summary = append(v.Summary, fault{Link: "#" + field, Text: v.Faults[field]})
	}
	p.show(c, http.StatusUnprocessableEntity, "agency", v)
}

// wholeDays reads a number of days; what is none is refused as 0 days are.
func wholeDays(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return 0
	}
	return n
}
