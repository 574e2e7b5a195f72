package pages_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// heaviest is the largest page, in bytes before compression.
const heaviest = 60_000

var languages = []string{"uz", "uz-Cyrl", "ru", "en"}

// Every page in every language: no text is missing, nothing is inlined that the content policy forbids, no id stands twice, the
// title tells nothing about a person, and the page is light.
func TestEveryPageInEveryLanguage(t *testing.T) {
	s := start(t)
	paths := []string{"/about", "/caseload", "/caseload?show=never_assessed", "/caseload?show=all", "/caseload?q=zzz", "/due", "/reviews", "/assess",
		"/assess?purpose=supervision", "/assess?purpose=release", "/models", "/models/georgia-parole", "/no/such/page", "/people/absent"}
	for i, p := range s.of("officer0")[:4] {
		person := s.at(p.History.PersonID)
		paths = append(paths, person, person+"?record=all", person+"/assess", person+"/assess?purpose=supervision")
		if i < 3 {
			score := s.assessed("officer0", &p)
			paths = append(paths, score, score+"?outcome=violation", score+"/print")
		}
	}
	last := s.of("officer0")[3]
	own, err := s.scores.CreateFromStored(s.Context(), s.actors["officer0"], last.History.PersonID, last.AsOf, last.Purpose, "", nil)
	must(t, err)
	paths = append(paths, "/assessments/"+own.ID)
	for _, code := range languages {
		b := s.signedIn("officer0").speaking(code)
		for _, path := range paths {
			t.Run(code+path, func(t *testing.T) {
				p := b.get(path)
				p.T = t
				p.has(`<html lang="`+code+`">`).lacks("⟦", "<no value>", "<script", " style=", " onclick=", "http://", "https://", "ZgotmplZ")
				if p.status >= 500 {
					t.Errorf("status %d", p.status)
				}
				if len(p.html) > heaviest && !strings.Contains(path, "record=all") {
					t.Errorf("%d bytes: a page is at most %d", len(p.html), heaviest)
				}
				if n := len(p.all(`<h1[ >](.)`)); n != 1 {
					t.Errorf("%d first headings", n)
				}
				seen := map[string]bool{}
				for _, id := range p.all(` id="([^"]+)"`) {
					if seen[id] {
						t.Errorf("the id %s stands twice", id)
					}
					seen[id] = true
				}
				for _, label := range p.all(` (?:aria-labelledby|aria-describedby|for)="([^"]+)"`) {
					if !seen[label] {
						t.Errorf("nothing has the id %s", label)
					}
				}
				title := strings.Join(p.all(`<title>([^<]*)`), "")
				for _, person := range s.people {
					if strings.Contains(html.UnescapeString(title), person.Identity.Name) || strings.Contains(title, person.History.PersonID) {
						t.Errorf("the title %q names a person", title)
					}
				}
			})
		}
	}
}

func TestSignIn(t *testing.T) {
	s := start(t)
	b := s.browser()
	first := b.get("/caseload?show=all").is(http.StatusOK)
	if !strings.HasPrefix(first.path, "/sign-in?back=") {
		t.Errorf("whoever is not signed in was led to %s", first.path)
	}
	b.post("/sign-in", url.Values{"login": {"officer0"}, "password": {"wrong"}}).is(http.StatusUnauthorized).has(`value="officer0"`, `role="alert"`)
	if p := b.post("/sign-in", url.Values{"login": {"officer0"}, "password": {password}, "back": {"//evil.example/"}}); !strings.HasPrefix(p.path, "/caseload") {
		t.Errorf("back to another site led to %s", p.path)
	}
	b.post("/sign-out", nil).is(http.StatusOK)
	if p := b.get("/caseload"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("after signing out %s was shown", p.path)
	}
}

