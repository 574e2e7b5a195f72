package pages

import (
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/server/web"
)

// A score is said to a decimal where whole people would put it on the other side of a cut, and nowhere else; heading, chart and scale
// then say the same number.
func TestScoreBesideACut(t *testing.T) {
	texts, err := web.Locales()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load(texts)
	if err != nil {
		t.Fatal(err)
	}
	l := catalogue.In("en")
	served := &model.ScoreCard{Bands: []model.BandCut{{Band: tarozi.Low, Below: 0.18}, {Band: tarozi.Medium, Below: 0.353}, {Band: tarozi.High, Below: 1}}}
	months := 12
	for _, row := range []struct {
		name        string
		probability float64
		number      string
	}{
		{"below the cut, rounded onto it", 0.176, "17.6"},
		{"on the cut", 0.18, "18"},
		{"above the cut", 0.184, "18"},
		{"below the cut and not rounded onto it", 0.174, "17"},
		{"below a cut that is said rounded itself", 0.349, "34.9"},
		{"above that cut, rounded onto it", 0.354, "35"},
		{"far from both", 0.256, "26"},
	} {
		s := &tarozi.Score{Outcome: tarozi.Recidivism, HorizonMonths: &months, Probability: row.probability, Baseline: 0.3,
			Contributions: []tarozi.Contribution{{Feature: "prior_arrests_felony", Value: tarozi.Number(2), Points: row.probability - 0.3}}}
		said := sentenceOf(l, s, served)
		w := waterfallOf(l, s, inTenths(s, served), nil, func(*tarozi.Contribution) string { return "" })
		scale := bandScaleOf(l, served, s)
		if said.Number != row.number || w.To != row.number || scale.Value != row.number {
			t.Errorf("%s: the heading says %q, the chart %q, the scale %q; want %q", row.name, said.Number, w.To, scale.Value, row.number)
		}
		if about := strings.Contains(said.Before, "about"); about != strings.Contains(row.number, ".") {
			t.Errorf("%s: begins with %q", row.name, said.Before)
		}
		if w.Baseline+w.Rows[0].Points != w.Total {
			t.Errorf("%s: %d and %d do not sum to %d", row.name, w.Baseline, w.Rows[0].Points, w.Total)
		}
		if w.Rows[0].Points < 0 && w.Rows[0].Because == "" {
			t.Errorf("%s: the row does not say why it lowers", row.name)
		}
	}
}
