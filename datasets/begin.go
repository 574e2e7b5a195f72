package datasets

import (
	"math"

	"github.com/tarozi/tarozi"
)

// priors are the criminal record before the present sentence, by the catalogue's keys.
type priors struct {
	arrestsFelony, arrestsMisdemeanour, arrestsViolent, arrestsProperty, arrestsDrug, arrestsBreach int
	arrestDomestic, arrestWeapon                                                                    bool
	convictionsFelony, convictionsMisdemeanour, convictionsProperty, convictionsDrug                int
	convictionViolent, convictionBreach, convictionDomestic, convictionWeapon                       bool
	revocationParole, revocationProbation                                                           bool
}

// Shares of the population; docs/synthetic.md lists them.
const (
	shareInPrison  = 0.20
	shareFemale    = 0.13
	shareMonitored = 0.40
	shareExempt    = 0.08
)

// begin draws who somebody is and what the register knows when its records begin.
func (l *life) begin(agencies int) {
	l.prison = l.chance(shareInPrison)
	l.female = l.chance(shareFemale)
	l.frailty = l.random.NormFloat64()
	l.stability = l.random.NormFloat64()
	l.past = l.random.NormFloat64()
	l.gang = !l.female && l.logistic(-2.0+0.5*l.past)
	l.education = l.weighted(0.36*math.Exp(0.2*l.past), 0.46, 0.18*math.Exp(-0.2*l.past))
	l.reviewed = l.chance(0.96)
	l.exempt = l.chance(shareExempt)
	l.identity = identity(l.random, l.id, l.female)
	region := regions[l.random.IntN(agencies)]
	l.protected = tarozi.ProtectedAttributes{PersonID: l.id, Attributes: map[string]string{
		"sex":          []string{"male", "female"}[int(indicator(l.female))],
		"language":     []string{"uz", "ru", "kaa", "tg"}[l.weighted(0.80, 0.12, 0.03, 0.05)],
		"address_area": region.id,
	}}
	if l.prison {
		l.start = l.until.AddDays(-l.between(60, 730))
	} else {
		l.start = l.until.AddMonths(-l.between(1, 30)).AddDays(-l.random.IntN(28))
	}
	age := min(18+int(l.random.ExpFloat64()*9)+l.random.IntN(8), 72)
	l.born = l.start.AddMonths(-12 * age).AddDays(-l.random.IntN(365))
	l.drawPriors(age)
	l.intake = min(max(int(math.Round(3.9+0.25*float64(l.priors.arrestsFelony)+0.5*l.past-0.05*float64(age-30)+1.3*l.random.NormFloat64())), 1), 10)
	l.history = tarozi.CaseHistory{PersonID: l.id, AgencyID: region.id, BirthDate: l.born}
	offence := l.drawOffence()
	l.sentence(offence)
	l.facts()
}

// drawPriors draws the record: it grows with age and with the past.
func (l *life) drawPriors(age int) {
	rate := math.Exp(0.5*l.past + 0.02*float64(age-30))
	p := &l.priors
	p.arrestsFelony = min(l.poisson(3.6*rate), 20)
	p.arrestsMisdemeanour = min(l.poisson(2.4*rate), 20)
	all := p.arrestsFelony + p.arrestsMisdemeanour
	for range all {
		switch l.weighted(0.20, 0.38, 0.22, 0.20) {
		case 0:
			p.arrestsViolent++
		case 1:
			p.arrestsProperty++
		case 2:
			p.arrestsDrug++
		}
	}
	p.arrestsBreach = min(l.poisson(0.6*rate), 8)
	p.arrestDomestic = p.arrestsViolent > 0 && l.chance(0.35)
	p.arrestWeapon = p.arrestsViolent > 0 && l.chance(0.30)
	convicted := func(arrests int, share float64) int {
		n := 0
		for range arrests {
			n += int(indicator(l.chance(share)))
		}
		return n
	}
	p.convictionsFelony = convicted(p.arrestsFelony, 0.45)
	p.convictionsMisdemeanour = convicted(p.arrestsMisdemeanour, 0.40)
	p.convictionsProperty = min(convicted(p.arrestsProperty, 0.45), p.convictionsFelony+p.convictionsMisdemeanour)
	p.convictionsDrug = min(convicted(p.arrestsDrug, 0.45), p.convictionsFelony+p.convictionsMisdemeanour-p.convictionsProperty)
	p.convictionViolent = convicted(p.arrestsViolent, 0.4) > 0
	p.convictionBreach = convicted(p.arrestsBreach, 0.4) > 0
	p.convictionDomestic = p.arrestDomestic && l.chance(0.4)
	p.convictionWeapon = p.arrestWeapon && l.chance(0.4)
	p.revocationParole = p.convictionsFelony > 0 && l.logistic(-2.2+0.3*l.past)
	p.revocationProbation = p.convictionsFelony+p.convictionsMisdemeanour > 0 && l.logistic(-1.9+0.3*l.past)
}

