package pages_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/store"
)

const password = "correct horse battery staple"

var (
	now     = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	shipped = sync.OnceValues(model.Shipped)
)

// site is the whole service over a database of its own, with made-up people in three agencies.
type site struct {
	*testing.T
	url    string
	people []datasets.Person
	actors map[string]tarozi.Actor // by login
	scores *scoring.Service
	db     *store.DB
	pass   func(time.Duration) // moves the clock on
	// Both halves of the log's key, made when it is first sequenced.
	logKey, logPublic string
}

func start(t *testing.T) *site {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "tarozi.db"), store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	bundles, err := shipped()
	must(t, err)
	models, err := scoring.NewModels(bundles)
	must(t, err)
	zone, err := time.LoadLocation("Asia/Tashkent")
	must(t, err)
	var mu sync.Mutex
	n, ticks := 0, 0
	newID := func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("019aac00-0000-7000-8000-%012x", n)
	}
	clock := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		ticks++
		return now.Add(time.Duration(ticks) * time.Millisecond)
	}
	s := &site{T: t, actors: map[string]tarozi.Actor{}, scores: &scoring.Service{
		Assessor: scoring.Assessor{Models: models, Zone: zone, Now: clock, NewID: newID, Checks: new(scoring.Checks)},
		Store:    db, Registry: db, Random: rand.Reader}}
	s.db = db
	s.pass = func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		ticks += int(d.Milliseconds())
	}
	s.seed(db)
	made, err := server.New(server.Config{Service: s.scores, Store: db, Sessions: db.Sessions(time.Now),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Version: "test"})
	must(t, err)
	running := httptest.NewServer(made.Handler())
	t.Cleanup(running.Close)
	s.url = running.URL
	return s
}

// seed stores the agencies, officer0 to officer2, an oversight account, and people; the first of each agency are assessed.
func (s *site) seed(db *store.DB) {
	bundles, err := shipped()
	must(s, err)
	must(s, s.scores.Demonstrate(s.Context(), scoring.DemoFilled))
	must(s, s.scores.InstallShipped(s.Context(), bundles))
	for _, b := range bundles { // one model in use: tests of several put the others back to use
		if b.Card.ID != scoring.DefaultModel && !b.Card.Benchmark {
			must(s, s.scores.Move(s.Context(), "", b.SHA256, tarozi.ModelRetired))
		}
	}
	hash, err := argon2id.CreateHash(password, &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	must(s, err)
	officers := map[string]tarozi.Actor{}
	for i, agency := range datasets.SyntheticAgencies(3) {
		w, err := s.scores.Administer(agency.ID, "agency.created", agency.ID)
		must(s, err)
		must(s, db.PutAgency(s.Context(), w, agency))
		for _, role := range []tarozi.Role{tarozi.Officer, tarozi.Supervisor, tarozi.Oversight} {
			a := tarozi.Account{ID: s.scores.NewID(), AgencyID: agency.ID, Login: fmt.Sprintf("%s%d", role, i), Name: "Dilnoza Karimova", Role: role, Created: now}
			w, err := s.scores.Administer(agency.ID, "account.created", a.ID)
			must(s, err)
			must(s, db.CreateAccount(s.Context(), w, a, hash))
			s.actors[a.Login] = tarozi.Actor{AccountID: a.ID, AgencyID: agency.ID, Role: role, Actions: tarozi.ActionsOf(role)}
		}
		officers[agency.ID] = s.actors[fmt.Sprintf("officer%d", i)]
	}
	for person := range datasets.Synthetic(30, 7, tarozi.DateOf(now)) {
		who := officers[person.History.AgencyID]
		must(s, s.scores.PutHistory(s.Context(), who, &person.History, nil))
		_, err := s.scores.PutIdentities(s.Context(), who, []tarozi.Identity{person.Identity}, false)
		must(s, err)
		s.people = append(s.people, person)
	}
}

// at is the path of a person's page.
func (s *site) at(personID string) string {
	s.Helper()
	key, err := s.db.PageKey(s.Context(), personID)
	must(s, err)
	return "/people/" + key
}

// of lists the people of an agency.
func (s *site) of(login string) []datasets.Person {
	var list []datasets.Person
	for _, p := range s.people {
		if p.History.AgencyID == s.actors[login].AgencyID {
			list = append(list, p)
		}
	}
	return list
}

// assessed scores a person as the officer would, locks the officer's own view, and gives the assessment's path.
func (s *site) assessed(login string, p *datasets.Person) string {
	s.Helper()
	a, err := s.scores.CreateFromStored(s.Context(), s.actors[login], p.History.PersonID, p.AsOf, p.Purpose, "", nil)
	must(s, err)
	_, err = s.scores.LockView(s.Context(), s.actors[login], a.ID, ownView(), nil)
	must(s, err)
	return "/assessments/" + a.ID
}

func ownView() *tarozi.PriorView {
	return &tarozi.PriorView{Band: tarozi.Medium, Reasons: []tarozi.ReasonCode{"conduct"}}
}

// opened locks the own view that an assessment asks for, and gives the score's page.
func (b *browser) opened(assessment *page) *page {
	b.Helper()
	assessment.is(http.StatusOK).lacks("data-total", "data-points")
	action := assessment.all(`action="(/assessments/[^"]+/view)"`)
	if len(action) != 1 {
		b.Fatalf("%s does not ask for the reader's own view", assessment.path)
	}
	return b.post(action[0], url.Values{"token": {"v"}, "band": {"medium"}, "reasons": {"conduct", "attendance"}, "note": {"Comes to every contact."}}).is(http.StatusOK)
}

// browser is somebody's browser.
type browser struct {
	*site
	client *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	must(s, err)
	return &browser{s, &http.Client{Jar: jar}}
}

func (s *site) signedIn(login string) *browser {
	s.Helper()
	b := s.browser()
	b.post("/sign-in", url.Values{"login": {login}, "password": {password}, "back": {"/about"}}).is(http.StatusOK)
	return b
}

// speaking is the browser in another language.
func (b *browser) speaking(code string) *browser {
	b.get("/language?to=" + code + "&back=/about").is(http.StatusOK)
	return b
}

// page is what came back after redirects.
type page struct {
	*testing.T
	status int
	path   string
	header http.Header
	html   string
}

func (b *browser) get(path string) *page {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, b.url+path, nil)
	must(b, err)
	return b.do(request)
}

func (b *browser) post(path string, form url.Values) *page {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, b.url+path, strings.NewReader(form.Encode()))
	must(b, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(request)
}

func (b *browser) do(request *http.Request) *page {
	b.Helper()
	response, err := b.client.Do(request)
	must(b, err)
	body, err := io.ReadAll(response.Body)
	must(b, err)
	must(b, response.Body.Close())
	return &page{b.T, response.StatusCode, response.Request.URL.RequestURI(), response.Header, string(body)}
}

func (p *page) is(status int) *page {
	p.Helper()
	if p.status != status {
		p.Fatalf("%s: status %d, want %d\n%s", p.path, p.status, status, p.html)
	}
	return p
}

func (p *page) has(texts ...string) *page {
	p.Helper()
	for _, text := range texts {
		if !strings.Contains(p.html, text) {
			p.Errorf("%s lacks %q", p.path, text)
		}
	}
	return p
}

func (p *page) lacks(texts ...string) *page {
	p.Helper()
	for _, text := range texts {
		if strings.Contains(p.html, text) {
			p.Errorf("%s has %q", p.path, text)
		}
	}
	return p
}

// all lists the first group of every match.
func (p *page) all(pattern string) []string {
	var list []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(p.html, -1) {
		list = append(list, m[1])
	}
	return list
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
