package words_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
)

func TestCyrillic(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"own letters", "Gʻuncha qoʻrgʻoshin hovuz xat", "Ғунча қўрғошин ҳовуз хат"},
		{"digraphs", "Shanba choy yosh yuz yana", "Шанба чой ёш юз яна"},
		{"ye at the start and within", "yetkazish obyekt Yevropa", "етказиш объект Европа"},
		{"e at the start of a word", "elektron emas Ega", "электрон эмас Эга"},
		{"e after a vowel", "poema", "поэма"},
		{"e after a consonant", "kerak tekshirish", "керак текшириш"},
		{"yoʻ is й and ў", "yoʻq yoʻl Yoʻqolgan", "йўқ йўл Йўқолган"},
		{"yo after y", "tayyor tayyorlangan", "тайёр тайёрланган"},
		{"tutuq belgisi", "maʼlumot eʼtiroz maʼmuriy taʼsir", "маълумот эътироз маъмурий таъсир"},
		{"s apart from h", "Isʼhoq", "Исҳоқ"},
		{"ц of loan words", "probatsiya politsiyasi retsidiv litsenziya", "пробация полицияси рецидив лицензия"},
		{"ts where an ending begins", "ruxsatsiz quvvatsiz ketsa", "рухсатсиз қувватсиз кетса"},
		{"ц written with s", "inspeksiya funksiyasi", "инспекция функцияси"},
		{"soft sign at the end of a word", "model parol oktabr", "модель пароль октябрь"},
		{"no soft sign before an ending", "modelga modellar parolni oktabrda", "моделга моделлар паролни октябрда"},
		{"months", "yanvar fevral mart aprel may iyun iyul avgust sentabr noyabr dekabr",
			"январь февраль март апрель май июнь июль август сентябрь ноябрь декабрь"},
		{"one vowel after another", "video orqali", "видео орқали"},
		{"й before о", "rayon rayoni", "район райони"},
		{"abbreviations", "AQSH TGK", "АҚШ ТГК"},
		{"foreign words stay", "SHA-256 AUC ONNX Windows", "SHA-256 AUC ONNX Windows"},
		{"dates lose their hyphens", "2026-yil 23-noyabr, 2013–2015-yillarda", "2026 йил 23 ноябрь, 2013–2015 йилларда"},
		{"other hyphens stay", "127-modda, 3-oyidan", "127-модда, 3-ойидан"},
		{"arguments stay", "{{.kind}}, {{.date}} kunidan beri", "{{.kind}}, {{.date}} кунидан бери"},
		{"quotes and figures", "“yoʻq” 25,7%", "“йўқ” 25,7%"},
		{"nothing", "", ""},
		{"Cyrillic already", "Тошкент", "Тошкент"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := words.Cyrillic(row.in); got != row.want {
				t.Errorf("Cyrillic(%q) = %q, want %q", row.in, got, row.want)
			}
		})
	}
}

func TestUzbekInCyrillicSays(t *testing.T) {
	c := load(t)
	l := c.In("uz-Cyrl")
	twelve := 12
	for _, row := range []struct{ name, got, want string }{
		{"code", l.Code(), "uz-Cyrl"},
		{"date", l.Date(tarozi.Date{Year: 2026, Month: 11, Day: 23}), "2026 йил 23 ноябрь"},
		{"time", l.Time(time.Date(2026, 11, 23, 4, 5, 0, 0, time.UTC), time.UTC), "2026 йил 23 ноябрь, 04:05"},
		{"percent", l.Percent(0.257, 1), "25,7%"},
		{"thousands", l.Number(18028, 0), "18\u00a0028"},
		{"plural of one", l.Plural("unit.tests", 1), "1 та тест"},
		{"plural of more", l.Plural("unit.tests", 21), "21 та тест"},
		{"category", l.Value("education", tarozi.Category("secondary"), ""), "ўрта"},
		{"sentence", l.Sentence(tarozi.Score{Outcome: tarozi.Recidivism, HorizonMonths: &twelve, Probability: 0.314}),
			"Модель ҳисобига кўра, баҳоси шунга ўхшаш 100 кишидан 31 нафари 12 ой ичида қайта қўлга олинади."},
		{"contribution", effect(l, tarozi.Contribution{Feature: "prior_arrests_felony", Value: tarozi.Number(4), Unit: "arrests",
			Points: 0.031, Direction: tarozi.Raises}),
			"Илгари оғирроқ жиноятлар учун неча марта қўлга олинган: 4. Хавфни ҳар 100 киши ҳисобида 3 нафарга оширади."},
		{"text of a card", l.Of(map[string]string{"uz": "Model jinsni bilmaydi.", "ru": "x", "en": "x"}), "Модель жинсни билмайди."},
		{"text of a card in its own language", c.In("ru").Of(map[string]string{"uz": "x", "ru": "Модель", "en": "x"}), "Модель"},
		{"match by script", c.Match("uz-Cyrl-UZ,uz;q=0.8"), "uz-Cyrl"},
		{"match of plain Uzbek", c.Match("uz-UZ,ru;q=0.8"), "uz"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.got != row.want {
				t.Errorf("got  %q\nwant %q", row.got, row.want)
			}
		})
	}
}

// TestUzbekInCyrillicIsWhole looks for Latin letters that were left standing, over every text.
func TestUzbekInCyrillicIsWhole(t *testing.T) {
	c := load(t)
	l := c.In("uz-Cyrl")
	for _, id := range c.IDs() {
		said := l.Text(id, map[string]any{})
		if strings.Contains(said, "⟦") { // a text with plural forms
			said = l.Plural(id, 5)
		}
		said = strings.NewReplacer("<no value>", "", "SHA-256", "", "AUC", "").Replace(said)
		if strings.ContainsFunc(said, func(r rune) bool { return unicode.Is(unicode.Latin, r) || r == 'ʻ' || r == 'ʼ' }) {
			t.Errorf("%s: %q", id, said)
		}
	}
}

