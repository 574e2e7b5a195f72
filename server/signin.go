package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/pages"
	"github.com/tarozi/tarozi/server/problem"
)

const (
	sessionCookie   = "tarozi_session"
	sessionAccount  = "account"
	sessionLifetime = 12 * time.Hour
	sessionIdle     = time.Hour
	maxHashes       = 4 // passwords checked at once; each takes some 64 MB
	maxPassword     = 1024
)

var _ pages.SignIn = (*Server)(nil)

func (s *Server) sessionManager() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Sessions
	m.Lifetime, m.IdleTimeout = sessionLifetime, sessionIdle
	m.HashTokenInStore = true
	m.Cookie = scs.SessionCookie{Name: sessionCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.answer(w, r, tarozi.Wrap(tarozi.Unavailable, err, "sessions cannot be read just now: try again shortly"))
	}
	return m
}

// unknownHash is the hash of a random password: a login that does not exist is checked against it, so that it takes as long as
// one that does.
func unknownHash(random io.Reader) (string, error) {
	secret := make([]byte, 32)
	if _, err := io.ReadFull(random, secret); err != nil {
		return "", fmt.Errorf("drawing a password that nobody has: %w", err)
	}
	return argon2id.CreateHash(hex.EncodeToString(secret), argon2id.DefaultParams)
}

// SignIn checks the password and begins a session under a new token.
func (s *Server) SignIn(ctx context.Context, login, password string) error {
	account, hash, err := s.Store.AccountByLogin(ctx, login)
	known := err == nil && hash != ""
	if err != nil && tarozi.CodeOf(err) != tarozi.NotFound {
		return err
	}
	if !known {
		hash = s.unknown
	}
	fits, err := s.fits(ctx, password, hash)
	if err != nil {
		return err
	}
	if !known || !fits {
		return tarozi.Errorf(tarozi.Unauthorised, "login and password do not fit: check both")
	}
	if err := s.sessions.RenewToken(ctx); err != nil {
		return tarozi.Wrap(tarozi.Unavailable, err, "a session cannot be begun just now: try again shortly")
	}
	s.sessions.Put(ctx, sessionAccount, account.ID)
	return nil
}

// fits compares a password with a hash, few at a time.
func (s *Server) fits(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	select {
	case s.hashing <- token{}:
		defer func() { <-s.hashing }()
	case <-ctx.Done():
		return false, tarozi.Wrap(tarozi.Unavailable, ctx.Err(), "too many people sign in at once: try again shortly")
	}
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, tarozi.Wrap(tarozi.Internal, err, "the stored password cannot be read")
	}
	return fits, nil
}

// SignOut ends the session.
func (s *Server) SignOut(ctx context.Context) error {
	if err := s.sessions.Destroy(ctx); err != nil {
		return tarozi.Wrap(tarozi.Unavailable, err, "the session cannot be ended just now: try again shortly")
	}
	return nil
}

// authenticate puts who asks into the request's context: the holder of the API key where one is given, else whoever is signed
// in. A key that does not hold is refused, also where a session would do.
func (s *Server) authenticate(c *gin.Context) {
	who, known, err := s.asker(c.Request)
	if err != nil {
		s.refuse(c, err)
		return
	}
	if known {
		c.Request = c.Request.WithContext(actor.With(c.Request.Context(), who))
	}
}

func (s *Server) asker(r *http.Request) (who tarozi.Actor, known bool, err error) {
	ctx := r.Context()
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, key, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || key == "" {
			return who, false, tarozi.Errorf(tarozi.Unauthorised, "the header Authorization is not read: send Bearer and your key")
		}
		sum := sha256.Sum256([]byte(strings.TrimSpace(key)))
		who, err = s.Store.ActorByAPIKey(ctx, hex.EncodeToString(sum[:]), s.Service.Now())
		return who, err == nil, err
	}
	id := s.sessions.GetString(ctx, sessionAccount)
	if id == "" {
		return who, false, nil
	}
	account, err := s.Store.Account(ctx, id)
	if tarozi.CodeOf(err) == tarozi.NotFound {
		return who, false, s.SignOut(ctx) // the account was removed while it was signed in
	}
	if err != nil {
		return who, false, err
	}
	return tarozi.Actor{AccountID: account.ID, AgencyID: account.AgencyID, Role: account.Role, Actions: tarozi.ActionsOf(account.Role)}, true, nil
}

// signedIn refuses whoever is not signed in; a browser that asks for a page is led to where one signs in.
func (s *Server) signedIn(c *gin.Context) {
	if _, ok := actor.From(c.Request.Context()); ok {
		return
	}
	if c.Request.Method == http.MethodGet && !isAPI(c.Request) && strings.Contains(c.GetHeader("Accept"), "text/html") {
		c.Redirect(http.StatusSeeOther, "/sign-in?back="+c.Request.URL.EscapedPath())
		c.Abort()
		return
	}
	s.refuse(c, tarozi.Errorf(tarozi.Unauthorised, "nobody is signed in: send Authorization: Bearer and your API key"))
}

// refuse answers with a problem and ends the request.
func (s *Server) refuse(c *gin.Context, err error) {
	c.Abort()
	s.answer(c.Writer, c.Request, err)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, err error) {
	s.report(r.Context(), err)
	if err := problem.Write(w, problem.Of(err, problem.RequestID(r.Context()))); err != nil {
		s.report(r.Context(), fmt.Errorf("writing a problem: %w", err))
	}
}
