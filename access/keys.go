package access

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/store"
)

// MaxKeyLife is the longest that a key may last.
const MaxKeyLife = 366 * 24 * time.Hour

// KeyOverlap is how long the earlier key still holds when it is rotated, so that the machine can be moved to the new one meanwhile.
const KeyOverlap = 7 * 24 * time.Hour

// KeyActions are what a key of an account of the role may do at most; nil where there are none. A system administrator's watches the
// service and does nothing else.
func KeyActions(role tarozi.Role) []tarozi.Action {
	switch role {
	case tarozi.CaseSystem:
		return tarozi.ActionsOf(role)
	case tarozi.SystemAdministrator:
		return []tarozi.Action{tarozi.WatchService}
	default:
		return nil
	}
}

// Keys lists the keys of an account that the actor administers.
func (s *Service) Keys(ctx context.Context, actor tarozi.Actor, accountID string) ([]store.APIKey, error) {
	if err := actor.Allow(tarozi.ManageAccounts); err != nil {
		return nil, err
	}
	return s.Store.APIKeys(ctx, actor.Scope(tarozi.ManageAccounts), accountID)
}

// CreateKey makes a key for a machine's account and returns it: it is stored as its hash alone and cannot be shown again. Without
// actions it may do all of KeyActions.
func (s *Service) CreateKey(ctx context.Context, actor tarozi.Actor, accountID string, actions []tarozi.Action, lasts time.Duration) (string, error) {
	a, err := s.Read(ctx, actor, accountID)
	if err != nil {
		return "", err
	}
	if err := may(actor, a.Role); err != nil {
		return "", err
	}
	own := KeyActions(a.Role)
	if own == nil {
		return "", tarozi.Errorf(tarozi.Conflict, "keys are for machines: people sign in")
	}
	if len(actions) == 0 {
		actions = own
	}
	for _, action := range actions {
		if !slices.Contains(own, action) {
			return "", &tarozi.Error{Code: tarozi.Malformed, Message: fmt.Sprintf("a key of this account may do no such thing (%s)", action),
				Fields: []tarozi.FieldError{{Pointer: "/actions", Code: "unknown_value", Message: fmt.Sprintf("choose from %v", own)}}}
		}
	}
	if lasts < time.Hour || lasts > MaxKeyLife {
		return "", &tarozi.Error{Code: tarozi.Malformed, Message: "the key cannot last so long",
			Fields: []tarozi.FieldError{{Pointer: "/days", Code: "out_of_range", Message: "give from 1 to 366 days"}}}
	}
	secret := make([]byte, 32)
	if _, err := io.ReadFull(s.Random, secret); err != nil {
		return "", fmt.Errorf("drawing a key: %w", err)
	}
	key := "tarozi_" + base64.RawURLEncoding.EncodeToString(secret)
	digest := sha256.Sum256([]byte(key))
	id, now := s.NewID(), s.Now().UTC()
	w, err := s.Prepare(actor, "key.created", id)
	if err != nil {
		return "", err
	}
	return key, s.Store.CreateAPIKey(ctx, w, store.APIKey{ID: id, AccountID: a.ID, SHA256: hex.EncodeToString(digest[:]),
		Actions: actions, CreatedAt: now, ExpiresAt: now.Add(lasts)})
}

// RotateKey makes a key that may do what an earlier one may; the earlier one holds for KeyOverlap more, at most.
func (s *Service) RotateKey(ctx context.Context, actor tarozi.Actor, accountID, keyID string, lasts time.Duration) (string, error) {
	earlier, err := s.keyOf(ctx, actor, accountID, keyID)
	if err != nil {
		return "", err
	}
	key, err := s.CreateKey(ctx, actor, accountID, earlier.Actions, lasts)
	if err != nil {
		return "", err
	}
	w, err := s.Prepare(actor, "key.rotated", keyID)
	if err != nil {
		return "", err
	}
	return key, s.Store.ShortenAPIKey(ctx, w, keyID, s.Now().UTC().Add(KeyOverlap))
}

// RevokeKey takes a key back at once.
func (s *Service) RevokeKey(ctx context.Context, actor tarozi.Actor, accountID, keyID string) error {
	if _, err := s.keyOf(ctx, actor, accountID, keyID); err != nil {
		return err
	}
	w, err := s.Prepare(actor, "key.revoked", keyID)
	if err != nil {
		return err
	}
	return s.Store.RevokeAPIKey(ctx, w, keyID)
}

func (s *Service) keyOf(ctx context.Context, actor tarozi.Actor, accountID, keyID string) (store.APIKey, error) {
	keys, err := s.Keys(ctx, actor, accountID)
	if err != nil {
		return store.APIKey{}, err
	}
	at := slices.IndexFunc(keys, func(k store.APIKey) bool { return k.ID == keyID })
	if at < 0 {
		return store.APIKey{}, tarozi.Errorf(tarozi.NotFound, "there is no such key: choose one of the list")
	}
	return keys[at], nil
}
