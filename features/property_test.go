package features

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

// The properties hold for any history; rapid makes the histories and shrinks what breaks one. Days lie close together so that
// records meet at the edges of windows, periods and each other.

var propertyMoment = Moment{AsOf: tarozi.Date{Year: 2024, Month: time.March, Day: 1}, Zone: time.FixedZone("UTC+5", 5*3600)}

func drawDay(t *rapid.T, label string, oldest, youngest int) tarozi.Date {
	return propertyMoment.AsOf.AddDays(-rapid.IntRange(youngest, oldest).Draw(t, label))
}

func drawTime(t *rapid.T, label string, oldest, youngest int) time.Time {
	day := drawDay(t, label, oldest, youngest)
	return time.Date(day.Year, day.Month, day.Day, rapid.SampledFrom([]int{0, 12, 23}).Draw(t, label+" hour"), 59, 0, 0, propertyMoment.Zone)
}

func optionally[T any](t *rapid.T, label string, list []T) T {
	var none T
	return rapid.SampledFrom(append(slices.Clone(list), none)).Draw(t, label)
}

func drawEvent(t *rapid.T, id string) tarozi.Event {
	e := tarozi.Event{ID: id, Type: rapid.SampledFrom(tarozi.EventTypes).Draw(t, "type"),
		Status: rapid.SampledFrom(append(slices.Clone(tarozi.Statuses), tarozi.Verified, tarozi.Verified)).Draw(t, "status"),
		At:     drawTime(t, "at", 400, -3)}
	e.ReceivedAt = e.At.AddDate(0, 0, rapid.IntRange(0, 3).Draw(t, "received after"))
	switch e.Type {
	case tarozi.EventArrest, tarozi.EventCharge, tarozi.EventConviction:
		e.Offence = rapid.SampledFrom(tarozi.Offences).Draw(t, "offence")
		e.Severity = rapid.SampledFrom(tarozi.Severities).Draw(t, "severity")
		if involved := optionally(t, "involves", tarozi.Involvements); involved != "" {
			e.Involves = []tarozi.Involvement{involved}
		}
	case tarozi.EventRevocation:
		e.Revoked = tarozi.SupervisionParole
	case tarozi.EventContact, tarozi.EventProgramSession:
		e.Attendance = rapid.SampledFrom(tarozi.Attendances).Draw(t, "attendance")
	case tarozi.EventEmployment:
		e.Work = rapid.SampledFrom(tarozi.Works).Draw(t, "work")
		if rapid.Bool().Draw(t, "ended") {
			e.Until = tarozi.DateOf(e.At).AddDays(rapid.IntRange(0, 200).Draw(t, "length"))
		}
	case tarozi.EventDrugTest:
		e.Result = rapid.SampledFrom(tarozi.TestResults).Draw(t, "result")
		if e.Result == tarozi.TestPositive {
			e.Substances = []tarozi.Substance{rapid.SampledFrom(tarozi.Substances).Draw(t, "substance")}
		}
	case tarozi.EventViolation:
		e.Violation = rapid.SampledFrom(tarozi.ViolationKinds).Draw(t, "violation")
	case tarozi.EventAlert:
		e.Alert = rapid.SampledFrom(tarozi.AlertKinds).Draw(t, "alert")
		e.Finding = optionally(t, "finding", tarozi.Findings)
	case tarozi.EventCheckIn:
		e.Match = rapid.SampledFrom(tarozi.BiometricMatches).Draw(t, "match")
		e.Verdict = optionally(t, "verdict", tarozi.Verdicts)
	case tarozi.EventIncident:
		e.Category = rapid.SampledFrom(tarozi.IncidentCategories).Draw(t, "category")
		e.DetectedBy = rapid.SampledFrom(tarozi.Detectors).Draw(t, "detected by")
		e.ConfirmedBy = optionally(t, "confirmed by", []string{"officer-7"})
	}
	return e
}

func drawFact(t *rapid.T, received time.Time) tarozi.Fact {
	d := rapid.SampledFrom(catalogue).Draw(t, "feature")
	var value tarozi.Value
	switch d.Kind {
	case KindCategory:
		value = tarozi.Category(rapid.SampledFrom(d.Categories).Draw(t, "category"))
	case KindFlag:
		value = tarozi.Flag(rapid.Bool().Draw(t, "flag"))
	case KindShare:
		value = tarozi.Number(float64(rapid.IntRange(0, 4).Draw(t, "quarters")) / 4)
	default:
		value = tarozi.Number(d.Min + float64(rapid.IntRange(0, 4).Draw(t, "number")))
	}
	return tarozi.Fact{Feature: d.Key, Value: value, AsOf: drawDay(t, "fact's day", 400, -1), ReceivedAt: received,
		Status: rapid.SampledFrom(append(slices.Clone(tarozi.Statuses), tarozi.Verified)).Draw(t, "fact's status")}
}

