package features

import (
	"slices"

	"github.com/tarozi/tarozi"
)

// presentFeatures lists the state of supervision on the as-of day.
func presentFeatures() []definition {
	now := newCount("age_now", "years", 120, "person", "Completed years of age on the as-of day.")
	now.Min = 10
	under := newDays("days_under_supervision", "supervision", "Days since the present supervision began.")
	under.elapsed = 1
	under = under.latest(daysUnderSupervision, "supervision")
	under.bound = true
	return []definition{
		now.latest(ageNow, "birth_date"),
		under,
		newCategory("supervision_level", "supervision", "Level of supervision on the as-of day.",
			names(tarozi.SupervisionLevels)).latest(levelNow, "supervision"),
		newFlag("electronic_monitoring_now", "monitoring", "The person is under electronic monitoring on the as-of day.").
			latest(monitoredNow, "supervision"),
		newCategory("sentence_severity", "offence", "Severity of the crime of the sentence behind the present supervision.",
			names(tarozi.Severities)).latest(ofSentence(func(s *tarozi.Sentence) string { return string(s.Severity) }), "sentences"),
	}
}

// monitoringFeatures lists what officers and devices recorded over the last months.
func monitoringFeatures() []definition {
	alerts := func(key string, length int, doc string, kinds ...tarozi.AlertKind) definition {
		return newCount(key, "alerts", 5000, "monitoring", doc).adverse().changeable().window(length, tarozi.EventAlert,
			func(e *tarozi.Event) bool { return slices.Contains(kinds, e.Alert) })
	}
	violations := func(key string, length int, doc string, is match) definition {
		return newCount(key, "violations", 5000, "supervision", doc).adverse().changeable().window(length, tarozi.EventViolation, is)
	}
	sinceContact := newDays("days_since_last_contact", "supervision", "Days since the person last came to a contact with the officer.").
		adverse().changeable()
	sinceContact.elapsed = 1
	sinceViolation := newDays("days_since_last_violation", "supervision", "Days since the last established violation.").inFavour().changeable()
	sinceViolation.elapsed = 1
	arrests := newCount("arrests_since_start", "arrests", 500, "record",
		"Arrests after the first day of the present supervision.").adverse().changeable().sinceStart(tarozi.EventArrest, every)
	arrests.derive = newArrests
	return []definition{
		alerts("alerts_zone_90d", 90, "Breaches of a zone in the last 90 days: left where to be, or entered where not to be.",
			tarozi.AlertZoneExit, tarozi.AlertZoneEntry),
		alerts("alerts_curfew_90d", 90, "Established absences during curfew in the last 90 days.", tarozi.AlertCurfewAbsent),
		alerts("alerts_tamper_90d", 90, "Established tampering with the device or its signal in the last 90 days.",
			tarozi.AlertStrapTamper, tarozi.AlertJamming),
		alerts("alerts_power_90d", 90, "Times in the last 90 days that the device was left uncharged or switched off, established as a breach.",
			tarozi.AlertLowBattery, tarozi.AlertOffline),
		alerts("alerts_180d", 180, "Alerts of any kind in the last 180 days whose investigation found a breach.", tarozi.AlertKinds...),
		alerts("device_removals_365d", 365, "Established removals of the device in the last 365 days.", tarozi.AlertDeviceRemoved),
		newCount("check_ins_failed_90d", "check_ins", 5000, "monitoring",
			"Check-ins in the last 90 days made by somebody else, as a person found.").adverse().changeable().
			window(90, tarozi.EventCheckIn, every),
		newCount("contacts_missed_90d", "contacts", 5000, "supervision", "Contacts missed without excuse in the last 90 days.").adverse().
			changeable().window(90, tarozi.EventContact, missed),
		newShare("contact_attendance_share_180d", "supervision",
			"Share of contacts in the last 180 days that the person came to, excused ones left out.").inFavour().changeable().
			windowed(180, tarozi.EventContact, shared(tarozi.EventContact, 180, attended, attendedOrMissed)),
		sinceContact.latest(daysSince(tarozi.EventContact, attended), string(tarozi.EventContact)),
		newCount("drug_tests_positive_180d", "tests", 5000, "supervision", "Positive drug tests in the last 180 days.").adverse().changeable().
			window(180, tarozi.EventDrugTest, positiveTest),
		newShare("drug_test_positive_share_365d", "supervision", "Share of the valid drug tests of the last 365 days that were positive.").
			adverse().changeable().windowed(365, tarozi.EventDrugTest, shared(tarozi.EventDrugTest, 365, positiveTest, valid)),
		newShare("programme_attendance_share_180d", "programme",
			"Share of programme sessions in the last 180 days that the person came to, excused ones left out.").inFavour().changeable().
			windowed(180, tarozi.EventProgramSession, shared(tarozi.EventProgramSession, 180, attended, attendedOrMissed)),
		newCount("programme_sessions_missed_180d", "sessions", 5000, "programme", "Programme sessions missed without excuse in the last 180 days.").
			adverse().changeable().window(180, tarozi.EventProgramSession, missed),
		newFlag("employed_now", "work", "The person has a job on the as-of day.").inFavour().changeable().
			latest(employedNow, string(tarozi.EventEmployment)),
		newShare("employed_share_365d", "work", "Share of the last 365 days with a job, exempt days left out.").inFavour().changeable().
			windowed(365, tarozi.EventEmployment, employedShareWindow(365)),
		newCount("moves_365d", "moves", 500, "supervision", "Moves to another residence in the last 365 days.").adverse().changeable().
			window(365, tarozi.EventResidenceChange, every),
		newCount("moves_without_permission_365d", "moves", 500, "supervision",
			"Moves in the last 365 days that were recorded as made without permission.").adverse().changeable().
			window(365, tarozi.EventResidenceChange, func(e *tarozi.Event) bool { return e.Permitted != nil && !*e.Permitted }),
		violations("violations_90d", 90, "Established violations of conditions in the last 90 days.", every),
		violations("violations_365d", 365, "Established violations of conditions in the last 365 days.", every),
		violations("violations_electronic_monitoring_365d", 365, "Established breaches of electronic monitoring in the last 365 days.",
			ofViolation(tarozi.ViolationElectronicMonitoring)),
		violations("violations_instruction_365d", 365, "Instructions not followed in the last 365 days.",
			ofViolation(tarozi.ViolationInstruction)),
		violations("violations_fail_to_report_365d", 365, "Failures to report in the last 365 days.",
			ofViolation(tarozi.ViolationFailToReport)),
		violations("violations_curfew_365d", 365, "Established breaches of a curfew in the last 365 days.",
			ofViolation(tarozi.ViolationCurfew)),
		newCount("delinquency_reports_365d", "reports", 500, "supervision", "Delinquency reports in the last 365 days.").adverse().
			changeable().window(365, tarozi.EventDelinquencyReport, every),
		arrests,
		newCount("administrative_offences_365d", "offences", 500, "record", "Administrative offences in the last 365 days.").adverse().
			changeable().window(365, tarozi.EventAdministrativeOffence, every),
		sinceViolation.latest(daysSince(tarozi.EventViolation, every), string(tarozi.EventViolation)),
	}
}

