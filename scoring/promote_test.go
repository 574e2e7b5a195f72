package scoring_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// member is one of the agency's oversight committee.
func member(account string) tarozi.Actor {
	return tarozi.Actor{AccountID: account, AgencyID: "north", Role: tarozi.Oversight, Actions: tarozi.ActionsOf(tarozi.Oversight)}
}

// proposed is the id of a decision for 30 days that one member has proposed.
func (d *desk) proposed(l tarozi.Lever) string {
	d.Helper()
	l.ModelID, l.Reasons, l.LapsesAt = "georgia-parole", "The report of the first half of the year holds.", d.now.AddDate(0, 0, 30)
	stored, err := d.ProposeLever(d.Context(), member("first"), &l, nil)
	must(d.T, err)
	return stored.ID
}

// Two members' signatures put a model to use, one does not, and without an acceptance in force nobody is scored.
func TestPromotionNeedsASignedAcceptance(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	parole, err := d.KnownByID(ctx, d.officer, "georgia-parole")
	must(t, err)
	sum := parole.Deployment.SHA256
	benchmark, err := d.KnownByID(ctx, d.officer, "georgia-activity")
	must(t, err)
	for _, to := range []tarozi.ModelState{tarozi.ModelPilot, tarozi.ModelLive, tarozi.ModelDemonstration, tarozi.ModelShadow} {
		d.wants("a benchmark as "+string(to), d.Move(ctx, "north", benchmark.Deployment.SHA256, to), tarozi.Forbidden)
	}

	id := d.proposed(tarozi.Lever{Kind: tarozi.LeverAccept, Validity: tarozi.Pilot, Population: "People on parole in the north."})
	d.wants("one signature of two", d.Move(ctx, "north", sum, tarozi.ModelPilot), tarozi.Forbidden)
	_, err = d.SignLever(ctx, member("first"), "georgia-parole", id, nil)
	if err == nil {
		t.Error("one member signed twice")
	}
	d.wants("an officer signs", func() error { _, err := d.SignLever(ctx, d.officer, "georgia-parole", id, nil); return err }(), tarozi.Forbidden)
	d.wants("after one member's two attempts", d.Move(ctx, "north", sum, tarozi.ModelPilot), tarozi.Forbidden)
	_, err = d.SignLever(ctx, member("second-member"), "georgia-parole", id, nil)
	must(t, err)
	d.wants("signed as a pilot, not as live", d.Move(ctx, "north", sum, tarozi.ModelLive), tarozi.Forbidden)
	d.wants("signed for another agency", d.Move(ctx, "south", sum, tarozi.ModelPilot), tarozi.Forbidden)
	must(t, d.Move(ctx, "north", sum, tarozi.ModelPilot))
	a := d.assess()
	if a.Model.SHA256 != sum || a.Model.Validity != tarozi.Pilot {
		t.Errorf("assessed by %+v", a.Model)
	}

	d.now = d.now.AddDate(0, 0, 30).Add(time.Second)
	_, err = d.CreateFromStored(ctx, d.officer, a.PersonID, tarozi.Date{}, "", "", nil)
	d.wants("the acceptance has lapsed", err, tarozi.Unavailable)
	d.wants("promotion after the lapse", d.Move(ctx, "north", sum, tarozi.ModelPilot), tarozi.Forbidden)
	replay, err := d.Rebuild(ctx, d.officer, a.ID)
	if err != nil || !replay.Same {
		t.Errorf("the assessment of a lapsed pilot: %+v (%v)", replay, err)
	}
}

// A remedy does nothing until two members have signed; then it is a row of its own after the model's, and replay needs no attribute.
func TestSignedRemedyScores(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	blind := d.assess()
	importer := tarozi.Actor{AccountID: "importer", AgencyID: "north", Role: tarozi.CaseSystem, Actions: []tarozi.Action{tarozi.WriteProtected}}
	_, err := d.PutProtected(ctx, importer, []tarozi.ProtectedAttributes{{PersonID: "p-1", Attributes: map[string]string{"sex": "female"}}}, false)
	must(t, err)
	id := d.proposed(tarozi.Lever{Kind: tarozi.LeverRemedyOn, Remedy: "calibration-by-sex"})
	if a := d.assess(); a.Scores[0].Probability != blind.Scores[0].Probability {
		t.Error("one signature switched the remedy on")
	}
	_, err = d.SignLever(ctx, member("second-member"), "georgia-parole", id, nil)
	must(t, err)
	a := d.assess()
	for i, s := range a.Scores {
		last := s.Contributions[len(s.Contributions)-1]
		if last.Remedy != "sex" || last.Feature != "calibration-by-sex" || s.Probability >= blind.Scores[i].Probability {
			t.Errorf("%s: %v with the last row %+v, blind %v", s.Outcome, s.Probability, last, blind.Scores[i].Probability)
		}
	}
	for _, m := range a.Missing {
		if strings.Contains(m.Feature, "sex") {
			t.Error("the attribute is among the model's inputs")
		}
	}
	_, err = d.PutProtected(ctx, importer, []tarozi.ProtectedAttributes{{PersonID: "p-1", Attributes: map[string]string{"sex": "male"}}}, false)
	must(t, err)
	replay, err := d.Rebuild(ctx, d.officer, a.ID)
	if err != nil || !replay.Same {
		t.Errorf("replay after the attribute changed: %+v (%v)", replay, err)
	}
	d.now = d.now.AddDate(0, 0, 31)
	if s := d.assess().Scores[0]; s.Contributions[len(s.Contributions)-1].Remedy != "" {
		t.Error("the remedy outlives its decision")
	}
}
