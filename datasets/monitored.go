package datasets

import (
	"time"

	"github.com/tarozi/tarozi"
)

// monitor draws a month of electronic monitoring: true breaches, false alarms, and weekly check-ins.
func (l *life) monitor(day, next int) {
	next = min(next, l.monitored)
	if day >= next {
		return
	}
	share := float64(next-day) / 30
	for range l.poisson(share * 0.45 * expBounded(-0.7*l.stability)) {
		l.breach(l.between(day+1, next))
	}
	for range l.poisson(share * 1.1) {
		l.falseAlarm(l.between(day+1, next))
	}
	for at := day + 1 + l.random.IntN(7); at <= next; at += 7 {
		l.checkIn(at)
	}
}

// breach records an alert whose investigation finds a breach some days later; a few are never found out about and stay open.
func (l *life) breach(day int) {
	var e tarozi.Event
	var quantity string
	switch l.weighted(0.35, 0.35, 0.15, 0.03, 0.12) {
	case 0:
		e.Alert, quantity = tarozi.AlertKinds[l.weighted(0.6, 0.4)], "alerts_zone_90d"
	case 1:
		e.Alert, quantity = tarozi.AlertCurfewAbsent, "alerts_curfew_90d"
	case 2:
		e.Alert, quantity = tarozi.AlertStrapTamper, "alerts_tamper_90d"
		if l.chance(0.15) {
			e.Alert = tarozi.AlertJamming
		}
	case 3:
		e.Alert = tarozi.AlertDeviceRemoved
	default:
		e.Alert = tarozi.AlertLowBattery
		if l.chance(0.3) {
			e.Alert = tarozi.AlertOffline
		}
	}
	e.Type = tarozi.EventAlert
	e = l.record(e, l.moment(day), 5*time.Minute)
	if l.chance(0.05) {
		return
	}
	if quantity != "" {
		l.note(quantity, day)
	}
	e.Finding = tarozi.FindingBreach
	l.amend(e, l.days(0, 4))
}

// falseAlarm records an alert that is nobody's fault: most of them are the equipment's.
func (l *life) falseAlarm(day int) {
	kinds := []tarozi.AlertKind{
		tarozi.AlertLowBattery, tarozi.AlertOffline, tarozi.AlertFault, tarozi.AlertZoneExit, tarozi.AlertStrapTamper, tarozi.AlertCurfewAbsent,
	}
	e := l.record(tarozi.Event{Type: tarozi.EventAlert, Alert: kinds[l.weighted(0.3, 0.25, 0.15, 0.15, 0.1, 0.05)]}, l.moment(day), 5*time.Minute)
	switch l.weighted(0.6, 0.2, 0.12, 0.08) {
	case 0:
		e.Finding = tarozi.FindingFault
	case 1:
		e.Finding = tarozi.FindingPermitted
	case 2:
		e.Finding = tarozi.FindingUnexplained
	default:
		return
	}
	if e.Finding == tarozi.FindingFault && l.chance(0.1) {
		e.Status = tarozi.Unfounded
	}
	l.amend(e, l.days(0, 6))
}

// checkIn records a biometric check-in. The machine errs both ways; a person looks at what it rejects.
func (l *life) checkIn(day int) {
	e := tarozi.Event{Type: tarozi.EventCheckIn, Match: "match", Liveness: "live"}
	other := l.logistic(-5.5 - 0.6*l.stability)
	switch {
	case other && l.chance(0.9):
		e.Match = "no_match"
	case other:
	case l.chance(0.03):
		e.Match = "no_match"
	case l.chance(0.03):
		e.Match, e.Liveness = "error", "error"
	case l.chance(0.01):
		e.Liveness = "not_live"
	}
	e = l.record(e, l.moment(day), time.Minute)
	if e.Match == "match" && e.Liveness == "live" || l.chance(0.1) {
		return
	}
	e.Verdict = tarozi.VerdictSamePerson
	if other {
		e.Verdict = tarozi.VerdictOtherPerson
	}
	l.amend(e, l.days(0, 3))
}
