package fairness

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

var testColumns = Columns{Score: "s", Outcome: "y", Groups: []string{"g"}}

func TestReadCSVRefuses(t *testing.T) {
	for _, row := range []struct {
		name, file string
		columns    Columns
		want       string // part of the message
	}{
		{"no bytes", "", testColumns, "is empty"},
		{"header only", "s,y,g\n", testColumns, "has no rows"},
		{"missing column", "s,g\n1,a\n", testColumns, `no column "y"; it has: s, g`},
		{"missing group column", "s,y\n1,0\n", testColumns, `no column "g"`},
		{"column twice", "s,y,g,s\n1,0,a,2\n", testColumns, `several columns "s"`},
		{"no score named", "s,y,g\n1,0,a\n", Columns{Outcome: "y"}, "name the column of the score"},
		{"group named all", "s,y,all\n1,0,a\n", Columns{Score: "s", Outcome: "y", Groups: []string{"all"}}, "cannot be called"},
		{"open quote", "s,y,g\n1,0,a\n2,1,\"b\n", testColumns, "line 3"},
		{"bare quote", "s,y,g\n1,0,a\n2,1,b\"b\n", testColumns, "line 3"},
		{"UTF-16", "\xff\xfes\x00,\x00", testColumns, "save it as CSV in UTF-8"},
		{"Parquet", "PAR1....", testColumns, ".parquet"},
		{"header in another encoding", "s,y,\xe3\n1,0,a\n", testColumns, "column 3 is not UTF-8"},
		{"nothing usable", "s,y,g\nhigh,1,a\n", testColumns, `none of 1 rows can be used; the first, line 2: column "s": not a number`},
	} {
		_, err := ReadCSV(strings.NewReader(row.file), "people.csv", row.columns, AutoScore)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
}

func TestReadCSVSetsAside(t *testing.T) {
	file := strings.Join([]string{
		"\xef\xbb\xbfid,s,y,g,w,d,p,f",
		"1,0.5,1,a,1,1,0.4,10",       // line 2
		"2,,1,a,1,1,,10",             // no score
		"3,NaN,1,a,1,1,,10",          // not finite
		"4,+Inf,1,a,1,1,,10",         // not finite
		`5,"0,7",1,a,1,1,,10`,        // comma
		"6,0.7,2,a,1,1,,10",          // outcome
		"7,0.7,,a,1,,,",              // outcome unknown: kept
		"8,0.7,0,\xe3,1,1,,10",       // group in another encoding
		"9,0.7,0,a,-1,1,,10",         // weight
		"10,0.7,0,a,1,maybe,,10",     // decision
		"11,0.7,0,a,1,0,high,10",     // prior view
		"12,0.7,0,a,1,0,,-3",         // follow-up
		"13,0.7,0",                   // too short
		"14,0.7,true,,1,0,,10",       // attribute missing: kept
		"1,0.5,1,a,1,1,0.4,10",       // identical repetition
		"15,0.2,0,b,1,0,,10",         // conflicts with the next
		"15,0.9,0,b,1,0,,10",         // conflict
		"16,0.1,0.0,\" b \",2,0,,11", // kept, trimmed
		",0.1,0,b,2,0,,11",           // no id
	}, "\n") + "\n"
	in, err := ReadCSV(strings.NewReader(file), "people.csv", Columns{Score: "s", Outcome: "y", Groups: []string{"g"}, Weight: "w",
		Decision: "d", PriorView: "p", Followed: "f", ID: "id"}, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range in.SetAside {
		got = append(got, fmt.Sprintf("%s: %s %d %v", s.Column, s.Reason, s.Count, s.Lines))
	}
	want := []string{
		"s: empty 1 [3]",
		"s: not finite 2 [4 5]",
		"s: not a number (write a point, not a comma, before decimals) 1 [6]",
		"y: neither 0 nor 1 1 [7]",
		"g: not UTF-8 (save the file as UTF-8) 1 [9]",
		"w: negative 1 [10]",
		"d: neither 0 nor 1 1 [11]",
		"p: not a number 1 [12]",
		"f: negative 1 [13]",
		": 3 fields where the header has 8 1 [14]",
		"id: repeats an earlier row 1 [16]",
		"id: same id, different content 2 [17 18]",
		"id: empty 1 [20]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("set aside:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if in.Rows != 19 || in.Table.Rows()+refused(in) != in.Rows {
		t.Errorf("%d rows, %d kept, %d refused: they do not add up", in.Rows, in.Table.Rows(), refused(in))
	}
	if want := []float64{0.5, 0.7, 0.7, 0.1}; !slices.Equal(in.Table.Score, want) {
		t.Errorf("scores %v, want %v", in.Table.Score, want)
	}
	if want := []uint8{1, Unknown, 1, 0}; !slices.Equal(in.Table.Outcome, want) {
		t.Errorf("outcomes %v, want %v", in.Table.Outcome, want)
	}
	if a := in.Table.Attributes[0]; !slices.Equal(a.Levels, []string{"a", MissingLevel, "b"}) {
		t.Errorf("groups %q", a.Levels)
	}
	if err := in.Table.Check(); err != nil {
		t.Error(err)
	}
}

func TestReadCSVProbability(t *testing.T) {
	in, err := ReadCSV(strings.NewReader("s,y,g\n0.5,1,a\n1.5,1,a\n"), "people.csv", testColumns, ProbabilityScore)
	if err != nil {
		t.Fatal(err)
	}
	if refused(in) != 1 || in.SetAside[0].Reason != "not between 0 and 1" || in.SetAside[0].Lines[0] != 3 {
		t.Errorf("set aside: %+v", in.SetAside)
	}
}

// TestReadCSVLines: a field with a line break does not make later line numbers wrong.
func TestReadCSVLines(t *testing.T) {
	in, err := ReadCSV(strings.NewReader("s,y,g\n0.5,1,\"a\nb\"\nx,1,a\n"), "people.csv", testColumns, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	if in.SetAside[0].Lines[0] != 4 {
		t.Errorf("the bad row is said to be on line %d, it is on line 4", in.SetAside[0].Lines[0])
	}
}

type failingReader struct{ r *strings.Reader }

var errDisk = errors.New("disk gone")

func (f failingReader) Read(p []byte) (int, error) {
	if f.r.Len() == 0 {
		return 0, errDisk
	}
	return f.r.Read(p)
}

func TestReadCSVReportsBrokenSource(t *testing.T) {
	_, err := ReadCSV(failingReader{strings.NewReader("s,y,g\n0.5,1,a\n")}, "people.csv", testColumns, AutoScore)
	if !errors.Is(err, errDisk) {
		t.Errorf("error %v, want that of the source", err)
	}
}

type parquetRow struct {
	Score    *float64 `parquet:"s,optional"`
	Outcome  *bool    `parquet:"y,optional"`
	Group    *string  `parquet:"g,optional"`
	Person   int64    `parquet:"person"`
	Level    int32    `parquet:"level"`
	Decision *float32 `parquet:"d,optional"`
}

func parquetFile(t *testing.T, rows []parquetRow) []byte {
	t.Helper()
	var b bytes.Buffer
	w := parquet.NewGenericWriter[parquetRow](&b, parquet.MaxRowsPerRowGroup(3000), parquet.PageBufferSize(2048))
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestReadParquet reads the same people from both formats and expects the same table.
func TestReadParquet(t *testing.T) {
	var rows []parquetRow
	var text strings.Builder
	text.WriteString("s,y,g,person,level,d\n")
	for i := range 10_000 {
		s, y, g, d := float64(i%97)/97, i%3 == 0, fmt.Sprintf("group %d", i%4), float32(i%2)
		r := parquetRow{Score: &s, Outcome: &y, Group: &g, Person: 1<<60 + int64(i/2), Level: int32(i % 5), Decision: &d}
		line := []string{fmt.Sprint(s), fmt.Sprint(y), g, fmt.Sprint(r.Person), fmt.Sprint(r.Level), fmt.Sprint(d)}
		switch i % 50 {
		case 7:
			r.Score, line[0] = nil, ""
		case 8:
			r.Outcome, line[1] = nil, ""
		case 9:
			r.Group, line[2] = nil, ""
		case 10:
			r.Decision, line[5] = nil, ""
		case 11:
			bad := math.Inf(1)
			r.Score, line[0] = &bad, "Inf"
		}
		rows = append(rows, r)
		text.WriteString(strings.Join(line, ",") + "\n")
	}
	c := Columns{Score: "s", Outcome: "y", Groups: []string{"g", "level"}, Person: "person", Decision: "d"}
	fromCSV, err := ReadCSV(strings.NewReader(text.String()), "people.csv", c, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	data := parquetFile(t, rows)
	in, err := ReadParquet(bytes.NewReader(data), int64(len(data)), "people.parquet", c, AutoScore)
	if err != nil {
		t.Fatal(err)
	}
	if in.Rows != 10_000 || refused(in) != 400 {
		t.Errorf("%d rows, %d refused, want 10000 and 400", in.Rows, refused(in))
	}
	a, b := in.Table, fromCSV.Table
	if !slices.Equal(a.Score, b.Score) || !slices.Equal(a.Outcome, b.Outcome) || !slices.Equal(a.Person, b.Person) ||
		!slices.Equal(a.Decision, b.Decision) {
		t.Error("the columns from Parquet differ from those from CSV")
	}
	for k := range a.Attributes {
		if !slices.Equal(a.Attributes[k].Levels, b.Attributes[k].Levels) || !slices.Equal(a.Attributes[k].Codes, b.Attributes[k].Codes) {
			t.Errorf("attribute %s differs", a.Attributes[k].Name)
		}
	}
	// Lines of a CSV file count the header, rows of a Parquet file have none.
	for k, s := range in.SetAside {
		if other := fromCSV.SetAside[k]; s.Count != other.Count || s.Lines[0]+1 != other.Lines[0] {
			t.Errorf("set aside %+v, from CSV %+v", s, other)
		}
	}
}

func TestReadParquetRefuses(t *testing.T) {
	y, s := true, 0.5
	good := parquetFile(t, []parquetRow{{Score: &s, Outcome: &y}})
	nested := new(bytes.Buffer)
	w := parquet.NewGenericWriter[struct {
		S []float64 `parquet:"s"`
		Y bool      `parquet:"y"`
	}](nested)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := bytes.Clone(good)
	for i := 4; i < len(damaged)/2; i++ {
		damaged[i] = 0xff
	}
	for _, row := range []struct {
		name    string
		file    []byte
		columns Columns
		want    string
	}{
		{"CSV", []byte("s,y\n1,0\n"), Columns{Score: "s", Outcome: "y"}, "no readable Parquet"},
		{"missing column", good, Columns{Score: "s", Outcome: "z"}, `no column "z"`},
		{"list", nested.Bytes(), Columns{Score: "s", Outcome: "y"}, "nested"},
		{"damaged page", damaged, Columns{Score: "s", Outcome: "y"}, "people.parquet"},
		{"cut off", good[:len(good)-20], Columns{Score: "s", Outcome: "y"}, "no readable Parquet"},
	} {
		_, err := ReadParquet(bytes.NewReader(row.file), int64(len(row.file)), "people.parquet", row.columns, AutoScore)
		if err == nil || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: error %v, want one with %q", row.name, err, row.want)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("s,y,g\n0.5,1,a\n", false)
	f.Add("s,y,g\n\"0.5,1,a\n", true)
	f.Fuzz(func(t *testing.T, file string, probability bool) {
		kind := AutoScore
		if probability {
			kind = ProbabilityScore
		}
		in, err := ReadCSV(strings.NewReader(file), "fuzz.csv", testColumns, kind)
		if err != nil {
			return
		}
		if in.Table.Rows()+refused(in) != in.Rows {
			t.Fatalf("%d rows, %d kept, %d refused", in.Rows, in.Table.Rows(), refused(in))
		}
		if err := in.Table.Check(); err != nil {
			t.Fatal(err)
		}
	})
}

// refused is how many rows were set aside.
func refused(in *Input) (n int) {
	for _, s := range in.SetAside {
		n += s.Count
	}
	return n
}
