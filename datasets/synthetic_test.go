package datasets

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

var lastDay = tarozi.Date{Year: 2026, Month: time.November, Day: 1}

func population(people int) Population {
	return Population{People: people, Seed: 7, Until: lastDay, Agencies: 3}
}

func TestSyntheticDependsOnSeedAndPlaceAlone(t *testing.T) {
	var few, many []string
	for p := range Synthetic(5, 7, lastDay) {
		few = append(few, marshal(t, p))
	}
	for p := range Synthetic(25, 7, lastDay) {
		many = append(many, marshal(t, p))
	}
	if diff := cmp.Diff(few, many[:5]); diff != "" {
		t.Errorf("the first five of 25 differ from five made alone (-five +25):\n%s", diff)
	}
	seen := make(map[string]bool)
	for p := range Synthetic(25, 8, lastDay) {
		seen[strings.ReplaceAll(marshal(t, p), "syn-8-", "syn-7-")] = true
	}
	for i, text := range many {
		if seen[text] {
			t.Errorf("person %d is the same under another seed", i)
		}
	}
}

func TestSyntheticRecordsAreOfTheVocabulary(t *testing.T) {
	agencies := make(map[string]bool)
	for _, a := range SyntheticAgencies(3) {
		agencies[a.ID] = true
	}
	for p := range population(300).All() {
		id := p.History.PersonID
		for what, err := range map[string]error{
			"history": p.History.Validate(), "facts": features.ValidateFacts(&p.History), "identity": p.Identity.Validate(),
			"protected attributes": p.Protected.Validate(),
		} {
			if err != nil {
				t.Errorf("%s, %s: %v", id, what, err)
			}
		}
		for _, o := range p.Outcomes {
			if err := o.Validate(); err != nil {
				t.Errorf("%s, outcome: %v", id, err)
			}
		}
		if !agencies[p.History.AgencyID] {
			t.Errorf("%s is of agency %q", id, p.History.AgencyID)
		}
		for _, e := range p.History.Events {
			if e.ReceivedAt.Before(e.At) || tarozi.DateOf(e.ReceivedAt).After(lastDay) {
				t.Errorf("%s: event %s is of %v, received %v", id, e.ID, e.At, e.ReceivedAt)
			}
		}
		var again tarozi.Request
		if err := tarozi.Decode([]byte(marshal(t, tarozi.Request{History: p.History, AsOf: p.AsOf, Purpose: p.Purpose})), &again); err != nil {
			t.Errorf("%s: a strict reader refuses the line: %v", id, err)
		}
	}
}

// Everybody can be scored by the shipped model: what it cannot do without is there, and supervision or a planned release is known.
func TestSyntheticPeopleCanBeScored(t *testing.T) {
	for p := range population(400).All() {
		x, err := features.Extract(&p.History, features.Moment{AsOf: p.AsOf, Zone: tashkent, Purpose: p.Purpose})
		if err != nil {
			t.Fatal(err)
		}
		if x.Start.IsZero() {
			t.Errorf("%s: no supervision and no planned release (%s)", p.History.PersonID, p.Purpose)
		}
		for _, key := range []string{"age_at_start", "prior_arrests_felony"} {
			place, _ := features.Index(key)
			if math.IsNaN(number(x, place)) {
				t.Errorf("%s lacks %s", p.History.PersonID, key)
			}
		}
	}
}

