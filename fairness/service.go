package fairness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
)

// Service is what a report from the database says beside the figures of its people; it is nil in a report from a file.
type Service struct {
	Period   ReportPeriod `json:"period"`
	AgencyID string       `json:"agency_id"` // whose people are measured, those of the agencies below among them
	MadeAt   time.Time    `json:"made_at"`
	Model    ReportModel  `json:"model"`
	// Outcome and HorizonMonths name the score that is measured.
	Outcome       tarozi.OutcomeKind `json:"outcome"`
	HorizonMonths int                `json:"horizon_months"`
	Tolerances    tarozi.Tolerances  `json:"tolerances"`
	Bands         []BandRow          `json:"bands"`
	Gaps          []Gap              `json:"contribution_gaps"`
	StandIns      []StandIn          `json:"stand_ins"`
	Drift         []DriftRow         `json:"drift"`
	// Expected is what the newly scored promise before their outcomes are known, one row for each threshold.
	Expected  []ExpectedRow  `json:"expected_without_outcomes"`
	Simulator []SimulatorRow `json:"simulator"`
	// SimulatorLeftOut are the groups too small for any step of the simulator.
	SimulatorLeftOut []Part         `json:"simulator_left_out"`
	Remedies         []RemedyRow    `json:"remedies"`
	Judgement        []JudgementRow `json:"judgement"`
	Workflow         []Count        `json:"workflow"`
	// PreviousID is the report before, from which Changes are counted; empty where there is none.
	PreviousID string   `json:"previous_id"`
	Changes    []Change `json:"changes"`
	Findings   []Past   `json:"findings"`
}

// ReportPeriod is the time whose newly scored people a report looks at, and by whose end the measured ones' time was over.
type ReportPeriod struct {
	ID   string      `json:"id"` // such as 2026-Q4
	From tarozi.Date `json:"from"`
	To   tarozi.Date `json:"to"` // the last day
}

// ReportModel names the bundle that is measured and what it is for.
type ReportModel struct {
	ID          string            `json:"id"`
	Version     string            `json:"version"`
	SHA256      string            `json:"sha256"`
	Validity    tarozi.Validity   `json:"validity"`
	Training    string            `json:"training"` // SHA-256 of its training data
	IntendedUse map[string]string `json:"intended_use"`
}

// BandRow holds what was predicted in a band against what was observed.
type BandRow struct {
	Band     tarozi.Band `json:"band"`
	N        *int        `json:"n"`
	Expected Estimate    `json:"expected"`
	Observed Estimate    `json:"observed"`
	OE       Estimate    `json:"o_e"`
}

// DriftRow is [Drift] without counts that could be small: N and NBefore are the values there are, nil where these or the missing ones
// are few.
type DriftRow struct {
	Name    string   `json:"name"` // a feature, or "score"
	PSI     Estimate `json:"psi"`
	KS      Estimate `json:"ks"`
	N       *int     `json:"n"`
	NBefore *int     `json:"n_before"`
}

// ExpectedRow is [ExpectedWithoutOutcomes] at a threshold.
type ExpectedRow struct {
	Threshold float64  `json:"threshold"`
	N         *int     `json:"n"`
	BaseRate  Estimate `json:"base_rate"`
	TPR       Estimate `json:"tpr"`
	FPR       Estimate `json:"fpr"`
	PPV       Estimate `json:"ppv"`
	NPV       Estimate `json:"npv"`
}

// SimulatorRow is a group at one place of the cut.
type SimulatorRow struct {
	Attribute     string   `json:"attribute"`
	Group         string   `json:"group"`
	Threshold     float64  `json:"threshold"`
	SelectionRate Estimate `json:"selection_rate"`
	FPR           Estimate `json:"fpr"`
	FNR           Estimate `json:"fnr"`
	PPV           Estimate `json:"ppv"`
}

// RemedyRow is what a remedy that the card offers would change for a group at a threshold.
type RemedyRow struct {
	Remedy    string   `json:"remedy"`
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Threshold float64  `json:"threshold"`
	OEBefore  Estimate `json:"o_e_before"`
	OEAfter   Estimate `json:"o_e_after"`
	FPRBefore Estimate `json:"fpr_before"`
	FPRAfter  Estimate `json:"fpr_after"`
	FNRBefore Estimate `json:"fnr_before"`
	FNRAfter  Estimate `json:"fnr_after"`
}

// Count is how often something happened in the period; N is nil where there were 1 to 9.
type Count struct {
	What string `json:"what"`
	N    *int   `json:"n"`
}

// Change is a rate then and now; a verdict is empty where there was none.
type Change struct {
	Attribute     string   `json:"attribute"`
	Group         string   `json:"group"`
	Threshold     float64  `json:"threshold"`
	Metric        Metric   `json:"metric"`
	Before        Estimate `json:"before"`
	Now           Estimate `json:"now"`
	VerdictBefore string   `json:"verdict_before"`
	Verdict       string   `json:"verdict"`
}

// Past says whether the worst figure of a kind lies past its limit.
type Past struct {
	Kind   string   `json:"kind"` // drift or disparity
	Over   bool     `json:"over"`
	Figure string   `json:"figure"`
	Value  *float64 `json:"value"`
	Limit  float64  `json:"limit"`
}

