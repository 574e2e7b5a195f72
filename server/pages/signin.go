package pages

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
)

type signInView struct {
	view
	Back, Login string
	Problem     string // id of the text that says why it failed; empty at first
}

func (p *Pages) signInForm(c *gin.Context) {
	back := ownPath(c.Query("back"))
	if _, ok := actor.From(c.Request.Context()); ok {
		c.Redirect(http.StatusSeeOther, back)
		return
	}
	p.show(c, http.StatusOK, "sign-in", signInView{view: p.view(c, "signin.title"), Back: back})
}

func (p *Pages) signIn(c *gin.Context) {
	v := signInView{Back: ownPath(c.PostForm("back")), Login: c.PostForm("login")}
	err := p.SignIn.SignIn(c.Request.Context(), v.Login, c.PostForm("password"))
	code := tarozi.CodeOf(err)
	switch code {
	case "":
		c.Redirect(http.StatusSeeOther, v.Back)
		return
	case tarozi.Unauthorised:
		v.Problem = "signin.wrong"
	case tarozi.TooMany:
		v.Problem = "signin.too_many"
	default:
		p.Fail(c, err)
		return
	}
	v.view = p.view(c, "signin.title")
	p.show(c, statuses[code], "sign-in", v)
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
