package features

import (
	"fmt"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// BenchmarkExtract measures one extraction of a history as a register sends it: a sentence, a supervision, 30 facts, and events.
func BenchmarkExtract(b *testing.B) {
	for _, events := range []int{0, 100, 1000, tarozi.MaxEvents} {
		b.Run(fmt.Sprintf("events=%d", events), func(b *testing.B) {
			h, m := busyHistory(events), Moment{AsOf: tarozi.Date{Year: 2024, Month: time.June, Day: 1}, Zone: time.UTC}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Extract(h, m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func busyHistory(events int) *tarozi.CaseHistory {
	start := tarozi.Date{Year: 2023, Month: time.January, Day: 1}
	h := &tarozi.CaseHistory{PersonID: "p", AgencyID: "a", BirthDate: tarozi.Date{Year: 1990, Month: time.May, Day: 2},
		Sentences: []tarozi.Sentence{{ImposedOn: start.AddDays(-500), Type: "custody", Offence: tarozi.OffenceDrug}},
		Supervision: []tarozi.Supervision{{From: start, Kind: tarozi.SupervisionParole, Level: "high",
			Conditions: []tarozi.Condition{tarozi.ConditionCurfew}}}}
	for i := range 30 {
		d := &catalogue[i]
		value := tarozi.Number(d.Min)
		switch d.Kind {
		case KindFlag:
			value = tarozi.Flag(true)
		case KindCategory:
			value = tarozi.Category(d.Categories[0])
		}
		h.Facts = append(h.Facts, tarozi.Fact{Feature: d.Key, Value: value, AsOf: start, Status: tarozi.Verified})
	}
	for i := range events {
		at := time.Date(2023, 1, 1, 0, i*10, 0, 0, time.UTC)
		e := tarozi.Event{ID: fmt.Sprintf("e%d", i), At: at, ReceivedAt: at, Status: tarozi.Verified}
		switch i % 4 {
		case 0:
			e.Type, e.Attendance = tarozi.EventContact, tarozi.Attended
		case 1:
			e.Type, e.Result = tarozi.EventDrugTest, tarozi.TestNegative
		case 2:
			e.Type, e.Alert, e.Finding = tarozi.EventAlert, tarozi.AlertZoneExit, tarozi.FindingBreach
		default:
			e.Type, e.Violation = tarozi.EventViolation, tarozi.ViolationCurfew
		}
		h.Events = append(h.Events, e)
	}
	return h
}
