package scoring

import (
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

// monitoring-demo has a head for each purpose: of a person in prison it must not say how often they break conditions of a
// supervision that has not begun, nor list as gaps what only a bracelet records.
func TestHeadsScoreTheirPurposeAlone(t *testing.T) {
	for _, c := range []struct {
		purpose tarozi.Purpose
		outcome tarozi.OutcomeKind
		alien   string // an input that the score does not depend on
	}{
		{tarozi.PurposeSupervision, tarozi.ViolationOf, "custody_"},
		{tarozi.PurposeRelease, tarozi.CustodyIncident, "alerts_"},
	} {
		t.Run(string(c.purpose), func(t *testing.T) {
			r := request(t, "2026-07-15", func(h *tarozi.CaseHistory) {
				if c.purpose == tarozi.PurposeRelease {
					h.Supervision = nil
					h.Sentences[0].ReleasedOn, h.Sentences[0].ReleasePlannedOn = tarozi.Date{}, h.Sentences[0].ReleasedOn.AddMonths(12)
				}
			})
			r.Purpose = c.purpose
			a, err := assessor(t).Score(r, "monitoring-demo")
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Scores) != 1 || a.Scores[0].Outcome != c.outcome || *a.Scores[0].HorizonMonths != 3 {
				t.Errorf("scores %+v, want one of %s over 3 months", a.Scores, c.outcome)
			}
			for _, m := range a.Missing {
				if strings.HasPrefix(m.Feature, c.alien) {
					t.Errorf("%s is listed as a gap, and no score depends on it", m.Feature)
				}
			}
			if a.Warnings[0].Code != tarozi.WarnDemonstration {
				t.Errorf("the first warning is %s, want that this is a demonstration", a.Warnings[0].Code)
			}
		})
	}
}
