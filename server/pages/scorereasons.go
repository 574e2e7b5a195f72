package pages

import (
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/scoring"
)

// outlookView is what could bring the shown score into the next band down.
type outlookView struct {
	Said       string // that nothing was found, that there is no band below, or what follows
	Ways, More []wayRow
	Considered []string // names of the factors that were moved
}

// wayRow is one or two changes with where they lead.
type wayRow struct {
	Changes []string
	Leads   string
}

// shownWays is how many ways stand on the page at once; the others are one click away.
const shownWays = 4

// outlook fills in what could change the shown score.
func (p *Pages) outlook(c *gin.Context, v *scoreView, shown *tarozi.Score) error {
	list, err := p.Scoring.Outlooks(c.Request.Context(), asker(c), v.ID)
	if tarozi.CodeOf(err) == tarozi.NotFound { // the bundle that gave the score is no longer installed
		v.Outlook = &outlookView{Said: v.L.Text("outlook.no_model")}
		return nil
	}
	if err != nil {
		return err
	}
	for i := range list {
		if o := &list[i]; shown.SameKind(&tarozi.Score{Outcome: o.Outcome, HorizonMonths: o.HorizonMonths}) {
			v.Outlook = outlookOf(v.L, o)
		}
	}
	return nil
}

func outlookOf(l *words.Locale, o *scoring.Outlook) *outlookView {
	shown := new(outlookView)
	for _, key := range o.Considered {
		shown.Considered = append(shown.Considered, l.Feature(key))
	}
	next := l.Term("band", string(o.Next))
	switch {
	case o.Next == "":
		return &outlookView{Said: l.Text("outlook.lowest")}
	case len(o.Considered) == 0:
		shown.Said = l.Text("outlook.nothing_to_change")
	case len(o.Ways) == 0:
		shown.Said = l.Text("outlook.none", "band", next)
	default:
		shown.Said = l.Plural("outlook.found", len(o.Ways), "band", next)
	}
	for i, way := range o.Ways {
		row := wayRow{Leads: l.Text("outlook.leads", "people", l.Number(100*way.Probability, 1), "band", l.Term("band", string(way.Band)))}
		for _, change := range way.Changes {
			row.Changes = append(row.Changes, l.Text("outlook.change", "name", l.Feature(change.Feature), "from", valueText(l, change.Feature, change.From),
				"to", valueText(l, change.Feature, change.To)))
		}
		if i < shownWays {
			shown.Ways = append(shown.Ways, row)
		} else {
			shown.More = append(shown.More, row)
		}
	}
	return shown
}

// valueText is a value of a feature as a factor's name shows it.
func valueText(l *words.Locale, feature string, v tarozi.Value) string {
	f, _ := features.Lookup(feature)
	return l.Figure(feature, v, f.Unit)
}

// differenceView is what moved the shown score since the assessment before. The numbers shown sum.
type differenceView struct {
	Lead, Link                  string // the assessment compared with
	Before, After, Change, None string
	Rows                        []shiftRow
}

type shiftRow struct {
	Label, Detail, Signed string
	Direction             tarozi.Direction
	Word                  string
	New, Gone             []evidenceLink
}

// difference fills in what differs from the assessment before, where there is one.
func (p *Pages) difference(c *gin.Context, v *scoreView, shown *tarozi.Score) error {
	compared, err := p.Scoring.SinceLast(c.Request.Context(), asker(c), v.ID)
	if err != nil {
		if tarozi.CodeOf(err) == tarozi.NotFound { // a bundle that is no longer installed
			v.Difference = &differenceView{None: v.L.Text("difference.no_model")}
			return nil
		}
		return err
	}
	if compared.Earlier == nil {
		return nil
	}
	for i := range compared.Differences {
		if d := &compared.Differences[i]; shown.SameKind(&tarozi.Score{Outcome: d.Outcome, HorizonMonths: d.HorizonMonths}) {
			v.Difference = differenceOf(v, compared.Earlier, d)
		}
	}
	return nil
}

