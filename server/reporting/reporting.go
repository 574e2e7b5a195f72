// Package reporting makes the oversight committee's reports from what is stored, and keeps them. Outcomes and protected attributes are
// linked here, for figures alone: nothing about a single person leaves this package.
package reporting

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// Store is what is asked of the store.
type Store interface {
	scoring.Reviews
	FirstScored(ctx context.Context, scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date, each func(*store.Scored) error) error
	Worked(ctx context.Context, scope tarozi.Scope, modelSHA256 string, from, to tarozi.Date, made time.Time) (store.Worked, error)
	SaveReport(ctx context.Context, w scoring.Write, r *store.StoredReport, findings []scoring.Finding) error
	Reports(ctx context.Context, scope tarozi.Scope, limit int) ([]store.StoredReport, error)
	Report(ctx context.Context, scope tarozi.Scope, idOrPeriod string) (*store.StoredReport, error)
	EarlierReports(ctx context.Context, agencyID, modelID string) ([]store.StoredReport, error)
}

// Reporter makes and reads reports.
type Reporter struct {
	Service *scoring.Service
	Store   Store
	// Replicates of the bootstrap; 0 takes fairness.DefaultOptions'.
	Replicates int
}

// measuredMonths is how far back the people go on whom errors are measured, beyond the score's own horizon.
const measuredMonths = 36

// Make measures a period for the actor's agency and those below it, and stores the report. Two reports of the same figures made at the
// same moment are one.
func (r *Reporter) Make(ctx context.Context, who tarozi.Actor, period string) (*fairness.Report, error) {
	if err := who.Allow(tarozi.ReadReports); err != nil {
		return nil, err
	}
	m, err := r.Service.Models.ByID(scoring.DefaultModel)
	if err != nil {
		return nil, err
	}
	when, err := ParsePeriod(period)
	if err != nil {
		return nil, err
	}
	now := r.Service.Now().UTC()
	levers, err := r.levers(ctx, who, m, when, now)
	if err != nil {
		return nil, err
	}
	earlier, err := r.Store.EarlierReports(ctx, who.AgencyID, m.Card.ID)
	if err != nil {
		return nil, err
	}
	settings := fairness.DefaultSettings()
	settings.ScoreKind = fairness.ProbabilityScore
	settings.TauLow, settings.TauHigh = levers.Tolerances.RatioLow, levers.Tolerances.RatioHigh
	settings.Replicates = cmp.Or(r.Replicates, settings.Replicates)
	data := newData(m, levers, who.AgencyID, when, now)
	settings.Thresholds = data.thresholds
	for i := range earlier {
		report, err := fairness.ReadReport(bytes.NewReader(earlier[i].Document))
		if err != nil {
			return nil, tarozi.Wrap(tarozi.Internal, err, "an earlier report cannot be read: "+earlier[i].ID)
		}
		settings.Published = append(settings.Published, report.Groups...)
		data.Earlier = append(data.Earlier, report)
	}
	if err := r.collect(ctx, who, data); err != nil {
		return nil, err
	}
	report, err := fairness.BuildServiceReport(ctx, &data.ServiceData, settings)
	if err != nil {
		return nil, fmt.Errorf("measuring %s: %w", period, err)
	}
	return report, r.save(ctx, who, report)
}

// levers are those in force at the end of the period, or now where it is not over: a report is measured by the limits of its own time.
func (r *Reporter) levers(ctx context.Context, who tarozi.Actor, m *scoring.Model, when fairness.ReportPeriod, now time.Time) (scoring.Levers, error) {
	decisions, err := r.Service.Decisions(ctx, who, m.Card.ID)
	if err != nil {
		return scoring.Levers{}, err
	}
	next := when.To.AddDays(1)
	at := time.Date(next.Year, next.Month, next.Day, 0, 0, 0, 0, time.UTC).Add(-time.Second)
	if now.Before(at) {
		at = now
	}
	return decisions.InForce(m.SHA256, at), nil
}