func TestSyntheticProportions(t *testing.T) {
	const people = 2000
	got := make(map[string]float64)
	count := func(name string, yes bool) { got[name] += indicator(yes) / people }
	for p := range population(people).All() {
		count("in prison", len(p.History.Sentences) == 1 && p.History.Sentences[0].Type == tarozi.SentenceCustody)
		count("women", p.Protected.Attributes["sex"] == "female")
		monitored, open, fault, disputed, unfounded, alleged, unconfirmed := false, false, false, false, false, false, false
		for _, s := range p.History.Supervision {
			monitored = monitored || s.Kind == tarozi.SupervisionElectronicMonitoring
		}
		for _, e := range p.History.Events {
			disputed = disputed || e.Status == tarozi.Disputed
			unfounded = unfounded || e.Status == tarozi.Unfounded
			alleged = alleged || e.Status == tarozi.Alleged
			fault = fault || e.Finding == tarozi.FindingFault
			open = open || (e.Type == tarozi.EventAlert && e.Finding == "")
			unconfirmed = unconfirmed || (e.DetectedBy == tarozi.DetectedByCamera && e.ConfirmedBy == "")
		}
		count("monitored", monitored)
		count("equipment fault", fault)
		count("alert without a finding", open)
		count("disputed", disputed)
		count("unfounded", unfounded)
		count("alleged", alleged)
		count("unconfirmed camera", unconfirmed)
		stated := make(map[string]bool)
		for _, f := range p.History.Facts {
			stated[f.Feature] = true
		}
		count("no intake score", !stated["intake_risk_score"])
		count("year of birth alone", p.History.BirthYear != 0)
		for _, o := range p.Outcomes {
			count("observed "+string(o.Kind), o.Observed)
		}
	}
	for name, want := range map[string][2]float64{
		"in prison":                 {0.18, 0.22},
		"women":                     {0.11, 0.15},
		"monitored":                 {0.30, 0.40},
		"equipment fault":           {0.25, 0.40},
		"alert without a finding":   {0.25, 0.40},
		"disputed":                  {0.05, 0.25},
		"unfounded":                 {0.10, 0.40},
		"alleged":                   {0.25, 0.60},
		"unconfirmed camera":        {0.05, 0.20},
		"no intake score":           {0.045, 0.085},
		"year of birth alone":       {0.025, 0.055},
		"observed recidivism":       {0.08, 0.22},
		"observed violation":        {0.20, 0.45},
		"observed custody_incident": {0.04, 0.12},
	} {
		if got[name] < want[0] || got[name] > want[1] {
			t.Errorf("share of %s is %.3f, planned %v", name, got[name], want)
		}
	}
}

func TestSyntheticLandmarks(t *testing.T) {
	marks, last := 0, ""
	left := make(map[string]bool)
	for mark := range population(150).Landmarks() {
		marks++
		id := mark.History.PersonID
		if id != last {
			if left[id] {
				t.Errorf("%s comes back after others", id)
			}
			left[last], last = true, id
		}
		if err := mark.History.Validate(); err != nil {
			t.Errorf("%s as of %v: %v", id, mark.AsOf, err)
		}
		x, err := features.Extract(&mark.History, features.Moment{AsOf: mark.AsOf, Zone: tashkent, Purpose: mark.Purpose})
		if err != nil {
			t.Fatal(err)
		}
		if x.After != 0 {
			t.Errorf("%s as of %v knows %d records of the future", id, mark.AsOf, x.After)
		}
		for _, o := range mark.Outcomes {
			if o.FollowedFrom != mark.AsOf || o.FollowedUntil.Before(mark.AsOf.AddMonths(HorizonMonths-1)) || o.FollowedUntil.After(lastDay) {
				t.Errorf("%s as of %v: followed from %v until %v", id, mark.AsOf, o.FollowedFrom, o.FollowedUntil)
			}
			if o.Observed && !o.ObservedOn.After(mark.AsOf) {
				t.Errorf("%s: an outcome of %v counts as after %v", id, o.ObservedOn, mark.AsOf)
			}
		}
		if len(mark.Truth) != len(mark.Outcomes) {
			t.Errorf("%s as of %v: %d outcomes, %d truths", id, mark.AsOf, len(mark.Outcomes), len(mark.Truth))
		}
	}
	if marks < 1000 {
		t.Errorf("%d landmarks of 150 people", marks)
	}
}

