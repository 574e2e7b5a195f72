package server_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
	"github.com/tarozi/tarozi/store"
)

// The made-up institutions and keys of the tests.
const (
	agency      = "toshkent"
	otherAgency = "samarqand"
	password    = "correct horse battery staple"
)

// now is the moment at which everything in the tests happens.
var now = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)

// service is a whole running server over a real SQLite file.
type service struct {
	*testing.T
	url    string
	db     *store.DB
	scores *scoring.Service
	path   string
	keys   map[string]string // key by who holds it
	log    *bytes.Buffer
	server *server.Server
}

// bundles loads the shipped models once: their self-tests take a while.
var bundles = sync.OnceValues(model.Shipped)

// cheap makes hashing fast; its strength is not what is tested here.
var cheap = &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// start runs a server; settings change its configuration.
func start(t *testing.T, settings ...func(c *server.Config, url string)) *service {
	t.Helper()
	s := &service{T: t, path: filepath.Join(t.TempDir(), "tarozi.db"), keys: map[string]string{}, log: new(bytes.Buffer)}
	db, err := store.Open(t.Context(), s.path, store.Options{BusyTimeout: 300 * time.Millisecond})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	running := httptest.NewUnstartedServer(nil)
	s.url = "http://" + running.Listener.Addr().String()
	made, scores, err := wire(db, &locked{to: s.log}, counter(), func(c *server.Config) {
		for _, set := range settings {
			set(c, s.url)
		}
	})
	must(t, err)
	s.db, s.scores, s.server = db, scores, made
	s.seed(scores)
	running.Config.Handler = made.Handler()
	running.Start()
	t.Cleanup(running.Close)
	return s
}

// wire makes a server over a database.
func wire(db *store.DB, log io.Writer, newID func() string, settings ...func(*server.Config)) (*server.Server, *scoring.Service, error) {
	shipped, err := bundles()
	if err != nil {
		return nil, nil, err
	}
	models, err := scoring.NewModels(shipped)
	if err != nil {
		return nil, nil, err
	}
	zone, err := time.LoadLocation("Asia/Tashkent")
	if err != nil {
		return nil, nil, err
	}
	scores := &scoring.Service{
		Assessor: scoring.Assessor{Models: models, Zone: zone, Now: func() time.Time { return now }, NewID: newID, Checks: new(scoring.Checks)},
		Store:    db, Registry: db, Random: rand.Reader,
	}
	config := server.Config{
		Service: scores, Store: db, Sessions: db.Sessions(time.Now), Version: "test",
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, set := range settings {
		set(&config)
	}
	made, err := server.New(config)
	return made, scores, err
}

// counter gives ids of the form of a UUIDv7, so that goldens stay.
func counter() func() string {
	var mu sync.Mutex
	n := 0
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("019aac00-0000-7000-8000-%012x", n)
	}
}

// seed stores two agencies, an account for each role, and keys.
func (s *service) seed(scores *scoring.Service) {
	ctx := s.Context()
	shipped, err := bundles()
	must(s, err)
	must(s, scores.Demonstrate(ctx, scoring.DemoFilled))
	must(s, scores.InstallShipped(ctx, shipped))
	hash, err := argon2id.CreateHash(password, cheap)
	must(s, err)
	for _, id := range []string{agency, otherAgency} {
		w, err := scores.Administer(id, "agency.created", id)
		must(s, err)
		must(s, s.db.PutAgency(ctx, w, tarozi.Agency{ID: id, Name: id}))
		for _, role := range tarozi.Roles {
			a := tarozi.Account{ID: scores.NewID(), AgencyID: id, Login: string(role) + "@" + id, Name: "Test " + string(role), Role: role, Created: now}
			w, err := scores.Administer(id, "account.created", a.ID)
			must(s, err)
			must(s, s.db.CreateAccount(ctx, w, a, hash))
			if role == tarozi.SystemAdministrator {
				s.addKey(ctx, scores, "metrics@"+id, a, []tarozi.Action{tarozi.WatchService})
			}
			if role == tarozi.CaseSystem {
				s.addKey(ctx, scores, "system@"+id, a, tarozi.ActionsOf(role))
				s.addKey(ctx, scores, "blind@"+id, a, []tarozi.Action{tarozi.ReadPeople, tarozi.WriteHistory, tarozi.Assess, tarozi.ReadAssessments})
				s.addKey(ctx, scores, "watch@"+id, a, nil)
			}
		}
	}
}

