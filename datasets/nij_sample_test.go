package datasets

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
)

// Regenerate the committed samples with `go test ./datasets -run Sample -update`.
var update = flag.Bool("update", false, "write the committed samples anew")

const nijSample = "testdata/nij_sample.csv"

// sampleColumn is a column of the NIJ file with every text it may hold, written out from the data set's code book and
// not taken from the reader under test.
type sampleColumn struct {
	name  string
	texts []string
}

func upTo(most int) []string {
	var list []string
	for n := range most {
		list = append(list, strconv.Itoa(n))
	}
	return append(list, fmt.Sprintf("%d or more", most))
}

func numbers(low, high int) []string {
	var list []string
	for n := low; n <= high; n++ {
		list = append(list, strconv.Itoa(n))
	}
	return list
}

var trueFalse = []string{"false", "true"}

func orBlank(texts []string) []string { return append(append([]string{}, texts...), "") }

var sampleColumns = []sampleColumn{
	{"Gender", []string{"M", "F"}},
	{"Race", []string{"BLACK", "WHITE"}},
	{"Age_at_Release", []string{"18-22", "23-27", "28-32", "33-37", "38-42", "43-47", "48 or older"}},
	{"Residence_PUMA", numbers(1, 25)},
	{"Gang_Affiliated", orBlank(trueFalse)},
	{"Supervision_Risk_Score_First", orBlank(numbers(1, 10))},
	{"Supervision_Level_First", orBlank([]string{"Standard", "High", "Specialized"})},
	{"Education_Level", []string{"Less than HS diploma", "High School Diploma", "At least some college"}},
	{"Dependents", upTo(3)},
	{"Prison_Offense", orBlank([]string{"Drug", "Violent/Non-Sex", "Property", "Other", "Violent/Sex"})},
	{"Prison_Years", []string{"Less than 1 year", "1-2 years", "Greater than 2 to 3 years", "More than 3 years"}},
	{"Prior_Arrest_Episodes_Felony", upTo(10)},
	{"Prior_Arrest_Episodes_Misd", upTo(6)},
	{"Prior_Arrest_Episodes_Violent", upTo(3)},
	{"Prior_Arrest_Episodes_Property", upTo(5)},
	{"Prior_Arrest_Episodes_Drug", upTo(5)},
	{"Prior_Arrest_Episodes_PPViolationCharges", upTo(5)},
	{"Prior_Arrest_Episodes_DVCharges", trueFalse},
	{"Prior_Arrest_Episodes_GunCharges", trueFalse},
	{"Prior_Conviction_Episodes_Felony", upTo(3)},
	{"Prior_Conviction_Episodes_Misd", upTo(4)},
	{"Prior_Conviction_Episodes_Viol", trueFalse},
	{"Prior_Conviction_Episodes_Prop", upTo(3)},
	{"Prior_Conviction_Episodes_Drug", upTo(2)},
	{"Prior_Conviction_Episodes_PPViolationCharges", trueFalse},
	{"Prior_Conviction_Episodes_DomesticViolenceCharges", trueFalse},
	{"Prior_Conviction_Episodes_GunCharges", trueFalse},
	{"Prior_Revocations_Parole", trueFalse},
	{"Prior_Revocations_Probation", trueFalse},
	{"Condition_MH_SA", trueFalse},
	{"Condition_Cog_Ed", trueFalse},
	{"Condition_Other", trueFalse},
	{"Violations_ElectronicMonitoring", orBlank(trueFalse)},
	{"Violations_Instruction", orBlank(trueFalse)},
	{"Violations_FailToReport", orBlank(trueFalse)},
	{"Violations_MoveWithoutPermission", orBlank(trueFalse)},
	{"Delinquency_Reports", orBlank(upTo(4))},
	{"Program_Attendances", orBlank(upTo(10))},
	{"Program_UnexcusedAbsences", orBlank(upTo(3))},
	{"Residence_Changes", orBlank(upTo(3))},
	{"Avg_Days_per_DrugTest", []string{"0.5", "612", "35.66666667", "93.49", "1088.5", ""}},
	{"DrugTests_THC_Positive", []string{"0", "0.333333343", "0.005", "1", ""}},
	{"DrugTests_Cocaine_Positive", []string{"0", "0.227272734", "1", ""}},
	{"DrugTests_Meth_Positive", []string{"0", "0.016055046", "1", ""}},
	{"DrugTests_Other_Positive", []string{"0", "0.002293578", "1", ""}},
	{"Percent_Days_Employed", []string{"0", "0.488562092", "0.994999", "1", ""}},
	{"Jobs_Per_Year", []string{"0", "0.447610294", "0.95", "8", ""}},
	{"Employment_Exempt", orBlank(trueFalse)},
}

