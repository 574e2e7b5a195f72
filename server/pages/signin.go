package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/problem"
)

type signInView struct {
	view
	Back, Login string
	Problem     string // id of the text that says why it failed; empty at first
	SSO         string // organisation whose sign-in is offered; empty where none is
}

func (p *Pages) signInForm(c *gin.Context) {
	back := ownPath(c.Query("back"))
	if _, ok := actor.From(c.Request.Context()); ok {
		c.Redirect(http.StatusSeeOther, back)
		return
	}
	p.show(c, http.StatusOK, "sign-in", signInView{view: p.view(c, "signin.title"), Back: back, SSO: p.SignIn.SSOName()})
}

func (p *Pages) signIn(c *gin.Context) {
	v := signInView{Back: ownPath(c.PostForm("back")), Login: c.PostForm("login"), SSO: p.SignIn.SSOName()}
	factor, err := p.SignIn.SignIn(c.Request.Context(), v.Login, c.PostForm("password"))
	switch {
	case err == nil && factor:
		c.Redirect(http.StatusSeeOther, "/sign-in/code?"+query("back", v.Back))
	case err == nil:
		c.Redirect(http.StatusSeeOther, v.Back)
	default:
		p.signInFailed(c, "sign-in", "signin", &v, err)
	}
}

// signInFailed shows the form again with what went wrong; texts is the area of the page's words.
func (p *Pages) signInFailed(c *gin.Context, page, texts string, v *signInView, err error) {
	code := tarozi.CodeOf(err)
	switch code {
	case tarozi.Unauthorised:
		v.Problem = texts + ".wrong"
	case tarozi.TooMany:
		v.Problem = "signin.too_many"
	default:
		p.Fail(c, err)
		return
	}
	v.view = p.view(c, texts+".title")
	retryAfter(c, err)
	p.show(c, problem.KindOf(code).Status, page, v)
}

// codeForm asks for the code of the second factor.
func (p *Pages) codeForm(c *gin.Context) {
	if !p.SignIn.AwaitsFactor(c.Request.Context()) {
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return
	}
	p.show(c, http.StatusOK, "code", signInView{view: p.view(c, "code.title"), Back: ownPath(c.Query("back"))})
}

func (p *Pages) code(c *gin.Context) {
	v := signInView{Back: ownPath(c.PostForm("back"))}
	err := p.SignIn.SecondFactor(c.Request.Context(), c.PostForm("code"))
	switch {
	case err == nil:
		c.Redirect(http.StatusSeeOther, v.Back)
	case tarozi.CodeOf(err) == tarozi.Conflict: // the password was given too long ago
		c.Redirect(http.StatusSeeOther, "/sign-in?"+query("back", v.Back))
	default:
		p.signInFailed(c, "code", "code", &v, err)
	}
}

func (p *Pages) signOut(c *gin.Context) {
	if err := p.SignIn.SignOut(c.Request.Context()); err != nil {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
}

func (p *Pages) about(c *gin.Context) {
	v := p.view(c, "about.title")
	v.Nav = "about"
	p.show(c, http.StatusOK, "about", v)
}
