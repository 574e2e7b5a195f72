package model

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/tarozi/tarozi"
)

// Card is what a bundle says about itself: what it may be used for, what it was trained on, how well it does, and the data
// beside the graphs that a score needs. It is the file card.json.
type Card struct {
	Format       int          `json:"format"` // 1
	ID           string       `json:"id"`
	Version      string       `json:"version"`
	CreatedOn    tarozi.Date  `json:"created_on"`
	Title        Text         `json:"title"`
	IntendedUse  Text         `json:"intended_use"`
	ExcludedUses []Text       `json:"excluded_uses"`
	Limits       []Text       `json:"limits"`
	Validity     CardValidity `json:"validity"`
	Training     Training     `json:"training"`
	Inputs       []Input      `json:"inputs"` // in the order of the graphs' columns
	Heads        []HeadCard   `json:"heads"`
	Scores       []ScoreCard  `json:"scores"`
	StandIns     []StandIn    `json:"stand_ins,omitzero"`
	Remedies     []Remedy     `json:"remedies,omitzero"`
	// Background says what explanations compare a person with; it is there if and only if a head has an Output.
	Background *Background `json:"background,omitzero"`
	// Benchmark: made to be compared with, from inputs that nobody has when a decision is made. It can be run and is never put to use.
	Benchmark bool `json:"benchmark,omitzero"`
}

// Text is a sentence by locale: en, ru, uz.
type Text map[string]string

// CardValidity says for whom the model was shown to hold, by whom and until when.
type CardValidity struct {
	State tarozi.Validity `json:"state"`
	By    string          `json:"by,omitzero"`
	Until tarozi.Date     `json:"until,omitzero"`
}

// Training says what the model was made from.
type Training struct {
	Data       string            `json:"data"`
	SHA256     string            `json:"sha256"`
	Rows       int               `json:"rows"`
	Population Text              `json:"population"`
	Period     string            `json:"period"`
	CodeSHA256 string            `json:"code_sha256"`
	Software   map[string]string `json:"software"`
}

// Input is one column of the graphs: a feature of the catalogue with the range seen in training.
type Input struct {
	Feature    string   `json:"feature"`
	Kind       string   `json:"kind"`
	Min        float64  `json:"min,omitzero"`
	Max        float64  `json:"max,omitzero"`
	OpenAbove  bool     `json:"open_above,omitzero"` // Max stands for "Max or more"
	Categories []string `json:"categories,omitzero"`
	Required   bool     `json:"required,omitzero"`
	Monotone   int      `json:"monotone,omitzero"`   // 1: never lowers, -1: never raises the risk as it grows
	MissingAs  string   `json:"missing_as,omitzero"` // "no": the graph reads an unknown flag as no
	// Encoding is how the value becomes columns: left out, one column with the value; "one_hot", a column of 0 or 1 for each category,
	// all of them missing where the value is. However many they are, they are one factor.
	Encoding string `json:"encoding,omitzero"`
}

// Background describes the file of generated rows that people are compared with to explain their scores. A row has a cell for each
// input of the card in its order, written as in selftest.csv: the index of a category, 0 or 1 for a flag, nothing where it is unknown.
type Background struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
	// Generated says how the rows were made. They are never real people: a row travels with the bundle and cannot be taken back.
	Generated Text `json:"generated"`
}

// Output names what is scored of a graph without terms.
type Output struct {
	Name   string `json:"name"`
	Column int    `json:"column,omitzero"` // of the output, rows by scores
	// Probability says that the output is a probability; else it is a margin in log-odds. Its log-odds are then calibrated, with 0 and
	// 1 read as 1e-9 from certainty.
	Probability bool `json:"probability,omitzero"`
}

// HeadCard is one graph: one outcome over one interval of time since supervision began. A graph that gives the terms of a sum has
// Terms, Reference and Intercept; any other one has an Output, and is explained against the card's Background.
type HeadCard struct {
	ID          string             `json:"id"`
	Outcome     tarozi.OutcomeKind `json:"outcome"`
	Since       Since              `json:"since,omitzero"`
	Purpose     tarozi.Purpose     `json:"purpose,omitzero"` // of the assessments that it scores; left out: of all
	FromMonths  int                `json:"from_months"`
	ToMonths    *int               `json:"to_months"` // null: while supervised
	Graph       string             `json:"graph"`
	Intercept   float64            `json:"intercept"`
	Terms       []Term             `json:"terms,omitzero"`     // in the order of the graph's targets
	Reference   []float64          `json:"reference,omitzero"` // the mean of each term over the training rows
	Output      *Output            `json:"output,omitzero"`
	Calibration Calibration        `json:"calibration"`
}

