package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asCommand makes the test binary the command itself, so that a real process can be started and killed.
const asCommand = "TAROZI_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// binary prepares a process of the command.
func binary(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, os.Args[0], args...)
	command.Env = append(os.Environ(), asCommand+"=1")
	return command
}

// tell runs the command to its end and gives what it said and its exit status.
func tell(t testing.TB, input string, args ...string) (said string, status int) {
	t.Helper()
	command := binary(t.Context(), args...)
	command.Stdin = strings.NewReader(input)
	out, err := command.CombinedOutput()
	if err != nil && command.ProcessState == nil {
		t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// mustTell runs the command with success.
func mustTell(t testing.TB, input string, args ...string) string {
	t.Helper()
	said, status := tell(t, input, args...)
	if status != exitDone {
		t.Fatalf("tarozi %s: status %d: %s", strings.Join(args, " "), status, said)
	}
	return said
}

// process is `tarozi serve` in a process of its own.
type process struct {
	url     string
	command *exec.Cmd
	stderr  *bytes.Buffer
}

var served = regexp.MustCompile(`https?://(127\.0\.0\.1:\d+)`)

// serving starts the server over a database and waits until it says where it is.
func serving(t testing.TB, database string, more ...string) *process {
	t.Helper()
	s := &process{stderr: new(bytes.Buffer)}
	s.command = binary(t.Context(), append([]string{"serve", "--addr", "127.0.0.1:0", "--db", database}, more...)...)
	s.command.Stderr = s.stderr
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for s.url == "" && lines.Scan() {
		if found := served.FindString(lines.Text()); found != "" {
			s.url = found
		}
	}
	if s.url == "" {
		_ = s.command.Wait()
		t.Fatalf("the server did not start: %s", s.stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return s
}

// end stops the server as an operator does.
func (s *process) end(t testing.TB) {
	t.Helper()
	if err := s.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Wait(); err != nil {
		t.Fatalf("the server ended with %v: %s", err, s.stderr)
	}
}

// kill ends the server as a power cut of the process does.
func (s *process) kill() {
	_ = s.command.Process.Signal(syscall.SIGKILL) // it may have ended already
	_ = s.command.Wait()
}

// institution is a fresh database with an agency, an officer and a case system, made on the command line.
func institution(t testing.TB) (database, key string) {
	t.Helper()
	database = filepath.Join(t.TempDir(), "tarozi.db")
	serving(t, database).end(t)
	mustTell(t, "", "account", "agency", "--db", database, "--id", "a-1", "--name", "Toshkent")
	demonstrateFile(t, database)
	mustTell(t, "", "account", "add", "--db", database, "--agency", "a-1", "--login", "register", "--name", "Register", "--role", "case_system")
	mustTell(t, soakPassword, "account", "add", "--db", database, "--agency", "a-1", "--login", "officer", "--name", "Officer", "--role", "officer")
	return database, strings.TrimSpace(mustTell(t, "", "account", "key", "--db", database, "--login", "register", "--days", "1"))
}

const soakPassword = "only for this test 5517"

// assess sends a history to be scored by the default model and gives the id of the stored assessment.
func (s *process) assess(ctx context.Context, key, person string) (id string, err error) {
	return s.assessBy(ctx, key, person, "")
}

// assessBy is assess by a model, the default one where it is empty.
func (s *process) assessBy(ctx context.Context, key, person, model string) (id string, err error) {
	body := fmt.Sprintf(`{"history":%s,"as_of":"2026-07-01"}`, strings.Replace(made, `"person_id": "p-1"`, `"person_id": "`+person+`"`, 1))
	if model != "" {
		body = fmt.Sprintf(`{"model":%q,%s`, model, body[1:])
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+"/api/v1/assessments", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	response, err := (&http.Client{Timeout: 30 * time.Second}).Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("status %d: %s", response.StatusCode, text)
	}
	return strings.TrimPrefix(response.Header.Get("Location"), "/api/v1/assessments/"), nil
}

// get asks with a key. Told that it asks too often, it waits for as long as it is told and asks again, as a case system does.
func (s *process) get(t testing.TB, key, path string) (status int, body string) {
	t.Helper()
	client := &http.Client{Timeout: 30 * time.Second}
	for {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		if err := errors.Join(err, response.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != http.StatusTooManyRequests {
			return response.StatusCode, string(text)
		}
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			t.Fatalf("429 without a time to wait: Retry-After is %q", response.Header.Get("Retry-After"))
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(time.Duration(seconds) * time.Second):
		}
	}
}

// officer is a browser in which the officer is signed in.
func (s *process) officer(t testing.TB) *http.Client { return s.signedIn(t, "officer") }

// signedIn is a browser of the account.
func (s *process) signedIn(t testing.TB, login string) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	s.post(t, client, "/sign-in", map[string][]string{"login": {login}, "password": {soakPassword}, "back": {"/about"}})
	// The first password was given by somebody else: nothing else goes before it is changed.
	const own = soakPassword + " of my own"
	s.post(t, client, "/account/password", map[string][]string{"present": {soakPassword}, "password": {own}, "again": {own}})
	return client
}

// post fills in a form of a page.
func (s *process) post(t testing.TB, client *http.Client, path string, form map[string][]string) {
	t.Helper()
	response, err := client.PostForm(s.url+path, form)
	wellAnswered(t, path, response, err)
}

// fetch reads a page or a call as a browser does.
func (s *process) fetch(t testing.TB, client *http.Client, path string) string {
	t.Helper()
	response, err := client.Get(s.url + path)
	return wellAnswered(t, path, response, err)
}

// wellAnswered is the body of an answer with status 200; any other ends the test.
func wellAnswered(t testing.TB, path string, response *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d: %.400s", path, response.StatusCode, text)
	}
	return string(text)
}
