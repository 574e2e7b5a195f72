package pages

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
)

type scoreView struct {
	view
	ID, PersonID, PersonName, PersonLink string
	Facts                                []fact
	Notice                               string
	Valid                                bool // the model is validated here: its notice need not shout

	Tabs     []tab // one for each outcome, where there are several
	Sentence sentenceParts
	Shown    *shownScore
	Others   []*shownScore // the outcomes that are not Shown
	On       string        // as of when
	Trend    *trend        // nil: fewer than two scores of this kind

	Unscored                                   []string // what is not scored and why
	Warnings                                   []string
	Missing                                    []gap
	Many                                       string // said where much is missing; else empty
	Unknown                                    int    // how many inputs are missing
	Stale                                      []string
	Model                                      modelBox
	View, Skip, Decision, Signature, Challenge *step // what the reader may do; nil: not now
	Answer                                     *step
	Objection                                  *tarozi.Challenge // that Answer answers
	AnswerDue                                  string            // of Objection; empty where no day is stored
	Question                                   string
	ReviewID                                   string
	Done                                       []done
	Undecided                                  bool   // a decision is still to be made: none yet, or the last was returned
	Own                                        string // the reader's own view, beside the score
	Side                                       []fact // bands of own view, score and decision, once there is one
	Held                                       string // what was decided, and whether it holds; empty before a decision
	Expired                                    string // said where nobody reviewed the score in time; else empty
	Deadline                                   string
	Print, Letter                              string   // links to the print view, and to the letter for the person once the review is done
	Shaken                                     []string // records behind the score that no longer count
	Rescore, Token                             string   // one click makes a new assessment; empty where the reader may not
	Outlook                                    *outlookView
	Difference                                 *differenceView // nil: there is no earlier assessment that the reader may see
	Again                                      string          // link to a new assessment; empty where the reader may not make one
}

// shownScore is one score with its reasons.
type shownScore struct {
	said                               string // the sentence about its number
	About                              string
	People                             people
	Observed, Percentile, Baseline     string
	Lead, Start                        string // what the reasons start from: in a sentence, and as a row's name
	Method                             string // how the reasons were computed
	Sampled, Rescaled                  string // said where the reasons are estimates, and where their log-odds follow the points
	HasRange                           bool
	Band                               tarozi.Band
	BandName, BandDistance, BandReason string
	Scale                              *bandScale
	Near                               bool
	Horizons                           []horizonRow
	Waterfall                          *waterfall
	Exact                              []exactRow
	ExactBaseline, ExactTotal          string
	Finding                            string // what the waterfall shows, in a sentence
	Sentence                           sentenceParts
	Link                               string // to its own reasons
}

// sentenceParts is a sentence about a number, parted at it.
type sentenceParts struct{ Before, Number, After string }

func sentenceOf(l *words.Locale, s *tarozi.Score, served *model.ScoreCard) sentenceParts {
	said, number := strings.Fields(sentenceFor(l, s, served)), peopleIn(l, s, served)
	at := slices.Index(said, number)
	if at < 0 {
		return sentenceParts{Before: strings.Join(said, " ")}
	}
	return sentenceParts{strings.Join(said[:at], " "), number, strings.Join(said[at+1:], " ")}
}

// inTenths reports whether a score is said to a tenth of a person: whole people would put it on the other side of a cut.
func inTenths(s *tarozi.Score, served *model.ScoreCard) bool {
	if served == nil {
		return false
	}
	for _, cut := range served.Bands[:len(served.Bands)-1] {
		if (words.People(s.Probability) < words.People(cut.Below)) != (s.Probability < cut.Below) {
			return true
		}
	}
	return false
}

// peopleIn is a score in people of 100 as its page says it everywhere.
func peopleIn(l *words.Locale, s *tarozi.Score, served *model.ScoreCard) string {
	if inTenths(s, served) {
		return l.Number(float64(words.Tenths(s.Probability))/10, 1)
	}
	return l.Number(float64(words.People(s.Probability)), 0)
}

// sentenceFor is the sentence about a score's number, as its page says it everywhere.
func sentenceFor(l *words.Locale, s *tarozi.Score, served *model.ScoreCard) string {
	if inTenths(s, served) {
		return l.NearSentence(*s)
	}
	return l.Sentence(*s)
}

// servedBy is the card of what served a score, nil where the bundle is no longer installed.
func servedBy(card *model.Card, s *tarozi.Score, in *scoring.Inputs) *model.ScoreCard {
	if card == nil {
		return nil
	}
	return in.Served(card.ScoreAt(s.Outcome, s.HorizonMonths, in.Months))
}

