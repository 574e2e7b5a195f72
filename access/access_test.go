package access_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/pquerna/otp/totp"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/access"
	"github.com/tarozi/tarozi/scoring"
	"github.com/tarozi/tarozi/store"
)

const good = "seven brown foxes dig"

// office is a service over a real database, whose clock the test moves.
type office struct {
	*testing.T
	*access.Service
	db    *store.DB
	at    time.Time
	chief tarozi.Actor // agency administrator of agency "a"
}

func open(t *testing.T) *office {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "t.db"), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { must(t, db.Close()) })
	o := &office{T: t, db: db, at: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC),
		chief: tarozi.Actor{AccountID: "chief", AgencyID: "a", Role: tarozi.AgencyAdministrator, Actions: tarozi.ActionsOf(tarozi.AgencyAdministrator)}}
	n := 0
	newID := func() string { n++; return fmt.Sprintf("id-%04d", n) }
	scores := &scoring.Service{Assessor: scoring.Assessor{Zone: time.UTC, Now: func() time.Time { return o.at }, NewID: newID}, Store: db, Registry: db, Random: rand.Reader}
	o.Service, err = access.New(access.Service{Store: db, Random: rand.Reader, Now: scores.Now, NewID: newID, Prepare: scores.PrepareAccount,
		Hash: &argon2id.Params{Memory: 8 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}})
	must(t, err)
	for _, agency := range []string{"a", "b"} {
		w, err := scores.Administer(agency, "agency.created", agency)
		must(t, err)
		must(t, db.PutAgency(t.Context(), w, tarozi.Agency{ID: agency, Name: agency}))
	}
	return o
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (o *office) pass(d time.Duration) { o.at = o.at.Add(d) }

// officer makes an account that has chosen its password.
func (o *office) officer(login string) tarozi.Account {
	o.Helper()
	a := tarozi.Account{AgencyID: "a", Login: login, Name: "Dilnoza Karimova", Role: tarozi.Officer}
	drawn, err := o.Create(o.Context(), o.chief, &a, "")
	must(o, err)
	must(o, o.ChangePassword(o.Context(), a.ID, drawn, good))
	return a
}

// codeIs fails where an error has another code; an empty one is no error.
func codeIs(t *testing.T, what string, err error, want tarozi.Code) {
	t.Helper()
	if got := tarozi.CodeOf(err); err == nil && want != "" || err != nil && got != want {
		t.Errorf("%s: %v, want %q", what, err, want)
	}
}

func TestBackoff(t *testing.T) {
	for failed, want := range map[int]time.Duration{0: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 10: 32 * time.Second, 15: 15 * time.Minute, 1000: 15 * time.Minute} {
		if got := access.Backoff(failed); got != want {
			t.Errorf("after %d failed attempts one waits %s, want %s", failed, got, want)
		}
	}
}

// Failed attempts wait longer and longer, by login and whether there is one or not; the right password within the wait is not looked at, and
// after it begins from nothing again.
func TestLockoutByBackoff(t *testing.T) {
	o, ctx := open(t), t.Context()
	o.officer("d.karimova")
	for _, login := range []string{"d.karimova", "nobody"} {
		for i := range 5 {
			_, err := o.SignIn(ctx, login, "wrong password here")
			codeIs(t, fmt.Sprint(login, " attempt ", i), err, tarozi.Unauthorised)
		}
		_, err := o.SignIn(ctx, login, good)
		codeIs(t, login+" at once", err, tarozi.TooMany)
		_, err = o.SignIn(ctx, " "+strings.ToUpper(login), good)
		codeIs(t, login+" in other letters", err, tarozi.TooMany)
	}
	o.pass(999 * time.Millisecond)
	_, err := o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "just before the second is over", err, tarozi.TooMany)
	o.pass(time.Millisecond)
	_, err = o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "after the second", err, "")
	for i := range 4 { // counted from nothing
		_, err := o.SignIn(ctx, "d.karimova", "wrong password here")
		codeIs(t, fmt.Sprint("again ", i), err, tarozi.Unauthorised)
	}
	_, err = o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "the right one", err, "")
	for range 30 { // whoever goes on is never shut out for longer than the longest wait
		_, _ = o.SignIn(ctx, "d.karimova", "wrong password here")
		o.pass(15 * time.Minute)
	}
	_, err = o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "after the longest wait", err, "")
}

