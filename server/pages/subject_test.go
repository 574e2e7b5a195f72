package pages_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// The whole file of a person is given out in any language; it says who looked, and giving it out is an entry itself.
func TestSubjectFile(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	id := person.History.PersonID
	s.assessed("officer0", &person)
	officer := s.signedIn("officer0")
	officer.get(s.at(id)).is(http.StatusOK).lacks(s.at(id) + "/file")
	officer.get(s.at(id) + "/file").is(http.StatusForbidden)

	b := s.signedIn("supervisor0").speaking("en")
	b.get(s.at(id)).is(http.StatusOK).has(s.at(id) + "/file")
	page := b.get(s.at(id)+"/file").is(http.StatusOK).has(person.Identity.Name, "What is known about you", "Person’s page looked at",
		"Whole file given out", "Assessment made", "Dilnoza Karimova · ", "No score is shown")
	if len(page.html) > 60_000 && len(person.History.Events) < 100 {
		t.Errorf("the page has %d bytes", len(page.html))
	}
	if strings.Contains(page.header.Get("Cache-Control"), "max-age") || !strings.Contains(page.header.Get("Cache-Control"), "no-store") {
		t.Errorf("the page may be kept: %q", page.header.Get("Cache-Control"))
	}
	for lang, heading := range map[string]string{"uz": "Siz haqingizda", "uz-Cyrl": "Сиз ҳақингизда", "ru": "Что о вас известно"} {
		b.get(s.at(id)+"/file?in="+lang).is(http.StatusOK).has(heading, `lang="`+lang+`"`)
	}
	var file scoring.SubjectFile
	text := b.get(s.at(id) + "/file?as=json").is(http.StatusOK).html
	must(t, json.Unmarshal([]byte(text), &file))
	if file.Identity == nil || file.Identity.Name != person.Identity.Name || file.History == nil || len(file.Assessments) != 1 {
		t.Errorf("the file has identity %v, history %v, %d assessments", file.Identity, file.History != nil, len(file.Assessments))
	}
	if len(file.Assessments[0].Assessment.Scores) != 0 {
		t.Error("a score that nobody has decided about is given out")
	}
	looks := 0
	for _, trace := range file.Traces {
		if trace.Action == "viewed.file" && trace.Role == tarozi.Supervisor {
			looks++
		}
	}
	if looks != 5 {
		t.Errorf("%d of 5 files given out are in the file", looks)
	}
	b.get("/people/nobody/file").is(http.StatusNotFound)
	s.signedIn("supervisor1").get(s.at(id) + "/file").is(http.StatusNotFound)
}
