package pages

import (
	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
)

// modelKey names once, above a list, the models whose scores stand in it.
type modelKey struct{ Entries []keyEntry }

type keyEntry struct {
	Letter string // empty where the list has one model
	By     scoredBy
}

// modelNames gives the models of a list letters in the order in which they come.
type modelNames struct {
	page  *Pages
	l     *words.Locale
	place map[string]int // by SHA-256
	key   modelKey
}

func (p *Pages) modelNames(l *words.Locale) *modelNames {
	return &modelNames{page: p, l: l, place: map[string]int{}}
}

// of is the model's place among those of the list.
func (m *modelNames) of(c *gin.Context, ref tarozi.ModelRef) (int, error) {
	at := ref.SHA256 + string(ref.Validity)
	if place, known := m.place[at]; known {
		return place, nil
	}
	by, err := m.page.scoredBy(c, m.l, ref)
	if err != nil {
		return 0, err
	}
	place := len(m.key.Entries)
	m.place[at], m.key.Entries = place, append(m.key.Entries, keyEntry{By: by})
	return place, nil
}

// lettered is the finished key; a list of one model needs no letters.
func (m *modelNames) lettered() modelKey {
	if len(m.key.Entries) > 1 {
		for i := range m.key.Entries {
			m.key.Entries[i].Letter = m.letter(i)
		}
	}
	return m.key
}

func (m *modelNames) letter(place int) string { return string(rune('A' + place%26)) }

// said is how a line names its model; empty where the list has one model.
func (m *modelNames) said(place int) string {
	if len(m.key.Entries) < 2 {
		return ""
	}
	return m.l.Text("caseload.model", "letter", m.letter(place))
}
