package features

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/tarozi/tarozi"
)

// naive says, in the plainest words, which event each count against the person counts. TestCountsAgreeWithNaiveOnes counts with it by
// days written as text, apart from everything that extraction does.
var naive = map[string]func(e tarozi.Event) bool{
	"prior_arrests_felony":       func(e tarozi.Event) bool { return e.Type == "arrest" && e.Severity != "minor" },
	"prior_arrests_misdemeanour": func(e tarozi.Event) bool { return e.Type == "arrest" && e.Severity == "minor" },
	"prior_arrests_violent": func(e tarozi.Event) bool {
		return e.Type == "arrest" && (e.Offence == "violent" || e.Offence == "violent_sexual")
	},
	"prior_arrests_property": func(e tarozi.Event) bool { return e.Type == "arrest" && e.Offence == "property" },
	"prior_arrests_drug":     func(e tarozi.Event) bool { return e.Type == "arrest" && e.Offence == "drug" },
	"prior_arrests_supervision_breach": func(e tarozi.Event) bool {
		return e.Type == "arrest" && slices.Contains(e.Involves, "supervision_breach")
	},
	"prior_arrest_domestic_violence": func(e tarozi.Event) bool {
		return e.Type == "arrest" && slices.Contains(e.Involves, "domestic_violence")
	},
	"prior_arrest_weapon":            func(e tarozi.Event) bool { return e.Type == "arrest" && slices.Contains(e.Involves, "weapon") },
	"prior_convictions_felony":       func(e tarozi.Event) bool { return e.Type == "conviction" && e.Severity != "minor" },
	"prior_convictions_misdemeanour": func(e tarozi.Event) bool { return e.Type == "conviction" && e.Severity == "minor" },
	"prior_convictions_property":     func(e tarozi.Event) bool { return e.Type == "conviction" && e.Offence == "property" },
	"prior_convictions_drug":         func(e tarozi.Event) bool { return e.Type == "conviction" && e.Offence == "drug" },
	"prior_conviction_violent": func(e tarozi.Event) bool {
		return e.Type == "conviction" && (e.Offence == "violent" || e.Offence == "violent_sexual")
	},
	"prior_conviction_supervision_breach": func(e tarozi.Event) bool {
		return e.Type == "conviction" && slices.Contains(e.Involves, "supervision_breach")
	},
	"prior_conviction_domestic_violence": func(e tarozi.Event) bool {
		return e.Type == "conviction" && slices.Contains(e.Involves, "domestic_violence")
	},
	"prior_conviction_weapon":        func(e tarozi.Event) bool { return e.Type == "conviction" && slices.Contains(e.Involves, "weapon") },
	"prior_revocation_parole":        func(e tarozi.Event) bool { return e.Type == "revocation" && e.Revoked == "parole" },
	"prior_revocation_probation":     func(e tarozi.Event) bool { return e.Type == "revocation" && e.Revoked == "probation" },
	"alerts_zone_90d":                func(e tarozi.Event) bool { return breach(e) && (e.Alert == "zone_exit" || e.Alert == "zone_entry") },
	"alerts_curfew_90d":              func(e tarozi.Event) bool { return breach(e) && e.Alert == "curfew_absent" },
	"alerts_tamper_90d":              func(e tarozi.Event) bool { return breach(e) && (e.Alert == "strap_tamper" || e.Alert == "jamming") },
	"alerts_power_90d":               func(e tarozi.Event) bool { return breach(e) && (e.Alert == "low_battery" || e.Alert == "offline") },
	"alerts_180d":                    breach,
	"device_removals_365d":           func(e tarozi.Event) bool { return breach(e) && e.Alert == "device_removed" },
	"check_ins_failed_90d":           func(e tarozi.Event) bool { return e.Type == "check_in" && e.Verdict == "other_person" },
	"contacts_missed_90d":            func(e tarozi.Event) bool { return e.Type == "contact" && e.Attendance == "missed_unexcused" },
	"drug_tests_positive_180d":       func(e tarozi.Event) bool { return e.Type == "drug_test" && e.Result == "positive" },
	"programme_sessions_missed_180d": func(e tarozi.Event) bool { return e.Type == "program_session" && e.Attendance == "missed_unexcused" },
	"moves_365d":                     func(e tarozi.Event) bool { return e.Type == "residence_change" },
	"violations_90d":                 func(e tarozi.Event) bool { return e.Type == "violation" },
	"violations_365d":                func(e tarozi.Event) bool { return e.Type == "violation" },
	"violations_electronic_monitoring_365d": func(e tarozi.Event) bool {
		return e.Type == "violation" && e.Violation == "electronic_monitoring"
	},
	"violations_instruction_365d":    func(e tarozi.Event) bool { return e.Type == "violation" && e.Violation == "instruction" },
	"violations_fail_to_report_365d": func(e tarozi.Event) bool { return e.Type == "violation" && e.Violation == "fail_to_report" },
	"violations_curfew_365d":         func(e tarozi.Event) bool { return e.Type == "violation" && e.Violation == "curfew" },
	"delinquency_reports_365d":       func(e tarozi.Event) bool { return e.Type == "delinquency_report" },
	"administrative_offences_365d":   func(e tarozi.Event) bool { return e.Type == "administrative_offence" },
	"custody_incidents_90d":          seen,
	"custody_incidents_365d":         seen,
	"custody_violence_365d":          func(e tarozi.Event) bool { return seen(e) && e.Category == "violence" },
	"custody_contraband_365d":        func(e tarozi.Event) bool { return seen(e) && e.Category == "contraband" },
	"custody_disobedience_365d":      func(e tarozi.Event) bool { return seen(e) && e.Category == "disobedience" },
	"custody_escapes_365d":           func(e tarozi.Event) bool { return seen(e) && e.Category == "escape" },
}