func (r *Reporter) collect(ctx context.Context, who tarozi.Actor, d *data) error {
	scope, sha := who.Scope(tarozi.ReadReports), d.Service.Model.SHA256
	since := d.Service.Period.To.AddMonths(-d.Service.HorizonMonths - measuredMonths)
	if err := r.Store.FirstScored(ctx, scope, sha, since, d.Service.Period.To, d.add); err != nil {
		return err
	}
	d.finish()
	from, to := d.Service.Period.From, d.Service.Period.To
	worked, err := r.Store.Worked(ctx, scope, sha, from, to, r.Service.Now().Add(-r.Service.Patience()))
	if err != nil {
		return err
	}
	d.Workflow = map[string]int{"scored": worked.Scored, "reviewed": worked.Reviewed, "unreviewed": worked.Open, "expired": worked.Expired,
		"without_own_view": worked.Bypassed, "complaints": worked.Complaints, "complaints_upheld": worked.Upheld, "corrections": worked.Corrections}
	for reason, n := range worked.Refused {
		d.Workflow["refused_"+reason] = n
	}
	if d.Judged, err = scoring.Judged(ctx, r.Store, scope, sha, since, to); err != nil {
		return err
	}
	for i := range d.Judged {
		delete(d.Judged[i].Groups, area)
	}
	return nil
}

func (r *Reporter) save(ctx context.Context, who tarozi.Actor, report *fairness.Report) error {
	var document bytes.Buffer
	if err := report.WriteJSON(&document); err != nil {
		return err
	}
	s := report.Service
	w, err := r.Service.Record(who, tarozi.ReadReports, "report.made", report.ID, document.Bytes())
	if err != nil {
		return err
	}
	var findings []scoring.Finding
	for _, f := range s.Findings {
		findings = append(findings, scoring.Finding{ReportID: report.ID, Kind: scoring.MarkKind(f.Kind), AgencyID: who.AgencyID, ModelID: s.Model.ID,
			ModelSHA256: s.Model.SHA256, At: s.MadeAt, Over: f.Over, Figure: f.Figure, Value: f.Value, Limit: f.Limit})
	}
	return r.Store.SaveReport(ctx, w, &store.StoredReport{ID: report.ID, AgencyID: who.AgencyID, ModelID: s.Model.ID, Period: s.Period.ID,
		MadeBy: who.AccountID, MadeAt: s.MadeAt, Document: document.Bytes()}, findings)
}

// Report reads a report by its id, or the latest of a period, and checks that it is as it was made.
func (r *Reporter) Report(ctx context.Context, who tarozi.Actor, idOrPeriod string) (*fairness.Report, error) {
	if err := who.Allow(tarozi.ReadReports); err != nil {
		return nil, err
	}
	stored, err := r.Store.Report(ctx, who.Scope(tarozi.ReadReports), idOrPeriod)
	if err != nil {
		return nil, err
	}
	report, err := fairness.ReadReport(bytes.NewReader(stored.Document))
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Internal, err, "the stored report cannot be read")
	}
	return report, nil
}

// Reports lists the reports that the actor may read, newest first.
func (r *Reporter) Reports(ctx context.Context, who tarozi.Actor) ([]store.StoredReport, error) {
	if err := who.Allow(tarozi.ReadReports); err != nil {
		return nil, err
	}
	return r.Store.Reports(ctx, who.Scope(tarozi.ReadReports), 100)
}

// ParsePeriod reads a year (2026), a quarter (2026-Q4) or a month (2026-11).
func ParsePeriod(id string) (fairness.ReportPeriod, error) {
	bad := &tarozi.Error{Code: tarozi.Malformed, Message: "give a year, a quarter or a month, such as 2026, 2026-Q4 or 2026-11", Fields: []tarozi.FieldError{{
		Pointer: "/period", Code: "unknown_value", Message: "give a year, a quarter or a month, such as 2026, 2026-Q4 or 2026-11"}}}
	yearText, rest, _ := strings.Cut(id, "-")
	year, err := strconv.Atoi(yearText)
	if err != nil || len(yearText) != 4 || year < 1990 || year > 2200 {
		return fairness.ReportPeriod{}, bad
	}
	first, months := 1, 12
	switch {
	case rest == "" && !strings.HasSuffix(id, "-"):
	case len(rest) == 2 && rest[0] == 'Q' && rest[1] >= '1' && rest[1] <= '4':
		first, months = 3*int(rest[1]-'1')+1, 3
	default:
		month, err := strconv.Atoi(rest)
		if err != nil || len(rest) != 2 || month < 1 || month > 12 {
			return fairness.ReportPeriod{}, bad
		}
		first, months = month, 1
	}
	from := tarozi.Date{Year: year, Month: time.Month(first), Day: 1}
	return fairness.ReportPeriod{ID: id, From: from, To: from.AddMonths(months).AddDays(-1)}, nil
}

// Quarter is the period of the quarter of a day.
func Quarter(day tarozi.Date) string { return fmt.Sprintf("%04d-Q%d", day.Year, (int(day.Month)+2)/3) }
