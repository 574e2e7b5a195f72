package scoring

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tarozi/tarozi"
)

func TestWhoIsDue(t *testing.T) {
	made := now.Add(-time.Hour)
	event := func(id string, received time.Duration, status tarozi.Status, change ...func(*tarozi.Event)) tarozi.Event {
		e := tarozi.Event{ID: id, Type: tarozi.EventArrest, At: made, ReceivedAt: made.Add(received), Status: status}
		for _, c := range change {
			c(&e)
		}
		return e
	}
	contact := func(how tarozi.Attendance) func(*tarozi.Event) {
		return func(e *tarozi.Event) { e.Type, e.Attendance = tarozi.EventContact, how }
	}
	test := func(result tarozi.TestResult) func(*tarozi.Event) {
		return func(e *tarozi.Event) { e.Type, e.Result = tarozi.EventDrugTest, result }
	}
	const minute = time.Minute
	for _, c := range []struct {
		name   string
		latest Latest
		want   string // reason@minutes since the assessment was made:records
	}{
		{"nothing happened", Latest{}, ""},
		{"a new arrest", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified)}}, "new_record@1:e"},
		{"at the very moment", Latest{Events: []tarozi.Event{event("e", 0, tarozi.Verified)}}, ""},
		{"two of them", Latest{Events: []tarozi.Event{event("e", 3*minute, tarozi.Verified), event("f", 2*minute, tarozi.Verified)}}, "new_record@2:e,f"},
		{"an allegation", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Alleged)}}, ""},
		{"an allegation that is established now", Latest{Events: []tarozi.Event{event("e", -minute, tarozi.Alleged), event("e", minute, tarozi.Verified)}}, "new_record@1:e"},
		{"established and disputed since", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified), event("e", 2*minute, tarozi.Disputed)}}, ""},
		{"versions out of order", Latest{Events: []tarozi.Event{event("e", 2*minute, tarozi.Disputed), event("e", minute, tarozi.Verified)}}, ""},
		{"what counted is unfounded", Latest{Events: []tarozi.Event{event("e", -minute, tarozi.Verified), event("e", minute, tarozi.Unfounded)}}, "record_withdrawn@1:e"},
		{"what counted is said again", Latest{Events: []tarozi.Event{event("e", -minute, tarozi.Verified), event("e", minute, tarozi.Verified)}}, ""},
		{"an appointment kept", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified, contact(tarozi.Attended))}}, ""},
		{"an appointment missed", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified, contact(tarozi.MissedUnexcused))}}, "new_record@1:e"},
		{"a clean test", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified, test(tarozi.TestNegative))}}, ""},
		{"a positive test", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified, test(tarozi.TestPositive))}}, "new_record@1:e"},
		{"an equipment fault", Latest{Events: []tarozi.Event{event("e", minute, tarozi.Verified, func(e *tarozi.Event) {
			e.Type, e.Finding = tarozi.EventAlert, tarozi.FindingFault
		})}}, ""},
		{"an objection upheld", Latest{Answers: []tarozi.ChallengeAnswer{{Consequence: tarozi.ConsequenceReassess, CreatedAt: made.Add(5 * minute)}}}, "challenge_upheld@5:"},
		{"an objection rejected", Latest{Answers: []tarozi.ChallengeAnswer{{Consequence: tarozi.ConsequenceNone, CreatedAt: made}}}, ""},
		{"not reviewed in time", Latest{CreatedAt: now.Add(-DefaultReviewPeriod), State: tarozi.ReviewPending}, "expired@20160:"},
		{"reviewed long ago", Latest{CreatedAt: now.Add(-DefaultReassessAfter), State: tarozi.ReviewDone}, "old@259200:"},
		{"reviewed nearly as long ago", Latest{CreatedAt: now.Add(minute - DefaultReassessAfter), State: tarozi.ReviewDone}, ""},
		{"several reasons", Latest{CreatedAt: now.Add(-DefaultReassessAfter), State: tarozi.ReviewPending,
			Events:  []tarozi.Event{event("e", minute, tarozi.Verified)},
			Answers: []tarozi.ChallengeAnswer{{Consequence: tarozi.ConsequenceReassess, CreatedAt: now}}},
			"challenge_upheld@259200: new_record@259141:e expired@20160: old@259200:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := c.latest
			if l.CreatedAt.IsZero() {
				l.CreatedAt, l.State = made, tarozi.ReviewDone
			}
			s := &Service{Assessor: *assessor(t)}
			var got []string
			for _, r := range s.dueOf(&l).Reasons {
				var ids []string
				for _, id := range r.Records {
					ids = append(ids, string(id))
				}
				got = append(got, fmt.Sprintf("%s@%d:%s", r.Reason, int(r.Since.Sub(l.CreatedAt).Minutes()), strings.Join(ids, ",")))
			}
			if text := strings.Join(got, " "); text != c.want {
				t.Errorf("due for %q, want %q", text, c.want)
			}
		})
	}
}
