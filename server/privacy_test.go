package server_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server"
)

// What is planted about a person, each as nothing else in the service says it.
const (
	plantedPerson    = "pinfl-31704911234567"
	plantedName      = "Gulchehra Plantedova-Zzyzx"
	plantedContact   = "+998-90-7654321"
	plantedBirth     = "1991-04-17"
	plantedEvent     = "event-planted-e1"
	plantedNote      = "Plantednote about a neighbour"
	plantedSex       = "planted-sex-value"
	plantedEthnicity = "planted-ethnicity-value"
)

// everyRoute drives every route of the server, by each way of asking there is, with the planted person wherever a person fits, and
// gives the bytes of every answer to look.
func (s *service) everyRoute(assessment string, look func(who, route string, body []byte)) {
	s.Helper()
	fill := strings.NewReplacer(":person_id", plantedPerson, ":person", s.pageKey(plantedPerson), ":assessment_id", assessment, ":id", assessment,
		":step", "view", ":model_id", "georgia-parole", ":model", "georgia-parole", "*file", "style.css")
	askers := map[string]*http.Client{}
	for _, role := range tarozi.Roles {
		if role == tarozi.CaseSystem {
			continue
		}
		jar, err := cookiejar.New(nil)
		must(s, err)
		client := &http.Client{Jar: jar}
		form := url.Values{"login": {string(role) + "@" + agency}, "password": {password}}
		response, err := client.PostForm(s.url+"/sign-in", form)
		must(s, err)
		must(s, response.Body.Close())
		askers[string(role)] = client
	}
	askers["nobody"] = &http.Client{}
	askers["key"] = &http.Client{}
	bodies := []string{"", `{"person_id":"` + plantedPerson + `","note":"` + plantedNote + `"}`, history(plantedPerson), request(plantedPerson),
		`{"name":"` + plantedName, "person=" + plantedPerson + "&q=" + url.QueryEscape(plantedName) + "&reason=" + url.QueryEscape(plantedNote) + "&band=medium&objection=" + url.QueryEscape(plantedName)}
	for _, route := range s.server.Routes() {
		path := fill.Replace(route.Path)
		if strings.Contains(path, "/:") { // what else has an id
			parts := strings.Split(path, "/")
			for i, part := range parts {
				if strings.HasPrefix(part, ":") {
					parts[i] = plantedPerson
				}
			}
			path = strings.Join(parts, "/")
		}
		if path == "/sign-out" {
			continue
		}
		for who, client := range askers {
			sent := bodies
			if route.Method == http.MethodGet {
				sent = bodies[:1]
			}
			for _, body := range sent {
				query := ""
				if route.Method == http.MethodGet {
					query = "?q=" + url.QueryEscape(plantedName) + "&search=" + url.QueryEscape(plantedName) + "&cursor=" + plantedPerson
					if strings.Contains(path, "/people/") || strings.Contains(path, "/assessments/") {
						query = ""
					}
				}
				r, err := http.NewRequestWithContext(s.Context(), route.Method, s.url+path+query, strings.NewReader(body))
				must(s, err)
				if strings.HasPrefix(body, "{") {
					r.Header.Set("Content-Type", "application/json")
				} else if body != "" {
					r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				}
				if who == "key" {
					r.Header.Set("Authorization", "Bearer "+s.keys["system@"+agency])
				}
				response, err := client.Do(r)
				must(s, err)
				text, err := io.ReadAll(response.Body)
				must(s, err)
				must(s, response.Body.Close())
				look(who, fmt.Sprintf("%s %s (%d)", route.Method, route.Path, response.StatusCode), text)
			}
		}
	}
}

// spoil changes what is stored behind the service's back.
func (s *service) spoil(statement string) {
	s.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.path+"?_busy_timeout=5000&_txlock=immediate")
	must(s, err)
	defer db.Close()
	_, err = db.ExecContext(s.Context(), statement)
	must(s, err)
}

