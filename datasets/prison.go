package datasets

import (
	"math"
	"time"

	"github.com/tarozi/tarozi"
)

// expBounded is exp held below 6, so that no month drowns in alerts.
func expBounded(x float64) float64 { return math.Min(math.Exp(x), 6) }

// liveInPrison draws incidents in custody month after month, as the process states them, and what cameras take for incidents.
func (l *life) liveInPrison() {
	var process Process
	for _, p := range Processes() {
		if p.Outcome == tarozi.CustodyIncident {
			process = p
		}
	}
	for m, day := range l.monthStarts() {
		next := l.start.DaysUntil(l.start.AddMonths(m + 1))
		l.months[day] = l.custodyQuantities(day)
		if on := l.happens(process, day, next-day); on > 0 {
			l.incident(on)
		}
		if l.chance(0.04) {
			l.falseIncident(l.between(day+1, next))
		}
		if l.chance(0.7) {
			e := tarozi.Event{Type: tarozi.EventProgramSession, Programme: "vocational", Attendance: tarozi.Attended}
			if l.logistic(-2.2 - 0.6*l.stability) {
				e.Attendance = tarozi.MissedUnexcused
			}
			l.record(e, l.office(l.between(day+1, next)), l.days(0, 3))
		}
		l.steady()
	}
}

func (l *life) custodyQuantities(day int) map[string]float64 {
	on := l.start.AddDays(day)
	sentence := l.history.Sentences[0]
	return map[string]float64{
		"custody_incidents_365d":  l.within(dayOfIncident, day, 365),
		"custody_violence_365d":   l.within("custody_violence_365d", day, 365),
		"age_now":                 float64(l.born.YearsUntil(on)),
		"gang_affiliation":        indicator(l.gang),
		"intake_risk_score":       float64(l.intake),
		"days_in_custody":         float64(sentence.ImposedOn.DaysUntil(on)),
		"days_to_planned_release": float64(on.DaysUntil(sentence.ReleasePlannedOn)),
		quantityFemale:            indicator(l.female),
		quantityFrailty:           l.frailty,
	}
}

// incident records a true incident: seen by an officer, or by a camera and confirmed by an officer later.
func (l *life) incident(day int) {
	category := tarozi.IncidentCategories[l.weighted(0.25, 0.2, 0.4, 0.01, 0.09, 0.05)]
	l.note(dayOfIncident, day)
	if category == "violence" {
		l.note("custody_violence_365d", day)
	}
	e := tarozi.Event{Type: tarozi.EventIncident, Category: category, DetectedBy: tarozi.DetectedByOfficer}
	if l.chance(0.3) {
		e.DetectedBy = tarozi.DetectedByCamera
		e = l.record(e, l.moment(day), time.Minute)
		e.ConfirmedBy = "officer-" + string(rune('a'+l.random.IntN(6)))
		l.amend(e, l.days(0, 3))
		return
	}
	l.record(e, l.moment(day), l.days(0, 1))
}

// falseIncident records what a camera took for an incident and no officer confirmed, or what an officer reported and an inquiry
// found unfounded.
func (l *life) falseIncident(day int) {
	e := tarozi.Event{Type: tarozi.EventIncident, Category: tarozi.IncidentCategories[l.weighted(0.6, 0, 0.4)], DetectedBy: tarozi.DetectedByCamera}
	if l.chance(0.3) {
		e.DetectedBy, e.Status = tarozi.DetectedByOfficer, tarozi.Alleged
		e = l.record(e, l.moment(day), l.days(0, 1))
		e.Status = tarozi.Unfounded
		l.amend(e, l.days(3, 20))
		return
	}
	e = l.record(e, l.moment(day), time.Minute)
	if l.chance(0.5) {
		e.Status = tarozi.Unfounded
		l.amend(e, l.days(0, 3))
	}
}
