package pages

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
)

// records lists everything that is recorded, the newest first; of an event its latest version.
func (p *Pages) records(l *words.Locale, h *tarozi.CaseHistory) []record {
	latest := make(map[string]*tarozi.Event, len(h.Events))
	for i := range h.Events {
		e := &h.Events[i]
		if known, ok := latest[e.ID]; !ok || e.ReceivedAt.After(known.ReceivedAt) {
			latest[e.ID] = e
		}
	}
	list := make([]record, 0, len(latest)+len(h.Facts)+len(h.Sentences)+len(h.Supervision))
	for id, e := range latest {
		list = append(list, p.event(l, id, e))
	}
	var facts []record
	for i := range h.Facts {
		facts = append(facts, p.fact(l, i, &h.Facts[i]))
	}
	list = append(list, together(facts)...)
	for i, s := range h.Sentences {
		list = append(list, p.sentence(l, i, s))
		if !s.ReleasedOn.IsZero() {
			list = append(list, record{Anchor: anchor("sentences", i) + "-released", Date: l.Date(s.ReleasedOn), What: l.Text("person.released"),
				Source: s.Source, at: p.day(s.ReleasedOn)})
		}
	}
	for i, s := range h.Supervision {
		list = append(list, p.supervision(l, i, s))
	}
	for i := range list {
		if list[i].Source == enteredBy {
			list[i].Source = l.Text("person.entered")
		}
	}
	slices.SortFunc(list, func(a, b record) int {
		if c := b.at.Compare(a.at); c != 0 {
			return c
		}
		return strings.Compare(a.Anchor, b.Anchor)
	})
	return list
}

// day is when a day begins.
func (p *Pages) day(d tarozi.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, p.Zone)
}

// fact says one stated fact in words.
func (p *Pages) fact(l *words.Locale, i int, f *tarozi.Fact) record {
	r := record{Anchor: anchor("facts", i), Date: l.Date(f.AsOf), What: l.Text("person.stated"), Source: f.Source, at: p.day(f.AsOf),
		Detail: factText(l, f)}
	r.standing(l, f.Status)
	return r
}

// sentence says one sentence of a court in words.
func (p *Pages) sentence(l *words.Locale, i int, s tarozi.Sentence) record {
	return record{Anchor: anchor("sentences", i), Date: l.Date(s.ImposedOn), What: l.Text("person.sentenced"), Detail: sentence(l, s),
		Source: s.Source, at: p.day(s.ImposedOn)}
}

// supervision says one period of supervision in words.
func (p *Pages) supervision(l *words.Locale, i int, s tarozi.Supervision) record {
	r := record{Anchor: anchor("supervision", i), Date: l.Date(s.From), What: l.Text("person.supervision_began"), Source: s.Source,
		Detail: l.Term("supervision_kind", string(s.Kind)), at: p.day(s.From)}
	if s.From.After(p.today()) {
		r.What = l.Text("person.supervision_planned")
	}
	if !s.To.IsZero() {
		r.Detail = l.Text("person.until", "kind", r.Detail, "date", l.Date(s.To))
	}
	return r
}

// together joins the facts that one source stated on one day into one entry; those that are not established stand alone.
func together(facts []record) []record {
	var list []record
	place := map[string]int{}
	for _, f := range facts {
		key := f.Date + " " + f.Source
		at, begun := place[key]
		switch {
		case f.Ignored != "":
			list = append(list, f)
		case begun:
			list[at].Stated = append(list[at].Stated, f)
		default:
			place[key] = len(list)
			list = append(list, record{Anchor: "stated-" + f.Anchor, Date: f.Date, What: f.What, Source: f.Source, at: f.at, Stated: []record{f}})
		}
	}
	return list
}

func anchor(list string, i int) string { return list + "-" + strconv.Itoa(i) }

// standing says how far the record is established, and that it does not count where it is not.
func (r *record) standing(l *words.Locale, status tarozi.Status) {
	r.Status, r.StatusName = status, l.Term("status", string(status))
	r.Disputed = status == tarozi.Disputed
	if status != tarozi.Verified {
		r.Ignored = l.Text("person.ignored." + string(status))
	}
}

func byYear(list []record) []yearOfRecord {
	var years []yearOfRecord
	for _, r := range list {
		year := strconv.Itoa(r.at.Year())
		if len(years) == 0 || years[len(years)-1].Year != year {
			years = append(years, yearOfRecord{Year: year})
		}
		last := &years[len(years)-1]
		last.Records = append(last.Records, r)
	}
	return years
}
