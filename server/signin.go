package server

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/pages"
	"github.com/tarozi/tarozi/server/problem"
	"github.com/tarozi/tarozi/store"
)

const (
	sessionCookie   = "tarozi_session"
	sessionLifetime = 12 * time.Hour
	sessionIdle     = time.Hour
	factorTime      = 5 * time.Minute // in which the second factor follows the password
	longestAgent    = 200
)

// What a session holds; store.Session has the first four by themselves.
const (
	sessionAccount   = "account"    // who is signed in
	sessionID        = "id"         // a name for lists
	sessionBegun     = "begun"      // int64: seconds since 1970
	sessionAgent     = "agent"      // the browser, as it calls itself
	sessionPending   = "pending"    // account whose password fits and whose second factor is waited for
	sessionPendingAt = "pending_at" // int64: seconds since 1970
	sessionExternal  = "external"   // true: a single sign-on vouches, with whatever factors it asks for
	sessionEnrolment = "enrolment"  // secret of a second factor that is offered
)

var _ pages.SignIn = (*Server)(nil)

func (s *Server) sessionManager() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Sessions
	m.Lifetime, m.IdleTimeout = cmp.Or(s.Lifetime, sessionLifetime), cmp.Or(s.Idle, sessionIdle)
	m.HashTokenInStore = true
	m.Codec = codec{}
	name := sessionCookie
	if s.Secure {
		name = "__Host-" + name // browsers then take it over HTTPS and from this very host alone
	}
	m.Cookie = scs.SessionCookie{Name: name, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: s.Secure}
	m.ErrorFunc = func(w http.ResponseWriter, r *http.Request, err error) {
		s.answer(w, r, tarozi.Wrap(tarozi.Unavailable, err, "sessions cannot be read just now: try again shortly"))
	}
	return m
}

// codec writes a session as a store.Session, with all its values in scs's own form inside.
type codec struct{ values scs.GobCodec }

func (c codec) Encode(deadline time.Time, values map[string]any) ([]byte, error) {
	inner, err := c.values.Encode(deadline, values)
	if err != nil {
		return nil, err
	}
	head := store.Session{Values: inner}
	head.Account, _ = values[sessionAccount].(string)
	head.ID, _ = values[sessionID].(string)
	head.Begun, _ = values[sessionBegun].(int64)
	head.Agent, _ = values[sessionAgent].(string)
	return json.Marshal(head)
}

func (c codec) Decode(data []byte) (time.Time, map[string]any, error) {
	var head store.Session
	if err := json.Unmarshal(data, &head); err != nil {
		return time.Time{}, nil, err
	}
	return c.values.Decode(head.Values)
}

// SignIn checks the password. It begins a session, or waits for the second factor where the account has one: then factor is true.
func (s *Server) SignIn(ctx context.Context, login, password string) (factor bool, err error) {
	a, err := s.access.SignIn(ctx, login, password)
	if err != nil {
		return false, err
	}
	if !a.SecondFactor {
		return false, s.begin(ctx, a, false)
	}
	if err := s.renew(ctx); err != nil {
		return false, err
	}
	s.sessions.Put(ctx, sessionPending, a.ID)
	s.sessions.Put(ctx, sessionPendingAt, s.Service.Now().Unix())
	return true, nil
}

// AwaitsFactor reports whether a password was given and the second factor is waited for.
func (s *Server) AwaitsFactor(ctx context.Context) bool {
	return s.sessions.GetString(ctx, sessionPending) != "" &&
		s.Service.Now().Before(time.Unix(s.sessions.GetInt64(ctx, sessionPendingAt), 0).Add(factorTime))
}

// SecondFactor checks the code that follows the password, and begins the session.
func (s *Server) SecondFactor(ctx context.Context, code string) error {
	if !s.AwaitsFactor(ctx) {
		return tarozi.Errorf(tarozi.Conflict, "the password was given too long ago: sign in again")
	}
	a, err := s.access.CheckFactor(ctx, s.sessions.GetString(ctx, sessionPending), code)
	if err != nil {
		return err
	}
	return s.begin(ctx, a, false)
}

func (s *Server) renew(ctx context.Context) error {
	if err := s.sessions.RenewToken(ctx); err != nil {
		return tarozi.Wrap(tarozi.Unavailable, err, "a session cannot be begun just now: try again shortly")
	}
	return nil
}

// begin begins a session under a new token; nothing of an earlier one goes on.
func (s *Server) begin(ctx context.Context, a tarozi.Account, external bool) error {
	if err := s.sessions.Clear(ctx); err != nil {
		return tarozi.Wrap(tarozi.Unavailable, err, "a session cannot be begun just now: try again shortly")
	}
	if err := s.renew(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, sessionAccount, a.ID)
	s.sessions.Put(ctx, sessionID, s.Service.NewID())
	s.sessions.Put(ctx, sessionBegun, s.Service.Now().Unix())
	s.sessions.Put(ctx, sessionAgent, agentOf(ctx))
	s.sessions.Put(ctx, sessionExternal, external)
	return nil
}

// SignOut ends the session.
func (s *Server) SignOut(ctx context.Context) error {
	if err := s.sessions.Destroy(ctx); err != nil {
		return tarozi.Wrap(tarozi.Unavailable, err, "the session cannot be ended just now: try again shortly")
	}
	return nil
}

