package datasets

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/features"
)

// docs/synthetic.md states the process that the code draws from.
func TestTheDocumentStatesTheProcess(t *testing.T) {
	data, err := os.ReadFile("../docs/synthetic.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, process := range Processes() {
		_, section, found := strings.Cut(string(data), "(`"+string(process.Outcome)+"`)\n")
		if !found {
			t.Errorf("there is no section on %s", process.Outcome)
			continue
		}
		section, _, _ = strings.Cut(section, "\n### ")
		if want := fmt.Sprintf("Base %g.\n", process.Base); !strings.Contains(section, want) {
			t.Errorf("%s: the document lacks %q", process.Outcome, want)
		}
		for _, term := range process.Terms {
			low, high := fmt.Sprint(term.Low), fmt.Sprint(term.High)
			if term.High == math.MaxFloat64 {
				low, high = "", ""
			}
			row := fmt.Sprintf("| `%s` | %g | %s | %s | %g |\n", term.Quantity, term.Origin, low, high, term.PerUnit)
			if !strings.Contains(section, row) {
				t.Errorf("%s: the document lacks the row %s", process.Outcome, row)
			}
		}
		if rows := strings.Count(section, "\n| `"); rows != len(process.Terms) {
			t.Errorf("%s: the document has %d rows, the process %d terms", process.Outcome, rows, len(process.Terms))
		}
	}
}

func TestTermsNameFeaturesOrTheInvisible(t *testing.T) {
	invisible := map[string]bool{
		quantityFrailty: true, quantityFemale: true, quantityIdleUse: true, quantitySecondary: true, quantityHigher: true,
	}
	for _, process := range Processes() {
		for _, term := range process.Terms {
			if _, known := features.Lookup(term.Quantity); known == invisible[term.Quantity] {
				t.Errorf("%s: %s is a feature: %t", process.Outcome, term.Quantity, known)
			}
		}
	}
}

func TestTermEffect(t *testing.T) {
	term := Term{Quantity: "age_now", Origin: 40, Low: 18, High: 60, PerUnit: -0.5}
	for _, row := range []struct {
		name        string
		value, want float64
	}{
		{"at the origin", 40, 0},
		{"above", 42, -1},
		{"below", 38, 1},
		{"held at the upper end", 99, -10},
		{"held at the lower end", 5, 11},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := term.Effect(row.value); got != row.want {
				t.Errorf("effect of %g is %g, want %g", row.value, got, row.want)
			}
		})
	}
}
