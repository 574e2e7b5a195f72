package pages_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/web"
)

// made lists the beginnings of ids that are put together from the vocabulary at run time.
var made = []string{"caseload.heading.", "caseload.empty.", "caseload.tab.", "person.ignored.", "assess.purpose.", "assess.unit.", "assess.refused.",
	"score.tab.", "score.method.", "score.gap.", "score.gap_as.", "model.figure.", "model.group.", "model.stand_in.", "error.", "review.fault.", "review.choice.", "due.reason.", "difference.kind.", "dispute.shaken.", "judged.band.", "letter.what.", "letter.found.", "letter.check.", "retention.kind.", "letter.decided.",
	"report.finding.", "report.work.", "report.verdict.", "report.metric.", "report.means.", "report.language.", "lever.kind.", "lever.mark.", "lever.fault.", "audit.action.", "subject.attribute.", "audit.fault.",
	"access.fault.", "secret.password.", "secret.key.", "agencies.fault.", "signin.wrong", "code.wrong"}

var (
	quoted = regexp.MustCompile("\"([a-z_]+\\.[a-z0-9_.]+)\"")
	called = regexp.MustCompile("\\b(?:Text|Plural)[ (]\"([a-z_]+\\.[a-z0-9_.]*[a-z0-9_])\"")
)

// TestTextsAreThoseThatPagesAskFor fails on a text of the pages that no page asks for, and on one that is asked for and not there.
func TestTextsAreThoseThatPagesAskFor(t *testing.T) {
	asked, needed := map[string]bool{}, map[string]string{}
	collect := func(files fs.FS, pattern string) {
		names, err := fs.Glob(files, pattern)
		must(t, err)
		for _, name := range names {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			content, err := fs.ReadFile(files, name)
			must(t, err)
			for _, found := range quoted.FindAllStringSubmatch(string(content), -1) {
				asked[found[1]] = true
			}
			for _, found := range called.FindAllStringSubmatch(string(content), -1) {
				needed[found[1]] = name
			}
		}
	}
	collect(web.Files, "templates/*.html")
	collect(os.DirFS("."), "*.go")
	own, err := words.Load()
	must(t, err)
	known := map[string]bool{}
	for _, id := range own.IDs() {
		known[id] = true
	}
	locales, err := web.Locales()
	must(t, err)
	all, err := words.Load(locales)
	must(t, err)
	for id, name := range needed {
		if !all.In("uz").Has(id) {
			t.Errorf("%s asks for the text %s, which is not there", name, id)
		}
	}
	for _, id := range all.IDs() {
		if known[id] || asked[id] {
			continue
		}
		used := false
		for _, beginning := range made {
			used = used || strings.HasPrefix(id, beginning)
		}
		if !used {
			t.Errorf("text %s is left over: no page asks for it", id)
		}
	}
}
