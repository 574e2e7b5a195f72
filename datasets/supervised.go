package datasets

import (
	"time"

	"github.com/tarozi/tarozi"
)

// liveUnderSupervision draws month after month: first what the quantities are on the month's eve, then whether a violation and a
// new arrest come about, then everyday life, which makes the next month's quantities.
func (l *life) liveUnderSupervision() {
	var violation, arrest Process
	for _, p := range Processes() {
		switch p.Outcome {
		case tarozi.ViolationOf:
			violation = p
		case tarozi.Recidivism:
			arrest = p
		}
	}
	l.working = !l.exempt && l.logistic(-0.4+0.6*l.stability+0.3*float64(l.education))
	work := l.startWork(0)
	starts := l.monthStarts()
	for m, day := range starts {
		next := l.start.DaysUntil(l.start.AddMonths(m + 1))
		l.months[day] = l.supervisedQuantities(day)
		if on := l.happens(violation, day, next-day); on > 0 {
			l.violate(on)
		}
		if len(l.happened[dayOfArrest]) == 0 {
			if on := l.happens(arrest, day, next-day); on > 0 {
				l.arrest(on)
			}
		}
		l.falseAllegation(day, next)
		l.meet(day, next)
		l.attend(m, day, next)
		l.test(day, next)
		l.monitor(day, next)
		l.move(day, next)
		work = l.work(work, day, next)
		if l.chance(0.006) {
			l.record(tarozi.Event{Type: tarozi.EventAdministrativeOffence}, l.moment(l.between(day+1, next)), l.days(0, 10))
		}
		l.steady()
		if !l.revoked.IsZero() && l.start.DaysUntil(l.revoked) <= next {
			return
		}
	}
}

// supervisedQuantities are the terms' quantities as of the end of a day.
func (l *life) supervisedQuantities(day int) map[string]float64 {
	on := l.start.AddDays(day)
	p := &l.priors
	positive := l.within("drug_tests_positive_180d", day, 180)
	return map[string]float64{
		"violations_365d":                l.within(dayOfViolation, day, 365),
		"alerts_zone_90d":                l.within("alerts_zone_90d", day, 90),
		"alerts_curfew_90d":              l.within("alerts_curfew_90d", day, 90),
		"alerts_tamper_90d":              l.within("alerts_tamper_90d", day, 90),
		"contacts_missed_90d":            l.within("contacts_missed_90d", day, 90),
		"drug_tests_positive_180d":       positive,
		"programme_sessions_missed_180d": l.within("programme_sessions_missed_180d", day, 180),
		"employed_now":                   indicator(l.working),
		quantityIdleUse:                  indicator(positive > 0 && !l.working),
		"moves_365d":                     l.within("moves_365d", day, 365),
		"age_now":                        float64(l.born.YearsUntil(on)),
		"age_at_start":                   float64(l.born.YearsUntil(l.start)),
		"intake_risk_score":              float64(l.intake),
		"electronic_monitoring_now":      indicator(day <= l.monitored),
		"days_under_supervision":         float64(day),
		"prior_arrests_felony":           float64(p.arrestsFelony),
		"prior_convictions_property":     float64(p.convictionsProperty),
		"prior_revocation_parole":        indicator(p.revocationParole),
		"gang_affiliation":               indicator(l.gang),
		quantitySecondary:                indicator(l.education == 1),
		quantityHigher:                   indicator(l.education == 2),
		quantityFemale:                   indicator(l.female),
		quantityFrailty:                  l.frailty,
	}
}

