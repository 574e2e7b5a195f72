package fairness

// mask says which figures are hidden because they rest on too few people.
type mask struct {
	whole    []Reason   // group -> everything, its size included
	outcomes []Reason   // group -> everything that tells its outcomes
	selected [][]Reason // group, threshold -> the selection rate
	joint    [][]Reason // group, threshold -> everything that tells outcomes and selection together
}

func (m *mask) size(group int) Reason { return m.whole[group] }

func (m *mask) ofScore(group, figure int) Reason {
	if figure == iMean {
		return m.whole[group]
	}
	return m.outcomes[group]
}

func (m *mask) ofRate(group, threshold, rate int) Reason {
	if rate == iSelection {
		return m.selected[group][threshold]
	}
	return m.joint[group][threshold]
}

func suppress(p *plan, counts []groupCounts, smallest int) *mask {
	m := &mask{whole: make([]Reason, p.groups), outcomes: make([]Reason, p.groups)}
	for range p.groups {
		m.selected = append(m.selected, make([]Reason, len(p.cut)))
		m.joint = append(m.joint, make([]Reason, len(p.cut)))
	}
	return m
}

func hideLine(counts []int, smallest int) []Reason { return make([]Reason, len(counts)) }
