package words

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Signs that a language does not write, with what it writes in their place.
var wrongSigns = map[string][]struct{ sign, instead string }{
	"uz": {{"'", "ʻ (U+02BB) or ʼ (U+02BC)"}, {"`", "ʻ (U+02BB)"}, {"‘", "ʻ (U+02BB)"}, {"’", "ʼ (U+02BC)"}, {"oʼ", "oʻ (U+02BB)"}, {"gʼ", "gʻ (U+02BB)"},
		{"Oʼ", "Oʻ (U+02BB)"}, {"Gʼ", "Gʻ (U+02BB)"}, {"«", "“"}, {"»", "”"}, {`"`, "“ ”"}},
	"ru": {{"'", "no apostrophe"}, {"“", "«"}, {"”", "»"}, {`"`, "« »"}},
	"en": {{"«", "“"}, {"»", "”"}, {`"`, "“ ”"}, {"'", "’"}},
}

// Names that we give nobody in our own voice.
var unkind = map[string][]string{
	"uz": {"jinoyatchi", "retsidivist"},
	"ru": {"преступник", "правонарушител", "рецидивист", "уголовник"},
	"en": {"offender", "criminals", "inmate", "felon "},
}

var (
	aWord       = regexp.MustCompile(`[\p{L}ʻʼ]+`)
	anArgument  = regexp.MustCompile(`\{\{[^}]*\}\}`)
	strayBlanks = regexp.MustCompile(`^\s|\s$|\s\s|\s[.,:;!?]`)
)

// wellWritten reports every text that is not written as its language is: wrong signs, names that judge the person, letters of another
// script within a word, stray blanks, a Russian "one" without its number (it is also said of 21), and Uzbek words whose Cyrillic
// spelling is not decided.
func wellWritten(read map[string]map[string]text) error {
	var faults []error
	for _, code := range written {
		for _, id := range keys(read[code]) {
			t := read[code][id]
			for _, category := range keys(t.forms) {
				for _, fault := range mistakes(code, t.forms[category]) {
					faults = append(faults, fmt.Errorf("locale %s, text %s: %s", code, id, fault))
				}
			}
			if code == "ru" && t.plural && slices.Contains(t.arguments(), "n") && !strings.Contains(t.forms["one"], "{{.n}}") {
				faults = append(faults, fmt.Errorf("locale ru, text %s: the form for one is also said of 21 and 31, and needs {{.n}}", id))
			}
		}
	}
	return errors.Join(faults...)
}

func mistakes(code, form string) []string {
	var found []string
	for _, wrong := range wrongSigns[code] {
		if strings.Contains(form, wrong.sign) {
			found = append(found, fmt.Sprintf("write %s instead of %s", wrong.instead, wrong.sign))
		}
	}
	for _, name := range unkind[code] {
		if strings.Contains(strings.ToLower(form), name) {
			found = append(found, fmt.Sprintf("say person instead of %q", strings.TrimSpace(name)))
		}
	}
	plain := anArgument.ReplaceAllString(form, "0")
	for _, word := range aWord.FindAllString(plain, -1) {
		latin := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Latin, r) })
		cyrillic := strings.ContainsFunc(word, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) })
		if cyrillic && (latin || code != "ru") {
			found = append(found, fmt.Sprintf("%q has letters of another script", word))
		}
	}
	if strayBlanks.MatchString(plain) {
		found = append(found, "a blank stands where none belongs")
	}
	if code == latinUzbek {
		for _, word := range doubtful(form) {
			found = append(found, fmt.Sprintf("%q could be spelled in two ways in Cyrillic: add it to the spellings", word))
		}
	}
	return found
}
