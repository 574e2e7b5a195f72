package words

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/tarozi/tarozi"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Locale says things in one language. It is safe for concurrent use.
type Locale struct {
	code      string
	localizer *i18n.Localizer
	printer   *message.Printer
	ids       map[string]bool // whether the text has plural forms
}

func newLocale(bundle *i18n.Bundle, code string, tag language.Tag, texts map[string]text) *Locale {
	l := &Locale{code: code, localizer: i18n.NewLocalizer(bundle, code), printer: message.NewPrinter(tag), ids: make(map[string]bool, len(texts))}
	for id, t := range texts {
		l.ids[id] = t.plural
	}
	return l
}

// Code is the locale's code, such as uz.
func (l *Locale) Code() string { return l.code }

// Has reports whether there is a text of this id.
func (l *Locale) Has(id string) bool {
	_, ok := l.ids[id]
	return ok
}

// Text is the text of an id; args are one map[string]any, or pairs of a name and a value. An unknown id gives ⟦id⟧.
func (l *Locale) Text(id string, args ...any) string {
	return l.localize(id, &i18n.LocalizeConfig{MessageID: id, TemplateData: arguments(args)})
}

// Plural is the text of an id in the form for n, which it takes as the argument n, written as the language writes numbers.
func (l *Locale) Plural(id string, n int, args ...any) string {
	data := arguments(args)
	if _, given := data["n"]; !given {
		data["n"] = l.Number(float64(n), 0)
	}
	return l.localize(id, &i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: data})
}

// count is Plural of an amount that may have a decimal, such as 24.5 days.
func (l *Locale) count(id string, v float64) string {
	if v == math.Trunc(v) {
		return l.Plural(id, int(v))
	}
	return l.localize(id, &i18n.LocalizeConfig{MessageID: id, PluralCount: strconv.FormatFloat(Rounded(v, 1), 'f', 1, 64),
		TemplateData: map[string]any{"n": l.Number(v, 1)}})
}

func (l *Locale) localize(id string, config *i18n.LocalizeConfig) string {
	said, err := l.localizer.Localize(config)
	if err != nil {
		return "⟦" + id + "⟧"
	}
	return said
}

func arguments(args []any) map[string]any {
	if len(args) == 1 {
		if data, ok := args[0].(map[string]any); ok {
			copied := make(map[string]any, len(data)+1)
			for k, v := range data {
				copied[k] = v
			}
			return copied
		}
	}
	data := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		data[fmt.Sprint(args[i])] = args[i+1]
	}
	return data
}

// Of picks this locale's text where a text comes with all of its languages, as in a model's card; Cyrillic Uzbek is written from Latin.
func (l *Locale) Of(texts map[string]string) string {
	if l.code == cyrillicUzbek {
		return Cyrillic(texts[latinUzbek])
	}
	return texts[l.code]
}

// Number writes v with exactly so many decimals, rounded by [Rounded].
func (l *Locale) Number(v float64, decimals int) string {
	return l.printer.Sprint(number.Decimal(Rounded(v, decimals), number.Scale(decimals)))
}

// Percent writes a share of 1 as a percentage with exactly so many decimals, rounded by [Rounded].
func (l *Locale) Percent(share float64, decimals int) string {
	return l.printer.Sprint(number.Percent(Rounded(share, decimals+2), number.Scale(decimals)))
}

// Date writes a day: 2026-yil 23-noyabr · 2026 йил 23 ноябрь · 23 ноября 2026 г. · 23 November 2026. The zero Date gives "unknown".
func (l *Locale) Date(d tarozi.Date) string {
	if d.IsZero() {
		return l.Text("value.unknown")
	}
	return l.Text("date.day", "day", d.Day, "month", l.Text("date.month."+strconv.Itoa(int(d.Month))), "year", d.Year)
}

// Time writes the day and minute of an instant in the zone.
func (l *Locale) Time(t time.Time, zone *time.Location) string {
	t = t.In(zone)
	return l.Text("date.time", "date", l.Date(tarozi.DateOf(t)), "time", t.Format("15:04"))
}
