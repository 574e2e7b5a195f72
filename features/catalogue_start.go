package features

import (
	"slices"

	"github.com/tarozi/tarozi"
)

// The constructors below fill in what features of one sort have in common.

func newCount(key, unit string, most float64, topic, doc string) definition {
	return definition{Feature: Feature{Key: key, Kind: KindCount, Unit: unit, Max: most, Whole: true, Topic: topic, Doc: doc}}
}

func newFlag(key, topic, doc string) definition {
	return definition{Feature: Feature{Key: key, Kind: KindFlag, Max: 1, Whole: true, Topic: topic, Doc: doc}}
}

func newDays(key, topic, doc string) definition {
	return definition{Feature: Feature{Key: key, Kind: KindDays, Unit: "days", Max: 36_525, Whole: true, Topic: topic, Doc: doc}}
}

func newShare(key, topic, doc string) definition {
	return definition{Feature: Feature{Key: key, Kind: KindShare, Unit: "share", Max: 1, Topic: topic, Doc: doc}}
}

func newCategory(key, topic, doc string, names []string) definition {
	return definition{Feature: Feature{Key: key, Kind: KindCategory, Max: float64(len(names) - 1), Whole: true, Categories: names,
		Topic: topic, Doc: doc}}
}

// adverse: a larger value speaks against the person.
func (d definition) adverse() definition { d.Adverse = 1; return d }

// inFavour: a larger value speaks for the person.
func (d definition) inFavour() definition { d.Adverse = -1; return d }

func (d definition) changeable() definition { d.Changeable = true; return d }

// latest: the later of fact and records from the sources.
func (d definition) latest(m measure, sources ...string) definition {
	d.Rule, d.derive = RuleLatest, m
	d.Sources = append([]string{"facts"}, sources...)
	return d
}

func (d definition) lifetime(t tarozi.EventType, is match) definition {
	d.Rule, d.derive = RuleLifetime, counted(t, lifetime, is)
	d.Sources = []string{"facts", string(t)}
	return d
}

func (d definition) sinceStart(t tarozi.EventType, is match) definition {
	d.Rule, d.derive, d.bound = RuleSinceStart, countedSinceStart(t, is), true
	d.Sources = []string{"facts", "supervision", string(t)}
	return d
}

// present: the later of fact and records, of the present supervision alone.
func (d definition) present(m measure, t tarozi.EventType) definition {
	d.Rule, d.derive, d.bound = RuleLatest, m, true
	d.Sources = []string{"facts", "supervision", string(t)}
	return d
}

func (d definition) window(length int, t tarozi.EventType, is match) definition {
	return d.windowed(length, t, counted(t, length, is))
}

func (d definition) windowed(length int, t tarozi.EventType, m measure) definition {
	d.Rule, d.derive, d.WindowDays = RuleWindow, m, length
	d.Sources = []string{"facts", string(t)}
	return d
}

func names[T ~string](list []T) []string {
	texts := make([]string, len(list))
	for i, name := range list {
		texts[i] = string(name)
	}
	return texts
}

// startFeatures lists what is known when supervision begins.
func startFeatures() []definition {
	age := newCount("age_at_start", "years", 120, "person",
		"Completed years of age on the first day of the present supervision, or on the planned day of release.")
	age.Min = 10
	intake := newCount("intake_risk_score", "", 10, "supervision",
		"Score from 1 to 10 of the risk instrument used when supervision began.").adverse()
	intake.Min = 1
	return []definition{
		age.latest(ageAtStart, "birth_date", "supervision", "sentences"),
		newFlag("gang_affiliation", "person", "An affiliation with a gang has been established.").adverse().changeable().latest(factsOnly),
		intake.latest(factsOnly),
		newCategory("supervision_level_first", "supervision", "Level of supervision on its first day; of several at once, the closest.",
			names(tarozi.SupervisionLevels)).latest(levelFirst, "supervision"),
		newCategory("education", "person", "Highest education completed.",
			[]string{"less_than_secondary", "secondary", "higher"}).changeable().latest(factsOnly),
		newCount("dependents", "people", 30, "person", "People who depend on the person for their living.").latest(factsOnly),
		newCategory("sentence_offence", "offence", "Group of offences of the sentence behind the present supervision.",
			names(tarozi.Offences)).latest(ofSentence(func(s *tarozi.Sentence) string { return string(s.Offence) }), "sentences"),
		newDays("custody_days", "offence",
			"Days in custody before release on that sentence: as stated, else from the sentence to the release.").latest(custodyDays, "sentences"),
	}
}

