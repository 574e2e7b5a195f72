package store

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// The sign of oʻ and gʻ and the glottal stop are typed in many ways; letters are told apart by it only in sorting.
const turnedComma = "ʻ"

var (
	apostrophes = strings.NewReplacer("'", turnedComma, "ʼ", turnedComma, "‘", turnedComma, "’", turnedComma, "`", turnedComma,
		"´", turnedComma, "′", turnedComma, "ʹ", turnedComma, "ʽ", turnedComma, "‛", turnedComma, "＇", turnedComma)

	forSearch = strings.NewReplacer(turnedComma, "", "ё", "е")

	// The Uzbek alphabets end in oʻ gʻ sh ch (Latin) and ў қ ғ ҳ (Cyrillic). A tilde comes after every Latin letter; the
	// Cyrillic four move to code points after all that Uzbek and Russian use. The glottal stop has no place in the order.
	forSorting = strings.NewReplacer("oʻ", "z~1", "gʻ", "z~2", "sh", "z~3", "ch", "z~4", turnedComma, "",
		"ё", "е", "ў", "\u0500", "қ", "\u0501", "ғ", "\u0502", "ҳ", "\u0503")
)

// lowered is text in lower case and one normal form, with one kind of apostrophe and single spaces.
func lowered(text string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(apostrophes.Replace(text)))), " ")
}

// fold makes texts equal that differ in case, in the sign typed for an apostrophe or in leaving it out, in ё for е, or in how
// letters are put together. It does not turn Cyrillic into Latin.
func fold(text string) string { return forSearch.Replace(lowered(text)) }

// sortKey sorts, byte by byte, in the order of the Uzbek alphabets.
func sortKey(text string) string { return forSorting.Replace(lowered(text)) }
