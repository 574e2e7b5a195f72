package pages_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

// unseen makes an assessment that nobody has a view of, as an officer does.
func unseen(s *site) string {
	s.Helper()
	p := s.of("officer0")[0]
	a, err := s.scores.CreateFromStored(s.Context(), s.actors["officer0"], p.History.PersonID, p.AsOf, p.Purpose, "", nil)
	must(s, err)
	return "/assessments/" + a.ID
}

// Nothing shows the score before the reader's own view: not the page, not the print view, the caseload, the person.
func TestOwnViewComesFirst(t *testing.T) {
	s := start(t)
	path := unseen(s)
	person := s.at(s.of("officer0")[0].History.PersonID)
	b := s.signedIn("officer0").speaking("en")
	for _, at := range []string{path, path + "?outcome=violation", path + "/print", "/caseload", person} {
		b.get(at).is(http.StatusOK).lacks("data-total", " of 100 people", "of 100</b>")
	}
	for _, row := range []struct {
		name string
		form url.Values
		want []string
	}{
		{"nothing", url.Values{}, []string{"Choose how likely it is", "Choose at least one reason"}},
		{"no reason", url.Values{"band": {"low"}, "note": {"kept"}}, []string{"Choose at least one reason", "kept", "checked"}},
		{"a number that is none", url.Values{"people_of_100": {"some"}, "reasons": {"conduct"}}, []string{"between 0 and 100", `value="some"`}},
		{"another reason without words", url.Values{"band": {"low"}, "reasons": {"other"}}, []string{"at least a sentence"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := b.post(path+"/view", row.form)
			p.T = t
			p.is(http.StatusUnprocessableEntity).has(row.want...).lacks("data-total")
		})
	}
	b.opened(b.get(path)).has("data-total", "Own view, before the score: medium", "Comes to every contact.")
	b.post(path+"/view", url.Values{"band": {"low"}, "reasons": {"conduct"}}).is(http.StatusConflict)
	s.signedIn("supervisor0").speaking("en").get(path).is(http.StatusOK).lacks("data-total")
}

func TestDecisionAndSecondSignature(t *testing.T) {
	s := start(t)
	path := unseen(s)
	b := s.signedIn("officer0").speaking("en")
	score := b.opened(b.get(path))
	score.has(path + "/decision").lacks(`name="decision" value="agree" checked`)
	b.post(path+"/decision", url.Values{}).is(http.StatusUnprocessableEntity).has("Choose a decision")
	b.get(path+"/print").is(http.StatusOK).has("Own view, before the score: medium", "Comes to every contact.", "Decision and reason", "Officer, date, signature")
	b.post(path+"/decision", url.Values{"decision": {"override_up"}, "band": {"high"}}).is(http.StatusUnprocessableEntity).
		has("Choose the reason for departing", "at least a sentence")
	other := "high"
	if strings.Contains(score.html, "Band: high") {
		other = "low"
	}
	decision := "override_up"
	if other == "low" {
		decision = "override_down"
	}
	b.post(path+"/decision", url.Values{"token": {"d"}, "decision": {decision}, "band": {other}, "reason_code": {"recent_change"},
		"reason": {"He lost his flat and his work in the same week."}}).is(http.StatusOK).has("waiting for a second signature", "lost his flat").lacks(path + "/decision")
	supervisor := s.signedIn("supervisor0").speaking("en")
	supervisor.get("/caseload").is(http.StatusOK).has("1 decision waits for your signature", path)
	waiting := supervisor.get(path).is(http.StatusOK).has(path+"/countersignature", "data-total")
	review := waiting.all(`name="review_id" value="([^"]+)"`)[0]
	supervisor.post(path+"/countersignature", url.Values{"review_id": {review}, "verdict": {"return"}}).is(http.StatusUnprocessableEntity).has("at least a sentence")
	supervisor.post(path+"/countersignature", url.Values{"review_id": {review}, "verdict": {"approve"}}).is(http.StatusOK).has("Second signature: confirmed", "reviewed")
	b.get(path+"/print").is(http.StatusOK).has("Own view, before the score: medium", "Decision: ", "lost his flat", "Second signature: confirmed",
		"Dilnoza Karimova", "23 November 2026").lacks("Decision and reason", "Officer, date, signature")
	// Whoever reads a list sees the band that holds beside the score's own.
	b.get("/caseload?show=all").has("reviewed · decided: " + other)
	b.get(s.at(s.of("officer0")[0].History.PersonID)).has("reviewed · decided: " + other)
}