// recordFeatures lists the criminal record up to the as-of day.
func recordFeatures() []definition {
	arrest, conviction := tarozi.EventArrest, tarozi.EventConviction
	const topic = "record"
	arrests := func(key, doc string, is match) definition {
		return newCount(key, "arrests", 500, topic, doc).adverse().lifetime(arrest, is)
	}
	convictions := func(key, doc string, is match) definition {
		return newCount(key, "convictions", 500, topic, doc).adverse().lifetime(conviction, is)
	}
	marked := func(key, doc string, t tarozi.EventType, is match) definition {
		return newFlag(key, topic, doc).adverse().lifetime(t, is)
	}
	return []definition{
		arrests("prior_arrests_felony", "Arrests for a crime above minor severity.", felony),
		arrests("prior_arrests_misdemeanour", "Arrests for a crime of minor severity.", misdemeanour),
		arrests("prior_arrests_violent", "Arrests for a violent or violent sexual crime.", violent),
		arrests("prior_arrests_property", "Arrests for a crime against property.", ofOffence(tarozi.OffenceProperty)),
		arrests("prior_arrests_drug", "Arrests for a drug crime.", ofOffence(tarozi.OffenceDrug)),
		arrests("prior_arrests_supervision_breach", "Arrests for breaking conditions of supervision.", involving(tarozi.InvolvesSupervisionBreach)),
		marked("prior_arrest_domestic_violence", "At least one arrest involved domestic violence.", arrest, involving(tarozi.InvolvesDomesticViolence)),
		marked("prior_arrest_weapon", "At least one arrest involved a weapon.", arrest, involving(tarozi.InvolvesWeapon)),
		convictions("prior_convictions_felony", "Convictions of a crime above minor severity.", felony),
		convictions("prior_convictions_misdemeanour", "Convictions of a crime of minor severity.", misdemeanour),
		convictions("prior_convictions_property", "Convictions of a crime against property.", ofOffence(tarozi.OffenceProperty)),
		convictions("prior_convictions_drug", "Convictions of a drug crime.", ofOffence(tarozi.OffenceDrug)),
		marked("prior_conviction_violent", "At least one conviction of a violent or violent sexual crime.", conviction, violent),
		marked("prior_conviction_supervision_breach", "At least one conviction of breaking conditions of supervision.", conviction,
			involving(tarozi.InvolvesSupervisionBreach)),
		marked("prior_conviction_domestic_violence", "At least one conviction involved domestic violence.", conviction,
			involving(tarozi.InvolvesDomesticViolence)),
		marked("prior_conviction_weapon", "At least one conviction involved a weapon.", conviction, involving(tarozi.InvolvesWeapon)),
		marked("prior_revocation_parole", "A parole has been revoked before.", tarozi.EventRevocation, revoked(tarozi.SupervisionParole)),
		marked("prior_revocation_probation", "A probation has been revoked before.", tarozi.EventRevocation, revoked(tarozi.SupervisionProbation)),
		newFlag("condition_treatment", "supervision", "A treatment is a condition of the present supervision.").
			latest(condition(tarozi.ConditionTreatment), "supervision"),
		newFlag("condition_education", "supervision", "Education or a cognitive-skills programme is a condition of the present supervision.").
			latest(condition(tarozi.ConditionEducation), "supervision"),
		newFlag("condition_other", "supervision", "The present supervision has a condition other than treatment and education.").
			latest(condition(tarozi.ConditionEmployment, tarozi.ConditionCurfew, tarozi.ConditionZone, tarozi.ConditionOther), "supervision"),
	}
}

func felony(e *tarozi.Event) bool { return e.Severity != "" && e.Severity != tarozi.SeverityMinor }

func misdemeanour(e *tarozi.Event) bool { return e.Severity == tarozi.SeverityMinor }

func violent(e *tarozi.Event) bool {
	return e.Offence == tarozi.OffenceViolent || e.Offence == tarozi.OffenceViolentSexual
}

func ofOffence(o tarozi.Offence) match { return func(e *tarozi.Event) bool { return e.Offence == o } }