// Since is what a head's interval counts from.
type Since string

// An interval counts from the day supervision began, or from the as-of date.
const (
	SinceStart Since = ""
	SinceAsOf  Since = "as_of"
)

// Term names the one or two features of a term.
type Term struct {
	Features []string `json:"features"`
}

// ScoreCard describes one served score: an outcome from one landmark over one horizon.
type ScoreCard struct {
	Outcome        tarozi.OutcomeKind `json:"outcome"`
	LandmarkMonths int                `json:"landmark_months"`
	HorizonMonths  *int               `json:"horizon_months"` // null: while supervised
	Bands          []BandCut          `json:"bands"`
	BandReason     Text               `json:"band_reason"`
	Quantiles      []float64          `json:"quantiles"` // predicted probability at percentile 0 to 100 of the validation sample
	Observed       []ObservedBin      `json:"observed"`
	BandObserved   []BandObserved     `json:"band_observed"`
	Metrics        map[string]float64 `json:"metrics"`
	Groups         []GroupFigures     `json:"groups"`
}

// BandCut is a band with the probability it ends below; the last band has none.
type BandCut struct {
	Band  tarozi.Band `json:"band"`
	Below float64     `json:"below,omitzero"`
}

// ObservedBin counts people of the validation sample whose out-of-fold prediction p lies in Lower <= p < Upper.
type ObservedBin struct {
	Lower  float64 `json:"lower"`
	Upper  float64 `json:"upper"`
	N      int     `json:"n"`
	Events int     `json:"events"`
}

// Range is the observed share with its 95 % Wilson score interval. The bin must hold people.
func (b ObservedBin) Range() tarozi.ObservedRange {
	low, high := tarozi.WilsonInterval(float64(b.Events)/float64(b.N), float64(b.N), 0.95)
	return tarozi.ObservedRange{People: b.N, Events: b.Events, Low: low, High: high, ScoresFrom: b.Lower, ScoresTo: b.Upper}
}

// BandObserved counts the validation sample by band.
type BandObserved struct {
	Band   tarozi.Band `json:"band"`
	N      int         `json:"n"`
	Events int         `json:"events"`
}

// GroupFigures are the measured figures of one group.
type GroupFigures struct {
	Attribute string  `json:"attribute"`
	Group     string  `json:"group"`
	N         int     `json:"n"`
	Brier     float64 `json:"brier"`
	AUC       float64 `json:"auc"`
	OE        float64 `json:"o_e"` // observed over expected
	FPR       float64 `json:"fpr"`
	FNR       float64 `json:"fnr"`
}

// StandIn says how well the inputs tell a group of an attribute that the model may not read: AUC of all inputs together (0.5: not at
// all) and of the strongest alone, on the training sample.
type StandIn struct {
	Attribute string         `json:"attribute"`
	Group     string         `json:"group"`
	AUC       float64        `json:"auc"`
	Inputs    []StandInInput `json:"inputs"`
}

// StandInInput is one input with its AUC.
type StandInInput struct {
	Feature string  `json:"feature"`
	AUC     float64 `json:"auc"`
}

// Remedy is a step after the model that an oversight committee may switch on: for each head and each group of the attribute, a
// calibration of the head's calibrated log-odds.
type Remedy struct {
	ID        string                            `json:"id"`
	Attribute string                            `json:"attribute"`
	Heads     map[string]map[string]Calibration `json:"heads"`
}

// Remedy is the remedy of an id, nil where the card offers none.
func (c *Card) Remedy(id string) *Remedy {
	for i := range c.Remedies {
		if c.Remedies[i].ID == id {
			return &c.Remedies[i]
		}
	}
	return nil
}

// Serves reports whether the card has a score of the outcome over the horizon, from whatever landmark.
func (c *Card) Serves(outcome tarozi.OutcomeKind, horizon *int) bool {
	return c.ScoreAt(outcome, horizon, math.MaxInt) != nil
}

