package scoring_test

import (
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// A bundle is put to use only as the rules say, in a running service at once, and a shadow is kept from those who decide.
func TestLifeOfAModel(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	known, err := d.Known(ctx, d.officer)
	must(t, err)
	sums := map[string]string{}
	for _, k := range known {
		sums[k.ModelID] = k.Deployment.SHA256
	}
	parole, monitoring := sums["georgia-parole"], sums["monitoring-demo"]
	for name, err := range map[string]error{
		"live without a signature":  d.Move(ctx, "north", parole, tarozi.ModelLive),
		"pilot without a signature": d.Move(ctx, "north", parole, tarozi.ModelPilot),
		"a state that is none":      d.Move(ctx, "", parole, "famous"),
	} {
		d.wants(name, err, tarozi.Forbidden)
	}
	d.wants("live for everybody", d.Move(ctx, "", parole, tarozi.ModelLive), tarozi.Malformed)
	must(t, d.Move(ctx, "", monitoring, tarozi.ModelShadow))
	a := d.assess()
	if a.Model.ID != "georgia-parole" || a.Model.Validity != tarozi.Demonstration {
		t.Errorf("assessed by %+v", a.Model)
	}
	_, err = d.Shadows(ctx, d.officer, a.ID)
	d.wants("an officer asks for shadows", err, tarozi.Forbidden)
	scientist := tarozi.Actor{AccountID: "scientist", AgencyID: "north", Role: tarozi.DataScientist, Actions: tarozi.ActionsOf(tarozi.DataScientist)}
	shadows, err := d.Shadows(ctx, scientist, a.ID)
	must(t, err)
	if len(shadows) != 1 || shadows[0].Model.ID != "monitoring-demo" || (shadows[0].Refused == "") == (len(shadows[0].Scores) == 0) {
		t.Errorf("shadows %+v", shadows)
	}
	_, err = d.CreateFromStored(ctx, d.officer, a.PersonID, tarozi.Date{}, "", "monitoring-demo", nil)
	d.wants("a shadow is asked to assess", err, tarozi.NotFound)
	must(t, d.Move(ctx, "", parole, tarozi.ModelRetired))
	_, err = d.CreateFromStored(ctx, d.officer, a.PersonID, tarozi.Date{}, "", "", nil)
	d.wants("nothing is in use", err, tarozi.Unavailable)
	replay, err := d.Rebuild(ctx, d.officer, a.ID)
	if err != nil || !replay.Same {
		t.Errorf("the assessment of a retired model: %+v (%v)", replay, err)
	}
	must(t, d.Move(ctx, "north", parole, tarozi.ModelDemonstration)) // the agency's own line holds before the one for all
	if _, err = d.CreateFromStored(ctx, d.officer, a.PersonID, tarozi.Date{}, "", "", nil); err != nil {
		t.Errorf("put to use again: %v", err)
	}
	south, err := d.Serving(ctx, "south")
	if err != nil || len(south.InUse) != 0 {
		t.Errorf("south is served by %v (%v)", south, err)
	}
	must(t, d.unmark())
	d.wants("a demonstration among real people", d.Move(ctx, "south", parole, tarozi.ModelDemonstration), tarozi.Forbidden)
}

// unmark takes the mark of made-up people off the desk's database.
func (d *desk) unmark() error {
	w, err := d.Administer("north", "mark.removed", "")
	if err != nil {
		return err
	}
	return d.db.SetMark(d.Context(), w, scoring.MarkDemonstration, "")
}