func breach(e tarozi.Event) bool { return e.Type == "alert" && e.Finding == "breach" }

func seen(e tarozi.Event) bool {
	return e.Type == "incident" && (e.DetectedBy == "officer" || e.ConfirmedBy != "")
}

func TestCountsAgreeWithNaiveOnes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, m := drawHistory(t), drawMoment(t)
		h.Facts = nil
		h.Events = append(h.Events, rapid.SliceOfNDistinct(rapid.Custom(func(t *rapid.T) tarozi.Event {
			return drawEvent(t, rapid.StringMatching(`x[0-9]{3}`).Draw(t, "id"))
		}), 0, 30, func(e tarozi.Event) string { return e.ID }).Draw(t, "more events")...)
		x := extract(t, h, m)
		for key, counts := range naive {
			i, ok := Index(key)
			if !ok {
				t.Fatalf("there is no feature %s", key)
			}
			number, known := naiveCount(h, m, catalogue[i].WindowDays, catalogue[i].Sources[1], counts)
			if catalogue[i].Kind == KindFlag {
				number = min(number, 1)
			}
			if e := x.Entries[i]; known != (e.Missing == "") || (known && e.Value.Float() != float64(number)) {
				t.Errorf("%s: %+v, want %d (known: %v)", key, e, number, known)
			}
		}
	})
}

func naiveCount(h *tarozi.CaseHistory, m Moment, window int, source string, counts func(tarozi.Event) bool) (number int, known bool) {
	day := func(at time.Time) string { return at.In(m.Zone).Format(time.DateOnly) }
	asOf, first := m.AsOf.String(), "0000-00-00"
	if window > 0 {
		first = m.AsOf.AddDays(1 - window).String()
	}
	latest, once := make(map[string]tarozi.Event), map[string]bool{}
	for _, e := range h.Events {
		if day(e.ReceivedAt) <= asOf && e.Status == "verified" {
			once[e.ID+string(e.Type)] = true
		}
		if before, again := latest[e.ID]; day(e.ReceivedAt) <= asOf && (!again || e.ReceivedAt.After(before.ReceivedAt)) {
			latest[e.ID] = e
		}
	}
	for _, e := range latest {
		if !once[e.ID+string(e.Type)] || day(e.At) > asOf || string(e.Type) != source {
			continue
		}
		known = true
		if e.Status == "verified" && day(e.At) >= first && counts(e) {
			number++
		}
	}
	return number, known
}

func TestNaiveCountsCoverTheCatalogue(t *testing.T) {
	for _, f := range Catalogue() {
		counted := f.Adverse > 0 && (f.Kind == KindCount || f.Kind == KindFlag) && (f.Rule == RuleLifetime || f.Rule == RuleWindow)
		if _, ok := naive[f.Key]; counted && !ok && f.Key != "moves_without_permission_365d" {
			t.Errorf("%s has no naive count", f.Key)
		}
	}
}