// A decision that was returned stands on the sheet, with room for the new one; a score that expired leaves no room for any.
func TestPrintLeavesRoomForADecisionToBeMade(t *testing.T) {
	s := start(t)
	path := unseen(s)
	b, supervisor := s.signedIn("officer0").speaking("en"), s.signedIn("supervisor0").speaking("en")
	decision, band := "override_up", "high"
	if strings.Contains(b.opened(b.get(path)).html, "Band: high") {
		decision, band = "override_down", "low"
	}
	b.post(path+"/decision", url.Values{"token": {"d"}, "decision": {decision}, "band": {band}, "reason_code": {"recent_change"},
		"reason": {"He lost his flat and his work in the same week."}}).is(http.StatusOK)
	const room = "Decision and reason"
	b.get(path + "/print").is(http.StatusOK).lacks(room)
	review := supervisor.get(path).all(`name="review_id" value="([^"]+)"`)[0]
	supervisor.post(path+"/countersignature", url.Values{"review_id": {review}, "verdict": {"return"}, "note": {"Ask the landlord what happened first."}}).is(http.StatusOK)
	b.get(path+"/print").is(http.StatusOK).has(room, "lost his flat", "Ask the landlord")
	s.scores.ReviewPeriod = time.Nanosecond
	b.get(path + "/print").is(http.StatusOK).has("lost his flat").lacks(room)
}

func TestObjectionIsRecorded(t *testing.T) {
	s := start(t)
	path := s.assessed("officer0", &s.of("officer0")[0])
	b := s.signedIn("officer0").speaking("en")
	b.post(path+"/challenge", url.Values{}).is(http.StatusUnprocessableEntity).has("Choose who objects", "Write down what is objected to")
	b.post(path+"/challenge", url.Values{"raised_by": {"person"}, "objection": {"I was at work that day."}}).is(http.StatusOK).
		has("Objection by the person", "I was at work that day.")
	s.signedIn("officer1").post(path+"/challenge", url.Values{"raised_by": {"person"}, "objection": {"x"}}).is(http.StatusNotFound)
	b.post(path+"/no-such-step", url.Values{}).is(http.StatusNotFound)
}

// Somebody else than the one who decided answers an objection; what comes of it puts the person on the list of those to be
// assessed anew, on every page that says so.
func TestObjectionIsAnswered(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	path := s.assessed("officer0", &person)
	b, other := s.signedIn("officer0").speaking("en"), s.signedIn("supervisor0").speaking("en")
	b.post(path+"/decision", url.Values{"token": {"d"}, "decision": {"agree"}}).is(http.StatusOK)
	b.post(path+"/challenge", url.Values{"token": {"c"}, "raised_by": {"person"}, "objection": {"I was at work that day."}}).is(http.StatusOK).
		lacks(path + "/answer")
	b.get("/due").is(http.StatusOK).has("Every latest assessment still stands.")
	asked := other.get(path).is(http.StatusOK).has(path+"/answer", "I was at work that day.").lacks(`name="result" value="upheld" checked`)
	id := asked.all(`name="challenge_id" value="([^"]+)"`)[0]
	answer := func(result, consequence, words string) url.Values {
		return url.Values{"challenge_id": {id}, "result": {result}, "consequence": {consequence}, "answer": {words}}
	}
	other.post(path+"/answer", answer("", "", "Kept words")).is(http.StatusUnprocessableEntity).
		has("Choose how the objection ends", "Choose what comes of it", "at least a sentence", "Kept words")
	other.post(path+"/answer", answer("upheld", "none", "Your employer has confirmed it.")).is(http.StatusUnprocessableEntity).has("Choose what comes of it")
	b.post(path+"/answer", answer("upheld", "reassess", "Your employer has confirmed it.")).is(http.StatusForbidden)
	other.post(path+"/answer", answer("upheld", "reassess", "Your employer has confirmed it.")).is(http.StatusOK).
		has("Answer to the objection: upheld", "Your employer has confirmed it.").lacks(path + "/answer")
	other.get(path+"/print").is(http.StatusOK).has("Objection by the person", "I was at work that day.", "Answer to the objection: upheld",
		"Your employer has confirmed it.")
	b.get("/due").is(http.StatusOK).has("1 person should be assessed again", "an objection was upheld", person.History.PersonID)
	b.get(s.at(person.History.PersonID)).is(http.StatusOK).has("To be assessed again", "an objection was upheld")
	s.signedIn("officer1").speaking("en").get("/due").is(http.StatusOK).lacks(person.History.PersonID)
}

