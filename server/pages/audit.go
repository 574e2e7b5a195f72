package pages

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/explain/words"
	"github.com/tarozi/tarozi/server/auditing"
	"github.com/tarozi/tarozi/store"
)

// Auditing is what the auditor's page asks of auditing.Reader.
type Auditing interface {
	Checkpoint(ctx context.Context, who tarozi.Actor) (*auditing.Checkpoint, error)
	Search(ctx context.Context, who tarozi.Actor, q store.AuditQuery) ([]store.FoundEntry, error)
	SearchPerson(ctx context.Context, who tarozi.Actor, personID, reason string, limit int) ([]store.FoundEntry, error)
}

// How many entries one page shows; a search by person shows all it can at once, because its reason is asked for each time.
const (
	auditPage   = 50
	auditPerson = 500
)

type auditView struct {
	view
	Checkpoint     *auditing.Checkpoint // nil where nothing was signed yet
	Size           string
	Wanted         string // the account asked for
	From, Until    *field
	Agencies       []option
	Person, Reason *field
	Faults         []fault
	ByPerson       bool // the entries are those about one person
	Filtered       bool
	Found          string
	Rows           []auditRow
	Next           string // link to the entries before; empty where there are none
}

// auditDay is one end of the time asked for.
type auditDay struct {
	*field
	Words *words.Locale
}

// Days are both ends of the time asked for.
func (v *auditView) Days() [2]auditDay { return [2]auditDay{{v.From, v.L}, {v.Until, v.L}} }

// auditRow is one entry of the log.
type auditRow struct {
	Place, When, Who, Agency, What, Subject, Proof string
}

// auditLog shows entries by account, agency and time.
func (p *Pages) auditLog(c *gin.Context) {
	v, err := p.auditView(c)
	if err != nil {
		p.Fail(c, err)
		return
	}
	q := store.AuditQuery{Account: strings.TrimSpace(c.Query("account")), AgencyID: c.Query("agency"), Limit: auditPage + 1}
	v.Wanted, v.Filtered = q.Account, q.Account != "" || q.AgencyID != ""
	for i := range v.Agencies {
		v.Agencies[i].Checked = v.Agencies[i].Value == q.AgencyID
	}
	q.Before, _ = strconv.ParseInt(c.Query("before"), 10, 64) // a link that was tampered with begins at the end
	for _, end := range []struct {
		of   *field
		days int
		set  *time.Time
	}{{v.From, 0, &q.From}, {v.Until, 1, &q.Until}} { // the day named is the last one shown
		end.of.Day, end.of.Month, end.of.Year = c.Query(end.of.Name+"-day"), c.Query(end.of.Name+"-month"), c.Query(end.of.Name+"-year")
		day, given := (&reader{l: v.L, today: p.today()}).date(end.of)
		if end.of.Error != "" {
			v.Faults = append(v.Faults, fault{"#" + end.of.Anchor(), end.of.Label + ": " + end.of.Error})
		} else if given {
			v.Filtered = true
			*end.set = time.Date(day.Year, day.Month, day.Day+end.days, 0, 0, 0, 0, p.Zone)
		}
	}
	if len(v.Faults) > 0 {
		p.show(c, http.StatusBadRequest, "audit", v)
		return
	}
	found, err := p.Audit.Search(c.Request.Context(), asker(c), q)
	if err != nil {
		p.Fail(c, err)
		return
	}
	if len(found) > auditPage {
		found = found[:auditPage]
		next := c.Request.URL.Query()
		next.Set("before", strconv.FormatInt(found[auditPage-1].Place, 10))
		v.Next = "/audit?" + next.Encode()
	}
	p.showEntries(c, v, found)
}

// auditPerson shows the entries about one person, for a reason that is kept.
func (p *Pages) auditPerson(c *gin.Context) {
	v, err := p.auditView(c)
	if err != nil {
		p.Fail(c, err)
		return
	}
	v.ByPerson = true
	v.Person.Value, v.Reason.Value = strings.TrimSpace(c.PostForm("person")), c.PostForm("reason")
	found, err := p.Audit.SearchPerson(c.Request.Context(), asker(c), v.Person.Value, v.Reason.Value, auditPerson)
	var refused *tarozi.Error
	if errors.As(err, &refused) && refused.Code == tarozi.Malformed && len(refused.Fields) == 1 {
		for _, f := range []*field{v.Person, v.Reason} {
			if refused.Fields[0].Pointer == "/"+f.Name {
				f.Error = v.L.Text("audit.fault." + f.Name)
				v.Faults = append(v.Faults, fault{"#" + f.Anchor(), f.Label + ": " + f.Error})
			}
		}
		p.show(c, http.StatusBadRequest, "audit", v)
		return
	}
	if err != nil {
		p.Fail(c, err)
		return
	}
	p.showEntries(c, v, found)
}

// auditView is the page without entries.
func (p *Pages) auditView(c *gin.Context) (*auditView, error) {
	v := &auditView{view: p.view(c, "audit.title")}
	v.Nav = "audit"
	l := v.L
	v.From = &field{Name: "from", Kind: fieldDate, Label: l.Text("audit.from")}
	v.Until = &field{Name: "until", Kind: fieldDate, Label: l.Text("audit.until")}
	v.Person = &field{Name: "person", Kind: fieldText, Label: l.Text("audit.person")}
	v.Reason = &field{Name: "reason", Kind: fieldText, Label: l.Text("audit.reason")}
	checkpoint, err := p.Audit.Checkpoint(c.Request.Context(), asker(c))
	if err != nil && tarozi.CodeOf(err) != tarozi.NotFound {
		return nil, err
	}
	if checkpoint != nil {
		v.Checkpoint, v.Size = checkpoint, l.Plural("audit.size", int(checkpoint.Size))
	}
	agencies, err := p.People.Agencies(c.Request.Context())
	if err != nil {
		return nil, err
	}
	v.Agencies = []option{{Value: "", Label: l.Text("audit.all_agencies")}}
	for _, agency := range within(agencies, asker(c), tarozi.ReadAudit) {
		v.Agencies = append(v.Agencies, option{Value: agency.ID, Label: agency.Name})
	}
	return v, nil
}

func (p *Pages) showEntries(c *gin.Context, v *auditView, found []store.FoundEntry) {
	l := v.L
	v.Found = l.Plural("audit.found", len(found))
	if v.Next != "" {
		v.Found = l.Text("audit.latest", "n", len(found))
	}
	for _, e := range found {
		row := auditRow{Place: strconv.FormatInt(e.Place, 10), When: e.At, Agency: cmp.Or(e.AgencyName, e.AgencyID), Subject: e.SubjectID,
			What: auditAction(l, e.Action), Who: cmp.Or(e.AccountName, e.AccountID)}
		if at, err := time.Parse(time.RFC3339Nano, e.At); err == nil {
			row.When = l.Time(at, p.Zone)
		}
		if e.AccountID == "command" {
			row.Who = l.Text("audit.command")
		}
		if v.Checkpoint != nil && e.Place < v.Checkpoint.Size {
			row.Proof = "/api/v1/audit/proof?place=" + row.Place
		}
		v.Rows = append(v.Rows, row)
	}
	p.show(c, http.StatusOK, "audit", v)
}

// auditAction is an action in words; one that an older or newer version of the service wrote is shown as it was logged.
func auditAction(l *words.Locale, action string) string {
	id := "audit.action." + strings.ReplaceAll(action, ".", "_")
	if action != "" && l.Has(id) {
		return l.Text(id)
	}
	return action
}
