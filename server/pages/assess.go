package pages

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
)

type assessView struct {
	view
	Action, Token      string
	Purpose            tarozi.Purpose
	Model, ModelName   string
	ModelOther         string // link to the choice of a model; empty where there is one alone
	PurposeName        string
	Other              string // link to the form for the other purpose
	PersonName, Person string // empty for somebody new
	Groups             []group
	Faults             []fault
	Doubts             []fault // answers that contradict each other, asked about once
	Doubted            string  // names of the doubted answers that were asked about
	Notice             string
	Known, Asked       int
	KnownText          string
}

// fault is one line of the error summary; the link is empty where no field is at fault.
type fault struct{ Link, Text string }

type purposeView struct {
	view
	Heading            string
	PersonName, Person string
	Notice             string
	Choices            []choice
}

type choice struct{ Link, Name, Hint string }

// formID is what the buttons outside the form belong to.
const formID = "assessment"

// assessForm asks first what the assessment is for, then for what the model reads.
func (p *Pages) assessForm(c *gin.Context) {
	p.formPage(c, nil, nil)
}

// purpose is what the address or the form says, for a new person nothing at first.
func purposeOf(c *gin.Context) (tarozi.Purpose, bool) {
	purpose := tarozi.Purpose(cmp.Or(c.PostForm("purpose"), c.Query("purpose")))
	return purpose, slices.Contains(tarozi.Purposes, purpose)
}

