package tarozi

import (
	"math"
	"testing"
)

func TestCanonical(t *testing.T) {
	for _, row := range []struct {
		name string
		v    any
		want string // by RFC 8785, sections 3.2.2 and 3.2.3
	}{
		{"names in order of their UTF-16 units", map[string]int{"€": 1, "\r": 2, "1": 3, "ö": 4, "\U0001F600": 5},
			`{"\r":2,"1":3,"ö":4,"€":1,"😀":5}`},
		{"numbers in their shortest form", []float64{333333333.33333329, 1e30, 4.50, 2e-3, 1e-27, math.Copysign(0, -1)},
			`[333333333.3333333,1e+30,4.5,0.002,1e-27,0]`},
		{"no escapes but those needed", "</script> ʻ \u000f\n\"", "\"</script> ʻ \\u000f\\n\\\"\""},
	} {
		got, err := Canonical(row.v)
		if err != nil || string(got) != row.want {
			t.Errorf("%s: %s (%v), want %s", row.name, got, err, row.want)
		}
	}
	if got, err := Canonical(math.NaN()); err == nil {
		t.Errorf("a value that is no number is written as %s", got)
	}
}
