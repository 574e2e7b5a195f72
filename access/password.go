package access

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"

	"github.com/tarozi/tarozi"
)

// The length of a password: characters at least, bytes at most.
const (
	MinPassword = 12
	maxPassword = 1024
)

// common are beginnings of what everybody tries first.
var common = []string{"password", "parol", "пароль", "qwerty", "йцукен", "123456", "tarozi", "probatsiya", "пробация", "uzbekistan", "oʻzbekiston", "toshkent", "ташкент"}

// Strong refuses a password that is short, is mostly a common one or the person's own name or login, or repeats few characters. No mix
// of kinds of characters is asked for.
func Strong(password, login, name string) error {
	folded := strings.ToLower(password)
	rest := folded
	for _, known := range append(append([]string{}, common...), append(strings.Fields(strings.ToLower(name)), strings.ToLower(login))...) {
		if len(known) >= 4 {
			rest = strings.ReplaceAll(rest, known, "")
		}
	}
	distinct := map[rune]bool{}
	for _, r := range rest {
		distinct[r] = true
	}
	message := ""
	switch {
	case len([]rune(password)) < MinPassword:
		message = fmt.Sprintf("choose at least %d characters; several words are easy to remember", MinPassword)
	case len(password) > maxPassword:
		message = "choose a shorter one"
	case len([]rune(rest)) < 6 || len(distinct) < 5:
		message = "choose one that is harder to guess: it is mostly your name, a common password or few characters"
	default:
		return nil
	}
	return &tarozi.Error{Code: tarozi.Malformed, Message: "the password cannot be taken: " + message,
		Fields: []tarozi.FieldError{{Pointer: "/password", Code: "weak", Message: message}}}
}

func (s *Service) params() *argon2id.Params {
	if s.Hash == nil {
		return argon2id.DefaultParams
	}
	return s.Hash
}

// secret draws n random bytes as letters and digits.
func (s *Service) secret(n int) (string, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.Random, b); err != nil {
		return "", fmt.Errorf("drawing a secret: %w", err)
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)), nil
}

// place waits for one of the places in which passwords are hashed.
func (s *Service) place(ctx context.Context) (leave func(), err error) {
	select {
	case s.hashing <- struct{}{}:
		return func() { <-s.hashing }, nil
	case <-ctx.Done():
		return nil, tarozi.Wrap(tarozi.Unavailable, ctx.Err(), "too many people sign in at once: try again shortly")
	}
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	leave, err := s.place(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(password, s.params())
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

func (s *Service) fits(ctx context.Context, password, hash string) (bool, error) {
	if len(password) > maxPassword {
		return false, nil
	}
	leave, err := s.place(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	fits, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, tarozi.Wrap(tarozi.Internal, err, "the stored password cannot be read")
	}
	return fits, nil
}

// FirstPasswordLife is how long a password holds that somebody else has given; after it an administrator draws another.
const FirstPasswordLife = 7 * 24 * time.Hour

// Free attempts go without a wait; each further one doubles it, up to the longest.
const (
	freeAttempts = 5
	longestWait  = 15 * time.Minute
)

// Backoff is the wait after so many failed attempts.
func Backoff(failed int) time.Duration {
	if failed < freeAttempts {
		return 0
	}
	return min(longestWait, time.Second<<min(failed-freeAttempts, 20))
}

// attempt counts an attempt under a name, in whatever case and with whatever space around it, as accounts are found; TooMany where it comes
// too early.
func (s *Service) attempt(ctx context.Context, kind, name string) (key string, err error) {
	sum := sha256.Sum256([]byte(kind + ":" + strings.ToLower(strings.TrimSpace(name))))
	key = hex.EncodeToString(sum[:])
	wait, err := s.Store.TrySignIn(ctx, key, s.Now(), Backoff)
	if err == nil && wait > 0 {
		early := tarozi.Errorf(tarozi.TooMany, "too many attempts have failed: wait a while and try again")
		early.RetryAfter = wait
		err = early
	}
	return key, err
}

func wrong() error {
	return tarozi.Errorf(tarozi.Unauthorised, "login and password do not fit: check both")
}

// SignIn checks a password. Each failed attempt makes the next one wait longer, whether there is such a login or not. An account that is
// closed is like one that does not exist.
func (s *Service) SignIn(ctx context.Context, login, password string) (tarozi.Account, error) {
	key, err := s.attempt(ctx, "login", login)
	if err != nil {
		return tarozi.Account{}, err
	}
	a, hash, err := s.Store.AccountByLogin(ctx, login)
	if err != nil && tarozi.CodeOf(err) != tarozi.NotFound {
		return tarozi.Account{}, err
	}
	known := err == nil && hash != "" && a.Disabled.IsZero() && (a.FirstPasswordEnds.IsZero() || s.Now().Before(a.FirstPasswordEnds))
	if !known {
		hash = s.unknown
	}
	fits, err := s.fits(ctx, password, hash)
	if err != nil {
		return tarozi.Account{}, err
	}
	if !known || !fits {
		if a.ID != "" {
			if err := s.note(ctx, a, "sign_in.refused"); err != nil {
				return tarozi.Account{}, err
			}
		}
		return tarozi.Account{}, wrong()
	}
	return a, s.clear(ctx, a, key, "sign_in.password")
}

// Own is the account as an actor that may do nothing but look after itself.
func Own(a tarozi.Account) tarozi.Actor {
	return tarozi.Actor{AccountID: a.ID, AgencyID: a.AgencyID, Role: a.Role}
}

func (s *Service) note(ctx context.Context, a tarozi.Account, action string) error {
	w, err := s.Prepare(Own(a), action, a.ID)
	if err != nil {
		return err
	}
	return s.Store.Note(ctx, w)
}

func (s *Service) clear(ctx context.Context, a tarozi.Account, key, action string) error {
	w, err := s.Prepare(Own(a), action, a.ID)
	if err != nil {
		return err
	}
	return s.Store.ClearAttempts(ctx, w, key)
}

// ChangePassword gives an account a password of its own choice, by the present one.
func (s *Service) ChangePassword(ctx context.Context, accountID, present, next string) error {
	stored, err := s.Store.Account(ctx, accountID)
	if err != nil {
		return err
	}
	key, err := s.attempt(ctx, "login", stored.Login)
	if err != nil {
		return err
	}
	a, hash, err := s.Store.AccountByLogin(ctx, stored.Login)
	if err != nil {
		return err
	}
	fits := false
	if hash != "" {
		if fits, err = s.fits(ctx, present, hash); err != nil {
			return err
		}
	}
	if !fits {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the present password does not fit", Fields: []tarozi.FieldError{{
			Pointer: "/present", Code: "wrong", Message: "type the password that you signed in with"}}}
	}
	if present == next {
		return &tarozi.Error{Code: tarozi.Malformed, Message: "the new password is the present one", Fields: []tarozi.FieldError{{
			Pointer: "/password", Code: "same", Message: "choose another one than the present"}}}
	}
	if err := Strong(next, a.Login, a.Name); err != nil {
		return err
	}
	if err := s.clear(ctx, a, key, "sign_in.password"); err != nil {
		return err
	}
	if hash, err = s.hash(ctx, next); err != nil {
		return err
	}
	w, err := s.Prepare(Own(a), "account.password_changed", a.ID)
	if err != nil {
		return err
	}
	return s.Store.SetPassword(ctx, w, a.ID, hash, time.Time{})
}
