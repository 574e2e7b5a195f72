// Package words says what the domain says in the reader's language: features and their values, contributions, warnings, missing
// inputs, notices, numbers, dates and plurals. Texts are TOML files by locale; a key that one locale has and another lacks, or
// that takes other arguments there, is an error of Load, so that no reader ever meets a gap.
package words

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales
var own embed.FS

// locales lists the languages of the service, the first being the one for readers who ask for none of them. The texts of all but
// cyrillicUzbek are files.
var locales = []string{"uz", cyrillicUzbek, "ru", "en"}

// written lists the locales whose texts are files.
var written = slices.DeleteFunc(slices.Clone(locales), func(code string) bool { return code == cyrillicUzbek })

// Uzbek in Cyrillic letters is written from Uzbek in Latin ones, so that the two never say different things.
const (
	cyrillicUzbek = "uz-Cyrl"
	latinUzbek    = "uz"
)

// Catalogue holds all texts in all locales. It does not change after Load and is safe for concurrent use.
type Catalogue struct {
	in      map[string]*Locale
	matcher language.Matcher
	ids     []string
}

// Load reads the package's own texts and those of extra: file systems with a folder per locale holding TOML files. The error
// names every id that is missing or different in some locale.
func Load(extra ...fs.FS) (*Catalogue, error) {
	root, err := fs.Sub(own, "locales")
	if err != nil {
		return nil, fmt.Errorf("opening the embedded locales: %w", err)
	}
	read := make(map[string]map[string]text, len(locales))
	for _, code := range written {
		read[code] = map[string]text{}
		for _, source := range append([]fs.FS{root}, extra...) {
			if err := readFolder(source, code, read[code]); err != nil {
				return nil, fmt.Errorf("reading the texts of locale %s: %w", code, err)
			}
		}
	}
	if err := errors.Join(agree(read), wellWritten(read)); err != nil {
		return nil, err
	}
	read[cyrillicUzbek] = inCyrillic(read[latinUzbek])
	bundle := i18n.NewBundle(language.MustParse(locales[0]))
	c := &Catalogue{in: make(map[string]*Locale, len(locales))}
	var tags []language.Tag
	for _, code := range locales {
		tag, err := language.Parse(code)
		if err != nil {
			return nil, fmt.Errorf("locale %q: %w", code, err)
		}
		tags = append(tags, tag)
		for id, t := range read[code] {
			if err := bundle.AddMessages(tag, t.message(id)); err != nil {
				return nil, fmt.Errorf("locale %s, text %s: %w", code, id, err)
			}
		}
	}
	for i, code := range locales {
		c.in[code] = newLocale(bundle, code, tags[i], read[code])
	}
	c.matcher = language.NewMatcher(tags)
	for id := range read[locales[0]] {
		c.ids = append(c.ids, id)
	}
	slices.Sort(c.ids)
	return c, nil
}

// Locales lists the codes of the locales, the default first.
func (c *Catalogue) Locales() []string { return slices.Clone(locales) }

// IDs lists the ids of all texts, sorted.
func (c *Catalogue) IDs() []string { return slices.Clone(c.ids) }

// Match is the locale that suits an Accept-Language header best; the default where none does.
func (c *Catalogue) Match(acceptLanguage string) string {
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return locales[0]
	}
	_, place, _ := c.matcher.Match(wanted...)
	return locales[place]
}

// In is the locale of a code; the default for a code that is not known.
func (c *Catalogue) In(code string) *Locale {
	if l, ok := c.in[code]; ok {
		return l
	}
	return c.in[locales[0]]
}
