package words_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
)

func load(t *testing.T) *words.Catalogue {
	t.Helper()
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func names[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, n := range list {
		texts[i] = string(n)
	}
	return texts
}

// wanted lists the id of every text that the vocabulary and the catalogue of features ask for.
func wanted() map[string]bool {
	ids := map[string]bool{}
	add := func(prefix string, list []string) {
		for _, name := range list {
			ids[prefix+name] = true
		}
	}
	terms := map[string][]string{
		"outcome": names(tarozi.OutcomeKinds), "band": names(tarozi.Bands), "purpose": names(tarozi.Purposes), "role": names(tarozi.Roles),
		"model_state": names(tarozi.ModelStates),
		"direction":   {"raises", "lowers", "neutral"}, "validity": {"demonstration", "not_validated_locally", "pilot", "validated"},
		"review_state": names(tarozi.ReviewStates), "decision": names(tarozi.Decisions), "status": names(tarozi.Statuses),
		"sentence_type": names(tarozi.SentenceTypes), "offence": names(tarozi.Offences), "severity": names(tarozi.Severities),
		"involvement": names(tarozi.Involvements), "supervision_kind": names(tarozi.SupervisionKinds),
		"level": names(tarozi.SupervisionLevels), "condition": names(tarozi.Conditions), "event": names(tarozi.EventTypes),
		"attendance": names(tarozi.Attendances), "contact_method": names(tarozi.ContactMethods), "work": names(tarozi.Works),
		"test_result": names(tarozi.TestResults), "substance": names(tarozi.Substances), "violation": names(tarozi.ViolationKinds),
		"alert": names(tarozi.AlertKinds), "finding": names(tarozi.Findings), "match": names(tarozi.BiometricMatches),
		"liveness": names(tarozi.Livenesses), "verdict": names(tarozi.Verdicts), "incident": names(tarozi.IncidentCategories),
		"detector": names(tarozi.Detectors), "view_reason": names(tarozi.ViewReasons), "override_reason": names(tarozi.OverrideReasons),
		"verdict_on_decision": names(tarozi.CountersignVerdicts), "raised_by": names(tarozi.RaisedBys),
		"challenge_result": names(tarozi.ChallengeResults), "dispute_result": names(tarozi.DisputeResults), "consequence": names(tarozi.Consequences),
	}
	for _, f := range features.Catalogue() {
		ids["feature."+f.Key+".name"] = true
		ids["term.topic."+f.Topic] = true
		if f.Unit != "" && f.Unit != "share" {
			ids["unit."+f.Unit] = true
		}
		if f.Key == "education" {
			add("term.education.", f.Categories)
		}
	}
	for list, members := range terms {
		add("term."+list+".", members)
	}
	for _, outcome := range tarozi.OutcomeKinds {
		add("sentence."+string(outcome), []string{"", "_within"})
	}
	add("sentence.", []string{"about"})
	add("observed.", []string{"similar", "wide", "unknown", "above", "below"})
	add("date.month.", []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"})
	add("notice.", append([]string{"sentence"}, terms["validity"]...))
	add("warning.", []string{"not_validated_locally", "demonstration", "events_after_as_of", "records_not_counted", "value_out_of_range",
		"stale_value", "many_values_missing", "horizon_shortened", "outside_model", "new_arrest", "near_band", "birth_year_only",
		"over_predicts_a_group", "under_predicts_a_group", "trained_on_made_up_people", "remedy_not_applied", "disputed_value_kept", "model_paused", "model_review_overdue", "model_drift", "model_disparity",
		"model_change_requested"})
	add("", []string{"date.day", "date.time", "value.yes", "value.no", "value.unknown", "unit.months", "factor.one", "factor.pair", "factor.remedy", "within",
		"score.within", "contribution.raises", "contribution.raises_little", "contribution.lowers", "contribution.lowers_little",
		"contribution.neutral", "missing.sentence", "missing.reason.no_record", "missing.reason.not_established",
		"missing.reason.not_applicable", "missing.counted.unknown", "missing.counted.no",
		"group.sex.female", "group.sex.male", "group.race.black", "group.race.white"})
	return ids
}

// TestTextsAreThoseOfTheVocabulary fails on a text that nothing asks for and on one that is asked for and not there.
func TestTextsAreThoseOfTheVocabulary(t *testing.T) {
	want := wanted()
	for _, id := range load(t).IDs() {
		key := strings.TrimSuffix(id, ".hint") + ".name"
		if !want[id] && !(strings.HasSuffix(id, ".hint") && want[key]) {
			t.Errorf("text %s is left over: nothing in the vocabulary asks for it", id)
		}
		delete(want, id)
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		t.Errorf("text %s is missing", id)
	}
}

func TestLoadRefusesLocalesThatDiffer(t *testing.T) {
	file := func(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }
	for _, row := range []struct {
		name       string
		uz, ru, en string
		want       string
	}{
		{"missing key", `a = "x"`, `a = "x"`, `b = "x"`, "lacks the text a"},
		{"other arguments", `a = "{{.n}}"`, `a = "{{.n}}"`, `a = "{{.m}}"`, "takes"},
		{"missing plural form", `a = {one="1", other="2"}`, `a = {one="1", other="2"}`, `a = {one="1", other="2"}`, "plural forms"},
		{"plural in one alone", `a = {one="1", other="2"}`, `a = "2"`, `a = {one="1", other="2"}`, "in only one"},
		{"empty", `a = " "`, `a = "x"`, `a = "x"`, "empty"},
		{"stands twice", `value.yes = "x"`, `value.yes = "x"`, `value.yes = "x"`, "twice"},
		{"no text", `a = 3`, `a = "x"`, `a = "x"`, "no text"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := words.Load(fstest.MapFS{"uz/a.toml": file(row.uz), "ru/a.toml": file(row.ru), "en/a.toml": file(row.en)})
			if err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("Load: %v; want an error with %q", err, row.want)
			}
		})
	}
}