// MySessions lists the sessions of whoever is signed in; current is the one of this request.
func (s *Server) MySessions(ctx context.Context) (list []store.SignedIn, current string, err error) {
	who, _ := actor.From(ctx)
	list, err = s.Store.SessionsOf(ctx, who.AccountID, s.Service.Now())
	return list, s.sessions.GetString(ctx, sessionID), err
}

// EndSession ends one of the sessions of whoever is signed in.
func (s *Server) EndSession(ctx context.Context, id string) error {
	who, _ := actor.From(ctx)
	if id == s.sessions.GetString(ctx, sessionID) {
		return s.SignOut(ctx)
	}
	w, err := s.Service.PrepareAccount(tarozi.Actor{AccountID: who.AccountID, AgencyID: who.AgencyID}, "session.ended", id)
	if err != nil {
		return err
	}
	return s.Store.EndSession(ctx, w, id)
}

// ChangePassword gives whoever is signed in a new password. Every other session ends, and this one goes on under a new token.
func (s *Server) ChangePassword(ctx context.Context, present, next string) error {
	who, _ := actor.From(ctx)
	if err := s.access.ChangePassword(ctx, who.AccountID, present, next); err != nil {
		return err
	}
	return s.begin(ctx, tarozi.Account{ID: who.AccountID}, s.sessions.GetBool(ctx, sessionExternal))
}

// Enrolment is the second factor that is offered to whoever is signed in, the same one until it is confirmed.
func (s *Server) Enrolment(ctx context.Context) (*access.Enrolment, error) {
	who, _ := actor.From(ctx)
	a, err := s.Store.Account(ctx, who.AccountID)
	if err != nil {
		return nil, err
	}
	if secret := s.sessions.GetString(ctx, sessionEnrolment); secret != "" {
		return s.access.Offer(a, secret)
	}
	e, err := s.access.Enrol(a)
	if err == nil {
		s.sessions.Put(ctx, sessionEnrolment, e.Secret)
	}
	return e, err
}

// ConfirmFactor puts the offered second factor in force and gives the codes that stand in for it.
func (s *Server) ConfirmFactor(ctx context.Context, code string) ([]string, error) {
	who, _ := actor.From(ctx)
	codes, err := s.access.Confirm(ctx, who.AccountID, s.sessions.GetString(ctx, sessionEnrolment), code)
	if err == nil {
		s.sessions.Remove(ctx, sessionEnrolment)
	}
	return codes, err
}

// authenticate puts who asks into the request's context: the holder of the API key where one is given, else whoever is signed
// in. A key that does not hold is refused, also where a session would do.
func (s *Server) authenticate(c *gin.Context) {
	c.Request = c.Request.WithContext(withAgent(c.Request.Context(), c.Request.UserAgent()))
	who, duty, err := s.asker(c.Request)
	if err != nil {
		s.refuse(c, err)
		return
	}
	if who.AccountID == "" {
		return
	}
	ctx := actor.With(c.Request.Context(), who)
	if duty != "" {
		ctx = actor.WithDuty(ctx, duty)
	}
	c.Request = c.Request.WithContext(ctx)
}

// asker is who asks; the zero actor where nobody has signed in. Somebody with a duty may do nothing else.
func (s *Server) asker(r *http.Request) (who tarozi.Actor, duty actor.Duty, err error) {
	ctx, now := r.Context(), s.Service.Now()
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, key, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || key == "" {
			return who, "", tarozi.Errorf(tarozi.Unauthorised, "the header Authorization is not read: send Bearer and your key")
		}
		sum := sha256.Sum256([]byte(strings.TrimSpace(key)))
		who, err = s.Store.ActorByAPIKey(ctx, hex.EncodeToString(sum[:]), now)
		return who, "", err
	}
	id := s.sessions.GetString(ctx, sessionAccount)
	if id == "" {
		return who, "", nil
	}
	account, err := s.Store.Account(ctx, id)
	if tarozi.CodeOf(err) == tarozi.NotFound || (err == nil && !account.Disabled.IsZero()) {
		return who, "", s.SignOut(ctx) // the account was removed or closed while it was signed in
	}
	if err != nil {
		return who, "", err
	}
	who = tarozi.Actor{AccountID: account.ID, AgencyID: account.AgencyID, Role: account.Role, At: now}
	switch {
	case account.MustChange:
		return who, actor.ChangePassword, nil
	case slices.Contains(s.SecondFactorFor, account.Role) && !account.SecondFactor && !s.sessions.GetBool(ctx, sessionExternal):
		return who, actor.SetSecondFactor, nil
	}
	who.Actions = tarozi.ActionsOf(account.Role)
	return who, "", nil
}

type agentKey struct{}

func withAgent(ctx context.Context, agent string) context.Context {
	return context.WithValue(ctx, agentKey{}, agent[:min(len(agent), longestAgent)])
}

func agentOf(ctx context.Context) string {
	agent, _ := ctx.Value(agentKey{}).(string)
	return strings.ToValidUTF8(agent, "")
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

// allowed refuses whoever may not do the action.
func (s *Server) allowed(action tarozi.Action) gin.HandlerFunc {
	return func(c *gin.Context) {
		who, _ := actor.From(c.Request.Context())
		if err := who.Allow(action); err != nil {
			s.refuse(c, err)
		}
	}
}

// refuse answers with a problem and ends the request.
func (s *Server) refuse(c *gin.Context, err error) {
	c.Abort()
	s.answer(c.Writer, c.Request, err)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, err error) {
	s.report(r.Context(), err)
	if err := problem.Write(w, problem.Of(err, problem.RequestID(r.Context()))); err != nil {
		s.report(r.Context(), err)
	}
}
