package words

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
)

// text is one text of a locale: plain under "other" alone, or a form for each plural category of its language (CLDR).
type text struct {
	forms  map[string]string
	plural bool
}

// pluralForms lists the categories that each language's counts fall into.
var pluralForms = map[string][]string{
	"uz": {"one", "other"},
	"ru": {"few", "many", "one", "other"},
	"en": {"one", "other"},
}

var categories = []string{"zero", "one", "two", "few", "many", "other"}

func (t text) message(id string) *i18n.Message {
	return &i18n.Message{ID: id, Zero: t.forms["zero"], One: t.forms["one"], Two: t.forms["two"], Few: t.forms["few"],
		Many: t.forms["many"], Other: t.forms["other"]}
}

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// arguments names what the text takes, over all of its forms.
func (t text) arguments() []string {
	var names []string
	for _, form := range t.forms {
		for _, found := range placeholder.FindAllStringSubmatch(form, -1) {
			if !slices.Contains(names, found[1]) {
				names = append(names, found[1])
			}
		}
	}
	slices.Sort(names)
	return names
}

func readFolder(source fs.FS, code string, into map[string]text) error {
	files, err := fs.Glob(source, path.Join(code, "*.toml"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("there is no file %s/*.toml", code)
	}
	for _, name := range files {
		content, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		var tree map[string]any
		if err := toml.Unmarshal(content, &tree); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := flatten(tree, "", code, into); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// flatten turns nested tables into ids joined with dots. A table whose keys are plural categories, "one" among them, is one text.
func flatten(tree map[string]any, prefix, code string, into map[string]text) error {
	for key, value := range tree {
		id := prefix + key
		t := text{}
		switch v := value.(type) {
		case string:
			t.forms = map[string]string{"other": v}
		case map[string]any:
			if !isPlural(v) {
				if err := flatten(v, id+".", code, into); err != nil {
					return err
				}
				continue
			}
			t = text{forms: make(map[string]string, len(v)), plural: true}
			for category, form := range v {
				content, ok := form.(string)
				if !ok {
					return fmt.Errorf("%s.%s is no text", id, category)
				}
				t.forms[category] = content
			}
			if got := keys(t.forms); !slices.Equal(got, pluralForms[code]) {
				return fmt.Errorf("%s has the plural forms %v and needs %v", id, got, pluralForms[code])
			}
		default:
			return fmt.Errorf("%s is no text", id)
		}
		if _, twice := into[id]; twice {
			return fmt.Errorf("%s stands twice", id)
		}
		for category, form := range t.forms {
			if strings.TrimSpace(form) == "" {
				return fmt.Errorf("%s is empty (%s)", id, category)
			}
		}
		into[id] = t
	}
	return nil
}

func isPlural(table map[string]any) bool {
	_, one := table["one"]
	for key := range table {
		if !slices.Contains(categories, key) {
			return false
		}
	}
	return one
}

// agree reports every id that some locale lacks, or gives other arguments.
func agree(read map[string]map[string]text) error {
	var faults []error
	for _, code := range written {
		for _, other := range written {
			for _, id := range keys(read[code]) {
				theirs, there := read[other][id]
				switch ours := read[code][id]; {
				case !there:
					faults = append(faults, fmt.Errorf("locale %s lacks the text %s, which %s has", other, id, code))
				case ours.plural != theirs.plural:
					faults = append(faults, fmt.Errorf("text %s has plural forms in only one of %s and %s", id, code, other))
				case !slices.Equal(ours.arguments(), theirs.arguments()):
					faults = append(faults, fmt.Errorf("text %s takes %v in %s and %v in %s", id, ours.arguments(), code, theirs.arguments(), other))
				}
			}
		}
	}
	return errors.Join(faults...)
}

// inCyrillic writes Uzbek texts in Cyrillic letters.
func inCyrillic(latin map[string]text) map[string]text {
	texts := make(map[string]text, len(latin))
	for id, t := range latin {
		forms := make(map[string]string, len(t.forms))
		for category, form := range t.forms {
			forms[category] = Cyrillic(form)
		}
		texts[id] = text{forms: forms, plural: t.plural}
	}
	return texts
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}
