package scoring

import (
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// Levers is what oversight committees have decided about a model, as far as it is in force for one agency at one moment.
type Levers struct {
	Acceptance *Acceptance       `json:"acceptance"` // nil: no committee has accepted this very bundle
	Paused     *Pause            `json:"paused"`     // not nil: no new scores
	Remedies   []string          `json:"remedies"`   // ids of the card's remedies that are switched on, sorted
	Cuts       []tarozi.Cuts     `json:"cuts"`       // in place of the card's cuts, at most one for each outcome and horizon
	Tolerances tarozi.Tolerances `json:"tolerances"` // as set, or else the defaults
	Marks      []Mark            `json:"marks"`      // what a reader of a score must know of the model's oversight
}

// Acceptance says for whom a committee has accepted a bundle.
type Acceptance struct {
	LeverID    string          `json:"lever_id"`
	AgencyID   string          `json:"agency_id"` // of the committee
	By         []string        `json:"by"`        // accounts that signed
	Validity   tarozi.Validity `json:"validity"`  // pilot or validated
	Population string          `json:"population"`
	Since      time.Time       `json:"since"`
	Until      time.Time       `json:"until"`
}

// Pause says why a model gives no scores.
type Pause struct {
	LeverID string    `json:"lever_id,omitzero"` // empty: paused by itself
	Mark    MarkKind  `json:"mark,omitzero"`     // that led to it, where it paused by itself
	By      []string  `json:"by,omitzero"`       // accounts that signed
	Reason  string    `json:"reason,omitzero"`   // the committee's own words
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until,omitzero"` // zero: until a committee decides otherwise
}

// MarkKind says what is the matter with a model.
type MarkKind string

// The kinds of marks.
const (
	MarkReviewOverdue   MarkKind = "review_overdue"
	MarkDrift           MarkKind = "drift"
	MarkDisparity       MarkKind = "disparity"
	MarkChangeRequested MarkKind = "change_requested"
)

// Mark says what is the matter, since when, and when the model pauses by itself if nobody acts.
type Mark struct {
	Kind     MarkKind  `json:"kind"`
	Since    time.Time `json:"since"`
	PausesAt time.Time `json:"pauses_at,omitzero"` // zero: it never does
	ReportID string    `json:"report_id,omitzero"`
	LeverID  string    `json:"lever_id,omitzero"`
	Reason   string    `json:"reason,omitzero"` // of a requested change
}

// Finding is what a report found of one kind, drift or disparity, about a bundle.
type Finding struct {
	ReportID    string    `json:"report_id"`
	Kind        MarkKind  `json:"kind"`
	AgencyID    string    `json:"agency_id"`
	ModelID     string    `json:"model_id"`
	ModelSHA256 string    `json:"model_sha256"`
	At          time.Time `json:"at"`
	Over        bool      `json:"over"`            // past the limit
	Figure      string    `json:"figure,omitzero"` // which one is worst
	Value       *float64  `json:"value"`           // null: it could not be measured
	Limit       float64   `json:"limit"`
}

// Decisions are everything that the levers of an agency follow from. Agencies are the agency itself, the one above it and so on;
// Levers and Findings are those of these agencies about one model, each in the order of time.
type Decisions struct {
	Agencies []string
	Levers   []tarozi.Lever
	Findings []Finding
}

// InForce is what holds for the first of the agencies about the bundle at a moment.
//
// The nearest agency's acceptance, remedies, thresholds and tolerances hold, its latest before its earlier ones. A pause of any of the
// agencies holds until its own agency, or one above, resumes. A mark that stands for the time set pauses the model by itself; a
// resumption gives it that time once more.
func (d *Decisions) InForce(sha256 string, at time.Time) Levers {
	l := Levers{Tolerances: tarozi.DefaultTolerances()}
	remedies := map[string]bool{}
	for i := len(d.Agencies) - 1; i >= 0; i-- { // from the top, so that the nearest comes last
		for _, lever := range d.holding(d.Agencies[i], at) {
			if lever.Kind == tarozi.LeverTolerances {
				l.Tolerances = *lever.Tolerances
			}
			if lever.ModelSHA256 != sha256 {
				continue
			}
			switch lever.Kind {
			case tarozi.LeverAccept:
				l.Acceptance = &Acceptance{LeverID: lever.ID, AgencyID: lever.AgencyID, By: signers(lever), Validity: lever.Validity,
					Population: lever.Population, Since: lever.Since(), Until: lever.LapsesAt}
			case tarozi.LeverRemedyOn, tarozi.LeverRemedyOff:
				remedies[lever.Remedy] = lever.Kind == tarozi.LeverRemedyOn
			case tarozi.LeverThresholds:
				l.Cuts = replaceCuts(l.Cuts, lever.Cuts)
			case tarozi.LeverRequestChange:
				l.Marks = append(l.Marks, Mark{Kind: MarkChangeRequested, Since: lever.Since(), LeverID: lever.ID, Reason: lever.Reasons})
			}
		}
	}
	for id, on := range remedies {
		if on {
			l.Remedies = append(l.Remedies, id)
		}
	}
	slices.Sort(l.Remedies)
	d.mark(&l, sha256, at)
	d.pause(&l, at)
	return l
}

// holding are the decisions of one agency that hold at a moment, in the order in which they began to.
func (d *Decisions) holding(agencyID string, at time.Time) []*tarozi.Lever {
	var list []*tarozi.Lever
	for i := range d.Levers {
		if l := &d.Levers[i]; l.AgencyID == agencyID && l.Holds(at) {
			list = append(list, l)
		}
	}
	slices.SortStableFunc(list, func(a, b *tarozi.Lever) int { return a.Since().Compare(b.Since()) })
	return list
}

func signers(l *tarozi.Lever) []string {
	var by []string
	for _, s := range l.Signatures {
		by = append(by, s.By)
	}
	return by
}

func replaceCuts(cuts, later []tarozi.Cuts) []tarozi.Cuts {
	out := slices.Clone(cuts)
	for _, c := range later {
		at := slices.IndexFunc(out, func(o tarozi.Cuts) bool {
			return o.Outcome == c.Outcome && sameMonths(o.HorizonMonths, c.HorizonMonths)
		})
		if at < 0 {
			out = append(out, c)
		} else {
			out[at] = c
		}
	}
	return out
}

func sameMonths(a, b *int) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// mark adds what the time since the last acceptance and the reports say.
func (d *Decisions) mark(l *Levers, sha256 string, at time.Time) {
	if due := d.reviewDue(l.Tolerances, sha256, at); !due.IsZero() && !at.Before(due) {
		l.Marks = append(l.Marks, Mark{Kind: MarkReviewOverdue, Since: due})
	}
	for _, kind := range []MarkKind{MarkDrift, MarkDisparity} {
		if f := d.past(kind, sha256, at); f != nil {
			l.Marks = append(l.Marks, Mark{Kind: kind, Since: f.At, ReportID: f.ReportID})
		}
	}
	for i := range l.Marks {
		if m := &l.Marks[i]; m.Kind != MarkChangeRequested {
			m.PausesAt = later(m.Since, d.resumed(at)).AddDate(0, 0, l.Tolerances.PauseAfterDays)
		}
	}
}

// reviewDue is when the bundle's latest acceptance is to be looked at again; zero where it was never accepted.
func (d *Decisions) reviewDue(t tarozi.Tolerances, sha256 string, at time.Time) (due time.Time) {
	for i := range d.Levers {
		l := &d.Levers[i]
		since := l.Since()
		if l.Kind != tarozi.LeverAccept || l.ModelSHA256 != sha256 || since.IsZero() || since.After(at) {
			continue
		}
		by := since.AddDate(0, 0, t.ReviewEveryDays)
		if l.LapsesAt.Before(by) {
			by = l.LapsesAt
		}
		due = later(due, by)
	}
	return due
}

// past is the first finding of an unbroken row of findings past the limit that lasts to the moment; nil where the latest is within.
func (d *Decisions) past(kind MarkKind, sha256 string, at time.Time) (first *Finding) {
	for i := range d.Findings {
		f := &d.Findings[i]
		switch {
		case f.Kind != kind || f.ModelSHA256 != sha256 || f.At.After(at):
		case !f.Over:
			first = nil
		case first == nil:
			first = f
		}
	}
	return first
}

// resumed is when the latest resumption that is signed began, zero where there is none.
func (d *Decisions) resumed(at time.Time) (last time.Time) {
	for i := range d.Levers {
		l := &d.Levers[i]
		if since := l.Since(); l.Kind == tarozi.LeverResume && !since.IsZero() && !since.After(at) {
			last = later(last, since)
		}
	}
	return last
}

func (d *Decisions) pause(l *Levers, at time.Time) {
	for place, agency := range d.Agencies {
		for _, lever := range d.holding(agency, at) {
			if lever.Kind == tarozi.LeverPause && !d.lifted(lever, place, at) {
				l.Paused = &Pause{LeverID: lever.ID, By: signers(lever), Reason: lever.Reasons, Since: lever.Since(), Until: lever.LapsesAt}
			}
		}
	}
	if l.Paused != nil {
		return
	}
	for _, m := range l.Marks {
		if !m.PausesAt.IsZero() && !at.Before(m.PausesAt) && (l.Paused == nil || m.PausesAt.Before(l.Paused.Since)) {
			l.Paused = &Pause{Mark: m.Kind, Since: m.PausesAt}
		}
	}
}

// lifted reports whether the pause of the agency at a place was resumed later by that agency or one above it. A resumption does what it
// does once; that it lapses brings no pause back.
func (d *Decisions) lifted(pause *tarozi.Lever, place int, at time.Time) bool {
	for i := range d.Levers {
		l := &d.Levers[i]
		since := l.Since()
		if l.Kind == tarozi.LeverResume && !since.IsZero() && !since.After(at) && !since.Before(pause.Since()) &&
			slices.Contains(d.Agencies[place:], l.AgencyID) {
			return true
		}
	}
	return false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
