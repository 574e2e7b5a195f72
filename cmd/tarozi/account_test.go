package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/store"
)

// runCommand runs a command with its arguments and returns what it printed.
func runCommand(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceUsage, cmd.SilenceErrors = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func TestKeysThatAreRefused(t *testing.T) {
	database := loggedDatabase(t)
	db, err := store.Open(t.Context(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	assessor, err := newAssessor(defaultZone)
	if err != nil {
		t.Fatal(err)
	}
	account := tarozi.Account{ID: newID(), AgencyID: "a-1", Login: "system", Name: "A system", Role: tarozi.CaseSystem, Created: time.Now()}
	w, err := newService(assessor, db).Administer("a-1", "account.created", account.ID)
	if err := errors.Join(err, db.CreateAccount(t.Context(), w, account, ""), db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		args []string
		says string // empty where a key is made
	}{
		{"days below zero", []string{"--days", "-1"}, "from 1 to 366 days"},
		{"no days", []string{"--days", "0"}, "from 1 to 366 days"},
		{"centuries", []string{"--days", "200000"}, "from 1 to 366 days"},
		{"an action that is not there", []string{"--actions", "people:reed"}, "people:read"},
		{"an action of another role", []string{"--actions", "people:read,reviews:create"}, "may do no such thing (reviews:create)"},
		{"an empty action", []string{"--actions", "people:read,"}, "choose from"},
		{"the longest", []string{"--days", "366"}, ""},
		{"fewer actions", []string{"--days", "1", "--actions", "people:read,models:read"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := runCommand(t, accountCommand(), append([]string{"key", "--db", database, "--login", "system"}, c.args...)...)
			if c.says != "" {
				if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(out, "tarozi_") {
					t.Errorf("%q with %v", out, err)
				}
			} else if err != nil || !strings.HasPrefix(out, "tarozi_") {
				t.Errorf("%q with %v", out, err)
			}
		})
	}
}

// A name typed wrongly must not make a database.
func TestCommandsThatMakeNoDatabase(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "in.jsonl")
	if err := os.WriteFile(file, []byte(oneLine(made)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "typo.db")
	for _, c := range []struct {
		name string
		cmd  *cobra.Command
		args []string
	}{
		{"import", importCommand(), []string{"histories", "--agency", "a-1", file}},
		{"import, dry run", importCommand(), []string{"outcomes", "--agency", "a-1", "--dry-run", file}},
		{"agency", accountCommand(), []string{"agency", "--id", "a-1", "--name", "One"}},
		{"account", accountCommand(), []string{"add", "--agency", "a-1", "--login", "x", "--name", "X", "--role", "case_system"}},
		{"key", accountCommand(), []string{"key", "--login", "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := runCommand(t, c.cmd, append(c.args, "--db", missing)...)
			if err == nil || !strings.Contains(err.Error(), "there is no database") {
				t.Errorf("%q with %v", out, err)
			}
			if _, err := os.Stat(missing); !errors.Is(err, fs.ErrNotExist) {
				t.Fatalf("a database was made: %v", err)
			}
		})
	}
}
