package fairness

// CoverageGroup says how many of a group were scored and of how many the outcome is known. A count is nil where it, or
// the number of unknown outcomes that follows from it, is too small to be shown.
type CoverageGroup struct {
	Attribute    string `json:"attribute"`
	Group        string `json:"group"`
	Scored       *int   `json:"scored"`
	OutcomeKnown *int   `json:"outcome_known"`
	Reason       Reason `json:"reason"`
}

// coverage counts who was scored; who was measured is in the frame, and what the frame hides stays hidden here.
func coverage(t *Table, f *Frame, smallest int) []CoverageGroup {
	scored := make(map[Part]int)
	scored[Part{AllAttribute, AllGroup}] = t.Rows()
	for _, a := range t.Attributes {
		for _, c := range a.Codes {
			scored[Part{a.Name, a.Levels[c]}]++
		}
	}
	var out []CoverageGroup
	for _, g := range f.Groups {
		if len(g.Parts) > 1 {
			continue
		}
		c := CoverageGroup{Attribute: g.Attribute, Group: g.Group, Reason: g.NReason}
		if g.NReason == "" {
			c.OutcomeKnown = &g.N
		}
		out = append(out, c)
	}
	h := hider{smallest: smallest, size: make([]int, len(out))}
	members := make(map[string][]int)
	hidden := make([]Reason, len(out))
	for k, c := range out {
		h.size[k] = scored[Part{c.Attribute, c.Group}]
		hidden[k] = c.Reason
		if k > 0 {
			members[c.Attribute] = append(members[c.Attribute], k)
		}
	}
	for _, a := range t.Attributes {
		h.relations = append(h.relations, relation{members: members[a.Name]})
	}
	hidden = h.layer(hidden, func(k int) []int {
		if out[k].OutcomeKnown == nil {
			return []int{h.size[k]}
		}
		return []int{h.size[k] - *out[k].OutcomeKnown}
	})
	for k := range out {
		if out[k].Reason = hidden[k]; hidden[k] == "" {
			out[k].Scored = &h.size[k]
		}
	}
	return out
}
