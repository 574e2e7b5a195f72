package store

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/seal"
)

const (
	plantedName  = "Zulfizar Planted-Xudoyberdiyeva"
	plantedValue = "planted-ethnicity"
)

func planted(t *testing.T, db *DB) {
	t.Helper()
	write := func(id string) scoring.Write {
		return scoring.Write{Actor: tarozi.Actor{AccountID: "o", AgencyID: "a"}, Scope: tarozi.InAgency("a"), At: time.Unix(1_800_000_000, 0),
			Audit: scoring.AuditEntry{ID: id, AgencyID: "a", Action: "test"}}
	}
	errs := []error{db.PutAgency(t.Context(), write("1"), tarozi.Agency{ID: "a", Name: "A"})}
	_, err := db.PutIdentities(t.Context(), write("2"), []tarozi.Identity{{PersonID: "p-1", Name: plantedName, Contact: "+998 90"}}, false)
	errs = append(errs, err)
	_, err = db.PutProtected(t.Context(), write("3"),
		[]tarozi.ProtectedAttributes{{PersonID: "p-1", Attributes: map[string]string{"ethnicity": plantedValue}}}, false)
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
}

// files is what lies on disk of a database.
func files(t *testing.T, path string) []byte {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal"} {
		part, err := os.ReadFile(path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		all = append(all, part...)
	}
	return all
}

func TestNamesAndAttributesAreNotInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	planted(t, db)
	found, err := db.Caseload(t.Context(), tarozi.InAgency("a"), CaseloadQuery{Search: "xudoyber"})
	if err != nil || len(found.Rows) != 1 || found.Rows[0].Name != plantedName {
		t.Fatalf("searching by name gives %+v (%v)", found, err)
	}
	check := func(when string) {
		for _, secret := range []string{plantedName, "Planted", "xudoyber", plantedValue, "+998 90"} {
			if bytes.Contains(bytes.ToLower(files(t, path)), []byte(strings.ToLower(secret))) {
				t.Errorf("%s: %q stands in the files", when, secret)
			}
		}
	}
	check("while the service runs")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	check("once it is closed")
}

func TestTheRightKeyIsAskedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	planted(t, db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	away := SealKeyFile(path) + ".away"
	if err := os.Rename(SealKeyFile(path), away); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{}); !errors.Is(err, seal.ErrNoFile) {
		t.Errorf("without the key file: %v", err)
	}
	if _, err := os.Stat(SealKeyFile(path)); err == nil {
		t.Error("another key was made for a database that it cannot read")
	}
	other := filepath.Join(t.TempDir(), "other")
	if _, err := seal.OpenFile(other, true); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, Options{SealKey: other}); err == nil || !strings.Contains(err.Error(), "--seal-key") {
		t.Errorf("with another key: %v", err)
	}
	again, err := Open(t.Context(), path, Options{SealKey: away})
	if err != nil {
		t.Fatal(err)
	}
	if i, err := again.Identity(t.Context(), tarozi.InAgency("a"), "p-1"); err != nil || i.Name != plantedName {
		t.Errorf("with the key where it now lies: %+v, %v", i, err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRewrap(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	db, err := Open(t.Context(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	planted(t, db)
	if err := errors.Join(db.Close(), seal.Rotate(SealKeyFile(path))); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	if current, earlier, err := db.SealedWith(t.Context()); current != 0 || earlier != 1 || err != nil {
		t.Errorf("before: %d by today's key, %d by an earlier one (%v)", current, earlier, err)
	}
	for _, want := range []int{1, 0} {
		if changed, err := db.Rewrap(t.Context(), func() (scoring.Write, error) {
			return scoring.Write{Audit: scoring.AuditEntry{ID: "r", AgencyID: "a"}}, nil
		}); changed != want || err != nil {
			t.Errorf("%d keys were wrapped anew, want %d (%v)", changed, want, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.Retire(SealKeyFile(path)); err != nil {
		t.Fatal(err)
	}
	if db, err = Open(t.Context(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if i, err := db.Identity(t.Context(), tarozi.InAgency("a"), "p-1"); err != nil || i.Name != plantedName {
		t.Errorf("after the old key was retired: %+v, %v", i, err)
	}
}

// What an earlier version stored in the clear is sealed when this one opens the database, and stands in the file no more.
func TestTheClearIsSealed(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "t.db")
	writer, readers := migratedTo(t, path, "00040")
	const at = "2026-01-02T03:04:05.000000000Z"
	writer.MustExec(`INSERT INTO agencies (id, name) VALUES ('a', 'A')`)
	writer.MustExec(`INSERT INTO people (person_id, agency_id, created_at) VALUES ('p-1', 'a', ?)`, at)
	writer.MustExec(`INSERT INTO identities VALUES ('p-1', 'a', ?, '+998 90', ?, ?, ?)`, plantedName, fold(plantedName), sortKey(plantedName), at)
	writer.MustExec(`INSERT INTO protected_attributes VALUES ('p-1', 'ethnicity', 'a', ?, ?), ('p-1', 'sex', 'a', 'female', ?)`, plantedValue, at, at)
	writer.MustExec(`INSERT INTO accounts (id, agency_id, login, login_folded, name, role, password_hash, created_at, totp_secret)
		VALUES ('x', 'a', 'x', 'x', 'X', 'officer', '', ?, ?)`, at, plantedSecret)
	if err := errors.Join(readers.Close(), writer.Close()); err != nil {
		t.Fatal(err)
	}
	db, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if secret, err := db.SecondFactor(ctx, "x"); secret != plantedSecret || err != nil {
		t.Errorf("the second factor's secret is %q (%v)", secret, err)
	}
	if key, err := db.PageKey(ctx, "p-1"); len(key) != 32 || err != nil {
		t.Errorf("the page key is %q (%v)", key, err)
	}
	identity, err := db.Identity(ctx, tarozi.InAgency("a"), "p-1")
	if err != nil || *identity != (tarozi.Identity{PersonID: "p-1", Name: plantedName, Contact: "+998 90"}) {
		t.Errorf("the identity is %+v (%v)", identity, err)
	}
	err = db.read(ctx, func(t2 *tx) error {
		stored, err := t2.protected("p-1")
		if len(stored) != 2 || stored["ethnicity"] != plantedValue || stored["sex"] != "female" {
			t.Errorf("the attributes are %v", stored)
		}
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{plantedName, fold(plantedName), plantedValue, plantedSecret} {
		if bytes.Contains(files(t, path), []byte(secret)) {
			t.Errorf("%q still stands in the file", secret)
		}
	}
}
