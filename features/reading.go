package features

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
)

// reading is a history as of a moment: what rules derive values from. Ages ("ago") are whole days before the as-of day: 0 is the
// as-of day itself, a negative age lies after it.
type reading struct {
	h       *tarozi.CaseHistory
	asOf    tarozi.Date
	asOfDay int // days since 1970-01-01
	zone    *time.Location
	purpose tarozi.Purpose

	verified []stated         // by place in the catalogue: the latest verified fact
	disputed map[int][]stated // by place: every disputed fact, the latest first
	doubted  []bool           // by place: whether there is a fact that is not established

	events map[tarozi.EventType][]record // what counts or shows that such events are recorded, by day, then id
	doubts map[tarozi.EventType]bool     // types of which there is a record that is not established
	favour bool                          // some event in the person's favour is disputed

	start    tarozi.Date // of the present supervision; see Extraction.Start
	startAgo int
	active   []int // periods of supervision on the as-of day by their beginning (before a release: those planned to begin on start)
	first    []int // periods that began on start
	sentence int   // the sentence behind the present supervision; -1: none

	after, notCounted int
}

// record is the current version of an event.
type record struct {
	event *tarozi.Event
	ago   int
	// established: it counts, against the person or for them. Not so an alert without a breach, or a record that was verified and is not
	// any more, which only shows that such events are recorded.
	established bool
	// disputedFavour: disputed, and in the person's favour.
	disputedFavour bool
}

// query narrows what a rule reads.
type query struct {
	favour  bool // disputed records in the person's favour count too
	limited bool // only records later than the day `since` ago
	since   int
}

// found is what the records alone say about a feature.
type found struct {
	number   float64
	category string
	missing  tarozi.MissingReason
	held     bool // the history holds this kind of event (RuleWindow: events alone decide)
	ago      int  // of the latest record behind the value (RuleLatest)
	evidence []tarozi.Evidence
}

func read(h *tarozi.CaseHistory, m Moment) *reading {
	r := &reading{h: h, asOf: m.AsOf, asOfDay: dayNumber(m.AsOf), zone: m.Zone, purpose: m.Purpose, sentence: -1}
	r.readFacts()
	r.readEvents()
	if m.Purpose == tarozi.PurposeRelease {
		r.planRelease()
	} else {
		r.joinSupervision()
		r.chooseSentence()
	}
	return r
}

// dayNumber counts days since 1970-01-01.
func dayNumber(day tarozi.Date) int {
	return tarozi.Date{Year: 1970, Month: time.January, Day: 1}.DaysUntil(day)
}

func (r *reading) ago(day tarozi.Date) int { return day.DaysUntil(r.asOf) }

// agoOf is the age of an instant's day in the service's zone. It counts in days since 1970 for speed: a history may hold 50,000
// events.
func (r *reading) agoOf(t time.Time) int {
	_, offset := t.In(r.zone).Zone()
	seconds := t.Unix() + int64(offset)
	day := seconds / 86_400
	if seconds%86_400 < 0 {
		day--
	}
	return r.asOfDay - int(day)
}

func pointer(list string, i int) tarozi.Evidence {
	return tarozi.Evidence("#/" + list + "/" + strconv.Itoa(i))
}

// readEvents finds the current version of each event, the latest received by the as-of day, and sorts out what counts.
func (r *reading) readEvents() {
	if len(r.h.Events) == 0 {
		return
	}
	current := make(map[string]*tarozi.Event, len(r.h.Events))
	late := make(map[string]struct{})
	for i := range r.h.Events {
		e := &r.h.Events[i]
		if r.agoOf(e.ReceivedAt) < 0 {
			late[e.ID] = struct{}{}
			continue
		}
		if known, ok := current[e.ID]; !ok || e.ReceivedAt.After(known.ReceivedAt) {
			current[e.ID] = e
		}
	}
	r.events = make(map[tarozi.EventType][]record)
	r.doubts = make(map[tarozi.EventType]bool)
	var verified map[version]bool
	for _, e := range current {
		ago := r.agoOf(e.At)
		if ago < 0 {
			late[e.ID] = struct{}{}
			continue
		}
		if e.Status != tarozi.Verified && verified == nil { // hardly ever
			verified = r.onceVerified()
		}
		r.sort(e, ago, verified[version{e.ID, e.Type}])
	}
	r.after += len(late)
	for _, list := range r.events {
		slices.SortFunc(list, func(a, b record) int {
			if a.ago != b.ago {
				return b.ago - a.ago
			}
			return strings.Compare(a.event.ID, b.event.ID)
		})
	}
}

// version names an event as one of its type: a correction may change what kind of event it was.
type version struct {
	id   string
	kind tarozi.EventType
}

// onceVerified are the events of which some version, received by the as-of day, was verified.
func (r *reading) onceVerified() map[version]bool {
	verified := make(map[version]bool)
	for i := range r.h.Events {
		if e := &r.h.Events[i]; e.Status == tarozi.Verified && r.agoOf(e.ReceivedAt) >= 0 {
			verified[version{e.ID, e.Type}] = true
		}
	}
	return verified
}

// sort puts the current version of an event where rules find it; onceVerified says that some version of it was verified.
func (r *reading) sort(e *tarozi.Event, ago int, onceVerified bool) {
	kept := record{event: e, ago: ago}
	switch {
	case e.Status == tarozi.Verified:
		kept.established = e.Established()
		if !kept.established && !clean(e) {
			r.notCounted++
		}
	case e.CountsInFavour() && inFavour(e):
		kept.disputedFavour = true
		r.favour = true
		r.doubts[e.Type] = true
	default:
		r.notCounted++
		r.doubts[e.Type] = true
		if !onceVerified {
			return
		}
		// It counts for nothing, but shows that such events are recorded: without this, what a dispute leaves would be unknown instead
		// of less, and a dispute could raise a score.
	}
	r.events[e.Type] = append(r.events[e.Type], kept)
}

// clean reports whether a verified event that is no breach was never one: a check-in that machine or person passed.
func clean(e *tarozi.Event) bool {
	if e.Type != tarozi.EventCheckIn {
		return false
	}
	return e.Verdict == tarozi.VerdictSamePerson || (e.Match == "match" && (e.Liveness == "" || e.Liveness == "live"))
}

// inFavour reports whether an event speaks for the person, so that it keeps counting while it is disputed.
func inFavour(e *tarozi.Event) bool {
	switch e.Type {
	case tarozi.EventContact, tarozi.EventProgramSession:
		return e.Attendance == tarozi.Attended
	case tarozi.EventDrugTest:
		return e.Result == tarozi.TestNegative
	case tarozi.EventEmployment:
		return true
	default:
		return false
	}
}

// held reports whether the history holds events of the type that may be read under q.
func (r *reading) held(t tarozi.EventType, q query) bool {
	return slices.ContainsFunc(r.events[t], func(k record) bool { return q.favour || !k.disputedFavour })
}

// absent is why a feature read from events of type t has no value.
func (r *reading) absent(t tarozi.EventType) tarozi.MissingReason {
	if r.doubts[t] {
		return tarozi.NotEstablished
	}
	return tarozi.NoRecord
}

// counts reports whether the record may be read as having happened.
func (k *record) counts(q query) bool {
	return (k.established || (q.favour && k.disputedFavour)) && (!q.limited || k.ago < q.since)
}
