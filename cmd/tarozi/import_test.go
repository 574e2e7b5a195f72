package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

const outcomeHeader = "person_id,kind,observed,observed_on,followed_from,followed_until\n"

// Outcomes and attributes come as CSV: a dry run says what each row would do, and nothing that is wrong is passed over in silence.
func TestImportCSV(t *testing.T) {
	database, _ := institution(t)
	file := filepath.Join(t.TempDir(), "file.csv")
	bring := func(kind, content string, flags ...string) (string, int) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		said, status := tell(t, "", append([]string{"import", kind, "--db", database, "--agency", "a-1", file}, flags...)...)
		return oneLine(said), status
	}
	const (
		free   = "p-1,recidivism,0,,2025-01-10,2025-07-10\n"
		caught = "p-2,recidivism,true,2025-03-02,2025-01-10,2025-07-10\n"
		longer = "p-1,recidivism,0,,2025-01-10,2026-01-10\n" // the first, followed on
	)
	for _, row := range []struct {
		name, kind, content string
		flags               []string
		status              int
		says                []string
	}{
		{"dry run", "outcomes", outcomeHeader + free + caught, []string{"--dry-run"}, exitDone, []string{"line 2: new", "line 3: new", "2 new, 0 corrected, 0 the same as before; 0 refused"}},
		{"stored", "outcomes", "\ufeff" + outcomeHeader + free + caught, nil, exitDone, []string{"stored: 2 new"}},
		{"late and corrected, dry", "outcomes", outcomeHeader + longer + caught, []string{"--dry-run"}, exitDone, []string{"line 2: corrected (followed_until)", "line 3: same"}},
		{"late and corrected", "outcomes", outcomeHeader + longer + caught, nil, exitDone, []string{"0 new, 1 corrected, 1 the same"}},
		{"columns in another order, some left out", "outcomes", "kind,person_id,followed_until,followed_from,observed\nviolation,p-1,2025-07-10,2025-01-10,1\n", nil, exitRefused,
			[]string{`line 2: refused: column "observed_on": give the day`, "nothing was stored"}},
		{"faults, dry", "outcomes", outcomeHeader + "p-3,recidivism,yes,,10.01.2025,2025-07-10\n,rain,0,,2025-01-10,2025-01-01\np-3,recidivism,0,,2025-01-10,2099-01-01\np-3,recidivism,0\n",
			[]string{"--dry-run"}, exitRefused, []string{`line 2: refused: column "observed": "yes" is neither 0 nor 1`, `column "followed_from": "10.01.2025" is no day`,
				`line 3: refused: column "person_id": empty`, `line 4: refused: column "followed_until": nobody was followed until 2099-01-01 yet`, "line 5: refused: 3 fields where the header has 6", "4 refused"}},
		{"one fault refuses all", "outcomes", outcomeHeader + "p-3,recidivism,0,,2025-01-10,2025-07-10\np-4,recidivism,0,,2025-01-10,2024-07-10\n", nil, exitRefused,
			[]string{`line 3: refused: column "followed_until"`, "1 rows were refused, and nothing was stored"}},
		{"or is set aside", "outcomes", outcomeHeader + "p-3,recidivism,0,,2025-01-10,2025-07-10\np-4,recidivism,0,,2025-01-10,2024-07-10\n", []string{"--partial"}, exitRefused,
			[]string{`line 3: refused: column "followed_until"`, "stored: 1 new", "1 rows were refused and set aside"}},
		{"the same twice", "outcomes", outcomeHeader + caught + caught, []string{"--dry-run"}, exitDone, []string{"line 2: same", "line 3: same"}},
		{"contradictions", "outcomes", outcomeHeader + caught + "p-2,recidivism,0,,2025-01-10,2025-07-10\n", nil, exitRefused,
			[]string{`line 2: refused: column "person_id": another record`, `line 3: refused: column "person_id"`, "2 rows were refused, and nothing"}},
		{"an unknown column", "outcomes", "person_id,kind,observed,followed_from,followed_until,name\n", nil, exitRefused, []string{`column 6, "name", is none of the schema's`}},
		{"a missing column", "outcomes", "person_id,kind,observed,followed_from\n", nil, exitRefused, []string{`no column "followed_until"`}},
		{"a column twice", "outcomes", "person_id,kind,kind\n", nil, exitRefused, []string{`column "kind" stands twice`}},
		{"semicolons", "outcomes", strings.ReplaceAll(outcomeHeader, ",", ";"), nil, exitRefused, []string{"save the file as CSV with commas"}},
		{"UTF-16", "outcomes", "\xff\xfep\x00", nil, exitRefused, []string{"UTF-16"}},
		{"two encodings in one file", "protected", "person_id,language\np-1,oʻzbek\np-2,\xf3\xe7\xe1\n", []string{"--dry-run"}, exitRefused, []string{"line 2: new", `line 3: refused: column "language": not UTF-8`}},
		{"no rows", "outcomes", outcomeHeader, nil, exitRefused, []string{"no rows"}},
		{"empty", "outcomes", "", nil, exitRefused, []string{"empty"}},
		{"broken quotes", "outcomes", outcomeHeader + "p-1,\"rec\n", nil, exitRefused, []string{"repair the quotation marks"}},
		{"attributes", "protected", "person_id,sex,language\np-1,female,uz\np-2,male,\n", nil, exitDone, []string{"stored: 2 new"}},
		{"partial attributes, dry", "protected", "person_id,sex,language\np-1,,ru\np-2,male,\n", []string{"--dry-run"}, exitDone, []string{"line 2: corrected (language)", "line 3: same"}},
		{"nothing stated", "protected", "person_id,sex\np-1,\n", []string{"--dry-run"}, exitRefused, []string{`line 2: refused: column "attributes": give at least one`}},
	} {
		said, status := bring(row.kind, row.content, row.flags...)
		if status != row.status {
			t.Errorf("%s: status %d: %s", row.name, status, said)
		}
		for _, want := range row.says {
			if !strings.Contains(said, want) {
				t.Errorf("%s: %q is not in: %s", row.name, want, said)
			}
		}
		if strings.Contains(said, "female") || strings.Contains(said, "2025-03-02") {
			t.Errorf("%s: tells what is stored: %s", row.name, said)
		}
	}
}

func TestImportSchema(t *testing.T) {
	for kind, want := range map[string][]string{
		"outcomes":  {"person_id", "kind", "observed", "observed_on", "followed_from", "followed_until", "source", "source_id", "note"},
		"protected": append([]string{"person_id"}, tarozi.ProtectedNames...),
	} {
		var schema struct {
			Fields []struct{ Name, Type string }
		}
		if err := json.Unmarshal([]byte(mustTell(t, "", "import", "schema", kind)), &schema); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, f := range schema.Fields {
			names = append(names, f.Name)
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s: the schema has %v", kind, names)
		}
	}
}
