package fairness

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetBatch is how many values of each column are held at a time.
const parquetBatch = 4096

// ReadFile reads a CSV file, or a Parquet file if the name ends in .parquet, by [ReadCSV] or [ReadParquet].
func ReadFile(path string, c Columns, kind ScoreKind) (*Input, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening the input: %w", err)
	}
	defer f.Close()
	if !strings.HasSuffix(strings.ToLower(path), ".parquet") {
		return ReadCSV(f, path, c, kind)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening the input: %w", err)
	}
	return ReadParquet(f, info.Size(), path, c, kind)
}

// ReadParquet reads the named columns of a Parquet file batch by batch. Columns must be flat booleans, integers,
// floats or texts; an empty (null) value is treated like an empty field of a CSV file.
func ReadParquet(r io.ReaderAt, size int64, name string, c Columns, kind ScoreKind) (in *Input, err error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	// The decoder may panic on a damaged page; a broken file is the sender's mistake, not ours.
	defer func() {
		if p := recover(); p != nil {
			in, err = nil, fmt.Errorf("%s: damaged Parquet file: %v", name, p)
		}
	}()
	digest := sha256.New()
	if _, err := io.Copy(digest, io.NewSectionReader(r, 0, size)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	file, err := parquet.OpenFile(r, size)
	if err != nil {
		return nil, fmt.Errorf("%s is no readable Parquet file: %w", name, err)
	}
	var header []string
	for _, f := range file.Schema().Fields() {
		header = append(header, f.Name())
	}
	if _, err := locate(header, name, c); err != nil {
		return nil, err
	}
	columns := c.named()
	at, leaves := make(map[string]int), make([]int, len(columns))
	for i, column := range columns {
		at[column] = i
		if leaves[i], err = flatLeaf(file.Schema(), name, column); err != nil {
			return nil, err
		}
	}
	k := newCollector(c, kind, at)
	for g, group := range file.RowGroups() {
		if err := readRowGroup(group, leaves, k); err != nil {
			return nil, fmt.Errorf("%s: row group %d, after row %d: %w", name, g+1, k.rows, err)
		}
	}
	return k.finish(name, "parquet", hex.EncodeToString(digest.Sum(nil)))
}

func flatLeaf(schema *parquet.Schema, name, column string) (int, error) {
	leaf, ok := schema.Lookup(column)
	if !ok || leaf.MaxRepetitionLevel > 0 {
		return 0, fmt.Errorf("%s: column %q is nested; store one value per row", name, column)
	}
	kind := leaf.Node.Type().Kind()
	decimal := false
	if logical := leaf.Node.Type().LogicalType(); logical != nil {
		_, decimal = logical.Value.(*format.DecimalType)
	}
	if kind == parquet.Int96 || kind == parquet.FixedLenByteArray || decimal {
		return 0, fmt.Errorf("%s: column %q has type %s; store numbers as double or integer, groups as text", name, column, leaf.Node.Type())
	}
	return leaf.ColumnIndex, nil
}

// columnReader reads the values of one column across its pages.
type columnReader struct {
	pages  parquet.Pages
	values parquet.ValueReader
	page   parquet.Page
}

// read fills buf, fewer only at the end of the column.
func (c *columnReader) read(buf []parquet.Value) (int, error) {
	n := 0
	for n < len(buf) {
		if c.values == nil {
			page, err := c.pages.ReadPage()
			if errors.Is(err, io.EOF) {
				return n, nil
			}
			if err != nil {
				return n, err
			}
			c.page, c.values = page, page.Values()
		}
		m, err := c.values.ReadValues(buf[n:])
		for i := n; i < n+m; i++ {
			buf[i] = buf[i].Clone()
		}
		n += m
		if errors.Is(err, io.EOF) {
			parquet.Release(c.page)
			c.values = nil
		} else if err != nil {
			return n, err
		}
	}
	return n, nil
}

func readRowGroup(group parquet.RowGroup, leaves []int, k *collector) (err error) {
	chunks := group.ColumnChunks()
	readers := make([]columnReader, len(leaves))
	for i, leaf := range leaves {
		readers[i].pages = chunks[leaf].Pages()
	}
	defer func() {
		for i := range readers {
			err = errors.Join(err, readers[i].pages.Close())
		}
	}()
	buffers := make([][]parquet.Value, len(leaves))
	for i := range buffers {
		buffers[i] = make([]parquet.Value, parquetBatch)
	}
	fields := make([]field, len(leaves))
	for {
		n := -1
		for i := range readers {
			m, err := readers[i].read(buffers[i])
			if err != nil {
				return err
			}
			if n >= 0 && m != n {
				return fmt.Errorf("columns of different length")
			}
			n = m
		}
		for j := range n {
			for i := range fields {
				if fields[i], err = parquetField(buffers[i][j]); err != nil {
					return err
				}
			}
			k.add(fields, k.rows+1)
		}
		if n < parquetBatch {
			return nil
		}
	}
}

func parquetField(v parquet.Value) (field, error) {
	if v.IsNull() {
		return field{}, nil
	}
	switch v.Kind() {
	case parquet.Boolean:
		if v.Boolean() {
			return field{text: "true"}, nil
		}
		return field{text: "false"}, nil
	case parquet.Int32:
		return field{number: float64(v.Int32()), numeric: true}, nil
	case parquet.Int64:
		return integerField(v.Int64()), nil
	case parquet.Float:
		return field{number: float64(v.Float()), numeric: true}, nil
	case parquet.Double:
		return field{number: v.Double(), numeric: true}, nil
	case parquet.ByteArray:
		return field{text: string(v.ByteArray())}, nil
	}
	return field{}, fmt.Errorf("a value of type %s", v.Kind())
}

// integerField keeps integers beyond 2^53 exact as text: they are ids, and two of them must not become one.
func integerField(v int64) field {
	const exact = 1 << 53
	if v > exact || v < -exact {
		return field{text: fmt.Sprint(v)}
	}
	return field{number: float64(v), numeric: true}
}
