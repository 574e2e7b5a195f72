package pages

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/web"
)

// look is every page's template, each with the layout and the parts.
type look struct{ pages map[string]*template.Template }

var pageNames = []string{"sign-in", "caseload", "person", "purpose", "assess", "score", "print", "waiting", "own-view", "evidence", "subject", "letter", "due", "judged", "audit", "models", "model", "decisions", "paused", "reports", "report", "about", "error",
	"code", "account", "password", "factor", "accounts", "keeper", "secret", "custody", "restricted", "reason", "agencies", "agency", "retention"}

func parse() (*look, error) {
	l := &look{pages: make(map[string]*template.Template, len(pageNames))}
	for _, name := range pageNames {
		t, err := template.New("layout.html").ParseFS(web.Files, "templates/layout.html", "templates/parts.html", "templates/"+name+".html")
		if err != nil {
			return nil, fmt.Errorf("reading the template %s: %w", name, err)
		}
		l.pages[name] = t
	}
	return l, nil
}

// view is what every page shows around its content.
type view struct {
	L         *words.Locale
	Title     string // never anything about a person: titles stay in histories and on screens
	Languages []language
	Account   *account
	Nav       string
	// Form is the id of the form that a change of language must carry over; empty where the page is only read.
	Form string
}

// language is one choice of the language switch.
type language struct {
	Code, Name, Link string
	Current          bool
}

// account is who is signed in.
type account struct {
	Name, Role, Agency string
	// What the navigation offers.
	People, Models, Reviews, Audit, Reports, Accounts, Agencies, Retention bool
}

var languageNames = map[string]string{"uz": "Oʻzbekcha", "uz-Cyrl": "Ўзбекча", "ru": "Русский", "en": "English"}

const languageCookie = "language"

// locale is the reader's language: as chosen, else as the browser asks.
func (p *Pages) locale(c *gin.Context) *words.Locale {
	if code := c.GetString(languageCookie); code != "" {
		return p.words.In(code)
	}
	if cookie, err := c.Request.Cookie(languageCookie); err == nil {
		if _, known := languageNames[cookie.Value]; known {
			return p.words.In(cookie.Value)
		}
	}
	return p.words.In(p.words.Match(c.GetHeader("Accept-Language")))
}

func (p *Pages) view(c *gin.Context, titleID string) view {
	l := p.locale(c)
	v := view{L: l, Title: l.Text(titleID)}
	back := c.Request.URL.RequestURI()
	for _, code := range p.words.Locales() {
		v.Languages = append(v.Languages, language{Code: code, Name: languageNames[code], Current: code == l.Code(),
			Link: "/language?" + query("to", code) + "&" + query("back", back)})
	}
	if a, ok := actor.From(c.Request.Context()); ok {
		v.Account = p.accountOf(c, a, l)
	}
	return v
}

// accountOf describes who is signed in; what cannot be read is left out, because no page should fail for its header.
func (p *Pages) accountOf(c *gin.Context, a tarozi.Actor, l *words.Locale) *account {
	shown := &account{Role: l.Term("role", string(a.Role)), People: a.May(tarozi.ReadPeople), Models: a.May(tarozi.ReadModels), Audit: a.May(tarozi.ReadAudit), Reports: a.May(tarozi.ReadReports),
		Reviews: a.May(tarozi.Decide) || a.May(tarozi.ReadReports), Accounts: a.May(tarozi.ManageAccounts), Agencies: a.May(tarozi.ManageAgencies), Retention: a.May(tarozi.ApplyRetention)}
	ctx := c.Request.Context()
	if stored, err := p.People.Account(ctx, a.AccountID); err == nil {
		shown.Name = stored.Name
	}
	if agency, err := p.People.Agency(ctx, a.AgencyID); err == nil {
		shown.Agency = agency.Name
	}
	return shown
}

func query(name, value string) string { return url.QueryEscape(name) + "=" + url.QueryEscape(value) }

// show writes a page whole or not at all.
func (p *Pages) show(c *gin.Context, status int, name string, data any) {
	var page bytes.Buffer
	if err := p.look.pages[name].Execute(&page, data); err != nil {
		if p.Failed != nil {
			p.Failed(c.Request.Context(), fmt.Errorf("making the page %s: %w", name, err))
		}
		c.String(http.StatusInternalServerError, p.locale(c).Text("error.internal.title"))
		return
	}
	c.Header("Content-Language", p.locale(c).Code())
	c.Data(status, "text/html; charset=utf-8", page.Bytes())
}

// language keeps the choice of a language for a year and goes back to the page.
func (p *Pages) language(c *gin.Context) {
	p.keepLanguage(c, c.Query("to"))
	c.Redirect(http.StatusSeeOther, ownPath(c.Query("back")))
}

func (p *Pages) keepLanguage(c *gin.Context, code string) bool {
	if _, known := languageNames[code]; !known {
		return false
	}
	c.Set(languageCookie, code)
	http.SetCookie(c.Writer, &http.Cookie{Name: languageCookie, Value: code, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: c.Request.TLS != nil})
	return true
}

// ownPath is back where it is a path of this service, else the start.
func ownPath(back string) string {
	u, err := url.Parse(back)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.Contains(back, `\`) {
		return "/"
	}
	return back
}
