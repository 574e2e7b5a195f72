package pages_test

import (
	"net/http"
	"os"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

// The pages say of every kind of model how its reasons were computed and what they start from, in every language.
func TestPagesOfEveryKind(t *testing.T) {
	s := start(t)
	const login = "officer1"
	person := s.of(login)[0]
	said := map[string]map[string][]string{
		"test-logistic": {"en": {"a sum of weighted values", "Average of the made-up people"}, "ru": {"сумма взвешенных значений"}, "uz": {"vaznli qiymatlar yigʻindisi"}, "uz-Cyrl": {"вазнли қийматлар"}},
		"test-boosted":  {"en": {"made of decision trees", "Shapley value"}, "ru": {"деревьев решений"}, "uz": {"qaror daraxtlaridan"}, "uz-Cyrl": {"қарор дарахтларидан"}},
		"test-forest":   {"en": {"The parts are exact in people of 100"}, "ru": {"Доли точны"}, "uz": {"Ulushlar 100 kishi hisobida aniq"}, "uz-Cyrl": {"Улушлар 100 киши"}},
		"test-network":  {"en": {"in every combination of factors"}, "ru": {"при всех сочетаниях"}, "uz": {"barcha birikmalarida"}, "uz-Cyrl": {"барча бирикмаларида"}},
		"test-wide-network": {"en": {"These reasons are estimates", "±"}, "ru": {"оценены приблизительно", "±"}, "uz": {"taxminiy", "±"},
			"uz-Cyrl": {"тахминий", "±"}},
	}
	for name, languages := range said {
		b, err := model.Load(os.DirFS("../../model/testdata/bundles/" + name))
		must(t, err)
		_, err = s.scores.Install(t.Context(), b)
		must(t, err)
		must(t, s.scores.Move(t.Context(), "", b.SHA256, tarozi.ModelDemonstration))
		a, err := s.scores.CreateFromStored(t.Context(), s.actors[login], person.History.PersonID, person.AsOf, person.Purpose, name, nil)
		must(t, err)
		_, err = s.scores.LockView(t.Context(), s.actors[login], a.ID, ownView(), nil)
		must(t, err)
		for code, texts := range languages {
			visitor := s.signedIn(login).speaking(code)
			page := visitor.get("/assessments/" + a.ID).is(http.StatusOK).has(texts...)
			if code == "en" {
				page.lacks("Average person of the sample", "Starting from the average person")
			}
			if name != "test-wide-network" {
				page.lacks("±")
			}
			visitor.get("/assessments/" + a.ID + "/print").is(http.StatusOK)
			visitor.get("/models/" + name).is(http.StatusOK).has("24")
		}
	}
	s.signedIn(login).speaking("en").get(s.assessed(login, &person)).is(http.StatusOK).
		has("Average person of the sample", "each row is its own part of the sum").lacks("made-up people compared")
}
