package server_test

import (
	"math"
	"net/http"
	"os"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// kinds are the test bundles of model/testdata/bundles with the method that explains them.
var kinds = map[string]string{
	"test-logistic": "linear", "test-boosted": "tree_shap_interventional", "test-forest": "tree_shap_interventional",
	"test-network": "shapley_exact", "test-wide-network": "shapley_sampled",
}

// Every kind of model answers by the API as the document says: the method named, contributions that sum to the score in both units and
// multiply to its odds, standard errors where they are estimates and nowhere else; replay, outlook and differences work.
func TestEveryKindByTheAPI(t *testing.T) {
	s := start(t)
	officer := s.reviewer(tarozi.Officer)
	for name, method := range kinds {
		t.Run(name, func(t *testing.T) {
			b, err := model.Load(os.DirFS("../model/testdata/bundles/" + name))
			must(t, err)
			_, err = s.scores.Install(t.Context(), b)
			must(t, err)
			must(t, s.scores.Move(t.Context(), "", b.SHA256, tarozi.ModelDemonstration))
			var made tarozi.Assessment
			for range 2 {
				a := s.call("POST", "/api/v1/assessments", replaced(request("person-"+name), `{"history"`, `{"model":"`+name+`","history"`)).want(http.StatusCreated)
				made = tarozi.Assessment{}
				must(t, json.Unmarshal(a.body, &made))
				at := "/api/v1/assessments/" + made.ID
				s.call("POST", at+"/own-views", ownView, officer...).want(http.StatusCreated)
				for _, what := range []string{"/outlook", "/differences"} {
					s.call("GET", at+what, "", officer...).want(http.StatusOK)
				}
				var replay struct {
					Same bool `json:"same"`
				}
				must(t, json.Unmarshal(s.call("GET", at+"/replay", "").want(http.StatusOK).body, &replay))
				if !replay.Same {
					t.Error("replay gives something else")
				}
			}
			if made.Model.SHA256 != b.SHA256 || len(made.Scores) < 2 {
				t.Fatalf("%d scores of model %s", len(made.Scores), made.Model.ID)
			}
			for i := range made.Scores {
				score := &made.Scores[i]
				if score.Method != method {
					t.Errorf("%s: explained by %s, want %s", score.Outcome, score.Method, method)
				}
				points, logOdds, odds, errors := score.Baseline, score.BaselineLogOdds, math.Exp(score.BaselineLogOdds), 0.0
				for _, c := range score.Contributions {
					points, logOdds, odds = points+c.Points, logOdds+c.LogOdds, odds*c.Odds
					errors += c.PointsError
					if c.Text == "" {
						t.Errorf("%s: %s has no words", score.Outcome, c.Feature)
					}
				}
				if math.Abs(points-score.Probability) > 1e-9 || math.Abs(logOdds-score.LogOdds) > 1e-9 {
					t.Errorf("%s: sums %v and %v, the score is %v and %v", score.Outcome, points, logOdds, score.Probability, score.LogOdds)
				}
				if want := score.Probability / (1 - score.Probability); math.Abs(odds/want-1) > 1e-6 {
					t.Errorf("%s: the odds multiply to %v, the score's are %v", score.Outcome, odds, want)
				}
				if (errors > 0) != (method == "shapley_sampled") {
					t.Errorf("%s: standard errors sum to %v", score.Outcome, errors)
				}
			}
		})
	}
}