func TestCaseload(t *testing.T) {
	s := start(t)
	mine, theirs := s.of("officer0"), s.of("officer1")
	b := s.signedIn("officer0").speaking("en")
	all := b.get("/caseload?show=all").is(http.StatusOK)
	for _, p := range mine {
		all.has(s.at(p.History.PersonID))
	}
	for _, p := range theirs {
		all.lacks(s.at(p.History.PersonID) + `"`)
	}
	t.Run("who has not been assessed comes first", func(t *testing.T) {
		b.get("/caseload").is(http.StatusOK).has(fmt.Sprintf("%d people have not been assessed yet", len(mine)))
		s.assessed("officer0", &mine[0])
		b.get("/caseload").is(http.StatusOK).has("1 assessment waits for your review", s.at(mine[0].History.PersonID))
	})
	t.Run("a name is found in either script", func(t *testing.T) {
		_, err := s.scores.PutIdentities(s.Context(), s.actors["officer0"], []tarozi.Identity{{PersonID: mine[1].History.PersonID, Name: "Shoyusuf Gʻulomov"}}, false)
		must(t, err)
		for _, typed := range []string{"Шоюсуф", "gʻulomov shoyusuf", "G'ulomov", "Ғуломов"} {
			found := b.post("/caseload", url.Values{"q": {typed}}).is(http.StatusOK)
			if got := found.all(`<th scope="row"><a href="/people/([^"]+)"`); !slices.Equal(got, []string{strings.TrimPrefix(s.at(mine[1].History.PersonID), "/people/")}) {
				t.Errorf("%q found %v", typed, got)
			}
		}
	})
}

// Another agency's people and assessments are absent.
func TestOtherAgencySeesNothing(t *testing.T) {
	s := start(t)
	p := s.of("officer0")[0]
	score := s.assessed("officer0", &p)
	stranger := s.signedIn("officer1")
	for _, path := range []string{s.at(p.History.PersonID), s.at(p.History.PersonID) + "/assess?purpose=supervision", score, score + "/print"} {
		stranger.get(path).is(http.StatusNotFound).lacks(p.Identity.Name)
	}
	stranger.post(s.at(p.History.PersonID)+"/assess", url.Values{"purpose": {"supervision"}}).is(http.StatusNotFound)
	committee := s.signedIn("oversight0")
	for _, path := range []string{"/caseload", s.at(p.History.PersonID), score, "/assess?purpose=supervision"} {
		committee.get(path).is(http.StatusForbidden).lacks(html.EscapeString(p.Identity.Name))
	}
	committee.get("/models/georgia-parole").is(http.StatusOK)
}

// The numbers of the chart sum to the number shown, in every language and for every score.
func TestChartSums(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	people := s.of("officer0")
	for i := range people {
		path := s.assessed("officer0", &people[i])
		for _, link := range append([]string{path}, b.get(path).all(`href="(/assessments/[^"/]+(?:/print)?\?outcome=[^"]+)"`)...) {
			p := b.get(html.UnescapeString(link)).is(http.StatusOK)
			if points := p.all(`data-points="(-?\d+)"`); slices.Contains(points[:len(points)-1], "0") {
				t.Errorf("%s: a factor of nothing is shown by itself: %v", link, points)
			}
			sum := 0
			for _, n := range append(p.all(`data-baseline="(\d+)"`), p.all(`data-points="(-?\d+)"`)...) {
				number, err := strconv.Atoi(n)
				must(t, err)
				sum += number
			}
			if total := p.all(`data-total="(\d+)"`); len(total) != 1 || total[0] != strconv.Itoa(sum) {
				t.Errorf("%s: baseline and factors sum to %d, the total says %v", link, sum, total)
			}
			number := p.all(`<h1[^>]*>.*<b class="number">([\d.]+)</b>`)
			if !strings.HasSuffix(p.path, "/print") && (len(number) == 0 || strings.Replace(number[0], ".", "", 1) != strconv.Itoa(sum)) {
				t.Errorf("%s: the heading says %v, the chart %d", link, number, sum)
			}
		}
	}
}

// someone is a new person as an officer would type them.
func someone() url.Values {
	return url.Values{"purpose": {"supervision"}, "token": {"t-1"}, "name": {"Aziz Rahimov"}, "register": {""},
		"born-day": {"27"}, "born-month": {"3"}, "born-year": {"1990"},
		"from-day": {"1"}, "from-month": {"11"}, "from-year": {"2026"}, "kind": {"probation"},
		"prior_arrests_felony": {"3"}, "education": {"secondary"}, "gang_affiliation": {"false"}}
}

