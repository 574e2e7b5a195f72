package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/server/problem"
)

// accountsView lists the accounts that the reader administers, with the form for a new one.
type accountsView struct {
	view
	Rows           []accountRow
	Roles          []pick
	Agencies       []pick
	Login, NewName string // as typed
	Fault          string
}

type accountRow struct {
	Link, Login, Name, Role, Agency, State string
}

// pick is one choice of a list.
type pick struct {
	Value, Label string
	Chosen       bool
}

func (p *Pages) accounts(c *gin.Context) {
	p.listAccounts(c, http.StatusOK, &accountsView{}, "", "")
}

func (p *Pages) listAccounts(c *gin.Context, status int, v *accountsView, role, agency string) {
	ctx, who := c.Request.Context(), asker(c)
	list, err := p.Access.List(ctx, who)
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
	v.view = p.view(c, "accounts.title")
	v.Nav = "accounts"
	for _, a := range list {
		state := "accounts.open"
		switch {
		case !a.Disabled.IsZero():
			state = "accounts.closed"
		case a.MustChange:
			state = "accounts.first_password"
		}
		v.Rows = append(v.Rows, accountRow{Link: "/accounts/" + a.ID, Login: a.Login, Name: a.Name, Role: v.L.Term("role", string(a.Role)),
			Agency: names[a.AgencyID], State: v.L.Text(state)})
	}
	for _, r := range access.Grants(who) {
		v.Roles = append(v.Roles, pick{string(r), v.L.Term("role", string(r)), string(r) == role})
	}
	for _, a := range within(agencies, who, tarozi.ManageAccounts) {
		v.Agencies = append(v.Agencies, pick{a.ID, a.Name, a.ID == agency})
	}
	p.show(c, status, "accounts", v)
}

