package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

func exportCommand() *cobra.Command {
	var at place
	var agency, out, keyFile string
	var pseudonymised bool
	cmd := &cobra.Command{
		Use:   "export --pseudonymised --agency ID --out FOLDER",
		Short: "Write histories, assessments, reviews and outcomes for data scientists, without names",
		Long: `Writes histories.ndjson, assessments.ndjson, shadows.ndjson, reviews.ndjson and outcomes.ndjson into a new folder. Ids are replaced by
keyed hashes; all dates of a person, the birth date too, are moved by the same number of days, so that intervals and ages stay exact.
Names, protected attributes, free texts, articles of law, sources and restricted cases are left out. docs/integration.md has the format.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !pseudonymised {
				return errors.New("an export is always pseudonymised: say so with --pseudonymised")
			}
			if _, err := os.Stat(out); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is there already, or cannot be looked at: name a new folder with --out", out)
			}
			if keyFile == "" {
				keyFile = filepath.Join(filepath.Dir(at.database), "export-key")
			}
			key, err := exportKey(keyFile)
			if err != nil {
				return err
			}
			return at.open(cmd.Context(), func(db *store.DB, s *scoring.Service) error {
				// The entry comes first: what has left the database is on record even where the export breaks off.
				w, err := s.Administer(agency, "records.exported", "")
				if err != nil {
					return err
				}
				if err := db.Note(cmd.Context(), w); err != nil {
					return err
				}
				people, err := exportPeople(cmd.Context(), db, agency, out, &disguise{key})
				if err != nil {
					return err
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%d people are in %s\n", people, out)
				return nil
			})
		},
	}
	at.flags(cmd, "var/tarozi.db")
	cmd.Flags().BoolVar(&pseudonymised, "pseudonymised", false, "replace ids by keyed hashes, move dates, leave out names and texts")
	cmd.Flags().StringVar(&agency, "agency", "", "id of the agency whose people are exported")
	cmd.Flags().StringVar(&out, "out", "", "the folder to make")
	cmd.Flags().StringVar(&keyFile, "key", "", "file of the key of ids and dates, made where there is none; export-key beside the database if left out. Keep it from whoever gets the export")
	mustRequire(cmd, "agency", "out")
	return cmd
}

// exportKey reads the 32 bytes of the key, making them where there are none.
func exportKey(file string) ([]byte, error) {
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		key = make([]byte, 32)
		if _, err := rand.Read(key); err != nil {
			return nil, fmt.Errorf("drawing a key: %w", err)
		}
		return key, os.WriteFile(file, key, 0o600)
	}
	if err == nil && len(key) != 32 {
		err = fmt.Errorf("%s is no key of an export: it has %d bytes instead of 32", file, len(key))
	}
	return key, err
}

// disguise replaces ids and moves dates.
type disguise struct{ key []byte }

func (d *disguise) sum(kind, id string) []byte {
	mac := hmac.New(sha256.New, d.key)
	mac.Write([]byte(kind + "\x00" + id))
	return mac.Sum(nil)
}

// id is the keyed hash of an id, empty where there is none.
func (d *disguise) id(kind, id string) string {
	if id == "" {
		return ""
	}
	return hex.EncodeToString(d.sum(kind, id)[:16])
}

// mover moves all dates of a person by the same number of days, from a year before to a year after.
func (d *disguise) mover(personID string) mover {
	sum, number := d.sum("days", personID), uint64(0)
	for _, b := range sum[:8] {
		number = number<<8 | uint64(b)
	}
	return mover(int(number%731) - 365)
}

type mover int

func (m mover) date(day *tarozi.Date) {
	if !day.IsZero() {
		*day = day.AddDays(int(m))
	}
}

func (m mover) time(t *time.Time) {
	if !t.IsZero() {
		*t = t.Add(time.Duration(m) * 24 * time.Hour)
	}
}

// history disguises a history in place.
func (d *disguise) history(h *tarozi.CaseHistory) {
	m := d.mover(h.PersonID)
	nothing := tarozi.Provenance{Source: "export"}
	m.date(&h.BirthDate)
	for i := range h.Sentences {
		s := &h.Sentences[i]
		for _, day := range []*tarozi.Date{&s.ImposedOn, &s.ReleasedOn, &s.ReleasePlannedOn} {
			m.date(day)
		}
		s.Article, s.Provenance = "", nothing
	}
	for i := range h.Supervision {
		s := &h.Supervision[i]
		m.date(&s.From)
		m.date(&s.To)
		s.Provenance = nothing
	}
	for i := range h.Facts {
		f := &h.Facts[i]
		m.date(&f.AsOf)
		m.time(&f.ReceivedAt)
		f.Provenance = nothing
	}
	for i := range h.Events {
		e := &h.Events[i]
		m.time(&e.At)
		m.time(&e.ReceivedAt)
		m.date(&e.Until)
		e.ID, e.ConfirmedBy, e.Programme = d.id("event", e.ID), d.id("account", e.ConfirmedBy), d.id("programme", e.Programme)
		e.Article, e.Provenance = "", nothing
	}
	h.PersonID, h.AgencyID = d.id("person", h.PersonID), d.id("agency", h.AgencyID)
}

// exportedAssessment is what a model read and said; exportedReview what was decided.
type exportedAssessment struct {
	ID       string                 `json:"id"`
	PersonID string                 `json:"person_id"`
	AsOf     tarozi.Date            `json:"as_of"`
	Purpose  tarozi.Purpose         `json:"purpose"`
	Months   int                    `json:"months"`
	Model    tarozi.ModelRef        `json:"model"`
	Values   map[string]any         `json:"values"` // by feature; null: unknown
	Scores   []scoring.ScoreSummary `json:"scores"`
}

type exportedReview struct {
	AssessmentID string            `json:"assessment_id"`
	PersonID     string            `json:"person_id"`
	Reviewer     string            `json:"reviewer"`
	PriorBand    tarozi.Band       `json:"prior_band,omitzero"`
	ScoreBand    tarozi.Band       `json:"score_band"`
	Decision     tarozi.Decision   `json:"decision"`
	Band         tarozi.Band       `json:"band"`
	ReasonCode   tarozi.ReasonCode `json:"reason_code,omitzero"`
	On           tarozi.Date       `json:"on"`
}

// exportPeople writes the files of the people of an agency.
func exportPeople(ctx context.Context, db *store.DB, agency, folder string, d *disguise) (int, error) {
	people, err := db.PeopleIn(ctx, agency)
	if err != nil {
		return 0, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return 0, err
	}
	files := map[string]*bufio.Writer{}
	var ends []func() error
	for _, name := range []string{"histories", "assessments", "shadows", "reviews", "outcomes"} {
		file, err := os.OpenFile(filepath.Join(folder, name+".ndjson"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		files[name] = bufio.NewWriter(file)
		ends = append(ends, files[name].Flush, file.Sync)
	}
	put := func(name string, value any) error {
		text, err := json.Marshal(value, json.Deterministic(true))
		if err != nil {
			return err
		}
		return writeLine(files[name])(text)
	}
	for _, id := range people {
		f, err := db.Followed(ctx, agency, id)
		if err == nil {
			err = exportPerson(f, id, d, put)
		}
		if err != nil {
			return 0, fmt.Errorf("exporting a person: %w", err)
		}
	}
	for _, end := range ends {
		if err := end(); err != nil {
			return 0, fmt.Errorf("writing the export: %w", err)
		}
	}
	return len(people), nil
}

func exportPerson(f *store.Followed, id string, d *disguise, put func(string, any) error) error {
	m, person := d.mover(id), d.id("person", id)
	d.history(f.History)
	if err := put("histories", map[string]any{"history": f.History}); err != nil {
		return err
	}
	for _, o := range f.Outcomes {
		for _, day := range []*tarozi.Date{&o.ObservedOn, &o.FollowedFrom, &o.FollowedUntil} {
			m.date(day)
		}
		m.time(&o.ReceivedAt)
		o.PersonID, o.Provenance = person, tarozi.Provenance{Source: "export"}
		if err := put("outcomes", &o); err != nil {
			return err
		}
	}
	for i := range f.Assessments {
		r := &f.Assessments[i]
		in := new(scoring.Inputs)
		if err := tarozi.Decode(r.Inputs, in); err != nil {
			return err
		}
		a := exportedAssessment{ID: d.id("assessment", r.Assessment.ID), PersonID: person, AsOf: r.Assessment.AsOf, Purpose: r.Assessment.Purpose,
			Months: in.Months, Model: r.Assessment.Model, Values: map[string]any{}, Scores: summaries(r.Assessment.Scores)}
		m.date(&a.AsOf)
		for _, v := range in.Values {
			a.Values[v.Feature] = v.Value
		}
		if err := put("assessments", &a); err != nil {
			return err
		}
		if review, ok := f.Reviews[r.Assessment.ID]; ok {
			on := tarozi.DateOf(review.CreatedAt)
			m.date(&on)
			if err := put("reviews", &exportedReview{AssessmentID: a.ID, PersonID: person, Reviewer: d.id("account", review.Reviewer), PriorBand: review.PriorBand,
				ScoreBand: review.ScoreBand, Decision: review.Decision, Band: review.Band, ReasonCode: review.ReasonCode, On: on}); err != nil {
				return err
			}
		}
	}
	for _, s := range f.Shadows {
		if err := put("shadows", map[string]any{"assessment_id": d.id("assessment", s.AssessmentID), "person_id": person, "model": s.Model,
			"scored": s.Refused == "", "scores": summaries(s.Scores)}); err != nil {
			return err
		}
	}
	return nil
}

func summaries(scores []tarozi.Score) []scoring.ScoreSummary {
	list := make([]scoring.ScoreSummary, len(scores))
	for i, s := range scores {
		list[i] = scoring.ScoreSummary{Outcome: s.Outcome, HorizonMonths: s.HorizonMonths, Probability: s.Probability, Band: s.Band}
	}
	return list
}
