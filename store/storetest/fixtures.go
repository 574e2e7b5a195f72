package storetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
)

// Start is the moment at which the suites' clocks begin.
var Start = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)

// Maker makes ids and records that are the same in every run. It is for one goroutine.
type Maker struct {
	Agency string
	prefix string
	count  int
	now    time.Time
}

// NewMaker makes records of the agency; two makers with different prefixes never make the same id.
func NewMaker(agency, prefix string) *Maker {
	return &Maker{Agency: agency, prefix: prefix, now: Start}
}

// ID is a new id.
func (m *Maker) ID() string {
	m.count++
	return fmt.Sprintf("%s-%06d", m.prefix, m.count)
}

// Tick moves the maker's clock by a second and reads it.
func (m *Maker) Tick() time.Time {
	m.now = m.now.Add(time.Second)
	return m.now
}

// Write is a change by an account of the maker's agency, about the record with the id subject.
func (m *Maker) Write(action, subject string) scoring.Write {
	at := m.Tick()
	salt := sha256.Sum256([]byte("salt of " + subject))
	sum := sha256.Sum256(append(salt[:], subject...))
	return scoring.Write{
		Actor: tarozi.Actor{AccountID: "account-of-" + m.Agency, AgencyID: m.Agency, Role: tarozi.CaseSystem,
			Actions: tarozi.ActionsOf(tarozi.CaseSystem)},
		Scope: tarozi.InAgency(m.Agency), At: at,
		Audit: scoring.AuditEntry{ID: m.ID(), At: at.Format(time.RFC3339Nano), AgencyID: m.Agency, AccountID: "account-of-" + m.Agency,
			Action: action, SubjectID: subject, SHA256: hex.EncodeToString(sum[:]), Salt: salt[:]},
	}
}

// Once is w with an idempotency key for a request.
func Once(w scoring.Write, key, request string) scoring.Write {
	sum := sha256.Sum256([]byte(request))
	w.Idempotency = &scoring.Idempotency{Key: key, RequestSHA256: hex.EncodeToString(sum[:])}
	return w
}

// History is a small history with two events, written in two time zones.
func (m *Maker) History(personID string) *tarozi.CaseHistory {
	days, tashkent := 400, time.FixedZone("", 5*60*60)
	return &tarozi.CaseHistory{
		PersonID: personID, AgencyID: m.Agency, BirthDate: tarozi.Date{Year: 1990, Month: time.February, Day: 28},
		Sentences: []tarozi.Sentence{{ImposedOn: tarozi.Date{Year: 2024, Month: time.May, Day: 6}, Type: tarozi.SentenceCustody,
			Offence: tarozi.OffenceProperty, CustodyDays: &days, Provenance: tarozi.Provenance{Source: "court"}}},
		Supervision: []tarozi.Supervision{{From: tarozi.Date{Year: 2025, Month: time.June, Day: 10}, Kind: tarozi.SupervisionParole,
			Conditions: []tarozi.Condition{}}},
		Facts: []tarozi.Fact{{Feature: "prior_arrests", Value: tarozi.Number(3), AsOf: tarozi.Date{Year: 2025, Month: time.June, Day: 10},
			Status: tarozi.Verified}},
		Events: []tarozi.Event{
			Event("e1", Start.Add(-48*time.Hour).In(tashkent)),
			Event("e2", Start.Add(-24*time.Hour)),
		},
	}
}

// Event is a verified contact that was received an hour after it took place.
func Event(id string, at time.Time) tarozi.Event {
	return tarozi.Event{ID: id, Type: tarozi.EventContact, At: at, ReceivedAt: at.Add(time.Hour), Status: tarozi.Verified,
		Attendance: tarozi.Attended, Provenance: tarozi.Provenance{Source: "register", SourceID: "r-" + id}}
}