// within are the agencies that an action of the reader's reaches: all of the nation, or the own one with those below.
func within(all []tarozi.Agency, who tarozi.Actor, action tarozi.Action) []tarozi.Agency {
	if who.Scope(action).Reach == tarozi.Nation {
		return all
	}
	reached := map[string]bool{who.AgencyID: true}
	for range all { // each round goes one step down
		for _, a := range all {
			reached[a.ID] = reached[a.ID] || reached[a.ParentID]
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(a tarozi.Agency) bool { return !reached[a.ID] })
}

func (p *Pages) createAccount(c *gin.Context) {
	a := &tarozi.Account{AgencyID: c.PostForm("agency"), Login: c.PostForm("login"), Name: c.PostForm("name"), Role: tarozi.Role(c.PostForm("role"))}
	drawn, err := p.Access.Create(c.Request.Context(), asker(c), a, "")
	if err != nil {
		v := &accountsView{Login: a.Login, NewName: a.Name, Fault: accessFault(p.locale(c), err)}
		if v.Fault == "" {
			p.Fail(c, err)
			return
		}
		p.listAccounts(c, problem.KindOf(tarozi.CodeOf(err)).Status, v, string(a.Role), a.AgencyID)
		return
	}
	if drawn == "" {
		c.Redirect(http.StatusSeeOther, "/accounts/"+a.ID)
		return
	}
	p.showSecret(c, "secret.password", drawn, "/accounts")
}

// secretView shows something that is shown once.
type secretView struct {
	view
	Heading, Lead, Secret, Back string
}

func (p *Pages) showSecret(c *gin.Context, id, secret, back string) {
	v := secretView{view: p.view(c, "secret.title"), Secret: secret, Back: back}
	v.Nav, v.Heading, v.Lead = "accounts", v.L.Text(id+".heading"), v.L.Text(id+".lead")
	p.show(c, http.StatusOK, "secret", v)
}

// keeperView is one account as its administrator sees it.
type keeperView struct {
	view
	Link          string
	Facts         []fact
	Roles         []pick
	Closed        bool
	Machine, Keys bool // keys instead of a password; keys at all
	Factor        bool
	Own           bool // one's own: another administrator changes it
	Held          []keyRow
	Actions       []pick
	Fault         string
}

type keyRow struct {
	ID, Made, Ends, State, May string
	Holds                      bool
}

func (p *Pages) keeper(c *gin.Context) { p.showKeeper(c, http.StatusOK, "") }

func (p *Pages) showKeeper(c *gin.Context, status int, fault string) {
	ctx, who := c.Request.Context(), asker(c)
	a, err := p.Access.Read(ctx, who, c.Param("account"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := keeperView{view: p.view(c, "keeper.title"), Link: "/accounts/" + a.ID, Closed: !a.Disabled.IsZero(), Machine: a.Role == tarozi.CaseSystem,
		Factor: a.SecondFactor, Own: a.ID == who.AccountID, Fault: fault}
	v.Nav = "accounts"
	state := v.L.Text("accounts.open")
	if v.Closed {
		state = v.L.Text("accounts.closed")
	}
	v.Facts = []fact{{v.L.Text("account.login"), a.Login}, {v.L.Text("account.name"), a.Name}, {v.L.Text("account.role"), v.L.Term("role", string(a.Role))},
		{v.L.Text("accounts.state"), state}, {v.L.Text("accounts.made"), v.L.Time(a.Created, p.Zone)}}
	for _, r := range access.Grants(who) {
		if (r == tarozi.CaseSystem) == v.Machine {
			v.Roles = append(v.Roles, pick{string(r), v.L.Term("role", string(r)), r == a.Role})
		}
	}
	for _, action := range access.KeyActions(a.Role) {
		v.Keys = true
		v.Actions = append(v.Actions, pick{string(action), string(action), true})
	}
	if v.Keys {
		keys, err := p.Access.Keys(ctx, who, a.ID)
		if err != nil {
			p.Fail(c, err)
			return
		}
		for _, k := range keys {
			row := keyRow{ID: k.ID, Made: v.L.Time(k.CreatedAt, p.Zone), Ends: v.L.Time(k.ExpiresAt, p.Zone), State: v.L.Text("keys.holds"), Holds: true}
			switch {
			case !k.RevokedAt.IsZero():
				row.State, row.Holds = v.L.Text("keys.revoked"), false
			case !p.Now().Before(k.ExpiresAt):
				row.State, row.Holds = v.L.Text("keys.expired"), false
			}
			names := make([]string, len(k.Actions))
			for i, action := range k.Actions {
				names[i] = string(action)
			}
			row.May = strings.Join(names, ", ")
			v.Held = append(v.Held, row)
		}
	}
	p.show(c, status, "keeper", v)
}

// keep changes an account as its administrator asks.
func (p *Pages) keep(c *gin.Context) {
	ctx, who, id := c.Request.Context(), asker(c), c.Param("account")
	back, secret, kind := "/accounts/"+id, "", ""
	var err error
	switch c.PostForm("do") {
	case "change":
		err = p.Access.Change(ctx, who, id, tarozi.Role(c.PostForm("role")), c.PostForm("closed") == "yes")
	case "reset":
		kind = "secret.password"
		secret, err = p.Access.Reset(ctx, who, id, c.PostForm("factor") == "yes")
	case "key":
		kind = "secret.key"
		var actions []tarozi.Action
		for _, name := range c.PostFormArray("actions") {
			actions = append(actions, tarozi.Action(name))
		}
		secret, err = p.Access.CreateKey(ctx, who, id, actions, days(c.PostForm("days")))
	case "rotate":
		kind = "secret.key"
		secret, err = p.Access.RotateKey(ctx, who, id, c.PostForm("key"), days(c.PostForm("days")))
	case "revoke":
		err = p.Access.RevokeKey(ctx, who, id, c.PostForm("key"))
	default:
		err = tarozi.Errorf(tarozi.Malformed, "the form does not say what to do")
	}
	switch {
	case err != nil:
		fault := accessFault(p.locale(c), err)
		if fault == "" {
			p.Fail(c, err)
			return
		}
		p.showKeeper(c, problem.KindOf(tarozi.CodeOf(err)).Status, fault)
	case secret != "":
		p.showSecret(c, kind, secret, back)
	default:
		c.Redirect(http.StatusSeeOther, back)
	}
}

// days reads a number of days; zero, which no key lasts, where there is none.
func days(text string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 || n > 10_000 {
		return 0
	}
	return time.Duration(n) * 24 * time.Hour
}
