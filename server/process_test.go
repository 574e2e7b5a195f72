package server_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	_ "github.com/mattn/go-sqlite3"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/store"
)

// The test binary started with these in its environment is a server, so that it can be killed.
const (
	serveDatabase = "TAROZI_TEST_DATABASE"
	serveFileSize = "TAROZI_TEST_FILE_SIZE" // no file is written beyond so many bytes
)

func TestMain(m *testing.M) {
	if path := os.Getenv(serveDatabase); path != "" {
		if err := serveProcess(path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serveProcess(path string) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if text := os.Getenv(serveFileSize); text != "" {
		size, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return err
		}
		signal.Ignore(syscall.SIGXFSZ) // the write fails instead
		var limit syscall.Rlimit
		if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
		limit.Cur = size // and the test can make room again
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
			return err
		}
	}
	db, err := store.Open(ctx, path, store.Options{BusyTimeout: 300 * time.Millisecond})
	if err != nil {
		return err
	}
	made, _, err := wire(db, io.Discard, func() string { return uuid.Must(uuid.NewV7()).String() })
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return errors.Join(made.Run(ctx, listener), db.Close())
}

// process starts a server of its own on the database.
func (s *service) process(path string, environment ...string) (*service, *exec.Cmd) {
	s.Helper()
	command := exec.CommandContext(s.Context(), os.Args[0])
	command.Env = append(append(os.Environ(), serveDatabase+"="+path), environment...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	must(s, err)
	must(s, command.Start())
	s.Cleanup(func() { _ = command.Process.Kill() }) // it may have ended already
	address, err := bufio.NewReader(out).ReadString('\n')
	must(s, err)
	other := *s
	other.url = "http://" + strings.TrimSpace(address)
	return &other, command
}

// seeded is a database with the accounts of the tests that no process holds open.
func seeded(t *testing.T) (*service, string) {
	t.Helper()
	s := &service{T: t, path: filepath.Join(t.TempDir(), "tarozi.db"), keys: map[string]string{}}
	db, err := store.Open(t.Context(), s.path, store.Options{})
	must(t, err)
	s.db = db
	_, s.scores, err = wire(db, io.Discard, counter())
	must(t, err)
	s.seed(s.scores)
	must(t, db.Close())
	return s, s.path
}

// What was answered is there after kill -9, and nothing is half there.
func TestKilledAtAnyTime(t *testing.T) {
	seed, path := seeded(t)
	answered := map[string]string{} // person by assessment
	enough := []int{7, 30, 100}     // answers after which it is killed, with others under way
	for round := range enough {
		s, command := seed.process(path)
		var mu sync.Mutex
		var clients sync.WaitGroup
		for client := range 4 {
			clients.Go(func() {
				for n := 0; ; n++ {
					person := fmt.Sprintf("p-%d-%d-%d", round, client, n)
					id, err := s.tryScore(person)
					if err != nil {
						return // the server is dead
					}
					mu.Lock()
					answered[id] = person
					if len(answered) == enough[round] {
						must(t, command.Process.Signal(syscall.SIGKILL))
					}
					mu.Unlock()
				}
			})
		}
		clients.Wait()
		_ = command.Wait() // it was killed
		if len(answered) < enough[round] {
			t.Fatalf("only %d requests were answered", len(answered))
		}
	}
	s, _ := seed.process(path)
	for id, person := range answered {
		var a tarozi.Assessment
		s.call("GET", "/api/v1/assessments/"+id, "").want(http.StatusOK).into(&a)
		if a.PersonID != person {
			t.Errorf("assessment %s is %s's instead of %s's", id, a.PersonID, person)
		}
	}
	for id := range answered {
		replay := s.call("GET", "/api/v1/assessments/"+id+"/replay", "").want(http.StatusOK).object()
		if replay["same"] != true || replay["input_unchanged"] != true {
			t.Errorf("replay of %s: %v", id, replay)
		}
		break
	}
	s.whole(path)
}

// tryScore sends one request and returns the assessment's id.
func (s *service) tryScore(person string) (string, error) {
	r, err := http.NewRequestWithContext(s.Context(), "POST", s.url+"/api/v1/assessments", strings.NewReader(request(person)))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+s.keys["system@"+agency])
	r.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("status %d", response.StatusCode)
	}
	return strings.TrimPrefix(response.Header.Get("Location"), "/api/v1/assessments/"), nil
}

