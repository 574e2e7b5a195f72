package features

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

// The fast way to an instant's age must be the calendar's, in every zone and on both sides of 1970.
func TestAgeOfAnInstantIsTheCalendars(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"UTC", "Asia/Tashkent", "America/New_York", "Europe/Berlin", "Pacific/Apia", "Asia/Kathmandu"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, zone)
	}
	rapid.Check(t, func(t *rapid.T) {
		instant := time.Unix(rapid.Int64Range(-2_200_000_000, 7_000_000_000).Draw(t, "seconds"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds"))
		day := tarozi.DateOf(time.Unix(rapid.Int64Range(-2_200_000_000, 7_000_000_000).Draw(t, "as-of day"), 0).UTC())
		m := Moment{AsOf: day, Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
		r := read(&tarozi.CaseHistory{}, m)
		want := tarozi.DateOf(instant.In(m.Zone)).DaysUntil(day)
		if got := r.agoOf(instant); got != want {
			t.Errorf("%s is %d days before %s in %s, want %d", instant, got, day, m.Zone, want)
		}
	})
}
