//go:build browser

package pages_test

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// checker is what `npm ci` installs for accessibility.
const checker = "testdata/axe/node_modules/axe-core/axe.min.js"

// screen is a window of a real browser.
type screen struct {
	*site
	ctx context.Context
}

// screen opens a browser with cookies of its own.
func (s *site) screen() *screen {
	s.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(s.TempDir()),
		chromedp.Flag("disable-component-update", true))
	allocator, stop := chromedp.NewExecAllocator(s.Context(), options...)
	s.Cleanup(stop)
	ctx, leave := chromedp.NewContext(allocator)
	s.Cleanup(leave)
	b := &screen{s, ctx}
	b.do(chromedp.EmulateViewport(1280, 900))
	return b
}

func (b *screen) do(steps ...chromedp.Action[chromedp.Void]) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 60*time.Second)
	defer cancel()
	if b.ctx.Err() == nil && chromedp.FromContext(b.ctx).Target == nil {
		ctx = b.ctx // the first call starts the browser and must not carry a limit
	}
	must(b, chromedp.Do(ctx, steps...))
}

func evaluate[T any](b *screen, expression string, options ...chromedp.EvaluateOption) T {
	b.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, options...))
	must(b, err)
	return value
}

// open goes to a path and says with which status it was answered.
func (b *screen) open(path string) int {
	b.Helper()
	response, err := chromedp.Run(b.ctx, chromedp.NavigateResponse(b.url+path))
	must(b, err)
	return int(response.Status)
}

// follow clicks and waits for the page that it leads to.
func (b *screen) follow(selector string) {
	b.Helper()
	_, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector)))
	must(b, err)
}

func (b *screen) enter(fields ...string) {
	b.Helper()
	for i := 0; i < len(fields); i += 2 {
		b.do(chromedp.SendKeys(chromedp.CSS(`[name="`+fields[i]+`"]`), fields[i+1]))
	}
}

func (b *screen) signIn(login string) {
	b.Helper()
	b.open("/sign-in")
	b.enter("login", login, "password", password)
	b.follow("button.main")
}

func (b *screen) speak(code string) {
	b.Helper()
	b.open("/language?to=" + code + "&back=/about")
}

func (b *screen) path() string { return evaluate[string](b, `location.pathname + location.search`) }

// sums reads the numbers of the chart as a reader does, and gives their sum and the total beside them.
func (b *screen) sums() (sum, total int) {
	b.Helper()
	cells := evaluate[[]string](b, `[...document.querySelectorAll('.waterfall .w-points[data-baseline], .waterfall .w-points[data-points]')]
		.map(c => { const copy = c.cloneNode(true); copy.querySelectorAll('.hidden').forEach(h => h.remove()); return copy.textContent.trim() })`)
	if len(cells) < 3 {
		b.Fatalf("the chart has the numbers %v", cells)
	}
	for _, cell := range cells {
		sum += b.figure(cell)
	}
	return sum, b.figure(evaluate[string](b, `document.querySelector('.waterfall [data-total]').textContent.trim()`))
}

// figure reads a number as the pages write it; one with a decimal counts tenths.
func (b *screen) figure(text string) int {
	b.Helper()
	n, err := strconv.Atoi(strings.NewReplacer("−", "-", "+", "", ".", "", ",", "").Replace(text))
	must(b, err)
	return n
}

func (b *screen) chartSums() {
	b.Helper()
	sum, total := b.sums()
	heading := b.figure(evaluate[string](b, `document.querySelector('h1 .number').textContent`))
	if sum != total || heading != total {
		b.Errorf("%s: the chart's numbers sum to %d, the total says %d, the heading %d", b.path(), sum, total, heading)
	}
}

