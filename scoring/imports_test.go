package scoring

import (
	"testing"

	"github.com/tarozi/tarozi"
)

func TestNobodyWasFollowedBeyondToday(t *testing.T) {
	s := &Service{Assessor: *assessor(t)}
	outcome := tarozi.Outcome{PersonID: "p-1", Kind: tarozi.Recidivism, FollowedFrom: tarozi.Date{Year: 2026, Month: 1, Day: 1},
		FollowedUntil: tarozi.DateOf(now.In(s.Zone))}
	if err := s.lived(&outcome); err != nil {
		t.Errorf("followed until today: %v", err)
	}
	outcome.FollowedUntil = outcome.FollowedUntil.AddDays(1)
	if err := s.lived(&outcome); tarozi.CodeOf(err) != tarozi.Malformed {
		t.Errorf("followed until tomorrow: %v", err)
	}
}
