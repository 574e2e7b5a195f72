package store

import "github.com/jmoiron/sqlx"

// WriterConnection lets tests make the writer's connection fail.
func (db *DB) WriterConnection() *sqlx.DB { return db.writes.db }
