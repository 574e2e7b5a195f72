package api

import (
	"context"
	"net/http"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/fairness"
	"github.com/tarozi/tarozi/server/reporting"
)

// fairnessReport is a report in one of its forms.
type fairnessReport struct {
	report *fairness.Report
	format string
	status int
}

func (f fairnessReport) write(w http.ResponseWriter) error {
	media := "application/json"
	if f.format == "csv" {
		media = "text/csv"
		w.Header().Set("Content-Disposition", `attachment; filename="`+f.report.ID+`.csv"`)
	}
	w.Header().Set("Content-Type", media)
	w.WriteHeader(f.status)
	return f.report.Write(w, f.format)
}

// VisitGetFairnessReportResponse writes the answer.
func (f fairnessReport) VisitGetFairnessReportResponse(w http.ResponseWriter) error {
	return f.write(w)
}

// VisitMakeFairnessReportResponse writes the answer.
func (f fairnessReport) VisitMakeFairnessReportResponse(w http.ResponseWriter) error {
	return f.write(w)
}

// GetFairnessReport answers GET /reports/fairness.
func (a *API) GetFairnessReport(ctx context.Context, r GetFairnessReportRequestObject) (GetFairnessReportResponseObject, error) {
	ctx, who := caller(ctx)
	period := reporting.Quarter(tarozi.DateOf(a.Service.Now().In(a.Service.Zone)))
	if r.Params.Period != nil {
		period = *r.Params.Period
	}
	report, err := a.Reports.Report(ctx, who, period)
	if err != nil {
		return nil, err
	}
	format := "json"
	if r.Params.Format != nil {
		format = string(*r.Params.Format)
	}
	return fairnessReport{report, format, http.StatusOK}, nil
}

// MakeFairnessReport answers POST /reports/fairness.
func (a *API) MakeFairnessReport(ctx context.Context, r MakeFairnessReportRequestObject) (MakeFairnessReportResponseObject, error) {
	ctx, who := caller(ctx)
	report, err := a.Reports.Make(ctx, who, r.Body.Period)
	if err != nil {
		return nil, err
	}
	return fairnessReport{report, "json", http.StatusCreated}, nil
}
