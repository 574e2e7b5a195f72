package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Periods that are none are refused before a database is made.
func TestPeriodsThatAreRefused(t *testing.T) {
	for _, row := range []struct{ name, flag, says string }{
		{"a review that expires at once", "--review-period=0s", "longer than nothing"},
		{"a review that expired before", "--review-period=-336h", "longer than nothing"},
		{"an assessment that is old at once", "--reassess-after=0s", "longer than nothing"},
		{"no period", "--review-period=soon", "invalid argument"},
		{"nobody signs", "--committee-signatures=0", "give 1 to"},
	} {
		t.Run(row.name, func(t *testing.T) {
			database := filepath.Join(t.TempDir(), "t.db")
			_, err := runCommand(t, serveCommand(), "--db", database, "--addr", "127.0.0.1:0", row.flag)
			if err == nil || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%s: %v", row.flag, err)
			}
			if _, err := os.Stat(database); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: a database was made (%v)", row.flag, err)
			}
		})
	}
}