// articles of Uzbekistan's Criminal Code that stand for the groups of offences.
var articles = map[tarozi.Offence][]string{
	tarozi.OffenceViolent: {"104", "105", "164"}, tarozi.OffenceViolentSexual: {"118"}, tarozi.OffenceProperty: {"166", "168", "169"},
	tarozi.OffenceDrug: {"273", "276"}, tarozi.OffencePublicOrder: {"277"}, tarozi.OffenceTraffic: {"266"}, tarozi.OffenceOther: {"223", "228"},
}

func (l *life) drawOffence() tarozi.Offence {
	return tarozi.Offences[l.weighted(0.20, 0.03, 0.35, 0.18, 0.10, 0.06, 0.08)]
}

func (l *life) drawSeverity(offence tarozi.Offence) tarozi.Severity {
	if offence == tarozi.OffenceViolentSexual {
		return tarozi.Severities[2+l.weighted(0.6, 0.4)]
	}
	return tarozi.Severities[l.weighted(0.35, 0.40, 0.20, 0.05)]
}

// sentence draws the present sentence and the supervision that it brings or will bring.
func (l *life) sentence(offence tarozi.Offence) {
	from := tarozi.Provenance{Source: syntheticSource}
	s := tarozi.Sentence{Offence: offence, Article: pick(l.random, articles[offence]), Severity: l.drawSeverity(offence), Provenance: from}
	level := tarozi.SupervisionLevels[l.weighted(math.Exp(-0.35*float64(l.intake-4)), 0.8, 0.25*math.Exp(0.2*float64(l.intake-5)))]
	l.treated, l.schooled = l.chance(0.35), l.chance(0.40)
	conditions := []tarozi.Condition{}
	for _, c := range []struct {
		set       bool
		condition tarozi.Condition
	}{
		{l.treated, tarozi.ConditionTreatment}, {l.schooled, tarozi.ConditionEducation},
		{l.chance(0.3), tarozi.ConditionEmployment}, {l.chance(0.25), tarozi.ConditionOther},
	} {
		if c.set {
			conditions = append(conditions, c.condition)
		}
	}
	supervision := tarozi.Supervision{From: l.start, Level: level, Conditions: conditions, Provenance: from}
	l.monitored = -1
	if l.prison {
		s.Type = tarozi.SentenceCustody
		s.ImposedOn = l.start.AddDays(-l.between(0, 900))
		s.ReleasePlannedOn = l.until.AddDays(l.between(20, 400))
		supervision.From, supervision.Kind = s.ReleasePlannedOn, tarozi.SupervisionParole
		l.history.Sentences = []tarozi.Sentence{s}
		if l.chance(0.7) {
			l.history.Supervision = []tarozi.Supervision{supervision}
		}
		return
	}
	house := false
	switch l.weighted(0.50, 0.44, 0.06) {
	case 0:
		days := l.between(120, 1500)
		s.Type, s.CustodyDays, s.ReleasedOn = "parole", &days, l.start
		s.ImposedOn = l.start.AddDays(-days)
		supervision.Kind = tarozi.SupervisionParole
	case 1:
		days := l.between(0, 120) // detained before the judgment
		s.Type, s.CustodyDays, s.ImposedOn = "conditional", &days, l.start.AddDays(-l.between(0, 20))
		supervision.Kind = tarozi.SupervisionProbation
	default:
		days := l.between(0, 60)
		s.Type, s.CustodyDays, s.ImposedOn = "restriction_of_liberty", &days, l.start.AddDays(-l.between(0, 20))
		supervision.Kind, house = tarozi.SupervisionHouseArrest, true
	}
	l.history.Sentences = []tarozi.Sentence{s}
	l.history.Supervision = []tarozi.Supervision{supervision}
	if house || l.chance(shareMonitored) {
		to := l.start.AddMonths(l.between(3, 14))
		bracelet := tarozi.Supervision{From: l.start, To: to, Kind: tarozi.SupervisionElectronicMonitoring, Provenance: from,
			Conditions: []tarozi.Condition{tarozi.ConditionCurfew}}
		if l.chance(0.5) {
			bracelet.Conditions = append(bracelet.Conditions, tarozi.ConditionZone)
		}
		l.monitored = l.start.DaysUntil(to)
		l.history.Supervision = append(l.history.Supervision, bracelet)
	}
}

