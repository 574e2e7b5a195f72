package server

import "testing"

type hashes struct{ Store }

func (hashes) Pseudonym(string) (string, error) { return "hash", nil }

func TestRedacted(t *testing.T) {
	s := &Server{Config: Config{Store: hashes{}}}
	for text, want := range map[string]string{
		`reading stored JSON: within "/birth_date": "Nodira" is not a date`:                  `reading stored JSON: within "/birth_date": #hash is not a date`,
		`no such person: pinfl-31704911234567`:                                               `no such person: #hash`,
		`on 1991-04-17 and at 2026-11-23T12:00:00.5+05:00`:                                   `on #hash and at #hash`,
		`a quote that "does not end: Nodira`:                                                 `a quote that #hash`,
		"UNIQUE constraint failed: people.person_id":                                         "UNIQUE constraint failed: people.person_id",
		"goroutine 21 [running]:\n/src/store/writer.go:2310 +0x1c9 write(0xc000123456, 0x2)": "goroutine 21 [running]:\n/src/store/writer.go:2310 +0x1c9 write(0xc000123456, 0x2)",
		`person "Гулчеҳра" of 12 people`:                                                     `person #hash of 12 people`,
	} {
		if got := s.redacted(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}