// ServiceData is what a report from the database is measured from. Columns have a row for each person of their table.
type ServiceData struct {
	Service Service // what it is about; the figures are filled in
	// Measured has the outcomes within the horizon, [Unknown] where follow-up ended before it. With the times of follow-up, in months,
	// the report weights for those; Observed is then whether the event was seen as far as the person was followed.
	Measured *Table
	Observed []uint8
	Bands    []tarozi.Band // of the measured
	// Factors name the columns of Contributions (to the scores of the measured).
	Factors       []string
	Contributions [][]float64
	// Features name the columns of Values, of the measured, and NewValues, of the newly scored: numbers, where texts stand by their
	// place among the categories; NaN is missing. Categories marks those without order.
	Features          []string
	Categories        []bool
	Values, NewValues [][]float64
	NewScores         []float64
	// Remedied are, for each remedy of the card, the scores of the measured without any remedy and with it alone.
	Remedied []Remedied
	Judged   []Reviewed
	Workflow map[string]int
	// Identity stands for the very data in the report's hash, such as the ids of the assessments.
	Identity []byte
	// Earlier are the reports before about the same agency's people, oldest first; changes are counted from the last.
	Earlier []*Report
}

// Remedied are scores without any remedy, and with one of the card's switched on.
type Remedied struct {
	Remedy, Attribute string
	Without, Score    []float64
}

// enoughForDrift is how many people both sides need before a stability index over its limit is held against a model: with ten bins, so
// few people reach a quarter of the limit by chance alone.
const enoughForDrift = 100

// BuildServiceReport measures the people of the database. Where nobody's outcome is known yet the figures of errors are empty, and the
// rest stands.
func BuildServiceReport(ctx context.Context, d *ServiceData, s Settings) (*Report, error) {
	sum := sha256.Sum256(d.Identity)
	in := &Input{Table: d.Measured, Name: "tarozi", Format: "database", SHA256: hex.EncodeToString(sum[:]), Rows: d.Measured.Rows(), SetAside: []SetAside{}}
	columns := Columns{Score: string(d.Service.Outcome), Outcome: string(d.Service.Outcome)}
	for _, a := range d.Measured.Attributes {
		columns.Groups = append(columns.Groups, a.Name)
	}
	if d.Measured.Followed != nil {
		followed := *d.Measured
		followed.Outcome, s.Horizon = d.Observed, float64(d.Service.HorizonMonths)
		in.Table = &followed
	}
	r, err := BuildReport(ctx, in, columns, s)
	if errors.Is(err, ErrNoRows) {
		r, err = unmeasured(in, columns, s), nil
	}
	if err != nil {
		return nil, err
	}
	service := d.Service
	r.Service = &service
	if err := d.fill(ctx, r, s.Options); err != nil {
		return nil, err
	}
	return r, r.seal()
}

// unmeasured is a report of people none of whose outcomes is known.
func unmeasured(in *Input, columns Columns, s Settings) *Report {
	r := &Report{Schema: SchemaID, Input: ReportInput{in.Name, in.Format, in.SHA256, nil, columns.byRole(), append([]string{}, columns.Groups...)},
		SetAside: in.SetAside, Limits: []string{limitDetection, limitArrest}}
	r.Settings = ReportSettings{Thresholds: orEmpty(s.Thresholds), Level: s.Level, Replicates: s.Replicates, Seed: s.Seed, TauLow: s.TauLow,
		TauHigh: s.TauHigh, Alpha: s.Alpha, MinCell: s.MinCell, References: map[string]string{}}
	r.Score = ReportScore{Kind: ProbabilityScore}
	r.Coverage, r.Groups, r.Calibration, r.XAUC, r.Disparities = []CoverageGroup{}, []GroupRow{}, []CalibrationBin{}, []Pair{}, []Spread{}
	r.Comparisons, r.LeftOutGroups, r.Decisions, r.PriorViews = []Comparison{}, []GroupRow{}, []GroupRow{}, []GroupRow{}
	r.Overrides, r.Detection, r.Tradeoffs, r.Suppressed = []OverrideRow{}, []DetectionRow{}, []TradeoffRow{}, []SuppressedRow{}
	return r
}

