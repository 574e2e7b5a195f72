package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/mattn/go-sqlite3"
)

// pragma is a setting that a connection must have. SQLite and its driver ignore a misspelt key in the data source name, and
// the driver's own default for synchronous in WAL mode is weaker than what is promised here, so every new connection is asked.
type pragma struct{ name, want string }

func writerPragmas(busy time.Duration) []pragma {
	return []pragma{
		{"journal_mode", "wal"},
		{"synchronous", "2"}, // FULL: a commit is on disk when it returns
		{"foreign_keys", "1"},
		{"busy_timeout", milliseconds(busy)},
		{"secure_delete", "1"}, // what is deleted is overwritten
		{"query_only", "0"},
	}
}

func readerPragmas(busy time.Duration) []pragma {
	return []pragma{
		{"journal_mode", "wal"},
		{"foreign_keys", "1"},
		{"busy_timeout", milliseconds(busy)},
		{"query_only", "1"},
	}
}

func writerDSN(path string, busy time.Duration) string {
	return dsn(path, url.Values{
		"mode":          {"rw"},
		"_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_foreign_keys": {"1"}, "_busy_timeout": {milliseconds(busy)},
		"_secure_delete": {"1"}, "_txlock": {"immediate"}, "_stmt_cache_size": {"64"},
	})
}

func readerDSN(path string, busy time.Duration) string {
	return dsn(path, url.Values{
		"mode":        {"ro"},
		"_query_only": {"1"}, "_foreign_keys": {"1"}, "_busy_timeout": {milliseconds(busy)},
		"_txlock": {"deferred"}, "_stmt_cache_size": {"64"},
	})
}

func dsn(path string, settings url.Values) string {
	escaped := strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path)
	return "file:" + escaped + "?" + settings.Encode()
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// connector opens connections of one kind and checks each. It stands in place of a driver name, which would be global state.
type connector struct {
	driver *sqlite3.SQLiteDriver
	dsn    string
	faults func(*sqlite3.SQLiteConn) driver.Conn // see Options
}

func newConnector(dsn string, want []pragma, functions ...func(*sqlite3.SQLiteConn) error) connector {
	return connector{dsn: dsn, driver: &sqlite3.SQLiteDriver{
		ConnectHook: func(c *sqlite3.SQLiteConn) error {
			for _, register := range functions {
				if err := register(c); err != nil {
					return err
				}
			}
			return assertPragmas(c, want)
		},
	}}
}

func (c connector) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.driver.Open(c.dsn)
	if err != nil || c.faults == nil {
		return conn, err
	}
	return c.faults(conn.(*sqlite3.SQLiteConn)), nil
}

func (c connector) Driver() driver.Driver { return c.driver }

func assertPragmas(c *sqlite3.SQLiteConn, want []pragma) error {
	for _, p := range want {
		got, err := askPragma(c, p.name)
		if err != nil {
			return fmt.Errorf("asking for pragma %s: %w", p.name, err)
		}
		if got != p.want {
			return fmt.Errorf("pragma %s is %q where %q is needed: the file system or the SQLite library cannot give it", p.name, got, p.want)
		}
	}
	return nil
}

func askPragma(c *sqlite3.SQLiteConn, name string) (string, error) {
	rows, err := c.Query("PRAGMA "+name, nil)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	value := make([]driver.Value, 1)
	if err := rows.Next(value); err == io.EOF {
		return "", errors.New("no such pragma")
	} else if err != nil {
		return "", err
	}
	switch v := value[0].(type) {
	case []byte:
		return string(v), nil
	default:
		return fmt.Sprint(v), nil
	}
}

// openPools makes the file where there is none, readable by its owner alone, and opens the writer's one connection and the
// readers.
func openPools(ctx context.Context, path string, o Options, opened *names, watch *rowWatch) (writer, readers *sqlx.DB, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, fmt.Errorf("making the folder of the database: %w", err)
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the database file for writing: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}

	connects := newConnector(writerDSN(path, o.BusyTimeout), writerPragmas(o.BusyTimeout), watch.register)
	connects.faults = o.faults
	writer = sqlx.NewDb(sql.OpenDB(connects), "sqlite3")
	writer.SetMaxOpenConns(1)
	writer.SetMaxIdleConns(1)
	if err := assertImmediate(ctx, writer, path); err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}

	readers = sqlx.NewDb(sql.OpenDB(newConnector(readerDSN(path, o.BusyTimeout), readerPragmas(o.BusyTimeout), opened.register)), "sqlite3")
	readers.SetMaxOpenConns(o.Readers)
	readers.SetMaxIdleConns(o.Readers)
	if err := readers.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("opening a reader: %w", err), readers.Close(), writer.Close())
	}
	return writer, readers, nil
}

// assertImmediate makes sure that the writer's transactions take the write lock as they begin: a deferred one that reads first
// can fail half-way with "database is locked", however long it would have waited.
func assertImmediate(ctx context.Context, writer *sqlx.DB, path string) error {
	tx, err := writer.BeginTxx(ctx, nil)
	if err != nil {
		return fmt.Errorf("beginning a first transaction: %w", err)
	}
	defer tx.Rollback()
	second := sql.OpenDB(newConnector(writerDSN(path, 0), nil))
	defer second.Close()
	other, err := second.BeginTx(ctx, nil)
	if err == nil {
		return errors.Join(errors.New("transactions of the writer do not take the write lock as they begin"), other.Rollback())
	}
	if code := resultCode(err); code != sqlite3.ErrBusy {
		return fmt.Errorf("probing the write lock: %w", err)
	}
	return nil
}

// resultCode is SQLite's primary result code of err, 0 where err is not SQLite's.
func resultCode(err error) sqlite3.ErrNo {
	var e sqlite3.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return 0
}
