package scoring

import (
	"bytes"
	"fmt"
	"math"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// Replay is what rebuilding a stored assessment showed.
type Replay struct {
	AssessmentID string `json:"assessment_id"`
	// Same: the stored inputs, scored with the stored bundle, give the stored scores, missing and warnings bit for bit.
	Same bool `json:"same"`
	// Difference is the largest difference between a stored and a rebuilt number; null where the two differ in more than numbers.
	Difference *float64 `json:"difference"`
	// InputUnchanged: the stored input still has the hash that the assessment names.
	InputUnchanged bool `json:"input_unchanged"`
	// Extraction is "same" or "differs": what the present catalogue reads of the stored input, against the stored inputs.
	Extraction       string `json:"extraction"`
	StoredCatalogue  string `json:"stored_catalogue"`
	PresentCatalogue string `json:"present_catalogue"`
}

// Replay scores the stored inputs with the stored bundle and compares; it extracts the stored input again and compares that apart.
func (a *Assessor) Replay(r *Record) (*Replay, error) {
	bundle, err := a.Models.bySHA256(r.Assessment.Model.SHA256)
	if err != nil {
		return nil, err
	}
	in := new(Inputs)
	if err := tarozi.Decode(r.Inputs, in); err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored inputs cannot be read: the record was changed")
	}
	rebuilt, err := Evaluate(bundle, in)
	if err != nil {
		return nil, fmt.Errorf("scoring the stored inputs again: %w", err)
	}
	stored := &Evaluation{Scores: r.Assessment.Scores, Missing: r.Assessment.Missing, Warnings: r.Assessment.Warnings}
	result := &Replay{
		AssessmentID: r.Assessment.ID, InputUnchanged: sum(r.Input) == r.Assessment.InputSHA256,
		StoredCatalogue: in.Catalogue, PresentCatalogue: features.Version, Extraction: "differs",
	}
	for i := range min(len(stored.Scores), len(rebuilt.Scores)) {
		was, now := stored.Scores[i].ObservedRange, rebuilt.Scores[i].ObservedRange
		if was != nil && now != nil && was.ScoresTo == 0 { // stored before ranges said whose scores they count
			now.ScoresFrom, now.ScoresTo = 0, 0
		}
	}
	if result.Same, result.Difference, err = compare(stored, rebuilt); err != nil {
		return nil, err
	}
	again, err := a.extractAgain(r, in)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(again, r.Inputs) {
		result.Extraction = "same"
	}
	return result, nil
}

// extractAgain reads the stored input anew, as of the moment that was stored.
func (a *Assessor) extractAgain(r *Record, in *Inputs) ([]byte, error) {
	request := new(tarozi.Request)
	if err := tarozi.Decode(r.Input, request); err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored input cannot be read: the record was changed")
	}
	bundle, err := a.Models.bySHA256(r.Assessment.Model.SHA256)
	if err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(in.Zone)
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored time zone is not known here")
	}
	again, err := read(bundle.Card, &request.History, features.Moment{AsOf: in.AsOf, Zone: zone, Purpose: in.Purpose})
	if err != nil {
		return nil, fmt.Errorf("extracting the stored input again: %w", err)
	}
	again.Cuts, again.Validity, again.Remedies = in.Cuts, in.Validity, in.Remedies // settled by people, no part of what is read
	return tarozi.Canonical(again)
}

// compare holds two evaluations against each other: as bytes of canonical JSON, and by their largest difference in a number.
func compare(stored, rebuilt *Evaluation) (same bool, difference *float64, err error) {
	left, err := tarozi.Canonical(stored)
	if err != nil {
		return false, nil, fmt.Errorf("writing the stored scores: %w", err)
	}
	right, err := tarozi.Canonical(rebuilt)
	if err != nil {
		return false, nil, fmt.Errorf("writing the rebuilt scores: %w", err)
	}
	var a, b any
	if err := json.Unmarshal(left, &a); err != nil {
		return false, nil, fmt.Errorf("reading the stored scores: %w", err)
	}
	if err := json.Unmarshal(right, &b); err != nil {
		return false, nil, fmt.Errorf("reading the rebuilt scores: %w", err)
	}
	if largest := farthest(a, b); !math.IsNaN(largest) {
		difference = &largest
	}
	return bytes.Equal(left, right), difference, nil
}

// farthest is the largest difference between two JSON values' numbers, NaN where they differ in anything else.
func farthest(a, b any) float64 {
	switch a := a.(type) {
	case float64:
		if b, ok := b.(float64); ok {
			return math.Abs(a - b)
		}
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return math.NaN()
		}
		most := 0.0
		for i := range a {
			most = max(most, farthest(a[i], b[i]))
		}
		return most
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return math.NaN()
		}
		most := 0.0
		for k := range a {
			other, ok := b[k]
			if !ok {
				return math.NaN()
			}
			most = max(most, farthest(a[k], other))
		}
		return most
	default:
		if a == b {
			return 0
		}
	}
	return math.NaN()
}