func (d *ServiceData) fill(ctx context.Context, r *Report, o Options) error {
	s := r.Service
	s.Bands, s.Gaps, s.StandIns, s.Drift, s.Expected = d.bands(o), []Gap{}, []StandIn{}, []DriftRow{}, d.expected(r.Settings.Thresholds, o.MinCell)
	s.Simulator, s.SimulatorLeftOut, s.Remedies, s.Changes = []SimulatorRow{}, []Part{}, []RemedyRow{}, []Change{}
	var err error
	if s.Judgement, err = Judge(ctx, d.Judged, tarozi.High, o); err != nil {
		return err
	}
	s.Judgement = slices.DeleteFunc(s.Judgement, func(row JudgementRow) bool { return row.Attribute == "officer" })
	s.Workflow = d.workflow(o.MinCell)
	for _, a := range d.Measured.Attributes {
		reference := r.Settings.References[a.Name]
		if reference == "" {
			continue // fewer than two groups
		}
		gaps, err := ContributionGaps(a, reference, d.Factors, d.Contributions, o.MinCell)
		if err != nil {
			return err
		}
		s.Gaps = append(s.Gaps, gaps...)
		standIns, err := StandIns(a, d.Features, d.Values, o.MinCell)
		if err != nil {
			return err
		}
		s.StandIns = append(s.StandIns, standIns...)
	}
	if s.Drift, err = d.drift(o.MinCell); err != nil {
		return err
	}
	if len(r.Groups) > 0 {
		if err := d.simulate(ctx, r, o); err != nil {
			return err
		}
		if err := d.remedies(ctx, r, o); err != nil {
			return err
		}
	}
	before := earlier{hider{smallest: o.MinCell}, d.Earlier}
	before.settle(s)
	d.compare(r)
	s.Findings = findings(r)
	return nil
}

// bands are hidden all together where one holds a small cell: of bands that add up to a group that is shown, one alone cannot be hidden.
func (d *ServiceData) bands(o Options) []BandRow {
	var n, events [3]int
	var expected [3]float64
	for i, band := range d.Bands {
		at := slices.Index(tarozi.Bands, band)
		if at < 0 || d.Measured.Outcome[i] == Unknown {
			continue
		}
		n[at]++
		events[at] += int(d.Measured.Outcome[i])
		expected[at] += d.Measured.Score[i]
	}
	h := hider{smallest: o.MinCell}
	hidden := false
	e := earlier{h, d.Earlier}
	for k, band := range tarozi.Bands {
		hidden = hidden || h.small(n[k]) || h.small(events[k]) || h.small(n[k]-events[k]) ||
			e.told(n[k], func(s *Service) *int { all, _ := inBand(s, band); return all }) ||
			e.told(events[k], func(s *Service) *int { _, some := inBand(s, band); return some }) ||
			e.told(n[k]-events[k], func(s *Service) *int {
				all, some := inBand(s, band)
				if all == nil {
					return nil
				}
				rest := *all - *some
				return &rest
			})
	}
	rows := make([]BandRow, 3)
	for k, band := range tarozi.Bands {
		rows[k].Band = band
		switch {
		case hidden:
			rows[k].Expected, rows[k].Observed, rows[k].OE = undefined(SmallCell), undefined(SmallCell), undefined(SmallCell)
		case n[k] == 0:
			rows[k].N = &n[k]
			rows[k].Expected, rows[k].Observed, rows[k].OE = undefined(EmptyGroup), undefined(EmptyGroup), undefined(EmptyGroup)
		default:
			size := float64(n[k])
			rows[k].N, rows[k].Expected, rows[k].Observed = &n[k], point(expected[k]/size), point(float64(events[k])/size)
			rows[k].Observed.Low, rows[k].Observed.High = tarozi.WilsonInterval(rows[k].Observed.Value, size, o.Level)
			rows[k].Observed.Method = Wilson
			rows[k].OE = point(float64(events[k]) / expected[k])
		}
	}
	return rows
}

func (d *ServiceData) expected(thresholds []float64, smallest int) []ExpectedRow {
	rows := make([]ExpectedRow, len(thresholds))
	for k, threshold := range thresholds {
		rows[k].Threshold = threshold
		hide := func(why Reason) {
			e := undefined(why)
			rows[k].BaseRate, rows[k].TPR, rows[k].FPR, rows[k].PPV, rows[k].NPV = e, e, e, e, e
		}
		above := 0
		for _, score := range d.NewScores {
			if score >= threshold {
				above++
			}
		}
		n := len(d.NewScores)
		switch {
		case n == 0:
			rows[k].N = &n
			hide(EmptyGroup)
		case n < smallest || above > 0 && above < smallest || n > above && n-above < smallest:
			hide(SmallCell)
		default:
			rows[k].N = &n
			e := EstimateWithoutOutcomes(d.NewScores, threshold)
			rows[k].BaseRate, rows[k].TPR, rows[k].FPR, rows[k].PPV, rows[k].NPV =
				pointOr(e.BaseRate), pointOr(e.TPR), pointOr(e.FPR), pointOr(e.PPV), pointOr(e.NPV)
		}
	}
	return rows
}

func pointOr(v float64) Estimate {
	if math.IsNaN(v) {
		return undefined(ZeroDenominator)
	}
	return point(v)
}

// workflow hides counts of 1 to smallest-1.
func (d *ServiceData) workflow(smallest int) []Count {
	h := hider{smallest: smallest}
	out := []Count{}
	for _, what := range WorkflowCounts() {
		n := d.Workflow[what]
		c := Count{What: what}
		if !h.small(n) {
			c.N = &n
		}
		out = append(out, c)
	}
	return out
}

// WorkflowCounts are what a report from the database counts of its period's work.
func WorkflowCounts() []string {
	return []string{"scored", "reviewed", "unreviewed", "expired", "without_own_view", "complaints", "complaints_upheld", "corrections",
		"refused_required_input_missing", "refused_no_supervision", "refused_outside_model"}
}