// sampleRows is how many made-up rows the sample has: enough for every text of every column to come several times.
const sampleRows = 150

// makeNIJSample draws every column by itself, in shuffled rounds over its texts, so nobody's row is copied or
// resembles one. Women have a blank gang affiliation, as in the data set.
func makeNIJSample() []byte {
	random := rand.New(rand.NewPCG(2021, 7))
	drawn := make([][]string, len(sampleColumns))
	for c, column := range sampleColumns {
		for len(drawn[c]) < sampleRows {
			for _, i := range random.Perm(len(column.texts)) {
				drawn[c] = append(drawn[c], column.texts[i])
			}
		}
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	header := []string{"ID"}
	for _, c := range sampleColumns {
		header = append(header, c.name)
	}
	records := [][]string{append(header, "Recidivism_Within_3years", "Recidivism_Arrest_Year1", "Recidivism_Arrest_Year2",
		"Recidivism_Arrest_Year3", "Training_Sample")}
	for i := range sampleRows {
		row := []string{strconv.Itoa(i*3 + 1)}
		female := false
		for c, column := range sampleColumns {
			text := drawn[c][i]
			switch column.name {
			case "Gender":
				female = text == "F"
			case "Gang_Affiliated":
				if female {
					text = ""
				} else if text == "" {
					text = "false"
				}
			}
			row = append(row, text)
		}
		year := i % 5 // 0 and 4: none
		row = append(row, strconv.FormatBool(year >= 1 && year <= 3), strconv.FormatBool(year == 1), strconv.FormatBool(year == 2),
			strconv.FormatBool(year == 3), strconv.Itoa(i%2))
		records = append(records, row)
	}
	if err := w.WriteAll(records); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func TestNIJSampleIsWhatItsGeneratorMakes(t *testing.T) {
	made := makeNIJSample()
	if *update {
		if err := os.WriteFile(nijSample, made, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	committed, err := os.ReadFile(nijSample)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(made, committed) {
		t.Errorf("%s differs from what its generator makes: run go test ./datasets -run Sample -update and look at the difference", nijSample)
	}
}

func TestNIJSampleCoversEveryText(t *testing.T) {
	rows := readCSV(t, nijSample)
	for _, column := range sampleColumns {
		seen := make(map[string]bool)
		for _, row := range rows {
			seen[row[column.name]] = true
		}
		for _, text := range column.texts {
			if !seen[text] {
				t.Errorf("column %s: no row has %q", column.name, text)
			}
		}
	}
}

// editCSV is the data with the first row's cells replaced and columns left out.
func editCSV(t *testing.T, data []byte, cells map[string]string, without ...string) []byte {
	t.Helper()
	records, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	for r, record := range records {
		var kept []string
		for i, name := range records[0] {
			if slices.Contains(without, name) {
				continue
			}
			if text, ok := cells[name]; ok && r == 1 {
				record[i] = text
			}
			kept = append(kept, record[i])
		}
		if err := w.Write(kept); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return out.Bytes()
}

// readCSV reads a file whole, each row by the names of the columns.
func readCSV(t *testing.T, name string) []map[string]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string, len(record))
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}
