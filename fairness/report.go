package fairness

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
)

// SchemaID names the version of the report's JSON; [Schema] returns its definition.
const SchemaID = "tarozi.fairness.report/1"

// Settings are what a report needs beside the data.
type Settings struct {
	Options
	// Horizon, in the unit of the follow-up column, makes the outcome "seen within the horizon" and people followed for
	// less are weighted for or left out. 0 takes outcomes as they are.
	Horizon float64
	// Detection lists the shares of events that are found in a group, relative to its reference group, for which the
	// sensitivity table is made.
	Detection []float64
}

// DefaultSettings returns [DefaultOptions] with no horizon and a sensitivity table from 0.6 to 1.
func DefaultSettings() Settings {
	return Settings{Options: DefaultOptions(), Detection: []float64{0.6, 0.7, 0.8, 0.9, 1}}
}

// Report is the committee's figures, ready to be written. Every form of it (JSON, CSV, text, HTML) carries the same
// figures with the same ID and hash. It holds nothing about a single person.
type Report struct {
	Schema string `json:"schema"`
	// ID is "fr-" and the start of SHA256, which is the hash of the report's JSON with both empty.
	ID       string          `json:"id"`
	SHA256   string          `json:"sha256"`
	Input    ReportInput     `json:"input"`
	Settings ReportSettings  `json:"settings"`
	Score    ReportScore     `json:"score"`
	Coverage []CoverageGroup `json:"coverage"`
	SetAside []SetAside      `json:"set_aside"`
	Verdicts VerdictCounts   `json:"verdicts"`
	// Groups has a row for each group and threshold; with no threshold one row per group.
	Groups []GroupRow `json:"groups"`
	// Calibration is empty where the score is no probability.
	Calibration []CalibrationBin `json:"calibration"`
	XAUC        []Pair           `json:"xauc"`
	Disparities []Spread         `json:"disparities"`
	Comparisons []Comparison     `json:"comparisons"`
	// Censoring is nil without a horizon. Then Groups is weighted and LeftOutGroups is without the people who were not
	// followed to the horizon.
	Censoring     *ReportCensoring `json:"censoring"`
	LeftOutGroups []GroupRow       `json:"left_out_groups"`
	// Decisions, PriorViews and Overrides are empty without their columns.
	Decisions  []GroupRow      `json:"decisions"`
	PriorViews []GroupRow      `json:"prior_views"`
	Overrides  []OverrideRow   `json:"overrides"`
	Detection  []DetectionRow  `json:"detection_sensitivity"`
	Tradeoffs  []TradeoffRow   `json:"tradeoffs"`
	Suppressed []SuppressedRow `json:"suppressed"`
	Limits     []string        `json:"limits"`
	// Service is nil in a report from a file.
	Service *Service `json:"service"`
}

// ReportInput says what was read.
type ReportInput struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	SHA256 string `json:"sha256"`
	// Rows is nil where it would give a small number away, as are the counts below.
	Rows    *int              `json:"rows"`
	Columns map[string]string `json:"columns"`
	Groups  []string          `json:"groups"`
}

// ReportSettings repeats the settings that the figures depend on.
type ReportSettings struct {
	Thresholds []float64         `json:"thresholds"`
	Level      float64           `json:"level"`
	Replicates int               `json:"replicates"`
	Seed       uint64            `json:"seed"`
	TauLow     float64           `json:"tau_low"`
	TauHigh    float64           `json:"tau_high"`
	Alpha      float64           `json:"alpha"`
	MinCell    int               `json:"min_cell"`
	Horizon    *float64          `json:"horizon"`
	References map[string]string `json:"references"`
}

// ReportScore says what was measured.
type ReportScore struct {
	Kind      ScoreKind `json:"kind"` // probability or rank
	N         *int      `json:"n"`
	Weighted  bool      `json:"weighted"`
	Clustered bool      `json:"clustered"`
}

// ReportCensoring is [Censoring] as far as it may be shown; its counts are nil where one of them is too small.
type ReportCensoring struct {
	Horizon       float64 `json:"horizon"`
	Followed      *int    `json:"followed"`
	NotFollowed   *int    `json:"not_followed"`
	Unknown       *int    `json:"unknown"`
	FollowedShare float64 `json:"followed_share"`
	MaxWeight     float64 `json:"max_weight"`
}

