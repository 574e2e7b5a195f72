package storetest

import (
	"errors"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// lever is a decision of the maker's agency that has the first of two signatures.
func (m *Maker) lever(kind tarozi.LeverKind) (*tarozi.Lever, tarozi.LeverSignature) {
	at := m.Tick()
	l := &tarozi.Lever{ID: m.ID(), AgencyID: m.Agency, Kind: kind, ModelID: "model", ModelVersion: "1", ModelSHA256: "sum",
		Reasons: "errors fall on one group", From: at, LapsesAt: at.AddDate(0, 3, 0), ProposedBy: "first", ProposedAt: at, Needed: 2}
	return l, tarozi.LeverSignature{ID: m.ID(), LeverID: l.ID, By: "first", At: at}
}

func (m *Maker) addLever(t *testing.T, s Store, kind tarozi.LeverKind) *tarozi.Lever {
	t.Helper()
	l, first := m.lever(kind)
	_, err := s.AddLever(t.Context(), m.Write("lever.proposed", l.ID), l, first)
	must(t, "adding a decision", err)
	return l
}

func (m *Maker) sign(t *testing.T, s Store, leverID, by string) (*tarozi.Lever, error) {
	w := m.Write("lever.signed", m.ID())
	return s.SignLever(t.Context(), w, leverID, func(*tarozi.Lever) (*tarozi.LeverSignature, scoring.AuditEntry, error) {
		return &tarozi.LeverSignature{ID: w.Audit.SubjectID, LeverID: leverID, By: by, At: w.At}, w.Audit, nil
	})
}

func testLevers(t *testing.T, s Store) {
	nation, region, other := NewMaker("nation", "n"), NewMaker("region", "r"), NewMaker("other", "o")
	nation.AddAgency(t, s)
	other.AddAgency(t, s)
	must(t, "adding a region", s.PutAgency(t.Context(), region.Write("agency.put", "region"), tarozi.Agency{ID: "region", ParentID: "nation", Name: "Region"}))
	l := nation.addLever(t, s, tarozi.LeverPause)
	later := l.ProposedAt.Add(time.Hour)
	paused := func(agency string, at time.Time) bool {
		t.Helper()
		got, err := s.Levers(t.Context(), agency, "model", "sum", at)
		must(t, "reading the levers", err)
		return got.Paused != nil
	}
	if paused("nation", later) {
		t.Error("one signature of two pauses")
	}
	if _, err := nation.sign(t, s, l.ID, "first"); tarozi.CodeOf(err) != tarozi.Conflict {
		t.Errorf("one member signs twice: %v", err)
	}
	if _, err := other.sign(t, s, l.ID, "x"); tarozi.CodeOf(err) != tarozi.NotFound {
		t.Errorf("another agency's committee signs: %v", err)
	}
	signed, err := nation.sign(t, s, l.ID, "second")
	must(t, "signing", err)
	if len(signed.Signatures) != 2 || signed.Signatures[1].By != "second" {
		t.Errorf("signatures: %+v", signed.Signatures)
	}
	read, err := s.Lever(t.Context(), "nation", l.ID)
	must(t, "reading a decision", err)
	same(t, "the decision read back", read, signed)
	if !paused("nation", later) || !paused("region", later) || paused("other", later) || paused("nation", l.LapsesAt) {
		t.Error("a pause holds in its agency and below it until it lapses, and nowhere else")
	}
	if _, err := s.Levers(t.Context(), "nowhere", "model", "sum", later); tarozi.CodeOf(err) != tarozi.NotFound {
		t.Errorf("an agency that is not there: %v", err)
	}
	before := len(Entries(t, s))
	refused := errors.New("refused")
	_, err = s.SignLever(t.Context(), nation.Write("lever.signed", "x"), l.ID, func(*tarozi.Lever) (*tarozi.LeverSignature, scoring.AuditEntry, error) {
		return nil, scoring.AuditEntry{}, refused
	})
	if !errors.Is(err, refused) && tarozi.CodeOf(err) != tarozi.Internal {
		t.Errorf("a refused signature: %v", err)
	}
	p := &scoring.Pause{Mark: scoring.MarkDrift, Since: later}
	for range 2 {
		must(t, "noting a pause", s.NotePause(t.Context(), region.Write("lever.paused_by_itself", "model"), "model", p))
	}
	if n := len(Entries(t, s)) - before; n != 1 {
		t.Errorf("%d audit entries of a pause that was noted twice and a signature that was refused, want 1", n)
	}
}
