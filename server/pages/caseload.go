package pages

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

const caseloadPage = 50

type caseloadView struct {
	view
	Search     string
	Tabs       []tab
	Heading    string
	Rows       []caseRow
	Key        modelKey
	Next       string         // link to the next page; empty on the last
	Objections []dueObjection // that wait for an answer
	Waiting    []fact         // decisions that wait for the reader's signature: what, and where
	Empty      string         // what to say where there is nobody; empty where there is
	CanAdd     bool
}

// tab is one of several lists of the same things.
type tab struct {
	Name, Link, Count string
	Current           bool
}

type caseRow struct {
	Name, ID, Link, Assess string
	NoName                 bool
	Latest                 []caseScore // by each model, the newest first; empty where there is none
	NewEvents              string      // in words; empty where there are none
}

// caseScore is the latest assessment of a person by one model.
type caseScore struct {
	Link, AsOf, State string
	Expired           bool
	Model             string // its letter; empty where the list has one model
	model             int    // its place in the key
	About             string // what the first score is about
	Score             string // of the first score; empty where the reader may not see it yet
	Band              tarozi.Band
	BandName          string
}

// scoredBy names the model behind a score, and says where the score is no more than a demonstration.
type scoredBy struct{ Model, Demonstration string }

// scoredBy looks the name up in the card of the very bundle.
func (p *Pages) scoredBy(c *gin.Context, l *words.Locale, ref tarozi.ModelRef) (scoredBy, error) {
	card, err := p.Scoring.Card(c.Request.Context(), ref.SHA256)
	if err != nil {
		return scoredBy{}, err
	}
	by := scoredBy{Model: box(l, ref, card).Title}
	if ref.Validity == tarozi.Demonstration {
		by.Demonstration = l.Term("validity", string(ref.Validity))
	}
	return by, nil
}

var filters = []struct {
	filter store.CaseloadFilter
	sort   store.CaseloadSort
	id     string
}{
	{store.NeedsReview, store.ByNewEvents, "caseload.tab.review"},
	{store.NeverAssessed, store.ByNewEvents, "caseload.tab.never"},
	{store.CaseloadAll, store.ByName, "caseload.tab.all"},
}