// violate records a true violation: alleged at first, verified within three weeks; now and then the person disputes it in
// between.
func (l *life) violate(day int) {
	l.note(dayOfViolation, day)
	kinds := []float64{0, 0.4, 0.3, 0.15, 0, 0.15}
	if day <= l.monitored {
		kinds[0], kinds[4] = 0.5, 0.3
	}
	e := l.record(tarozi.Event{Type: tarozi.EventViolation, Violation: tarozi.ViolationKinds[l.weighted(kinds...)], Status: tarozi.Alleged},
		l.moment(day), l.days(0, 2))
	if l.chance(0.08) {
		e.Status = tarozi.Disputed
		e = l.amend(e, l.days(1, 6))
	}
	e.Status = tarozi.Verified
	e = l.amend(e, l.days(1, 12))
	if l.chance(0.5) {
		l.record(tarozi.Event{Type: tarozi.EventDelinquencyReport}, e.ReceivedAt.Add(l.days(0, 5)), time.Hour)
	}
}

// falseAllegation records what did not happen: an investigation finds it unfounded, or it stays an allegation.
func (l *life) falseAllegation(day, next int) {
	if !l.chance(0.02) {
		return
	}
	e := l.record(tarozi.Event{Type: tarozi.EventViolation, Violation: tarozi.ViolationKinds[l.between(1, 2)], Status: tarozi.Alleged},
		l.moment(l.between(day+1, next)), l.days(0, 2))
	if l.chance(0.7) {
		e.Status = tarozi.Unfounded
		l.amend(e, l.days(3, 30))
	}
}

// arrest records the first new arrest, the charge, and later perhaps a conviction and the end of supervision.
func (l *life) arrest(day int) {
	l.note(dayOfArrest, day)
	offence := l.drawOffence()
	e := tarozi.Event{Type: tarozi.EventArrest, Offence: offence, Severity: l.drawSeverity(offence), Article: pick(l.random, articles[offence])}
	if l.chance(0.1) {
		e.Involves = []tarozi.Involvement{pick(l.random, tarozi.Involvements)}
	}
	l.record(e, l.moment(day), l.days(0, 1))
	if !l.chance(0.7) {
		return
	}
	charged := day + l.between(2, 20)
	e.Type = tarozi.EventCharge
	l.record(e, l.office(charged), l.days(0, 2))
	if !l.chance(0.6) {
		return
	}
	convicted := charged + l.between(40, 150)
	e.Type = tarozi.EventConviction
	l.record(e, l.office(convicted), l.days(0, 3))
	kind := l.history.Supervision[0].Kind
	if kind == tarozi.SupervisionHouseArrest || !l.chance(0.5) {
		return
	}
	l.revoke(convicted+l.between(1, 14), kind, e)
}

// revoke ends supervision and brings the person to prison.
func (l *life) revoke(day int, kind tarozi.SupervisionKind, crime tarozi.Event) {
	l.revoked = l.start.AddDays(day)
	l.record(tarozi.Event{Type: tarozi.EventRevocation, Revoked: kind}, l.office(day), time.Hour)
	for i := range l.history.Supervision {
		if to := &l.history.Supervision[i].To; to.IsZero() || to.After(l.revoked) {
			*to = l.revoked
		}
	}
	planned := l.until.AddDays(l.between(90, 500))
	if planned.Before(l.revoked) {
		planned = l.revoked.AddDays(180)
	}
	l.history.Sentences = append(l.history.Sentences, tarozi.Sentence{
		ImposedOn: l.revoked, Type: tarozi.SentenceCustody, Offence: crime.Offence, Severity: crime.Severity, Article: crime.Article,
		ReleasePlannedOn: planned, Provenance: tarozi.Provenance{Source: syntheticSource},
	})
}

// meet draws the contacts with the officer.
func (l *life) meet(day, next int) {
	every := map[tarozi.SupervisionLevel]int{"standard": 30, "high": 15, "specialised": 10}[l.history.Supervision[0].Level]
	for at := day + l.between(1, every); at <= next; at += every {
		e := tarozi.Event{Type: tarozi.EventContact, Method: tarozi.ContactMethods[l.weighted(0.6, 0.2, 0.15, 0.05)]}
		switch {
		case l.chance(0.05):
			e.Attendance = tarozi.MissedExcused
		case l.logistic(-2.6 - 0.8*l.stability):
			e.Attendance = tarozi.MissedUnexcused
			if l.chance(0.04) {
				e.Status = tarozi.Disputed
			} else {
				l.note("contacts_missed_90d", at)
			}
		default:
			e.Attendance = tarozi.Attended
		}
		l.record(e, l.office(at), time.Hour)
	}
}