// planted stores the planted person, with everything, and gives the id of an assessment.
func (s *service) planted() string {
	s.Helper()
	created := s.call("POST", "/api/v1/assessments", request(plantedPerson, `"id":"e1"`, `"id":"`+plantedEvent+`","note":"`+plantedNote+`"`)).want(http.StatusCreated)
	command := scoring.Command(agency)
	_, err := s.scores.PutIdentities(s.Context(), command, []tarozi.Identity{{PersonID: plantedPerson, Name: plantedName, Contact: plantedContact}}, false)
	must(s, err)
	_, err = s.scores.PutProtected(s.Context(), command,
		[]tarozi.ProtectedAttributes{{PersonID: plantedPerson, Attributes: map[string]string{"sex": plantedSex, "ethnicity": plantedEthnicity}}}, false)
	must(s, err)
	return strings.TrimPrefix(created.header.Get("Location"), "/api/v1/assessments/")
}

// No page, call or export of any role carries a protected attribute, and no log line of the whole run says whom it was about.
func TestNothingPlantedIsCarriedOrLogged(t *testing.T) {
	s := start(t, func(c *server.Config, _ string) { // the walk asks for much that is not there
		c.Rates = server.DefaultRates
		c.Rates.Missing = server.Rate{PerSecond: 1e6, Burst: 1e6}
	})
	assessment := s.planted()
	asked, named := 0, false
	s.everyRoute(assessment, func(who, route string, body []byte) {
		asked++
		for _, secret := range []string{plantedSex, plantedEthnicity} {
			if bytes.Contains(body, []byte(secret)) {
				t.Errorf("%s by %s carries %s", route, who, secret)
			}
		}
		named = named || bytes.Contains(body, []byte(plantedName))
	})
	// Faults of the database are logged with their causes.
	for _, spoil := range []string{
		`UPDATE histories SET head = CAST('{"person_id":"` + plantedPerson + `","birth_date":"` + plantedName + `"}' AS BLOB)`,
		`UPDATE assessments SET document = CAST('{"id":"` + plantedName + `","as_of":"` + plantedName + `"}' AS BLOB)`,
		`UPDATE events SET document = CAST('{"id":"` + plantedEvent + `","at":"` + plantedName + `"}' AS BLOB)`,
		`UPDATE review_steps SET document = CAST('{"note":"` + plantedNote + `"}' AS BLOB)`,
		`UPDATE identities SET sealed = x'00'`,
	} {
		s.spoil(spoil)
		for _, path := range []string{"/api/v1/people/" + plantedPerson + "/assessments", "/api/v1/assessments/" + assessment, "/api/v1/assessments/" + assessment + "/replay"} {
			s.call("GET", path, "")
		}
		s.call("POST", "/api/v1/assessments", `{"person_id":"`+plantedPerson+`","as_of":"2026-11-01","purpose":"supervision"}`)
	}
	if asked < 200 || !named {
		t.Fatalf("%d requests were made, one of which showed the planted name: %v: the walk is broken", asked, named)
	}
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	faults := 0
	for _, line := range lines {
		if strings.Contains(line, "msg=fault") {
			faults++
		}
		for _, secret := range []string{plantedPerson, plantedName, "Plantedova", url.QueryEscape(plantedName), plantedContact, plantedBirth, plantedEvent,
			plantedNote, "Plantednote", plantedSex, plantedEthnicity} {
			if strings.Contains(line, secret) {
				t.Errorf("a line of the log has %q: %s", secret, line)
			}
		}
	}
	if len(lines) < asked/2 || faults == 0 {
		t.Errorf("%d lines of the log for %d requests, %d of faults: the test looks at the wrong place", len(lines), asked, faults)
	}
	t.Logf("%d requests to %d routes, %d lines of the log, %d of them faults", asked, len(s.server.Routes()), len(lines), faults)
}
