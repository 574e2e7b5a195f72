package datasets

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const compasSample = "testdata/compas_sample.csv"

// makeCOMPASSample draws every column by itself, so nobody's row is copied or resembles one.
func makeCOMPASSample() []byte {
	random := rand.New(rand.NewPCG(2016, 5))
	text := func(list ...string) string { return list[random.IntN(len(list))] }
	number := func(most int) string { return strconv.Itoa(random.IntN(most + 1)) }
	score := func(decile int) string {
		switch {
		case decile <= 4:
			return "Low"
		case decile <= 7:
			return "Medium"
		}
		return "High"
	}
	records := [][]string{compasColumnsOfTheFile}
	for i := range 60 {
		again, decile, violent := random.IntN(2), i%10+1, random.IntN(10)+1
		records = append(records, []string{
			strconv.Itoa(2*i + 1), text("Male", "Female"), strconv.Itoa(18 + random.IntN(60)), text("Less than 25", "25 - 45", "Greater than 45"),
			[]string{"African-American", "Asian", "Caucasian", "Hispanic", "Native American", "Other"}[i%6], number(3), number(3), number(3),
			number(20), text("F", "M"), text("", "-1", "0", "14"), strconv.Itoa(again), strconv.Itoa(again * random.IntN(2)), strconv.Itoa(decile),
			score(decile), strconv.Itoa(violent), score(violent), number(30), strconv.Itoa(40 + random.IntN(900)), number(1),
			strconv.Itoa(again * random.IntN(2)),
		})
	}
	var out bytes.Buffer
	if err := csv.NewWriter(&out).WriteAll(records); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// The header as the file has it.
var compasColumnsOfTheFile = strings.Split("id,sex,age,age_cat,race,juv_fel_count,juv_misd_count,juv_other_count,priors_count,c_charge_degree,"+
	"days_b_screening_arrest,is_recid,is_violent_recid,decile_score,score_text,v_decile_score,v_score_text,start,end,event,two_year_recid", ",")

func TestCOMPASSampleIsWhatItsGeneratorMakes(t *testing.T) {
	made := makeCOMPASSample()
	if *update {
		if err := os.WriteFile(compasSample, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(compasSample)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Errorf("%s differs from what its generator makes: run go test ./datasets -run Sample -update and look at the difference", compasSample)
	}
}

func TestCOMPASKeepsWhatTheFileSays(t *testing.T) {
	cells := readCSV(t, compasSample)
	i := 0
	for row, err := range COMPAS(bytes.NewReader(makeCOMPASSample())) {
		if err != nil {
			t.Fatal(err)
		}
		c := cells[i]
		want := []string{
			"compas-" + c["id"], c["decile_score"], c["v_decile_score"], c["two_year_recid"], c["is_violent_recid"], strings.ToLower(c["sex"]), c["race"],
			map[string]string{"Less than 25": "under_25", "25 - 45": "25_to_44", "Greater than 45": "45_and_over"}[c["age_cat"]],
			c["age"], c["juv_fel_count"], c["juv_misd_count"], c["juv_other_count"], c["priors_count"],
			map[string]string{"F": "1", "M": "0"}[c["c_charge_degree"]],
		}
		if diff := cmp.Diff(want, row.Fields()); diff != "" {
			t.Errorf("row %d (-file +read):\n%s", i, diff)
		}
		if len(row.Fields()) != len(COMPASHeader()) {
			t.Fatalf("%d fields under a header of %d", len(row.Fields()), len(COMPASHeader()))
		}
		i++
	}
	if i != len(cells) {
		t.Errorf("%d rows of %d", i, len(cells))
	}
}

func TestCOMPASRefuses(t *testing.T) {
	for _, row := range []struct {
		name  string
		cells map[string]string
		want  string
	}{
		{"a decile of 11", map[string]string{"decile_score": "11"}, "line 2, column decile_score"},
		{"a text that contradicts its decile", map[string]string{"decile_score": "9", "score_text": "Low"}, "contradicts decile_score, which is 9"},
		{"an unknown race", map[string]string{"race": "?"}, "column race"},
		{"a blank age", map[string]string{"age": ""}, "column age"},
		{"an id twice", map[string]string{"id": "3"}, "line 3, column id: this id stands on line 2 already"},
		{"recidivism and none", map[string]string{"is_recid": "0", "two_year_recid": "1"}, "contradicts is_recid"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var faults []string
			for _, err := range COMPAS(bytes.NewReader(editCSV(t, makeCOMPASSample(), row.cells))) {
				if err != nil {
					var cell *CellError
					if !errors.As(err, &cell) {
						t.Errorf("%v names no place", err)
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
