package pages

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/features"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
)

type modelsView struct {
	view
	Models []modelBox
}

func (p *Pages) models(c *gin.Context) {
	if err := asker(c).Allow(tarozi.ReadModels); err != nil {
		p.Fail(c, err)
		return
	}
	v := modelsView{view: p.view(c, "models.title")}
	v.Nav = "models"
	list, err := p.Scoring.Known(c.Request.Context(), asker(c))
	if err != nil {
		p.Fail(c, err)
		return
	}
	for i := range list {
		v.Models = append(v.Models, deployedBox(v.L, &list[i]))
	}
	p.show(c, http.StatusOK, "models", v)
}

// deployedBox is a bundle with where it stands for the reader's agency.
func deployedBox(l *words.Locale, d *scoring.Deployed) modelBox {
	m := box(l, d.Ref(), d.Card)
	m.State = l.Term("model_state", string(d.State))
	return m
}

type modelView struct {
	view
	Box                          modelBox
	Notice                       string
	Oversight                    []string // what a committee has decided
	Valid                        bool
	Created, Use                 string
	Excluded                     []string
	Population, Data, Period     string
	Rows, DataSHA256, CodeSHA256 string
	Software                     []fact
	Explained                    []string // how its scores are explained
	Scores                       []cardScore
	StandIns                     []cardStandIn
	Remedies                     []string
	Inputs                       []cardInput
}

// cardScore is what the card says of one served score.
type cardScore struct {
	Name, Landmark, Reason string
	Figures                []fact
	Bands                  []cardBand
	Groups                 []cardGroup
	Curve                  *curve // of the score that was asked for, the first if none was
	Link                   string // where the curve of this score is
}

type cardBand struct {
	Band                     tarozi.Band
	Name, Range, N, Observed string
	Between                  string // 95 % Wilson interval of what was observed
}

type cardGroup struct {
	Name, N, OE, FPR, FNR, AUC string
	Off                        bool // observed over expected is off by more than a tenth
}

type cardInput struct {
	Name, Range, Missing string
	Changeable           bool
}

func (p *Pages) model(c *gin.Context) {
	if err := asker(c).Allow(tarozi.ReadModels); err != nil {
		p.Fail(c, err)
		return
	}
	d, err := p.Scoring.KnownByID(c.Request.Context(), asker(c), c.Param("model"))
	if err != nil {
		p.Fail(c, err)
		return
	}
	card, ref := d.Card, d.Ref()
	v := modelView{view: p.view(c, "model.title")}
	v.Nav = "models"
	l := v.L
	v.Box, v.Notice, v.Valid = deployedBox(l, d), l.Notice(ref), ref.Validity == tarozi.Validated
	levers, err := p.Committee.Levers(c.Request.Context(), asker(c), d.Card.ID)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.Oversight = p.inForce(l, &levers, card)
	v.Explained = explainedBy(l, d.Model)
	v.Created, v.Use, v.Population = l.Date(card.CreatedOn), l.Of(card.IntendedUse), l.Of(card.Training.Population)
	for _, use := range card.ExcludedUses {
		v.Excluded = append(v.Excluded, l.Of(use))
	}
	v.Data, v.Period, v.Rows = card.Training.Data, card.Training.Period, l.Number(float64(card.Training.Rows), 0)
	v.DataSHA256, v.CodeSHA256 = card.Training.SHA256, card.Training.CodeSHA256
	for name, version := range card.Training.Software {
		v.Software = append(v.Software, fact{name, version})
	}
	slices.SortFunc(v.Software, func(a, b fact) int { return strings.Compare(a.Name, b.Name) })
	chosen, err := strconv.Atoi(c.DefaultQuery("score", "0"))
	if err != nil || chosen < 0 || chosen >= len(card.Scores) {
		chosen = 0
	}
	for i := range card.Scores {
		shown := cardScoreOf(l, &card.Scores[i])
		if i == chosen {
			shown.Curve = reliability(l, &card.Scores[i])
		} else {
			shown.Link = v.Box.Link + "?score=" + strconv.Itoa(i) + "#curve"
		}
		v.Scores = append(v.Scores, shown)
	}
	v.StandIns, v.Remedies = standInsOf(l, card), remediesOf(l, card)
	for _, input := range card.Inputs {
		v.Inputs = append(v.Inputs, inputOf(l, input))
	}
	p.show(c, http.StatusOK, "model", v)
}

