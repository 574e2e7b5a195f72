package datasets

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
)

func nijCases(t *testing.T, data []byte, options NIJOptions) []Case {
	t.Helper()
	var cases []Case
	for row, err := range NIJ(bytes.NewReader(data), options) {
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, row)
	}
	return cases
}

func TestNIJHistoriesAreOfTheVocabulary(t *testing.T) {
	for _, months := range []int{0, 12, 24} {
		cases := nijCases(t, makeNIJSample(), NIJOptions{Months: months, Activity: true})
		if len(cases) != sampleRows {
			t.Fatalf("months %d: %d cases of %d rows", months, len(cases), sampleRows)
		}
		for _, c := range cases {
			if err := c.Request.History.Validate(); err != nil {
				t.Errorf("%s: %v", c.Request.History.PersonID, err)
			}
			if err := c.Protected.Validate(); err != nil {
				t.Errorf("%s: %v", c.Request.History.PersonID, err)
			}
			for _, o := range c.Outcomes {
				if err := o.Validate(); err != nil {
					t.Errorf("%s: %v", c.Request.History.PersonID, err)
				}
			}
			text, err := json.Marshal(&c.Request)
			if err != nil {
				t.Fatal(err)
			}
			var again tarozi.Request
			if err := tarozi.Decode(text, &again); err != nil {
				t.Errorf("%s: a strict reader refuses the line: %v", c.Request.History.PersonID, err)
			}
			if got := again.History.Supervision[0].Conditions; got == nil {
				t.Errorf("%s: conditions known to be none came back as not known", c.Request.History.PersonID)
			}
		}
	}
}

// A history is the same whatever the person's sex, race and area are, but for the gang affiliation that comes blank for women.
func TestNIJHistoryDoesNotDependOnProtectedAttributes(t *testing.T) {
	sample := string(makeNIJSample())
	changed := strings.NewReplacer(",BLACK,", ",WHITE,", ",WHITE,", ",BLACK,").Replace(sample)
	before := nijCases(t, []byte(sample), NIJOptions{Activity: true})
	after := nijCases(t, []byte(changed), NIJOptions{Activity: true})
	for i := range before {
		a, b := marshal(t, before[i].Request), marshal(t, after[i].Request)
		if a != b {
			t.Errorf("race changes the history of %s", before[i].Request.History.PersonID)
		}
		if before[i].Protected.Attributes["race"] == after[i].Protected.Attributes["race"] {
			t.Fatalf("the test did not change the race of %s", before[i].Request.History.PersonID)
		}
		for _, word := range []string{"male", "puma", "black", "white"} {
			if strings.Contains(strings.ToLower(a), word) {
				t.Errorf("the history of %s holds %q", before[i].Request.History.PersonID, word)
			}
		}
	}
}

func TestNIJOutcomes(t *testing.T) {
	date := func(text string) tarozi.Date {
		d, err := tarozi.ParseDate(text)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for _, row := range []struct {
		name                  string
		within, y1, y2, y3    string
		observed              bool
		on                    tarozi.Date
		em, delinquency       string
		violation, violationN bool // observed; no outcome at all
	}{
		{name: "no arrest, no violation", within: "false", y1: "false", y2: "false", y3: "false", em: "false", delinquency: "0"},
		{name: "year 1", within: "true", y1: "true", y2: "false", y3: "false", observed: true, on: date("2015-01-01"), em: "true", delinquency: "0", violation: true},
		{name: "year 2", within: "true", y1: "false", y2: "true", y3: "false", observed: true, on: date("2016-01-01"), em: "false", delinquency: "4 or more", violation: true},
		{name: "year 3", within: "true", y1: "false", y2: "false", y3: "true", observed: true, on: date("2017-01-01"), em: "", delinquency: "0", violationN: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			data := edit(t, map[string]string{
				"Recidivism_Within_3years": row.within, "Recidivism_Arrest_Year1": row.y1, "Recidivism_Arrest_Year2": row.y2,
				"Recidivism_Arrest_Year3": row.y3, "Violations_ElectronicMonitoring": row.em, "Delinquency_Reports": row.delinquency,
				"Violations_Instruction": "false", "Violations_FailToReport": "false", "Violations_MoveWithoutPermission": "false",
			})
			outcomes := nijCases(t, data, NIJOptions{})[0].Outcomes
			if outcomes[0].Kind != tarozi.Recidivism || outcomes[0].Observed != row.observed || outcomes[0].ObservedOn != row.on {
				t.Errorf("recidivism is %+v", outcomes[0])
			}
			if outcomes[0].FollowedFrom != date("2014-07-01") || outcomes[0].FollowedUntil != date("2017-07-01") {
				t.Errorf("followed from %v until %v", outcomes[0].FollowedFrom, outcomes[0].FollowedUntil)
			}
			if row.violationN {
				if len(outcomes) != 1 {
					t.Errorf("a violation that is not known came as %+v", outcomes[1:])
				}
				return
			}
			if len(outcomes) != 2 || outcomes[1].Kind != tarozi.ViolationOf || outcomes[1].Observed != row.violation {
				t.Errorf("violation is %+v", outcomes[1:])
			}
		})
	}
}

