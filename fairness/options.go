package fairness

import "runtime"

// ScoreKind says what a score is.
type ScoreKind string

// Kinds of score. AutoScore takes the score for a probability if every score lies in [0, 1].
const (
	AutoScore        ScoreKind = "auto"
	ProbabilityScore ScoreKind = "probability"
	RankScore        ScoreKind = "rank"
)

// Options are the settings of a frame. DefaultOptions gives the values used where nobody asked for others.
type Options struct {
	// Thresholds are the operating points; a person is selected when score >= threshold. They are sorted and repeated
	// ones dropped. With none, only figures of the score are computed.
	Thresholds []float64
	// Reference names the reference group by attribute ("race": "White", "race,sex": "White,Male"); without an entry it
	// is the largest group.
	Reference map[string]string
	// NoIntersections leaves out the intersections of two attributes.
	NoIntersections bool
	// ScoreKind is AutoScore if empty.
	ScoreKind ScoreKind
	// Replicates is the number of bootstrap replicates; 0 leaves out bootstrap intervals and verdicts.
	Replicates int
	// Seed makes the bootstrap repeatable.
	Seed uint64
	// Level is the confidence level of all intervals.
	Level float64
	// TauLow and TauHigh bound, inclusively, the ratios to the reference group that are tolerated.
	TauLow, TauHigh float64
	// Alpha is the familywise error rate of the verdicts.
	Alpha float64
	// VerdictMetrics are the metrics whose ratios get a verdict.
	VerdictMetrics []Metric
	// MinCell is the smallest count that is shown: cells of 1 to MinCell-1 people are suppressed. 0 or 1 shows all.
	MinCell int
	// Published are the rows of earlier reports about the same people ([ReadReport], field Groups): a figure is hidden
	// where its counts differ from those published by fewer than MinCell people.
	Published []GroupRow
	// MaxPairGroups is the largest number of groups of an attribute for which xAUC is computed; its cost grows with the
	// square. Intersections have none.
	MaxPairGroups int
	// Workers is the number of goroutines of the bootstrap; 0 means one per processor. It changes no figure.
	Workers int
}

// DefaultOptions returns the settings that docs/fairness.md explains: 95 % intervals from 1,000 replicates, ratios of
// 0.8 to 1.25 tolerated, cells of 1 to 9 people suppressed.
func DefaultOptions() Options {
	return Options{
		ScoreKind:  AutoScore,
		Replicates: 1000,
		Seed:       1,
		Level:      0.95,
		TauLow:     0.8,
		TauHigh:    1.25,
		Alpha:      0.05,
		VerdictMetrics: []Metric{
			SelectionRate, TPR, FPR, FNR, PPV, NPV,
		},
		MinCell:       10,
		MaxPairGroups: 40,
	}
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}
