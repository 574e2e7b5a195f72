package store

import (
	"context"
	"database/sql/driver"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// WriterConnection lets tests make the writer's connection fail.
func (db *DB) WriterConnection() *sqlx.DB { return db.writes.db }

// OpenFaulty opens a database whose writer speaks to SQLite through a layer that tests break.
func OpenFaulty(ctx context.Context, path string, faults func(*sqlite3.SQLiteConn) driver.Conn) (*DB, error) {
	return Open(ctx, path, Options{faults: faults})
}
