package pages

import (
	"cmp"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/server/web"
)

// subjectView is a person's whole file in the language chosen for it, whatever the page's is.
type subjectView struct {
	view
	In            *words.Locale
	Back          string
	JSON          string // link to the same file for machines
	Choices       []language
	Name, Made    string
	Who, Now      []fact
	Years         []yearOfRecord
	Disputes      []fact
	Assessments   []subjectAssessment
	Outcomes      []fact
	ProtectedKept string // names of the attributes; empty: none
	Traces        []trace
}

type subjectAssessment struct {
	Title, State string
	Found        []subjectScore
	Decided      []string
	Objections   []fact
	Model        string
}

type subjectScore struct {
	Sentence string
	Reasons  []string
}

// trace is a line of who looked and who decided.
type trace struct{ When, What, Who string }

// subject shows a person's whole file, or gives it as JSON.
func (p *Pages) subject(c *gin.Context) {
	id := c.Param("person")
	file, err := p.Scoring.SubjectFile(c.Request.Context(), asker(c), id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if c.Query("as") == "json" {
		text, err := tarozi.Canonical(file)
		if err != nil {
			p.Fail(c, err)
			return
		}
		c.Header("Content-Disposition", `attachment; filename="file.json"`)
		c.Data(http.StatusOK, "application/json", text)
		return
	}
	v := subjectView{view: p.view(c, "subject.title"), Back: here(c)}
	v.Nav, v.In = "caseload", v.L
	if _, offered := languageNames[c.Query("in")]; offered {
		v.In = p.words.In(c.Query("in"))
	}
	v.JSON = here(c) + "/file?as=json"
	for _, code := range p.words.Locales() {
		v.Choices = append(v.Choices, language{Code: code, Name: languageNames[code], Current: code == v.In.Code(),
			Link: here(c) + "/file?" + query("in", code)})
	}
	v.fill(p, file)
	p.show(c, http.StatusOK, "subject", v)
}

// WriteSubject writes a person's whole file as an HTML document of its own, in one of the service's languages.
func WriteSubject(out io.Writer, file *scoring.SubjectFile, lang string, zone *time.Location) error {
	locales, err := web.Locales()
	if err != nil {
		return err
	}
	catalogue, err := words.Load(locales)
	if err != nil {
		return err
	}
	if _, known := languageNames[lang]; !known {
		return fmt.Errorf("there is no language %q: give one of %s", lang, strings.Join(catalogue.Locales(), ", "))
	}
	document, err := template.New("subject-file.html").ParseFS(web.Files, "templates/subject-file.html", "templates/parts.html", "templates/subject.html")
	if err != nil {
		return fmt.Errorf("reading the template of a person's file: %w", err)
	}
	p := &Pages{Deps: Deps{Zone: zone, Now: func() time.Time { return file.MadeAt }}, words: catalogue}
	v := subjectView{In: catalogue.In(lang)}
	v.L = v.In
	v.fill(p, file)
	return document.Execute(out, v)
}

func (v *subjectView) fill(p *Pages, f *scoring.SubjectFile) {
	l := v.In
	v.Name, v.Made = f.PersonID, l.Time(f.MadeAt, p.Zone)
	v.Who = []fact{{l.Text("person.id"), f.PersonID}}
	if f.Identity != nil {
		v.Name = f.Identity.Name
		v.Who = append(v.Who, fact{l.Text("subject.name"), f.Identity.Name})
		if f.Identity.Contact != "" {
			v.Who = append(v.Who, fact{l.Text("subject.contact"), f.Identity.Contact})
		}
	}
	if f.History != nil {
		v.Now = p.now(l, f.History)
		v.Years = byYear(p.records(l, f.History))
	}
	for _, d := range f.Disputes {
		v.Disputes = append(v.Disputes, fact{l.Date(tarozi.DateOf(d.CreatedAt.In(p.Zone))), l.Term("status", string(d.Status()))})
	}
	names := map[string]string{}
	for _, t := range f.Traces {
		who := l.Text("subject.service")
		if t.Name != "" {
			who = t.Name + " · " + l.Term("role", string(t.Role))
			names[t.AccountID] = t.Name
		}
		if t.Agency != "" {
			who += " · " + t.Agency
		}
		v.Traces = append(v.Traces, trace{l.Time(t.At, p.Zone), auditAction(l, t.Action), who})
	}
	for i := range f.Assessments {
		v.Assessments = append(v.Assessments, assessmentText(l, p.Zone, &f.Assessments[i], names))
	}
	for _, o := range f.Outcomes {
		said := l.Text("subject.not_observed")
		if o.Observed {
			said = l.Text("subject.observed", "date", l.Date(o.ObservedOn))
		}
		v.Outcomes = append(v.Outcomes, fact{l.Score(o.Kind, nil) + ", " + l.Date(o.FollowedFrom) + " – " + l.Date(o.FollowedUntil), said})
	}
	var kept []string
	for _, name := range f.ProtectedKept {
		kept = append(kept, l.Text("subject.attribute."+name))
	}
	v.ProtectedKept = strings.Join(kept, ", ")
}

func assessmentText(l *words.Locale, zone *time.Location, s *scoring.SubjectAssessment, names map[string]string) subjectAssessment {
	a := &s.Assessment
	day := func(t time.Time) string { return l.Date(tarozi.DateOf(t.In(zone))) }
	name := func(account string) string { return cmp.Or(names[account], account) }
	text := subjectAssessment{Title: l.Date(a.AsOf) + " · " + l.Term("purpose", string(a.Purpose)), State: l.Term("review_state", string(a.ReviewState)),
		Model: l.Text("subject.model", "model", a.Model.ID, "version", a.Model.Version)}
	for _, score := range a.Scores {
		said := subjectScore{Sentence: l.Sentence(score)}
		steps := words.StepsOf(&score, false)
		for i := range score.Contributions {
			said.Reasons = append(said.Reasons, steps.Effect(l, &score.Contributions[i]))
		}
		text.Found = append(text.Found, said)
	}
	for _, r := range s.Review.Reviews {
		line := l.Text("subject.decided", "date", day(r.CreatedAt), "who", name(r.Reviewer), "band", l.Term("band", string(r.Band)))
		if r.Reason != "" {
			line += " “" + r.Reason + "”"
		}
		if r.CountersignedBy != "" {
			line += " " + l.Text("subject.countersigned", "who", name(r.CountersignedBy))
		}
		text.Decided = append(text.Decided, line)
	}
	for _, o := range s.Review.Challenges {
		answer := l.Text("subject.unanswered")
		if o.Answer != nil {
			answer = day(o.Answer.CreatedAt) + ", " + name(o.Answer.AnsweredBy) + ": " + o.Answer.Answer
		}
		text.Objections = append(text.Objections, fact{day(o.CreatedAt) + ": " + o.Objection, answer})
	}
	return text
}