func involving(what tarozi.Involvement) match {
	return func(e *tarozi.Event) bool { return slices.Contains(e.Involves, what) }
}

func revoked(kind tarozi.SupervisionKind) match {
	return func(e *tarozi.Event) bool { return e.Revoked == kind }
}

// activityFeatures lists what happened during the present supervision as a whole.
func activityFeatures() []definition {
	violation := func(key string, kind tarozi.ViolationKind, doc string) definition {
		return newFlag(key, "supervision", doc).adverse().changeable().sinceStart(tarozi.EventViolation, ofViolation(kind))
	}
	positive := func(substance tarozi.Substance, doc string) definition {
		return newShare("drug_positive_share_"+string(substance), "supervision", doc).adverse().changeable().
			present(sharedSinceStart(tarozi.EventDrugTest, detected(substance), valid), tarozi.EventDrugTest)
	}
	perTest := newDays("days_per_drug_test", "supervision", "Days of the present supervision for each drug test, to one day.")
	jobs := newCount("jobs_per_year", "jobs", 100, "work", "Jobs held during the present supervision for each year of it, to one decimal; under 30 days count as 30.")
	jobs.Whole = false
	return []definition{
		violation("violation_electronic_monitoring", tarozi.ViolationElectronicMonitoring,
			"A breach of electronic monitoring during the present supervision."),
		violation("violation_instruction", tarozi.ViolationInstruction, "An instruction not followed during the present supervision."),
		violation("violation_fail_to_report", tarozi.ViolationFailToReport, "A failure to report during the present supervision."),
		violation("violation_moved_without_permission", tarozi.ViolationMovedWithout,
			"A move without permission during the present supervision, established as a violation."),
		newCount("delinquency_reports", "reports", 500, "supervision", "Delinquency reports during the present supervision.").adverse().
			changeable().sinceStart(tarozi.EventDelinquencyReport, every),
		newCount("programme_sessions_attended", "sessions", 5000, "programme", "Programme sessions attended during the present supervision.").
			inFavour().changeable().sinceStart(tarozi.EventProgramSession, attended),
		newCount("programme_sessions_missed", "sessions", 5000, "programme",
			"Programme sessions missed without excuse during the present supervision.").adverse().changeable().
			sinceStart(tarozi.EventProgramSession, missed),
		newCount("residence_changes", "moves", 500, "supervision", "Moves to another residence during the present supervision.").adverse().
			changeable().sinceStart(tarozi.EventResidenceChange, every),
		perTest.present(daysPerTest, tarozi.EventDrugTest),
		positive(tarozi.SubstanceTHC, "Share of the valid drug tests of the present supervision that found THC, to one percent."),
		positive(tarozi.SubstanceCocaine, "Share of the valid drug tests of the present supervision that found cocaine, to one percent."),
		positive(tarozi.SubstanceMeth, "Share of the valid drug tests of the present supervision that found methamphetamine, to one percent."),
		positive(tarozi.SubstanceOther, "Share of the valid drug tests of the present supervision that found another drug, to one percent."),
		newShare("employed_share", "work", "Share of the days of the present supervision with a job, exempt days left out, to one percent.").
			inFavour().changeable().present(employedShareSinceStart, tarozi.EventEmployment),
		jobs.changeable().present(jobsPerYear, tarozi.EventEmployment),
		newFlag("employment_exempt", "work", "The person is exempt from work on the as-of day.").latest(exemptNow, string(tarozi.EventEmployment)),
	}
}

func ofViolation(kind tarozi.ViolationKind) match {
	return func(e *tarozi.Event) bool { return e.Violation == kind }
}

func attended(e *tarozi.Event) bool { return e.Attendance == tarozi.Attended }

func missed(e *tarozi.Event) bool { return e.Attendance == tarozi.MissedUnexcused }

func attendedOrMissed(e *tarozi.Event) bool { return attended(e) || missed(e) }

func positiveTest(e *tarozi.Event) bool { return e.Result == tarozi.TestPositive }

func valid(e *tarozi.Event) bool {
	return e.Result == tarozi.TestPositive || e.Result == tarozi.TestNegative
}

func detected(substance tarozi.Substance) match {
	return func(e *tarozi.Event) bool { return slices.Contains(e.Substances, substance) }
}
