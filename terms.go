package tarozi

// The closed lists of the vocabulary. Their values stand in JSON as they are written here.

// Status says how far a record is established.
type Status string

// The statuses of a record.
const (
	Alleged   Status = "alleged"
	Verified  Status = "verified"
	Unfounded Status = "unfounded"
	Disputed  Status = "disputed"
)

// Statuses lists every Status.
var Statuses = []Status{Alleged, Verified, Unfounded, Disputed}

// SentenceType is the kind of sentence.
type SentenceType string

// SentenceTypes lists every SentenceType.
var SentenceTypes = []SentenceType{
	"custody", "conditional", "parole", "restriction_of_liberty", "correctional_labour", "community_service",
}

// SentenceCustody is deprivation of liberty.
const SentenceCustody SentenceType = "custody"

// Offence is the group of offences that a record belongs to.
type Offence string

// The groups of offences.
const (
	OffenceViolent       Offence = "violent"
	OffenceViolentSexual Offence = "violent_sexual"
	OffenceProperty      Offence = "property"
	OffenceDrug          Offence = "drug"
	OffencePublicOrder   Offence = "public_order"
	OffenceTraffic       Offence = "traffic"
	OffenceOther         Offence = "other"
)

// Offences lists every Offence, in the order in which models number them.
var Offences = []Offence{
	OffenceViolent, OffenceViolentSexual, OffenceProperty, OffenceDrug, OffencePublicOrder, OffenceTraffic, OffenceOther,
}

// Severity is the category of a crime by its danger (article 15 of Uzbekistan's Criminal Code has four).
type Severity string

// The severities. A misdemeanour of United States law is minor, a felony is anything above.
const (
	SeverityMinor     Severity = "minor"
	SeverityMedium    Severity = "medium"
	SeverityGrave     Severity = "grave"
	SeverityVeryGrave Severity = "very_grave"
)

// Severities lists every Severity, mildest first.
var Severities = []Severity{SeverityMinor, SeverityMedium, SeverityGrave, SeverityVeryGrave}

// Involvement is something that an arrest, a charge or a conviction involved beside its offence.
type Involvement string

// The involvements.
const (
	InvolvesDomesticViolence  Involvement = "domestic_violence"
	InvolvesWeapon            Involvement = "weapon"
	InvolvesSupervisionBreach Involvement = "supervision_breach"
)

// Involvements lists every Involvement.
var Involvements = []Involvement{InvolvesDomesticViolence, InvolvesWeapon, InvolvesSupervisionBreach}

// SupervisionKind is the kind of supervision.
type SupervisionKind string

// The kinds of supervision.
const (
	SupervisionProbation            SupervisionKind = "probation"
	SupervisionParole               SupervisionKind = "parole"
	SupervisionHouseArrest          SupervisionKind = "house_arrest"
	SupervisionElectronicMonitoring SupervisionKind = "electronic_monitoring"
)

// SupervisionKinds lists every SupervisionKind.
var SupervisionKinds = []SupervisionKind{
	SupervisionProbation, SupervisionParole, SupervisionHouseArrest, SupervisionElectronicMonitoring,
}

// SupervisionLevel is how closely a person is supervised.
type SupervisionLevel string

// SupervisionLevels lists every SupervisionLevel, in the order in which models number them.
var SupervisionLevels = []SupervisionLevel{"standard", "high", "specialised"}

// Condition is a condition that a court or board set.
type Condition string

// The conditions.
const (
	ConditionTreatment  Condition = "treatment"
	ConditionEducation  Condition = "education" // education or cognitive-skills programme
	ConditionEmployment Condition = "employment"
	ConditionCurfew     Condition = "curfew"
	ConditionZone       Condition = "exclusion_zone"
	ConditionOther      Condition = "other"
)

// Conditions lists every Condition.
var Conditions = []Condition{
	ConditionTreatment, ConditionEducation, ConditionEmployment, ConditionCurfew, ConditionZone, ConditionOther,
}

// EventType is the type of an event.
type EventType string

// The types of events.
const (
	EventArrest                EventType = "arrest"
	EventCharge                EventType = "charge"
	EventConviction            EventType = "conviction"
	EventRevocation            EventType = "revocation"
	EventAdministrativeOffence EventType = "administrative_offence"
	EventContact               EventType = "contact"
	EventResidenceChange       EventType = "residence_change"
	EventEmployment            EventType = "employment"
	EventProgramSession        EventType = "program_session"
	EventDrugTest              EventType = "drug_test"
	EventViolation             EventType = "violation"
	EventDelinquencyReport     EventType = "delinquency_report"
	EventAlert                 EventType = "alert"
	EventCheckIn               EventType = "check_in"
	EventIncident              EventType = "incident"
)

// EventTypes lists every EventType.
var EventTypes = []EventType{
	EventArrest, EventCharge, EventConviction, EventRevocation, EventAdministrativeOffence, EventContact, EventResidenceChange,
	EventEmployment, EventProgramSession, EventDrugTest, EventViolation, EventDelinquencyReport, EventAlert, EventCheckIn,
	EventIncident,
}

