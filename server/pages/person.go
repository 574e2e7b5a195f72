package pages

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
)

// shownRecords is how much of a long record a page shows at first.
const shownRecords = 60

// Of a person's assessments the newest are listed; among more of them the latest by each model is looked for.
const (
	shownScores = 20
	readScores  = 100
)

type personView struct {
	view
	ID, Name   string // the name is the id where none is stored
	Link       string // to this page
	Now        []fact
	Latest     []latestView // by each model, the newest first
	Due        []personDue
	Scores     []scoreLine
	Trend      *trend
	Disputed   []record      // records whose register says that they are disputed
	Disputes   []disputeView // recorded here, waiting for a decision
	Years      []yearOfRecord
	More       string // link to the whole record; empty where it is shown
	MoreCount  string
	CanAssess  bool
	Release    bool // a release is planned: that is the assessment to offer first
	Supervised bool
	File       string // link to the person's whole file; empty where the reader may not give it out
}

// fact is a name with a value.
type fact struct{ Name, Value string }

// personDue is why a model should assess the person anew, and since when.
type personDue struct {
	By  scoredBy
	Why []fact
}

// latestView is what a person's page says of the newest assessment by one model.
type latestView struct {
	Link, AsOf, State string
	Sentence          string // empty where the reader may not see the score yet
	Expired           string // said where nobody reviewed it in time; else empty
	By                scoredBy
	Band              tarozi.Band
	BandName          string
	NewEvents         string
}

// scoreLine is one assessment in a list.
type scoreLine struct {
	Link, AsOf, Purpose, About, Short, State string
	By                                       scoredBy
	Band                                     tarozi.Band
	BandName                                 string
}

// record is one entry of the record.
type record struct {
	Anchor, Date, What, Detail, Source string
	Status                             tarozi.Status
	StatusName                         string
	Disputed                           bool
	Ignored                            string   // why it does not count; empty where it does
	Stated                             []record // facts of one day and source, shown together
	at                                 time.Time
}

type yearOfRecord struct {
	Year    string
	Records []record
}

func assessmentPath(id string) string { return "/assessments/" + url.PathEscape(id) }

func (p *Pages) person(c *gin.Context) { p.personPage(c, nil) }

