package fairness

// coverage counts who was scored and whose outcome is known, by attribute. A count of known or unknown outcomes that
// is too small is hidden, and where it is the only one of its attribute, the next smallest is hidden too.
func coverage(all, measured *Table, smallest int) []CoverageGroup {
	out := []CoverageGroup{countCoverage(AllAttribute, []string{AllGroup}, make([]int32, all.Rows()), measured, smallest)[0]}
	for _, a := range all.Attributes {
		out = append(out, countCoverage(a.Name, a.Levels, a.Codes, measured, smallest)...)
	}
	return out
}

func countCoverage(attribute string, levels []string, codes []int32, measured *Table, smallest int) []CoverageGroup {
	cells := make([][2]int, len(levels)) // unknown, known
	for i, c := range codes {
		known := 1
		if measured.Outcome[i] == Unknown {
			known = 0
		}
		cells[c][known]++
	}
	known, unknown := make([]int, len(levels)), make([]int, len(levels))
	for g, c := range cells {
		unknown[g], known[g] = c[0], c[1]
	}
	hidden := hideLine(known, smallest)
	for g, why := range hideLine(unknown, smallest) {
		if hidden[g] == "" {
			hidden[g] = why
		}
	}
	out := make([]CoverageGroup, len(levels))
	for g, name := range levels {
		out[g] = CoverageGroup{Attribute: attribute, Group: name, Reason: hidden[g]}
		if hidden[g] == "" {
			scored, k := cells[g][0]+cells[g][1], cells[g][1]
			out[g].Scored, out[g].OutcomeKnown = &scored, &k
		}
	}
	return out
}
