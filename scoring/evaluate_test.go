package scoring

import (
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

func assessor(t *testing.T) *Assessor {
	t.Helper()
	bundles, err := model.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	models, err := NewModels(bundles)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Asia/Tashkent")
	if err != nil {
		t.Fatal(err)
	}
	return &Assessor{Models: models, Zone: zone, Now: func() time.Time { return now }, NewID: func() string { return "id-1" }}
}

// shippedDefault is DefaultModel among the models that ship.
func shippedDefault(t testing.TB, models *Models) *Model {
	t.Helper()
	m, err := models.ByID(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// person is made up: on parole since 2026-06-01, aged 33 then, with a record.
const person = `{"person_id": "p-1", "agency_id": "a-1", "birth_date": "1993-02-11",
 "sentences": [{"imposed_on": "2024-03-01", "type": "parole", "offence": "property", "severity": "medium", "custody_days": 800, "released_on": "2026-06-01"}],
 "supervision": [{"from": "2026-06-01", "kind": "parole", "level": "high", "conditions": ["treatment"]}],
 "facts": [
  {"feature": "intake_risk_score", "value": 6, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "education", "value": "secondary", "as_of": "2026-06-01", "status": "verified"},
  {"feature": "dependents", "value": 1, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_arrests_felony", "value": 4, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_arrests_misdemeanour", "value": 2, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_arrests_property", "value": 3, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_convictions_felony", "value": 2, "as_of": "2026-06-01", "status": "verified"},
  {"feature": "prior_convictions_property", "value": 2, "as_of": "2026-06-01", "status": "verified"}]}`

func request(t *testing.T, asOf string, change func(*tarozi.CaseHistory)) *tarozi.Request {
	t.Helper()
	r := new(tarozi.Request)
	if err := tarozi.Decode([]byte(person), &r.History); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&r.History)
	}
	var err error
	if r.AsOf, err = tarozi.ParseDate(asOf); err != nil {
		t.Fatal(err)
	}
	return r
}

func began(day string) func(*tarozi.CaseHistory) {
	return func(h *tarozi.CaseHistory) {
		h.Supervision[0].From, _ = tarozi.ParseDate(day)
		h.Sentences[0].ReleasedOn = h.Supervision[0].From
		h.Sentences[0].ImposedOn = h.Supervision[0].From.AddMonths(-24)
	}
}

func TestContributionsAreTheScore(t *testing.T) {
	r, err := assessed(assessor(t), request(t, "2026-11-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Assessment.Scores) == 0 {
		t.Fatal("no score")
	}
	for _, s := range r.Assessment.Scores {
		points, logOdds := s.Baseline, s.BaselineLogOdds
		for _, c := range s.Contributions {
			points += c.Points
			logOdds += c.LogOdds
		}
		if points != s.Probability || logOdds != s.LogOdds {
			t.Errorf("%s: sums %v and %v, the score is %v and %v", s.Outcome, points, logOdds, s.Probability, s.LogOdds)
		}
		if off := math.Abs(math.Log(s.Probability/(1-s.Probability)) - s.LogOdds); off > 1e-9 {
			t.Errorf("%s: the log-odds of %v are not %v", s.Outcome, s.Probability, s.LogOdds)
		}
	}
}

type served struct {
	outcome tarozi.OutcomeKind
	horizon int // 0: while supervised
}

func TestWhichScoresAreServed(t *testing.T) {
	const rec, vio = tarozi.Recidivism, tarozi.ViolationOf
	for _, c := range []struct {
		name  string
		began string
		asOf  string
		want  []served
		warns []tarozi.WarningCode
	}{
		{"on the day supervision begins", "2026-06-01", "2026-06-01", []served{{rec, 12}, {rec, 24}, {rec, 36}, {vio, 0}}, nil},
		{"five months in", "2026-06-01", "2026-11-01", []served{{rec, 12}, {rec, 24}, {vio, 0}}, nil},
		{"twelve months in", "2025-06-01", "2026-06-01", []served{{rec, 12}, {rec, 24}, {vio, 0}}, nil},
		{"twenty-four months in", "2024-06-01", "2026-06-01", []served{{rec, 12}, {vio, 0}}, nil},
		{"thirty months in", "2024-06-01", "2026-12-01", nil, nil},
		{"thirty months in, today", "2024-05-01", "2026-11-01", []served{{rec, 6}, {vio, 0}}, []tarozi.WarningCode{tarozi.WarnHorizonShortened}},
		{"thirty-six months in", "2023-10-01", "2026-11-01", []served{{vio, 0}}, []tarozi.WarningCode{tarozi.WarnOutsideModel}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := assessed(assessor(t), request(t, c.asOf, began(c.began)))
			if c.want == nil {
				if tarozi.CodeOf(err) != tarozi.Malformed {
					t.Fatalf("an as-of date in the future gives %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []served
			for _, s := range r.Assessment.Scores {
				one := served{outcome: s.Outcome}
				if s.HorizonMonths != nil {
					one.horizon = *s.HorizonMonths
				}
				got = append(got, one)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("served %v, want %v", got, c.want)
			}
			for _, code := range c.warns {
				if !slices.ContainsFunc(r.Assessment.Warnings, func(w tarozi.Warning) bool { return w.Code == code }) {
					t.Errorf("no warning %s among %+v", code, r.Assessment.Warnings)
				}
			}
		})
	}
}

// The hazard within an interval is constant: five months in, the next 12 take 7/12 of the first head and 5/12 of the second.
func TestHazardsBetweenLandmarks(t *testing.T) {
	a := assessor(t)
	bundle, err := a.Models.ByID(DefaultModel)
	if err != nil {
		t.Fatal(err)
	}
	r, err := assessed(a, request(t, "2026-11-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	in := new(Inputs)
	if err := json.Unmarshal(r.Inputs, in); err != nil {
		t.Fatal(err)
	}
	survival := 1.0
	for k, months := range map[int]float64{0: 7, 1: 5} {
		out, err := bundle.Heads[k].Run(in.row(bundle.Card))
		if err != nil {
			t.Fatal(err)
		}
		survival *= math.Pow(1-bundle.Heads[k].Hazard(out.Margin), months/12)
	}
	if got := r.Assessment.Scores[0].Probability; math.Abs(got-(1-survival)) > 1e-12 {
		t.Errorf("probability %v, by hand %v", got, 1-survival)
	}
}

func TestWhoIsNotScored(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*tarozi.CaseHistory)
		code   tarozi.Code
		field  string
	}{
		{"nobody supervises the person", func(h *tarozi.CaseHistory) { h.Supervision = nil }, tarozi.NotScorable, "no_supervision"},
		{"no date of birth", func(h *tarozi.CaseHistory) { h.BirthDate = tarozi.Date{} }, tarozi.NotScorable, "required_input_missing"},
		{"a fact out of range", func(h *tarozi.CaseHistory) { h.Facts[0].Value = tarozi.Number(77) }, tarozi.Malformed, "out_of_range"},
		{"an event received in the future", func(h *tarozi.CaseHistory) {
			h.Events = append(h.Events, tarozi.Event{ID: "e1", Type: tarozi.EventDelinquencyReport, At: now, ReceivedAt: now.AddDate(1, 0, 0), Status: tarozi.Verified})
		}, tarozi.Malformed, "in_future"},
		{"a fact about nothing", func(h *tarozi.CaseHistory) { h.Facts[0].Feature = "shoe_size" }, tarozi.Malformed, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := assessed(assessor(t), request(t, "2026-11-01", c.change))
			var e *tarozi.Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Fatalf("got %v, want code %s", err, c.code)
			}
			if c.field != "" && !slices.ContainsFunc(e.Fields, func(f tarozi.FieldError) bool { return f.Code == c.field }) {
				t.Errorf("fields %+v, want %s", e.Fields, c.field)
			}
		})
	}
}

func TestNewArrestIsNotScoredForOne(t *testing.T) {
	arrest := func(status tarozi.Status) func(*tarozi.CaseHistory) {
		return func(h *tarozi.CaseHistory) {
			at := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)
			h.Events = append(h.Events, tarozi.Event{ID: "e1", Type: tarozi.EventArrest, At: at, ReceivedAt: at, Status: status,
				Offence: tarozi.OffenceDrug, Severity: tarozi.SeverityMinor})
		}
	}
	recidivism := func(s tarozi.Score) bool { return s.Outcome == tarozi.Recidivism }
	r, err := assessed(assessor(t), request(t, "2026-11-01", arrest(tarozi.Verified)))
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(r.Assessment.Scores, recidivism) {
		t.Error("a person with an established new arrest got a score for one")
	}
	plain, err := assessed(assessor(t), request(t, "2026-11-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	alleged, err := assessed(assessor(t), request(t, "2026-11-01", arrest(tarozi.Alleged)))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range plain.Assessment.Scores {
		if alleged.Assessment.Scores[i].Probability > s.Probability {
			t.Errorf("an alleged arrest raises %s from %v to %v", s.Outcome, s.Probability, alleged.Assessment.Scores[i].Probability)
		}
	}
}

// Gang affiliation is the one input where unknown counts as no.
func TestUnknownGangAffiliationCountsAsNo(t *testing.T) {
	stated := func(h *tarozi.CaseHistory) {
		h.Facts = append(h.Facts, tarozi.Fact{Feature: "gang_affiliation", Value: tarozi.Flag(false), AsOf: h.Facts[0].AsOf, Status: tarozi.Verified})
	}
	no, err := assessed(assessor(t), request(t, "2026-11-01", stated))
	if err != nil {
		t.Fatal(err)
	}
	unknown, err := assessed(assessor(t), request(t, "2026-11-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range no.Assessment.Scores {
		if got := unknown.Assessment.Scores[i].Probability; got != s.Probability {
			t.Errorf("%s: unknown gives %v, no gives %v", s.Outcome, got, s.Probability)
		}
	}
	if !slices.ContainsFunc(unknown.Assessment.Missing, func(m tarozi.Missing) bool {
		return m.Feature == "gang_affiliation" && m.CountedAs == "no"
	}) {
		t.Errorf("missing does not say that it counts as no: %+v", unknown.Assessment.Missing)
	}
}

func TestReplay(t *testing.T) {
	a := assessor(t)
	r, err := assessed(a, request(t, "2026-11-01", nil))
	if err != nil {
		t.Fatal(err)
	}
	replay, err := a.Replay(r)
	if err != nil {
		t.Fatal(err)
	}
	if !replay.Same || replay.Difference == nil || *replay.Difference != 0 || !replay.InputUnchanged || replay.Extraction != "same" {
		t.Errorf("an untouched record replays as %+v", replay)
	}

	changed := *r
	changed.Assessment.Scores = slices.Clone(r.Assessment.Scores)
	changed.Assessment.Scores[0].Probability += 0.001
	if replay, err = a.Replay(&changed); err != nil || replay.Same || math.Abs(*replay.Difference-0.001) > 1e-12 {
		t.Errorf("a changed score replays as %+v, %v", replay, err)
	}

	changed = *r
	changed.Assessment.Missing = nil
	if replay, err = a.Replay(&changed); err != nil || replay.Same || replay.Difference != nil {
		t.Errorf("a changed list replays as %+v, %v", replay, err)
	}

	changed = *r
	changed.Input = slices.Clone(r.Input)
	changed.Input = []byte(string(changed.Input[:len(changed.Input)-1]) + " }")
	if replay, err = a.Replay(&changed); err != nil || replay.InputUnchanged {
		t.Errorf("a changed input replays as %+v, %v", replay, err)
	}

	in := new(Inputs)
	if err := tarozi.Decode(r.Inputs, in); err != nil {
		t.Fatal(err)
	}
	slices.Reverse(in.Values)
	for _, c := range []struct {
		name   string
		values []InputValue
	}{{"values in another order", in.Values}, {"a value less", in.Values[1:]}, {"no values", nil}} {
		in.Values = c.values
		changed = *r
		if changed.Inputs, err = tarozi.Canonical(in); err != nil {
			t.Fatal(err)
		}
		if replay, err = a.Replay(&changed); tarozi.CodeOf(err) != tarozi.Internal {
			t.Errorf("%s: replays as %+v, %v", c.name, replay, err)
		}
	}

	changed = *r
	changed.Assessment.Model.SHA256 = "0"
	if _, err = a.Replay(&changed); tarozi.CodeOf(err) != tarozi.NotFound {
		t.Errorf("a bundle that is not there: %v", err)
	}
}

// assessed is an assessment by the bundle that ships, with everything needed to rebuild it.
func assessed(a *Assessor, req *tarozi.Request) (*Record, error) {
	m, err := a.Models.ByID(DefaultModel)
	if err != nil {
		return nil, err
	}
	return a.assess(req, m, Conditions{})
}
