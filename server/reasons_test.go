package server_test

import (
	"encoding/json"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/tarozi/tarozi"
)

// The API says what could change a score and what differs from last time, to those who may see it, as the document has it.
func TestReasonsByTheAPI(t *testing.T) {
	sent, err := os.ReadFile(filepath.Join("testdata", "request.json"))
	must(t, err)
	s := start(t)
	var made struct {
		ID     string
		Scores []struct {
			Contributions []struct {
				Odds    float64 `json:"odds"`
				LogOdds float64 `json:"log_odds"`
			}
		}
	}
	officer := s.reviewer(tarozi.Officer)
	path := func(id, what string) string { return "/api/v1/assessments/" + id + "/" + what }
	for i := range 2 {
		must(t, json.Unmarshal(s.call("POST", "/api/v1/assessments", string(sent)).want(http.StatusCreated).body, &made))
		s.call("GET", path(made.ID, "outlook"), "", officer...).want(http.StatusForbidden)
		s.call("GET", path(made.ID, "differences"), "", officer...).want(http.StatusForbidden)
		s.call("POST", path(made.ID, "own-views"), ownView, officer...).want(http.StatusCreated)
		var compared struct {
			Earlier     *struct{ ID string }
			Differences []struct{ Points float64 }
		}
		must(t, json.Unmarshal(s.call("GET", path(made.ID, "differences"), "", officer...).want(http.StatusOK).body, &compared))
		if (compared.Earlier != nil) != (i == 1) || i == 1 && len(compared.Differences) != len(made.Scores) {
			t.Errorf("assessment %d is compared with %+v", i, compared)
		}
		var outlook struct{ Outlooks []any }
		must(t, json.Unmarshal(s.call("GET", path(made.ID, "outlook"), "", officer...).want(http.StatusOK).body, &outlook))
		if len(outlook.Outlooks) != len(made.Scores) {
			t.Errorf("%d outlooks for %d scores", len(outlook.Outlooks), len(made.Scores))
		}
	}
	for _, c := range made.Scores[0].Contributions {
		if math.Abs(math.Log(c.Odds)-c.LogOdds) > 1e-12 {
			t.Errorf("the odds are multiplied by %v with log-odds %v", c.Odds, c.LogOdds)
		}
	}
}