// VerdictCounts counts the verdicts.
type VerdictCounts struct {
	Pass                 int `json:"pass"`
	Fail                 int `json:"fail"`
	InsufficientEvidence int `json:"insufficient_evidence"`
}

// GroupRow is a group at a threshold, or without one.
type GroupRow struct {
	Attribute string              `json:"attribute"`
	Group     string              `json:"group"`
	Parts     []Part              `json:"parts"`
	Missing   bool                `json:"missing"`
	Threshold *float64            `json:"threshold"`
	N         *int                `json:"n"`
	NReason   Reason              `json:"n_reason"`
	Counts    *Counts             `json:"counts"`
	Metrics   map[Metric]Estimate `json:"metrics"`
}

// SuppressedRow says what is not shown of a group because too few people stand behind it.
type SuppressedRow struct {
	Attribute string   `json:"attribute"`
	Group     string   `json:"group"`
	Threshold *float64 `json:"threshold"`
	Metric    string   `json:"metric"` // "n" or a metric
	Reason    Reason   `json:"reason"`
}

// BuildReport measures what a reader read. columns says what the columns of the file were called.
func BuildReport(ctx context.Context, in *Input, columns Columns, s Settings) (*Report, error) {
	r := &Report{
		Schema:   SchemaID,
		Input:    ReportInput{filepath.Base(in.Name), in.Format, in.SHA256, nil, columns.byRole(), append([]string{}, columns.Groups...)},
		SetAside: in.SetAside,
		Limits:   []string{limitDetection, limitArrest},
	}
	measured := in.Table
	var leftOut *Table
	var censoring *Censoring
	if s.Horizon > 0 {
		var err error
		if censoring, measured, leftOut, err = Censor(in.Table, s.Horizon); err != nil {
			return nil, err
		}
		r.Limits = append(r.Limits, limitCensoring)
	}
	frame, err := Compute(ctx, measured, s.Options)
	if err != nil {
		return nil, err
	}
	r.fill(frame, s)
	r.addTotals(frame, in.Rows, censoring)
	r.Coverage = coverage(in.Table, frame, s.MinCell)
	r.Detection = detectionTable(frame, s.Detection)
	r.Tradeoffs = tradeoffs(frame)
	if leftOut != nil {
		other, err := Compute(ctx, leftOut, s.Options)
		if err != nil {
			return nil, err
		}
		r.LeftOutGroups = other.Rows()
	}
	if err := r.addReviews(ctx, measured, s.Options); err != nil {
		return nil, err
	}
	return r, r.seal()
}

func (c Columns) byRole() map[string]string {
	out := make(map[string]string)
	for role, name := range map[string]string{
		"score": c.Score, "outcome": c.Outcome, "decision": c.Decision, "prior_view": c.PriorView, "weight": c.Weight,
		"person": c.Person, "id": c.ID, "followed": c.Followed,
	} {
		if name != "" {
			out[role] = name
		}
	}
	return out
}

func (r *Report) fill(f *Frame, s Settings) {
	r.Settings = ReportSettings{
		Thresholds: f.Thresholds(), Level: s.Level, Replicates: s.Replicates, Seed: s.Seed, TauLow: s.TauLow,
		TauHigh: s.TauHigh, Alpha: s.Alpha, MinCell: s.MinCell, References: make(map[string]string),
	}
	if s.Horizon > 0 {
		r.Settings.Horizon = &s.Horizon
	}
	r.Score = ReportScore{Kind: RankScore, Weighted: f.Weighted, Clustered: f.Clustered}
	if f.Probability {
		r.Score.Kind = ProbabilityScore
	}
	r.Groups = f.Rows()
	r.Calibration = orEmpty(f.Calibration)
	r.XAUC, r.Disparities, r.Comparisons = orEmpty(f.Pairs), orEmpty(f.Spreads), orEmpty(f.Comparisons)
	r.LeftOutGroups, r.Decisions, r.PriorViews, r.Overrides = []GroupRow{}, []GroupRow{}, []GroupRow{}, []OverrideRow{}
	for _, c := range f.Comparisons {
		r.Settings.References[c.Attribute] = c.Reference
		if c.Verdict == nil {
			continue
		}
		switch c.Verdict.Verdict {
		case Pass:
			r.Verdicts.Pass++
		case Fail:
			r.Verdicts.Fail++
		default:
			r.Verdicts.InsufficientEvidence++
		}
	}
	r.Suppressed = f.Suppressed()
}

