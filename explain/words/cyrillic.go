package words

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A spelling is the Cyrillic of Latin words that the table alone would write wrongly: words taken over with their Russian spelling
// (полиция, модель), and words whose "ts" or "e" the table could read in two ways.
type spelling struct {
	latin, cyrillic string
	whole           bool // the word as it stands; without it, every word that begins so
}

// spellings come longest first. The soft sign at the end of a word goes where an ending follows: модель, but модели.
var spellings = longestFirst([]spelling{
	{"administratsiya", "администрация", false}, {"amnistiya", "амнистия", false}, {"aprel", "апрель", true}, {"brayer", "брайер", false},
	{"dekabr", "декабрь", true}, {"detsil", "дециль", true}, {"fevral", "февраль", true}, {"funksiya", "функция", false},
	{"identifikatsiya", "идентификация", false}, {"informatsiya", "информация", false}, {"inspeksiya", "инспекция", false},
	{"iyul", "июль", true}, {"iyun", "июнь", true}, {"kompyuter", "компьютер", false}, {"konstitutsiya", "конституция", false},
	{"litsenziya", "лицензия", false}, {"model", "модель", true}, {"noyabr", "ноябрь", true}, {"obyekt", "объект", false},
	{"oktabr", "октябр", false}, {"oktabr", "октябрь", true}, {"parol", "пароль", true}, {"politsiya", "полиция", false},
	{"probatsiya", "пробация", false}, {"protsent", "процент", false}, {"protsess", "процесс", false}, {"proyekt", "проект", false},
	{"rayon", "район", false}, {"reabilitatsiya", "реабилитация", false}, {"retsidiv", "рецидив", false}, {"sanksiya", "санкция", false},
	{"sentabr", "сентябр", false}, {"sentabr", "сентябрь", true}, {"statsionar", "стационар", false}, {"subyekt", "субъект", false},
	{"video", "видео", false}, {"yanvar", "январь", true},
})

func longestFirst(list []spelling) []spelling {
	slices.SortStableFunc(list, func(a, b spelling) int {
		if a.latin == b.latin && a.whole != b.whole { // the whole word before the beginning
			if a.whole {
				return -1
			}
			return 1
		}
		return len(b.latin) - len(a.latin)
	})
	return list
}

// Abbreviations that stay in Latin letters. Any word with a w, or with a c that is not of "ch", stays so too: it is not Uzbek.
var staysLatin = []string{"SHA", "PDF", "XML", "ONNX"}

var (
	latinWord  = regexp.MustCompile(`\{\{[^}]*\}\}|[A-Za-zʻʼ]+`)
	foreign    = regexp.MustCompile(`[Ww]|[Cc](?:[^Hh]|$)`)
	ofYear     = regexp.MustCompile(`(\d|\}\})-(yil|yanvar|fevral|mart|aprel|may|iyun|iyul|avgust|sentabr|oktabr|noyabr|dekabr|\{\{)`)
	twoReading = regexp.MustCompile(`ts|[aouiʻ]e|e{2}`)
	endings    = strings.NewReplacer("tsiz", "", "tsa", "") // -siz and -sa after a t: never ц
)

// Cyrillic writes an Uzbek text of the Latin script in the Cyrillic one: by the official table, with the spellings that the table
// cannot know. Placeholders ({{.n}}), figures and foreign words stay. Dates lose the hyphen that only the Latin script has.
func Cyrillic(latin string) string {
	return latinWord.ReplaceAllStringFunc(ofYear.ReplaceAllString(latin, "$1 $2"), func(word string) string {
		if strings.HasPrefix(word, "{{") || foreign.MatchString(word) || slices.Contains(staysLatin, word) {
			return word
		}
		written := cyrillicWord(strings.ToLower(word))
		first, size := utf8.DecodeRuneInString(word)
		switch {
		case size < len(word) && strings.ToUpper(word) == word:
			return strings.ToUpper(written)
		case unicode.IsUpper(first):
			return begin(written)
		default:
			return written
		}
	})
}

// known is the spelling that a word in lower case follows.
func known(word string) (spelling, bool) {
	for _, s := range spellings {
		if word == s.latin || !s.whole && strings.HasPrefix(word, s.latin) {
			return s, true
		}
	}
	return spelling{}, false
}

func cyrillicWord(word string) string {
	var written strings.Builder
	if s, ok := known(word); ok {
		written.WriteString(s.cyrillic)
		return written.String() + byTable(word[len(s.latin):], false)
	}
	return byTable(word, true)
}

// byTable follows the official table. An e is э where a word or, after a vowel, a syllable begins with it; ye is е; and yoʻ is йў,
// not ё with a sign.
func byTable(rest string, open bool) string {
	var written strings.Builder
	for rest != "" {
		latin, cyrillic := letter(rest, open)
		written.WriteString(cyrillic)
		rest = rest[len(latin):]
		open = strings.ContainsAny(cyrillic, "аеёиоуўэюя")
	}
	return written.String()
}

func letter(rest string, open bool) (latin, cyrillic string) {
	switch {
	case strings.HasPrefix(rest, "yoʻ"):
		return "yoʻ", "йў"
	case strings.HasPrefix(rest, "sʼh"):
		return "sʼh", "сҳ"
	case strings.HasPrefix(rest, "ye"):
		return "ye", "е"
	case open && rest[0] == 'e':
		return "e", "э"
	}
	for _, row := range latinOf {
		if row.latin != "" && row.latin != "ts" && row.cyrillic != "щ" && strings.HasPrefix(rest, row.latin) {
			return row.latin, row.cyrillic
		}
	}
	_, size := utf8.DecodeRuneInString(rest)
	return rest[:size], rest[:size]
}

// doubtful lists the words of a text whose Cyrillic the table could read in two ways and no spelling decides.
func doubtful(latin string) []string {
	var list []string
	for _, word := range latinWord.FindAllString(latin, -1) {
		lower := strings.ToLower(word)
		if _, ok := known(lower); !ok && !strings.HasPrefix(word, "{{") && !foreign.MatchString(word) && twoReading.MatchString(endings.Replace(lower)) {
			list = append(list, word)
		}
	}
	return list
}