// attend draws a programme of twenty weekly sessions in the first months, for whom a condition sends there.
func (l *life) attend(month, day, next int) {
	if month > 4 || (!l.treated && !l.schooled) {
		return
	}
	programme := "cognitive_skills"
	if l.treated {
		programme = "treatment"
	}
	for at := day + 4; at <= next; at += 7 {
		e := tarozi.Event{Type: tarozi.EventProgramSession, Programme: programme, Attendance: tarozi.Attended}
		switch {
		case l.chance(0.06):
			e.Attendance = tarozi.MissedExcused
		case l.logistic(-2.0 - 0.7*l.stability):
			e.Attendance = tarozi.MissedUnexcused
			l.note("programme_sessions_missed_180d", at)
		}
		l.record(e, l.office(at), l.days(0, 3))
	}
}

// test draws drug tests: monthly for people in treatment or with a drug offence, now and then for others.
func (l *life) test(day, next int) {
	drugs := l.history.Sentences[0].Offence == tarozi.OffenceDrug
	if !l.treated && !drugs && !l.chance(0.1) {
		return
	}
	at := l.between(day+1, next)
	e := tarozi.Event{Type: tarozi.EventDrugTest, Result: tarozi.TestNegative}
	switch {
	case l.chance(0.02):
		e.Result = tarozi.TestInvalid
	case l.logistic(-2.4 - 0.7*l.stability + 0.6*indicator(drugs)):
		e.Result = tarozi.TestPositive
		e.Substances = []tarozi.Substance{tarozi.Substances[l.weighted(0.55, 0.05, 0.15, 0.25)]}
		l.note("drug_tests_positive_180d", at)
	}
	l.record(e, l.office(at), l.days(1, 4))
}

// move draws a change of residence.
func (l *life) move(day, next int) {
	if !l.logistic(-3.5 - 0.5*l.stability) {
		return
	}
	at := l.between(day+1, next)
	permitted := l.logistic(1.2 + 0.6*l.stability)
	l.note("moves_365d", at)
	l.record(tarozi.Event{Type: tarozi.EventResidenceChange, Permitted: &permitted}, l.office(at), l.days(0, 10))
}

// startWork records the state of work on a day, if there is one to record.
func (l *life) startWork(day int) tarozi.Event {
	switch {
	case l.exempt:
		return l.record(tarozi.Event{Type: tarozi.EventEmployment, Work: tarozi.WorkExempt}, l.office(day), time.Hour)
	case l.working:
		return l.record(tarozi.Event{Type: tarozi.EventEmployment, Work: tarozi.WorkJob}, l.office(day), l.days(0, 5))
	default:
		return tarozi.Event{}
	}
}

// work draws the loss or the finding of a job; the end of a job is a later version of its record.
func (l *life) work(current tarozi.Event, day, next int) tarozi.Event {
	at := l.between(day+1, next)
	switch {
	case l.exempt:
	case l.working && l.logistic(-3.1-0.7*l.stability):
		l.working = false
		current.Until = l.start.AddDays(at)
		l.finish(current, at)
		return tarozi.Event{}
	case !l.working && l.logistic(-1.9+0.6*l.stability+0.25*float64(l.education)):
		l.working = true
		return l.startWork(at)
	}
	return current
}

// finish records the end of a period of work some days after it.
func (l *life) finish(e tarozi.Event, day int) {
	received := l.office(day).Add(l.days(1, 7))
	if !received.After(e.ReceivedAt) {
		received = e.ReceivedAt.Add(time.Hour)
	}
	e.ReceivedAt = received
	l.events = append(l.events, e)
}
