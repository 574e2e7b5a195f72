// Package server puts the parts of the service together into one http.Handler: the API, the pages, sign-in, and what operators
// watch. It decides who asks; what they may do is for package scoring to say.
package server

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/api"
	"github.com/tarozi/tarozi/server/auditing"
	"github.com/tarozi/tarozi/server/pages"
	"github.com/tarozi/tarozi/server/reporting"
	"github.com/tarozi/tarozi/store"
)

//go:embed openapi.yaml
var document []byte

// Store is what the server asks of the store beside what scoring.Service gives.
type Store interface {
	pages.People
	reporting.Store
	access.Store
	SessionsOf(ctx context.Context, accountID string, now time.Time) ([]store.SignedIn, error)
	EndSession(ctx context.Context, w scoring.Write, sessionID string) error
	ActorByAPIKey(ctx context.Context, sha256 string, now time.Time) (tarozi.Actor, error)
	Ping(ctx context.Context) error
	Pseudonym(text string) (string, error)
	AuditLog() store.AuditLog
}

// Config is what a server is made of. Nothing may be left out but what says so.
type Config struct {
	Service  *scoring.Service
	Store    Store
	Sessions scs.Store
	Log      *slog.Logger
	Version  string // of the program, for operators
	// Checks are asked, beside the store, whether the service can do its work; nil: none. Their errors are for operators to read.
	Checks []func() error
	// Secure marks the session's cookie as one for HTTPS alone: true wherever a proxy in front speaks HTTPS.
	Secure bool
	// SecondFactorFor are the roles that do nothing without a second factor.
	SecondFactorFor []tarozi.Role
	// SSO is a single sign-on; nil: none.
	SSO *SSO
	// Idle and Lifetime are how long a session lasts unused and at most; zero are an hour and twelve.
	Idle, Lifetime time.Duration
	// Rates bound requests; the zero value is DefaultRates.
	Rates Rates
	// Proxies are the addresses, or networks, of proxies in front: only they are believed about the address of who asks.
	Proxies []string
}

// Limits of one connection. A batch moves its own deadlines on with each line.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 60 * time.Second
	writeTimeout  = 90 * time.Second
	idleTimeout   = 120 * time.Second
	batchPatience = 60 * time.Second
	shutdownTime  = 20 * time.Second
	maxHeader     = 64 << 10
)

// Server answers requests.
type Server struct {
	Config
	sessions *scs.SessionManager
	metrics  *metrics
	pages    *pages.Pages
	api      *api.API
	handler  http.Handler
	routes   []Route
	access   *access.Service
	limits   *limits
	issuer   issuer
}

// New makes a server. The error says what of the configuration, the document or the texts is at fault.
func New(c Config) (*Server, error) {
	catalogue, err := words.Load()
	if err != nil {
		return nil, fmt.Errorf("loading the texts: %w", err)
	}
	s := &Server{Config: c, metrics: newMetrics(c.Version, c.Service.Checks), limits: newLimits(c.Rates)}
	s.access, err = access.New(access.Service{Store: c.Store, Random: c.Service.Random, Now: c.Service.Now, NewID: c.Service.NewID,
		Prepare: c.Service.PrepareAccount})
	if err != nil {
		return nil, err
	}
	s.sessions = s.sessionManager()
	s.api, err = api.New(api.Deps{
		Document: document, Service: c.Service, Reviews: c.Store, Reports: s.reports(), Audit: s.audit(), Texts: texts{catalogue}, Report: s.report,
		Patience: func() time.Time { return time.Now().Add(batchPatience) }, Probing: s.probing, Missed: s.missed,
	})
	if err != nil {
		return nil, err
	}
	engine, err := s.engine()
	if err != nil {
		return nil, err
	}
	s.handler = s.identified(s.sameOrigin(s.sessions.LoadAndSave(heads(flushing(engine)))))
	return s, nil
}

// audit reads the log for auditors.
func (s *Server) audit() auditing.Reader {
	return auditing.Reader{Log: s.Store.AuditLog(), Writes: s.Service, NewID: s.Service.NewID}
}

// reports makes and reads the committee's reports.
func (s *Server) reports() *reporting.Reporter {
	return &reporting.Reporter{Service: s.Service, Store: s.Store}
}

// Route is a method and a path pattern that the server answers.
type Route struct{ Method, Path string }

// Routes lists everything that the server answers, in the order of registering.
func (s *Server) Routes() []Route { return s.routes }

// Handler answers every request of the service.
func (s *Server) Handler() http.Handler { return s.handler }

// Run serves connections until ctx ends, then refuses new ones and waits for the requests under way, at most shutdownTime.
func (s *Server) Run(ctx context.Context, listener net.Listener) error {
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: maxHeader,
		ErrorLog:       slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(listener) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	err := h.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Log.Warn("requests under way were cut off")
		err = h.Close()
	}
	<-ended
	return err
}

// quietGin stops gin from printing every route. gin keeps this setting for the whole process.
var quietGin = sync.OnceFunc(func() { gin.SetMode(gin.ReleaseMode) })

// engine holds the routes.
func (s *Server) engine() (*gin.Engine, error) {
	quietGin()
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.ContextWithFallback = false
	if err := e.SetTrustedProxies(s.Proxies); err != nil {
		return nil, err
	}
	e.Use(s.observe, s.recover, s.headers, s.limitBody, s.authenticate, s.limitRate, s.limitProbing)

	e.GET("/healthz", s.healthy)
	e.GET("/readyz", s.ready)
	e.GET("/metrics", s.signedIn, s.allowed(tarozi.WatchService), s.metrics.serve)
	e.GET("/sign-in/sso", s.ssoBegin)
	e.GET("/sign-in/sso/callback", s.ssoCallback)

	var err error
	s.pages, err = pages.Register(e, pages.Deps{
		Scoring: s.Service, Committee: s.Service, Reports: s.reports(), People: s.Store, Audit: s.audit(), SignIn: s, Access: s.access, Zone: s.Service.Zone, Now: s.Service.Now,
		NewID: s.Service.NewID, Failed: s.report,
	})
	if err != nil {
		return nil, fmt.Errorf("making the pages: %w", err)
	}
	s.api.Register(e.Group("", s.signedIn))
	e.NoRoute(s.noRoute)
	e.NoMethod(s.noMethod)
	for _, r := range e.Routes() {
		s.routes = append(s.routes, Route{r.Method, r.Path})
	}
	return e, nil
}

// texts lets the API say things through package words.
type texts struct{ catalogue *words.Catalogue }

func (t texts) Match(accept string) string { return t.catalogue.Match(accept) }

func (t texts) Annotate(lang string, a *tarozi.Assessment) { t.catalogue.In(lang).Annotate(a) }