// check refuses a card that contradicts itself.
func (c *Card) check() error {
	if c.Format != 1 {
		return fmt.Errorf("card format %d: this version reads format 1", c.Format)
	}
	if c.ID == "" || c.Version == "" {
		return fmt.Errorf("the card names no id or no version")
	}
	switch c.Validity.State {
	case tarozi.Demonstration, tarozi.NotValidatedLocally, tarozi.Pilot, tarozi.Validated:
	default:
		return fmt.Errorf("validity %q is not known", c.Validity.State)
	}
	inputs := make(map[string]bool, len(c.Inputs))
	for _, in := range c.Inputs {
		if inputs[in.Feature] {
			return fmt.Errorf("input %s stands twice", in.Feature)
		}
		inputs[in.Feature] = true
		if in.MissingAs != "" && in.MissingAs != "no" {
			return fmt.Errorf("input %s: missing_as %q is not known", in.Feature, in.MissingAs)
		}
		if in.Encoding != "" && (in.Encoding != oneHot || len(in.Categories) < 2) {
			return fmt.Errorf("input %s: the encoding %q is not known, or it has less than two categories for it", in.Feature, in.Encoding)
		}
	}
	for _, h := range c.Heads {
		if err := h.check(inputs); err != nil {
			return fmt.Errorf("head %s: %w", h.ID, err)
		}
	}
	for _, s := range c.Scores {
		if err := s.check(); err != nil {
			return fmt.Errorf("score %s from month %d: %w", s.Outcome, s.LandmarkMonths, err)
		}
	}
	for _, r := range c.Remedies {
		if err := r.check(c.Heads); err != nil {
			return fmt.Errorf("remedy %s: %w", r.ID, err)
		}
	}
	if err := c.checkOutputs(); err != nil {
		return err
	}
	return c.checkTimes()
}

// checkOutputs wants background rows where heads need them, and heads of one outcome that can be multiplied and explained together.
func (c *Card) checkOutputs() error {
	other := slices.ContainsFunc(c.Heads, func(h HeadCard) bool { return h.Output != nil })
	switch {
	case other && c.Background == nil:
		return fmt.Errorf("a head without terms is explained against background rows, and the card names none: generate rows over the inputs' " +
			"ranges (never people), put them into background.csv and add \"background\": {\"file\": \"background.csv\", \"rows\": N, " +
			"\"generated\": {...}} to the card (docs/bundles.md)")
	case !other && c.Background != nil:
		return fmt.Errorf("there are background rows, but every head gives terms, which have a reference of their own: leave the rows out")
	case other && (c.Background.File == "" || c.Background.Rows < 1 || c.Background.Generated["en"] == ""):
		return fmt.Errorf("the background rows have no file, no number of rows or no word about how they were generated")
	}
	for i, h := range c.Heads {
		for _, first := range c.Heads[:i] {
			if first.Outcome == h.Outcome && (first.Output == nil) != (h.Output == nil) {
				return fmt.Errorf("heads %s and %s are of one outcome: both give terms, or none does", first.ID, h.ID)
			}
		}
	}
	return nil
}

// check wants a rising curve for each group of a protected attribute, the same groups for every head.
func (r *Remedy) check(heads []HeadCard) error {
	if r.ID == "" || !slices.Contains(tarozi.ProtectedNames, r.Attribute) {
		return fmt.Errorf("it has no id, or %q is no attribute that is kept for audit", r.Attribute)
	}
	if len(heads) == 0 || len(r.Heads) != len(heads) {
		return fmt.Errorf("it has curves for %d heads, the card has %d", len(r.Heads), len(heads))
	}
	groups := slices.Sorted(maps.Keys(r.Heads[heads[0].ID]))
	for _, h := range heads {
		curves := r.Heads[h.ID]
		if len(curves) == 0 || !slices.Equal(slices.Sorted(maps.Keys(curves)), groups) {
			return fmt.Errorf("head %s has curves for other groups than the first head, or none", h.ID)
		}
		for group, curve := range curves {
			if group == "" {
				return fmt.Errorf("head %s has a curve for a group without a name", h.ID)
			}
			if err := curve.check(); err != nil {
				return fmt.Errorf("head %s, group %q: %w", h.ID, group, err)
			}
		}
	}
	return nil
}

