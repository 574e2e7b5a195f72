// Package pages serves the pages that officers, supervisors and committees read: HTML from the server, charts as SVG, no script
// needed. It decides nothing about scores; scoring.Service does, and checks every permission.
package pages

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/problem"
	"github.com/tarozi/tarozi/server/web"
	"github.com/tarozi/tarozi/store"
)

// Scoring is what the pages ask of scoring.Service.
type Scoring interface {
	Create(ctx context.Context, actor tarozi.Actor, req *tarozi.Request, key *scoring.Idempotency) (*tarozi.Assessment, error)
	Assessment(ctx context.Context, actor tarozi.Actor, id string) (*tarozi.Assessment, error)
	Inputs(ctx context.Context, actor tarozi.Actor, id string) (*scoring.Inputs, error)
	Outlooks(ctx context.Context, actor tarozi.Actor, assessmentID string) ([]scoring.Outlook, error)
	SinceLast(ctx context.Context, actor tarozi.Actor, assessmentID string) (*scoring.Comparison, error)
	AssessmentsOf(ctx context.Context, actor tarozi.Actor, personID string, page scoring.Page) ([]tarozi.Assessment, error)
	History(ctx context.Context, actor tarozi.Actor, personID string) (*tarozi.CaseHistory, error)
	InUse(ctx context.Context, actor tarozi.Actor) ([]scoring.Deployed, error)
	Known(ctx context.Context, actor tarozi.Actor) ([]scoring.Deployed, error)
	KnownByID(ctx context.Context, actor tarozi.Actor, modelID string) (*scoring.Deployed, error)
	Card(ctx context.Context, sha256 string) (*model.Card, error)
	PutIdentities(ctx context.Context, actor tarozi.Actor, batch []tarozi.Identity, dryRun bool) (scoring.Tally, error)
	SubjectFile(ctx context.Context, actor tarozi.Actor, personID string) (*scoring.SubjectFile, error)
	Look(ctx context.Context, actor tarozi.Actor, action tarozi.Action, what, personID string) error
	LookOver(ctx context.Context, actor tarozi.Actor, action tarozi.Action, list string) error
	Reviewing
	Custody(ctx context.Context, actor tarozi.Actor, personID string) (*scoring.Custody, error)
	Assign(ctx context.Context, actor tarozi.Actor, personIDs []string, officerID string) error
	Transfer(ctx context.Context, actor tarozi.Actor, personID, agencyID string) error
	SettleAgency(ctx context.Context, actor tarozi.Actor, a tarozi.Agency) error
	Restrict(ctx context.Context, actor tarozi.Actor, personID string, restricted bool, accountIDs []string) error
	RestrictedCases(ctx context.Context, actor tarozi.Actor) ([]scoring.RestrictedCase, error)
	LookAt(ctx context.Context, actor tarozi.Actor, personID, reason string) error
	Retention(ctx context.Context, actor tarozi.Actor, rules scoring.Rules) ([]scoring.Overdue, error)
	RetentionRules() scoring.Rules
	ApplyRetention(ctx context.Context, actor tarozi.Actor, shown, reason string) (erased int, err error)
}

// People is what the pages ask of the store beside what scoring.Service gives.
type People interface {
	scoring.Reviews
	Caseload(ctx context.Context, scope tarozi.Scope, q store.CaseloadQuery) (*store.Caseload, error)
	Identity(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.Identity, error)
	Account(ctx context.Context, id string) (tarozi.Account, error)
	Accounts(ctx context.Context, scope tarozi.Scope) ([]tarozi.Account, error)
	Agency(ctx context.Context, id string) (tarozi.Agency, error)
	Agencies(ctx context.Context) ([]tarozi.Agency, error)
	PageKey(ctx context.Context, personID string) (string, error)
	PersonByPageKey(ctx context.Context, key string) (personID string, err error)
	SealSearch(accountID, text string) (string, error)
	OpenSearch(accountID, sealed string) (string, error)
}

// SignIn begins and ends sessions; package server implements it. The context is the request's.
type SignIn interface {
	// SignIn checks the password and begins a session. The error is an *tarozi.Error of code Unauthorised where login and
	// password do not fit, TooMany after too many attempts.
	// Where the account has a second factor, no session begins and factor is true: SecondFactor comes next.
	SignIn(ctx context.Context, login, password string) (factor bool, err error)
	AwaitsFactor(ctx context.Context) bool
	SecondFactor(ctx context.Context, code string) error
	SignOut(ctx context.Context) error
	// SSOName is the organisation whose single sign-on stands at /sign-in/sso; empty where there is none.
	SSOName() string

	// What somebody signed in does with their own account.
	MySessions(ctx context.Context) (list []store.SignedIn, current string, err error)
	EndSession(ctx context.Context, id string) error
	ChangePassword(ctx context.Context, present, next string) error
	Enrolment(ctx context.Context) (*access.Enrolment, error)
	ConfirmFactor(ctx context.Context, code string) (recovery []string, err error)
}

