package fairness

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/explain/words"
)

// spoken is a locale of the catalogue.
func spoken(t *testing.T, code string) Words {
	t.Helper()
	texts, err := Locales()
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load(texts)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.In(code)
}

func TestHTMLEscapes(t *testing.T) {
	file := "s,y,<b>g</b>\n"
	for i := range 200 {
		file += fmt.Sprintf("%d,%d,<script>alert(%d)</script>\n", i%100, i%2, i%2)
	}
	run := Run{In: "-", Format: "html", Columns: Columns{Score: "s", Outcome: "y", Groups: []string{"<b>g</b>"}}, Settings: DefaultSettings(), Words: spoken(t, "en")}
	run.Settings.Thresholds, run.Settings.Replicates = []float64{50}, 10
	_, text := do(t, run, file)
	if strings.Contains(text, "<script") || strings.Contains(text, "<b>g") {
		t.Error("a group's name reaches the page as markup")
	}
}

// A page in a language says nothing in another, has numbers as that language writes them, and leaves no code of a metric or reason.
func TestHTMLInEveryLanguage(t *testing.T) {
	for code, want := range map[string][]string{
		"en":      {`<html lang="en">`, "False alarms", "Missed cases", ">0.8 to 1.25,"},
		"ru":      {`<html lang="ru">`, "Ложные тревоги", "Пропущенные случаи", "от 0,8 до 1,25"},
		"uz":      {`<html lang="uz">`, "Notoʻgʻri ogohlantirishlar", "0,8 dan 1,25 gacha"},
		"uz-Cyrl": {`<html lang="uz-Cyrl">`, "Нотўғри огоҳлантиришлар", "0,8 дан 1,25 гача"},
	} {
		run := syntheticRun(t)
		run.Format, run.Words, run.Settings.Replicates = "html", spoken(t, code), 10
		run.Columns.Decision = ""
		_, page := do(t, run, "")
		for _, text := range want {
			if !strings.Contains(page, strings.TrimPrefix(text, ">")) {
				t.Errorf("%s: the page lacks %q", code, text)
			}
		}
		said := regexp.MustCompile(`(?s)<style>.*?</style>|<[^>]*>`).ReplaceAllString(page, " ")
		for _, unwanted := range []string{"_difference", "_ratio", "base_rate", "small_cell", "insufficient_evidence", "(missing)", "%!", "fairness."} {
			if strings.Contains(said, unwanted) {
				t.Errorf("%s: the page says %q", code, unwanted)
			}
		}
		if code != "en" && regexp.MustCompile(`\b(the|of|group|people|and|not)\b`).MatchString(said) {
			t.Errorf("%s: the page speaks English: %v", code, regexp.MustCompile(`.{30}\b(the|of|group|people|and|not)\b.{30}`).FindAllString(said, 3))
		}
		if strings.Count(page, "<svg") < 2 {
			t.Errorf("%s: the page has no charts", code)
		}
	}
}
