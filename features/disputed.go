package features

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tarozi/tarozi"
)

// Disputed lists the records that stood and are disputed as of the moment: stated facts, and events whose current version is disputed
// after an earlier one was verified. An event that was never verified is none of them. Facts come first by their place, then events by
// id. The moment must have a zone.
func Disputed(h *tarozi.CaseHistory, m Moment) []tarozi.Evidence {
	var list []tarozi.Evidence
	r := &reading{h: h, asOf: m.AsOf, asOfDay: dayNumber(m.AsOf), zone: m.Zone}
	for i := range h.Facts {
		f := &h.Facts[i]
		if f.Status == tarozi.Disputed && r.ago(f.AsOf) >= 0 && (f.ReceivedAt.IsZero() || r.agoOf(f.ReceivedAt) >= 0) {
			list = append(list, pointer("facts", i))
		}
	}
	if !slices.ContainsFunc(h.Events, func(e tarozi.Event) bool { return e.Status == tarozi.Disputed }) {
		return list // nearly always
	}
	verified, current := r.onceVerified(), map[string]*tarozi.Event{}
	for i := range h.Events {
		e := &h.Events[i]
		if known := current[e.ID]; r.agoOf(e.ReceivedAt) >= 0 && (known == nil || e.ReceivedAt.After(known.ReceivedAt)) {
			current[e.ID] = e
		}
	}
	var ids []tarozi.Evidence
	for id, e := range current {
		if e.Status == tarozi.Disputed && r.agoOf(e.At) >= 0 && verified[version{id, e.Type}] {
			ids = append(ids, tarozi.Evidence(id))
		}
	}
	slices.Sort(ids)
	return append(list, ids...)
}

// Standing is the history as it would be if the records, as Disputed names them, still stood. The history that came is left as it is.
func Standing(h *tarozi.CaseHistory, records []tarozi.Evidence) *tarozi.CaseHistory {
	own := *h
	own.Facts, own.Events = slices.Clone(h.Facts), slices.Clone(h.Events)
	for _, record := range records {
		if place, ok := strings.CutPrefix(string(record), "#/facts/"); ok {
			if i, err := strconv.Atoi(place); err == nil && i >= 0 && i < len(own.Facts) {
				own.Facts[i].Status = tarozi.Verified
			}
			continue
		}
		for i := range own.Events {
			if e := &own.Events[i]; e.ID == string(record) && e.Status == tarozi.Disputed {
				e.Status = tarozi.Verified
			}
		}
	}
	return &own
}
