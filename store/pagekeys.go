package store

import (
	"context"
	"database/sql"
	"encoding/base64"
	"errors"

	"github.com/tarozi/tarozi"
)

// PageKey stands for a person in addresses of pages: random, so that an address says nothing of whom it is about. It opens nothing by
// itself. A person who is not there is NotFound.
func (db *DB) PageKey(ctx context.Context, personID string) (string, error) {
	return db.pagePerson(ctx, `SELECT page_key FROM people WHERE person_id = ?`, personID)
}

// PersonByPageKey is the id of the person whose PageKey it is. Whether somebody may see the person is for what is asked next to say.
func (db *DB) PersonByPageKey(ctx context.Context, key string) (string, error) {
	return db.pagePerson(ctx, `SELECT person_id FROM people WHERE page_key = ?`, key)
}

func (db *DB) pagePerson(ctx context.Context, query, value string) (found string, err error) {
	err = db.read(ctx, func(t *tx) error { return t.get(&found, query, value) })
	if errors.Is(err, sql.ErrNoRows) {
		err = noPerson()
	}
	return found, err
}

// placeSearch is what searches are sealed for; their owners are accounts.
const placeSearch = "search"

// SealSearch makes what somebody searches for fit to stand in an address: only this service reads it, and only for the same account.
func (db *DB) SealSearch(accountID, text string) (string, error) {
	sealed, err := db.seal.SealFor(accountID, placeSearch, []byte(text))
	return base64.RawURLEncoding.EncodeToString(sealed), told(err)
}

// OpenSearch reads what SealSearch made for the account; anything else is NotFound.
func (db *DB) OpenSearch(accountID, sealed string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err == nil {
		raw, err = db.seal.OpenFor(accountID, placeSearch, raw)
	}
	if err != nil {
		return "", tarozi.Wrap(tarozi.NotFound, err, "this search is not yours or too old: search again")
	}
	return string(raw), nil
}
