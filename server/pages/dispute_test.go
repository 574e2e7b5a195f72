package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

var factorLink = regexp.MustCompile(`href="(/assessments/[^"]+/records\?[^"]+)"`)

// factors are the links from a score to the records behind its factors.
func (p *page) factors() []string {
	var links []string
	for _, m := range factorLink.FindAllStringSubmatch(p.html, -1) {
		links = append(links, html.UnescapeString(m[1]))
	}
	return links
}

// A factor opens to the records behind it with date, source and status, each of which stands on the person's page.
func TestFactorsOpenToTheirRecords(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	people, checked := s.of("officer0"), 0
	for i := range people[:3] {
		score := b.get(s.assessed("officer0", &people[i])).is(http.StatusOK)
		record := b.get(s.at(people[i].History.PersonID) + "?record=all")
		for _, link := range score.factors() {
			for _, anchor := range b.get(link).is(http.StatusOK).lacks("⟦").all(`href="/people/[^"#]+#([^"]+)"`) {
				record.has(` id="` + anchor + `"`)
				checked++
			}
		}
	}
	if checked == 0 {
		t.Error("no factor names a record")
	}
	b.get(s.assessed("officer0", &people[0]) + "/records?feature=no_such_factor").is(http.StatusNotFound)
}

// An officer disputes a record in two clicks from the factor; the score says so and is made anew with one; somebody else decides.
func TestDisputeFromAFactor(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	at := s.at(person.History.PersonID)
	path := s.assessed("officer0", &person)
	b, supervisor := s.signedIn("officer0").speaking("en"), s.signedIn("supervisor0").speaking("en")
	var form *page
	var doubted url.Values
	for _, link := range b.get(path).factors() {
		form = b.get(link)
		if found := form.all(`name="record" value="([^"]+)"`); len(found) > 0 {
			doubted = url.Values{"record": {found[0]}, "feature": form.all(`name="feature" value="([^"]*)"`)[:1], "token": {"d"}}
			break
		}
	}
	if doubted == nil {
		t.Fatal("nothing can be disputed")
	}
	action := html.UnescapeString(form.all(`action="(/assessments/[^"]+/dispute[^"]*)"`)[0])
	b.post(action, doubted).is(http.StatusUnprocessableEntity).has("Say in at least a sentence what is doubted")
	doubted.Set("reason", "The person says that it was somebody else.")
	doubted.Set("raised_by", "person")
	b.post(action, doubted).is(http.StatusOK).has("rests on a record that was disputed after it", "Disputed, not decided yet:", path+"/rescore")
	b.get(path + "/print").has("Disputed, not decided yet:")
	b.get("/due").has("a record that counted is disputed")

	// One click makes a new assessment, which begins with the reader's own view and does not count the record.
	fresh := b.post(path+"/rescore", url.Values{"token": {"r"}}).is(http.StatusOK)
	if fresh.path == path {
		t.Fatal("no new assessment")
	}
	b.opened(fresh).lacks("rests on a record that was disputed after it")

	b.get(at).has("Disputes that wait for a decision", "it was somebody else").lacks("/decision")
	decide := supervisor.get(at).has("Doubted by the person").all(`action="([^"]+/decision)"`)
	if len(decide) != 1 {
		t.Fatalf("the supervisor is offered %v", decide)
	}
	supervisor.post(decide[0], url.Values{}).is(http.StatusUnprocessableEntity).has("at least a sentence")
	found := url.Values{"result": {"unfounded"}, "reason": {"The police station was asked in writing."}}
	b.post(decide[0], found).is(http.StatusForbidden)
	supervisor.post(decide[0], found).is(http.StatusOK).lacks("Disputes that wait for a decision")
	b.get(path).has("Found to be unfounded:")
	for _, code := range []string{"uz", "uz-Cyrl", "ru"} {
		b.speaking(code).get(path).lacks("⟦")
		b.get(action[:strings.LastIndex(action, "/dispute")] + "/records" + action[strings.Index(action, "?"):]).is(http.StatusOK).lacks("⟦")
	}
	s.signedIn("officer1").post(action, doubted).is(http.StatusNotFound)
}