// formPage shows the form: fresh, or as it was typed, with what the service refused.
func (p *Pages) formPage(c *gin.Context, typed *form, faults []fault) {
	if err := asker(c).Allow(tarozi.Assess); err != nil {
		p.Fail(c, err)
		return
	}
	id := c.Param("person")
	if id != "" { // the form shows what is known
		if err := p.Scoring.Look(c.Request.Context(), asker(c), tarozi.Assess, "form", id); err != nil {
			p.Fail(c, err)
			return
		}
	}
	name, err := p.assessed(c, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	purpose, chosen := purposeOf(c)
	path := "/assess"
	if id != "" {
		path = here(c) + "/assess"
	}
	if !chosen {
		v := purposeView{view: p.view(c, "assess.title"), PersonName: name, Heading: p.locale(c).Text("assess.which")}
		v.Nav = "caseload"
		if id != "" {
			v.Person = here(c)
		}
		for _, one := range tarozi.Purposes {
			link := path + "?" + query("purpose", string(one))
			if model := c.Query("model"); model != "" {
				link += "&" + query("model", model)
			}
			v.Choices = append(v.Choices, choice{Link: link,
				Name: v.L.Text("assess.purpose." + string(one)), Hint: v.L.Text("assess.purpose." + string(one) + "_hint")})
		}
		p.show(c, http.StatusOK, "purpose", v)
		return
	}
	m, models, err := p.modelOf(c)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if m == nil {
		p.chooseModel(c, path, name, purpose, models)
		return
	}
	if p.paused(c, m.ModelID, m.Card) {
		return
	}
	status := http.StatusOK
	v := assessView{view: p.view(c, "assess.title"), Action: path, Token: cmp.Or(c.PostForm("token"), p.NewID()), Purpose: purpose,
		PersonName: name, PurposeName: p.locale(c).Text("assess.purpose." + string(purpose))}
	v.Nav, v.Form = "caseload", formID
	v.Model, v.ModelName, v.Notice = m.ModelID, v.L.Of(m.Card.Title), v.L.Notice(m.Ref())
	if len(models) > 1 {
		v.ModelOther = path + "?" + query("purpose", string(purpose))
	}
	if id != "" {
		v.Person = here(c)
	}
	for _, one := range tarozi.Purposes {
		if one != purpose {
			v.Other = path + "?" + query("purpose", string(one)) + "&" + query("model", m.ModelID)
		}
	}
	f := typed
	if f == nil {
		if f, err = p.formOf(c, m.Card, purpose); err != nil {
			p.Fail(c, err)
			return
		}
	}
	v.Groups, v.Faults = f.groups, faults
	v.Doubts, v.Doubted = f.doubts, cmp.Or(strings.Join(f.doubted, " "), c.PostForm("doubted"))
	f.each(func(one *field) {
		if one.Error != "" {
			v.Faults = append(v.Faults, fault{"#" + one.Anchor(), one.Label + ": " + one.Error})
		}
		if one.feature != nil {
			v.Asked++
			if one.Prefilled {
				v.Known++
			}
		}
	})
	if v.Known > 0 {
		v.KnownText = v.L.Plural("assess.known", v.Known, "asked", v.Asked)
	}
	if len(v.Doubts) > 0 {
		status = http.StatusUnprocessableEntity
	}
	if len(v.Faults) > 0 {
		status = http.StatusUnprocessableEntity
		v.Title = v.L.Text("assess.title_faults")
	}
	p.show(c, status, "assess", v)
}

// assessed is the name of the person of the address, or the id where none is stored; empty for somebody new.
func (p *Pages) assessed(c *gin.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	if !asker(c).May(tarozi.ReadIdentities) { // then only the records say whose the person is
		_, err := p.Scoring.History(c.Request.Context(), asker(c), id)
		return id, err
	}
	name, err := p.name(c, id)
	return cmp.Or(name, id), err
}

// modelOf is the model that the address or the form names, or the one in use where there is one alone; nil where one is still to be
// chosen among several.
func (p *Pages) modelOf(c *gin.Context) (*scoring.Deployed, []scoring.Deployed, error) {
	models, err := p.Scoring.InUse(c.Request.Context(), asker(c))
	if err != nil {
		return nil, nil, err
	}
	named := cmp.Or(c.PostForm("model"), c.Query("model"))
	if named == "" && len(models) == 1 {
		return &models[0], models, nil
	}
	for i := range models {
		if models[i].ModelID == named {
			return &models[i], models, nil
		}
	}
	return nil, models, nil
}

// chooseModel asks by which of the models in use to assess. Which one scores where a request names none is said; none is chosen.
func (p *Pages) chooseModel(c *gin.Context, path, name string, purpose tarozi.Purpose, models []scoring.Deployed) {
	v := purposeView{view: p.view(c, "assess.title"), PersonName: name, Heading: p.locale(c).Text("choose_model.heading")}
	v.Nav = "caseload"
	if id := c.Param("person"); id != "" {
		v.Person = here(c)
	}
	if len(models) == 0 {
		v.Heading, v.Notice = v.L.Text("choose_model.none"), v.L.Text("choose_model.none_lead")
	}
	for i := range models {
		m := &models[i]
		hint := v.L.Of(m.Card.IntendedUse)
		if i == 0 {
			hint = v.L.Text("choose_model.default") + " " + hint
		}
		v.Choices = append(v.Choices, choice{Link: path + "?" + query("purpose", string(purpose)) + "&" + query("model", m.ModelID),
			Name: v.L.Of(m.Card.Title), Hint: hint + " " + v.L.Text("notice."+string(m.Ref().Validity))})
	}
	p.show(c, http.StatusOK, "purpose", v)
}

func (p *Pages) formOf(c *gin.Context, card *model.Card, purpose tarozi.Purpose) (*form, error) {
	var history *tarozi.CaseHistory
	if id := c.Param("person"); id != "" {
		var err error
		if history, err = p.Scoring.History(c.Request.Context(), asker(c), id); err != nil {
			return nil, err
		}
	}
	return p.newForm(p.locale(c), card, purpose, history)
}

// assess reads the form, has it scored and leads to the score; a form with faults comes back as it was typed.
func (p *Pages) assess(c *gin.Context) {
	if err := asker(c).Allow(tarozi.Assess); err != nil { // before anything about the form is said
		p.Fail(c, err)
		return
	}
	purpose, chosen := purposeOf(c)
	if err := c.Request.ParseForm(); err != nil || !chosen {
		p.Fail(c, tarozi.Errorf(tarozi.Malformed, "the form cannot be read"))
		return
	}
	switched := p.keepLanguage(c, c.PostForm("switch"))
	m, _, err := p.modelOf(c)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if m == nil {
		p.formPage(c, nil, nil)
		return
	}
	f, err := p.formOf(c, m.Card, purpose)
	if err != nil {
		p.Fail(c, err)
		return
	}
	f.fill(c.Request.PostForm)
	if switched {
		p.formPage(c, f, nil)
		return
	}
	who, ctx, l := asker(c), c.Request.Context(), p.locale(c)
	id := c.Param("person")
	if f.isNew {
		id = cmp.Or(f.field(fieldRegister).Value, p.NewID())
		if _, err := p.Scoring.History(ctx, who, id); err == nil {
			f.field(fieldRegister).Error = l.Text("assess.fault.register_taken")
		} else if tarozi.CodeOf(err) != tarozi.NotFound {
			p.Fail(c, err)
			return
		}
	}
	history, faces, ok, err := p.read(l, f, m.Card, who, id)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if !ok {
		p.formPage(c, f, nil)
		return
	}
	if f.doubts, f.doubted = doubts(l, f, history.Born(), p.today()); !asked(c.PostForm("doubted"), f.doubted) {
		p.formPage(c, f, nil)
		return
	}
	f.doubts = nil
	a, err := p.Scoring.Create(ctx, who, &tarozi.Request{History: *history, Purpose: purpose, Model: m.ModelID}, once(c))
	if tarozi.CodeOf(err) == tarozi.Conflict && p.paused(c, m.ModelID, m.Card) {
		return
	}
	if err != nil {
		faults, mine := p.place(c, err, f, faces)
		if !mine {
			p.Fail(c, err)
			return
		}
		p.formPage(c, f, faults)
		return
	}
	if name := f.field(fieldName); name != nil && name.Value != "" {
		if _, err := p.Scoring.PutIdentities(ctx, who, []tarozi.Identity{{PersonID: a.PersonID, Name: name.Value}}, false); err != nil {
			p.Fail(c, err)
			return
		}
	}
	c.Redirect(http.StatusSeeOther, assessmentPath(a.ID))
}

// once makes a form that is sent twice give one assessment: the same form with the same content has the same key.
func once(c *gin.Context) *scoring.Idempotency {
	sum := sha256.Sum256([]byte(c.Request.URL.Path + "?" + c.Request.PostForm.Encode()))
	digest := hex.EncodeToString(sum[:])
	return &scoring.Idempotency{Key: "form-" + digest[:32], RequestSHA256: digest}
}

// place puts what the service refused beside its fields; mine is false for what no change to the form can mend.
func (p *Pages) place(c *gin.Context, err error, f *form, faces map[string]*field) (faults []fault, mine bool) {
	var refused *tarozi.Error
	if !errors.As(err, &refused) {
		return nil, false
	}
	switch refused.Code {
	case tarozi.Malformed, tarozi.NotScorable:
	case tarozi.NotFound, tarozi.Conflict:
		if register := f.field(fieldRegister); register != nil && register.Value != "" {
			register.Error = p.locale(c).Text("assess.fault.register_other")
			return nil, true
		}
		return nil, false
	default:
		return nil, false
	}
	l := p.locale(c)
	for _, one := range refused.Fields {
		if face := faces[one.Pointer]; face != nil {
			face.Error = l.Text("assess.fault.refused")
			if id := "assess.refused." + one.Code; l.Has(id) {
				face.Error = l.Text(id)
			}
			continue
		}
		text := l.Text("assess.refused.other", "reason", one.Message)
		if id := "assess.refused." + one.Code; l.Has(id) {
			text = l.Text(id)
		}
		if !slices.ContainsFunc(faults, func(known fault) bool { return known.Text == text }) {
			faults = append(faults, fault{Text: text})
		}
	}
	if len(refused.Fields) == 0 {
		faults = append(faults, fault{Text: l.Text("assess.refused.other", "reason", strings.TrimSuffix(refused.Message, "."))})
	}
	return faults, true
}
