package features

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
)

// The scenarios under testdata say in plain text what was recorded about a person and what must be read from it. Their lines:
//
//	scenario TITLE                                     begins a new person
//	zone Asia/Tashkent                                 the service's time zone; this one where none is given
//	born 1988-02-29 | born in 1988
//	sentence 2020-01-10, type custody, offence drug    fields of the vocabulary by name, apart by commas
//	supervision 2021-03-01 to 2022-02-28, kind parole, conditions treatment curfew | conditions none
//	fact prior_arrests_drug = 3 on 2024-01-01          then: , disputed (alleged, unfounded) and , received DAY
//	event a1 2024-05-01 arrest, offence drug           then the same; a time where it matters: 2024-05-01T23:30 or with its zone
//	as of 2024-12-31 | as of 2024-12-31, before release
//	    prior_arrests_drug = 4 from fact 1, a1         "from" is optional; "from nothing": no record stands behind it
//	    education missing: no_record
//	    start = 2024-01-01                             also: months, new arrests, after, not counted, birth year only
//	    age of prior_arrests_drug = 365                days since the fact behind the value
//	refused: /facts/0/value out_of_range               the facts do not fit the catalogue
//
// An event without "received" was received when it happened; a day without a time is noon; # begins a remark.

type scenario struct {
	title   string
	at      string // file and line
	zone    *time.Location
	history map[string]any
	checks  []check
	refused []string
}

type check struct {
	at       string
	asOf     tarozi.Date
	purpose  tarozi.Purpose
	expected []string
	places   []string
}

func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.scenario")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, file := range files {
		scenarios, err := readScenarios(file)
		if err != nil {
			t.Fatal(err)
		}
		total += len(scenarios)
		for _, s := range scenarios {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".scenario")+"/"+s.title, s.run)
		}
	}
	if total < 40 {
		t.Errorf("%d scenarios in %d files: the catalogue is promised at least 40", total, len(files))
	}
}

func (s *scenario) run(t *testing.T) {
	data, err := json.Marshal(s.history)
	if err != nil {
		t.Fatalf("%s: %v", s.at, err)
	}
	h := new(tarozi.CaseHistory)
	if err := tarozi.Decode(data, h); err != nil {
		t.Fatalf("%s: %v", s.at, err)
	}
	if err := h.Validate(); err != nil {
		t.Fatalf("%s: %v", s.at, err)
	}
	if s.refused != nil {
		s.runRefused(t, h)
		return
	}
	for _, c := range s.checks {
		x, err := Extract(h, Moment{AsOf: c.asOf, Zone: s.zone, Purpose: c.purpose})
		if err != nil {
			t.Errorf("%s: %v", c.at, err)
			continue
		}
		for i, line := range c.expected {
			if err := compare(x, line); err != nil {
				t.Errorf("%s: as of %s: %v", c.places[i], c.asOf, err)
			}
		}
	}
}

func (s *scenario) runRefused(t *testing.T, h *tarozi.CaseHistory) {
	err := ValidateFacts(h)
	if tarozi.CodeOf(err) != tarozi.Malformed {
		t.Fatalf("%s: got %v, want the facts refused as malformed", s.at, err)
	}
	var got []string
	for _, f := range err.(*tarozi.Error).Fields {
		got = append(got, f.Pointer+" "+f.Code)
	}
	if !slices.Equal(got, s.refused) {
		t.Errorf("%s: refused %v, want %v", s.at, got, s.refused)
	}
}

