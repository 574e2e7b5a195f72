package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

// A bundle's life on the command line: what is whole is installed, and it is moved only as the rules say.
func TestModelLifeOnTheCommandLine(t *testing.T) {
	database, _ := institution(t)
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.CopyFS(broken, os.DirFS("../../model/bundles/georgia-parole")); err != nil {
		t.Fatal(err)
	}
	card, err := os.ReadFile(filepath.Join(broken, "card.json"))
	if err == nil {
		err = os.WriteFile(filepath.Join(broken, "card.json"), append(card, '\n'), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		name, args string
		done       bool
		says       string
	}{
		{"what is there", "list", true, "demonstration every agency"},
		{"install what ships", "install ../../model/bundles/georgia-parole", true, "was installed already"},
		{"install what was changed", "install " + broken, false, "card.json is not the file"},
		{"a benchmark", "promote georgia-activity --to shadow", false, "never put to use"},
		{"live without a signature", "promote georgia-parole --to live --agency a-1", false, "signed by the oversight committee"},
		{"live for everybody", "promote georgia-parole --to live", false, "--agency"},
		{"no such model", "promote nothing --to shadow", false, "nothing"},
		{"no such state", "promote monitoring-demo --to famous", false, "no state to put a model into"},
		{"a shadow", "promote monitoring-demo --to shadow", true, "is now shadow for every agency"},
		{"again", "promote monitoring-demo --to shadow", false, "shadow already"},
		{"retired", "retire georgia-parole", true, "is now retired for every agency"},
		{"what is there then", "list", true, "retired every agency"},
		{"back", "promote georgia-parole --to demonstration", true, "is now demonstration for every agency"},
	} {
		said, status := tell(t, "", append([]string{"model"}, append(strings.Fields(step.args), "--db", database)...)...)
		if (status == exitDone) != step.done || !strings.Contains(oneLine(said), step.says) {
			t.Errorf("%s: status %d: %s", step.name, status, said)
		}
	}
}

// A bundle that is no sum is verified, shown, installed, put to use and asked over HTTP by a server that was running before; one that
// lost its background rows is refused with what to do.
func TestAnyKindOfModelOnTheCommandLine(t *testing.T) {
	database, key := institution(t)
	server := serving(t, database)
	defer server.end(t)
	const folder = "../../model/testdata/bundles/test-boosted"
	mustTell(t, "", "model", "verify", folder)
	if said := oneLine(mustTell(t, "", "model", "show", folder)); !strings.Contains(said, "explained by tree_shap_interventional, against 24 generated rows") {
		t.Errorf("the card says nothing of how it is explained: %s", said)
	}
	mustTell(t, "", "model", "install", folder, "--db", database)
	mustTell(t, "", "model", "promote", "test-boosted", "--to", "demonstration", "--db", database)
	id, err := server.assessBy(t.Context(), key, "p-boosted", "test-boosted")
	if err != nil {
		t.Fatal(err)
	}
	var got tarozi.Assessment
	_, text := server.get(t, key, "/api/v1/assessments/"+id)
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	if got.Model.ID != "test-boosted" || len(got.Scores) < 2 || got.Scores[0].Method != "tree_shap_interventional" {
		t.Errorf("the answer is of %s, %d scores", got.Model.ID, len(got.Scores))
	}
	if _, text := server.get(t, key, "/api/v1/assessments/"+id+"/replay"); !strings.Contains(text, `"same":true`) {
		t.Errorf("replay: %s", text)
	}

	bare := filepath.Join(t.TempDir(), "bare")
	if err := os.CopyFS(bare, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	card, err := os.ReadFile(filepath.Join(bare, "card.json"))
	if err != nil {
		t.Fatal(err)
	}
	from, to := bytes.Index(card, []byte(` "background"`)), bytes.Index(card, []byte(` "heads"`))
	card = append(card[:from:from], card[to:]...)
	sums, err := os.ReadFile(filepath.Join(bare, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(sums)) {
		if strings.HasSuffix(line, "  card.json\n") {
			line = fmt.Sprintf("%x  card.json\n", sha256.Sum256(card))
		}
		lines = append(lines, line)
	}
	for name, content := range map[string][]byte{"card.json": card, "SHA256SUMS": []byte(strings.Join(lines, ""))} {
		if err := os.WriteFile(filepath.Join(bare, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if said, status := tell(t, "", "model", "install", bare, "--db", database); status == exitDone || !strings.Contains(said, "generate rows over the inputs' ranges") {
		t.Errorf("a bundle without background rows: status %d: %s", status, said)
	}
}

// planted is a person whose every name, id, text and date must not be found in an export.
const planted = `{"person_id": "PLANTED-person", "agency_id": "a-1", "birth_date": "1993-02-11",
 "sentences": [{"imposed_on": "2024-03-01", "type": "parole", "offence": "property", "article": "PLANTED 169", "released_on": "2026-06-01", "custody_days": 800,
   "source": "PLANTED-register"}],
 "supervision": [{"from": "2026-06-01", "kind": "parole", "level": "high", "conditions": []}],
 "facts": [{"feature": "prior_arrests_felony", "value": 4, "as_of": "2026-06-02", "status": "verified"}],
 "events": [{"id": "PLANTED-event", "type": "contact", "at": "2026-06-11T09:30:00Z", "received_at": "2026-06-12T10:00:00Z", "status": "verified",
   "attendance": "attended", "source": "PLANTED-officer"}]}`

func TestExportGivesNobodyAway(t *testing.T) {
	database, _ := institution(t)
	err := onDatabase(t.Context(), database, "", defaultZone, func(_ *store.DB, s *scoring.Service) error {
		who := tarozi.Actor{AccountID: "PLANTED-account", AgencyID: "a-1", Role: tarozi.CaseSystem, Actions: tarozi.ActionsOf(tarozi.CaseSystem)}
		var h tarozi.CaseHistory
		if err := tarozi.Decode([]byte(planted), &h); err != nil {
			return err
		}
		if _, err := s.Create(t.Context(), who, &tarozi.Request{History: h, AsOf: tarozi.Date{Year: 2026, Month: time.July, Day: 1}}, nil); err != nil {
			return err
		}
		_, err := s.PutIdentities(t.Context(), who, []tarozi.Identity{{PersonID: "PLANTED-person", Name: "PLANTED Nomov"}}, false)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	out, key := filepath.Join(t.TempDir(), "export"), filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, bytes.Repeat([]byte{7}, 32), 0o600); err != nil {
		t.Fatal(err)
	}
	export := []string{"export", "--pseudonymised", "--db", database, "--agency", "a-1", "--key", key, "--out", out}
	if said, status := tell(t, "", append([]string{export[0]}, export[2:]...)...); status == exitDone {
		t.Errorf("an export that is not pseudonymised: %s", said)
	}
	mustTell(t, "", export...)
	files, err := filepath.Glob(filepath.Join(out, "*"))
	if err != nil || len(files) != 5 {
		t.Fatalf("files %v (%v)", files, err)
	}
	held := map[string][]byte{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		held[filepath.Base(file)] = text
		for _, secret := range []string{"PLANTED", "Nomov", "a-1", "1993-02-11", "2024-03-01", "2026-06-01", "2026-06-02", "2026-06-11", "2026-06-12", "2026-07-01"} {
			if bytes.Contains(text, []byte(secret)) {
				t.Errorf("%s holds %s", filepath.Base(file), secret)
			}
		}
	}

	var line struct {
		History tarozi.CaseHistory `json:"history"`
	}
	if err := json.Unmarshal(held["histories.ndjson"], &line); err != nil {
		t.Fatal(err)
	}
	h := line.History
	var a struct {
		PersonID string      `json:"person_id"`
		AsOf     tarozi.Date `json:"as_of"`
		Scores   []any       `json:"scores"`
	}
	if err := json.Unmarshal(held["assessments.ndjson"], &a); err != nil {
		t.Fatal(err)
	}
	if a.PersonID != h.PersonID || len(a.Scores) == 0 {
		t.Errorf("the assessment is of %q with %d scores, the history of %q", a.PersonID, len(a.Scores), h.PersonID)
	}
	from := h.Supervision[0].From
	for _, interval := range []struct {
		name      string
		got, want tarozi.Date
	}{
		{"birth", h.BirthDate, tarozi.Date{Year: 1993, Month: time.February, Day: 11}},
		{"sentence", h.Sentences[0].ImposedOn, tarozi.Date{Year: 2024, Month: time.March, Day: 1}},
		{"contact", tarozi.DateOf(h.Events[0].At), tarozi.Date{Year: 2026, Month: time.June, Day: 11}},
		{"assessment", a.AsOf, tarozi.Date{Year: 2026, Month: time.July, Day: 1}},
	} {
		if got, want := interval.got.DaysUntil(from), interval.want.DaysUntil(tarozi.Date{Year: 2026, Month: time.June, Day: 1}); got != want {
			t.Errorf("%s lies %d days before supervision, %d in the record", interval.name, got, want)
		}
	}

	if said, status := tell(t, "", export...); status == exitDone || !strings.Contains(said, "is there already") {
		t.Errorf("a second export into the folder: status %d: %s", status, said)
	}
	again, err := os.ReadFile(filepath.Join(out, "histories.ndjson"))
	if err != nil || !bytes.Equal(again, held["histories.ndjson"]) {
		t.Errorf("the refused export changed a file (%v)", err)
	}
}