func (s *service) addKey(ctx context.Context, scores *scoring.Service, holder string, a tarozi.Account, actions []tarozi.Action) {
	key := "key-of-" + holder
	sum := sha256.Sum256([]byte(key))
	w, err := scores.Administer(a.AgencyID, "key.created", a.ID)
	must(s, err)
	must(s, s.db.CreateAPIKey(ctx, w, store.APIKey{ID: scores.NewID(), AccountID: a.ID, SHA256: hex.EncodeToString(sum[:]),
		Actions: actions, CreatedAt: now, ExpiresAt: now.AddDate(1, 0, 0)}))
	s.keys[holder] = key
}

// answer is what came back.
type answer struct {
	*testing.T
	status int
	header http.Header
	body   []byte
}

// call sends a request by the agency's case system; changes come in pairs of a header's name and value.
func (s *service) call(method, path, body string, changes ...string) answer {
	s.Helper()
	r, err := http.NewRequestWithContext(s.Context(), method, s.url+path, strings.NewReader(body))
	must(s, err)
	r.Header.Set("Authorization", "Bearer "+s.keys["system@"+agency])
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(changes); i += 2 {
		r.Header.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			r.Header.Del(changes[i])
		}
	}
	return s.send(r)
}

func (s *service) send(r *http.Request) answer {
	s.Helper()
	client := &http.Client{Timeout: 60 * time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(r)
	must(s, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	must(s, err)
	a := answer{s.T, response.StatusCode, response.Header, text}
	a.fitsDocument(r)
	return a
}

func (s *service) as(holder string) []string {
	return []string{"Authorization", "Bearer " + s.keys[holder]}
}

// want fails the test where the status is another.
func (a answer) want(status int) answer {
	a.Helper()
	if a.status != status {
		a.Fatalf("status %d instead of %d: %s", a.status, status, a.body)
	}
	return a
}

// into reads the answer's body.
func (a answer) into(v any) {
	a.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		a.Fatalf("%v in %s", err, a.body)
	}
}

// object is the answer's body by names.
func (a answer) object() map[string]any {
	a.Helper()
	var o map[string]any
	a.into(&o)
	return o
}

// stored counts what the database holds.
func (s *service) stored() store.Counts {
	s.Helper()
	counts, err := s.db.Counts(s.Context())
	must(s, err)
	return counts
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// locked lets many goroutines write to one buffer.
type locked struct {
	mu sync.Mutex
	to io.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// history is a made-up person's record, as JSON, with changes: each pair is an old text and its replacement.
func history(person string, changes ...string) string {
	text := fmt.Sprintf(`{"person_id":%q,"agency_id":%q,"birth_date":"1991-04-17",
"sentences":[{"imposed_on":"2024-02-12","type":"custody","offence":"property","severity":"medium","custody_days":610,"released_on":"2025-10-14"}],
"supervision":[{"from":"2026-05-14","kind":"parole","level":"standard","conditions":["employment"]}],
"facts":[{"feature":"prior_arrests_felony","value":4,"as_of":"2026-05-14","status":"verified"},
{"feature":"education","value":"secondary","as_of":"2026-05-14","status":"verified"},
{"feature":"prior_arrest_weapon","value":false,"as_of":"2026-05-14","status":"alleged"}],
"events":[{"id":"e1","type":"contact","at":"2026-06-02T10:30:00+05:00","received_at":"2026-06-02T11:00:00+05:00","status":"verified","attendance":"attended","method":"office"}]}`,
		person, agency)
	return replaced(text, changes...)
}

func request(person string, changes ...string) string {
	return replaced(`{"history":`+history(person)+`,"as_of":"2026-11-01","purpose":"supervision"}`, changes...)
}

func replaced(text string, changes ...string) string {
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(text, changes[i]) {
			panic("the text has no " + changes[i])
		}
		text = strings.Replace(text, changes[i], changes[i+1], 1)
	}
	return text
}
