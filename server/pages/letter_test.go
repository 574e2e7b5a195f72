package pages_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	sentenceEnd = regexp.MustCompile(`[.?!:]+(?:\s|$)`)
	tag         = regexp.MustCompile(`<[^>]*>`)
)

// ease is how a text reads, roughly: words in a sentence and letters in a word, on average, and words of the longest sentence.
type ease struct {
	words, letters float64
	longest        int
}

// easeOf reads the letter's own text: each paragraph, heading and line of a list is at least one sentence.
func easeOf(t *testing.T, p *page) ease {
	t.Helper()
	text := p.html[strings.Index(p.html, "<article"):strings.Index(p.html, "</article>")]
	text = strings.NewReplacer("</p>", ".\n", "</li>", ".\n", "</h1>", ".\n", "</h2>", ".\n").Replace(text)
	text = html.UnescapeString(tag.ReplaceAllString(text, " "))
	var e ease
	sentences, words, letters := 0, 0, 0
	for _, sentence := range sentenceEnd.Split(text, -1) {
		found := strings.Fields(sentence)
		if len(found) == 0 {
			continue
		}
		sentences, words, e.longest = sentences+1, words+len(found), max(e.longest, len(found))
		for _, word := range found {
			letters += utf8.RuneCountInString(strings.Trim(word, `.,:;“”«»()–—`))
		}
	}
	e.words, e.letters = float64(words)/float64(sentences), float64(letters)/float64(words)
	return e
}

// The letter is written once a person has decided, in each language, in short sentences of short words: about what a reader of twelve
// manages. For English that is Flesch and Kincaid's grade 6 at 1.4 syllables a word; Uzbek and Russian words carry more letters.
func TestLetter(t *testing.T) {
	s := start(t)
	path := s.assessed("officer0", &s.of("officer0")[0])
	b := s.signedIn("officer0").speaking("en")
	b.get(path + "/letter").is(http.StatusConflict).lacks("Of 100 people")
	b.get(path).lacks(path + "/letter")
	b.post(path+"/decision", url.Values{"token": {"d"}, "decision": {"agree"}}).is(http.StatusOK).has(path + "/letter")
	for _, row := range []struct {
		code    string
		says    []string
		letters float64 // of a word, at most
	}{
		{"uz", []string{"100 kishidan", "Rozi emasmisiz?"}, 7.0},
		{"uz-Cyrl", []string{"100 кишидан"}, 7.0},
		{"ru", []string{"Из 100 человек", "Вы не согласны?"}, 6.0},
		{"en", []string{"Of 100 people", "23 December 2026", "A person decided, not the program.", "You do not agree?", "must not decide anything"}, 5.2},
	} {
		letter := b.get(path + "/letter?in=" + row.code).is(http.StatusOK).has(row.says...).has(`<article class="sheet letter" lang="` + row.code).lacks("⟦")
		if e := easeOf(t, letter); e.words > 10 || e.longest > 22 || e.letters > row.letters {
			t.Errorf("%s: %.1f words in a sentence, %d in the longest, %.1f letters in a word", row.code, e.words, e.longest, e.letters)
		} else {
			t.Logf("%s: %.1f words in a sentence, %d in the longest, %.1f letters in a word", row.code, e.words, e.longest, e.letters)
		}
	}
	s.signedIn("officer1").get(path + "/letter").is(http.StatusNotFound)
	s.signedIn("oversight0").get(path + "/letter").is(http.StatusForbidden)
}