// compare checks one expected line.
func compare(x *Extraction, line string) error {
	if key, reason, ok := strings.Cut(line, " missing: "); ok {
		i, known := Index(key)
		if !known {
			return fmt.Errorf("there is no feature %q", key)
		}
		if e := x.Entries[i]; e.Missing != tarozi.MissingReason(reason) || !e.Value.IsZero() {
			return fmt.Errorf("%s is %q (missing: %q), want it missing: %s", key, e.Value, e.Missing, reason)
		}
		return nil
	}
	name, want, ok := strings.Cut(line, " = ")
	if !ok {
		return fmt.Errorf("%q is no expectation", line)
	}
	switch name {
	case "start":
		return same(name, x.Start.String(), want)
	case "months":
		return same(name, strconv.Itoa(x.Months), want)
	case "after":
		return same(name, strconv.Itoa(x.After), want)
	case "not counted":
		return same(name, strconv.Itoa(x.NotCounted), want)
	case "birth year only":
		return same(name, yesNo(x.BirthYearOnly), want)
	case "new arrests":
		return same(name, evidence(x.NewArrests), want)
	}
	if key, ok := strings.CutPrefix(name, "age of "); ok {
		i, known := Index(key)
		if !known {
			return fmt.Errorf("there is no feature %q", key)
		}
		return same(name, strconv.Itoa(x.Entries[i].AgeDays), want)
	}
	i, known := Index(name)
	if !known {
		return fmt.Errorf("there is no feature %q", name)
	}
	e := x.Entries[i]
	want, behind, evidenceGiven := strings.Cut(want, " from ")
	got := e.Value.String()
	if e.Value.Kind() == tarozi.FlagValue {
		got = yesNo(e.Value.Float() == 1)
	}
	if number, err := strconv.ParseFloat(want, 64); err == nil && catalogue[i].Kind == KindShare {
		got, want = strconv.FormatFloat(e.Value.Float(), 'f', 4, 64), strconv.FormatFloat(number, 'f', 4, 64)
	}
	if e.Missing != "" {
		return fmt.Errorf("%s is missing (%s), want %s", name, e.Missing, want)
	}
	if got != want {
		return fmt.Errorf("%s = %s, want %s", name, got, want)
	}
	if evidenceGiven {
		return same("the evidence of "+name, evidence(e.Evidence), behind)
	}
	return nil
}

