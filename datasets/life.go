package datasets

import (
	"math"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/tarozi/tarozi"
)

const (
	syntheticSource = "synthetic"
	dayHours        = 24
)

// tashkent has had no summer time since 1991.
var tashkent = time.FixedZone("+05", 5*60*60)

// What is counted by the day on which it happened, beside the catalogue's own keys.
const (
	dayOfArrest    = "arrest"
	dayOfViolation = "violation"
	dayOfIncident  = "incident"
)

// life is a person while being drawn. Days are counted from start, the day on which the records begin.
type life struct {
	random *rand.Rand
	id     string
	until  tarozi.Date
	shift  float64

	start     tarozi.Date
	prison    bool
	frailty   float64 // what no register knows; independent of all else at the start
	past      float64 // makes the record, the intake score, gang affiliation and schooling go together
	stability float64 // how orderly life goes this month; what officers see depends on it
	female    bool
	gang      bool
	intake    int
	education int // 0 less than secondary, 1 secondary, 2 higher
	born      tarozi.Date
	monitored int // day on which electronic monitoring ends; negative: never was
	exempt    bool
	working   bool
	reviewed  bool // the officer states every two months of what there is no record
	treated   bool // has a condition of treatment
	schooled  bool // has a condition of education
	priors    priors
	revoked   tarozi.Date // last day of supervision, where it was revoked

	history   tarozi.CaseHistory
	identity  tarozi.Identity
	protected tarozi.ProtectedAttributes

	events   []tarozi.Event
	numbered int
	happened map[string][]int           // quantity -> days on which it truly happened, in order
	months   map[int]map[string]float64 // day at which a month begins -> the quantities then
}

// chance is true with probability p.
func (l *life) chance(p float64) bool { return l.random.Float64() < p }

// logistic is true with the probability whose log-odds are given.
func (l *life) logistic(logOdds float64) bool { return l.chance(tarozi.Sigmoid(logOdds)) }

// poisson draws a count with the mean given, by Knuth's product of uniforms (The Art of Computer Programming, vol. 2, 3.4.1);
// means here stay below 20.
func (l *life) poisson(mean float64) int {
	limit, product := math.Exp(-mean), l.random.Float64()
	n := 0
	for product > limit {
		product *= l.random.Float64()
		n++
	}
	return n
}

// between draws a whole number from low to high.
func (l *life) between(low, high int) int { return low + l.random.IntN(high-low+1) }

// weighted draws an index in proportion to the weights.
func (l *life) weighted(weights ...float64) int {
	total := 0.0
	for _, w := range weights {
		total += w
	}
	at := l.random.Float64() * total
	for i, w := range weights {
		if at -= w; at < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// moment is a time by day or night of a day.
func (l *life) moment(day int) time.Time {
	d := l.start.AddDays(day)
	return time.Date(d.Year, d.Month, d.Day, l.random.IntN(dayHours), l.random.IntN(60), 0, 0, tashkent)
}

// office is a time within office hours of a day.
func (l *life) office(day int) time.Time {
	d := l.start.AddDays(day)
	return time.Date(d.Year, d.Month, d.Day, l.between(9, 17), l.random.IntN(60), 0, 0, tashkent)
}

// record adds the first version of an event, received after the delay, and gives its id.
func (l *life) record(e tarozi.Event, at time.Time, delay time.Duration) tarozi.Event {
	l.numbered++
	e.ID = l.id + "-" + strconv.Itoa(l.numbered)
	e.At, e.ReceivedAt = at, at.Add(delay)
	e.Source = syntheticSource
	if e.Status == "" {
		e.Status = tarozi.Verified
	}
	l.events = append(l.events, e)
	return e
}

// amend adds a later version of an event, received so much after the one before.
func (l *life) amend(e tarozi.Event, delay time.Duration) tarozi.Event {
	e.ReceivedAt = e.ReceivedAt.Add(delay)
	l.events = append(l.events, e)
	return e
}

// days is a delay of whole days within bounds, and an hour more so that versions differ.
func (l *life) days(low, high int) time.Duration {
	return time.Duration(l.between(low, high)*dayHours+1) * time.Hour
}

func (l *life) note(quantity string, day int) {
	l.happened[quantity] = append(l.happened[quantity], day)
}

// within counts what happened in the last window days up to and with a day; a window of 0 is all time.
func (l *life) within(quantity string, day, window int) float64 {
	n := 0
	for _, at := range l.happened[quantity] {
		if at <= day && (window == 0 || at > day-window) {
			n++
		}
	}
	return float64(n)
}

// monthStarts lists the day, counted from start, on which each month begins, until the last one that begins before the last day.
func (l *life) monthStarts() []int {
	var list []int
	last := l.start.DaysUntil(l.until)
	for m := 0; ; m++ {
		day := l.start.DaysUntil(l.start.AddMonths(m))
		if day >= last {
			return list
		}
		list = append(list, day)
	}
}

// steady moves the stability on by a month: an autoregression of the first order.
func (l *life) steady() {
	l.stability = 0.8*l.stability + 0.6*l.random.NormFloat64()
}

// happens draws whether an outcome comes about in the month that begins at a day, and on which day of it; 0 means not.
func (l *life) happens(p Process, day, length int) int {
	if !l.logistic(p.LogOdds(l.months[day]) + l.shift) {
		return 0
	}
	return day + l.between(1, length)
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
