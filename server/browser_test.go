package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server"
)

// browser keeps cookies and follows nothing by itself.
type browser struct {
	*service
	client *http.Client
}

func (s *service) browser() *browser {
	s.Helper()
	jar, err := cookiejar.New(nil)
	must(s, err)
	return &browser{s, &http.Client{Jar: jar, Timeout: 60 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// signedIn is a browser in which the account of a role in the tests' agency has signed in.
func (s *service) signedIn(role tarozi.Role) *browser {
	s.Helper()
	b := s.browser()
	b.signIn(string(role)+"@"+agency, password).leads("/")
	return b
}

func (b *browser) do(method, address, contentType, body string, headers ...string) answer {
	b.Helper()
	if strings.HasPrefix(address, "/") {
		address = b.url + address
	}
	r, err := http.NewRequestWithContext(b.Context(), method, address, strings.NewReader(body))
	must(b, err)
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := b.client.Do(r)
	must(b, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(b, err)
	return answer{b.T, response.StatusCode, response.Header, text}
}

func (b *browser) get(address string) answer {
	b.Helper()
	return b.do(http.MethodGet, address, "", "")
}

// post sends a form, of pairs of a field's name and value.
func (b *browser) post(path string, fields ...string) answer {
	b.Helper()
	form := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode())
}

func (b *browser) signIn(login, password string) answer {
	b.Helper()
	return b.post("/sign-in", "login", login, "password", password)
}

// leads fails the test where the answer does not send the browser to the path.
func (a answer) leads(path string) {
	a.Helper()
	if a.want(http.StatusSeeOther).header.Get("Location") != path {
		a.Fatalf("it leads to %s, not to %s", a.header.Get("Location"), path)
	}
}

// clock can be moved; it begins at now.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) pass(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

// startClock runs a server whose clock the test moves.
func startClock(t *testing.T, settings ...func(c *server.Config, url string)) (*service, *clock) {
	t.Helper()
	c := &clock{at: now}
	return start(t, append(settings, func(config *server.Config, _ string) { config.Service.Now = c.now })...), c
}
