package table

import (
	"fmt"
	"io"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// rowsInGroup bounds the memory of the writer and lets readers work in parts.
const rowsInGroup = 50_000

// Parquet writes rows as a Parquet file: person_id a string, as_of a date, months an int32, categories as strings, every other
// feature as a double (flags 0 and 1), so that a reader gets numbers with NaN for the missing ones. The file is whole only after
// Close.
type Parquet struct {
	writer *parquet.GenericWriter[any]
	row    parquet.Row
}

// NewParquet begins a file.
func NewParquet(out io.Writer) *Parquet {
	names := append([]string(nil), leading...)
	nodes := parquet.Group{"person_id": parquet.String(), "as_of": parquet.Date(), "months": parquet.Int(32)}
	for _, feature := range features.Catalogue() {
		names = append(names, feature.Key)
		if feature.Kind == features.KindCategory {
			nodes[feature.Key] = parquet.Optional(parquet.String())
		} else {
			nodes[feature.Key] = parquet.Optional(parquet.Leaf(parquet.DoubleType))
		}
	}
	schema := parquet.NewSchema("features", ordered{nodes, names})
	return &Parquet{
		writer: parquet.NewGenericWriter[any](out, schema, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(rowsInGroup),
			parquet.KeyValueMetadata("catalogue_version", features.Version)),
		row: make(parquet.Row, len(names)),
	}
}

// Write adds a row.
func (p *Parquet) Write(row Row) error {
	epoch := tarozi.Date{Year: 1970, Month: time.January, Day: 1}
	p.row[0] = parquet.ByteArrayValue([]byte(row.PersonID)).Level(0, 0, 0)
	p.row[1] = parquet.Int32Value(int32(epoch.DaysUntil(row.AsOf))).Level(0, 0, 1)
	p.row[2] = parquet.Int32Value(int32(row.Extraction.Months)).Level(0, 0, 2)
	for i := range row.Extraction.Entries {
		column := len(leading) + i
		switch value := row.Extraction.Entries[i].Value; value.Kind() {
		case tarozi.NoValue:
			p.row[column] = parquet.NullValue().Level(0, 0, column)
		case tarozi.TextValue:
			p.row[column] = parquet.ByteArrayValue([]byte(value.Text())).Level(0, 1, column)
		default:
			p.row[column] = parquet.DoubleValue(value.Float()).Level(0, 1, column)
		}
	}
	if _, err := p.writer.WriteRows([]parquet.Row{p.row}); err != nil {
		return fmt.Errorf("writing a row of Parquet: %w", err)
	}
	return nil
}

// Close writes the rest and the footer; the writer beneath stays open.
func (p *Parquet) Close() error {
	if err := p.writer.Close(); err != nil {
		return fmt.Errorf("finishing the Parquet file: %w", err)
	}
	return nil
}

// ordered is a group of columns in an order of our own: parquet.Group alone sorts them by name.
type ordered struct {
	parquet.Group
	names []string
}

// Fields lists the columns in order.
func (o ordered) Fields() []parquet.Field {
	byName := make(map[string]parquet.Field, len(o.names))
	for _, field := range o.Group.Fields() {
		byName[field.Name()] = field
	}
	fields := make([]parquet.Field, len(o.names))
	for i, name := range o.names {
		fields[i] = byName[name]
	}
	return fields
}