// explainedBy says how the scores of a model are explained, and what with.
func explainedBy(l *words.Locale, m *scoring.Model) []string {
	var said []string
	for _, method := range m.Methods() {
		if text := l.Text("score.method." + string(method)); !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	if b := m.Card.Background; b != nil {
		said = append(said, l.Text("generated.rows", "rows", l.Number(float64(b.Rows), 0), "how", l.Of(b.Generated)))
	}
	return said
}

func cardScoreOf(l *words.Locale, s *model.ScoreCard) cardScore {
	shown := cardScore{Name: l.Score(s.Outcome, s.HorizonMonths), Reason: l.Of(s.BandReason), Landmark: l.Text("model.landmark.start")}
	if s.LandmarkMonths > 0 {
		shown.Landmark = l.Plural("model.landmark.later", s.LandmarkMonths)
	}
	for _, figure := range []struct {
		key      string
		decimals int
	}{{"n", 0}, {"auc", 3}, {"brier", 3}, {"ece", 3}, {"slope", 2}, {"o_e", 2}} {
		if value, measured := s.Metrics[figure.key]; measured {
			shown.Figures = append(shown.Figures, fact{l.Text("model.figure." + figure.key), l.Number(value, figure.decimals)})
		}
	}
	from := 0
	for i, cut := range s.Bands {
		to := words.People(cut.Below)
		band := cardBand{Band: cut.Band, Name: l.Term("band", string(cut.Band))}
		switch i {
		case len(s.Bands) - 1:
			band.Range = l.Text("model.band_from", "from", from)
		case 0:
			band.Range = l.Text("model.band_below", "to", to)
		default:
			band.Range = l.Text("model.band_between", "from", from, "to", to)
		}
		for _, o := range s.BandObserved {
			if o.Band == cut.Band && o.N > 0 {
				band.N = l.Number(float64(o.N), 0)
				band.Observed = l.Text("score.short", "people", strconv.Itoa(words.People(float64(o.Events)/float64(o.N))))
				seen := model.ObservedBin{N: o.N, Events: o.Events}.Range()
				band.Between = between(l, seen.Low, seen.High)
			}
		}
		shown.Bands = append(shown.Bands, band)
		from = to
	}
	for _, g := range s.Groups {
		shown.Groups = append(shown.Groups, cardGroup{Name: l.Text("model.group." + g.Attribute + "." + g.Group), N: l.Number(float64(g.N), 0),
			OE: l.Number(g.OE, 2), FPR: l.Percent(g.FPR, 0), FNR: l.Percent(g.FNR, 0), AUC: l.Number(g.AUC, 2), Off: g.OE < 0.9 || g.OE > 1.1})
	}
	return shown
}

func inputOf(l *words.Locale, input model.Input) cardInput {
	feature, _ := features.Lookup(input.Feature)
	shown := cardInput{Name: l.Feature(input.Feature), Changeable: feature.Changeable, Missing: l.Text("model.missing.average")}
	switch {
	case input.Required:
		shown.Missing = l.Text("model.missing.required")
	case input.MissingAs == "no":
		shown.Missing = l.Text("model.missing.no")
	}
	switch {
	case input.Kind == string(features.KindFlag):
		shown.Range = l.Text("model.yes_no")
	case len(input.Categories) > 0:
		names := make([]string, len(input.Categories))
		for i, name := range input.Categories {
			names[i] = l.Value(input.Feature, tarozi.Category(name), "")
		}
		shown.Range = strings.Join(names, ", ")
	default:
		shown.Range = l.Number(input.Min, 0) + "–" + l.Number(input.Max, 0)
		if input.OpenAbove {
			shown.Range = l.Text("model.or_more", "range", shown.Range)
		}
	}
	return shown
}
