package fairness

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// ReadCSV reads a CSV file (RFC 4180, UTF-8, header line) row by row, keeping only the columns named. name is for
// messages. Rows that cannot be used are set aside and counted; broken quoting, a missing column, another encoding and
// a file without rows are errors that name the line or the column.
func ReadCSV(r io.Reader, name string, c Columns, kind ScoreKind) (*Input, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	digest := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r, digest), 1<<16)
	if err := checkEncoding(in, name); err != nil {
		return nil, err
	}
	rows := csv.NewReader(in)
	rows.ReuseRecord = true
	rows.FieldsPerRecord = -1
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s is empty", name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: reading the header: %w", name, err)
	}
	at, err := locate(header, name, c)
	if err != nil {
		return nil, err
	}
	k := newCollector(c, kind, at)
	width := len(header)
	fields := make([]field, width)
	for {
		record, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w; repair the quotation marks there", name, err)
		}
		line, _ := rows.FieldPos(0)
		if len(record) != width {
			k.rows++
			k.setAside("", fmt.Sprintf("%d fields where the header has %d", len(record), width), line)
			continue
		}
		for i, v := range record {
			fields[i] = field{text: v}
		}
		k.add(fields, line)
	}
	return k.finish(name, "csv", hex.EncodeToString(digest.Sum(nil)))
}

// checkEncoding skips a UTF-8 byte order mark and refuses UTF-16.
func checkEncoding(in *bufio.Reader, name string) error {
	start, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	switch {
	case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
		_, err := in.Discard(3)
		return err
	case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
		return fmt.Errorf("%s is UTF-16 or binary; save it as CSV in UTF-8", name)
	case bytes.HasPrefix(start, []byte("PAR1")):
		return fmt.Errorf("%s is a Parquet file; give it the ending .parquet", name)
	}
	return nil
}

// locate finds the named columns in a header and refuses missing and repeated ones.
func locate(header []string, name string, c Columns) (map[string]int, error) {
	at := make(map[string]int)
	for i, h := range header {
		h = strings.TrimSpace(h)
		if !utf8.ValidString(h) {
			return nil, fmt.Errorf("%s: the name of column %d is not UTF-8; save the file as UTF-8", name, i+1)
		}
		if _, ok := at[h]; ok {
			at[h] = -1
			continue
		}
		at[strings.Clone(h)] = i
	}
	for _, want := range c.named() {
		i, ok := at[want]
		switch {
		case !ok:
			return nil, fmt.Errorf("%s has no column %q; it has: %s", name, want, strings.Join(header, ", "))
		case i < 0:
			return nil, fmt.Errorf("%s has several columns %q; rename all but one", name, want)
		}
	}
	return at, nil
}
