package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
	"github.com/tarozi/tarozi/server/api"
	"github.com/tarozi/tarozi/server/problem"
)

// identified gives each request an id, which every answer and log line carries.
func (s *Server) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := s.Service.NewID()
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(problem.WithRequestID(r.Context(), id)))
	})
}

// sameOrigin refuses what another site makes a browser send here.
func (s *Server) sameOrigin(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.answer(w, r, tarozi.Errorf(tarozi.Forbidden, "the request comes from another site and was not carried out: use this service's own pages"))
	}))
	return protection.Handler(next)
}

// heads answers HEAD as GET, whose routes are all that know it; net/http leaves the body out, since the connection's own request
// stays what it was. Log and metrics count it as a GET.
func heads(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			asked := *r
			asked.Method = http.MethodGet
			r = &asked
		}
		next.ServeHTTP(w, r)
	})
}

// flushing gives gin a writer that it can flush: gin panics on one that says it cannot, as that of the sessions does.
func flushing(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(flusher{w}, r) })
}

type flusher struct{ http.ResponseWriter }

func (f flusher) Unwrap() http.ResponseWriter { return f.ResponseWriter }

// Flush sends what was written so far. Its error would come back from the next write.
func (f flusher) Flush() { _ = http.NewResponseController(f.ResponseWriter).Flush() }

// unmatched stands for the route of a request that has none.
const unmatched = "unmatched"

// observe logs and counts a request under its route, which has no ids of people in it.
func (s *Server) observe(c *gin.Context) {
	start := time.Now()
	s.metrics.begin()
	c.Next()
	route := c.FullPath()
	if route == "" {
		route = unmatched
	}
	status, took := c.Writer.Status(), time.Since(start)
	s.metrics.end(c.Request.Method, route, status, took)
	level := slog.LevelInfo
	if route == "/healthz" || route == "/readyz" || route == "/metrics" {
		level = slog.LevelDebug
	}
	ctx := c.Request.Context()
	who, _ := actor.From(ctx)
	s.Log.Log(ctx, level, "request", "method", c.Request.Method, "route", route, "status", status,
		"ms", took.Milliseconds(), "bytes", max(0, c.Writer.Size()), "account", who.AccountID, "request", problem.RequestID(ctx))
}

// report tells the log of an error. Messages for callers may name records, so that of their mistakes only the code is written; what
// in others may name somebody is replaced.
func (s *Server) report(ctx context.Context, err error) {
	id := problem.RequestID(ctx)
	code := tarozi.CodeOf(err)
	switch code {
	case tarozi.Internal:
		s.Log.ErrorContext(ctx, "fault", "error", s.redacted(err.Error()), "cause", s.redacted(causes(err)), "request", id)
	case tarozi.Unavailable:
		s.Log.WarnContext(ctx, "unavailable", "error", s.redacted(err.Error()), "cause", s.redacted(causes(err)), "request", id)
	default:
		s.Log.DebugContext(ctx, "refused", "code", string(code), "request", id)
	}
}

// causes is what lies behind the message of an error.
func causes(err error) string {
	var known *tarozi.Error
	if errors.As(err, &known) && known.Unwrap() != nil {
		return known.Unwrap().Error()
	}
	return ""
}

// recover turns a panic into an answer: one fault of ours must not take other requests with it.
func (s *Server) recover(c *gin.Context) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			panic(value)
		}
		err := fmt.Errorf("panic: %s\n%s", fault(value), debug.Stack())
		if c.Writer.Written() {
			s.report(c.Request.Context(), err)
			panic(http.ErrAbortHandler) // half an answer must not look whole
		}
		s.refuse(c, err)
	}()
	c.Next()
}

const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// headers are on every answer. Nothing is kept by browsers and proxies unless a route says otherwise.
func (s *Server) headers(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, forms fail on plain http
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", "no-store")
	if s.Secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// limitBody bounds bodies. A batch is bounded line by line instead.
func (s *Server) limitBody(c *gin.Context) {
	if c.FullPath() == api.BatchPath {
		return
	}
	if c.Request.ContentLength > api.MaxBody {
		s.refuse(c, api.TooLarge("the body"))
		return
	}
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, api.MaxBody)
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

func (s *Server) noRoute(c *gin.Context) {
	if isAPI(c.Request) {
		s.refuse(c, tarozi.Errorf(tarozi.NotFound, "there is no such call: /docs lists those there are"))
		return
	}
	s.pages.NotFound(c)
}

// noMethod answers a known address with a wrong method; gin has set the header Allow.
func (s *Server) noMethod(c *gin.Context) {
	c.Abort()
	d := problem.Of(tarozi.Errorf(tarozi.Malformed, "this address does not know the method: see the header Allow"), problem.RequestID(c.Request.Context()))
	d.Status, d.Title = http.StatusMethodNotAllowed, "Method not allowed"
	if err := problem.Write(c.Writer, d); err != nil {
		s.report(c.Request.Context(), fmt.Errorf("writing a problem: %w", err))
	}
}
