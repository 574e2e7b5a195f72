package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/datasets"
)

// telling are the texts by which an address would say whom it is about.
func telling(people []datasets.Person) (list []string) {
	for i := range people {
		p := &people[i]
		list = append(list, strings.ToLower(p.History.PersonID))
		if !p.History.BirthDate.IsZero() {
			list = append(list, p.History.BirthDate.String())
		}
		for _, word := range strings.Fields(p.Identity.Name) {
			if len([]rune(word)) >= 4 {
				list = append(list, strings.ToLower(word))
			}
		}
	}
	return list
}

// walk follows every link of every page from the start on, each path with its question once, and tells look of every address that a page
// has or leads to, and of every title.
func (b *browser) walk(most int, look func(page, where, text string), first ...string) (pages int) {
	b.Helper()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	addresses := regexp.MustCompile(`(?:href|action|src|formaction)="([^"]*)"`)
	titles := regexp.MustCompile(`<title>([^<]*)</title>`)
	seen, next := map[string]bool{}, first
	for len(next) > 0 && pages < most {
		at := next[0]
		if next = next[1:]; seen[at] {
			continue
		}
		seen[at] = true
		page := b.get(at)
		pages++
		if page.status >= 500 {
			b.Errorf("%s: status %d", at, page.status)
		}
		found := []string{page.header.Get("Location")}
		for _, m := range addresses.FindAllStringSubmatch(page.html, -1) {
			found = append(found, html.UnescapeString(m[1]))
		}
		for _, address := range found {
			look(at, "the address", address)
			path, _, _ := strings.Cut(address, "#")
			if strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "/language") && !strings.HasPrefix(path, "/static/") && !seen[path] {
				next = append(next, path)
			}
		}
		for _, m := range titles.FindAllStringSubmatch(page.html, -1) {
			look(at, "the title", html.UnescapeString(m[1]))
		}
		for name := range page.header {
			look(at, "the header "+name, page.header.Get(name))
		}
	}
	return pages
}

// No address, title or header of a page carries a person's id, name or date of birth, wherever a reader comes by following links, searching
// and filling in forms.
func TestAddressesSayNothingOfAnybody(t *testing.T) {
	s := start(t)
	people := s.of("officer0")
	s.assessed("officer0", &people[0])
	s.assessed("officer0", &people[1])
	s.sequence()
	secrets := telling(s.people)
	asked, faults := 0, 0
	look := func(page, where, text string) {
		asked++
		plain, err := url.QueryUnescape(text)
		if err != nil {
			plain = text
		}
		for _, secret := range secrets {
			if strings.Contains(strings.ToLower(plain), secret) || strings.Contains(strings.ToLower(text), secret) {
				if faults++; faults < 20 {
					t.Errorf("%s: %s %q says %q", page, where, text, secret)
				}
			}
		}
	}
	for _, login := range []string{"officer0", "supervisor0", "oversight0"} {
		b := s.signedIn(login).speaking("en")
		first := []string{"/", "/caseload?show=all", "/audit"}
		if login != "oversight0" {
			b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			found := b.post("/caseload", url.Values{"q": {people[2].Identity.Name}}).is(http.StatusSeeOther).header.Get("Location")
			look("the search", "the address", found)
			b.get(found).is(http.StatusOK).has(s.at(people[2].History.PersonID), "1 person")
			first = append(first, found)
			made := b.post("/assess", someone()).header.Get("Location") // what forms lead to
			look("the form", "the address", made)
			first = append(first, made)
		}
		if pages := b.walk(150, look, first...); pages < 15 {
			t.Errorf("%s came to %d pages: the walk is broken", login, pages)
		}
	}
	t.Logf("%d addresses, titles and headers", asked)

	// A search opens for whoever made it alone, and says nothing itself.
	officer, other := s.signedIn("officer0"), s.signedIn("supervisor0")
	officer.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	mine := officer.post("/caseload", url.Values{"q": {"Somebody"}}).header.Get("Location")
	other.get(mine).is(http.StatusNotFound).lacks("Somebody")
	officer.get(mine).is(http.StatusOK)
	officer.get(mine + "x").is(http.StatusNotFound)
	// The case system's id is no address of a page.
	officer.get("/people/" + people[0].History.PersonID).is(http.StatusNotFound)
	officer.get("/people/" + url.PathEscape("x' OR '1'='1") + "/custody").is(http.StatusNotFound)
}