// facts are the opening balance that a register was migrated with.
func (l *life) facts() {
	day := l.start
	if l.prison {
		day = l.history.Sentences[0].ImposedOn
	}
	p := &l.priors
	count := func(n int) tarozi.Value { return tarozi.Number(float64(n)) }
	for _, f := range []struct {
		feature string
		value   tarozi.Value
	}{
		{"gang_affiliation", tarozi.Flag(l.gang)},
		{"intake_risk_score", count(l.intake)},
		{"education", tarozi.Category([]string{"less_than_secondary", "secondary", "higher"}[l.education])},
		{"dependents", count(l.weighted(0.3, 0.2, 0.2, 0.15, 0.1, 0.05))},
		{"prior_arrests_felony", count(p.arrestsFelony)},
		{"prior_arrests_misdemeanour", count(p.arrestsMisdemeanour)},
		{"prior_arrests_violent", count(p.arrestsViolent)},
		{"prior_arrests_property", count(p.arrestsProperty)},
		{"prior_arrests_drug", count(p.arrestsDrug)},
		{"prior_arrests_supervision_breach", count(p.arrestsBreach)},
		{"prior_arrest_domestic_violence", tarozi.Flag(p.arrestDomestic)},
		{"prior_arrest_weapon", tarozi.Flag(p.arrestWeapon)},
		{"prior_convictions_felony", count(p.convictionsFelony)},
		{"prior_convictions_misdemeanour", count(p.convictionsMisdemeanour)},
		{"prior_convictions_property", count(p.convictionsProperty)},
		{"prior_convictions_drug", count(p.convictionsDrug)},
		{"prior_conviction_violent", tarozi.Flag(p.convictionViolent)},
		{"prior_conviction_supervision_breach", tarozi.Flag(p.convictionBreach)},
		{"prior_conviction_domestic_violence", tarozi.Flag(p.convictionDomestic)},
		{"prior_conviction_weapon", tarozi.Flag(p.convictionWeapon)},
		{"prior_revocation_parole", tarozi.Flag(p.revocationParole)},
		{"prior_revocation_probation", tarozi.Flag(p.revocationProbation)},
	} {
		l.history.Facts = append(l.history.Facts, tarozi.Fact{Feature: f.feature, Value: f.value, AsOf: day, Status: tarozi.Verified,
			Provenance: tarozi.Provenance{Source: syntheticSource}})
	}
}

// indispensable is the fact that the register never lacks: the demonstration's models give no score without it.
const indispensable = "prior_arrests_felony"

// spoil takes out or puts in doubt some of what is stated, as in any register.
func (l *life) spoil() {
	var kept []tarozi.Fact
	for _, f := range l.history.Facts {
		if f.Feature != indispensable && l.chance(0.015) {
			continue
		}
		if f.Feature == "intake_risk_score" && l.chance(0.05) {
			continue
		}
		if f.Feature == "gang_affiliation" && l.chance(0.04) {
			f.Status, f.Value = tarozi.Alleged, tarozi.Flag(true)
		}
		kept = append(kept, f)
	}
	l.history.Facts = kept
	if l.chance(0.04) {
		l.history.BirthYear, l.history.BirthDate = l.born.Year, tarozi.Date{}
	}
	if l.chance(0.04) && len(l.history.Supervision) > 0 {
		l.history.Supervision[0].Level = ""
	}
	if l.chance(0.03) && len(l.history.Supervision) > 0 {
		l.history.Supervision[0].Conditions = nil
	}
	if l.chance(0.02) {
		l.history.Sentences[0].Offence = ""
		l.history.Sentences[0].Article = ""
	}
}
