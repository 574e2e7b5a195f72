package storetest

import (
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

func testHistory(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)

	first := m.History("p1")
	must(t, "putting a history", s.PutHistory(ctx, m.Write("history.put", "w1"), first))
	got, err := s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading it", err)
	same(t, "history", got, first)

	second := m.History("p1")
	second.Events = append(second.Events[1:], Event("e3", Start))
	second.Supervision[0].Conditions = nil // not known is not none
	must(t, "putting another", s.PutHistory(ctx, m.Write("history.put", "w2"), second))
	got, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading the second", err)
	same(t, "second version", got, second)

	bare := &tarozi.CaseHistory{PersonID: "p2", AgencyID: "north"}
	must(t, "putting an empty one", s.PutHistory(ctx, m.Write("history.put", "w3"), bare))
	got, err = s.History(ctx, tarozi.InAgency("north"), "p2")
	must(t, "reading the empty one", err)
	same(t, "empty history", got, bare)

	clash := m.History("p1")
	clash.Events = append(clash.Events, clash.Events[0])
	clash.Events[2].Status = tarozi.Disputed
	wantCode(t, "two contents of one version", s.PutHistory(ctx, m.Write("history.put", "w4"), clash), tarozi.Conflict)
	got, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading after the clash", err)
	same(t, "history after the clash", got, second)

	same(t, "number of audit entries", len(Entries(t, s)), 4) // the agency and three histories
}

func testHistoryScope(t *testing.T, s Store) {
	ctx, north, south := t.Context(), NewMaker("north", "n"), NewMaker("south", "s")
	north.AddAgency(t, s)
	south.AddAgency(t, s)
	must(t, "putting a history", s.PutHistory(ctx, north.Write("history.put", "w1"), north.History("p1")))

	_, err := s.History(ctx, tarozi.InAgency("south"), "p1")
	wantCode(t, "reading another agency's history", err, tarozi.NotFound)
	_, err = s.History(ctx, tarozi.InAgency("north"), "p9")
	wantCode(t, "reading nobody's history", err, tarozi.NotFound)
	wantCode(t, "taking another agency's person", s.PutHistory(ctx, south.Write("history.put", "w2"), south.History("p1")), tarozi.NotFound)
	wantCode(t, "writing as another agency", s.PutHistory(ctx, south.Write("history.put", "w3"), north.History("p1")), tarozi.NotFound)
	err = s.AddEvents(ctx, south.Write("events.added", "w4"), "p1", []tarozi.Event{Event("e9", Start)})
	wantCode(t, "adding to another agency's history", err, tarozi.NotFound)

	got, err := s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading one's own", err)
	same(t, "history", got, north.History("p1"))
	same(t, "number of audit entries", len(Entries(t, s)), 3)
}

func testEvents(t *testing.T, s Store) {
	ctx, m := t.Context(), NewMaker("north", "n")
	m.AddAgency(t, s)
	history := m.History("p1")
	must(t, "putting a history", s.PutHistory(ctx, m.Write("history.put", "w1"), history))

	added := []tarozi.Event{Event("e4", Start), Event("e3", Start.Add(-time.Hour))}
	must(t, "adding events", s.AddEvents(ctx, m.Write("events.added", "w2"), "p1", added))
	history.Events = append(history.Events, added...)
	got, err := s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading", err)
	same(t, "history with events", got, history)

	entries := len(Entries(t, s))
	resent := history.Events[0]
	resent.At, resent.ReceivedAt = resent.At.UTC(), resent.ReceivedAt.UTC() // the same instants, written otherwise
	must(t, "sending again what is there", s.AddEvents(ctx, m.Write("events.added", "w3"), "p1", []tarozi.Event{resent, added[1]}))
	same(t, "audit entries after a resend", len(Entries(t, s)), entries)

	changed := added[0]
	changed.Status = tarozi.Disputed
	fresh := Event("e5", Start)
	err = s.AddEvents(ctx, m.Write("events.added", "w4"), "p1", []tarozi.Event{fresh, changed})
	wantCode(t, "another content under the same received_at", err, tarozi.Conflict)
	got, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading after the clash", err)
	same(t, "nothing of the refused events", got, history)

	changed.ReceivedAt = changed.ReceivedAt.Add(time.Minute)
	must(t, "a later version", s.AddEvents(ctx, m.Write("events.added", "w5"), "p1", []tarozi.Event{changed}))
	history.Events = append(history.Events, changed)
	got, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading the later version", err)
	same(t, "both versions", got, history)

	wantCode(t, "events of nobody", s.AddEvents(ctx, m.Write("events.added", "w6"), "p9", added), tarozi.NotFound)

	must(t, "putting the first history again", s.PutHistory(ctx, m.Write("history.put", "w7"), m.History("p1")))
	got, err = s.History(ctx, tarozi.InAgency("north"), "p1")
	must(t, "reading the first again", err)
	same(t, "a put replaces what was added", got, m.History("p1"))
}
