package pages

import (
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/web"
)

// The letter says only what was so: of an urgent case not that an own view came first, of a corrected score not that no such
// attribute was used.
func TestLetterSaysWhatWasSo(t *testing.T) {
	locales, err := web.Locales()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load(locales)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	p := &Pages{Deps: Deps{Now: func() time.Time { return now }, Zone: time.UTC}}
	view := &tarozi.PriorView{Band: tarozi.Medium}
	remedy := tarozi.Contribution{Feature: "calibration_by_sex", Remedy: "sex", Value: tarozi.Category("female"), Points: -0.03}
	for _, row := range []struct {
		name          string
		view          *tarozi.PriorView
		contributions []tarozi.Contribution
		viewText      string
		corrected     bool
	}{
		{"own view first, model alone", view, nil, "letter.decided.view_first", false},
		{"urgent", nil, nil, "letter.decided.urgent", false},
		{"corrected by sex", view, []tarozi.Contribution{remedy}, "letter.decided.view_first", true},
	} {
		for _, code := range catalogue.Locales() {
			l := catalogue.In(code)
			v := letterView{In: l}
			v.fill(p, &tarozi.Assessment{Purpose: tarozi.PurposeSupervision, Scores: []tarozi.Score{{Outcome: tarozi.Recidivism, Contributions: row.contributions}}},
				&tarozi.ReviewCase{Reviews: []tarozi.Review{{PriorView: row.view, Decision: tarozi.Agree, Band: tarozi.Low, ScoreBand: tarozi.Low, CreatedAt: now}}}, &tarozi.Agency{Name: "Probation", AnswerDays: 10})
			if want := l.Text(row.viewText); v.View != want {
				t.Errorf("%s, %s: the letter says %q, want %q", row.name, code, v.View, want)
			}
			if blind := v.Unused == l.Text("letter.unused.text"); blind == row.corrected {
				t.Errorf("%s, %s: the letter says %q", row.name, code, v.Unused)
			}
			if row.corrected && !strings.Contains(v.Unused, l.Group("sex=female")) {
				t.Errorf("%s, %s: %q does not name what was used", row.name, code, v.Unused)
			}
			if len(v.Raises)+len(v.Lowers) > 0 {
				t.Errorf("%s, %s: the correction stands among the reasons of the record", row.name, code)
			}
		}
	}
}