func TestNIJWithoutOutcomeColumns(t *testing.T) {
	data := edit(t, nil, "Recidivism_Within_3years", "Recidivism_Arrest_Year1", "Recidivism_Arrest_Year2", "Recidivism_Arrest_Year3")
	for _, c := range nijCases(t, data, NIJOptions{}) {
		for _, o := range c.Outcomes {
			if o.Kind == tarozi.Recidivism {
				t.Fatalf("recidivism from a file without outcomes: %+v", o)
			}
		}
	}
}

func TestNIJRefuses(t *testing.T) {
	sample := string(makeNIJSample())
	header, rest, _ := strings.Cut(sample, "\n")
	for _, row := range []struct {
		name, data, want string
	}{
		{"an empty file", "", "line 1: the file is empty"},
		{"an unknown column", strings.Replace(sample, "Race", "Ethnic_Group", 1), "line 1, column Ethnic_Group: this column is not of the data set"},
		{"a column twice", strings.Replace(sample, "Race", "Gender", 1), "line 1, column Gender: this column stands in the header twice"},
		{"a missing column", string(edit(t, nil, "Dependents")), "line 1, column Dependents: this column is missing"},
		{"some of the outcomes", string(edit(t, nil, "Recidivism_Arrest_Year2")), "give all or none"},
		{"an unknown value", string(edit(t, map[string]string{"Prison_Years": "5 years"})), `line 2, column Prison_Years: "5 years" is not a value`},
		{"a count in another form", string(edit(t, map[string]string{"Dependents": "3"})), `column Dependents: "3" is not a value of this column: expected 0 to 2 or "3 or more"`},
		{"a blank where none may be", string(edit(t, map[string]string{"Education_Level": ""})), `column Education_Level: ""`},
		{"a score out of range", string(edit(t, map[string]string{"Supervision_Risk_Score_First": "11"})), "column Supervision_Risk_Score_First"},
		{"a share above 1", string(edit(t, map[string]string{"Percent_Days_Employed": "1.2"})), "column Percent_Days_Employed"},
		{"not a number", string(edit(t, map[string]string{"Jobs_Per_Year": "NaN"})), "column Jobs_Per_Year"},
		{"a flag in capitals", string(edit(t, map[string]string{"Condition_MH_SA": "TRUE"})), "column Condition_MH_SA"},
		{"a bad id", string(edit(t, map[string]string{"ID": "07"})), "column ID"},
		{"an id twice", string(edit(t, map[string]string{"ID": "4"})), "line 3, column ID: this id stands on line 2 already"},
		{"an arrest in two years", string(edit(t, map[string]string{"Recidivism_Within_3years": "true", "Recidivism_Arrest_Year1": "true", "Recidivism_Arrest_Year2": "true"})), "cannot fall into two years"},
		{"outcomes that contradict", string(edit(t, map[string]string{"Recidivism_Within_3years": "true"})), "contradicts the columns of the single years"},
		{"a cut-off last line", sample[:len(sample)-40], "more or fewer fields"},
		{"an open quote", header + "\n\"" + rest, "not CSV"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var faults []string
			for _, err := range NIJ(strings.NewReader(row.data), NIJOptions{}) {
				if err != nil {
					var cell *CellError
					if !errors.As(err, &cell) || cell.Line == 0 {
						t.Errorf("%v names no line", err)
					}
					faults = append(faults, err.Error())
				}
			}
			if !strings.Contains(strings.Join(faults, "\n"), row.want) {
				t.Errorf("faults are %q, want %q", faults, row.want)
			}
		})
	}
}

// edit is the sample with the first row's cells replaced and columns left out.
func edit(t *testing.T, cells map[string]string, without ...string) []byte {
	t.Helper()
	return editCSV(t, makeNIJSample(), cells, without...)
}

func marshal(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestNIJSampleReadsFromItsFile(t *testing.T) {
	data, err := os.ReadFile(nijSample)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(nijCases(t, data, NIJOptions{})); got != sampleRows {
		t.Errorf("%d cases, want %d", got, sampleRows)
	}
}

// Whatever the bytes, reading ends, and every fault names its line.
func FuzzNIJ(f *testing.F) {
	sample := makeNIJSample()
	f.Add(sample[:2000])
	f.Add(bytes.ReplaceAll(sample[:3000], []byte("false"), []byte("\"fa\nlse\"")))
	f.Add([]byte("ID\n1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for row, err := range NIJ(bytes.NewReader(data), NIJOptions{Activity: true}) {
			if err != nil {
				var cell *CellError
				if !errors.As(err, &cell) || cell.Line < 1 {
					t.Fatalf("%v names no line", err)
				}
				continue
			}
			if err := row.Request.History.Validate(); err != nil {
				t.Fatal(err)
			}
		}
	})
}
