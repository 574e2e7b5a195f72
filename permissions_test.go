package tarozi_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

var update = flag.Bool("update", false, "write docs/permissions.md anew")

// permissionsDoc is docs/permissions.md as the table says it.
func permissionsDoc() string {
	var b strings.Builder
	b.WriteString("# Who may do what\n\nWritten from `permissions.go` by `go test . -run PermissionsDoc -update`; a test fails where the two differ. ")
	b.WriteString("`go test ./server -run Matrix` asks every route of a running server as every role and compares the answers with it.\n\n")
	b.WriteString("How far: `own_caseload` is the people for whom the account is responsible, or nobody yet, in its agency; `own_agency` all of its agency; ")
	b.WriteString("`agencies_below` its agency and those below it; `nation` all. An empty cell: not at all. The operator is the person at the machine's own command line.\n\n")
	roles := append(slices.Clone(tarozi.Roles), tarozi.Operator)
	b.WriteString("| Action |")
	for _, r := range roles {
		fmt.Fprintf(&b, " %s |", r)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(roles)) + "\n")
	var actions []tarozi.Action
	for a := range tarozi.Permissions {
		actions = append(actions, a)
	}
	slices.Sort(actions)
	for _, a := range actions {
		fmt.Fprintf(&b, "| `%s` |", a)
		for _, r := range roles {
			fmt.Fprintf(&b, " %s |", tarozi.Permissions[a][r])
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestPermissionsDoc(t *testing.T) {
	const file = "docs/permissions.md"
	if *update {
		if err := os.WriteFile(file, []byte(permissionsDoc()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(written) != permissionsDoc() {
		t.Errorf("%s says something else than permissions.go: go test . -run PermissionsDoc -update", file)
	}
}

// TestPermissionsKeptApart names pairs of actions that one role must not hold together.
func TestPermissionsKeptApart(t *testing.T) {
	for _, row := range []struct {
		why  string
		a, b tarozi.Action
	}{
		{"who makes accounts decides about nobody", tarozi.ManageAccounts, tarozi.Decide},
		{"who makes accounts reads no people", tarozi.ManageAccounts, tarozi.ReadIdentities},
		{"who changes models sees nobody", tarozi.ManageModels, tarozi.ReadIdentities},
		{"shadow scores stay away from decisions", tarozi.ReadShadows, tarozi.Decide},
		{"who reads the log changes nothing in it", tarozi.ReadAudit, tarozi.Decide},
		{"who governs models decides about nobody", tarozi.SignLevers, tarozi.Decide},
	} {
		for _, role := range tarozi.Roles {
			if tarozi.Permissions[row.a][role] != "" && tarozi.Permissions[row.b][role] != "" {
				t.Errorf("%s: %s holds both", row.why, role)
			}
		}
	}
}