// Record is an assessment with one score and about size bytes of input.
func (m *Maker) Record(personID string, size int) *scoring.Record {
	horizon := 12
	id := m.ID()
	input := fmt.Appendf(nil, `{"person_id":%q,"padding":"%0*d"}`, personID, size, 0)
	sum := sha256.Sum256(input)
	return &scoring.Record{
		Assessment: tarozi.Assessment{
			ID: id, PersonID: personID, AgencyID: m.Agency, AsOf: tarozi.Date{Year: 2026, Month: time.November, Day: 24},
			CreatedAt: m.Tick(), Purpose: tarozi.PurposeSupervision,
			Model: tarozi.ModelRef{ID: "georgia-parole", Version: "1", SHA256: hex.EncodeToString(sum[:]), Validity: tarozi.Demonstration},
			Scores: []tarozi.Score{{Outcome: tarozi.Recidivism, HorizonMonths: &horizon, Probability: 0.3125, LogOdds: -0.788,
				Baseline: 0.25, BaselineLogOdds: -1.098, Band: tarozi.Medium, Percentile: 61,
				Contributions: []tarozi.Contribution{{Feature: "prior_arrests", Value: tarozi.Number(3), LogOdds: 0.31, Points: 0.0625,
					Direction: tarozi.Raises, Evidence: []tarozi.Evidence{"e1"}}}}},
			Missing:     []tarozi.Missing{{Feature: "drug_tests", Reason: tarozi.NoRecord, CountedAs: "unknown"}},
			Warnings:    []tarozi.Warning{},
			InputSHA256: hex.EncodeToString(sum[:]), Catalogue: "1",
		},
		Input:  input,
		Inputs: []byte(`{"values":[]}`),
	}
}

// Next makes a step of a review by the account of the write, whatever came before, and the list of changes calls it what.
func (m *Maker) Next(w scoring.Write, assessmentID string, kind scoring.StepKind, document any, to tarozi.ReviewState, what string) func([]scoring.Step) (*scoring.NewStep, error) {
	return func([]scoring.Step) (*scoring.NewStep, error) {
		text, err := json.Marshal(document)
		if err != nil {
			return nil, err
		}
		var band tarozi.Band
		if r, ok := document.(*tarozi.Review); ok && to == tarozi.ReviewDone {
			band = r.Band
		}
		return &scoring.NewStep{State: to, Band: band, What: what, Audit: w.Audit, Step: scoring.Step{ID: w.Audit.SubjectID, AssessmentID: assessmentID,
			Kind: kind, AccountID: w.Actor.AccountID, At: w.At, Document: text}}, nil
	}
}

// Review is a decision to agree with an assessment.
func (m *Maker) Review(assessmentID string) *tarozi.Review {
	return &tarozi.Review{ID: m.ID(), AssessmentID: assessmentID, Reviewer: "account-of-" + m.Agency, Decision: tarozi.Agree,
		ScoreBand: tarozi.Medium, Band: tarozi.Medium, CreatedAt: m.Tick()}
}

// AddReview stores a decision that ends the review of an assessment.
func (m *Maker) AddReview(ctx context.Context, s scoring.Store, r *tarozi.Review) error {
	w := m.Write("review.decision", r.ID)
	_, err := s.AddStep(ctx, w, r.AssessmentID, r.ID, m.Next(w, r.AssessmentID, scoring.StepDecision, r, tarozi.ReviewDone, "reviewed"))
	return err
}

// AddAgency stores the maker's agency under no other.
func (m *Maker) AddAgency(t testing.TB, s Store) {
	t.Helper()
	err := s.PutAgency(t.Context(), m.Write("agency.put", m.Agency), tarozi.Agency{ID: m.Agency, Name: "Agency " + m.Agency})
	if err != nil {
		t.Fatalf("storing agency %s: %v", m.Agency, err)
	}
}

// Entries reads the whole audit queue.
func Entries(t testing.TB, s Store) []scoring.AuditEntry {
	t.Helper()
	var all []scoring.AuditEntry
	for after := int64(0); ; {
		queued, err := s.AuditQueue(t.Context(), after, 500)
		if err != nil {
			t.Fatalf("reading the audit queue: %v", err)
		}
		if len(queued) == 0 {
			return all
		}
		for _, q := range queued {
			var entry scoring.AuditEntry
			if err := json.Unmarshal(q.Entry, &entry); err != nil {
				t.Fatalf("audit entry %d is not JSON: %v", q.Seq, err)
			}
			entry.Salt = q.Salt
			all = append(all, entry)
			if q.Seq <= after {
				t.Fatalf("audit entry %d comes after %d", q.Seq, after)
			}
			after = q.Seq
		}
	}
}
