//go:build shareddata

package datasets

import (
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