func with(form url.Values, pairs ...string) url.Values {
	changed := maps.Clone(form)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = []string{pairs[i+1]}
	}
	return changed
}

func TestNewPersonIsAssessed(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	made := b.post("/assess", someone()).is(http.StatusOK).has("Aziz Rahimov", "within 12 months")
	b.opened(made).has("Aziz Rahimov", "within 12 months", "data-total")
	again := b.post("/assess", someone()).is(http.StatusOK)
	if made.path != again.path {
		t.Errorf("the same form sent twice gave two assessments: %s and %s", made.path, again.path)
	}
	other := b.post("/assess", with(someone(), "token", "t-2")).is(http.StatusOK)
	if made.path == other.path {
		t.Error("another form gave the same assessment")
	}
	person := b.get(made.all(`href="(/people/[^"?/]+)"`)[0]).is(http.StatusOK)
	person.has("Aziz Rahimov", "Earlier arrests for serious crimes: 3", "27 March 1990", "an officer’s form")
	t.Run("and again, with what is known filled in", func(t *testing.T) {
		path := strings.TrimSuffix(person.path, "/") + "/assess?purpose=supervision"
		form := b.get(path).is(http.StatusOK).has(`name="prior_arrests_felony" value="3"`, `value="secondary" checked`, "From the register, stated on 23 November 2026.")
		form.lacks(`name="born-day"`, `name="from-day"`)
		token := form.all(`name="token" value="([^"]+)"`)[0]
		changed := url.Values{"purpose": {"supervision"}, "token": {token}, "prior_arrests_felony": {"4"}, "education": {"secondary"}, "gang_affiliation": {"false"}}
		b.opened(b.post(person.path+"/assess", changed)).has("Earlier arrests for serious crimes: 4")
		b.get(person.path).has("Earlier arrests for serious crimes: 4", "Earlier arrests for serious crimes: 3")
	})
}

func TestBeforeRelease(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	form := url.Values{"purpose": {"release"}, "token": {"t"}, "born-year": {"1990"}, "imposed-day": {"1"}, "imposed-month": {"6"}, "imposed-year": {"2024"},
		"release-day": {"1"}, "release-month": {"2"}, "release-year": {"2027"}, "prior_arrests_felony": {"1"}}
	score := b.opened(b.post("/assess", form)).has("before a planned release", "Only the year of birth is known")
	underHeadline := regexp.MustCompile(`</h1>\s*<p class="unscored">\d+ inputs of the model are unknown: the score says little`)
	for _, p := range []*page{score, b.get(score.path + "/print").is(http.StatusOK)} {
		if !underHeadline.MatchString(p.html) {
			t.Errorf("%s does not say under its headline how much is unknown", p.path)
		}
	}
	b.post("/assess", with(form, "release-year", "2026")).is(http.StatusUnprocessableEntity).has("This day has passed")
}

// What the form shows is what is scored, also where the sentence that the officer dates is not the register's.
func TestReleaseFormScoresWhatItShows(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	who := s.actors["officer0"]
	days := 1023
	history := &tarozi.CaseHistory{PersonID: "held-1", AgencyID: who.AgencyID, BirthDate: tarozi.Date{Year: 1990, Month: 4, Day: 2},
		Sentences: []tarozi.Sentence{{ImposedOn: tarozi.Date{Year: 2021, Month: 7, Day: 30}, Type: tarozi.SentenceCustody, Offence: tarozi.OffenceProperty, CustodyDays: &days}},
		Facts:     []tarozi.Fact{{Feature: "prior_arrests_felony", Value: tarozi.Number(2), AsOf: tarozi.Date{Year: 2021, Month: 7, Day: 30}, Status: tarozi.Verified}}}
	must(t, s.scores.PutHistory(t.Context(), who, history, nil))
	b.get(s.at("held-1")+"/assess?purpose=release").has(`name="imposed-day" value="30"`, `name="custody_days" value="1023"`, `value="property" checked`)
	for name, imposed := range map[string][3]string{"the register's sentence": {"30", "7", "2021"}, "another sentence": {"5", "5", "2024"}} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"purpose": {"release"}, "token": {name}, "imposed-day": {imposed[0]}, "imposed-month": {imposed[1]}, "imposed-year": {imposed[2]},
				"release-day": {"1"}, "release-month": {"3"}, "release-year": {"2027"},
				"prior_arrests_felony": {"2"}, "sentence_offence": {"property"}, "custody_days": {"1023"}}
			b.post(s.at("held-1")+"/assess", form).is(http.StatusOK)
			made, err := s.scores.AssessmentsOf(t.Context(), who, "held-1", scoring.Page{Limit: 1})
			must(t, err)
			in, err := s.scores.Inputs(t.Context(), who, made[0].ID)
			must(t, err)
			for _, v := range in.Values {
				if v.Feature == "sentence_offence" && v.Value != tarozi.Category("property") || v.Feature == "custody_days" && v.Value != tarozi.Number(1023) {
					t.Errorf("%s is scored as %v", v.Feature, v.Value)
				}
			}
		})
	}
}