// drawHistory makes a valid history. Every fact has a time of receipt of its own, so that no two contradict each other.
func drawHistory(t *rapid.T) *tarozi.CaseHistory {
	h := &tarozi.CaseHistory{PersonID: "p", AgencyID: "a", BirthDate: drawDay(t, "birth", 20_000, 7_000)}
	for range rapid.IntRange(0, 2).Draw(t, "sentences") {
		s := tarozi.Sentence{ImposedOn: drawDay(t, "imposed", 900, -5), Type: rapid.SampledFrom(tarozi.SentenceTypes).Draw(t, "sentence"),
			Offence: optionally(t, "offence", tarozi.Offences), Severity: optionally(t, "severity", tarozi.Severities)}
		if rapid.Bool().Draw(t, "stated days") {
			days := rapid.IntRange(0, 900).Draw(t, "days")
			s.CustodyDays = &days
		}
		if rapid.Bool().Draw(t, "released") {
			s.ReleasedOn = s.ImposedOn.AddDays(rapid.IntRange(0, 900).Draw(t, "served"))
		}
		if rapid.Bool().Draw(t, "planned") {
			s.ReleasePlannedOn = s.ImposedOn.AddDays(rapid.IntRange(0, 1200).Draw(t, "to serve"))
		}
		h.Sentences = append(h.Sentences, s)
	}
	for range rapid.IntRange(0, 3).Draw(t, "periods") {
		s := tarozi.Supervision{From: drawDay(t, "from", 500, -5), Kind: rapid.SampledFrom(tarozi.SupervisionKinds).Draw(t, "kind"),
			Level: optionally(t, "level", tarozi.SupervisionLevels)}
		if rapid.Bool().Draw(t, "period ended") {
			s.To = s.From.AddDays(rapid.IntRange(0, 300).Draw(t, "period"))
		}
		switch rapid.IntRange(0, 2).Draw(t, "conditions") {
		case 1:
			s.Conditions = []tarozi.Condition{}
		case 2:
			s.Conditions = []tarozi.Condition{rapid.SampledFrom(tarozi.Conditions).Draw(t, "condition")}
		}
		h.Supervision = append(h.Supervision, s)
	}
	for i := range rapid.IntRange(0, 8).Draw(t, "facts") {
		h.Facts = append(h.Facts, drawFact(t, time.Date(2022, 1, 1, 0, i, 0, 0, time.UTC)))
	}
	for i := range rapid.IntRange(0, 12).Draw(t, "events") {
		e := drawEvent(t, "e"+strconv.Itoa(i))
		h.Events = append(h.Events, e)
		if rapid.IntRange(0, 4).Draw(t, "again") == 0 {
			next := drawEvent(t, e.ID)
			next.ReceivedAt = e.ReceivedAt.Add(time.Hour)
			h.Events = append(h.Events, next)
		}
	}
	if err := h.Validate(); err != nil {
		t.Fatalf("the generator made an invalid history: %v", err)
	}
	return h
}

func drawMoment(t *rapid.T) Moment {
	m := propertyMoment
	m.Purpose = rapid.SampledFrom(tarozi.Purposes).Draw(t, "purpose")
	return m
}

func extract(t *rapid.T, h *tarozi.CaseHistory, m Moment) *Extraction {
	x, err := Extract(h, m)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// with is the history with one more event or fact at the end; the given history stays as it is.
func with(h *tarozi.CaseHistory, records ...any) *tarozi.CaseHistory {
	more := *h
	for _, record := range records {
		switch record := record.(type) {
		case tarozi.Event:
			more.Events = append(slices.Clone(more.Events), record)
		case tarozi.Fact:
			more.Facts = append(slices.Clone(more.Facts), record)
		}
	}
	return &more
}

func TestEveryEntryIsAValueOrAReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		x := extract(t, h, m)
		for i, d := range catalogue {
			e := x.Entries[i]
			if e.Value.IsZero() == (e.Missing == "") {
				t.Errorf("%s: value %q and reason %q: want exactly one", d.Key, e.Value, e.Missing)
			}
			if e.Missing != "" {
				if !math.IsNaN(number(x, i)) {
					t.Errorf("%s is missing but %v as a model's input", d.Key, number(x, i))
				}
				continue
			}
			if number := number(x, i); math.IsNaN(number) || (d.Kind == KindShare && (number < 0 || number > 1)) || number < 0 {
				t.Errorf("%s is %v", d.Key, number)
			}
			for _, record := range e.Evidence {
				if describe(h, record) == "" {
					t.Errorf("%s rests on %s, which the history does not have", d.Key, record)
				}
			}
		}
	})
}