func same(what, got, want string) error {
	if got != want {
		return fmt.Errorf("%s = %s, want %s", what, got, want)
	}
	return nil
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// evidence writes records as scenarios name them: events by id, facts, sentences and supervision by their number from 1.
func evidence(list []tarozi.Evidence) string {
	if len(list) == 0 {
		return "nothing"
	}
	var names []string
	for _, e := range list {
		name, isPointer := strings.CutPrefix(string(e), "#/")
		if isPointer {
			kind, place, _ := strings.Cut(name, "/")
			name = strings.ReplaceAll(kind, "_", " ")
			if i, err := strconv.Atoi(place); err == nil {
				name = strings.TrimSuffix(kind, "s") + " " + strconv.Itoa(i+1)
			}
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func readScenarios(file string) ([]*scenario, error) {
	in, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	var list []*scenario
	lines := bufio.NewScanner(in)
	for number := 1; lines.Scan(); number++ {
		text, _, _ := strings.Cut(lines.Text(), " # ")
		text = strings.TrimRight(text, " ")
		if strings.HasPrefix(text, "#") || text == "" {
			continue
		}
		at := fmt.Sprintf("%s:%d", file, number)
		if title, ok := strings.CutPrefix(text, "scenario "); ok {
			zone, err := time.LoadLocation("Asia/Tashkent")
			if err != nil {
				return nil, err
			}
			list = append(list, &scenario{title: title, at: at, zone: zone,
				history: map[string]any{"person_id": "p-1", "agency_id": "agency-1"}})
			continue
		}
		if len(list) == 0 {
			return nil, fmt.Errorf("%s: a scenario begins with its title", at)
		}
		if err := list[len(list)-1].line(text, at); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	return list, lines.Err()
}

func (s *scenario) line(text, at string) error {
	if strings.HasPrefix(text, " ") {
		if len(s.checks) == 0 {
			return fmt.Errorf("what is expected needs an \"as of\" before it")
		}
		c := &s.checks[len(s.checks)-1]
		c.expected = append(c.expected, strings.Join(strings.Fields(text), " "))
		c.places = append(c.places, at)
		return nil
	}
	word, rest, _ := strings.Cut(text, " ")
	switch word {
	case "zone":
		zone, err := time.LoadLocation(rest)
		s.zone = zone
		return err
	case "born":
		if year, ok := strings.CutPrefix(rest, "in "); ok {
			number, err := strconv.Atoi(year)
			s.history["birth_year"] = number
			return err
		}
		s.history["birth_date"] = rest
	case "sentence":
		day, fields, _ := strings.Cut(rest, ", ")
		return s.record("sentences", map[string]any{"imposed_on": day}, fields)
	case "supervision":
		span, fields, _ := strings.Cut(rest, ", ")
		from, to, ended := strings.Cut(span, " to ")
		record := map[string]any{"from": from}
		if ended {
			record["to"] = to
		}
		return s.record("supervision", record, fields)
	case "fact":
		statement, fields, _ := strings.Cut(rest, ", ")
		key, value, ok := strings.Cut(statement, " = ")
		value, day, dated := strings.Cut(value, " on ")
		if !ok || !dated {
			return fmt.Errorf("a fact reads: fact KEY = VALUE on DAY")
		}
		return s.record("facts", map[string]any{"feature": key, "value": valueOf(value), "as_of": day, "status": "verified"}, fields)
	case "event":
		head, fields, _ := strings.Cut(rest, ", ")
		parts := strings.Fields(head)
		if len(parts) != 3 {
			return fmt.Errorf("an event reads: event ID TIME TYPE, FIELD VALUE, ...")
		}
		when, err := s.moment(parts[1])
		if err != nil {
			return err
		}
		return s.record("events", map[string]any{"id": parts[0], "type": parts[2], "at": when, "received_at": when, "status": "verified"}, fields)
	case "as":
		day, purpose, _ := strings.Cut(strings.TrimPrefix(rest, "of "), ", ")
		asOf, err := tarozi.ParseDate(day)
		c := check{at: at, asOf: asOf, purpose: tarozi.PurposeSupervision}
		if purpose == "before release" {
			c.purpose = tarozi.PurposeRelease
		}
		s.checks = append(s.checks, c)
		return err
	case "refused:":
		s.refused = append(s.refused, rest)
	default:
		return fmt.Errorf("%q begins no line of a scenario", word)
	}
	return nil
}

// record adds a record with its fields: "name value", or a status alone.
func (s *scenario) record(list string, record map[string]any, fields string) error {
	for field := range strings.SplitSeq(fields, ", ") {
		if field == "" {
			continue
		}
		name, value, _ := strings.Cut(field, " ")
		switch name {
		case "alleged", "disputed", "unfounded", "verified":
			record["status"] = name
		case "received":
			when, err := s.moment(value)
			if err != nil {
				return err
			}
			record["received_at"] = when
		case "conditions", "involves", "substances":
			record[name] = strings.Fields(strings.TrimPrefix(value, "none"))
		case "custody_days", "permitted":
			record[name] = valueOf(value)
		default:
			record[name] = value
		}
	}
	known, _ := s.history[list].([]any)
	s.history[list] = append(known, record)
	return nil
}

// moment reads a day (noon in the scenario's zone), a time of the zone, or a time with a zone of its own.
func (s *scenario) moment(text string) (string, error) {
	if when, err := time.Parse(time.RFC3339, text); err == nil {
		return when.Format(time.RFC3339), nil
	}
	if !strings.Contains(text, "T") {
		text += "T12:00"
	}
	when, err := time.ParseInLocation("2006-01-02T15:04", text, s.zone)
	return when.Format(time.RFC3339), err
}

func valueOf(text string) any {
	switch text {
	case "yes":
		return true
	case "no":
		return false
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return number
	}
	return text
}