// Each number of people belongs to one band.
func TestBandsOfTheCardDoNotOverlap(t *testing.T) {
	s := start(t)
	for code, want := range map[string][]string{
		"en":      {">under 18<", ">18 to under 46<", ">46 and over<"},
		"ru":      {">меньше 18<", ">от 18, но меньше 46<", ">46 и больше<"},
		"uz":      {">18 dan kam<", ">kamida 18, lekin 46 dan kam<", ">46 va undan koʻp<"},
		"uz-Cyrl": {">18 дан кам<", ">камида 18, лекин 46 дан кам<", ">46 ва ундан кўп<"},
	} {
		t.Run(code, func(t *testing.T) {
			s.signedIn("officer0").speaking(code).get("/models/georgia-parole").is(http.StatusOK).has(want...).lacks(">0–18<", ">18–46<")
		})
	}
}

// What there is no score without is marked in words, and nothing else is.
func TestFormMarksWhatIsNeeded(t *testing.T) {
	s := start(t)
	for purpose, want := range map[string][]string{
		"supervision": {"born", "from", "kind", "prior_arrests_felony"},
		"release":     {"born", "imposed", "release", "prior_arrests_felony"},
	} {
		for code, word := range map[string]string{"uz": "(majburiy)", "uz-Cyrl": "(мажбурий)", "ru": "(обязательно)", "en": "(needed)"} {
			t.Run(purpose+" in "+code, func(t *testing.T) {
				p := s.signedIn("officer0").speaking(code).get("/assess?purpose=" + purpose).is(http.StatusOK)
				got := p.all(`(?:id|for)="([a-z_]+?)(?:-label)?">[^<]* <span class="needed">` + regexp.QuoteMeta(word) + `</span></`)
				if !slices.Equal(got, want) {
					t.Errorf("marked are %v, want %v", got, want)
				}
			})
		}
	}
}