// caseload shows who needs the officer first: a list for each reason, the first one that holds anybody being opened.
func (p *Pages) caseload(c *gin.Context) {
	ctx, who := c.Request.Context(), asker(c)
	if err := who.Allow(tarozi.ReadPeople); err != nil {
		p.Fail(c, err)
		return
	}
	search, sealed, err := p.searched(c)
	if err == nil {
		err = p.Scoring.LookOver(ctx, who, tarozi.ReadPeople, "caseload")
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	shown := store.CaseloadFilter(c.Query("show"))
	if shown == "" && search != "" {
		shown = store.CaseloadAll
	}
	v := caseloadView{view: p.view(c, "caseload.title"), Search: search, CanAdd: who.May(tarozi.Assess)}
	v.Nav = "caseload"
	var chosen store.CaseloadQuery
	var total int
	for i, f := range filters {
		q := store.CaseloadQuery{Search: search, Filter: f.filter, Sort: f.sort, Page: scoring.Page{Limit: 1}}
		q, found, err := p.find(c, q)
		if err != nil {
			p.Fail(c, err)
			return
		}
		link := "/caseload?" + query("show", string(f.filter))
		if search != "" {
			link += "&" + query("search", sealed)
		}
		open := shown == f.filter || (shown == "" && (found.Total > 0 || i == len(filters)-1))
		if open {
			shown, chosen, total = f.filter, q, found.Total
			v.Heading = v.L.Plural("caseload.heading."+string(f.filter), total)
		}
		v.Tabs = append(v.Tabs, tab{Name: v.L.Text(f.id), Link: link, Count: v.L.Number(float64(found.Total), 0), Current: open})
	}
	v.Tabs = append(v.Tabs, tab{Name: v.L.Text("due.title"), Link: "/due"})
	if who.May(tarozi.RestrictPeople) {
		v.Tabs = append(v.Tabs, tab{Name: v.L.Text("restricted.title"), Link: "/restricted"})
	}
	if chosen.Filter == "" {
		p.Fail(c, errNotFound)
		return
	}
	if who.May(tarozi.Decide) && c.Query("after") == "" && search == "" {
		if v.Objections, err = p.unanswered(c, v.L); err != nil {
			p.Fail(c, err)
			return
		}
	}
	if who.May(tarozi.CountersignOther) && c.Query("after") == "" && search == "" {
		if v.Waiting, err = p.waiting(c, v.L); err != nil {
			p.Fail(c, err)
			return
		}
	}
	chosen.Page = scoring.Page{Limit: caseloadPage, Cursor: c.Query("after")}
	list, err := p.People.Caseload(ctx, who.Scope(tarozi.ReadPeople), chosen)
	if err != nil {
		p.Fail(c, err)
		return
	}
	states := map[string]tarozi.ReviewState{}
	for i := range list.Rows {
		for _, a := range latestOf(&list.Rows[i]) {
			a.ReviewState = p.Scoring.StateOf(a.ReviewState, a.CreatedAt)
			states[a.ID] = a.ReviewState
		}
	}
	seen, err := p.Scoring.Shown(ctx, who, states)
	if err != nil {
		p.Fail(c, err)
		return
	}
	names := p.modelNames(v.L)
	for i := range list.Rows {
		row, err := p.caseloadRow(c, v.L, &list.Rows[i], seen, names)
		if err != nil {
			p.Fail(c, err)
			return
		}
		v.Rows = append(v.Rows, row)
	}
	v.Key = names.lettered()
	for i := range v.Rows {
		for j := range v.Rows[i].Latest {
			line := &v.Rows[i].Latest[j]
			line.Model = names.said(line.model)
		}
	}
	if list.Next != "" {
		v.Next = "/caseload?" + query("show", string(chosen.Filter)) + "&" + query("after", list.Next)
		if search != "" {
			v.Next += "&" + query("search", sealed)
		}
	}
	switch {
	case total > 0:
	case search != "":
		v.Empty = v.L.Text("caseload.empty.search", "search", search)
	default:
		v.Empty = v.L.Text("caseload.empty." + string(chosen.Filter))
	}
	p.show(c, http.StatusOK, "caseload", v)
}

// longestSearch is in bytes; the store looks for no longer one.
const longestSearch = 200

// findPeople leads to the list of those whom the form looks for: names stand in a form's body, never in an address.
func (p *Pages) findPeople(c *gin.Context) {
	who := asker(c)
	if !who.May(tarozi.ReadPeople) {
		p.Fail(c, tarozi.Errorf(tarozi.Forbidden, "your account may not see people"))
		return
	}
	search := strings.TrimSpace(c.PostForm("q"))
	if search == "" {
		c.Redirect(http.StatusSeeOther, "/caseload")
		return
	}
	if len(search) > longestSearch {
		search = strings.ToValidUTF8(search[:longestSearch], "")
	}
	sealed, err := p.People.SealSearch(who.AccountID, search)
	if err != nil {
		p.Fail(c, err)
		return
	}
	c.Redirect(http.StatusSeeOther, "/caseload?"+query("search", sealed))
}

// searched is what the address's list looks for, opened and as it stands there; empty for everybody.
func (p *Pages) searched(c *gin.Context) (search, sealed string, err error) {
	if sealed = c.Query("search"); sealed != "" {
		search, err = p.People.OpenSearch(asker(c).AccountID, sealed)
	}
	return search, sealed, err
}

// dueObjection is an objection that waits for its answer.
type dueObjection struct {
	Person, Link, Due string
	Overdue           bool
}

// unanswered lists the objections that wait for an answer, the first due first.
func (p *Pages) unanswered(c *gin.Context, l *words.Locale) ([]dueObjection, error) {
	list, err := p.Scoring.Unanswered(c.Request.Context(), asker(c))
	if err != nil {
		return nil, err
	}
	found := make([]dueObjection, len(list))
	for i, u := range list {
		name, err := p.name(c, u.PersonID)
		if err != nil {
			return nil, err
		}
		found[i] = dueObjection{Person: cmp.Or(name, u.PersonID), Link: assessmentPath(u.AssessmentID) + "#review"}
		if due := u.Challenge.AnswerDue; !due.IsZero() {
			found[i].Due, found[i].Overdue = p.answerDue(l, due), p.today().After(due)
		}
	}
	return found, nil
}

// waiting lists the decisions of others that wait for the reader's signature, the longest first.
func (p *Pages) waiting(c *gin.Context, l *words.Locale) ([]fact, error) {
	list, err := p.Scoring.Waiting(c.Request.Context(), asker(c))
	if err != nil {
		return nil, err
	}
	var found []fact
	for _, w := range list {
		if w.Review.Reviewer == asker(c).AccountID {
			continue
		}
		name, err := p.name(c, w.PersonID)
		if err != nil {
			return nil, err
		}
		found = append(found, fact{l.Text("review.waiting_line", "person", cmp.Or(name, w.PersonID), "time", l.Time(w.Review.CreatedAt, p.Zone)),
			assessmentPath(w.Review.AssessmentID) + "#review"})
	}
	return found, nil
}

// find looks for people as asked; a name that nobody bears in one script is looked for in the other.
func (p *Pages) find(c *gin.Context, q store.CaseloadQuery) (store.CaseloadQuery, *store.Caseload, error) {
	found, err := p.People.Caseload(c.Request.Context(), asker(c).Scope(tarozi.ReadPeople), q)
	if err != nil || found.Total > 0 || q.Search == "" {
		return q, found, err
	}
	other := q
	if other.Search = words.OtherScript(q.Search); other.Search == q.Search {
		return q, found, nil
	}
	again, err := p.People.Caseload(c.Request.Context(), asker(c).Scope(tarozi.ReadPeople), other)
	if err != nil || again.Total == 0 {
		return q, found, err
	}
	return other, again, nil
}

// otherwise says what was decided, where that is another band than the score's.
func otherwise(l *words.Locale, decided, score tarozi.Band) string {
	if decided == "" || decided == score {
		return ""
	}
	return " · " + l.Text("review.decided_band", "band", l.Term("band", string(decided)))
}

// latestOf are the latest assessments by each model, the newest first.
func latestOf(row *store.CaseloadRow) []*store.LatestAssessment {
	if row.Latest == nil {
		return nil
	}
	list := []*store.LatestAssessment{row.Latest}
	for i := range row.Others {
		list = append(list, &row.Others[i])
	}
	return list
}

// caseloadRow is a person with the latest score by each model, where the reader may see it already.
func (p *Pages) caseloadRow(c *gin.Context, l *words.Locale, row *store.CaseloadRow, seen map[string]bool, names *modelNames) (caseRow, error) {
	shown := caseRow{Name: row.Name, ID: row.PersonID, Link: peoplePath + row.PageKey, Assess: peoplePath + row.PageKey + "/assess"}
	if shown.Name == "" {
		shown.Name, shown.NoName = row.PersonID, true
	}
	if row.Restricted {
		shown.Name += " · " + l.Text("caseload.restricted")
	}
	if row.NewEvents > 0 {
		shown.NewEvents = l.Plural("caseload.new_events", row.NewEvents)
	}
	for _, a := range latestOf(row) {
		line := caseScore{Link: assessmentPath(a.ID), Expired: a.ReviewState == tarozi.ReviewExpired, AsOf: l.Date(a.AsOf), State: l.Term("review_state", string(a.ReviewState))}
		var err error
		if line.model, err = names.of(c, a.Model); err != nil {
			return shown, err
		}
		if len(a.Scores) > 0 && seen[a.ID] {
			s := a.Scores[0]
			line.Band, line.BandName = s.Band, l.Term("band", string(s.Band))
			line.About = l.Score(s.Outcome, s.HorizonMonths)
			line.Score = l.Text("score.short", "people", strconv.Itoa(words.People(s.Probability)))
			line.State += otherwise(l, a.DecidedBand, s.Band)
		}
		shown.Latest = append(shown.Latest, line)
	}
	return shown, nil
}