func TestNewRecordsPutAPersonOnTheList(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	s.assessed("officer0", &person)
	b := s.signedIn("officer0").speaking("en")
	at := now.Add(time.Hour)
	add := func(id string, status tarozi.Status) {
		event := tarozi.Event{ID: id, Type: tarozi.EventViolation, At: at, ReceivedAt: at, Status: status, Violation: tarozi.ViolationCurfew}
		must(t, s.scores.AddEvents(s.Context(), s.actors["officer0"], person.History.PersonID, []tarozi.Event{event}, nil))
	}
	add("said", tarozi.Alleged)
	b.get("/due").has("Every latest assessment still stands.")
	add("found", tarozi.Verified)
	b.get("/due").has("a new record was established", "23 November 2026")
	add("also", tarozi.Verified)
	b.get("/due").has("2 records")
}

// Each sees what review does as far as the role goes.
func TestWhatReviewDoes(t *testing.T) {
	s := start(t)
	b := s.signedIn("officer0").speaking("en")
	b.get("/reviews").is(http.StatusOK).has("Nothing has been reviewed to its end yet.")
	for i := range 3 {
		path := s.assessed("officer0", &s.of("officer0")[i])
		b.post(path+"/decision", url.Values{"token": {path}, "decision": {"agree"}}).is(http.StatusOK)
	}
	b.get("/reviews").is(http.StatusOK).has("3 reviews that are done", "Your own views", "nothing to count yet", "0% (0% to ")
	s.signedIn("supervisor0").speaking("en").get("/reviews").is(http.StatusOK).has("too few to show", "of your agency").lacks("3 reviews")
	s.signedIn("oversight0").speaking("en").get("/reviews").is(http.StatusOK).has("too few to show").lacks("3 reviews")
	s.signedIn("supervisor1").speaking("en").get("/reviews").is(http.StatusOK).has("Nothing has been reviewed")
}

// A score that nobody reviewed in time says so on every page that shows it, and nobody can decide about it any more.
func TestExpiredScoreSaysSo(t *testing.T) {
	s := start(t)
	opened, unopened := s.assessed("officer0", &s.of("officer0")[1]), unseen(s)
	s.scores.ReviewPeriod = time.Nanosecond
	b := s.signedIn("officer0").speaking("en")
	const said = "Nobody reviewed this score in time."
	b.get(opened).is(http.StatusOK).has(said, "data-total").lacks(opened + "/decision")
	b.get(opened + "/print").is(http.StatusOK).has(said)
	b.get(unopened).is(http.StatusOK).has(said, "assess?purpose=").lacks("data-total", unopened+"/view")
	b.post(unopened+"/view", url.Values{"band": {"low"}, "reasons": {"conduct"}}).is(http.StatusConflict)
	b.get("/due").has("the score was not reviewed in time")
	person := s.at(s.of("officer0")[0].History.PersonID)
	b.get(person).has("expired")
	b.get("/caseload?show=needs_review").has("expired").lacks("waiting for review")
}

// An own view given while another score of the person was open to its author is marked, on the record and for the figures.
func TestInformedViewIsMarked(t *testing.T) {
	s := start(t)
	person := s.of("officer0")[0]
	first, again := s.assessed("officer0", &person), s.assessed("officer0", &person)
	b := s.signedIn("officer0").speaking("en")
	const said = "Another score of this person was open"
	b.get(first).is(http.StatusOK).lacks(said)
	b.get(again).is(http.StatusOK).has(said)
	b.post(again+"/decision", url.Values{"token": {"d"}, "decision": {"agree"}}).is(http.StatusOK).has("side-by-side")
	b.get("/reviews").has("1 review that is done", "nothing to count yet")
}

// An override changes the band: one to the score's own band would end a review without a second person.
func TestOverrideToTheSameBandIsRefused(t *testing.T) {
	s := start(t)
	path := s.assessed("officer0", &s.of("officer0")[0])
	b := s.signedIn("officer0").speaking("en")
	band := b.get(path).all(`Band: (low|medium|high)`)[0]
	for _, decision := range []string{"override_up", "override_down"} {
		b.post(path+"/decision", url.Values{"token": {decision}, "decision": {decision}, "band": {band}, "reason_code": {"recent_change"},
			"reason": {"He lost his flat and his work in the same week."}}).is(http.StatusUnprocessableEntity).has("above or below the score")
	}
}