// Deps is what the pages stand on.
type Deps struct {
	Scoring   Scoring
	Committee Committee
	Reports   Reporting
	People    People
	Audit     Auditing
	SignIn    SignIn
	Access    *access.Service
	Zone      *time.Location   // of the agencies
	Now       func() time.Time // the clock
	NewID     func() string    // UUIDv7
	// Failed is told of each error that is no answer to a person's mistake (codes Internal and Unavailable), for the log.
	Failed func(ctx context.Context, err error)
}

// Pages answers requests for pages.
type Pages struct {
	Deps
	words *words.Catalogue
	look  *look
}

// Register adds the pages to the router and returns them for NotFound and Fail.
func Register(r gin.IRouter, deps Deps) (*Pages, error) {
	locales, err := web.Locales()
	if err != nil {
		return nil, err
	}
	catalogue, err := words.Load(locales)
	if err != nil {
		return nil, err
	}
	appearance, err := parse()
	if err != nil {
		return nil, err
	}
	p := &Pages{Deps: deps, words: catalogue, look: appearance}
	static, err := fs.Sub(web.Files, "static")
	if err != nil {
		return nil, err
	}
	r.GET("/static/*file", p.static(http.FileServerFS(static)))
	r.GET("/sign-in", p.signInForm)
	r.POST("/sign-in", p.signIn)
	r.GET("/sign-in/code", p.codeForm)
	r.POST("/sign-in/code", p.code)
	r.POST("/sign-out", p.signOut)
	r.GET("/language", p.language)

	own := r.Group("", p.someone, p.human)
	own.GET("/account", p.account)
	own.GET("/account/password", p.passwordForm)
	own.POST("/account/password", p.password)
	own.GET("/account/second-factor", p.factorForm)
	own.POST("/account/second-factor", p.factor)
	own.POST("/account/sessions", p.endSession)

	in := r.Group("", p.someone, p.dutiful, p.addressed)
	in.GET("/accounts", p.accounts)
	in.POST("/accounts", p.createAccount)
	in.GET("/accounts/:account", p.keeper)
	in.POST("/accounts/:account", p.keep)
	in.GET("/retention", p.retention)
	in.POST("/retention", p.applyRetention)
	in.GET("/agencies", p.agencies)
	in.GET("/agencies/:agency", p.agency)
	in.POST("/agencies/:agency", p.agency)
	in.GET("/people/:person/custody", p.custody)
	in.POST("/people/:person/custody", p.settle)
	in.GET("/restricted", p.restrictedCases)
	in.POST("/look", p.openCase)
	in.GET("/", p.home)
	in.GET("/about", p.about)
	in.GET("/caseload", p.caseload)
	in.POST("/caseload", p.findPeople)
	in.GET("/due", p.due)
	in.GET("/reviews", p.judged)
	in.GET("/people/:person", p.person)
	in.GET("/people/:person/file", p.subject)
	in.GET("/people/:person/assess", p.assessForm)
	in.POST("/people/:person/assess", p.assess)
	in.GET("/assess", p.assessForm)
	in.POST("/assess", p.assess)
	in.GET("/assessments/:id", p.score)
	in.GET("/assessments/:id/print", p.score)
	in.GET("/assessments/:id/records", p.evidence)
	in.GET("/assessments/:id/letter", p.letter)
	in.POST("/assessments/:id/dispute", p.dispute)
	in.POST("/assessments/:id/rescore", p.rescore)
	in.POST("/people/:person/disputes/:dispute/decision", p.decideDispute)
	in.POST("/assessments/:id/:step", p.reviewStep)
	in.GET("/audit", p.auditLog)
	in.POST("/audit/person", p.auditPerson)
	in.GET("/models", p.models)
	in.GET("/models/:model", p.model)
	in.GET("/models/:model/decisions", p.decisions)
	in.POST("/models/:model/decisions", p.propose)
	in.POST("/models/:model/decisions/:lever/sign", p.signLever)
	in.GET("/reports", p.reports)
	in.POST("/reports", p.makeReport)
	in.GET("/reports/:report", p.report)
	return p, nil
}

