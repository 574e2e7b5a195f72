package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/features"
)

// rows are one person of whom much is known and one of whom nothing is.
func rows(t *testing.T) []Row {
	start := tarozi.Date{Year: 2024, Month: time.January, Day: 1}
	known := tarozi.CaseHistory{PersonID: `one, "quoted"`, AgencyID: "a", BirthYear: 1990,
		Supervision: []tarozi.Supervision{{From: start, Kind: tarozi.SupervisionParole, Level: "high", Conditions: []tarozi.Condition{}}},
		Facts: []tarozi.Fact{
			{Feature: "gang_affiliation", Value: tarozi.Flag(true), AsOf: start, Status: tarozi.Verified},
			{Feature: "employed_share", Value: tarozi.Number(0.47), AsOf: start, Status: tarozi.Verified},
			{Feature: "custody_days", Value: tarozi.Number(1278), AsOf: start, Status: tarozi.Verified},
		}}
	var list []Row
	for _, h := range []tarozi.CaseHistory{known, {PersonID: "nobody", AgencyID: "a"}} {
		asOf := start.AddMonths(12)
		x, err := features.Extract(&h, features.Moment{AsOf: asOf, Zone: time.UTC})
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Row{PersonID: h.PersonID, AsOf: asOf, Extraction: x})
	}
	return list
}

func columns() []string {
	names := []string{"person_id", "as_of", "months"}
	for _, f := range features.Catalogue() {
		names = append(names, f.Key)
	}
	return names
}

func TestCSV(t *testing.T) {
	var out bytes.Buffer
	c, err := NewCSV(&out)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows(t) {
		if err := c.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 3 || !slices.Equal(got[0], columns()) {
		t.Fatalf("%d lines with header %v", len(got), got[0])
	}
	for _, cell := range []struct {
		line         int
		column, want string
	}{
		{1, "person_id", `one, "quoted"`},
		{1, "as_of", "2025-01-01"},
		{1, "months", "12"},
		{1, "age_at_start", "33"},
		{1, "gang_affiliation", "1"},
		{1, "condition_treatment", "0"},
		{1, "supervision_level_first", "high"},
		{1, "employed_share", "0.47"},
		{1, "custody_days", "1278"},
		{1, "education", ""},
		{2, "person_id", "nobody"},
		{2, "months", "0"},
		{2, "age_at_start", ""},
		{2, "gang_affiliation", ""},
	} {
		if value := got[cell.line][slices.Index(columns(), cell.column)]; value != cell.want {
			t.Errorf("line %d, %s: %q, want %q", cell.line, cell.column, value, cell.want)
		}
	}
}

func TestParquetHoldsWhatTheCSVHolds(t *testing.T) {
	var out bytes.Buffer
	p := NewParquet(&out)
	for _, row := range rows(t) {
		if err := p.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if version, _ := file.Lookup("catalogue_version"); version != features.Version {
		t.Errorf("catalogue_version is %q, want %q", version, features.Version)
	}
	var names []string
	for _, field := range file.Schema().Fields() {
		names = append(names, field.Name())
	}
	if !slices.Equal(names, columns()) {
		t.Fatalf("columns %v, want %v", names, columns())
	}
	reader := file.RowGroups()[0].Rows()
	defer reader.Close()
	got := make([]parquet.Row, 2)
	if n, err := reader.ReadRows(got); n != 2 {
		t.Fatalf("%d rows: %v", n, err)
	}
	for i, row := range rows(t) {
		if id := string(got[i][0].ByteArray()); id != row.PersonID {
			t.Errorf("row %d is of %q, want %q", i, id, row.PersonID)
		}
		if day := time.Unix(int64(got[i][1].Int32())*86_400, 0).UTC(); tarozi.DateOf(day) != row.AsOf {
			t.Errorf("row %d is as of %s, want %s", i, day, row.AsOf)
		}
		if months := int(got[i][2].Int32()); months != row.Extraction.Months {
			t.Errorf("row %d has %d months, want %d", i, months, row.Extraction.Months)
		}
		for j, f := range features.Catalogue() {
			value, entry := got[i][len(leading)+j], row.Extraction.Entries[j]
			switch {
			case value.IsNull() != entry.Value.IsZero():
				t.Errorf("row %d, %s: null is %v, want %v", i, f.Key, value.IsNull(), entry.Value.IsZero())
			case value.IsNull():
			case f.Kind == features.KindCategory:
				if text := string(value.ByteArray()); text != entry.Value.Text() {
					t.Errorf("row %d, %s: %q, want %q", i, f.Key, text, entry.Value.Text())
				}
			default:
				if math.Float64bits(value.Double()) != math.Float64bits(entry.Value.Float()) {
					t.Errorf("row %d, %s: %v, want %v", i, f.Key, value.Double(), entry.Value.Float())
				}
			}
		}
	}
}

func TestEmptyParquetFileIsWhole(t *testing.T) {
	var out bytes.Buffer
	if err := NewParquet(&out).Close(); err != nil {
		t.Fatal(err)
	}
	file, err := parquet.OpenFile(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if n := file.NumRows(); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// full is a disk without room after some bytes.
type full struct{ room int }

var errFull = errors.New("no space left on device")

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFullDiskIsAnError(t *testing.T) {
	if _, err := NewCSV(&full{}); !errors.Is(err, errFull) {
		t.Errorf("CSV header: %v", err)
	}
	for _, room := range []int{0, 10, 1000} {
		t.Run("parquet after "+strconv.Itoa(room), func(t *testing.T) {
			p := NewParquet(&full{room: room})
			err := p.Write(rows(t)[0])
			if err = errors.Join(err, p.Close()); !errors.Is(err, errFull) {
				t.Errorf("got %v, want the disk's error", err)
			}
		})
	}
}