// custodyFeatures lists life in prison.
func custodyFeatures() []definition {
	incidents := func(key string, length int, doc string, of ...tarozi.IncidentCategory) definition {
		return newCount(key, "incidents", 5000, "custody", doc).adverse().changeable().window(length, tarozi.EventIncident,
			func(e *tarozi.Event) bool { return slices.Contains(of, e.Category) })
	}
	sinceIncident := newDays("days_since_last_incident", "custody", "Days since the last established incident in custody.").inFavour().changeable()
	sinceIncident.elapsed = 1
	in := newDays("days_in_custody", "custody", "Days since the sentence on which the person is held; of several, the earliest.")
	in.elapsed = 1
	to := newDays("days_to_planned_release", "custody", "Days from the as-of day to the planned release; of several sentences, the latest.")
	to.elapsed = -1
	return []definition{
		incidents("custody_incidents_90d", 90, "Established incidents in custody in the last 90 days.", tarozi.IncidentCategories...),
		incidents("custody_incidents_365d", 365, "Established incidents in custody in the last 365 days.", tarozi.IncidentCategories...),
		incidents("custody_violence_365d", 365, "Established violence in custody in the last 365 days.", "violence"),
		incidents("custody_contraband_365d", 365, "Forbidden things found in custody in the last 365 days.", "contraband"),
		incidents("custody_disobedience_365d", 365, "Established disobedience in custody in the last 365 days.", "disobedience"),
		incidents("custody_escapes_365d", 365, "Escapes and attempts in the last 365 days.", "escape"),
		sinceIncident.latest(daysSince(tarozi.EventIncident, every), string(tarozi.EventIncident)),
		in.latest(daysInCustody, "sentences"),
		to.latest(daysToRelease, "sentences"),
	}
}