type modelBox struct {
	Title, Link, Version, SHA256, Validity string
	State                                  string // where it stands for the reader's agency; empty beside a score
	Limits                                 []string
}

// score shows an assessment: the score that the address asks for, or the first.
func (p *Pages) score(c *gin.Context) { p.scorePage(c, nil) }

// scorePage is the page of an assessment, with a step of its review that was refused, nil otherwise. Until the reader may see the
// score it asks for their own view, or says that they have to wait.
func (p *Pages) scorePage(c *gin.Context, refused *step) {
	ctx, who := c.Request.Context(), asker(c)
	a, err := p.Scoring.Assessment(ctx, who, c.Param("id"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	if err := p.Scoring.Look(ctx, who, tarozi.ReadAssessments, "score", a.PersonID); err != nil {
		p.Fail(c, err)
		return
	}
	v := scoreView{view: p.view(c, "score.title"), ID: a.ID, PersonID: a.PersonID}
	v.Nav = "caseload"
	if v.PersonLink, err = p.personPath(c, a.PersonID); err != nil {
		p.Fail(c, err)
		return
	}
	name, err := p.name(c, a.PersonID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.PersonName = cmp.Or(name, a.PersonID)
	v.On = v.L.Text("score.on", "date", v.L.Date(a.AsOf))
	v.Notice, v.Valid = v.L.Notice(a.Model), a.Model.Validity == tarozi.Validated
	v.Facts = []fact{
		{v.L.Text("score.as_of"), v.L.Date(a.AsOf)},
		{v.L.Text("score.made"), v.L.Time(a.CreatedAt, p.Zone)},
		{v.L.Text("score.purpose"), v.L.Term("purpose", string(a.Purpose))},
		{v.L.Text("score.review"), v.L.Term("review_state", string(a.ReviewState))},
	}
	if a.ReviewState == tarozi.ReviewExpired {
		v.Expired = v.L.Text("review.expired")
	}
	if who.May(tarozi.Assess) {
		v.Again = v.PersonLink + "/assess?" + query("purpose", string(a.Purpose))
	}
	if refused != nil {
		switch c.Param("step") {
		case "decision":
			v.Decision = refused
		case "countersignature":
			v.Signature = refused
		case "challenge":
			v.Challenge = refused
		case "answer":
			v.Answer = refused
		}
	}
	shown, err := p.Scoring.MayShow(ctx, who, a)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if !shown {
		switch {
		case !a.ReviewState.Open() || !who.May(tarozi.Decide):
			p.show(c, http.StatusOK, "waiting", v)
		case c.Param("step") == "skip":
			p.ownView(c, &v, a, nil, refused)
		default:
			p.ownView(c, &v, a, refused, nil)
		}
		return
	}
	if err := p.review(c, &v, a); err != nil {
		p.Fail(c, err)
		return
	}
	inputs, err := p.Scoring.Inputs(ctx, who, a.ID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	chosen := choose(a, c.Query("outcome"), c.Query("months"))
	if chosen == nil {
		p.Fail(c, errNotFound)
		return
	}
	card, err := p.Scoring.Card(ctx, a.Model.SHA256)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.Sentence = sentenceOf(v.L, chosen, servedBy(card, chosen, inputs))
	v.Shown = p.shown(&v, a, chosen, card, inputs)
	v.Tabs = outcomeTabs(v.L, a, chosen, card, inputs)
	v.Model = box(v.L, a.Model, card)
	v.Missing, v.Unknown = gaps(v.L, a.Missing), len(a.Missing)
	for _, w := range a.Warnings {
		if !about(w, chosen) {
			continue
		}
		switch w.Code {
		case tarozi.WarnNotValidatedLocally, tarozi.WarnDemonstration: // the notice says it
		case tarozi.WarnNearBand: // the band's own line says it
			v.Shown.Near = true
		case tarozi.WarnNewArrest, tarozi.WarnOutsideModel:
			v.Unscored = append(v.Unscored, v.L.Warning(w))
		case tarozi.WarnMissingMany:
			v.Many = v.L.Warning(w)
		case tarozi.WarnStale:
			v.Stale = append(v.Stale, v.L.Warning(w))
		default:
			v.Warnings = append(v.Warnings, v.L.Warning(w))
		}
	}
	if v.Shaken, err = p.shaken(c, v.L, a); err != nil {
		p.Fail(c, err)
		return
	}
	if who.May(tarozi.Assess) && a.Purpose == tarozi.PurposeSupervision {
		v.Rescore, v.Token = assessmentPath(a.ID)+"/rescore", p.NewID()
	}
	if err := errors.Join(p.outlook(c, &v, chosen), p.difference(c, &v, chosen), p.earlier(c, &v, a, chosen)); err != nil {
		p.Fail(c, err)
		return
	}
	v.Print = assessmentPath(a.ID) + "/print?" + query("outcome", string(chosen.Outcome)) + monthsQuery(chosen)
	if a.ReviewState == tarozi.ReviewDone {
		v.Letter = assessmentPath(a.ID) + "/letter"
	}
	for _, s := range firstOfEach(a) {
		if s.Outcome != chosen.Outcome {
			v.Others = append(v.Others, p.shown(&v, a, s, card, inputs))
		}
	}
	if strings.HasSuffix(c.FullPath(), "/print") {
		p.show(c, http.StatusOK, "print", v)
		return
	}
	status := http.StatusOK
	if refused != nil {
		status = http.StatusUnprocessableEntity
	}
	p.show(c, status, "score", v)
}

// rescore assesses the person anew from what is stored, as of today, and leads to the new assessment.
func (p *Pages) rescore(c *gin.Context) {
	ctx, who := c.Request.Context(), asker(c)
	if err := c.Request.ParseForm(); err != nil {
		p.Fail(c, tarozi.Errorf(tarozi.Malformed, "the form cannot be read"))
		return
	}
	a, err := p.Scoring.Assessment(ctx, who, c.Param("id"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	made, err := p.Scoring.CreateFromStored(ctx, who, a.PersonID, p.today(), a.Purpose, a.Model.ID, once(c))
	if err != nil {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, assessmentPath(made.ID))
}

// gap is several inputs that are missing for the same reason and read the same way.
type gap struct {
	Lead  string
	Names []string
}

func gaps(l *words.Locale, list []tarozi.Missing) []gap {
	var found []gap
	place := map[string]int{}
	for _, m := range list {
		key := string(m.Reason) + "." + m.CountedAs
		at, begun := place[key]
		if !begun {
			at = len(found)
			place[key] = at
			found = append(found, gap{Lead: l.Text("score.gap."+string(m.Reason), "counted", l.Text("score.gap_as."+m.CountedAs))})
		}
		found[at].Names = append(found[at].Names, l.Feature(m.Feature))
	}
	return found
}

// about reports whether a warning concerns the score: those about one outcome or horizon concern that one alone.
func about(w tarozi.Warning, s *tarozi.Score) bool {
	if w.Outcome == "" || w.Code == tarozi.WarnNewArrest || w.Code == tarozi.WarnOutsideModel {
		return true
	}
	return w.Outcome == s.Outcome && (w.Horizon == 0 || s.HorizonMonths != nil && *s.HorizonMonths == w.Horizon)
}

// choose finds the score that is asked for, the first where none is asked for; nil where there is no such score.
func choose(a *tarozi.Assessment, outcome, months string) *tarozi.Score {
	for i := range a.Scores {
		s := &a.Scores[i]
		if outcome != "" && string(s.Outcome) != outcome {
			continue
		}
		if months != "" && (s.HorizonMonths == nil || strconv.Itoa(*s.HorizonMonths) != months) {
			continue
		}
		return s
	}
	return nil
}

func firstOfEach(a *tarozi.Assessment) []*tarozi.Score {
	var list []*tarozi.Score
	for i := range a.Scores {
		if !slices.ContainsFunc(list, func(s *tarozi.Score) bool { return s.Outcome == a.Scores[i].Outcome }) {
			list = append(list, &a.Scores[i])
		}
	}
	return list
}

func monthsQuery(s *tarozi.Score) string {
	if s.HorizonMonths == nil {
		return ""
	}
	return "&" + query("months", strconv.Itoa(*s.HorizonMonths))
}

func outcomeTabs(l *words.Locale, a *tarozi.Assessment, chosen *tarozi.Score, card *model.Card, in *scoring.Inputs) []tab {
	firsts := firstOfEach(a)
	if len(firsts) < 2 {
		return nil
	}
	var tabs []tab
	for _, s := range firsts {
		tabs = append(tabs, tab{Name: l.Text("score.tab." + string(s.Outcome)), Current: s.Outcome == chosen.Outcome,
			Count: l.Text("score.short", "people", peopleIn(l, s, servedBy(card, s, in))),
			Link:  assessmentPath(a.ID) + "?" + query("outcome", string(s.Outcome))})
	}
	return tabs
}

// shown prepares one score with its pictures.
func (p *Pages) shown(v *scoreView, a *tarozi.Assessment, s *tarozi.Score, card *model.Card, in *scoring.Inputs) *shownScore {
	l, served := v.L, servedBy(card, s, in)
	open := func(c *tarozi.Contribution) string {
		to := assessmentPath(a.ID) + "/records?" + query("outcome", string(s.Outcome)) + monthsQuery(s) + "&" + query("feature", c.Feature)
		if c.With != nil {
			to += "&" + query("with", c.With.Feature)
		}
		return to
	}
	d := &shownScore{About: l.Score(s.Outcome, s.HorizonMonths), People: peopleOf(s), Band: s.Band, BandName: l.Term("band", string(s.Band)),
		Sentence: sentenceOf(l, s, served), said: sentenceFor(l, s, served),
		Percentile: l.Text("score.percentile", "people", s.Percentile), Waterfall: waterfallOf(l, s, inTenths(s, served), card, open)}
	w := d.Waterfall
	flow := []any{"baseline", w.said(l, w.Baseline), "up", w.said(l, w.raised()), "down", w.said(l, w.lowered()), "total", w.said(l, w.Total)}
	if generated(s) {
		d.Baseline = l.Text("generated.baseline", "people", words.People(s.Baseline))
		d.Lead, d.Start, d.Finding = l.Text("generated.why_lead"), l.Text("generated.row"), l.Text("generated.finding", flow...)
	} else {
		d.Baseline = l.Text("score.baseline", "people", words.People(s.Baseline))
		d.Lead, d.Start, d.Finding = l.Text("score.why_lead"), l.Text("chart.baseline"), l.Text("chart.finding", flow...)
	}
	d.Method = l.Text("score.method." + cmp.Or(s.Method, string(explain.Additive)))
	if s.Method == string(explain.Sampled) {
		d.Sampled = l.Text("score.sampled")
	}
	if s.Rescaled {
		d.Rescaled = l.Text("score.rescaled")
	}
	d.Link = assessmentPath(a.ID) + "?" + query("outcome", string(s.Outcome))
	d.Exact, d.ExactBaseline, d.ExactTotal = exact(l, s)
	if s.ObservedRange != nil {
		d.HasRange, d.Observed = s.SimilarRange() != nil, l.Observed(s)
	}
	for i := range a.Scores {
		if other := &a.Scores[i]; other.Outcome == s.Outcome {
			row := horizonOf(l, other, servedBy(card, other, in))
			row.Current = other == s
			row.Link = assessmentPath(a.ID) + "?" + query("outcome", string(other.Outcome)) + monthsQuery(other)
			d.Horizons = append(d.Horizons, row)
		}
	}
	d.Observed = cmp.Or(d.Observed, l.Text("score.no_range"))
	if served != nil {
		d.Scale = bandScaleOf(l, served, s)
		d.BandDistance = bandDistance(l, served, s)
		d.BandReason = l.Of(served.BandReason)
	} else {
		d.BandDistance = l.Text("score.no_scale")
	}
	return d
}

// generated reports whether a score's reasons start from generated rows; those of sums start from the people of the sample, as they do
// in assessments from before the method was stored.
func generated(s *tarozi.Score) bool { return s.Method != "" && s.Method != string(explain.Additive) }

func box(l *words.Locale, ref tarozi.ModelRef, card *model.Card) modelBox {
	m := modelBox{Title: ref.ID, Link: "/models/" + ref.ID, Version: ref.Version, SHA256: ref.SHA256, Validity: l.Term("validity", string(ref.Validity))}
	if card != nil {
		m.Title = l.Of(card.Title)
		for _, limit := range card.Limits {
			m.Limits = append(m.Limits, l.Of(limit))
		}
	}
	return m
}

// picture is a chart with what it shows in words, for those who do not see it.
type picture struct {
	people
	Scale *bandScale
	Label string
}

// Picture is the hundred people, described by the score's sentence.
func (d *shownScore) Picture() picture {
	return picture{people: d.People, Label: d.said}
}

// ScalePicture is the line of bands.
func (d *shownScore) ScalePicture(l *words.Locale) picture {
	return picture{Scale: d.Scale, Label: l.Text("score.band", "band", d.BandName) + ". " + d.BandDistance}
}
