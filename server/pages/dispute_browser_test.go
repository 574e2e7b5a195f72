//go:build browser

package pages_test

import (
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

func (s *site) axe() string {
	s.Helper()
	axe, err := os.ReadFile(checker)
	if err != nil {
		s.Fatalf("%v: install the checker with `npm ci --ignore-scripts --prefix server/pages/testdata/axe`", err)
	}
	return string(axe)
}

// sheets prints the page in view and counts its sheets of A4.
func (b *screen) sheets() int {
	b.Helper()
	printed, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	must(b, err)
	if !strings.HasPrefix(string(printed), "%PDF-") {
		b.Fatalf("%s: no PDF came of it", b.path())
	}
	return strings.Count(string(printed), "/Type /Page\n")
}

// From a score an officer opens a factor, disputes a record, has the person assessed anew, decides, and prints the letter, which is one
// sheet of A4 in every language. No page on the way has a fault that axe-core finds.
func TestBrowserDispute(t *testing.T) {
	s := start(t)
	axe := s.axe()
	path := s.assessed("officer0", &s.of("officer0")[0])
	officer, supervisor := s.screen(), s.screen()
	officer.signIn("officer0")
	officer.speak("en")
	supervisor.signIn("supervisor0")
	supervisor.speak("en")

	officer.check(path, "light", axe)
	links := evaluate[[]string](officer, `[...document.querySelectorAll('a[href*="/records?"]')].map(a => a.getAttribute('href'))`)
	evidence := ""
	for _, link := range links {
		officer.open(link)
		if evaluate[bool](officer, `document.querySelector('form[action*="/dispute"]') !== null`) {
			evidence = link
			break
		}
	}
	if evidence == "" {
		t.Fatalf("none of %d factors has a record that can be disputed", len(links))
	}
	for _, code := range languages {
		officer.speak(code)
		officer.check(evidence, "dark", axe)
	}
	officer.speak("en")
	officer.open(evidence)
	officer.do(chromedp.Click(chromedp.CSS(".evidence details summary")))
	officer.picture("dispute.png", "h1", 760, 620, 60_000)
	officer.enter("reason", "The person says that it was somebody else.")
	officer.choose("raised_by", "person")
	officer.follow(".evidence details[open] button")
	officer.says("rests on a record that was disputed after it")
	officer.check(path, "light", axe)

	officer.follow(`form[action$="/rescore"] button`)
	fresh := strings.Split(officer.path(), "?")[0]
	if fresh == path || !strings.HasPrefix(fresh, "/assessments/") {
		t.Fatalf("assessing again led to %s", fresh)
	}
	officer.choose("band", "medium", "reasons", "conduct")
	officer.follow("button.main")
	officer.chartSums()
	officer.says("What differs from last time", "What could change it")
	officer.check(fresh, "dark", axe)
	officer.choose("decision", "agree")
	officer.follow(`form[action$="/decision"] button.main`)
	for _, code := range languages {
		officer.speak("en")
		officer.check(fresh+"/letter?in="+code, "light", axe)
		if n := officer.sheets(); n != 1 {
			t.Errorf("the letter in %s takes %d sheets", code, n)
		}
	}
	officer.picture("letter.png", "article", 760, 1000, 60_000)

	person := s.at(s.of("officer0")[0].History.PersonID)
	for _, scheme := range []string{"light", "dark"} {
		supervisor.check(person, scheme, axe)
		supervisor.check(person+"/file", scheme, axe)
	}
	supervisor.says("What is known about you")
}

// Pages of the committee, of supervisors and of one's own account have no fault that axe-core finds, in every language.
func TestBrowserOtherRoles(t *testing.T) {
	s := start(t)
	axe := s.axe()
	s.sequence()
	s.administrator("officer0")
	for login, paths := range map[string][]string{
		"supervisor0":   {"/caseload", "/due", "/reviews", "/account", "/account/password"},
		"administrator": {"/agencies", "/agencies/" + s.actors["officer0"].AgencyID, "/accounts"},
		"oversight0":    {"/reviews", "/reports", "/models", "/models/georgia-parole", "/models/georgia-parole/decisions", "/audit"},
	} {
		b := s.screen()
		b.signIn(login)
		for i, code := range languages {
			b.speak(code)
			for _, path := range paths {
				t.Run(login+" "+code+" "+path, func(t *testing.T) {
					here := &screen{&site{T: t, url: s.url}, b.ctx}
					here.check(path, []string{"light", "dark"}[i%2], axe)
					if status := here.open(path); status != http.StatusOK {
						t.Errorf("answered with %d", status)
					}
				})
			}
		}
	}
}
