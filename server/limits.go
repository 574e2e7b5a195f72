package server

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
	"golang.org/x/time/rate"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/actor"
)

// Rate is how often something may be done: so many a second on average, and so many at once.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Rates bound requests. The zero value is DefaultRates.
type Rates struct {
	Key     Rate // of each API key
	Account Rate // of each account that is signed in
	Address Rate // of each address from which nobody is signed in
	SignIn  Rate // attempts to sign in of each address
	Missing Rate // answers of each account that there is no such thing: who tries out ids is stopped
}

// DefaultRates leave room for a register that sends a region's events one by one, and for nobody to try out ids.
var DefaultRates = Rates{
	Key:     Rate{200, 400},
	Account: Rate{20, 200},
	Address: Rate{20, 200},
	SignIn:  Rate{0.5, 30},
	Missing: Rate{0.1, 100},
}

// limiters keeps a limiter for each name that asked lately. All at one moment; what has filled up again is forgotten.
type limiters struct {
	rate   Rate
	mu     sync.Mutex
	byName map[string]*rate.Limiter
}

// mostNames is how many limiters are kept before those that are full again are thrown away.
const mostNames = 10_000

func newLimiters(r Rate) *limiters { return &limiters{rate: r, byName: map[string]*rate.Limiter{}} }

// wait is how long the name has to wait; zero: it may go on, and this is counted.
func (l *limiters) wait(name string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.byName[name]
	if one == nil {
		if len(l.byName) >= mostNames {
			for other, limiter := range l.byName {
				if limiter.TokensAt(now) >= float64(l.rate.Burst) {
					delete(l.byName, other)
				}
			}
		}
		one = rate.NewLimiter(rate.Limit(l.rate.PerSecond), l.rate.Burst)
		l.byName[name] = one
	}
	r := one.ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay > 0 {
		r.CancelAt(now)
	}
	return delay
}

// spent reports how long the name has to wait before it may do the thing again, and counts nothing.
func (l *limiters) spent(name string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.byName[name]
	if one == nil || one.TokensAt(now) >= 1 {
		return 0
	}
	r := one.ReserveN(now, 1)
	defer r.CancelAt(now)
	return r.DelayFrom(now)
}

// limits are the limiters of the service.
type limits struct{ key, account, address, signIn, missing *limiters }

func newLimits(r Rates) *limits {
	if r == (Rates{}) {
		r = DefaultRates
	}
	if r.Missing == (Rate{}) {
		r.Missing = DefaultRates.Missing
	}
	return &limits{newLimiters(r.Key), newLimiters(r.Account), newLimiters(r.Address), newLimiters(r.SignIn), newLimiters(r.Missing)}
}

// limitRate refuses whoever asks too often: the key, the account, or the address where nobody is signed in. Health and files of the pages
// are not counted.
func (s *Server) limitRate(c *gin.Context) {
	route := c.FullPath()
	if route == "/healthz" || route == "/readyz" || route == "/static/*file" {
		return
	}
	now := time.Now() // of the machine: this is about load, not about records
	who, _ := actor.From(c.Request.Context())
	var wait time.Duration
	switch {
	case who.KeyID != "":
		wait = s.limits.key.wait(who.KeyID, now)
	case who.AccountID != "":
		wait = s.limits.account.wait(who.AccountID, now)
	default:
		wait = s.limits.address.wait(c.ClientIP(), now)
	}
	if wait == 0 && c.Request.Method == http.MethodPost && (route == "/sign-in" || route == "/sign-in/code") {
		wait = s.limits.signIn.wait(network(c.ClientIP()), now)
	}
	if wait > 0 {
		e := tarozi.Errorf(tarozi.TooMany, "too many requests in a short time: wait as long as the header Retry-After says, then go on")
		e.RetryAfter = wait
		if isAPI(c.Request) || route == "/metrics" {
			s.refuse(c, e)
			return
		}
		s.pages.Fail(c, e)
	}
}

// probing refuses an account that was told too often of late that there is no such person or assessment. One that was kept from it and one
// that is free are answered alike where something is read; where something is stored they cannot be, so that trying is what is bounded. Each
// refusal of somebody who is there is an entry besides.
func (s *Server) probing(ctx context.Context) error {
	who, known := actor.From(ctx)
	if !known {
		return nil
	}
	wait := s.limits.missing.spent(who.AccountID, time.Now())
	if wait == 0 {
		return nil
	}
	e := tarozi.Errorf(tarozi.TooMany, "too many people or assessments were asked for that are not there: wait as long as the header Retry-After says, and check the ids")
	e.RetryAfter = wait
	return e
}

// missed counts that somebody was told that there is no such thing.
func (s *Server) missed(ctx context.Context) {
	if who, known := actor.From(ctx); known {
		s.limits.missing.wait(who.AccountID, time.Now())
	}
}

// limitProbing stops whoever tries out ids, and counts the answers that there is nothing.
func (s *Server) limitProbing(c *gin.Context) {
	route := c.FullPath()
	if !strings.Contains(route, "/:") && !isAPI(c.Request) || strings.HasPrefix(route, "/accounts/") {
		return // nothing there is about a person
	}
	if err := s.probing(c.Request.Context()); err != nil {
		if isAPI(c.Request) {
			s.refuse(c, err)
		} else {
			s.pages.Fail(c, err)
		}
		return
	}
	c.Next()
	if c.Writer.Status() == http.StatusNotFound {
		s.missed(c.Request.Context())
	}
}

// network is what one subscriber holds: an address, or the /64 of an IPv6 address.
func network(address string) string {
	ip := net.ParseIP(address)
	if ip == nil || ip.To4() != nil {
		return address
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}
