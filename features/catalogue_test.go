package features

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

var update = flag.Bool("update", false, "write docs/features.md anew")

// trainedKeys are the inputs of the models trained on the parole data, in the order in which their vectors have them.
var trainedKeys = strings.Fields(`
	age_at_start gang_affiliation intake_risk_score supervision_level_first education dependents sentence_offence custody_days
	prior_arrests_felony prior_arrests_misdemeanour prior_arrests_violent prior_arrests_property prior_arrests_drug
	prior_arrests_supervision_breach prior_arrest_domestic_violence prior_arrest_weapon prior_convictions_felony
	prior_convictions_misdemeanour prior_convictions_property prior_convictions_drug prior_conviction_violent
	prior_conviction_supervision_breach prior_conviction_domestic_violence prior_conviction_weapon prior_revocation_parole
	prior_revocation_probation condition_treatment condition_education condition_other violation_electronic_monitoring
	violation_instruction violation_fail_to_report violation_moved_without_permission delinquency_reports
	programme_sessions_attended programme_sessions_missed residence_changes days_per_drug_test drug_positive_share_thc
	drug_positive_share_cocaine drug_positive_share_meth drug_positive_share_other employed_share jobs_per_year employment_exempt`)

func TestTrainedKeysComeFirst(t *testing.T) {
	var keys []string
	for _, f := range Catalogue() {
		keys = append(keys, f.Key)
	}
	if !slices.Equal(keys[:len(trainedKeys)], trainedKeys) {
		t.Errorf("the catalogue begins with %v, want %v", keys[:len(trainedKeys)], trainedKeys)
	}
}

func TestCatalogueIsWellFormed(t *testing.T) {
	topics := []string{"person", "offence", "record", "supervision", "monitoring", "work", "programme", "custody"}
	seen := make(map[string]bool)
	for i, f := range Catalogue() {
		t.Run(f.Key, func(t *testing.T) {
			if seen[f.Key] {
				t.Error("the key stands twice")
			}
			seen[f.Key] = true
			if place, ok := Index(f.Key); !ok || place != i {
				t.Errorf("Index gives %d, %v; want %d", place, ok, i)
			}
			if found, ok := Lookup(f.Key); !ok || found.Doc != f.Doc {
				t.Error("Lookup does not find it")
			}
			if !slices.Contains(topics, f.Topic) {
				t.Errorf("topic %q is none of %v", f.Topic, topics)
			}
			if !strings.HasSuffix(f.Doc, ".") {
				t.Errorf("doc %q is no sentence", f.Doc)
			}
			if (f.Kind == KindCategory) != (len(f.Categories) > 1) {
				t.Errorf("kind %s with categories %v", f.Kind, f.Categories)
			}
			if f.Min >= f.Max {
				t.Errorf("range from %v to %v", f.Min, f.Max)
			}
			if (f.Kind == KindFlag || f.Kind == KindShare) && (f.Min != 0 || f.Max != 1) {
				t.Errorf("a %s from %v to %v", f.Kind, f.Min, f.Max)
			}
			if f.Kind == KindCategory && f.Adverse != 0 {
				t.Error("a category has no larger and smaller values")
			}
			if (f.Rule == RuleWindow) != (f.WindowDays > 0) {
				t.Errorf("rule %s with a window of %d days", f.Rule, f.WindowDays)
			}
			if f.WindowDays > 0 && !strings.HasSuffix(f.Key, "_"+strconv.Itoa(f.WindowDays)+"d") {
				t.Errorf("the key does not name the window of %d days", f.WindowDays)
			}
			for _, source := range f.Sources {
				known := slices.Contains([]string{"facts", "birth_date", "sentences", "supervision"}, source) ||
					slices.Contains(tarozi.EventTypes, tarozi.EventType(source))
				if !known {
					t.Errorf("source %q is not of the vocabulary", source)
				}
			}
		})
	}
	if len(seen) < 45 {
		t.Errorf("%d features, want at least 45", len(seen))
	}
}

func TestCatalogueIsACopy(t *testing.T) {
	list := Catalogue()
	list[3].Key, list[3].Categories[0], list[3].Sources[0] = "changed", "changed", "changed"
	if f := Catalogue()[3]; f.Key == "changed" || f.Categories[0] == "changed" || f.Sources[0] == "changed" {
		t.Error("a caller's change reaches the catalogue")
	}
}

func TestUnknownKey(t *testing.T) {
	if _, ok := Lookup("sex"); ok {
		t.Error("Lookup knows sex")
	}
	if _, ok := Index(""); ok {
		t.Error("Index knows the empty key")
	}
}

// docsFile is the catalogue for people; `go test ./features -run Docs -update` writes it.
const docsFile = "../docs/features.md"

func TestDocsAreCurrent(t *testing.T) {
	want := docs()
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the catalogue says: run go test ./features -run Docs -update and read the difference", docsFile)
	}
}

func docs() string {
	var b strings.Builder
	list := Catalogue()
	fmt.Fprintf(&b, `# The catalogue of features

Version %s, %d features. Made from the catalogue in features/ by `+"`go test ./features -run Docs -update`"+`; not edited by hand.

What holds for all of them:

- A value is read as of the end of a day in the service's time zone. What happened or was received later is not read.
- Of an event, the latest version received by then is read.
- Only what is established counts against a person: verified; an alert whose investigation found a breach; a check-in that a person
  judged; a camera's incident that an officer confirmed. A disputed record keeps counting where it speaks for the person.
- Where no record speaks of a feature its value is missing, with the reason, and not zero. Where events of a kind are recorded at all,
  none in the window is 0.
- A window of n days ends with the as-of day and includes it.

How facts (what an officer states, or the opening balance of a register) and records meet:

| rule | value |
|---|---|
| lifetime | the latest fact plus the established events after its day; without a fact, the established events |
| since_start | the same, within the present supervision (overlapping and adjoining periods are one); not applicable before a release |
| window | events alone where the history holds that kind of event, else the latest fact |
| latest | the later of the latest fact and the latest record; of one day, the fact |

"Against" says which way a value speaks against the person: "more", "less", or empty where neither is certain. It decides which disputed
records keep counting.

`, Version, len(list))
	topic := ""
	for _, t := range []string{"person", "offence", "record", "supervision", "monitoring", "programme", "work", "custody"} {
		for _, f := range list {
			if f.Topic != t {
				continue
			}
			if t != topic {
				topic = t
				fmt.Fprintf(&b, "## %s\n\n| key | what it is | values | rule | from | against | can change |\n|---|---|---|---|---|---|---|\n",
					strings.ToUpper(t[:1])+t[1:])
			}
			b.WriteString(docsRow(f))
		}
		b.WriteString("\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func docsRow(f Feature) string {
	values := fmt.Sprintf("%s, %s to %s", f.Kind, plain(f.Min), plain(f.Max))
	switch f.Kind {
	case KindFlag:
		values = "flag"
	case KindCategory:
		values = strings.Join(f.Categories, ", ")
	case KindCount:
		if f.Unit != "" {
			values = fmt.Sprintf("%s, %s to %s", f.Unit, plain(f.Min), plain(f.Max))
		}
	}
	rule := string(f.Rule)
	if f.WindowDays > 0 {
		rule = fmt.Sprintf("window, %d days", f.WindowDays)
	}
	against := map[int]string{1: "more", -1: "less"}[f.Adverse]
	changeable := ""
	if f.Changeable {
		changeable = "yes"
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s | %s | %s |\n", f.Key, f.Doc, values, rule, strings.Join(f.Sources, ", "), against, changeable)
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