// Attendance says whether a person came to a contact or a session.
type Attendance string

// The attendances.
const (
	Attended        Attendance = "attended"
	MissedExcused   Attendance = "missed_excused"
	MissedUnexcused Attendance = "missed_unexcused"
)

// Attendances lists every Attendance.
var Attendances = []Attendance{Attended, MissedExcused, MissedUnexcused}

// ContactMethod is how an officer and a person met.
type ContactMethod string

// ContactMethods lists every ContactMethod.
var ContactMethods = []ContactMethod{"office", "home", "phone", "video"}

// Work is the kind of a period of employment.
type Work string

// The kinds of work. A person who is exempt (retired, caring for a child) is not expected to work.
const (
	WorkJob    Work = "job"
	WorkExempt Work = "exempt"
)

// Works lists every Work.
var Works = []Work{WorkJob, WorkExempt}

// TestResult is the result of a drug test.
type TestResult string

// The results of a test.
const (
	TestNegative TestResult = "negative"
	TestPositive TestResult = "positive"
	TestInvalid  TestResult = "invalid"
)

// TestResults lists every TestResult.
var TestResults = []TestResult{TestNegative, TestPositive, TestInvalid}

// Substance is what a positive drug test found.
type Substance string

// The substances.
const (
	SubstanceTHC     Substance = "thc"
	SubstanceCocaine Substance = "cocaine"
	SubstanceMeth    Substance = "meth"
	SubstanceOther   Substance = "other"
)

// Substances lists every Substance.
var Substances = []Substance{SubstanceTHC, SubstanceCocaine, SubstanceMeth, SubstanceOther}

// ViolationKind is the condition that a violation broke.
type ViolationKind string

// The kinds of violations.
const (
	ViolationElectronicMonitoring ViolationKind = "electronic_monitoring"
	ViolationInstruction          ViolationKind = "instruction"
	ViolationFailToReport         ViolationKind = "fail_to_report"
	ViolationMovedWithout         ViolationKind = "moved_without_permission"
	ViolationCurfew               ViolationKind = "curfew"
	ViolationOther                ViolationKind = "other"
)

// ViolationKinds lists every ViolationKind.
var ViolationKinds = []ViolationKind{
	ViolationElectronicMonitoring, ViolationInstruction, ViolationFailToReport, ViolationMovedWithout, ViolationCurfew, ViolationOther,
}

// AlertKind is what a monitoring device reported.
type AlertKind string

// The alerts of a monitoring device.
const (
	AlertZoneExit      AlertKind = "zone_exit"
	AlertZoneEntry     AlertKind = "zone_entry"
	AlertCurfewAbsent  AlertKind = "curfew_absent"
	AlertStrapTamper   AlertKind = "strap_tamper"
	AlertDeviceRemoved AlertKind = "device_removed"
	AlertJamming       AlertKind = "jamming"
	AlertLowBattery    AlertKind = "low_battery"
	AlertOffline       AlertKind = "offline"
	AlertFault         AlertKind = "fault"
)

// AlertKinds lists every AlertKind.
var AlertKinds = []AlertKind{
	AlertZoneExit, AlertZoneEntry, AlertCurfewAbsent, AlertStrapTamper, AlertDeviceRemoved, AlertJamming, AlertLowBattery, AlertOffline,
	AlertFault,
}

// Finding is what the investigation of an alert established.
type Finding string

// The findings. An alert without a finding is still being looked into.
const (
	FindingBreach      Finding = "breach"
	FindingFault       Finding = "equipment_fault"
	FindingPermitted   Finding = "permitted"
	FindingUnexplained Finding = "unexplained"
)

// Findings lists every Finding.
var Findings = []Finding{FindingBreach, FindingFault, FindingPermitted, FindingUnexplained}

// BiometricMatch is the machine's answer at a check-in.
type BiometricMatch string

// BiometricMatches lists every BiometricMatch.
var BiometricMatches = []BiometricMatch{"match", "no_match", "error"}

// Liveness is the machine's answer whether a living person stood before it.
type Liveness string

// Livenesses lists every Liveness.
var Livenesses = []Liveness{"live", "not_live", "error"}

// Verdict is a person's answer about a check-in.
type Verdict string

// The verdicts.
const (
	VerdictSamePerson  Verdict = "same_person"
	VerdictOtherPerson Verdict = "other_person"
)

// Verdicts lists every Verdict.
var Verdicts = []Verdict{VerdictSamePerson, VerdictOtherPerson}

// IncidentCategory is the kind of an incident in custody. Emotions and states of mind are no incidents and have no place here.
type IncidentCategory string

// IncidentCategories lists every IncidentCategory.
var IncidentCategories = []IncidentCategory{"violence", "contraband", "disobedience", "escape", "property_damage", "other"}

// Detector says who saw an incident.
type Detector string

// The detectors.
const (
	DetectedByOfficer Detector = "officer"
	DetectedByCamera  Detector = "camera"
)

// Detectors lists every Detector.
var Detectors = []Detector{DetectedByOfficer, DetectedByCamera}
