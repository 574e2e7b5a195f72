package pages

import (
	"strings"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
)

// event says one event in words.
func (p *Pages) event(l *words.Locale, id string, e *tarozi.Event) record {
	r := record{Anchor: eventAnchor(id), Date: l.Date(tarozi.DateOf(e.At.In(p.Zone))), What: l.Term("event", string(e.Type)),
		Detail: eventText(l, e), Source: e.Source, at: e.At}
	r.standing(l, e.Status)
	if e.Status == tarozi.Verified && !e.Established() && !passed(e) {
		r.Ignored = l.Text("person.ignored." + string(e.Type))
	}
	return r
}

// passed reports whether an event is a check-in that machine or officer passed: it was never held against anybody.
func passed(e *tarozi.Event) bool {
	return e.Type == tarozi.EventCheckIn && (e.Match == "match" || e.Verdict == tarozi.VerdictSamePerson)
}

// eventText joins what the event's own fields say.
func eventText(l *words.Locale, e *tarozi.Event) string {
	var parts []string
	term := func(list, name string) {
		if name != "" {
			parts = append(parts, l.Term(list, name))
		}
	}
	term("offence", string(e.Offence))
	term("severity", string(e.Severity))
	for _, involved := range e.Involves {
		term("involvement", string(involved))
	}
	term("supervision_kind", string(e.Revoked))
	term("attendance", string(e.Attendance))
	term("contact_method", string(e.Method))
	if e.Permitted != nil {
		id := "person.not_permitted"
		if *e.Permitted {
			id = "person.permitted"
		}
		parts = append(parts, l.Text(id))
	}
	term("work", string(e.Work))
	if !e.Until.IsZero() {
		parts = append(parts, l.Text("person.last_day", "date", l.Date(e.Until)))
	}
	term("test_result", string(e.Result))
	for _, substance := range e.Substances {
		term("substance", string(substance))
	}
	term("violation", string(e.Violation))
	term("alert", string(e.Alert))
	term("finding", string(e.Finding))
	term("match", string(e.Match))
	term("liveness", string(e.Liveness))
	term("verdict", string(e.Verdict))
	term("incident", string(e.Category))
	term("detector", string(e.DetectedBy))
	if e.Article != "" {
		parts = append(parts, l.Text("person.article", "article", e.Article))
	}
	return strings.Join(parts, " · ")
}

func factText(l *words.Locale, f *tarozi.Fact) string {
	feature, known := features.Lookup(f.Feature)
	if !known {
		return f.Feature
	}
	return l.Text("factor.one", "name", l.Feature(f.Feature), "value", l.Figure(f.Feature, f.Value, feature.Unit))
}
