package tarozi

import (
	"errors"
	"strings"
	"testing"
)

func number(n int) *int { return &n }

const because = "The person lost work and housing last week."

func TestReviewValidation(t *testing.T) {
	type validated interface{ Validate() error }
	override := func(decision Decision, score, band Band) *Review {
		return &Review{Decision: decision, ScoreBand: score, Band: band, ReasonCode: "recent_change", Reason: because}
	}
	for _, c := range []struct {
		name string
		what validated
		want string // pointer and code of each fault
	}{
		{"view by band", &PriorView{Band: Low, Reasons: []ReasonCode{"conduct"}}, ""},
		{"view by people", &PriorView{People: number(0), Reasons: []ReasonCode{"conduct"}}, ""},
		{"view without an estimate", &PriorView{Reasons: []ReasonCode{"conduct"}}, "/band required"},
		{"view without a reason", &PriorView{Band: Low}, "/reasons required"},
		{"view of 101 people", &PriorView{People: number(101), Reasons: []ReasonCode{"conduct"}}, "/people_of_100 out_of_range"},
		{"view of fewer than none", &PriorView{People: number(-1), Reasons: []ReasonCode{"conduct"}}, "/people_of_100 out_of_range"},
		{"view in a band that is not there", &PriorView{Band: "huge", Reasons: []ReasonCode{"conduct"}}, "/band unknown_value"},
		{"view for a reason that is not there", &PriorView{Band: Low, Reasons: []ReasonCode{"conduct", "looks"}}, "/reasons/1 unknown_value"},
		{"view for a reason twice", &PriorView{Band: Low, Reasons: []ReasonCode{"conduct", "conduct"}}, "/reasons/1 duplicate"},
		{"view for another reason without words", &PriorView{Band: Low, Reasons: []ReasonCode{ReasonOther}, Note: " "}, "/note required"},
		{"view with a long note", &PriorView{Band: Low, Reasons: []ReasonCode{"conduct"}, Note: strings.Repeat("щ", 4001)}, "/note too_long"},

		{"bypass", &Bypass{Reason: because}, ""},
		{"bypass without a reason", &Bypass{}, "/reason required"},
		{"bypass in a word", &Bypass{Reason: "urgent"}, "/reason too_short"},

		{"agree", &Review{Decision: Agree, ScoreBand: Medium, Band: Medium}, ""},
		{"agree for a reason", &Review{Decision: Agree, ScoreBand: Medium, Band: Medium, Reason: "Yes."}, ""},
		{"agree in another band", &Review{Decision: Agree, ScoreBand: Medium, Band: High}, "/band contradiction"},
		{"no decision", &Review{ScoreBand: Medium, Band: Medium}, "/decision required"},
		{"no band", &Review{Decision: OverrideUp, ScoreBand: Low, ReasonCode: "other", Reason: because}, "/band required"},
		{"up", override(OverrideUp, Low, High), ""},
		{"up within the band", override(OverrideUp, Medium, Medium), "/band contradiction"},
		{"up to a lower band", override(OverrideUp, Medium, Low), "/band contradiction"},
		{"down", override(OverrideDown, High, Low), ""},
		{"down within the band", override(OverrideDown, Low, Low), "/band contradiction"},
		{"down to a higher band", override(OverrideDown, Medium, High), "/band contradiction"},
		{"override without a reason", &Review{Decision: OverrideUp, ScoreBand: Low, Band: Medium}, "/reason required, /reason_code required"},
		{"override in two words", &Review{Decision: OverrideUp, ScoreBand: Low, Band: Medium, ReasonCode: "other",
			Reason: "Unacceptableness notwithstanding"}, "/reason too_short"},
		{"override in three short words", &Review{Decision: OverrideUp, ScoreBand: Low, Band: Medium, ReasonCode: "other",
			Reason: "   I say so                     "}, "/reason too_short"},
		{"override for a reason that is not there", &Review{Decision: OverrideUp, ScoreBand: Low, Band: Medium, ReasonCode: "mood",
			Reason: because}, "/reason_code unknown_value"},

		{"approve", &Countersignature{Verdict: CountersignApprove}, ""},
		{"return", &Countersignature{Verdict: CountersignReturn, Note: because}, ""},
		{"return without a note", &Countersignature{Verdict: CountersignReturn}, "/note required"},
		{"no verdict", &Countersignature{}, "/verdict required"},

		{"objection", &Challenge{RaisedBy: "person", Objection: "Not me."}, ""},
		{"objection to records", &Challenge{RaisedBy: "relative", Objection: "Wrong.", Records: []Evidence{"e-1"}}, ""},
		{"objection without words", &Challenge{RaisedBy: "person", Objection: "\n"}, "/objection required"},
		{"objection of nobody", &Challenge{Objection: "No."}, "/raised_by required"},
		{"objection to a record without id", &Challenge{RaisedBy: "person", Objection: "No.", Records: []Evidence{""}}, "/records/0 required"},
		{"objection to too many", &Challenge{RaisedBy: "person", Objection: "No.", Records: make([]Evidence, 101)}, "/records too_many"},

		{"answer", &ChallengeAnswer{Result: ChallengeUpheld, Consequence: ConsequenceReassess, Answer: because}, ""},
		{"rejection", &ChallengeAnswer{Result: ChallengeRejected, Consequence: ConsequenceNone, Answer: because}, ""},
		{"upheld for nothing", &ChallengeAnswer{Result: ChallengeUpheld, Consequence: ConsequenceNone, Answer: because}, "/consequence contradiction"},
		{"rejected with a consequence", &ChallengeAnswer{Result: ChallengeRejected, Consequence: ConsequenceReassess, Answer: because}, "/consequence contradiction"},
		{"no answer", &ChallengeAnswer{}, "/answer required, /consequence required, /result required"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			var e *Error
			if err := c.what.Validate(); errors.As(err, &e) {
				if e.Code != Malformed {
					t.Errorf("code %s", e.Code)
				}
				for _, f := range e.Fields {
					got = append(got, f.Pointer+" "+f.Code)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			if faults := strings.Join(got, ", "); faults != c.want {
				t.Errorf("faults %q, want %q", faults, c.want)
			}
		})
	}
}

func TestOnlyAChangedBandNeedsASecondPerson(t *testing.T) {
	for _, c := range []struct {
		score, band Band
		want        bool
	}{{Low, Low, false}, {Low, Medium, true}, {High, Low, true}} {
		if got := (&Review{ScoreBand: c.score, Band: c.band}).NeedsCountersignature(); got != c.want {
			t.Errorf("%s to %s: %v", c.score, c.band, got)
		}
	}
}
