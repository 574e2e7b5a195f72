package words_test

import (
	"os"
	"strings"
	"testing"

	"github.com/tarozi/tarozi/explain/words"
)

// TestGlossary holds docs/glossary.md: its Cyrillic column is the Latin one in Cyrillic letters, and no term stands twice.
func TestGlossary(t *testing.T) {
	content, err := os.ReadFile("../../docs/glossary.md")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(string(content)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 || strings.HasPrefix(cells[0], "---") || strings.Contains(cells[0], "English") {
			continue
		}
		english, latin, cyrillic := strings.TrimSpace(cells[0]), strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])
		if want := words.Cyrillic(latin); cyrillic != want {
			t.Errorf("%s: the Cyrillic of %q is %q, not %q", english, latin, want, cyrillic)
		}
		if seen[english] {
			t.Errorf("%s stands twice", english)
		}
		seen[english] = true
	}
	if len(seen) < 70 {
		t.Errorf("only %d terms were found", len(seen))
	}
}