// personPage is a person's page, with a decision about a dispute that was refused, nil otherwise.
func (p *Pages) personPage(c *gin.Context, refused *step) {
	ctx, who, id := c.Request.Context(), asker(c), c.Param("person")
	if err := p.Scoring.Look(ctx, who, tarozi.ReadPeople, "person", id); err != nil {
		p.Fail(c, err)
		return
	}
	history, err := p.Scoring.History(ctx, who, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	name, err := p.name(c, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := personView{view: p.view(c, "person.title"), ID: id, Link: here(c), Name: cmp.Or(name, id), CanAssess: who.May(tarozi.Assess)}
	v.Nav = "caseload"
	if who.May(tarozi.ReadSubject) {
		v.File = here(c) + "/file"
	}
	v.Now = p.now(v.L, history)
	v.Supervised = len(current(history, p.today())) > 0
	_, v.Release = plannedRelease(history, p.today())
	if who.May(tarozi.ReadAssessments) {
		list, err := p.Scoring.AssessmentsOf(ctx, who, id, scoring.Page{Limit: readScores})
		if err != nil {
			p.Fail(c, err)
			return
		}
		if err := p.assessments(c, &v, list, history); err != nil {
			p.Fail(c, err)
			return
		}
		due, err := p.Scoring.DueOf(ctx, who, id)
		if err != nil {
			p.Fail(c, err)
			return
		}
		for _, d := range due {
			by, err := p.scoredBy(c, v.L, d.Model)
			if err != nil {
				p.Fail(c, err)
				return
			}
			v.Due = append(v.Due, personDue{By: by, Why: p.why(v.L, d.Reasons)})
		}
	}
	records := p.records(v.L, history)
	if v.Disputes, err = p.disputes(c, v.L, history, refused); err != nil {
		p.Fail(c, err)
		return
	}
	for _, r := range records {
		here := slices.ContainsFunc(v.Disputes, func(d disputeView) bool { return d.Anchor == r.Anchor })
		if r.Disputed && !here {
			v.Disputed = append(v.Disputed, r)
		}
	}
	if len(records) > shownRecords && c.Query("record") != "all" {
		v.More, v.MoreCount = here(c)+"?record=all#record", v.L.Plural("person.more", len(records))
		records = records[:shownRecords]
	}
	v.Years = byYear(records)
	status := http.StatusOK
	if refused != nil {
		status = http.StatusUnprocessableEntity
	}
	p.show(c, status, "person", v)
}

// now says how things stand today.
func (p *Pages) now(l *words.Locale, h *tarozi.CaseHistory) []fact {
	today := p.today()
	var facts []fact
	switch {
	case h.BirthYear != 0:
		facts = append(facts, fact{l.Text("person.birth_year"), strconv.Itoa(h.BirthYear)})
	case !h.BirthDate.IsZero():
		facts = append(facts, fact{l.Text("person.born"), l.Text("person.born_value", "date", l.Date(h.BirthDate),
			"age", l.Plural("unit.years", h.BirthDate.YearsUntil(today)))})
	}
	for _, s := range current(h, today) {
		value := l.Text("person.since", "kind", l.Term("supervision_kind", string(s.Kind)), "date", l.Date(s.From))
		if s.Level != "" {
			value += " · " + l.Text("person.level", "level", l.Term("level", string(s.Level)))
		}
		facts = append(facts, fact{l.Text("person.supervision"), value})
		if s.Conditions != nil {
			facts = append(facts, fact{l.Text("person.conditions"), conditions(l, s.Conditions)})
		}
	}
	if day, planned := plannedRelease(h, today); planned {
		facts = append(facts, fact{l.Text("person.release_planned"), l.Date(day)})
	}
	if len(h.Sentences) > 0 {
		s := slices.MaxFunc(h.Sentences, func(a, b tarozi.Sentence) int { return a.ImposedOn.Compare(b.ImposedOn) })
		facts = append(facts, fact{l.Text("person.sentence"), l.Text("person.imposed", "kind", sentence(l, s), "date", l.Date(s.ImposedOn))})
	}
	return facts
}

func conditions(l *words.Locale, list []tarozi.Condition) string {
	if len(list) == 0 {
		return l.Text("person.no_conditions")
	}
	names := make([]string, len(list))
	for i, condition := range list {
		names[i] = l.Term("condition", string(condition))
	}
	return strings.Join(names, ", ")
}

func sentence(l *words.Locale, s tarozi.Sentence) string {
	said := l.Term("sentence_type", string(s.Type))
	if s.Offence != "" {
		said += " · " + l.Term("offence", string(s.Offence))
	}
	if s.Article != "" {
		said += " · " + l.Text("person.article", "article", s.Article)
	}
	return said
}

// current lists the supervision that lasts on the day.
func current(h *tarozi.CaseHistory, day tarozi.Date) []tarozi.Supervision {
	var list []tarozi.Supervision
	for _, s := range h.Supervision {
		if !s.From.After(day) && (s.To.IsZero() || !s.To.Before(day)) {
			list = append(list, s)
		}
	}
	return list
}

// plannedRelease is the latest release planned for the day or later.
func plannedRelease(h *tarozi.CaseHistory, day tarozi.Date) (tarozi.Date, bool) {
	var latest tarozi.Date
	for _, s := range h.Sentences {
		if s.ReleasedOn.IsZero() && !s.ReleasePlannedOn.Before(day) && s.ReleasePlannedOn.After(latest) {
			latest = s.ReleasePlannedOn
		}
	}
	return latest, !latest.IsZero()
}

// assessments fills in the newest assessment by each model, the list and the line of scores. What the reader may not see yet has no
// numbers.
func (p *Pages) assessments(c *gin.Context, v *personView, list []tarozi.Assessment, h *tarozi.CaseHistory) error {
	states := make(map[string]tarozi.ReviewState, len(list))
	for i := range list {
		states[list[i].ID] = list[i].ReviewState
	}
	shown, err := p.Scoring.Shown(c.Request.Context(), asker(c), states)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range list {
		a := &list[i]
		newest := !known[a.Model.ID]
		known[a.Model.ID] = true
		if !newest && i >= shownScores {
			continue
		}
		line := scoreLine{Link: assessmentPath(a.ID), AsOf: v.L.Date(a.AsOf), Purpose: v.L.Term("purpose", string(a.Purpose)),
			State: v.L.Term("review_state", string(a.ReviewState))}
		if line.By, err = p.scoredBy(c, v.L, a.Model); err != nil {
			return err
		}
		latest := latestView{Link: line.Link, AsOf: line.AsOf, By: line.By}
		if a.ReviewState == tarozi.ReviewExpired {
			latest.Expired = v.L.Text("review.expired")
		}
		if shown[a.ID] && len(a.Scores) > 0 {
			s := a.Scores[0]
			line.About = v.L.Score(s.Outcome, s.HorizonMonths)
			line.Short = v.L.Text("score.short", "people", strconv.Itoa(words.People(s.Probability)))
			line.Band, line.BandName = s.Band, v.L.Term("band", string(s.Band))
			line.State += otherwise(v.L, a.DecidedBand, s.Band)
			latest.Sentence, latest.Band, latest.BandName = v.L.Sentence(s), line.Band, line.BandName
			if n := receivedAfter(h, a.CreatedAt); n > 0 {
				latest.NewEvents = v.L.Plural("person.new_events", n)
			}
		}
		if latest.State = line.State; newest {
			v.Latest = append(v.Latest, latest)
		}
		v.Scores = append(v.Scores, line)
	}
	v.Trend = trendOf(v.L, shown, list[:min(len(list), shownScores)], nil, "")
	return nil
}

func receivedAfter(h *tarozi.CaseHistory, t time.Time) int {
	n := 0
	for i := range h.Events {
		if h.Events[i].ReceivedAt.After(t) {
			n++
		}
	}
	return n
}
