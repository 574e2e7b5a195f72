-- Looks at restricted cases; what signing in needs beside a password; keys that can be taken back; sessions that can be listed.

-- +goose Up
-- A look at a restricted case is open from at until until_at, for the account alone.
CREATE TABLE restricted_looks (
    id         TEXT NOT NULL PRIMARY KEY,
    person_id  TEXT NOT NULL REFERENCES people (person_id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    reason     TEXT NOT NULL CHECK (reason <> ''),
    at         TEXT NOT NULL,
    until_at   TEXT NOT NULL
) STRICT;
CREATE INDEX restricted_looks_by_account ON restricted_looks (account_id, person_id, until_at);

ALTER TABLE accounts ADD COLUMN disabled_at TEXT;
ALTER TABLE accounts ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1)); -- the password, at the next sign-in
ALTER TABLE accounts ADD COLUMN totp_secret TEXT NOT NULL DEFAULT ''; -- base32; empty: no second factor
ALTER TABLE accounts ADD COLUMN totp_step INTEGER NOT NULL DEFAULT 0; -- the last one used: no code holds twice
ALTER TABLE accounts ADD COLUMN external_id TEXT; -- issuer and subject of a single sign-on
CREATE UNIQUE INDEX accounts_by_external_id ON accounts (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    sha256     TEXT NOT NULL CHECK (length(sha256) = 64),
    agency_id  TEXT NOT NULL REFERENCES agencies (id),
    PRIMARY KEY (account_id, sha256)
) STRICT, WITHOUT ROWID;

-- Attempts to sign in that have failed since the last that did not, by what was typed and not by account, so that a login that does not
-- exist waits as long as one that does. No agency: nobody has signed in yet.
CREATE TABLE sign_in_attempts (
    login_sha256 TEXT    NOT NULL PRIMARY KEY,
    failed       INTEGER NOT NULL,
    last_at      TEXT    NOT NULL
) STRICT;
CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_at);

ALTER TABLE api_keys ADD COLUMN revoked_at TEXT;
CREATE INDEX api_keys_by_account ON api_keys (account_id, created_at);

ALTER TABLE sessions ADD COLUMN account_id TEXT NOT NULL DEFAULT ''; -- empty: nobody has signed in
ALTER TABLE sessions ADD COLUMN ended INTEGER NOT NULL DEFAULT 0 CHECK (ended IN (0, 1));
ALTER TABLE sessions ADD COLUMN session_id TEXT NOT NULL DEFAULT ''; -- a name for lists, which opens nothing
ALTER TABLE sessions ADD COLUMN begun_at TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN agent TEXT NOT NULL DEFAULT ''; -- the browser, as it calls itself
CREATE INDEX sessions_by_account ON sessions (account_id) WHERE account_id <> '';
