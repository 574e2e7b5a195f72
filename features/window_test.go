package features

import (
	"slices"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// windowed has an event for each windowed feature: what it counts when it lies in the window.
var windowed = map[string]tarozi.Event{
	"alerts_zone_90d":                       {Type: tarozi.EventAlert, Alert: tarozi.AlertZoneEntry, Finding: tarozi.FindingBreach},
	"alerts_curfew_90d":                     {Type: tarozi.EventAlert, Alert: tarozi.AlertCurfewAbsent, Finding: tarozi.FindingBreach},
	"alerts_tamper_90d":                     {Type: tarozi.EventAlert, Alert: tarozi.AlertStrapTamper, Finding: tarozi.FindingBreach},
	"alerts_power_90d":                      {Type: tarozi.EventAlert, Alert: tarozi.AlertOffline, Finding: tarozi.FindingBreach},
	"alerts_180d":                           {Type: tarozi.EventAlert, Alert: tarozi.AlertJamming, Finding: tarozi.FindingBreach},
	"device_removals_365d":                  {Type: tarozi.EventAlert, Alert: tarozi.AlertDeviceRemoved, Finding: tarozi.FindingBreach},
	"check_ins_failed_90d":                  {Type: tarozi.EventCheckIn, Match: "no_match", Verdict: tarozi.VerdictOtherPerson},
	"contacts_missed_90d":                   {Type: tarozi.EventContact, Attendance: tarozi.MissedUnexcused},
	"contact_attendance_share_180d":         {Type: tarozi.EventContact, Attendance: tarozi.Attended},
	"drug_tests_positive_180d":              {Type: tarozi.EventDrugTest, Result: tarozi.TestPositive},
	"drug_test_positive_share_365d":         {Type: tarozi.EventDrugTest, Result: tarozi.TestPositive},
	"programme_attendance_share_180d":       {Type: tarozi.EventProgramSession, Attendance: tarozi.Attended},
	"programme_sessions_missed_180d":        {Type: tarozi.EventProgramSession, Attendance: tarozi.MissedUnexcused},
	"employed_share_365d":                   {Type: tarozi.EventEmployment, Work: tarozi.WorkJob}, // of one day
	"moves_365d":                            {Type: tarozi.EventResidenceChange},
	"moves_without_permission_365d":         {Type: tarozi.EventResidenceChange, Permitted: new(bool)},
	"violations_90d":                        {Type: tarozi.EventViolation, Violation: tarozi.ViolationOther},
	"violations_365d":                       {Type: tarozi.EventViolation, Violation: tarozi.ViolationMovedWithout},
	"violations_electronic_monitoring_365d": {Type: tarozi.EventViolation, Violation: tarozi.ViolationElectronicMonitoring},
	"violations_instruction_365d":           {Type: tarozi.EventViolation, Violation: tarozi.ViolationInstruction},
	"violations_fail_to_report_365d":        {Type: tarozi.EventViolation, Violation: tarozi.ViolationFailToReport},
	"violations_curfew_365d":                {Type: tarozi.EventViolation, Violation: tarozi.ViolationCurfew},
	"delinquency_reports_365d":              {Type: tarozi.EventDelinquencyReport},
	"administrative_offences_365d":          {Type: tarozi.EventAdministrativeOffence},
	"custody_incidents_90d":                 {Type: tarozi.EventIncident, Category: "other", DetectedBy: tarozi.DetectedByOfficer},
	"custody_incidents_365d":                {Type: tarozi.EventIncident, Category: "property_damage", DetectedBy: tarozi.DetectedByOfficer},
	"custody_violence_365d":                 {Type: tarozi.EventIncident, Category: "violence", DetectedBy: tarozi.DetectedByOfficer},
	"custody_contraband_365d":               {Type: tarozi.EventIncident, Category: "contraband", DetectedBy: tarozi.DetectedByOfficer},
	"custody_disobedience_365d":             {Type: tarozi.EventIncident, Category: "disobedience", DetectedBy: tarozi.DetectedByOfficer},
	"custody_escapes_365d":                  {Type: tarozi.EventIncident, Category: "escape", DetectedBy: tarozi.DetectedByOfficer},
}

func TestWindowEdges(t *testing.T) {
	asOf := tarozi.Date{Year: 2024, Month: time.June, Day: 1}
	seen := 0
	for i, f := range Catalogue() {
		if f.Rule != RuleWindow {
			continue
		}
		seen++
		t.Run(f.Key, func(t *testing.T) {
			event, ok := windowed[f.Key]
			if !ok {
				t.Fatal("no event for this feature: add one to the table")
			}
			for ago, inside := range map[int]bool{0: true, f.WindowDays - 1: true, f.WindowDays: false} {
				day := asOf.AddDays(-ago)
				e := event
				e.ID, e.Status = "e", tarozi.Verified
				e.At = time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC)
				e.ReceivedAt = e.At
				if e.Type == tarozi.EventEmployment {
					e.Until = day
				}
				h := &tarozi.CaseHistory{PersonID: "p", AgencyID: "a", Events: []tarozi.Event{e}}
				if err := h.Validate(); err != nil {
					t.Fatal(err)
				}
				x, err := Extract(h, Moment{AsOf: asOf, Zone: time.UTC})
				if err != nil {
					t.Fatal(err)
				}
				if entry := x.Entries[i]; slices.Contains(entry.Evidence, "e") != inside || (entry.Value.Float() > 0) != inside {
					t.Errorf("%d days before: %+v, want it inside: %v", ago, entry, inside)
				}
			}
		})
	}
	if seen != len(windowed) {
		t.Errorf("%d windowed features, %d events in the table", seen, len(windowed))
	}
}
