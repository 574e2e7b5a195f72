package fairness

// The bootstrap gives each person an independent Poisson(1) weight per replicate instead of drawing n people with
// replacement: the same distribution per group in the limit, and one pass in order of the score serves every metric.
// Source: Chamandy, Muralidharan, Najmi, Naidu (2012), "Estimating uncertainty for massive data streams"; Hanley and
// MacGibbon (2006), "Creating non-parametric bootstrap samples using Poisson frequencies".

// goldenGamma spreads consecutive numbers before mixing (Steele, Lea, Flood 2014).
const goldenGamma = 0x9e3779b97f4a7c15

// mix64 is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection that spreads every bit.
func mix64(x uint64) uint64 {
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

const (
	poissonBits      = 12
	poissonAmbiguous = 255
)

// poissonTable turns 64 uniform bits into a Poisson(1) count: the leading bits index quick, and the few entries in
// which a step of the distribution falls are settled by comparison with cumulative.
type poissonTable struct {
	quick      [1 << poissonBits]uint8
	cumulative []uint64
}

func newPoissonTable() *poissonTable {
	t := &poissonTable{}
	// exp(-1) * 2^64, rounded; successive terms divide by k, so that the last counts keep about 50 exact bits.
	const p0 = 0.36787944117144232159552377016146086744581113103176 * (1 << 64)
	term, sum := float64(p0), 0.0
	for k := 0; term >= 1; k++ {
		if k > 0 {
			term /= float64(k)
		}
		sum += term
		if sum >= (1<<64)-2048 {
			break
		}
		t.cumulative = append(t.cumulative, uint64(sum))
	}
	for i := range t.quick {
		low := uint64(i) << (64 - poissonBits)
		high := low | (1<<(64-poissonBits) - 1)
		a, b := t.count(low), t.count(high)
		t.quick[i] = a
		if a != b {
			t.quick[i] = poissonAmbiguous
		}
	}
	return t
}

func (t *poissonTable) count(u uint64) uint8 {
	k := 0
	for k < len(t.cumulative) && u >= t.cumulative[k] {
		k++
	}
	return uint8(k)
}

func (t *poissonTable) draw(key, replicate uint64) uint8 {
	u := mix64(key ^ replicate)
	if k := t.quick[u>>(64-poissonBits)]; k != poissonAmbiguous {
		return k
	}
	return t.count(u)
}
