package datasets

import (
	"time"

	"github.com/tarozi/tarozi"
)

// reviewEvery is how often an officer goes through the register, in days: more often than the shortest window of a feature.
const reviewEvery = 60

// statement is what an officer states of a person of whom the register has no verified event of a type: none.
type statement struct {
	of       tarozi.EventType
	features []string
	value    tarozi.Value
}

var (
	none      = tarozi.Number(0)
	notSo     = tarozi.Flag(false)
	inSociety = []statement{
		{tarozi.EventViolation, []string{
			"violations_90d", "violations_365d", "violations_electronic_monitoring_365d", "violations_instruction_365d",
			"violations_fail_to_report_365d", "violations_curfew_365d",
		}, none},
		{tarozi.EventDelinquencyReport, []string{"delinquency_reports_365d"}, none},
		{tarozi.EventArrest, []string{"arrests_since_start"}, none},
		{tarozi.EventAdministrativeOffence, []string{"administrative_offences_365d"}, none},
		{tarozi.EventResidenceChange, []string{"moves_365d", "moves_without_permission_365d"}, none},
		{tarozi.EventEmployment, []string{"employed_share_365d"}, none},
		{tarozi.EventEmployment, []string{"employed_now"}, notSo},
	}
	underMonitoring = []statement{{tarozi.EventAlert, []string{
		"alerts_zone_90d", "alerts_curfew_90d", "alerts_tamper_90d", "alerts_power_90d", "alerts_180d", "device_removals_365d",
	}, none}}
	inPrison = []statement{{tarozi.EventIncident, []string{
		"custody_incidents_90d", "custody_incidents_365d", "custody_violence_365d", "custody_contraband_365d", "custody_disobedience_365d",
		"custody_escapes_365d",
	}, none}}
)

// review is what the officer's last review before the end of a day stated. Without it a register that records violations could not
// be told from one that does not, and "no violation" would be missing, not none. It needs the day to lie within the records.
func (l *life) review(asOf tarozi.Date) []tarozi.Fact {
	if !l.reviewed || (l.purpose(asOf) == tarozi.PurposeRelease && !l.prison) {
		return nil
	}
	day := l.start.DaysUntil(asOf)
	on := l.start.AddDays(day - day%reviewEvery)
	evening := time.Date(on.Year, on.Month, on.Day+1, 0, 0, 0, 0, tashkent)
	recorded := make(map[tarozi.EventType]bool)
	for _, e := range l.events {
		if e.Status == tarozi.Verified && e.ReceivedAt.Before(evening) {
			recorded[e.Type] = true
		}
	}
	statements := inSociety
	switch {
	case l.prison:
		statements = inPrison
	case day-day%reviewEvery <= l.monitored:
		statements = append(append([]statement{}, inSociety...), underMonitoring...)
	}
	var facts []tarozi.Fact
	for _, s := range statements {
		if recorded[s.of] {
			continue
		}
		for _, feature := range s.features {
			facts = append(facts, tarozi.Fact{Feature: feature, Value: s.value, AsOf: on, Status: tarozi.Verified,
				Provenance: tarozi.Provenance{Source: syntheticSource, Note: "stated at a review: none verified"}})
		}
	}
	return facts
}
