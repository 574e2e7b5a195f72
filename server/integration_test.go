//go:build curl

package server_test

import (
	"cmp"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

// TestCurlExamples runs the examples of docs/integration.md with sh and curl, in their order, as one script.
func TestCurlExamples(t *testing.T) {
	for _, program := range []string{"sh", "curl", "sed", "grep"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Fatalf("%s is missing: install it to run the examples of docs/integration.md", program)
		}
	}
	guide, err := os.ReadFile(filepath.Join("..", "docs", "integration.md"))
	must(t, err)
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	if len(blocks) < 8 {
		t.Fatalf("only %d examples were found", len(blocks))
	}
	s := start(t)
	script := "set -eu\n"
	for _, block := range blocks {
		script += "\necho '" + strings.Repeat("-", 20) + "' >&2\nset -x\n" + block[1] + "{ set +x; } 2>/dev/null\n"
	}
	command := exec.CommandContext(t.Context(), "sh", "-c", script)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "TAROZI_URL="+s.url, "TAROZI_KEY="+s.keys["system@"+agency])
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v; the last command shown failed:\n%s", err, out)
	}
	if c := s.stored(); c.Assessments != 4 || c.People != 2 || c.Events != 2 || c.Outcomes != 1 || c.Protected != 1 {
		t.Errorf("the examples stored %+v", c)
	}
}

// TestCurlExamplesOfTheDocsPage runs the commands that /docs shows.
func TestCurlExamplesOfTheDocsPage(t *testing.T) {
	s := start(t)
	page := string(s.call("GET", "/docs", "").want(200).body)
	page = html.UnescapeString(page)
	var first, others, committee []string
	var signature string
	dispute := map[bool]string{}  // the decision about it, or not
	review := map[string]string{} // by the call's last word: they need people, and an order
	for _, block := range regexp.MustCompile(`(?s)<pre tabindex="0"><code>(curl .*?)</code>`).FindAllStringSubmatch(page, -1) {
		if strings.Contains(block[1], "-X PUT") && strings.Contains(block[1], "/history") {
			first = append(first, block[1]) // the person must be there for the others
		} else if strings.Contains(block[1], "/audit/") || strings.Contains(block[1], "/reports/fairness") || strings.Contains(block[1], "/decisions\"") && strings.Contains(block[1], "/models/") {
			committee = append(committee, block[1])
		} else if strings.Contains(block[1], "/disputes") && strings.Contains(block[1], "--data") {
			dispute[strings.Contains(block[1], "/decisions")] = block[1]
		} else if strings.Contains(block[1], "/signatures") {
			signature = block[1]
		} else if call := reviewing.FindStringSubmatch(block[1]); call != nil {
			review[cmp.Or(call[1], "report")] = block[1]
		} else {
			others = append(others, block[1])
		}
	}
	var made struct {
		ID string `json:"id"`
	}
	s.call("POST", "/api/v1/assessments", request("p-1")).want(201).into(&made)
	folder := t.TempDir()
	must(t, os.WriteFile(filepath.Join(folder, "requests.ndjson"), []byte(oneLine("p-1")+"\n"), 0o600))
	run := func(example, holder, about string) { // about: the id of the objection or of the disputed record's case
		command := exec.CommandContext(t.Context(), "sh", "-c", example)
		command.Dir = folder
		command.Env = append(os.Environ(), "TAROZI_URL="+s.url, "TAROZI_KEY="+s.keys[holder+"@"+agency], "ASSESSMENT="+made.ID, "CHALLENGE="+about, "DISPUTE="+about, "DECISION="+about)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s\n%s", err, example, out)
		}
	}
	for _, example := range append(first, others...) {
		run(example, "system", "")
	}

	run(dispute[false], "system", "")
	s.reviewer(tarozi.Supervisor)
	disputes := s.call("GET", "/api/v1/people/person-1001/disputes", "", s.as("system@"+agency)...).object()
	run(dispute[true], "supervisor", part(t, disputes, "disputes", 0, "id").(string))

	s.reviewer(tarozi.Oversight)
	sequence(t, s.sequencer())
	slices.SortFunc(committee, func(a, b string) int { // the report is made before it is read
		return cmp.Compare(strings.Count(b, "--data"), strings.Count(a, "--data"))
	})
	for _, example := range committee {
		run(example, "oversight", "")
	}

	proposed := s.call("GET", "/api/v1/models/georgia-parole/decisions", "").object()
	second := s.account(agency, "second", tarozi.Oversight)
	s.addKey(t.Context(), s.scores, "second@"+agency, second, tarozi.ActionsOf(tarozi.Oversight))
	run(signature, "second", part(t, proposed, "decisions", 0, "id").(string))
	if in := s.call("GET", "/api/v1/models/georgia-parole/decisions", "").object(); part(t, in, "in_force", "tolerances", "psi") != 0.2 {
		t.Errorf("after proposal and signature: %v", in)
	}

	w, err := s.scores.Administer(agency, "agency.put", agency)
	must(t, err)
	must(t, s.db.PutAgency(t.Context(), w, tarozi.Agency{ID: agency, Name: agency, UrgentWithoutView: true}))
	s.reviewer(tarozi.Officer)
	s.reviewer(tarozi.Supervisor)
	known := func() map[string]any {
		return s.call("GET", "/api/v1/assessments/"+made.ID+"/reviews", "", s.reviewer(tarozi.Supervisor)...).object()
	}
	run(review["bypasses"], "supervisor", "")
	run(review["own-views"], "officer", "")
	run(review["reviews"], "officer", "")
	run(review["report"], "officer", "")
	signed := regexp.MustCompile(`"review_id": ?"[^"]*"`).ReplaceAllLiteralString(review["countersignatures"],
		`"review_id":"`+part(t, known(), "reviews", 0, "id").(string)+`"`)
	run(signed, "supervisor", "")
	run(review["challenges"], "system", "")
	run(review["answers"], "supervisor", part(t, known(), "challenges", 0, "id").(string))
	if state := known()["review_state"]; state != "done" || len(review) != 7 || len(dispute) != 2 || len(committee) != 6 {
		t.Errorf("the %d examples of a review, %d of a dispute and %d for a committee lead to %v", len(review), len(dispute), len(committee), state)
	}
}

// reviewing finds the steps of a review, and the report that no case system may read.
var reviewing = regexp.MustCompile(`(?s)--data .*/(bypasses|own-views|reviews|countersignatures|challenges|answers)"|/reports/reviews"`)