func TestUnestablishedRecordNeverCountsAgainst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		var record any
		if rapid.Bool().Draw(t, "a fact") {
			fact := drawFact(t, time.Date(2022, 1, 2, 0, 0, 0, 0, time.UTC))
			if fact.Status == tarozi.Verified {
				fact.Status = tarozi.Disputed
			}
			record = fact
		} else {
			e := drawEvent(t, "added")
			if e.Established() || (e.Type == tarozi.EventCheckIn && e.Status == tarozi.Verified) {
				e.Status = rapid.SampledFrom([]tarozi.Status{tarozi.Alleged, tarozi.Disputed, tarozi.Unfounded}).Draw(t, "not established")
			}
			record = e
		}
		before, after := extract(t, h, m), extract(t, with(h, record), m)
		for i := range catalogue {
			if d := &catalogue[i]; against(d, before.Entries[i], after.Entries[i]) {
				t.Errorf("%s: %+v became %+v", d.Key, before.Entries[i], after.Entries[i])
			}
		}
		if !slices.Equal(before.NewArrests, after.NewArrests) || before.Start != after.Start || before.Months != after.Months {
			t.Errorf("new arrests %v, start %s became %v, %s", before.NewArrests, before.Start, after.NewArrests, after.Start)
		}
	})
}

// against reports whether a value got worse for the person. A value that was unknown may become known only where it is the best
// there is, or where a record in the person's favour gives it.
func against(d *definition, before, after Entry) bool {
	sign := float64(d.Adverse)
	switch {
	case d.Adverse == 0:
		return before.Value != after.Value
	case before.Missing != "" && after.Missing != "":
		return false
	case after.Missing != "":
		return true
	case before.Missing == "":
		return sign*after.Value.Float() > sign*before.Value.Float()
	case d.Adverse < 0:
		return after.Value.Float() == d.Min
	default:
		return after.Value.Float() != d.Min && !slices.Contains(after.Evidence, "added")
	}
}

func TestLaterRecordChangesNothingButAfter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		e := drawEvent(t, "added")
		if rapid.Bool().Draw(t, "happened later") {
			e.At = drawTime(t, "later", -1, -20)
			e.Until = tarozi.Date{}
		}
		if tarozi.DateOf(e.At.In(m.Zone)).Compare(m.AsOf) <= 0 || rapid.Bool().Draw(t, "received later") {
			e.ReceivedAt = drawTime(t, "received", -1, -20)
		}
		before, after := extract(t, h, m), extract(t, with(h, e), m)
		if after.After != before.After+1 {
			t.Errorf("after: %d became %d", before.After, after.After)
		}
		after.After = before.After
		if !reflect.DeepEqual(before, after) {
			t.Errorf("an event after the as-of day changed\n%+v to\n%+v", before, after)
		}
	})
}

func TestOrderOfRecordsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		shuffled := *h
		shuffled.Sentences = rapid.Permutation(h.Sentences).Draw(t, "sentences shuffled")
		shuffled.Supervision = rapid.Permutation(h.Supervision).Draw(t, "supervision shuffled")
		shuffled.Facts = rapid.Permutation(h.Facts).Draw(t, "facts shuffled")
		shuffled.Events = rapid.Permutation(h.Events).Draw(t, "events shuffled")
		one, two := named(h, extract(t, h, m)), named(&shuffled, extract(t, &shuffled, m))
		if !reflect.DeepEqual(one, two) {
			t.Errorf("the order of records changed\n%+v to\n%+v", one, two)
		}
	})
}

// named replaces each pointer by what the record says, since places change with the order.
func named(h *tarozi.CaseHistory, x *Extraction) *Extraction {
	for i := range x.Entries {
		for j, record := range x.Entries[i].Evidence {
			x.Entries[i].Evidence[j] = tarozi.Evidence(describe(h, record))
		}
		slices.Sort(x.Entries[i].Evidence)
	}
	return x
}

// describe says what a piece of evidence is; empty where the history has no such record. Records of one day that a rule may take
// for one another have the same description.
func describe(h *tarozi.CaseHistory, record tarozi.Evidence) string {
	name, isPointer := strings.CutPrefix(string(record), "#/")
	if !isPointer {
		if slices.ContainsFunc(h.Events, func(e tarozi.Event) bool { return e.ID == string(record) }) {
			return string(record)
		}
		return ""
	}
	kind, place, _ := strings.Cut(name, "/")
	i, err := strconv.Atoi(place)
	switch {
	case name == "birth_date" || name == "birth_year":
		return name
	case err != nil || i < 0:
		return ""
	case kind == "facts" && i < len(h.Facts):
		fact := &h.Facts[i]
		return fmt.Sprint(fact.Feature, fact.AsOf, fact.Value, fact.Status, fact.ReceivedAt)
	case kind == "sentences" && i < len(h.Sentences):
		return "sentence of " + h.Sentences[i].ImposedOn.String()
	case kind == "supervision" && i < len(h.Supervision):
		return "supervision from " + h.Supervision[i].From.String()
	}
	return ""
}

func TestExtractLeavesItsInputAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		before, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		first, second := extract(t, h, m), extract(t, h, m)
		after, err := json.Marshal(h)
		if err != nil {
			t.Fatal(err)
		}
		if string(before) != string(after) {
			t.Errorf("extraction changed its input from\n%s to\n%s", before, after)
		}
		if !reflect.DeepEqual(first, second) {
			t.Error("two extractions of one history differ")
		}
	})
}
