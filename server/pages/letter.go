package pages

import (
	"cmp"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
)

// letterView is the letter to the person who was scored, in the language chosen for it. It says nothing that the person would need
// an officer to explain.
type letterView struct {
	view
	In                                *words.Locale // the letter's own language, whatever the page's is
	Back                              string
	Choices                           []language
	Name, Agency, Address, Written    string
	What                              string
	Found                             []string // one sentence for each outcome scored
	NotChecked                        bool     // the model is not validated for these people
	Raises, Lowers                    []string
	View, Decided, Signed, Until, Ask string
	Answered                          string // within how many days an objection is answered
	Unused                            string // what the number does not rest on
	Changeable                        []string
}

// Of each direction, how many reasons a letter gives, and how small they may be.
const (
	letterReasons = 3
	leastReason   = 0.005 // half a person of 100
)

// letter shows the letter for the person, once the review is done.
func (p *Pages) letter(c *gin.Context) {
	ctx, who := c.Request.Context(), asker(c)
	a, err := p.Scoring.Assessment(ctx, who, c.Param("id"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	if err := p.Scoring.Look(ctx, who, tarozi.ReadAssessments, "letter", a.PersonID); err != nil {
		p.Fail(c, err)
		return
	}
	known, err := p.Scoring.Case(ctx, who, a.ID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	last := known.Last()
	if known.State != tarozi.ReviewDone || last == nil || len(a.Scores) == 0 {
		p.Fail(c, tarozi.Errorf(tarozi.Conflict, "the letter is written once a person has decided"))
		return
	}
	name, err := p.name(c, a.PersonID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v := letterView{view: p.view(c, "letter.title"), Back: assessmentPath(a.ID), Name: cmp.Or(name, a.PersonID), NotChecked: a.Model.Validity != tarozi.Validated}
	v.Nav, v.In = "caseload", v.L
	if _, offered := languageNames[c.Query("in")]; offered {
		v.In = p.words.In(c.Query("in"))
	}
	l := v.In
	for _, code := range p.words.Locales() {
		v.Choices = append(v.Choices, language{Code: code, Name: languageNames[code], Current: code == l.Code(),
			Link: assessmentPath(a.ID) + "/letter?" + query("in", code)})
	}
	agency, err := p.People.Agency(ctx, a.AgencyID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.fill(p, a, known, &agency)
	p.show(c, http.StatusOK, "letter", v)
}

// fill writes the letter about an assessment whose review is done.
func (v *letterView) fill(p *Pages, a *tarozi.Assessment, known *tarozi.ReviewCase, agency *tarozi.Agency) {
	l, last := v.In, known.Last()
	done := last.CreatedAt
	for _, s := range known.Countersignatures {
		if s.ReviewID == last.ID && s.Verdict == tarozi.CountersignApprove {
			done = s.CreatedAt
			v.Signed = l.Text("letter.signed")
		}
	}
	v.Written = l.Date(p.today())
	v.What = l.Text("letter.what."+string(a.Purpose), "date", l.Date(a.AsOf))
	for _, s := range firstOfEach(a) {
		v.Found = append(v.Found, foundText(l, s))
		if r := s.ObservedRange; r != nil && r.FitOf(s.Probability) != tarozi.FitSimilar {
			v.Found[len(v.Found)-1] += " " + l.Text("letter.check."+string(r.FitOf(s.Probability)))
		}
	}
	v.View, v.Unused = l.Text("letter.decided.view_first"), l.Text("letter.unused.text")
	if last.PriorView == nil {
		v.View = l.Text("letter.decided.urgent")
	}
	first := &a.Scores[0]
	for i := range first.Contributions {
		c := &first.Contributions[i]
		if c.Changeable && c.Points > 0 && len(v.Changeable) < letterReasons && c.With == nil {
			v.Changeable = append(v.Changeable, l.Feature(c.Feature))
		}
		if c.Remedy != "" {
			v.Unused = l.Text("letter.unused.text_corrected", "correction", l.Group(c.Remedy+"="+c.Value.Text()))
			continue
		}
		switch {
		case c.With != nil: // pairs need explaining; each factor of one has a row of its own
		case c.Points >= leastReason && len(v.Raises) < letterReasons:
			v.Raises = append(v.Raises, l.Factor(*c))
		case c.Points <= -leastReason && len(v.Lowers) < letterReasons:
			v.Lowers = append(v.Lowers, l.Factor(*c))
		}
	}
	v.Decided = l.Text("letter.decided."+string(last.Decision), "band", l.Term("band", string(last.Band)), "score", l.Term("band", string(last.ScoreBand)))
	v.Until = l.Text("letter.until", "date", l.Date(agency.ObjectBy(tarozi.DateOf(done.In(p.Zone)))))
	v.Answered = l.Plural("letter.answered", cmp.Or(agency.AnswerDays, tarozi.DefaultAnswerDays))
	v.Agency, v.Address = agency.Name, agency.Address
	v.Ask = l.Text("letter.whom", "agency", v.Agency)
}

// foundText says a score to the person: of how many of 100 people the program expects it, and of how many it does not.
func foundText(l *words.Locale, s *tarozi.Score) string {
	n := words.People(s.Probability)
	id, args := "letter.found."+string(s.Outcome), []any{"rest", l.Number(float64(100-n), 0)}
	if s.HorizonMonths == nil {
		return l.Plural(id, n, args...)
	}
	return l.Plural(id+"_within", n, append(args, "within", l.Plural("within", *s.HorizonMonths))...)
}
