//go:build browser

package pages_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// choose clicks radio buttons and boxes, given by name and value.
func (b *screen) choose(choices ...string) {
	b.Helper()
	for i := 0; i < len(choices); i += 2 {
		b.do(chromedp.Click(chromedp.CSS(`[name="` + choices[i] + `"][value="` + choices[i+1] + `"]`)))
	}
}

func (b *screen) says(texts ...string) {
	b.Helper()
	page := evaluate[string](b, `document.querySelector('main').innerText`)
	for _, text := range texts {
		if !strings.Contains(page, text) {
			b.Errorf("%s does not say %q", b.path(), text)
		}
	}
}

// A review from beginning to end in two browsers: own view, score, override, second signature, objection, answer, new assessment;
// each page on the way has no fault that axe-core finds.
func TestBrowserReview(t *testing.T) {
	s := start(t)
	axe := s.axe()
	path := unseen(s)
	officer, supervisor := s.screen(), s.screen()
	officer.signIn("officer0")
	officer.speak("en")
	supervisor.signIn("supervisor0")
	supervisor.speak("en")

	officer.check(path, "light", axe)
	if n := evaluate[int](officer, `document.querySelectorAll('main input:checked').length`); n != 0 {
		t.Errorf("%d answers are chosen beforehand", n)
	}
	officer.follow("button.main")
	officer.becomes(`document.activeElement.className`, "summary")
	officer.choose("band", "low", "reasons", "attendance")
	officer.enter("people_of_100", "20")
	officer.picture("own-view.png", "h1", 760, 900, 60_000)
	officer.follow("button.main")
	officer.chartSums()
	officer.says("Own view, before the score: low, 20 of 100")

	officer.check(path, "dark", axe)
	if n := evaluate[int](officer, `document.querySelectorAll('.review input:checked').length`); n != 0 {
		t.Errorf("%d decisions are chosen beforehand", n)
	}
	decision, band := "override_up", "high"
	if strings.Contains(evaluate[string](officer, `document.querySelector('#band').innerText`), "high") {
		decision, band = "override_down", "low"
	}
	officer.choose("decision", decision, "band", band, "reason_code", "recent_change")
	officer.enter("reason", "He lost his flat and his work in the same week.")
	officer.picture("override.png", ".review", 760, 900, 60_000)
	officer.follow(`form[action$="/decision"] button.main`)
	officer.says("waiting for a second signature", "He lost his flat")

	supervisor.open("/caseload")
	supervisor.says("1 decision waits for your signature")
	supervisor.follow(".waiting a")
	supervisor.check(path, "light", axe)
	supervisor.choose("verdict", "approve")
	supervisor.picture("countersign.png", ".review", 760, 900, 60_000)
	supervisor.follow(`form[action$="/countersignature"] button.main`)
	supervisor.says("Second signature: confirmed", "reviewed")

	officer.open(path)
	officer.do(chromedp.Click(chromedp.CSS(".review details summary")))
	officer.choose("raised_by", "person")
	officer.enter("objection", "I was at work that day.")
	officer.follow(`form[action$="/challenge"] button`)
	officer.says("I was at work that day.", "The answer is due by 8 December 2026")
	supervisor.check("/caseload", "light", axe)
	supervisor.says("1 objection waits for an answer", "The answer is due by 8 December 2026")

	supervisor.check(path, "dark", axe)
	supervisor.choose("result", "upheld", "consequence", "reassess")
	supervisor.enter("answer", "Your employer has confirmed it.")
	supervisor.follow(`form[action$="/answer"] button.main`)
	supervisor.says("Answer to the objection: upheld")

	officer.open("/caseload")
	officer.follow(`a[href="/due"]`)
	officer.says("1 person should be assessed again", "an objection was upheld")
	officer.follow("td.do a")
	if !strings.HasSuffix(strings.Split(officer.path(), "?")[0], "/assess") {
		t.Errorf("the list leads to %s", officer.path())
	}
	for _, who := range []*screen{officer, supervisor} {
		who.check("/reviews", "light", axe)
	}
}
