package pages_test

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/datasets"
)

// What could change a score, what differs from last time, and the three views of the reasons stand on its page in every language.
func TestScorePageSaysWhatCouldChangeIt(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	path := s.assessed("officer0", &person)
	b := s.signedIn("officer0")
	for _, code := range []string{"uz", "uz-Cyrl", "ru", "en"} {
		b.speaking(code).get(path).is(http.StatusOK).has(`id="outlook"`, "×").lacks(`id="difference"`, "⟦")
	}
	b.speaking("en").get(path).has("log-odds", "What could change it")
	again := s.assessed("officer0", &person)
	for _, code := range []string{"uz", "uz-Cyrl", "ru", "en"} {
		b.speaking(code).get(again).is(http.StatusOK).has(`id="difference"`, path).lacks("⟦")
	}
	b.speaking("en").get(again).has("Nothing that the score rests on has changed.")
	s.signedIn("supervisor0").get(again).lacks(`id="outlook"`)
}

// The rows of a difference sum to the change of the score, a new record has a link, and more time under supervision is a row.
func TestDifferenceAddsUp(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[slices.IndexFunc(s.of("officer0"), func(p datasets.Person) bool { return p.Purpose == tarozi.PurposeSupervision })]
	before, err := s.scores.CreateFromStored(s.Context(), s.actors["officer0"], person.History.PersonID, tarozi.DateOf(now.AddDate(0, -3, 0)), person.Purpose, "", nil)
	must(t, err)
	_, err = s.scores.LockView(s.Context(), s.actors["officer0"], before.ID, ownView(), nil)
	must(t, err)
	h := person.History
	h.Facts = append(slices.Clone(h.Facts), tarozi.Fact{Feature: "prior_arrests_felony", Value: tarozi.Number(9), AsOf: tarozi.DateOf(now), Status: tarozi.Verified})
	must(t, s.scores.PutHistory(s.Context(), s.actors["officer0"], &h, nil))
	page := s.signedIn("officer0").speaking("en").get(s.assessed("officer0", &datasets.Person{History: person.History, AsOf: tarozi.DateOf(now), Purpose: person.Purpose}))
	section := page.html[strings.Index(page.html, `id="difference"`):]
	section = section[:strings.Index(section, "</section>")]
	part := *page
	part.html = section
	tenths := func(texts []string) int {
		sum := 0
		for _, text := range texts {
			sum += tenth(t, text)
		}
		return sum
	}
	rows := part.all(`<span class="arrow [a-z]+" aria-hidden="true"></span>([^<]+)<`)
	total := part.all(`<td></td><td class="num">([^<]+)</td>`)
	if len(rows) < 2 || len(total) != 1 || tenths(rows) != tenths(total) {
		t.Errorf("the rows %v do not sum to %v", rows, total)
	}
	part.has(fmt.Sprintf("#facts-%d", len(h.Facts)-1), "1 new:", "to 9")
}

// tenth reads a signed figure such as +1.2 in tenths.
func tenth(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.NewReplacer("−", "-", "&#43;", "", ".", "").Replace(text))
	must(t, err)
	return n
}
