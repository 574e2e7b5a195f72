package fairness

// sums are the totals of one joint cell, outcome and segment of the score, weighted.
type sums struct {
	weight  float64
	score   float64
	squared float64 // (score - outcome)^2
	log     float64 // -log of the probability given to what happened
}

func (s *sums) add(o *sums) {
	s.weight += o.weight
	s.score += o.score
	s.squared += o.squared
	s.log += o.log
}

// tally holds everything from which the metrics of one weighting (the data, or one bootstrap replicate) follow.
type tally struct {
	// cellSums is indexed by (segment*cells + cell)*2 + outcome.
	cellSums []sums
	// below counts the weighted pairs of a positive and a negative in which the negative scores lower, ties half; its
	// places are the plan's. negatives is the running weight of each group's negatives with a lower score.
	below, negatives []float64
	// groupSums is indexed by (group*segments + segment)*2 + outcome over all groups of all sets.
	groupSums []sums

	block   []float64 // weight of the current run of equal scores by cell*2 + outcome
	touched []int32
}

func newTally(p *plan) *tally {
	return &tally{
		cellSums:  make([]sums, len(p.segmentEnd)*p.cells*2),
		groupSums: make([]sums, p.groups*len(p.segmentEnd)*2),
		below:     make([]float64, p.belowSize),
		negatives: make([]float64, p.groups),
		block:     make([]float64, p.cells*2),
	}
}

func (t *tally) reset() {
	clear(t.cellSums)
	clear(t.groupSums)
	clear(t.below)
	clear(t.negatives)
}

// replicateWeights are Poisson(1) counts times the given weights.
type replicateWeights struct {
	key     []uint64
	base    []float64 // nil: 1 each
	table   *poissonTable
	seed    uint64
	weights []float64
}

// fill draws the replicate's weights into a buffer, so that the pass over the rows makes no call per row.
func (r *replicateWeights) fill() []float64 {
	for k, key := range r.key {
		r.weights[k] = float64(r.table.draw(key, r.seed))
	}
	if r.base != nil {
		for k, b := range r.base {
			r.weights[k] *= b
		}
	}
	return r.weights
}

// run adds up the whole plan, weighted, in one pass in order of the score.
func (t *tally) run(p *plan, weights []float64) {
	t.reset()
	start := 0
	for s, end := range p.segmentEnd {
		t.segment(p, weights, t.cellSums[s*p.cells*2:(s+1)*p.cells*2], start, end)
		start = end
	}
	t.fold(p)
}

// segment adds the rows [start, end). Rows of equal score never straddle segments, because segments are cut by score.
func (t *tally) segment(p *plan, weights []float64, acc []sums, start, end int) {
	score, outcome, cell := p.score, p.outcome, p.cell
	for k := start; k < end; {
		tied := k + 1
		for tied < end && score[tied] == score[k] {
			tied++
		}
		single := tied == k+1
		for ; k < tied; k++ {
			w := weights[k]
			if w == 0 {
				continue
			}
			c, y := cell[k], outcome[k]
			a := &acc[int(c)*2+int(y)]
			d := score[k] - float64(y)
			a.weight += w
			a.score += w * score[k]
			a.squared += w * d * d
			if p.logLoss != nil {
				a.log += w * p.logLoss[k]
			}
			if single {
				t.rank(p, c, y, w)
				continue
			}
			b := &t.block[int(c)*2+int(y)]
			if *b == 0 {
				t.touched = append(t.touched, c*2+int32(y))
			}
			*b += w
		}
		if !single {
			t.flush(p)
		}
	}
}

// rank counts weight w of outcome y in a cell against the negatives of lower score.
func (t *tally) rank(p *plan, cell int32, y uint8, w float64) {
	places := p.places[int(cell)*len(p.sets) : (int(cell)+1)*len(p.sets)]
	negatives := t.negatives
	if y == 0 {
		for _, at := range places {
			negatives[at.group] += w
		}
		return
	}
	for _, at := range places {
		lower := negatives[at.negatives : at.negatives+at.width]
		row := t.below[at.below:][:len(lower)]
		for h, v := range lower {
			row[h] += w * v
		}
	}
}

// flush ranks a run of equal scores: positives count half of the run's own negatives, which are therefore added half
// before and half after.
func (t *tally) flush(p *plan) {
	for pass := range 3 {
		for _, b := range t.touched {
			cell, y := b/2, uint8(b%2)
			switch {
			case pass == 1 && y == 1:
				t.rank(p, cell, 1, t.block[b])
			case pass != 1 && y == 0:
				t.rank(p, cell, 0, t.block[b]/2)
			}
		}
	}
	for _, b := range t.touched {
		t.block[b] = 0
	}
	t.touched = t.touched[:0]
}

// fold adds the cells up to the groups of every set.
func (t *tally) fold(p *plan) {
	segments := len(p.segmentEnd)
	for i := range p.sets {
		s := &p.sets[i]
		for seg := range segments {
			acc := t.cellSums[seg*p.cells*2:]
			for c := range p.cells {
				to := ((s.first+int(s.member[c]))*segments + seg) * 2
				t.groupSums[to].add(&acc[c*2])
				t.groupSums[to+1].add(&acc[c*2+1])
			}
		}
	}
}
