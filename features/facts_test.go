package features

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

func TestValidateFactsNamesTheFirstFifty(t *testing.T) {
	h := &tarozi.CaseHistory{PersonID: "p", AgencyID: "a"}
	for range 60 {
		h.Facts = append(h.Facts, tarozi.Fact{Feature: "dependents", Value: tarozi.Number(-1), AsOf: tarozi.Date{Year: 2024, Month: 1, Day: 1},
			Status: tarozi.Verified})
	}
	err, ok := ValidateFacts(h).(*tarozi.Error)
	if !ok || len(err.Fields) != 50 || !strings.HasPrefix(err.Message, "60 facts do not fit") {
		t.Fatalf("got %v with %d fields, want 60 faults of which 50 are named", err, len(err.Fields))
	}
	if last := err.Fields[49].Pointer; last != "/facts/49/value" {
		t.Errorf("the last one named is %s", last)
	}
	if _, err := Extract(h, Moment{AsOf: tarozi.Date{Year: 2024, Month: 6, Day: 1}, Zone: time.UTC}); tarozi.CodeOf(err) != tarozi.Malformed {
		t.Errorf("Extract gives %v, want the facts refused", err)
	}
}

func TestOneFaultIsSaidInTheSingular(t *testing.T) {
	h := &tarozi.CaseHistory{Facts: []tarozi.Fact{{Feature: "x"}}}
	if err := ValidateFacts(h); err == nil || !strings.HasPrefix(err.Error(), "a fact does not fit") {
		t.Errorf("got %v", err)
	}
}

func TestFactsWithTheSameValueMayRepeat(t *testing.T) {
	fact := tarozi.Fact{Feature: "dependents", Value: tarozi.Number(2), AsOf: tarozi.Date{Year: 2024, Month: 1, Day: 1}, Status: tarozi.Verified}
	disputed := fact
	disputed.Value, disputed.Status = tarozi.Number(1), tarozi.Disputed
	if err := ValidateFacts(&tarozi.CaseHistory{Facts: []tarozi.Fact{fact, fact, disputed}}); err != nil {
		t.Error(err)
	}
}

func TestMomentNeedsADayAndAZone(t *testing.T) {
	for name, m := range map[string]Moment{
		"no zone": {AsOf: tarozi.Date{Year: 2024, Month: 1, Day: 1}},
		"no day":  {Zone: time.UTC},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Extract(&tarozi.CaseHistory{}, m); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestNumber(t *testing.T) {
	start := tarozi.Date{Year: 2024, Month: 1, Day: 1}
	h := &tarozi.CaseHistory{PersonID: "p", AgencyID: "a",
		Supervision: []tarozi.Supervision{{From: start, Kind: tarozi.SupervisionParole, Level: "specialised", Conditions: []tarozi.Condition{}}}}
	x, err := Extract(h, Moment{AsOf: start.AddDays(10), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{"supervision_level_first": 2, "condition_treatment": 0, "days_under_supervision": 10} {
		i, _ := Index(key)
		if got := number(x, i); got != want {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

// number is the value of feature i as a number: NaN where missing, the place of a category in the catalogue, 0 or 1 for a flag.
func number(x *Extraction, i int) float64 {
	value := x.Entries[i].Value
	if value.Kind() == tarozi.TextValue {
		return float64(slices.Index(catalogue[i].Categories, value.Text()))
	}
	return value.Float()
}