// dutiful sends those who must do something first to where they do it.
func (p *Pages) dutiful(c *gin.Context) {
	switch actor.DutyOf(c.Request.Context()) {
	case actor.ChangePassword:
		c.Redirect(http.StatusSeeOther, "/account/password")
		c.Abort()
	case actor.SetSecondFactor:
		c.Redirect(http.StatusSeeOther, "/account/second-factor")
		c.Abort()
	}
}

// someone sends those whom nobody knows to the sign-in page, and back afterwards.
func (p *Pages) someone(c *gin.Context) {
	if _, ok := actor.From(c.Request.Context()); ok {
		c.Header("Cache-Control", "no-store")
		c.Next()
		return
	}
	to := "/sign-in"
	if c.Request.Method == http.MethodGet && c.Request.URL.Path != "/" {
		to += "?" + query("back", c.Request.URL.RequestURI())
	}
	c.Redirect(http.StatusSeeOther, to)
	c.Abort()
}

// human refuses keys: what a machine's key opens is never its account itself.
func (p *Pages) human(c *gin.Context) {
	if asker(c).KeyID != "" {
		p.Fail(c, tarozi.Errorf(tarozi.Forbidden, "this is for people who have signed in: a key is changed by its administrator"))
	}
}

// asker is who asks; someone has made sure that somebody does.
func asker(c *gin.Context) tarozi.Actor {
	a, _ := actor.From(c.Request.Context())
	return a
}

func (p *Pages) today() tarozi.Date { return tarozi.DateOf(p.Now().In(p.Zone)) }

// home leads each role to where its work is.
func (p *Pages) home(c *gin.Context) {
	who := asker(c)
	switch {
	case who.May(tarozi.ReadPeople):
		c.Redirect(http.StatusSeeOther, "/caseload")
	case who.Role == tarozi.Auditor:
		c.Redirect(http.StatusSeeOther, "/audit")
	case who.May(tarozi.ReadModels):
		c.Redirect(http.StatusSeeOther, "/models")
	case who.May(tarozi.ManageAccounts):
		c.Redirect(http.StatusSeeOther, "/accounts")
	default:
		c.Redirect(http.StatusSeeOther, "/account")
	}
}

func (p *Pages) static(files http.Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if strings.HasSuffix(c.Request.URL.Path, "/") { // a folder would be listed
			p.NotFound(c)
			return
		}
		c.Header("Cache-Control", "public, max-age=3600")
		http.StripPrefix("/static/", files).ServeHTTP(c.Writer, c.Request)
	}
}

// identity is a person's name, or empty where none is stored or the asker may not read it.
func (p *Pages) name(c *gin.Context, personID string) (string, error) {
	if !asker(c).May(tarozi.ReadIdentities) {
		return "", nil
	}
	identity, err := p.People.Identity(c.Request.Context(), asker(c).Scope(tarozi.ReadIdentities), personID)
	if scoring.NeedsReason(err) != nil {
		return "", nil // a list of many shows no name of a restricted case
	}
	if err != nil || identity == nil {
		return "", err
	}
	return identity.Name, nil
}

var errNotFound = tarozi.Errorf(tarozi.NotFound, "there is no such page")

// NotFound answers a request for a page that does not exist.
func (p *Pages) NotFound(c *gin.Context) { p.Fail(c, errNotFound) }

// Fail answers a request with the page of an error; what the person cannot mend goes to the log as well.
func (p *Pages) Fail(c *gin.Context, err error) {
	if needed := scoring.NeedsReason(err); needed != nil {
		p.askReason(c, needed)
		c.Abort()
		return
	}
	code := tarozi.CodeOf(err)
	if errors.Is(err, context.Canceled) {
		code = tarozi.Unavailable
	}
	if (code == tarozi.Internal || code == tarozi.Unavailable) && p.Failed != nil {
		p.Failed(c.Request.Context(), err)
	}
	retryAfter(c, err)
	kind := problem.KindOf(code)
	v := errorView{view: p.view(c, "error."+string(kind.Code)+".title"), Code: string(kind.Code)}
	p.show(c, kind.Status, "error", v)
	c.Abort()
}

// retryAfter tells the browser how long an error asks to wait.
func retryAfter(c *gin.Context, err error) {
	if wait := problem.RetryAfter(err); wait != "" {
		c.Header("Retry-After", wait)
	}
}

type errorView struct {
	view
	Code string
}
