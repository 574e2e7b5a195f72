-- The log: entries taken from the queue, each at its place; the stored hashes of their tree (golang.org/x/mod/sumdb/tlog), and every
-- checkpoint that was signed.

-- +goose Up
CREATE TABLE audit_log (
    place     INTEGER NOT NULL PRIMARY KEY, -- from 0, without gaps
    id        TEXT    NOT NULL UNIQUE,
    agency_id TEXT    NOT NULL,
    entry     BLOB    NOT NULL, -- the exact bytes that were queued
    salt      BLOB    NOT NULL
) STRICT;

CREATE TABLE audit_hashes (
    position INTEGER NOT NULL PRIMARY KEY, -- tlog.StoredHashIndex
    hash     BLOB    NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE audit_checkpoints (
    seq    INTEGER PRIMARY KEY AUTOINCREMENT,
    size   INTEGER NOT NULL,
    signed BLOB    NOT NULL
) STRICT;