// An officer signs in, types in a new person, reads the score, changes the language and prints; an officer of another agency is
// refused.
func TestBrowserOfficer(t *testing.T) {
	s := start(t)
	b := s.screen()
	b.signIn("officer0")
	b.speak("en")
	b.open("/caseload")
	b.follow(`a[href="/assess"]`)
	b.follow(`a[href="/assess?purpose=supervision"]`)
	b.enter("name", "Aziz Rahimov", "born-day", "27", "born-month", "3", "born-year", "1999", "from-day", "2", "from-month", "11", "from-year", "2026",
		"dependents", "1", "intake_risk_score", "6", "custody_days", "420", "prior_arrests_felony", "4", "prior_arrests_misdemeanour", "3",
		"prior_arrests_violent", "1", "prior_arrests_property", "2", "prior_convictions_felony", "1", "prior_convictions_property", "1")
	for _, choice := range []string{"kind-1", "gang_affiliation-1", "education-0", "supervision_level_first-0", "sentence_offence-2",
		"condition_treatment-1", "prior_arrest_weapon-1", "prior_conviction_violent-1", "prior_revocation_parole-1"} {
		b.do(chromedp.Click(chromedp.CSS("#" + choice)))
	}
	b.follow("button.main")
	score := b.path()
	if !strings.HasPrefix(score, "/assessments/") {
		t.Fatalf("the form led to %s: %s", score, evaluate[string](b, `document.querySelector('main').innerText`))
	}
	if evaluate[bool](b, `document.querySelector('[data-total]') !== null`) {
		t.Error("the score is shown before the officer's own view")
	}
	b.do(chromedp.Click(chromedp.CSS(`[name="band"][value="medium"]`)), chromedp.Click(chromedp.CSS(`[name="reasons"][value="conduct"]`)))
	b.enter("note", "Comes to every contact and looks for work.")
	b.follow("button.main")
	b.chartSums()

	b.picture("score-page.png", "body", 1280, 1840, 200_000)

	for _, code := range []string{"ru", "uz"} {
		b.follow(`.languages [lang="` + code + `"]`)
		if got := evaluate[string](b, `document.documentElement.lang`); got != code || strings.Split(b.path(), "#")[0] != score {
			t.Errorf("after the switch to %s the page is %s in %s", code, b.path(), got)
		}
		b.chartSums()
	}
	b.follow(`a[href*="/print"]`)
	sheet, err := chromedp.Run(b.ctx, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	must(t, err)
	if len(sheet) < 10_000 || !strings.HasPrefix(string(sheet), "%PDF-") {
		t.Errorf("the printed sheet has %d bytes", len(sheet))
	}
	if pages := strings.Count(string(sheet), "/Type /Page\n"); pages > 3 {
		t.Errorf("the printed sheet has %d pages", pages)
	}

	stranger := s.screen()
	stranger.signIn("officer1")
	for _, path := range []string{score, score + "/print", s.at(s.of("officer0")[0].History.PersonID)} {
		if status := stranger.open(path); status != http.StatusNotFound {
			t.Errorf("another agency's officer opened %s: status %d", path, status)
		}
	}
}

// A fault is found by keyboard alone: the summary has the focus, its link leads to the field.
func TestBrowserKeyboard(t *testing.T) {
	s := start(t)
	b := s.screen()
	b.signIn("officer0")
	b.speak("en")
	b.open("/assess?purpose=supervision")
	press := func(key, code string, number int64) {
		t.Helper()
		b.do(chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
				event := input.DispatchKeyEventParams{Type: kind, Key: key, Code: code, WindowsVirtualKeyCode: number}
				if key == "Enter" && kind == input.DispatchKeyEventTypeKeyDown {
					event.Text = "\r"
				}
				if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, event); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	press("Tab", "Tab", 9)
	if got := evaluate[string](b, `document.activeElement.className`); got != "skip" {
		t.Errorf("the first stop of the keyboard is %q, not the skip link", got)
	}
	b.do(chromedp.SendKeys(chromedp.CSS(`[name="name"]`), "Aziz"))
	_, err := chromedp.RunResponse(b.ctx, chromedp.Func(func(context.Context, *chromedp.Target) error { press("Enter", "Enter", 13); return nil }))
	must(t, err)
	b.becomes(`document.documentElement.lang + ' ' + document.activeElement.id`, "en faults")
	press("Tab", "Tab", 9)
	press("Enter", "Enter", 13)
	b.becomes(`location.hash`, "#born-year")
}

// becomes waits for an expression to have a value: browsers move the focus with the next frame.
func (b *screen) becomes(expression, want string) {
	b.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](`(`+expression+`) === '`+want+`'`, chromedp.WithPollingTimeout(5*time.Second)))
	if err != nil {
		b.Errorf("%s is %q, not %q: %v", expression, evaluate[string](b, expression), want, err)
	}
}

// Every page fits 360 px and 320 px (400 % of 1280), asks nobody else for anything, and has no fault that axe-core finds, in light
// and dark, in every language.
func TestBrowserEveryPage(t *testing.T) {
	s := start(t)
	axe := s.axe()
	people := s.of("officer0")
	person := s.at(people[0].History.PersonID)
	score := s.assessed("officer0", &people[0])
	own, err := s.scores.CreateFromStored(s.Context(), s.actors["officer0"], people[1].History.PersonID, people[1].AsOf, people[1].Purpose, "", nil)
	must(t, err)
	paths := []string{"/sign-in", "/about", "/caseload", "/caseload?show=all", "/due", "/reviews", "/assess", "/assess?purpose=supervision", person, person + "/assess?purpose=supervision",
		"/assessments/" + own.ID, score, score + "?outcome=violation", score + "/print", "/models", "/models/georgia-parole", "/no/such/page",
		"/audit", "/audit?account=officer0&from-day=40"}
	s.sequence()
	b, stranger, auditor := s.screen(), s.screen(), s.screen()
	b.signIn("officer0")
	auditor.signIn("oversight0")
	for _, scheme := range []string{"light", "dark"} {
		for _, code := range languages {
			b.speak(code)
			stranger.speak(code)
			auditor.speak(code)
			for _, path := range paths {
				t.Run(scheme+" "+code+" "+path, func(t *testing.T) {
					window := b
					if path == "/sign-in" {
						window = stranger
					} else if strings.HasPrefix(path, "/audit") {
						window = auditor
					}
					(&screen{&site{T: t, url: s.url}, window.ctx}).check(path, scheme, axe)
				})
			}
		}
	}
}

func (b *screen) check(path, scheme, axe string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(b, err)
	for _, width := range []int64{1280, 360, 320} {
		b.do(chromedp.EmulateViewport(width, 900))
		if width == 1280 && path != "" { // else the page in view, which a form has led to
			b.open(path)
		}
		if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			b.Errorf("at %d px the page is %d px too wide: %s", width, over, evaluate[string](b, `(found => found ? found.outerHTML.slice(0, 200) : '')(
				[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth && !e.closest('.scroll')).at(-1))`))
		}
	}
	b.do(chromedp.EmulateViewport(1280, 900))
	for _, asked := range evaluate[[]string](b, `performance.getEntriesByType('resource').map(e => e.name)`) {
		if !strings.HasPrefix(asked, b.url+"/static/") {
			b.Errorf("the page asks for %s", asked)
		}
	}
	evaluate[bool](b, axe+`;true`)
	found := evaluate[[]string](b, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})
		.then(r => r.violations.map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html.slice(0, 160) + ' | ' + n.failureSummary).join(' ; ')))`,
		chromedp.EvalAwaitPromise)
	for _, fault := range found {
		b.Errorf("%s", fault)
	}
}
