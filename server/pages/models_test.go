package pages_test

import (
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
	"github.com/tarozi/tarozi/scoring"
)

// With several models in use a score names its model wherever it stands, a demonstration is marked, and none hides what another said.
func TestSeveralModels(t *testing.T) {
	s := start(t)
	bundles, err := shipped()
	must(t, err)
	const demo = "monitoring-demo"
	for _, b := range bundles {
		if b.Card.ID == demo {
			must(t, s.scores.Move(t.Context(), "", b.SHA256, tarozi.ModelDemonstration))
		}
	}
	people := s.of("officer0")
	at := slices.IndexFunc(people, func(p datasets.Person) bool { return p.Purpose == tarozi.PurposeSupervision })
	p := people[at]
	person := s.at(p.History.PersonID)
	b := s.signedIn("officer0").speaking("en")

	t.Run("the officer chooses, nothing is chosen beforehand", func(t *testing.T) {
		choice := b.get(person+"/assess?purpose=supervision").is(http.StatusOK).has("model="+demo, "model="+scoring.DefaultModel).lacks("<form method=\"post\" action=\"" + person)
		choice.T = t
		b.get(person + "/assess?purpose=supervision&model=" + demo).is(http.StatusOK).has(`name="model" value="` + demo + `"`)
		b.get(person + "/assess?model=" + demo).is(http.StatusOK).has("purpose=supervision&amp;model=" + demo)
		b.get(person + "/assess?purpose=supervision&model=" + url.QueryEscape("no-such")).is(http.StatusOK).has("model=" + demo)
	})

	first := s.assessed("officer0", &p)
	a, err := s.scores.CreateFromStored(t.Context(), s.actors["officer0"], p.History.PersonID, p.AsOf, p.Purpose, demo, nil)
	must(t, err)
	second := "/assessments/" + a.ID
	for _, code := range languages {
		reader := s.signedIn("officer0").speaking(code)
		titles := map[string]string{}
		for _, m := range bundles {
			titles[m.Card.ID] = m.Card.Title[map[string]string{"uz": "uz", "ru": "ru", "en": "en"}[code]]
		}
		for _, path := range []string{"/caseload?show=all", "/caseload", person} {
			t.Run(code+path, func(t *testing.T) {
				page := reader.get(path)
				page.T = t
				page.is(http.StatusOK).has(first, second, titles[demo], titles[scoring.DefaultModel], `class="demonstration"`)
			})
		}
	}
	t.Run("what one model said waits for its review after the other's was reviewed", func(t *testing.T) {
		_, err := s.scores.LockView(t.Context(), s.actors["officer0"], a.ID, &tarozi.PriorView{Band: a.Scores[0].Band, Reasons: []tarozi.ReasonCode{"conduct"}}, nil)
		must(t, err)
		_, err = s.scores.Decide(t.Context(), s.actors["officer0"], a.ID, &tarozi.Review{Decision: tarozi.Agree}, nil)
		must(t, err)
		b.get("/caseload").is(http.StatusOK).has("1 assessment waits for your review", first, second)
	})
}