func TestSaying(t *testing.T) {
	c := load(t)
	twelve := 12
	score := func(p float64) tarozi.Score {
		return tarozi.Score{Outcome: tarozi.Recidivism, HorizonMonths: &twelve, Probability: p}
	}
	uz, ru, en := c.In("uz"), c.In("ru"), c.In("en")
	tashkent := time.FixedZone("UZT", 5*3600)
	at := time.Date(2026, 11, 23, 20, 5, 0, 0, time.UTC)
	for _, row := range []struct{ name, got, want string }{
		{"date uz", uz.Date(tarozi.Date{Year: 2026, Month: 11, Day: 23}), "2026-yil 23-noyabr"},
		{"date ru", ru.Date(tarozi.Date{Year: 2026, Month: 11, Day: 23}), "23 ноября 2026 г."},
		{"date en", en.Date(tarozi.Date{Year: 2026, Month: 11, Day: 23}), "23 November 2026"},
		{"no date", en.Date(tarozi.Date{}), "unknown"},
		{"an instant's day is that of the zone", en.Time(at, tashkent), "24 November 2026, 01:05"},
		{"halves go away from zero", en.Number(0.125, 2) + " " + en.Number(2.5, 0) + " " + en.Number(-2.5, 0) + " " + en.Percent(0.125, 0), "0.13 3 -3 13%"},
		{"a large number stays", en.Number(1e300, 9)[:5], "1,000"},
		{"percent uz", uz.Percent(0.257, 1), "25,7%"},
		{"percent ru", ru.Percent(0.257, 1), "25,7\u00a0%"},
		{"percent en", en.Percent(0.257, 1), "25.7%"},
		{"thousands uz", uz.Number(18028, 0), "18\u00a0028"},
		{"thousands en", en.Number(18028, 0), "18,028"},
		{"plural ru one", ru.Plural("unit.arrests", 21), "21 арест"},
		{"plural ru few", ru.Plural("unit.arrests", 4), "4 ареста"},
		{"plural ru many", ru.Plural("unit.arrests", 11), "11 арестов"},
		{"value", en.Value("prior_arrests_felony", tarozi.Number(4), "arrests"), "4 arrests"},
		{"value of a fraction", en.Value("jobs_per_year", tarozi.Number(1.5), "jobs"), "1.5 jobs"},
		{"value of a fraction ru", ru.Value("days_per_drug_test", tarozi.Number(24.5), "days"), "24,5 дня"},
		{"figure of a fraction", uz.Figure("jobs_per_year", tarozi.Number(1.5), "jobs"), "1,5"},
		{"share", ru.Value("employed_share", tarozi.Number(0.5), "share"), "50\u00a0%"},
		{"category", uz.Value("education", tarozi.Category("secondary"), ""), "oʻrta"},
		{"unknown", ru.Value("education", tarozi.Value{}, ""), "неизвестно"},
		{"sentence uz", uz.Sentence(score(0.314)), "Model hisobiga koʻra, bahosi shunga oʻxshash 100 kishidan 31 nafari 12 oy ichida qayta qoʻlga olinadi."},
		{"sentence ru", ru.Sentence(score(0.314)), "По расчёту модели, 31 из 100 человек с такой оценкой будет снова арестован в течение 12 месяцев."},
		{"sentence uz, near a cut", uz.NearSentence(score(0.1758)), "Model hisobiga koʻra, bahosi shunga oʻxshash 100 kishidan taxminan 17,6 nafari 12 oy ichida qayta qoʻlga olinadi."},
		{"sentence ru, near a cut", ru.NearSentence(score(0.2061)), "По расчёту модели, примерно 20,6 из 100 человек с такой оценкой будут снова арестованы в течение 12 месяцев."},
		{"sentence en, near a cut", en.NearSentence(score(0.1758)), "The model expects about 17.6 of 100 people with a score like this to be arrested again within 12 months."},
		{"sentence ru few", ru.Sentence(score(0.324)), "По расчёту модели, 32 из 100 человек с такой оценкой будут снова арестованы в течение 12 месяцев."},
		{"sentence en", en.Sentence(score(0.314)), "The model expects 31 of 100 people with a score like this to be arrested again within 12 months."},
		{"contribution", effect(en, tarozi.Contribution{Feature: "prior_arrests_felony", Value: tarozi.Number(4), Unit: "arrests",
			Points: 0.031, Direction: tarozi.Raises}), "Earlier arrests for serious crimes: 4. Raises the risk by 3 of 100."},
		{"a small one of a pair", effect(en, tarozi.Contribution{Feature: "age_at_start", Value: tarozi.Number(24), Unit: "years",
			With: &tarozi.Factor{Feature: "education", Value: tarozi.Category("higher")}, Points: -0.003, Direction: tarozi.Lowers}),
			"Age when supervision began: 24 years, together with education completed: higher. Lowers the risk by less than 1 of 100."},
		{"warning", en.Warning(tarozi.Warning{Code: tarozi.WarnNotEstablished, Count: 1}), "1 record is not established and did not count."},
		{"group", ru.Warning(tarozi.Warning{Code: tarozi.WarnOverPredicts, Outcome: tarozi.ViolationOf, Group: "sex=female"}),
			"Нарушение условий: для группы «женщины» оценки модели при проверке оказались выше наблюдавшегося больше чем на десятую часть. Смотрите паспорт модели."},
		{"unknown id", en.Text("no.such"), "⟦no.such⟧"},
		{"match", c.Match("ru-RU,ru;q=0.9,en;q=0.5"), "ru"},
		{"match none", c.Match("de"), "uz"},
		{"match nothing", c.Match(""), "uz"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.got != row.want {
				t.Errorf("got  %q\nwant %q", row.got, row.want)
			}
		})
	}
}