// addTotals adds the numbers of rows, unless how many were measured is hidden or one of them is a small cell.
func (r *Report) addTotals(f *Frame, rows int, c *Censoring) {
	hidden := f.Groups[0].NReason != ""
	h := hider{smallest: f.Options.MinCell}
	shown := func(n int) *int {
		if hidden || h.small(n) {
			return nil
		}
		return &n
	}
	r.Input.Rows, r.Score.N = shown(rows), shown(f.N)
	if c == nil {
		return
	}
	r.Censoring = &ReportCensoring{Horizon: c.Horizon, FollowedShare: c.FollowedShare, MaxWeight: c.MaxWeight}
	// Of three numbers that add up to the rows, one alone cannot be hidden.
	if shown(c.Followed) != nil && shown(c.NotFollowed) != nil && shown(c.Unknown) != nil {
		r.Censoring.Followed, r.Censoring.NotFollowed, r.Censoring.Unknown = &c.Followed, &c.NotFollowed, &c.Unknown
	}
}

func orEmpty[E any](s []E) []E {
	if s == nil {
		return []E{}
	}
	return s
}

// seal sets the hash and the id, last of all.
func (r *Report) seal() error {
	r.ID, r.SHA256 = "", ""
	data, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("fairness: hashing the report: %w", err)
	}
	sum := sha256.Sum256(data)
	r.SHA256 = hex.EncodeToString(sum[:])
	r.ID = "fr-" + r.SHA256[:12]
	return nil
}

// ReadReport reads a report's JSON and checks that its figures are those it was sealed with.
func ReadReport(r io.Reader) (*Report, error) {
	dec := json.NewDecoder(r)
	dec.DisallowUnknownFields()
	var out Report
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("reading a fairness report: %w", err)
	}
	if out.Schema != SchemaID {
		return nil, fmt.Errorf("reading a fairness report: its schema is %q, not %q", out.Schema, SchemaID)
	}
	again := out
	if err := again.seal(); err != nil {
		return nil, err
	}
	if again.SHA256 != out.SHA256 || again.ID != out.ID {
		return nil, fmt.Errorf("reading fairness report %s: its figures were changed after it was made", out.ID)
	}
	return &out, nil
}

// Thresholds returns the thresholds of the frame, ascending.
func (f *Frame) Thresholds() []float64 {
	out := []float64{}
	for _, at := range f.Groups[0].At {
		out = append(out, at.Threshold)
	}
	return out
}

// Rows returns a row for each group and threshold, or one per group if the frame has no threshold.
func (f *Frame) Rows() []GroupRow {
	out := []GroupRow{}
	for _, g := range f.Groups {
		row := GroupRow{Attribute: g.Attribute, Group: g.Group, Parts: orEmpty(g.Parts), Missing: g.Missing, NReason: g.NReason}
		if g.NReason == "" {
			row.N = &g.N
		}
		if len(g.At) == 0 {
			row.Metrics = g.Score
			out = append(out, row)
		}
		for _, at := range g.At {
			row.Threshold, row.Counts = &at.Threshold, at.Counts
			row.Metrics = make(map[Metric]Estimate, nFree+nRates)
			for m, e := range g.Score {
				row.Metrics[m] = e
			}
			for m, e := range at.Metrics {
				row.Metrics[m] = e
			}
			out = append(out, row)
		}
	}
	return out
}

// Suppressed lists every figure of a group that is hidden.
func (f *Frame) Suppressed() []SuppressedRow {
	out := []SuppressedRow{}
	for _, g := range f.Groups {
		add := func(threshold *float64, metric string, why Reason) {
			if why == SmallCell || why == ComplementaryCell {
				out = append(out, SuppressedRow{g.Attribute, g.Group, threshold, metric, why})
			}
		}
		add(nil, "n", g.NReason)
		for _, m := range ScoreMetrics() {
			add(nil, string(m), g.Score[m].Reason)
		}
		for _, at := range g.At {
			for _, m := range ThresholdMetrics() {
				add(&at.Threshold, string(m), at.Metrics[m].Reason)
			}
		}
	}
	return out
}
