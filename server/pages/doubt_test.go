package pages_test

import (
	"net/http"
	"testing"
)

// Answers that contradict each other are asked about once, with what contradicts what; the same answers sent again are scored. Another
// contradiction is another question.
func TestContradictoryAnswersAreAskedAboutOnce(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	for _, row := range []struct{ name, field, value, says string }{
		{"more convictions than arrests", "prior_convictions_felony", "4", "The first is seldom more than the second."},
		{"a conviction without an arrest", "prior_conviction_violent", "true", "There is seldom a conviction without an arrest."},
		{"more of one kind than of all", "prior_arrests_drug", "5", "The first is seldom more than the second."},
		{"longer in custody than alive", "custody_days", "15000", "more days than the person has lived"},
	} {
		form := with(someone(), "token", row.field, "prior_arrests_misdemeanour", "0", "prior_arrests_violent", "0", row.field, row.value)
		asked := b.post("/assess", form).is(http.StatusUnprocessableEntity).has("these answers do not fit together", row.says, `href="#`+row.field)
		again := with(form, "doubted", asked.all(`name="doubted" value="([^"]+)"`)[0])
		if row.field == "prior_convictions_felony" {
			b.post("/assess", with(again, "prior_arrests_drug", "5")).is(http.StatusUnprocessableEntity).has(`href="#prior_arrests_drug`)
			b.post("/assess", with(again, row.field, "3")).is(http.StatusOK).lacks("do not fit together")
		}
		if made := b.post("/assess", again).is(http.StatusOK).lacks("do not fit together"); made.path == "/assess" {
			t.Errorf("%s: what was confirmed is not scored", row.name)
		}
	}
	b.post("/assess", with(someone(), "prior_convictions_felony", "3")).is(http.StatusOK).lacks("do not fit together")
	for _, code := range []string{"uz", "uz-Cyrl", "ru"} {
		b.speaking(code).post("/assess", with(someone(), "token", code, "prior_convictions_felony", "4")).is(http.StatusUnprocessableEntity).
			has(`id="doubts"`).lacks("⟦")
	}
}
