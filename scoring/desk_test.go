package scoring_test

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// desk is a service on an empty database, with a clock that tests move and people of two agencies.
type desk struct {
	*testing.T
	*scoring.Service
	db                                             *store.DB
	now                                            time.Time
	officer, colleague, supervisor, second, system tarozi.Actor
	blind, stranger                                tarozi.Actor
	counted                                        int64 // audit entries up to this one are counted in entries
	entries                                        int
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	bundles, err := model.Shipped()
	must(t, err)
	models, err := scoring.NewModels(bundles)
	must(t, err)
	zone, err := time.LoadLocation("Asia/Tashkent")
	must(t, err)
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), store.Options{})
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	d := &desk{T: t, db: db, now: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)}
	ids := 0
	d.Service = &scoring.Service{Store: db, Registry: db, Random: rand.Reader, Assessor: scoring.Assessor{
		Models: models, Zone: zone, Now: func() time.Time { return d.now },
		NewID: func() string { ids++; return fmt.Sprintf("id-%04d", ids) },
	}}
	must(t, d.Demonstrate(t.Context(), scoring.DemoFilled))
	must(t, d.InstallShipped(t.Context(), bundles))
	d.agency(tarozi.Agency{ID: "north", Name: "North"})
	d.agency(tarozi.Agency{ID: "south", Name: "South"})
	as := func(account, agency string, role tarozi.Role) tarozi.Actor {
		return tarozi.Actor{AccountID: account, AgencyID: agency, Role: role, Actions: tarozi.ActionsOf(role)}
	}
	d.officer, d.colleague = as("officer", "north", tarozi.Officer), as("colleague", "north", tarozi.Officer)
	d.supervisor, d.second = as("supervisor", "north", tarozi.Supervisor), as("second", "north", tarozi.Supervisor)
	d.system, d.stranger = as("system", "north", tarozi.CaseSystem), as("stranger", "south", tarozi.Supervisor)
	d.blind = d.system
	d.blind.Actions = slices.DeleteFunc(slices.Clone(d.system.Actions), func(a tarozi.Action) bool { return a == tarozi.ReadUnreviewed })
	return d
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) agency(a tarozi.Agency) {
	d.Helper()
	w, err := d.Administer(a.ID, "agency.put", a.ID)
	must(d.T, err)
	must(d.T, d.db.PutAgency(d.Context(), w, a))
}

func (d *desk) wants(what string, err error, code tarozi.Code) {
	d.Helper()
	if got := tarozi.CodeOf(err); got != code {
		d.Errorf("%s: error %v has code %q, want %q", what, err, got, code)
	}
}

// assess makes an assessment of a made-up person on parole.
func (d *desk) assess() *tarozi.Assessment {
	d.Helper()
	var h tarozi.CaseHistory
	must(d.T, tarozi.Decode([]byte(`{"person_id": "p-1", "agency_id": "north", "birth_date": "1993-02-11",
		"sentences": [{"imposed_on": "2024-03-01", "type": "parole", "offence": "property", "severity": "medium", "custody_days": 800, "released_on": "2026-06-01"}],
		"supervision": [{"from": "2026-06-01", "kind": "parole", "level": "high"}],
		"facts": [{"feature": "prior_arrests_felony", "value": 4, "as_of": "2026-06-01", "status": "verified"}]}`), &h))
	a, err := d.Create(d.Context(), d.officer, &tarozi.Request{History: h}, nil)
	must(d.T, err)
	return a
}

func (d *desk) read(id string) *tarozi.Assessment {
	d.Helper()
	a, err := d.Assessment(d.Context(), d.officer, id)
	must(d.T, err)
	return a
}

// seen lists who sees the score.
func (d *desk) seen(id string) string {
	d.Helper()
	a, names := d.read(id), []string(nil)
	for _, who := range []tarozi.Actor{d.officer, d.colleague, d.supervisor, d.system} {
		shown, err := d.MayShow(d.Context(), who, a)
		must(d.T, err)
		if shown {
			names = append(names, who.AccountID)
		}
	}
	shown, err := d.MayShow(d.Context(), d.blind, a)
	must(d.T, err)
	if shown {
		names = append(names, "blind")
	}
	return strings.Join(names, " ")
}

func (d *desk) wantSeen(what, id, want string) {
	d.Helper()
	if got := d.seen(id); got != want {
		d.Errorf("%s: the score is seen by %q, want %q", what, got, want)
	}
}

func (d *desk) wantState(what, id string, want tarozi.ReviewState) {
	d.Helper()
	if got := d.read(id).ReviewState; got != want {
		d.Errorf("%s: the state is %q, want %q", what, got, want)
	}
}

func view() *tarozi.PriorView {
	return &tarozi.PriorView{Band: tarozi.Low, Reasons: []tarozi.ReasonCode{"conduct"}}
}

const reason = "He has lost his work and his home since then."

// otherBand is a band that is not the score's, with the override that leads to it.
func otherBand(a *tarozi.Assessment) *tarozi.Review {
	r := &tarozi.Review{Decision: tarozi.OverrideUp, Band: tarozi.High, ReasonCode: "recent_change", Reason: reason}
	if a.Scores[0].Band == tarozi.High {
		r.Decision, r.Band = tarozi.OverrideDown, tarozi.Low
	}
	return r
}

func (d *desk) view(who tarozi.Actor, id string) {
	d.Helper()
	_, err := d.LockView(d.Context(), who, id, view(), nil)
	must(d.T, err)
}