// TestUzbekInCyrillicLosesNothing writes every text back into Latin letters by the table alone. What the scripts spell differently by
// rule (ye, hyphens of dates, октябрь) is taken out of both sides.
func TestUzbekInCyrillicLosesNothing(t *testing.T) {
	c := load(t)
	latin, cyrillic := c.In("uz"), c.In("uz-Cyrl")
	plain := strings.NewReplacer("ye", "e", "-", " ", "tyabr", "tabr")
	for _, id := range c.IDs() {
		from, to := latin.Text(id, map[string]any{}), cyrillic.Text(id, map[string]any{})
		if strings.Contains(from, "⟦") {
			from, to = latin.Plural(id, 5), cyrillic.Plural(id, 5)
		}
		if !strings.ContainsFunc(to, func(r rune) bool { return unicode.Is(unicode.Cyrillic, r) }) {
			continue // figures and arguments alone
		}
		if want, got := plain.Replace(strings.ToLower(from)), plain.Replace(words.OtherScript(to)); got != want {
			t.Errorf("%s: %q came back as %q", id, want, got)
		}
	}
}

func TestLoadRefusesWhatIsWrittenWrongly(t *testing.T) {
	for _, row := range []struct{ name, uz, ru, en, want string }{
		{"apostrophe in Uzbek", `a = "yo'q"`, `a = "нет"`, `a = "no"`, "U+02BB"},
		{"ʼ after o", `a = "yoʼq"`, `a = "нет"`, `a = "no"`, "oʻ (U+02BB)"},
		{"Russian quotes in Uzbek", `a = "«ha»"`, `a = "да"`, `a = "yes"`, "write “"},
		{"English quotes in Russian", `a = "ha"`, `a = "“да”"`, `a = "yes"`, "write «"},
		{"straight apostrophe in English", `a = "ha"`, `a = "да"`, `a = "today's"`, "write ’"},
		{"straight quotes", `a = "ha"`, `a = "да"`, `a = 'a "yes"'`, "“ ”"},
		{"Latin letter in a Russian word", `a = "ha"`, `a = "рaз"`, `a = "yes"`, "another script"},
		{"Cyrillic letter in an English word", `a = "ha"`, `a = "да"`, `a = "yеs"`, "another script"},
		{"a name that judges, in English", `a = "ha"`, `a = "да"`, `a = "The offender"`, "say person"},
		{"a name that judges, in Russian", `a = "ha"`, `a = "Преступника"`, `a = "yes"`, "say person"},
		{"a name that judges, in Uzbek", `a = "jinoyatchilar"`, `a = "да"`, `a = "yes"`, "say person"},
		{"two blanks", `a = "ha  ha"`, `a = "да"`, `a = "yes"`, "blank"},
		{"blank before a stop", `a = "ha"`, `a = "да"`, `a = "yes ."`, "blank"},
		{"Russian one without its number", `a = {one="{{.n}}", other="{{.n}}"}`, `a = {one="один", few="{{.n}}", many="{{.n}}", other="{{.n}}"}`,
			`a = {one="{{.n}}", other="{{.n}}"}`, "21 and 31"},
		{"loan word whose Cyrillic is not decided", `a = "aktsent"`, `a = "да"`, `a = "yes"`, "two ways"},
	} {
		t.Run(row.name, func(t *testing.T) {
			file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
			_, err := words.Load(fstest.MapFS{"uz/a.toml": file(row.uz), "ru/a.toml": file(row.ru), "en/a.toml": file(row.en)})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Load: %v; want an error with %q", err, row.want)
			}
		})
	}
}

// TestEveryFactorMakesASentence says what each feature did to a score, in every locale: one sentence, capital first, with the value.
func TestEveryFactorMakesASentence(t *testing.T) {
	c := load(t)
	for _, code := range c.Locales() {
		l := c.In(code)
		seen := map[string]string{}
		for _, f := range features.Catalogue() {
			if twin, twice := seen[l.Feature(f.Key)]; twice {
				t.Errorf("locale %s: %s and %s have one name", code, twin, f.Key)
			}
			seen[l.Feature(f.Key)] = f.Key
			for _, v := range valuesOf(f) {
				for _, points := range []float64{0.031, -0.031, 0.002, -0.002, 0} {
					contribution := tarozi.Contribution{Feature: f.Key, Value: v, Unit: f.Unit, Points: points, Direction: tarozi.DirectionOf(points)}
					said := effect(l, contribution)
					first := []rune(said)[0]
					if !unicode.IsUpper(first) || !strings.HasSuffix(said, ".") || !strings.Contains(said, ": "+l.Figure(f.Key, v, f.Unit)+". ") {
						t.Errorf("locale %s says %q", code, said)
					}
					if (points == 0.031 || points == -0.031) && !strings.Contains(said, "3") {
						t.Errorf("locale %s leaves the effect out: %q", code, said)
					}
				}
			}
		}
	}
}

func valuesOf(f features.Feature) []tarozi.Value {
	switch f.Kind {
	case features.KindFlag:
		return []tarozi.Value{{}, tarozi.Flag(true), tarozi.Flag(false)}
	case features.KindCategory:
		list := []tarozi.Value{{}}
		for _, name := range f.Categories {
			list = append(list, tarozi.Category(name))
		}
		return list
	case features.KindShare:
		return []tarozi.Value{{}, tarozi.Number(0), tarozi.Number(0.25), tarozi.Number(1)}
	default:
		return []tarozi.Value{{}, tarozi.Number(0), tarozi.Number(1), tarozi.Number(21)}
	}
}