func differenceOf(v *scoreView, earlier *scoring.EarlierAssessment, d *explain.Difference) *differenceView {
	l := v.L
	before, after := words.Tenths(d.Before), words.Tenths(d.After)
	shown := &differenceView{Link: assessmentPath(earlier.ID), Before: l.Number(float64(before)/10, 1), After: l.Number(float64(after)/10, 1),
		Change: signed(l, after-before, 1)}
	shown.Lead = l.Text("difference.lead", "date", l.Date(earlier.AsOf), "before", shown.Before, "after", shown.After)
	if len(d.Shifts) == 0 {
		shown.None = l.Text("difference.none")
		return shown
	}
	parts := make([]float64, len(d.Shifts))
	for i := range d.Shifts {
		parts[i] = 1000 * d.Shifts[i].Points
	}
	little := 0
	for i, n := range words.Apportion(parts, after-before) {
		s := &d.Shifts[i]
		if n == 0 && s.Kind == explain.ShiftFactor && sameValue(s.Before, s.After) && len(s.Added)+len(s.Removed) == 0 {
			little++
			continue
		}
		row := shiftRow{Signed: signed(l, n, 1), Direction: tarozi.DirectionOf(n), Word: l.Term("direction", string(tarozi.DirectionOf(n))),
			New: recordLinks(v.PersonLink, s.Added), Gone: recordLinks(v.PersonLink, s.Removed)}
		row.Label, row.Detail = shiftText(l, s)
		shown.Rows = append(shown.Rows, row)
	}
	if little > 0 {
		shown.Rows = append(shown.Rows, shiftRow{Label: l.Plural("chart.others", little), Signed: signed(l, 0, 1), Direction: tarozi.Neutral,
			Word: l.Term("direction", string(tarozi.Neutral))})
	}
	return shown
}

func shiftText(l *words.Locale, s *explain.Shift) (label, detail string) {
	if s.Kind != explain.ShiftFactor {
		return l.Text("difference.kind." + string(s.Kind)), ""
	}
	label = l.Feature(s.Feature)
	if s.With != "" {
		label = l.Text("factor.pair", "first", label, "second", l.Feature(s.With))
	}
	if sameValue(s.Before, s.After) {
		return label, ""
	}
	return label, l.Text("difference.value", "from", valueText(l, s.Feature, stated(s.Before)), "to", valueText(l, s.Feature, stated(s.After)))
}

// stated is the value, unknown where there is none.
func stated(v *tarozi.Value) tarozi.Value {
	if v == nil {
		return tarozi.Value{}
	}
	return *v
}

func sameValue(a, b *tarozi.Value) bool { return stated(a) == stated(b) }

// recordLinks lead to records on the person's page, numbered.
func recordLinks(person string, list []tarozi.Evidence) []evidenceLink {
	var found []evidenceLink
	for i, record := range list {
		found = append(found, evidenceLink{Link: person + "?record=all#" + anchorOf(record), Name: strconv.Itoa(i + 1)})
	}
	return found
}

// anchorOf is where a record stands on a person's page.
func anchorOf(e tarozi.Evidence) string {
	if place, ok := strings.CutPrefix(string(e), "#/"); ok {
		return strings.ReplaceAll(place, "/", "-")
	}
	return eventAnchor(string(e))
}

// earlier draws the person's scores of the shown one's kind, as far as the reader may see them.
func (p *Pages) earlier(c *gin.Context, v *scoreView, a *tarozi.Assessment, kind *tarozi.Score) error {
	ctx, who := c.Request.Context(), asker(c)
	list, err := p.Scoring.AssessmentsOf(ctx, who, a.PersonID, scoring.Page{Limit: shownScores})
	if err != nil {
		return err
	}
	states := map[string]tarozi.ReviewState{}
	for i := range list {
		states[list[i].ID] = list[i].ReviewState
	}
	shown, err := p.Scoring.Shown(ctx, who, states)
	if err != nil {
		return err
	}
	v.Trend = trendOf(v.L, shown, list, kind, a.Model.ID)
	return nil
}
