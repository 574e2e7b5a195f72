package features

// Tie is what two features' values must hold between them, because both are read from the same records. It is for whoever asks what
// other values would give: a state that no history can be in gives no answer.
type Tie struct {
	First, Second string
	// Contradict reports whether no history has both values. It is for known values alone.
	Contradict func(first, second float64) bool
}

// Ties lists the pairs of windowed features of which one value rules out values of the other. What takes three features to contradict
// (kinds of incidents that sum to more than all) is not among them.
func Ties() []Tie {
	var list []Tie
	tie := func(first, second string, contradict func(first, second float64) bool) {
		list = append(list, Tie{first, second, contradict})
	}
	parts := func(whole string, parts ...string) {
		for _, part := range parts {
			tie(part, whole, func(part, whole float64) bool { return part > whole })
		}
	}
	parts("violations_365d", "violations_90d", "violations_electronic_monitoring_365d", "violations_instruction_365d",
		"violations_fail_to_report_365d", "violations_curfew_365d")
	parts("moves_365d", "moves_without_permission_365d")
	parts("alerts_180d", "alerts_zone_90d", "alerts_curfew_90d", "alerts_tamper_90d", "alerts_power_90d")
	parts("custody_incidents_365d", "custody_incidents_90d", "custody_violence_365d", "custody_contraband_365d",
		"custody_disobedience_365d", "custody_escapes_365d")
	tie("contacts_missed_90d", "contact_attendance_share_180d", func(missed, share float64) bool { return missed > 0 && share >= 1 })
	tie("programme_sessions_missed_180d", "programme_attendance_share_180d", func(missed, share float64) bool { return (missed > 0) != (share < 1) })
	tie("drug_tests_positive_180d", "drug_test_positive_share_365d", func(positive, share float64) bool { return positive > 0 && share <= 0 })
	tie("employed_now", "employed_share_365d", func(now, share float64) bool { return now > 0 && share <= 0 || now <= 0 && share >= 1 })
	within := func(days float64) func(count, since float64) bool {
		return func(count, since float64) bool { return (count > 0) != (since < days) }
	}
	tie("violations_90d", "days_since_last_violation", within(90))
	tie("violations_365d", "days_since_last_violation", within(365))
	tie("custody_incidents_90d", "days_since_last_incident", within(90))
	tie("custody_incidents_365d", "days_since_last_incident", within(365))
	return list
}
