package access

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/tarozi/tarozi"
)

// The one-time codes are those of RFC 6238 as every authenticator app makes them: six digits, SHA-1, 30 seconds.
const (
	period        = 30
	skew          = 1 // steps before and after the present one that hold, for clocks that differ
	recoveryCodes = 10
	recoveryBytes = 15 // of each: 120 random bits, for which a plain hash is enough
)

var codeOptions = totp.ValidateOpts{Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}

// Enrolment is a second factor that is offered to a person and not stored yet.
type Enrolment struct {
	Secret string // base32, for typing
	URI    string // otpauth://
	QR     []byte // the URI as a PNG picture
}

// Enrol draws a second factor for an account. It is in force once Confirm has seen a code of it.
func (s *Service) Enrol(a tarozi.Account) (*Enrolment, error) {
	secret := make([]byte, 20)
	if _, err := s.Random.Read(secret); err != nil {
		return nil, fmt.Errorf("drawing a second factor: %w", err)
	}
	return s.Offer(a, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret))
}

// Offer shows a drawn secret again.
func (s *Service) Offer(a tarozi.Account, secret string) (*Enrolment, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Malformed, err, "the second factor cannot be read: begin again")
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Tarozi", AccountName: a.Login, Secret: raw, Period: period,
		Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return nil, fmt.Errorf("making a second factor: %w", err)
	}
	picture, err := key.Image(220, 220)
	if err != nil {
		return nil, fmt.Errorf("drawing a QR code: %w", err)
	}
	var qr bytes.Buffer
	if err := png.Encode(&qr, picture); err != nil {
		return nil, fmt.Errorf("writing a QR code: %w", err)
	}
	return &Enrolment{Secret: key.Secret(), URI: key.URL(), QR: qr.Bytes()}, nil
}

// step is the time step of which a code is; false where it is of none that holds now.
func step(secret, code string, now time.Time) (int64, bool, error) {
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	for offset := -skew; offset <= skew; offset++ {
		at := now.Add(time.Duration(offset) * period * time.Second)
		want, err := totp.GenerateCodeCustom(secret, at, codeOptions)
		if err != nil {
			return 0, false, fmt.Errorf("making a one-time code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return at.Unix() / period, true, nil
		}
	}
	return 0, false, nil
}

func badCode() error {
	return &tarozi.Error{Code: tarozi.Unauthorised, Message: "the code does not fit: take the one that is shown now",
		Fields: []tarozi.FieldError{{Pointer: "/code", Code: "wrong", Message: "type the six digits that the app shows now"}}}
}

// Confirm puts a second factor in force, by a code of it, and draws the codes that stand in for it, to be shown once. A factor that is in
// force already is not replaced: it is taken away first.
func (s *Service) Confirm(ctx context.Context, accountID, secret, code string) (recovery []string, err error) {
	a, err := s.Store.Account(ctx, accountID)
	if err != nil {
		return nil, err
	}
	if a.SecondFactor {
		return nil, tarozi.Errorf(tarozi.Conflict, "your account has a second factor already: an administrator takes it away first")
	}
	at, fits, err := step(secret, code, s.Now())
	if err != nil {
		return nil, tarozi.Wrap(tarozi.Malformed, err, "the second factor cannot be read: begin again")
	}
	if !fits {
		return nil, badCode()
	}
	var hashes []string
	for range recoveryCodes {
		drawn, err := s.secret(recoveryBytes)
		if err != nil {
			return nil, err
		}
		var groups []string
		for group := range slices.Chunk([]byte(drawn), 4) {
			groups = append(groups, string(group))
		}
		recovery = append(recovery, strings.Join(groups, "-"))
		hashes = append(hashes, hashCode(drawn))
	}
	w, err := s.Prepare(Own(a), "account.second_factor_set", a.ID)
	if err != nil {
		return nil, err
	}
	if err := s.Store.SetSecondFactor(ctx, w, a.ID, secret, hashes); err != nil {
		return nil, err
	}
	if w, err = s.Prepare(Own(a), "account.code_used", a.ID); err != nil {
		return nil, err
	}
	_, err = s.Store.UseStep(ctx, w, a.ID, at)
	return recovery, err
}

func hashCode(code string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(strings.TrimSpace(code)))))
	return hex.EncodeToString(sum[:])
}

// CheckFactor takes a code of the account's second factor, or one that stands in for it; each holds once.
func (s *Service) CheckFactor(ctx context.Context, accountID, code string) (tarozi.Account, error) {
	key, err := s.attempt(ctx, "factor", accountID)
	if err != nil {
		return tarozi.Account{}, err
	}
	a, err := s.Store.Account(ctx, accountID)
	if err != nil {
		return tarozi.Account{}, err
	}
	secret, err := s.Store.SecondFactor(ctx, accountID)
	if err != nil {
		return tarozi.Account{}, err
	}
	held := false
	if secret != "" && a.Disabled.IsZero() {
		at, fits, err := step(secret, code, s.Now())
		if err != nil {
			return tarozi.Account{}, tarozi.Wrap(tarozi.Internal, err, "the stored second factor cannot be read")
		}
		w, err := s.Prepare(Own(a), "account.code_used", a.ID)
		if err != nil {
			return tarozi.Account{}, err
		}
		if fits {
			held, err = s.Store.UseStep(ctx, w, accountID, at)
		} else {
			held, err = s.Store.UseRecoveryCode(ctx, w, accountID, hashCode(code))
		}
		if err != nil {
			return tarozi.Account{}, err
		}
	}
	if !held {
		if err := s.note(ctx, a, "sign_in.refused"); err != nil {
			return tarozi.Account{}, err
		}
		return tarozi.Account{}, badCode()
	}
	return a, s.clear(ctx, a, key, "sign_in.second_factor")
}
