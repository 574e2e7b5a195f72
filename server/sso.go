package server

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/gin-gonic/gin"
	"golang.org/x/oauth2"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
)

// SSO is a single sign-on by OpenID Connect, such as a ministry's. Groups and agency come from claims of the ID token.
type SSO struct {
	Name         string // of the organisation, as the button says it
	Issuer       string // URL under which /.well-known/openid-configuration stands
	ClientID     string
	ClientSecret string
	Redirect     string                 // URL of this service's /sign-in/sso/callback, as it is registered with the issuer
	Scopes       []string               // beside openid; such as profile
	RoleClaim    string                 // claim with a group, or a list of them
	Roles        map[string]tarozi.Role // role of each group; nobody in none of them gets in
	AgencyClaim  string                 // claim with the agency's id
}

// ssoPatience bounds each step of talking to the issuer.
const ssoPatience = 15 * time.Second

// ssoTime is how long somebody may take at the issuer's pages.
const ssoTime = 10 * time.Minute

// What a session holds while somebody is at the issuer's pages.
const (
	ssoState    = "sso_state"
	ssoNonce    = "sso_nonce"
	ssoVerifier = "sso_verifier"
	ssoBegun    = "sso_begun" // int64: seconds since 1970
)

// issuer is the provider, looked up when it is needed first: it may be away when the service starts.
type issuer struct {
	mu       sync.Mutex
	provider *oidc.Provider
}

func (i *issuer) get(ctx context.Context, url string) (*oidc.Provider, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.provider != nil {
		return i.provider, nil
	}
	// The provider fetches keys with this context for as long as it lives.
	p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), &http.Client{Timeout: ssoPatience}), url)
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Unavailable, err, "your organisation's sign-in cannot be reached just now: try again shortly")
	}
	i.provider = p
	return p, nil
}

// SSOName is the organisation whose single sign-on is offered; empty where there is none.
func (s *Server) SSOName() string {
	if s.SSO == nil {
		return ""
	}
	return s.SSO.Name
}

func (s *Server) oauth(p *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{ClientID: s.SSO.ClientID, ClientSecret: s.SSO.ClientSecret, RedirectURL: s.SSO.Redirect, Endpoint: p.Endpoint(),
		Scopes: append([]string{oidc.ScopeOpenID}, s.SSO.Scopes...)}
}

// ssoBegin sends somebody to the issuer, with a state, a nonce and a PKCE challenge that the session remembers.
func (s *Server) ssoBegin(c *gin.Context) {
	if s.SSO == nil {
		s.pages.NotFound(c)
		return
	}
	if c.GetHeader("Sec-Fetch-Site") == "cross-site" { // nobody is signed in by a link on somebody else's page
		c.Redirect(http.StatusSeeOther, "/sign-in")
		return
	}
	ctx := c.Request.Context()
	p, err := s.issuer.get(ctx, s.SSO.Issuer)
	if err != nil {
		s.pages.Fail(c, err)
		return
	}
	state, nonce, verifier := rand.Text(), rand.Text(), oauth2.GenerateVerifier()
	s.sessions.Put(ctx, ssoState, state)
	s.sessions.Put(ctx, ssoNonce, nonce)
	s.sessions.Put(ctx, ssoVerifier, verifier)
	s.sessions.Put(ctx, ssoBegun, s.Service.Now().Unix())
	c.Redirect(http.StatusSeeOther, s.oauth(p).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)))
}

// ssoCallback takes somebody back from the issuer.
func (s *Server) ssoCallback(c *gin.Context) {
	if s.SSO == nil {
		s.pages.NotFound(c)
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), ssoPatience)
	defer cancel()
	who, err := s.vouched(ctx, c.Query("state"), c.Query("code"), c.Query("error"))
	if err != nil {
		s.pages.Fail(c, err)
		return
	}
	a, err := s.access.SignInExternal(ctx, who)
	if err == nil {
		err = s.begin(c.Request.Context(), a, true)
	}
	if err != nil {
		s.pages.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/")
}

func notVouched(why error) error {
	return tarozi.Wrap(tarozi.Unauthorised, why, "your organisation's sign-in did not work out: begin again")
}

// vouched is who the issuer says is there. The state is used up, whatever comes of it.
func (s *Server) vouched(ctx context.Context, state, code, refused string) (access.External, error) {
	wantState, nonce := s.sessions.PopString(ctx, ssoState), s.sessions.PopString(ctx, ssoNonce)
	verifier, begun := s.sessions.PopString(ctx, ssoVerifier), time.Unix(s.sessions.GetInt64(ctx, ssoBegun), 0)
	if wantState == "" || subtle.ConstantTimeCompare([]byte(state), []byte(wantState)) != 1 {
		return access.External{}, notVouched(fmt.Errorf("the state is not the one that was given out"))
	}
	if refused != "" || code == "" || s.Service.Now().After(begun.Add(ssoTime)) {
		return access.External{}, notVouched(fmt.Errorf("no code in time"))
	}
	p, err := s.issuer.get(ctx, s.SSO.Issuer)
	if err != nil {
		return access.External{}, err
	}
	token, err := s.oauth(p).Exchange(oidc.ClientContext(ctx, &http.Client{Timeout: ssoPatience}), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return access.External{}, notVouched(fmt.Errorf("exchanging the code: %w", err))
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.Verifier(&oidc.Config{ClientID: s.SSO.ClientID, Now: time.Now}).Verify(ctx, raw)
	if err != nil {
		return access.External{}, notVouched(fmt.Errorf("checking the ID token: %w", err))
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return access.External{}, notVouched(fmt.Errorf("the nonce is another"))
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		return access.External{}, notVouched(fmt.Errorf("reading the claims: %w", err))
	}
	return s.SSO.external(id, claims), nil
}

// external reads somebody's name, agency and role of the claims. Of several groups the first in the order of tarozi.Roles counts.
func (o *SSO) external(id *oidc.IDToken, claims map[string]any) access.External {
	text := func(name string) string {
		value, _ := claims[name].(string)
		return value
	}
	e := access.External{ID: id.Issuer + " " + id.Subject, Login: text("preferred_username"), Name: text("name"), AgencyID: text(o.AgencyClaim)}
	if e.Login == "" {
		e.Login = id.Subject
	}
	if e.Name == "" {
		e.Name = e.Login
	}
	var groups []string
	switch value := claims[o.RoleClaim].(type) {
	case string:
		groups = []string{value}
	case []any:
		for _, one := range value {
			if group, ok := one.(string); ok {
				groups = append(groups, group)
			}
		}
	}
	for _, role := range tarozi.Roles {
		if slices.ContainsFunc(groups, func(g string) bool { return o.Roles[g] == role }) {
			e.Role = role
			break
		}
	}
	return e
}
