package words

import (
	"strings"
	"unicode"
)

// latinOf is the official table between the two Uzbek scripts, with the letters that Russian names add. Latin digraphs come
// before their first letters.
var latinOf = []struct{ cyrillic, latin string }{
	{"ш", "sh"}, {"щ", "sh"}, {"ч", "ch"}, {"ё", "yo"}, {"ю", "yu"}, {"я", "ya"}, {"ў", "oʻ"}, {"ғ", "gʻ"}, {"ц", "ts"}, {"а", "a"},
	{"б", "b"}, {"в", "v"}, {"г", "g"}, {"д", "d"}, {"е", "e"}, {"ж", "j"}, {"з", "z"}, {"и", "i"}, {"й", "y"}, {"к", "k"},
	{"л", "l"}, {"м", "m"}, {"н", "n"}, {"о", "o"}, {"п", "p"}, {"р", "r"}, {"с", "s"}, {"т", "t"}, {"у", "u"}, {"ф", "f"},
	{"х", "x"}, {"қ", "q"}, {"ҳ", "h"}, {"э", "e"}, {"ы", "i"}, {"ъ", "ʼ"}, {"ь", ""},
}

var (
	toLatin    = replacer(true)
	toCyrillic = replacer(false)
)

func replacer(latin bool) *strings.Replacer {
	var pairs []string
	for _, row := range latinOf {
		switch {
		case latin:
			pairs = append(pairs, row.cyrillic, row.latin)
		case row.latin == "oʻ" || row.latin == "gʻ":
			for _, sign := range []string{"ʻ", "'", "‘", "’", "`", "ʼ"} {
				pairs = append(pairs, strings.Replace(row.latin, "ʻ", sign, 1), row.cyrillic)
			}
		case row.latin != "" && row.cyrillic != "щ" && row.cyrillic != "ц" && row.cyrillic != "ы" && row.cyrillic != "э":
			pairs = append(pairs, row.latin, row.cyrillic)
		}
	}
	return strings.NewReplacer(pairs...)
}

// OtherScript writes a name, in lower case, in the other of the two Uzbek scripts: Cyrillic in Latin, anything else in Cyrillic.
// It serves searching, where a near miss costs little: what one script does not tell apart comes out as its commoner letter.
func OtherScript(name string) string {
	lower := strings.ToLower(name)
	if strings.ContainsFunc(lower, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
		return toLatin.Replace(lower)
	}
	return toCyrillic.Replace(lower)
}