func TestPasswords(t *testing.T) {
	for _, row := range []struct {
		name, password string
		taken          bool
	}{
		{"several words", good, true},
		{"64 characters", strings.Repeat("ab c9é€x", 8), true},
		{"Cyrillic words", "семь бурых лисиц роют", true},
		{"short", "Aa1!aa1!x", false},
		{"eleven characters of more bytes", "семьлисицам", false},
		{"one character", strings.Repeat("a", 40), false},
		{"a common one", "password123456", false},
		{"a common one and digits", "Qwerty123456!", false},
		{"in Uzbek", "parolparol2026", false},
		{"the service's name", "Tarozi-tarozi1", false},
		{"the login", "d.karimova.d.karimova", false},
		{"the name", "Dilnoza Karimova 1", false},
		{"longer than can be hashed quickly", strings.Repeat("seven brown foxes ", 60), false},
	} {
		if err := access.Strong(row.password, "d.karimova", "Dilnoza Karimova"); (err == nil) != row.taken {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// A first password opens nothing but its own change, holds for a week, and is never the lasting one; a password is taken as it was typed.
func TestFirstPasswords(t *testing.T) {
	o, ctx := open(t), t.Context()
	a := tarozi.Account{AgencyID: "a", Login: "new", Name: "New Officer", Role: tarozi.Officer}
	drawn, err := o.Create(ctx, o.chief, &a, "")
	must(t, err)
	if len(drawn) != 16 {
		t.Errorf("the first password is %q", drawn)
	}
	in, err := o.SignIn(ctx, "new", drawn)
	if err != nil || !in.MustChange {
		t.Fatalf("the first password signs in: must change %v, %v", in.MustChange, err)
	}
	codeIs(t, "keeping it", o.ChangePassword(ctx, a.ID, drawn, drawn), tarozi.Malformed)
	codeIs(t, "a weak one", o.ChangePassword(ctx, a.ID, drawn, "new"), tarozi.Malformed)
	codeIs(t, "without the present one", o.ChangePassword(ctx, a.ID, "something else", good), tarozi.Malformed)
	must(t, o.ChangePassword(ctx, a.ID, drawn, good))
	in, err = o.SignIn(ctx, "new", good)
	if err != nil || in.MustChange {
		t.Errorf("after the change: must change %v, %v", in.MustChange, err)
	}
	for _, typed := range []string{drawn, strings.ToUpper(good), good + " ", good[:20]} {
		_, err = o.SignIn(ctx, "new", typed)
		codeIs(t, fmt.Sprintf("%q", typed), err, tarozi.Unauthorised)
	}
	o.pass(400 * 24 * time.Hour)
	_, err = o.SignIn(ctx, "new", good)
	codeIs(t, "one's own password a year later", err, "")

	again, err := o.Reset(ctx, o.chief, a.ID, false)
	must(t, err)
	_, err = o.SignIn(ctx, "new", good)
	codeIs(t, "the earlier one after a reset", err, tarozi.Unauthorised)
	o.pass(access.FirstPasswordLife - time.Second)
	in, err = o.SignIn(ctx, "new", again)
	if err != nil || !in.MustChange {
		t.Errorf("within the week: must change %v, %v", in.MustChange, err)
	}
	o.pass(time.Second)
	_, err = o.SignIn(ctx, "new", again)
	codeIs(t, "after the week", err, tarozi.Unauthorised)
}

// A one-time code holds in its own step and those beside it, once, and never after a later one.
func TestOneTimeCodes(t *testing.T) {
	o, ctx := open(t), t.Context()
	a := o.officer("d.karimova")
	offered, err := o.Enrol(a)
	must(t, err)
	code := func(steps int) string {
		t.Helper()
		made, err := totp.GenerateCode(offered.Secret, o.at.Add(time.Duration(steps)*30*time.Second))
		must(t, err)
		return made
	}
	_, err = o.Confirm(ctx, a.ID, offered.Secret, "000000")
	codeIs(t, "a wrong first code", err, tarozi.Unauthorised)
	spare, err := o.Confirm(ctx, a.ID, offered.Secret, code(0))
	must(t, err)
	_, err = o.Confirm(ctx, a.ID, offered.Secret, code(1))
	codeIs(t, "a second factor over the first", err, tarozi.Conflict)
	check := func(what, code string, want tarozi.Code) {
		t.Helper()
		o.pass(time.Hour) // beyond any wait
		_, err := o.CheckFactor(ctx, a.ID, code)
		codeIs(t, what, err, want)
	}
	at := o.at
	_, err = o.CheckFactor(ctx, a.ID, code(0))
	codeIs(t, "the code of the enrolment again", err, tarozi.Unauthorised)
	for i, row := range []struct {
		what  string
		steps int
		want  tarozi.Code
	}{{"two steps late", -2, tarozi.Unauthorised}, {"two steps early", 2, tarozi.Unauthorised}, {"a step late", -1, ""}, {"now", 0, ""}, {"a step early", 1, ""}} {
		o.at = at.Add(time.Duration(1+i) * time.Hour)
		_, err := o.CheckFactor(ctx, a.ID, code(row.steps))
		codeIs(t, row.what, err, row.want)
		_, err = o.CheckFactor(ctx, a.ID, code(row.steps))
		codeIs(t, row.what+", again", err, tarozi.Unauthorised)
	}
	o.pass(time.Hour)
	later, earlier := code(1), code(0)
	_, err = o.CheckFactor(ctx, a.ID, later)
	codeIs(t, "the later of two", err, "")
	_, err = o.CheckFactor(ctx, a.ID, earlier)
	codeIs(t, "the earlier after the later", err, tarozi.Unauthorised)

	if len(spare) != 10 || len(strings.ReplaceAll(spare[0], "-", "")) != 24 {
		t.Errorf("the recovery codes are %v", spare)
	}
	check("a recovery code", " "+strings.ToUpper(spare[3])+" ", "")
	check("the same one again", spare[3], tarozi.Unauthorised)
	check("another one, without its lines", strings.ReplaceAll(spare[4], "-", ""), "")
	check("half of one", spare[5][:14], tarozi.Unauthorised)
	check("nothing", "", tarozi.Unauthorised)
	for range 12 {
		_, err = o.CheckFactor(ctx, a.ID, "123456")
	}
	codeIs(t, "guessing codes", err, tarozi.TooMany)
	_, err = o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "the password meanwhile", err, "")

	// A reset of the password leaves the factor; taking it away takes the recovery codes too.
	_, err = o.Reset(ctx, o.chief, a.ID, false)
	must(t, err)
	if now, err := o.db.Account(ctx, a.ID); err != nil || !now.SecondFactor {
		t.Errorf("a new first password took the second factor away (%v)", err)
	}
	_, err = o.Reset(ctx, o.chief, a.ID, true)
	must(t, err)
	check("a recovery code of the factor that is gone", spare[6], tarozi.Unauthorised)
}

// A key is rotated without a moment in which none holds; it ends when it was said to, and what it may do is never more than its role may.
func TestKeys(t *testing.T) {
	o, ctx := open(t), t.Context()
	machine := tarozi.Account{AgencyID: "a", Login: "register", Name: "Register", Role: tarozi.CaseSystem}
	if drawn, err := o.Create(ctx, o.chief, &machine, ""); drawn != "" || err != nil {
		t.Fatalf("a machine was given the password %q (%v)", drawn, err)
	}
	holds := func(key string) (tarozi.Actor, bool) {
		sum := sha256.Sum256([]byte(key))
		actor, err := o.db.ActorByAPIKey(ctx, hex.EncodeToString(sum[:]), o.at)
		return actor, err == nil
	}
	first, err := o.CreateKey(ctx, o.chief, machine.ID, []tarozi.Action{tarozi.ReadModels}, 30*24*time.Hour)
	must(t, err)
	if who, ok := holds(first); !ok || !slices.Equal(who.Actions, []tarozi.Action{tarozi.ReadModels}) || who.AgencyID != "a" {
		t.Errorf("the key opens %+v, %v", who, ok)
	}
	held, err := o.Keys(ctx, o.chief, machine.ID)
	must(t, err)
	if len(held) != 1 || strings.Contains(fmt.Sprint(held), first) {
		t.Errorf("what is kept of the key is %+v", held)
	}
	for what, err := range map[string]error{
		"an action of another role": second(o.CreateKey(ctx, o.chief, machine.ID, []tarozi.Action{tarozi.Decide}, time.Hour)),
		"too short":                 second(o.CreateKey(ctx, o.chief, machine.ID, nil, time.Minute)),
		"too long":                  second(o.CreateKey(ctx, o.chief, machine.ID, nil, access.MaxKeyLife+time.Hour)),
	} {
		codeIs(t, what, err, tarozi.Malformed)
	}
	o.pass(24 * time.Hour)
	next, err := o.RotateKey(ctx, o.chief, machine.ID, held[0].ID, 60*24*time.Hour)
	must(t, err)
	for day := range 9 {
		_, old := holds(first)
		who, now := holds(next)
		if !now || old != (day < 7) || !slices.Equal(who.Actions, []tarozi.Action{tarozi.ReadModels}) {
			t.Errorf("%d days after the rotation the earlier key holds %v, the next %v with %v", day, old, now, who.Actions)
		}
		o.pass(24 * time.Hour)
	}
	o.pass(60 * 24 * time.Hour)
	if _, ok := holds(next); ok {
		t.Error("a key holds after its end")
	}
	third, err := o.CreateKey(ctx, o.chief, machine.ID, nil, time.Hour)
	must(t, err)
	held, err = o.Keys(ctx, o.chief, machine.ID)
	must(t, err)
	must(t, o.RevokeKey(ctx, o.chief, machine.ID, held[0].ID))
	if _, ok := holds(third); ok {
		t.Error("a key holds after it was taken back")
	}
	fourth, err := o.CreateKey(ctx, o.chief, machine.ID, nil, time.Hour)
	must(t, err)
	must(t, o.Change(ctx, o.chief, machine.ID, tarozi.CaseSystem, true))
	if _, ok := holds(fourth); ok {
		t.Error("a key of a closed account holds")
	}
}

func second(_ string, err error) error { return err }

// All sessions of an account end when it is closed, gets another role, or a new password; other accounts' go on.
func TestSessionsEndWithTheAccountsChange(t *testing.T) {
	o, ctx := open(t), t.Context()
	a, other := o.officer("d.karimova"), o.officer("b.saidov")
	sessions := o.db.Sessions(func() time.Time { return o.at })
	begin := func() {
		t.Helper()
		for i, account := range []string{a.ID, a.ID, other.ID} {
			data := fmt.Sprintf(`{"account":%q,"id":"s%d","begun":1,"agent":"x","values":""}`, account, i)
			must(t, sessions.CommitCtx(ctx, fmt.Sprint(o.at.UnixNano(), "-", i), []byte(data), o.at.Add(time.Hour)))
		}
	}
	for _, row := range []struct {
		what string
		do   func() error
	}{
		{"another role", func() error { return o.Change(ctx, o.chief, a.ID, tarozi.Supervisor, false) }},
		{"closed", func() error { return o.Change(ctx, o.chief, a.ID, tarozi.Supervisor, true) }},
		{"opened and given a first password", func() error {
			if err := o.Change(ctx, o.chief, a.ID, tarozi.Supervisor, false); err != nil {
				return err
			}
			return second(o.Reset(ctx, o.chief, a.ID, false))
		}},
	} {
		o.pass(time.Minute)
		begin()
		count := func(id string) int {
			list, err := o.db.SessionsOf(context.WithoutCancel(ctx), id, o.at)
			must(t, err)
			return len(list)
		}
		if count(a.ID) != 2 {
			t.Fatalf("%s: there are %d sessions", row.what, count(a.ID))
		}
		before := count(other.ID)
		must(t, row.do())
		if count(a.ID) != 0 || count(other.ID) != before {
			t.Errorf("%s: %d sessions go on, and %d of another account", row.what, count(a.ID), count(other.ID))
		}
	}
}

// A closed account, and one whose secret cannot be drawn, fail as they should.
func TestSignInRefuses(t *testing.T) {
	o, ctx := open(t), t.Context()
	a := o.officer("d.karimova")
	must(t, o.Change(ctx, o.chief, a.ID, tarozi.Officer, true))
	_, err := o.SignIn(ctx, "d.karimova", good)
	codeIs(t, "a closed account", err, tarozi.Unauthorised)
	_, missing := o.SignIn(ctx, "nobody", good)
	if err == nil || missing == nil || err.Error() != missing.Error() {
		t.Errorf("a closed account says %q, one that is not there %q", err, missing)
	}
	o.Random = strings.NewReader("")
	if _, err := o.Create(ctx, o.chief, &tarozi.Account{AgencyID: "a", Login: "x", Name: "X", Role: tarozi.Officer}, ""); err == nil {
		t.Error("a first password was drawn of nothing")
	}
	o.Random = io.LimitReader(rand.Reader, 1<<20)
}