// Every fault names its field, links to it, and leaves what was typed.
func TestFaultsOfTheForm(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	taken := s.of("officer0")[0].History.PersonID
	elsewhere := s.of("officer1")[0].History.PersonID
	for _, row := range []struct {
		name, field string
		change      []string
		want        string
		kept        string
	}{
		{"a count that is no number", "prior_arrests_felony", []string{"prior_arrests_felony", "many"}, "Enter a whole number between 0 and 500", `value="many"`},
		{"a count out of range", "prior_arrests_felony", []string{"prior_arrests_felony", "501"}, "between 0 and 500", `value="501"`},
		{"a fraction", "dependents", []string{"dependents", "1.5"}, "Enter a whole number", `value="1.5"`},
		{"NaN", "dependents", []string{"dependents", "NaN"}, "Enter a whole number", `value="NaN"`},
		{"a number beyond all", "dependents", []string{"dependents", "1e999"}, "Enter a whole number", `value="1e999"`},
		{"what the model needs", "prior_arrests_felony", []string{"prior_arrests_felony", ""}, "without it there is no score", `value="27"`},
		{"no date of birth", "born-year", []string{"born-day", "", "born-month", "", "born-year", ""}, "Enter the date of birth", ``},
		{"a day that does not exist", "born-year", []string{"born-day", "30", "born-month", "2"}, "This date does not exist", `value="30"`},
		{"a year too short", "from-day", []string{"from-year", "26"}, "as numbers", `value="26"`},
		{"half a date", "from-day", []string{"from-month", ""}, "as numbers", `value="2026"`},
		{"a day ahead", "from-day", []string{"from-year", "2027"}, "This day lies ahead", `value="2027"`},
		{"born too lately", "born-year", []string{"born-year", "2020"}, "Enter a year between", `value="2020"`},
		{"no kind", "kind-0", []string{"kind", ""}, "Choose the kind of supervision", ``},
		{"a kind that is not offered", "kind-0", []string{"kind", "galley"}, "Choose the kind", ``},
		{"a category that is not offered", "education-0", []string{"education", "phd"}, "Choose one of the answers", ``},
		{"a yes or no that is neither", "gang_affiliation-0", []string{"gang_affiliation", "maybe"}, "Choose one of the answers", ``},
		{"supervision before birth", "from-day", []string{"from-year", "1980"}, "contradict", `value="1980"`},
		{"a number of the own caseload", "register", []string{"register", taken}, "open that person", taken},
		{"a number of another agency", "register", []string{"register", elsewhere}, "cannot be used", elsewhere},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := b.post("/assess", with(someone(), row.change...))
			p.T = t
			p.is(http.StatusUnprocessableEntity).has(row.want, `href="#`+row.field+`"`, ` id="`+row.field+`"`, `role="alert"`, row.kept, "Error:")
		})
	}
	if p := b.post("/caseload", url.Values{"q": {"Aziz Rahimov"}}); len(p.all(`<th scope="row"><a href="/people/([^"]+)"`)) != 0 {
		t.Error("a refused form stored a person")
	}
}

// Whoever changes the language keeps what was typed, and nothing is stored.
func TestLanguageSwitchKeepsTheForm(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	form := with(someone(), "switch", "ru", "prior_arrests_felony", "many")
	p := b.post("/assess", form).is(http.StatusOK)
	p.has(`<html lang="ru">`, `value="many"`, `value="Aziz Rahimov"`, `value="secondary" checked`, `value="27"`).lacks(`role="alert"`)
	b.get("/caseload").has(`<html lang="ru">`)
	b.get("/language?to=uz&back="+url.QueryEscape("/caseload?show=all")).is(http.StatusOK).has(`<html lang="uz">`, `aria-current="page"`)
	if p := b.get("/language?to=en&back=" + url.QueryEscape("https://evil.example/")); strings.Contains(p.path, "evil") {
		t.Errorf("the language led to %s", p.path)
	}
}

// What is not established is shown as such.
func TestDisputedRecordIsShown(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	person := s.of("officer0")[0]
	event := tarozi.Event{ID: "d-1", Type: tarozi.EventViolation, At: now.AddDate(0, -1, 0), ReceivedAt: now.AddDate(0, -1, 0),
		Status: tarozi.Disputed, Violation: tarozi.ViolationCurfew}
	must(t, s.scores.AddEvents(s.Context(), s.actors["officer0"], person.History.PersonID, []tarozi.Event{event}, nil))
	b.get(s.at(person.History.PersonID)).is(http.StatusOK).has("Disputed records", `href="#e-0741a320e613"`, `id="e-0741a320e613"`,
		"does not count against the person until it is decided")
}

// Links between the pages lead somewhere.
func TestLinksLeadSomewhere(t *testing.T) {
	s := start(t)
	for i := range 3 {
		s.assessed("officer0", &s.of("officer0")[i])
	}
	b := s.signedIn("officer0").speaking("en")
	seen := map[string]bool{}
	queue := []string{"/"}
	for len(queue) > 0 && len(seen) < 150 {
		path, _, _ := strings.Cut(queue[0], "#")
		queue = queue[1:]
		if seen[path] || strings.HasPrefix(path, "/language") {
			continue
		}
		seen[path] = true
		p := b.get(path).is(http.StatusOK)
		for _, link := range p.all(`href="(/[^"]*)"`) {
			queue = append(queue, html.UnescapeString(link))
		}
	}
	if len(seen) < 40 {
		t.Errorf("only %d pages were found", len(seen))
	}
}
