package server_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/server/problem"
)

// line is one line of a batch's answer.
type line struct {
	Line       int                `json:"line"`
	Assessment *tarozi.Assessment `json:"assessment"`
	Problem    *problem.Details   `json:"problem"`
}

func (s *service) batch(body string, changes ...string) answer {
	s.Helper()
	return s.call("POST", "/api/v1/assessments/batch", body, append([]string{"Content-Type", "application/x-ndjson"}, changes...)...)
}

func (a answer) lines() []line {
	a.Helper()
	var lines []line
	for text := range strings.Lines(string(a.body)) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			a.Fatalf("%v in %s", err, text)
		}
		lines = append(lines, l)
	}
	return lines
}

// oneLine is a request without line breaks.
func oneLine(person string, changes ...string) string {
	return strings.ReplaceAll(request(person, changes...), "\n", "")
}

func TestBatchAnswersEachLineInItsPlace(t *testing.T) {
	s := start(t)
	body := strings.Join([]string{
		oneLine("p-1"),
		"",
		oneLine("p-2", `"birth_date"`, `"sex":"male","birth_date"`),
		`{"history":`,
		oneLine("p-3"),
		"   ",
		`{"person_id":"p-1","as_of":"2026-11-01"}`,
		strings.Repeat(" ", 10_000_001),
		oneLine("p-4", "1991-04-17", "1991-02-30"),
		`{"person_id":"none"}`,
		oneLine("p-5"),
	}, "\n") + "\n"
	lines := s.batch(body).want(http.StatusOK).lines()
	for i, want := range []string{
		"p-1", "malformed: the line is empty", "malformed: /history/sex", "malformed: this is not JSON", "p-3", "malformed: the line is empty",
		"p-1", "too_large: the line", "malformed: /history/birth_date", "not_found:", "p-5",
	} {
		if i >= len(lines) {
			t.Fatalf("%d lines", len(lines))
		}
		got := ""
		if l := lines[i]; l.Assessment != nil {
			got = l.Assessment.PersonID
		} else {
			got = string(l.Problem.Code) + ": " + l.Problem.Detail
			if len(l.Problem.Errors) > 0 && !strings.Contains(got, "JSON") {
				got = string(l.Problem.Code) + ": " + l.Problem.Errors[0].Field
			}
		}
		if lines[i].Line != i+1 || !strings.HasPrefix(got, want) {
			t.Errorf("line %d: %q instead of %q", lines[i].Line, got, want)
		}
	}
	if c := s.stored(); c.Assessments != 4 || len(lines) != 11 {
		t.Errorf("%d lines, stored %+v", len(lines), c)
	}
}

func TestBatchCutOffInMidLineKeepsTheEarlierLines(t *testing.T) {
	s := start(t)
	whole := oneLine("p-1") + "\n" + oneLine("p-2") + "\n"
	lines := s.batch(whole + oneLine("p-3")[:200]).want(http.StatusOK).lines()
	if len(lines) != 3 || lines[1].Assessment == nil || lines[2].Problem == nil || lines[2].Problem.Code != tarozi.Malformed {
		t.Errorf("%+v", lines)
	}
	if c := s.stored(); c.Assessments != 2 || c.People != 2 {
		t.Errorf("stored %+v", c)
	}
}

func TestBatchOnAConnectionThatBreaksKeepsTheEarlierLines(t *testing.T) {
	s := start(t)
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	text := oneLine("p-1") + "\n" + oneLine("p-2")[:300]
	_, err = fmt.Fprintf(connection, "POST /api/v1/assessments/batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n%s", s.keys["system@"+agency], text)
	must(t, err)
	first, err := bufio.NewReader(connection).ReadString('\n') // the status: line 1 is answered while line 2 is on its way
	must(t, err)
	if !strings.Contains(first, "200") {
		t.Errorf("answer %q", first)
	}
	for until := time.Now().Add(10 * time.Second); s.stored().Assessments != 1; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("stored %+v", s.stored())
		}
	}
	must(t, connection.Close())
	s.call("POST", "/api/v1/assessments", request("p-9")).want(http.StatusCreated)
	if c := s.stored(); c.Assessments != 2 || c.People != 2 {
		t.Errorf("stored %+v", c)
	}
}