// TestEveryValueHasWords says every category of every feature, every warning and every missing reason in every locale.
func TestEveryValueHasWords(t *testing.T) {
	c := load(t)
	for _, code := range c.Locales() {
		l := c.In(code)
		var said []string
		for _, f := range features.Catalogue() {
			said = append(said, l.Feature(f.Key), l.Value(f.Key, tarozi.Number(3), f.Unit))
			for _, name := range f.Categories {
				said = append(said, l.Value(f.Key, tarozi.Category(name), f.Unit))
			}
		}
		for _, id := range c.IDs() {
			if code, ok := strings.CutPrefix(id, "warning."); ok {
				said = append(said, l.Warning(tarozi.Warning{Code: tarozi.WarningCode(code), Feature: "education", Outcome: tarozi.Recidivism,
					Horizon: 12, Group: "sex=male", Count: 5}))
			}
		}
		for _, reason := range []tarozi.MissingReason{tarozi.NoRecord, tarozi.NotEstablished, tarozi.NotApplicable} {
			for _, counted := range []string{"unknown", "no"} {
				said = append(said, l.Missing(tarozi.Missing{Feature: "education", Reason: reason, CountedAs: counted}))
			}
		}
		for _, s := range said {
			if strings.ContainsAny(s, "⟦⟧") || strings.Contains(s, "<no value>") || s == "" {
				t.Errorf("locale %s says %q", code, s)
			}
		}
	}
}

func TestAnnotate(t *testing.T) {
	a := tarozi.Assessment{Model: tarozi.ModelRef{Validity: tarozi.Pilot}, Missing: []tarozi.Missing{{Feature: "education",
		Reason: tarozi.NoRecord, CountedAs: "unknown"}}, Warnings: []tarozi.Warning{{Code: tarozi.WarnBirthYearOnly}},
		Scores: []tarozi.Score{{Contributions: []tarozi.Contribution{{Feature: "education", Direction: tarozi.Neutral}}}}}
	load(t).In("en").Annotate(&a)
	if a.Notice == "" || a.Missing[0].Text == "" || a.Warnings[0].Text == "" || a.Scores[0].Contributions[0].Text == "" {
		t.Errorf("a text was left empty: %+v", a)
	}
}

// effect is the sentence of a score's only factor.
func effect(l *words.Locale, c tarozi.Contribution) string {
	s := tarozi.Score{Baseline: 0.5, Probability: 0.5 + c.Points, Contributions: []tarozi.Contribution{c}}
	steps := words.StepsOf(&s, false)
	return steps.Effect(l, &s.Contributions[0])
}
