package pages

import (
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/problem"
)

// accountView is what somebody sees of their own account.
type accountView struct {
	view
	Facts    []fact
	Password bool // there is one to change
	Factor   bool
	Sessions []sessionRow
}

type sessionRow struct {
	ID, Agent, Begun, Expires string
	Current                   bool
}

func (p *Pages) account(c *gin.Context) {
	ctx := c.Request.Context()
	stored, err := p.People.Account(ctx, asker(c).AccountID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := accountView{view: p.view(c, "account.title"), Password: stored.ExternalID == "", Factor: stored.SecondFactor}
	v.Facts = []fact{{v.L.Text("account.login"), stored.Login}, {v.L.Text("account.name"), stored.Name},
		{v.L.Text("account.role"), v.L.Term("role", string(stored.Role))}, {v.L.Text("account.agency"), v.Account.Agency}}
	list, current, err := p.SignIn.MySessions(ctx)
	if err != nil {
		p.Fail(c, err)
		return
	}
	for _, s := range list {
		v.Sessions = append(v.Sessions, sessionRow{ID: s.ID, Agent: s.Agent, Begun: v.L.Time(s.Begun, p.Zone), Expires: v.L.Time(s.Expires, p.Zone),
			Current: s.ID == current})
	}
	p.show(c, http.StatusOK, "account", v)
}

func (p *Pages) endSession(c *gin.Context) {
	err := p.SignIn.EndSession(c.Request.Context(), c.PostForm("session"))
	if err != nil && tarozi.CodeOf(err) != tarozi.NotFound { // ended already is as good
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/account")
}

// passwordView is the form for a new password.
type passwordView struct {
	view
	Must  bool // before anything else
	Fault string
}

func (p *Pages) passwordForm(c *gin.Context) {
	p.show(c, http.StatusOK, "password", passwordView{view: p.view(c, "password.title"),
		Must: actor.DutyOf(c.Request.Context()) == actor.ChangePassword})
}

func (p *Pages) password(c *gin.Context) {
	ctx := c.Request.Context()
	v := passwordView{Must: actor.DutyOf(ctx) == actor.ChangePassword}
	next := c.PostForm("password")
	var err error
	if next != c.PostForm("again") {
		err = faultAt("/again", "differ")
	} else {
		err = p.SignIn.ChangePassword(ctx, c.PostForm("present"), next)
	}
	if err == nil {
		c.Redirect(http.StatusSeeOther, "/account")
		return
	}
	v.view = p.view(c, "password.title")
	if v.Fault = accessFault(v.L, err); v.Fault == "" {
		p.Fail(c, err)
		return
	}
	retryAfter(c, err)
	p.show(c, problem.KindOf(tarozi.CodeOf(err)).Status, "password", v)
}

// factorView offers a second factor, or shows the codes that stand in for it.
type factorView struct {
	view
	Must   bool
	QR     template.URL
	Secret string
	Fault  string
	Codes  []string // shown once
}

func (p *Pages) factorForm(c *gin.Context) { p.offerFactor(c, http.StatusOK, nil) }

func (p *Pages) factor(c *gin.Context) {
	codes, err := p.SignIn.ConfirmFactor(c.Request.Context(), c.PostForm("code"))
	if err != nil {
		if tarozi.CodeOf(err) != tarozi.Unauthorised {
			p.Fail(c, err)
			return
		}
		p.offerFactor(c, http.StatusBadRequest, err)
		return
	}
	p.show(c, http.StatusOK, "factor", factorView{view: p.view(c, "factor.title"), Codes: codes})
}

func (p *Pages) offerFactor(c *gin.Context, status int, why error) {
	ctx := c.Request.Context()
	stored, err := p.People.Account(ctx, asker(c).AccountID)
	if err == nil && stored.SecondFactor {
		c.Redirect(http.StatusSeeOther, "/account")
		return
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	offered, err := p.SignIn.Enrolment(ctx)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := factorView{view: p.view(c, "factor.title"), Must: actor.DutyOf(ctx) == actor.SetSecondFactor, Secret: offered.Secret,
		QR: template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(offered.QR))}
	if why != nil {
		v.Fault = accessFault(v.L, why)
	}
	p.show(c, status, "factor", v)
}

// accessFault says in the reader's language what was wrong with a form about accounts; empty where that is no fault of the form.
func accessFault(l *words.Locale, err error) string {
	var known *tarozi.Error
	if !errors.As(err, &known) {
		return ""
	}
	switch known.Code {
	case tarozi.TooMany:
		return l.Text("signin.too_many")
	case tarozi.Conflict:
		return l.Text("access.fault.conflict")
	case tarozi.Forbidden:
		return l.Text("access.fault.forbidden")
	case tarozi.Malformed, tarozi.Unauthorised:
		if len(known.Fields) > 0 && accessFaults[known.Fields[0].Code] {
			return l.Text("access.fault." + known.Fields[0].Code)
		}
	}
	return ""
}

// accessFaults are the faults that have a text.
var accessFaults = map[string]bool{"weak": true, "wrong": true, "same": true, "differ": true, "bad_length": true, "unknown_value": true,
	"out_of_range": true}

func faultAt(pointer, code string) error {
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the form has a fault", Fields: []tarozi.FieldError{{Pointer: pointer, Code: code, Message: code}}}
}
