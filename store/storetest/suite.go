// Package storetest is the contract of a store: one suite that every engine passes.
package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// Store is everything that an engine offers.
type Store interface {
	scoring.Store

	PutAgency(ctx context.Context, w scoring.Write, a tarozi.Agency) error
	Agencies(ctx context.Context) ([]tarozi.Agency, error)
	CreateAccount(ctx context.Context, w scoring.Write, a tarozi.Account, passwordHash string) error
	AccountByLogin(ctx context.Context, login string) (tarozi.Account, string, error)
	Account(ctx context.Context, id string) (tarozi.Account, error)
	Accounts(ctx context.Context, scope tarozi.Scope) ([]tarozi.Account, error)
	CreateAPIKey(ctx context.Context, w scoring.Write, k store.APIKey) error
	ActorByAPIKey(ctx context.Context, sha256 string, now time.Time) (tarozi.Actor, error)
	PutIdentities(ctx context.Context, w scoring.Write, batch []tarozi.Identity, dryRun bool) (scoring.Tally, error)
	Identity(ctx context.Context, scope tarozi.Scope, personID string) (*tarozi.Identity, error)
	PutProtected(ctx context.Context, w scoring.Write, batch []tarozi.ProtectedAttributes, dryRun bool) (scoring.Tally, error)
	PutOutcomes(ctx context.Context, w scoring.Write, batch []tarozi.Outcome, dryRun bool) (scoring.Tally, error)
	JudgedReviews(ctx context.Context, scope tarozi.Scope) ([]scoring.JudgedReview, error)
	Caseload(ctx context.Context, scope tarozi.Scope, q store.CaseloadQuery) (*store.Caseload, error)
	PageKey(ctx context.Context, personID string) (string, error)
	PersonByPageKey(ctx context.Context, key string) (string, error)
	Sessions(now func() time.Time) *store.Sessions
	Counts(ctx context.Context) (store.Counts, error)
	AuditQueue(ctx context.Context, after int64, limit int) ([]store.QueuedEntry, error)
	Ping(ctx context.Context) error
}

// Run holds a store against the contract. open gives a store that is empty, and closes it when its test ends.
func Run(t *testing.T, open func(*testing.T) Store) {
	for _, part := range []struct {
		name string
		test func(*testing.T, Store)
	}{
		{"history", testHistory},
		{"history of another agency", testHistoryScope},
		{"events", testEvents},
		{"assessment", testAssessment},
		{"assessment with its history", testAssessmentHistory},
		{"assessment of another agency", testAssessmentScope},
		{"idempotency", testIdempotency},
		{"pages of assessments", testAssessmentPages},
		{"changes", testChanges},
		{"steps of a review", testSteps},
		{"steps of a review that are refused", testStepsRefused},
		{"who opened what", testOpened},
		{"open reviews", testOpenReviews},
		{"unanswered objections", testUnanswered},
		{"latest assessments", testLatest},
		{"judged reviews", testJudged},
		{"decisions of a committee", testLevers},
		{"agencies and accounts", testAccounts},
		{"API keys", testAPIKeys},
		{"identities", testIdentities},
		{"protected attributes", testProtected},
		{"outcomes", testOutcomes},
		{"caseload", testCaseload},
		{"caseload pages", testCaseloadPages},
		{"search", testSearch},
		{"sessions", testSessions},
		{"scopes", testScopes},
		{"transfer", testTransfer},
		{"restricted cases", testRestricted},
		{"counts", testCounts},
		{"many writers", testManyWriters},
		{"caller gives up", testCancelled},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.test(t, open(t))
		})
	}
}

// must fails the test where what was done failed.
func must(t testing.TB, what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// wantCode fails the test unless err has the code.
func wantCode(t testing.TB, what string, err error, want tarozi.Code) {
	t.Helper()
	if got := tarozi.CodeOf(err); got != want {
		t.Errorf("%s: error %v has code %q, want %q", what, err, got, want)
	}
}

// same fails the test where got is not want.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b tarozi.Value) bool { return a == b })); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
