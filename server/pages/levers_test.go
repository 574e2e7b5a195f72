package pages_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// A committee proposes, signs, pauses and resumes by scoring.Service; scores stop and start with it, and the pages say so.
func TestCommitteePausesAndResumes(t *testing.T) {
	s := start(t)
	first := s.actors["oversight0"]
	second := first
	second.AccountID = "second"
	decide := func(kind tarozi.LeverKind) {
		t.Helper()
		l, err := s.scores.ProposeLever(t.Context(), first, &tarozi.Lever{Kind: kind, ModelID: scoring.DefaultModel,
			Reasons: "Errors fall on one group more than on others.", LapsesAt: now.Add(90 * 24 * time.Hour)}, nil)
		must(t, err)
		if _, err := s.scores.SignLever(t.Context(), first, l.ModelID, l.ID, nil); tarozi.CodeOf(err) != tarozi.Conflict {
			t.Errorf("one member signs twice: %v", err)
		}
		_, err = s.scores.SignLever(t.Context(), second, l.ModelID, l.ID, nil)
		must(t, err)
	}
	person := s.of("officer0")[0]
	score := func() error {
		_, err := s.scores.CreateFromStored(t.Context(), s.actors["officer0"], person.History.PersonID, tarozi.Date{}, person.Purpose, scoring.DefaultModel, nil)
		if tarozi.CodeOf(err) == tarozi.NotScorable {
			return nil
		}
		return err
	}
	must(t, score())
	decide(tarozi.LeverPause)
	if err := score(); tarozi.CodeOf(err) != tarozi.Conflict || !strings.Contains(err.Error(), "paused") {
		t.Errorf("a paused model: %v", err)
	}
	if _, err := s.scores.ProposeLever(t.Context(), s.actors["officer0"], &tarozi.Lever{Kind: tarozi.LeverResume, ModelID: scoring.DefaultModel}, nil); tarozi.CodeOf(err) != tarozi.Forbidden {
		t.Errorf("an officer proposes: %v", err)
	}
	officer := s.signedIn("officer0").speaking("en")
	form := s.at(person.History.PersonID) + "/assess?purpose=supervision"
	officer.get(form).is(http.StatusConflict).has("the model is paused", "Errors fall on one group more than on others.").lacks(`action="/people/`)
	decide(tarozi.LeverResume)
	must(t, score())
	officer.get(form).is(http.StatusOK)
}