// The quantities of the stated process are what the catalogue reads from the histories, but for what is still on its way to the
// register: each agrees in nearly every landmark where the catalogue has a value.
func TestTruthSpeaksOfTheCataloguesFeatures(t *testing.T) {
	agree, all := make(map[string]int), make(map[string]int)
	for i := range 150 {
		l := population(150).live(i)
		for mark := range l.landmarks() {
			x, err := features.Extract(&mark.History, features.Moment{AsOf: mark.AsOf, Zone: tashkent, Purpose: mark.Purpose})
			if err != nil {
				t.Fatal(err)
			}
			quantities := l.months[l.start.DaysUntil(mark.AsOf)]
			for _, truth := range mark.Truth {
				for key := range truth.Terms {
					place, known := features.Index(key)
					if !known || math.IsNaN(number(x, place)) {
						continue
					}
					all[key]++
					agree[key] += int(indicator(number(x, place) == quantities[key]))
				}
			}
		}
	}
	invisible := map[string]bool{
		quantityFrailty: true, quantityFemale: true, quantityIdleUse: true, quantitySecondary: true, quantityHigher: true,
	}
	for _, process := range Processes() {
		for _, term := range process.Terms {
			if invisible[term.Quantity] {
				continue
			}
			if all[term.Quantity] == 0 || float64(agree[term.Quantity]) < 0.93*float64(all[term.Quantity]) {
				t.Errorf("%s agrees in %d of %d landmarks", term.Quantity, agree[term.Quantity], all[term.Quantity])
			}
		}
	}
}

// In the long run each outcome comes about as often in the month after a landmark as the process states.
func TestOutcomesFollowTheStatedProcess(t *testing.T) {
	expected, observed, variance := make(map[tarozi.OutcomeKind]float64), make(map[tarozi.OutcomeKind]float64), make(map[tarozi.OutcomeKind]float64)
	for mark := range population(1200).Landmarks() {
		for _, truth := range mark.Truth {
			p := 1 / (1 + math.Exp(-truth.LogOdds))
			expected[truth.Outcome] += p
			variance[truth.Outcome] += p * (1 - p)
			for _, o := range mark.Outcomes {
				if o.Kind == truth.Outcome {
					observed[truth.Outcome] += indicator(o.Observed && !o.ObservedOn.After(mark.AsOf.AddMonths(1)))
				}
			}
		}
	}
	for kind, n := range expected {
		if z := (observed[kind] - n) / math.Sqrt(variance[kind]); math.Abs(z) > 4 || n < 50 {
			t.Errorf("%s: %g observed in the month after, %.1f expected (z = %.1f)", kind, observed[kind], n, z)
		}
	}
}

func TestPopulationCheck(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(*Population)
		want   string
	}{
		{"nobody", func(p *Population) { p.People = 0 }, "has 1 to"},
		{"no agency", func(p *Population) { p.Agencies = 0 }, "over 1 to 14 agencies"},
		{"too many agencies", func(p *Population) { p.Agencies = 15 }, "over 1 to 14 agencies"},
		{"no last day", func(p *Population) { p.Until = tarozi.Date{} }, "last day lies between"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := population(1)
			row.change(&p)
			if err := p.Check(); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error is %v, want %q", err, row.want)
			}
		})
	}
	if err := population(1).Check(); err != nil {
		t.Error(err)
	}
}

// The letters of Uzbek's Latin script stand in names as the alphabet has them, never as an apostrophe or a quotation mark.
func TestNamesAreWrittenInUzbekLetters(t *testing.T) {
	turned, hook := false, false
	for p := range population(300).All() {
		turned = turned || strings.ContainsRune(p.Identity.Name, 'ʻ')
		hook = hook || strings.ContainsRune(p.Identity.Name, 'ʼ')
		if strings.ContainsAny(p.Identity.Name, "'`‘’") {
			t.Errorf("%q has a wrong apostrophe", p.Identity.Name)
		}
	}
	if !turned || !hook {
		t.Errorf("U+02BB seen: %t, U+02BC seen: %t", turned, hook)
	}
}
