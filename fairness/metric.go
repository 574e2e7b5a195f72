package fairness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// Metric names a figure of one group. The names are those of the JSON report.
type Metric string

// Metrics that need a threshold.
const (
	SelectionRate      Metric = "selection_rate"
	TPR                Metric = "tpr"
	FPR                Metric = "fpr"
	TNR                Metric = "tnr"
	FNR                Metric = "fnr"
	PPV                Metric = "ppv"
	NPV                Metric = "npv"
	Accuracy           Metric = "accuracy"
	GeneralisedEntropy Metric = "generalised_entropy"
	Theil              Metric = "theil"
)

// Metrics of the score and outcome alone, the same at every threshold.
const (
	BaseRate             Metric = "base_rate"
	MeanScore            Metric = "mean_score"
	ObservedMinusExpect  Metric = "o_minus_e"
	ObservedOverExpected Metric = "o_e"
	Brier                Metric = "brier"
	LogLoss              Metric = "log_loss"
	ECE                  Metric = "ece"
	AUC                  Metric = "auc"
	CalibrationSlope     Metric = "calibration_slope"
)

// AverageOdds is the mean of the differences in TPR and in FPR from the reference group (AIF360's
// average_odds_difference); it exists only as a comparison of two groups.
const AverageOdds Metric = "average_odds"

// ThresholdMetrics lists the metrics that need a threshold, in the order of the report.
func ThresholdMetrics() []Metric {
	return []Metric{SelectionRate, TPR, FPR, TNR, FNR, PPV, NPV, Accuracy, GeneralisedEntropy, Theil}
}

// ScoreMetrics lists the metrics that need no threshold, in the order of the report.
func ScoreMetrics() []Metric {
	return []Metric{BaseRate, MeanScore, ObservedMinusExpect, ObservedOverExpected, Brier, LogLoss, ECE, AUC, CalibrationSlope}
}

// Positions in the two lists above; the tallies and the flat vectors of the bootstrap use them.
const (
	iSelection = iota
	iTPR
	iFPR
	iTNR
	iFNR
	iPPV
	iNPV
	iAccuracy
	iEntropy
	iTheil
	nRates
)

const (
	iBase = iota
	iMean
	iOMinusE
	iOE
	iBrier
	iLogLoss
	iECE
	iAUC
	iSlope
	nFree
)

// Reason says why a value is undefined; "" means that it is defined.
type Reason string

// Reasons; [Reason.Text] explains each in a sentence.
const (
	EmptyGroup          Reason = "empty_group"
	NoPositives         Reason = "no_positives"
	NoNegatives         Reason = "no_negatives"
	NoneSelected        Reason = "none_selected"
	AllSelected         Reason = "all_selected"
	OneClass            Reason = "one_class"
	ZeroDenominator     Reason = "zero_denominator"
	ScoreNotProbability Reason = "score_not_probability"
	ScoreAtBound        Reason = "score_at_bound"
	ConstantScore       Reason = "constant_score"
	NotConverged        Reason = "not_converged"
	FewerThanTwoGroups  Reason = "fewer_than_two_groups"
	GroupUndefined      Reason = "group_undefined"
	SmallCell           Reason = "small_cell"
	ComplementaryCell   Reason = "complementary_cell"
	TooFewReplicates    Reason = "too_few_replicates"
	NoSpread            Reason = "no_spread"
	Impossible          Reason = "impossible"
	NotOrdered          Reason = "not_ordered"
)

// Method says how an interval was made.
type Method string

// Methods of intervals.
const (
	Wilson    Method = "wilson"
	Bootstrap Method = "bootstrap"
	Wald      Method = "wald"
)

// Estimate is a value with its interval, or the reason why there is none.
//
// Value, Low and High are NaN where undefined and null in JSON. A defined value may lack an interval (Method ""), for
// example when no bootstrap was asked for. UndefinedReplicates counts the bootstrap replicates in which the value was
// undefined; they are left out of the percentiles.
type Estimate struct {
	Value               float64
	Low                 float64
	High                float64
	Method              Method
	Reason              Reason
	UndefinedReplicates int
}

// Defined reports whether the estimate has a value.
func (e Estimate) Defined() bool { return !math.IsNaN(e.Value) }

// HasInterval reports whether the estimate has an interval.
func (e Estimate) HasInterval() bool { return !math.IsNaN(e.Low) && !math.IsNaN(e.High) }

func undefined(why Reason) Estimate {
	return Estimate{Value: math.NaN(), Low: math.NaN(), High: math.NaN(), Reason: why}
}

func point(v float64) Estimate {
	return Estimate{Value: v, Low: math.NaN(), High: math.NaN()}
}

type estimateJSON struct {
	Value               *float64 `json:"value"`
	Low                 *float64 `json:"low"`
	High                *float64 `json:"high"`
	Method              Method   `json:"method,omitempty"`
	Reason              Reason   `json:"reason"`
	UndefinedReplicates int      `json:"undefined_replicates,omitempty"`
}

// MarshalJSON writes {value, low, high, method, reason, undefined_replicates} with null for NaN. An infinite value is
// an error: the package never makes one.
func (e Estimate) MarshalJSON() ([]byte, error) {
	var out estimateJSON
	for _, f := range []struct {
		from float64
		to   **float64
	}{{e.Value, &out.Value}, {e.Low, &out.Low}, {e.High, &out.High}} {
		if math.IsInf(f.from, 0) {
			return nil, fmt.Errorf("fairness: an infinite value cannot be written")
		}
		if !math.IsNaN(f.from) {
			v := f.from
			*f.to = &v
		}
	}
	out.Method, out.Reason, out.UndefinedReplicates = e.Method, e.Reason, e.UndefinedReplicates
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON writes and refuses unknown names.
func (e *Estimate) UnmarshalJSON(data []byte) error {
	var in estimateJSON
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&in); err != nil {
		return fmt.Errorf("fairness: reading an estimate: %w", err)
	}
	*e = undefined(in.Reason)
	for _, f := range []struct {
		from *float64
		to   *float64
	}{{in.Value, &e.Value}, {in.Low, &e.Low}, {in.High, &e.High}} {
		if f.from != nil {
			*f.to = *f.from
		}
	}
	e.Method, e.UndefinedReplicates = in.Method, in.UndefinedReplicates
	return nil
}
