package fairness

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Gap is how much one factor adds to the difference in mean score between a group and the reference group. Contributions
// are additive, so that the gaps of all factors sum to the gap between the groups' mean scores on the same scale
// (log-odds or points).
type Gap struct {
	Attribute string `json:"attribute"`
	Group     string `json:"group"`
	Reference string `json:"reference"`
	Factor    string `json:"factor"`
	// Gap is the mean contribution in the group minus that in the reference group.
	Gap Estimate `json:"gap"`
}

// ContributionGaps compares the mean contribution of each factor between the groups of an attribute and its reference
// group, largest gap first within each group. contributions holds a column of finite values per factor, in the order of
// factors, with a row for each code of the attribute. Groups of fewer than smallest people are hidden, and so are all
// gaps where the reference group is.
func ContributionGaps(a Attribute, reference string, factors []string, contributions [][]float64, smallest int) ([]Gap, error) {
	at := slices.Index(a.Levels, reference)
	if at < 0 {
		return nil, fmt.Errorf("fairness: reference group %q does not occur in %q; it has %q", reference, a.Name, a.Levels)
	}
	if len(factors) != len(contributions) {
		return nil, fmt.Errorf("fairness: %d factors but %d columns of contributions", len(factors), len(contributions))
	}
	size := make([]int, len(a.Levels))
	for _, c := range a.Codes {
		size[c]++
	}
	means := make([][]float64, len(factors)) // factor, group
	for f, column := range contributions {
		if len(column) != len(a.Codes) {
			return nil, fmt.Errorf("fairness: factor %q has %d rows, attribute %q has %d", factors[f], len(column), a.Name, len(a.Codes))
		}
		means[f] = make([]float64, len(a.Levels))
		for i, v := range column {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("fairness: factor %q, row %d: contribution %v is not finite", factors[f], i, v)
			}
			means[f][a.Codes[i]] += v
		}
		for g := range means[f] {
			means[f][g] /= float64(size[g])
		}
	}
	var out []Gap
	for g, name := range a.Levels {
		if g == at || name == MissingLevel {
			continue
		}
		rows := make([]Gap, len(factors))
		for f, factor := range factors {
			rows[f] = Gap{Attribute: a.Name, Group: name, Reference: reference, Factor: factor}
			switch {
			case size[g] == 0 || size[at] == 0:
				rows[f].Gap = undefined(EmptyGroup)
			case size[g] < smallest || size[at] < smallest:
				rows[f].Gap = undefined(SmallCell)
			default:
				rows[f].Gap = point(means[f][g] - means[f][at])
			}
		}
		slices.SortStableFunc(rows, func(x, y Gap) int {
			if !x.Gap.Defined() || math.Abs(x.Gap.Value) == math.Abs(y.Gap.Value) {
				return strings.Compare(x.Factor, y.Factor)
			}
			if math.Abs(x.Gap.Value) > math.Abs(y.Gap.Value) {
				return -1
			}
			return 1
		})
		out = append(out, rows...)
	}
	return out, nil
}

// StandIn is how well one factor alone tells the people of a group from everybody else.
type StandIn struct {
	Attribute string `json:"attribute"`
	Group     string `json:"group"`
	Factor    string `json:"factor"`
	// Separation is the larger of AUC and 1 - AUC of the factor's value for membership: 0.5 tells nothing, 1 everything.
	Separation Estimate `json:"separation"`
}

// StandIns measures each factor as a stand-in (proxy) for each group of an attribute. values holds a column per factor;
// NaN is missing and left out. Groups with fewer than smallest people on either side are hidden.
func StandIns(a Attribute, factors []string, values [][]float64, smallest int) ([]StandIn, error) {
	if len(factors) != len(values) {
		return nil, fmt.Errorf("fairness: %d factors but %d columns of values", len(factors), len(values))
	}
	var out []StandIn
	for f, column := range values {
		if len(column) != len(a.Codes) {
			return nil, fmt.Errorf("fairness: factor %q has %d rows, attribute %q has %d", factors[f], len(column), a.Name, len(a.Codes))
		}
		var order []int
		for i, v := range column {
			if !math.IsNaN(v) {
				order = append(order, i)
			}
		}
		sortBy(order, column)
		for g, name := range a.Levels {
			if name == MissingLevel {
				continue
			}
			out = append(out, StandIn{a.Name, name, factors[f], separation(order, column, func(i int) bool { return a.Codes[i] == int32(g) }, smallest)})
		}
	}
	return out, nil
}

// separation is AUC by ranks, ties at their mean rank, whichever way round is larger.
func separation(order []int, values []float64, inside func(row int) bool, smallest int) Estimate {
	var ranks, n float64
	for k := 0; k < len(order); {
		end := k
		for end < len(order) && values[order[end]] == values[order[k]] {
			end++
		}
		for _, i := range order[k:end] {
			if inside(i) {
				ranks, n = ranks+float64(k+end+1)/2, n+1
			}
		}
		k = end
	}
	others := float64(len(order)) - n
	switch {
	case n == 0 || others == 0:
		return undefined(EmptyGroup)
	case n < float64(smallest) || others < float64(smallest):
		return undefined(SmallCell)
	}
	auc := (ranks - n*(n+1)/2) / (n * others)
	return point(max(auc, 1-auc))
}
