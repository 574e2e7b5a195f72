//go:build shareddata

package datasets

import (
	"math"
	"os"
	"path/filepath"
	"testing"
)

// These tests read the real files, which are no part of the repository:
// TAROZI_SHARED_DATA=FOLDER go test -tags shareddata ./datasets

func sharedFile(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("TAROZI_SHARED_DATA")
	if folder == "" {
		t.Fatal("set TAROZI_SHARED_DATA to the folder of the data sets")
	}
	return filepath.Join(folder, name)
}

func TestNIJRoundTripOverBothFiles(t *testing.T) {
	for name, rows := range map[string]int{"nij_challenge_train.csv": 18028, "nij_challenge_test_inputs.csv": 7807} {
		t.Run(name, func(t *testing.T) {
			if got := checkRoundTrip(t, sharedFile(t, name), NIJOptions{Months: 12, Activity: true}); got != rows {
				t.Errorf("%d rows, want %d", got, rows)
			}
			checkRoundTrip(t, sharedFile(t, name), NIJOptions{})
		})
	}
}

// The published table: Larson, Mattu, Kirchner and Angwin, "How We Analyzed the COMPAS Recidivism Algorithm", ProPublica, 2016;
// decile 5 and above counted as high.
func TestCOMPASGivesThePublishedErrorRates(t *testing.T) {
	file, err := os.Open(sharedFile(t, "compas_two_years_deidentified.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	type cells struct{ people, negatives, falsePositives, positives, falseNegatives float64 }
	got := make(map[string]*cells)
	for row, err := range COMPAS(file) {
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range []string{"all", row.Race} {
			if got[group] == nil {
				got[group] = &cells{}
			}
			c := got[group]
			c.people++
			c.positives += indicator(row.Recidivism)
			c.negatives += indicator(!row.Recidivism)
			c.falsePositives += indicator(!row.Recidivism && row.Decile >= 5)
			c.falseNegatives += indicator(row.Recidivism && row.Decile < 5)
		}
	}
	for group, want := range map[string][3]float64{
		"all": {7214, 32.35, 37.40}, "African-American": {3696, 44.85, 27.99}, "Caucasian": {2454, 23.45, 47.72},
	} {
		c := got[group]
		if fpr, fnr := 100*c.falsePositives/c.negatives, 100*c.falseNegatives/c.positives; c.people != want[0] ||
			math.Abs(fpr-want[1]) > 0.005 || math.Abs(fnr-want[2]) > 0.005 {
			t.Errorf("%s: %g people, FPR %.2f, FNR %.2f, published %v", group, c.people, fpr, fnr, want)
		}
	}
}
