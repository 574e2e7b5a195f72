package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
)

// The secret of the tests' second factor, as nothing else says it.
const plantedSecret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

// A second factor's secret stands nowhere in the file, opens for its own account alone, and outlives a change of the master key.
func TestSecondFactorsAreSealed(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "t.db")
	db, err := Open(ctx, path, Options{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	n := 0
	write := func(action string) scoring.Write {
		n++
		return scoring.Write{Actor: tarozi.Actor{AccountID: "command", AgencyID: "a"}, Scope: tarozi.Scope{Reach: tarozi.Nation},
			Audit: scoring.AuditEntry{ID: fmt.Sprint("w", n), AgencyID: "a", Action: action}}
	}
	must(db.PutAgency(ctx, write("agency.created"), tarozi.Agency{ID: "a", Name: "A"}))
	for _, id := range []string{"x", "y"} {
		must(db.CreateAccount(ctx, write("account.created"), tarozi.Account{ID: id, AgencyID: "a", Login: id, Name: id, Role: tarozi.Officer}, ""))
	}
	must(db.SetSecondFactor(ctx, write("account.second_factor_set"), "x", plantedSecret, nil))
	holds := func(when string) {
		t.Helper()
		secret, err := db.SecondFactor(ctx, "x")
		account, failed := db.Account(ctx, "x")
		if secret != plantedSecret || !account.SecondFactor || err != nil || failed != nil {
			t.Errorf("%s the secret is %q, set %v (%v, %v)", when, secret, account.SecondFactor, err, failed)
		}
	}
	holds("when it was set,")

	// Whoever moves the sealed text to another account gains nothing.
	must(db.write(ctx, func(t *tx) error {
		if _, err := t.exec(`UPDATE accounts SET totp_sealed = (SELECT totp_sealed FROM accounts WHERE id = 'x') WHERE id = 'y'`); err != nil {
			return err
		}
		return t.record(write("spoilt").Audit)
	}))
	if secret, err := db.SecondFactor(ctx, "y"); err == nil {
		t.Errorf("another account's secret opens as %q", secret)
	}
	must(db.SetSecondFactor(ctx, write("account.second_factor_reset"), "y", "", nil))
	if account, err := db.Account(ctx, "y"); account.SecondFactor || err != nil {
		t.Errorf("it was not taken away (%v)", err)
	}

	must(errors.Join(db.Close(), seal.Rotate(SealKeyFile(path))))
	file, err := os.ReadFile(path)
	must(err)
	if bytes.Contains(file, []byte(plantedSecret)) {
		t.Error("the secret stands in the file")
	}
	db, err = Open(ctx, path, Options{})
	must(err)
	for _, want := range []int{1, 0} {
		if changed, err := db.Rewrap(ctx, func() (scoring.Write, error) { return write("keys.rewrapped"), nil }); changed != want || err != nil {
			t.Errorf("%d were sealed anew, want %d (%v)", changed, want, err)
		}
	}
	if current, earlier, err := db.SealedWith(ctx); current != 1 || earlier != 0 || err != nil {
		t.Errorf("%d are under today's key, %d under an earlier one (%v)", current, earlier, err)
	}
	must(db.Close())
	_, err = seal.Retire(SealKeyFile(path))
	must(err)
	db, err = Open(ctx, path, Options{})
	must(err)
	holds("after the old key was retired,")
	must(db.Close())
	must(os.Remove(SealKeyFile(path)))
	if db, err = Open(context.Background(), path, Options{}); err == nil || !strings.Contains(err.Error(), "key") {
		t.Errorf("without its key the database opens (%v, %v)", db, err)
	}
}
