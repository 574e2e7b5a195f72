// Package audit keeps a log of entries that nobody can change unnoticed: a Merkle tree (RFC 6962, golang.org/x/mod/sumdb/tlog) whose
// roots are signed as checkpoints (golang.org/x/mod/sumdb/note).
//
// Changes queue their entries in their own transactions; a Sequencer gives the queued entries their places in batches and signs the
// tree that comes of it. Verify checks a log from files alone. What "tamper-evident" covers and what it does not: docs/audit.md.
package audit