func (h *HeadCard) check(inputs map[string]bool) error {
	if h.Output != nil && (h.Output.Name == "" || h.Output.Column < 0 || len(h.Terms)+len(h.Reference) > 0 || h.Intercept != 0) {
		return fmt.Errorf("an output has a name and a column, and a head with one has no terms, reference or intercept")
	}
	if h.Output == nil && len(h.Terms) == 0 {
		return fmt.Errorf("it has neither terms nor an output: name the output that holds the margin or the probability")
	}
	if len(h.Reference) != len(h.Terms) {
		return fmt.Errorf("%d terms with %d reference values", len(h.Terms), len(h.Reference))
	}
	for _, t := range h.Terms {
		if len(t.Features) < 1 || len(t.Features) > 2 {
			return fmt.Errorf("a term has one or two features, not %v", t.Features)
		}
		for _, f := range t.Features {
			if !inputs[f] {
				return fmt.Errorf("term feature %s is no input", f)
			}
		}
	}
	if h.ToMonths != nil && *h.ToMonths <= h.FromMonths {
		return fmt.Errorf("the interval from month %d to %d is empty", h.FromMonths, *h.ToMonths)
	}
	if h.Since != SinceStart && h.Since != SinceAsOf {
		return fmt.Errorf("an interval counts since the start (left out) or as_of, not %q", h.Since)
	}
	if h.Purpose != "" && !slices.Contains(tarozi.Purposes, h.Purpose) {
		return fmt.Errorf("purpose %q is not known: leave it out or give one of %v", h.Purpose, tarozi.Purposes)
	}
	return h.Calibration.check()
}

// For reports whether the head scores assessments of a purpose.
func (h *HeadCard) For(purpose tarozi.Purpose) bool { return h.Purpose == "" || h.Purpose == purpose }

func (s *ScoreCard) check() error {
	if len(s.Bands) == 0 {
		return fmt.Errorf("no bands")
	}
	last := 0.0
	for i, b := range s.Bands {
		if i == len(s.Bands)-1 {
			if b.Below != 0 {
				return fmt.Errorf("the last band has no upper end")
			}
		} else if b.Below <= last || b.Below >= 1 {
			return fmt.Errorf("the cuts between bands must rise within 0 to 1")
		}
		last = b.Below
	}
	if len(s.Quantiles) != 101 {
		return fmt.Errorf("%d quantiles instead of 101", len(s.Quantiles))
	}
	for i := 1; i < len(s.Quantiles); i++ {
		if s.Quantiles[i] < s.Quantiles[i-1] || math.IsNaN(s.Quantiles[i]) {
			return fmt.Errorf("the quantiles fall at %d", i)
		}
	}
	for _, b := range s.Observed {
		if b.Events < 0 || b.Events > b.N || b.Upper <= b.Lower {
			return fmt.Errorf("observed bin %v to %v: %d events of %d people", b.Lower, b.Upper, b.Events, b.N)
		}
	}
	return nil
}

// ScoreAt is what the card says of the score of an outcome over a horizon (nil: while supervised), from the latest landmark not
// after the months under supervision; nil where it has no score of that horizon.
func (c *Card) ScoreAt(outcome tarozi.OutcomeKind, horizon *int, months int) *ScoreCard {
	var best *ScoreCard
	for i := range c.Scores {
		s := &c.Scores[i]
		same := (s.HorizonMonths == nil) == (horizon == nil) && (horizon == nil || *s.HorizonMonths == *horizon)
		if s.Outcome != outcome || !same || s.LandmarkMonths > months {
			continue
		}
		if best == nil || s.LandmarkMonths > best.LandmarkMonths {
			best = s
		}
	}
	return best
}

// BandOf is the band of a probability: the first whose cut lies above it.
func (s *ScoreCard) BandOf(p float64) tarozi.Band {
	for _, b := range s.Bands[:len(s.Bands)-1] {
		if p < b.Below {
			return b.Band
		}
	}
	return s.Bands[len(s.Bands)-1].Band
}

// Percentile is the share, in whole per cent rounded down, of the validation sample with a lower predicted probability. People
// with the same one do not count: who shares the highest is not above everybody.
func (s *ScoreCard) Percentile(p float64) int {
	rank := 0
	for rank < 100 && s.Quantiles[rank+1] < p {
		rank++
	}
	return rank
}

// ObservedAt is the bin of the people counted in which a score lies; false where the card has none with people in it.
func (s *ScoreCard) ObservedAt(p float64) (ObservedBin, bool) {
	for i, b := range s.Observed {
		last := i == len(s.Observed)-1
		if p >= b.Lower && (p < b.Upper || (last && p <= b.Upper)) && b.N > 0 {
			return b, true
		}
	}
	return ObservedBin{}, false
}