// A client that waits for each answer before it sends the next line must not wait for ever.
func TestBatchAnswersWhileLinesComeIn(t *testing.T) {
	s := start(t)
	reader, writer := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), "POST", s.url+"/api/v1/assessments/batch", reader)
	must(t, err)
	r.Header.Set("Authorization", "Bearer "+s.keys["system@"+agency])
	r.Header.Set("Content-Type", "application/x-ndjson")
	go func() {
		_, _ = io.WriteString(writer, oneLine("p-1")+"\n") // the read of the answer below fails where this does
	}()
	response, err := (&http.Client{Timeout: 20 * time.Second}).Do(r)
	must(t, err)
	defer response.Body.Close()
	answers := bufio.NewReader(response.Body)
	for i := 1; i <= 3; i++ {
		text, err := answers.ReadString('\n')
		must(t, err)
		if want := fmt.Sprintf(`"person_id":"p-%d"`, i); !strings.Contains(text, want) {
			t.Fatalf("no %s in %s", want, text)
		}
		if i < 3 {
			_, err = io.WriteString(writer, oneLine(fmt.Sprintf("p-%d", i+1))+"\n")
			must(t, err)
		}
	}
	must(t, writer.Close())
	if _, err := answers.ReadByte(); err != io.EOF {
		t.Errorf("after the last line: %v", err)
	}
}

func TestBatchSentAgainUnderItsKeyStoresNothingTwice(t *testing.T) {
	s := start(t)
	body := oneLine("p-1") + "\n" + oneLine("p-1") + "\n"
	first := s.batch(body, "Idempotency-Key", "batch-1").want(http.StatusOK).lines()
	again := s.batch(body+oneLine("p-2")+"\n", "Idempotency-Key", "batch-1").want(http.StatusOK).lines()
	if again[0].Assessment.ID != first[0].Assessment.ID || again[1].Assessment.ID != first[1].Assessment.ID || first[0].Assessment.ID == first[1].Assessment.ID {
		t.Errorf("ids differ: %+v, %+v", first, again)
	}
	other := s.batch(oneLine("p-7")+"\n", "Idempotency-Key", "batch-1").want(http.StatusOK).lines()
	if other[0].Problem == nil || other[0].Problem.Code != tarozi.Conflict {
		t.Errorf("%+v", other)
	}
	if c := s.stored(); c.Assessments != 3 {
		t.Errorf("stored %+v", c)
	}
}

func TestBatchKeepsTheOrderOfOnePersonsLines(t *testing.T) {
	s := start(t)
	var body strings.Builder
	for i := range 200 {
		body.WriteString(oneLine(fmt.Sprintf("p-%d", i%7), `"custody_days":610`, fmt.Sprintf(`"custody_days":%d`, 1+i)) + "\n")
	}
	for i, l := range s.batch(body.String()).want(http.StatusOK).lines() {
		if l.Line != i+1 || l.Assessment == nil || l.Assessment.PersonID != fmt.Sprintf("p-%d", i%7) {
			t.Fatalf("line %d: %+v", i+1, l)
		}
	}
	for person := range 7 {
		h, err := s.db.History(t.Context(), tarozi.InAgency(agency), fmt.Sprintf("p-%d", person))
		must(t, err)
		last := person
		for last+7 < 200 {
			last += 7
		}
		if got := *h.Sentences[0].CustodyDays; got != 1+last {
			t.Errorf("person %d: the history of line %d holds instead of line %d", person, got, 1+last)
		}
	}
}

func TestBatchRefusedAsAWhole(t *testing.T) {
	s := start(t)
	s.batch("").want(http.StatusBadRequest).isProblem("", "malformed", "no line")
	s.call("POST", "/api/v1/assessments/batch", oneLine("p-1"), "Content-Type", "application/json").want(http.StatusBadRequest).
		isProblem("Content-Type", "unknown_value", "application/x-ndjson")
	s.batch(oneLine("p-1"), "Authorization", "Bearer wrong").want(http.StatusUnauthorized)
}