// whole looks for anything half-written: an assessment comes with its person, history, change and audit entry, or not at all.
func (s *service) whole(path string) {
	s.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	must(s, err)
	defer db.Close()
	for what, query := range map[string]string{
		"integrity":                       `SELECT integrity_check <> 'ok' FROM pragma_integrity_check`,
		"foreign keys":                    `SELECT count(*) FROM pragma_foreign_key_check`,
		"assessments without a person":    `SELECT count(*) FROM assessments WHERE person_id NOT IN (SELECT person_id FROM people WHERE history_version > 0)`,
		"assessments without a change":    `SELECT count(*) FROM assessments WHERE id NOT IN (SELECT assessment_id FROM changes)`,
		"people without an assessment":    `SELECT count(*) FROM people WHERE person_id NOT IN (SELECT person_id FROM assessments)`,
		"assessments without their entry": `SELECT count(*) FROM assessments WHERE id NOT IN (SELECT json_extract(CAST(entry AS TEXT), '$.subject_id') FROM audit_queue)`,
	} {
		var faults int
		must(s, db.QueryRowContext(s.Context(), query).Scan(&faults))
		if faults != 0 {
			s.Errorf("%s: %d", what, faults)
		}
	}
}

func TestLockedDatabase(t *testing.T) {
	s := start(t)
	other, err := sql.Open("sqlite3", "file:"+s.path+"?_txlock=immediate")
	must(t, err)
	defer other.Close()
	lock, err := other.BeginTx(t.Context(), nil)
	must(t, err)
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusServiceUnavailable).isProblem("", "unavailable", "nothing was stored")
	s.call("PUT", "/api/v1/people/p-1/history", history("p-1")).want(http.StatusServiceUnavailable)
	if got := s.call("GET", "/readyz", "").want(http.StatusServiceUnavailable).header.Get("Retry-After"); got == "" {
		t.Error("the answer does not say when to try again")
	}
	lines := s.batch(oneLine("p-1") + "\n").want(http.StatusOK).lines()
	if lines[0].Problem == nil || lines[0].Problem.Code != tarozi.Unavailable {
		t.Errorf("%+v", lines)
	}
	s.call("GET", "/healthz", "").want(http.StatusOK)
	s.call("GET", "/api/v1/models", "").want(http.StatusOK)
	must(t, lock.Rollback())
	if c := s.stored(); c.Assessments != 0 || c.People != 0 {
		t.Errorf("stored %+v", c)
	}
	s.call("GET", "/readyz", "").want(http.StatusOK)
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
}

func TestDiskThatTakesNoMore(t *testing.T) {
	seed, path := seeded(t)
	s, command := seed.process(path, serveFileSize+"=600000")
	stored := 0
	for ; stored < 200; stored++ {
		a := s.call("POST", "/api/v1/assessments", request(fmt.Sprintf("p-%d", stored)))
		if a.status == http.StatusServiceUnavailable {
			a.isProblem("", "unavailable", "")
			break
		}
		a.want(http.StatusCreated)
	}
	if stored == 0 || stored == 200 {
		t.Fatalf("%d were stored before the disk was full", stored)
	}
	s.call("GET", "/api/v1/people/p-0/assessments", "").want(http.StatusOK)
	s.call("GET", "/healthz", "").want(http.StatusOK)
	s.call("GET", "/readyz", "").want(http.StatusServiceUnavailable)
	must(t, command.Process.Signal(os.Interrupt))
	if err := command.Wait(); err != nil {
		t.Logf("the process ended with %v: it could not empty its log", err)
	}
	s, _ = seed.process(path)
	s.whole(path)
	for n := range stored {
		s.call("GET", fmt.Sprintf("/api/v1/people/p-%d/assessments", n), "").want(http.StatusOK)
	}
	s.call("GET", fmt.Sprintf("/api/v1/people/p-%d/assessments", stored), "").want(http.StatusNotFound)
	s.call("POST", "/api/v1/assessments", request("p-new")).want(http.StatusCreated)
}

func TestInterruptEndsTheServerCleanly(t *testing.T) {
	seed, path := seeded(t)
	s, command := seed.process(path)
	s.call("POST", "/api/v1/assessments", request("p-1")).want(http.StatusCreated)
	must(t, command.Process.Signal(os.Interrupt))
	must(t, command.Wait())
	if _, err := os.Stat(path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the write-ahead log is left: %v", err)
	}
}
