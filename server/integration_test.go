//go:build curl

package server_test

import (
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
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
	var first, others []string
	for _, block := range regexp.MustCompile(`(?s)<pre tabindex="0"><code>(curl .*?)</code>`).FindAllStringSubmatch(page, -1) {
		if strings.Contains(block[1], "-X PUT") && strings.Contains(block[1], "/history") {
			first = append(first, block[1]) // the person must be there for the others
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
	for _, example := range append(first, others...) {
		command := exec.CommandContext(t.Context(), "sh", "-c", example)
		command.Dir = folder
		command.Env = append(os.Environ(), "TAROZI_URL="+s.url, "TAROZI_KEY="+s.keys["system@"+agency], "ASSESSMENT="+made.ID)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%v:\n%s\n%s", err, example, out)
		}
	}
}
