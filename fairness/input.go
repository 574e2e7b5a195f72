package fairness

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Columns names the columns of a file. Score and Outcome are required, empty others are absent.
type Columns struct {
	Score   string
	Outcome string
	Groups  []string
	// Decision is the final decision: 1 or true treated as high risk.
	Decision string
	// PriorView is the reviewer's own estimate on the scale of the score.
	PriorView string
	Weight    string
	// Person identifies people with several rows; the bootstrap draws people.
	Person string
	// ID identifies rows. Of identical rows with one id the first is kept, different rows with one id are all set aside.
	ID string
	// Followed is the time of follow-up, in the unit of the horizon.
	Followed string
}

func (c Columns) named() []string {
	var out []string
	for _, name := range append([]string{c.Score, c.Outcome, c.Decision, c.PriorView, c.Weight, c.Person, c.ID, c.Followed}, c.Groups...) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func (c Columns) check() error {
	if c.Score == "" || c.Outcome == "" {
		return fmt.Errorf("name the column of the score and the column of the outcome")
	}
	for k, name := range c.Groups {
		if name == "" || name == AllAttribute || strings.Contains(name, ",") {
			return fmt.Errorf("a group column cannot be called %q; rename it in the file", name)
		}
		if slices.Contains(c.Groups[:k], name) {
			return fmt.Errorf("group column %q is named twice", name)
		}
	}
	return nil
}

// maxLines is how many line numbers each reason for setting rows aside keeps.
const maxLines = 20

// SetAside counts the rows that were not measured for one reason. Lines holds the first of their line numbers (of a
// Parquet file, row numbers), counted from 1.
type SetAside struct {
	Column string `json:"column"`
	Reason string `json:"reason"`
	Count  int    `json:"count"`
	Lines  []int  `json:"lines"`
}

// Input is what a reader made of a file: the table, and an account of every row that is not in it.
type Input struct {
	Name   string
	Format string // "csv" or "parquet"
	SHA256 string // of the file's bytes
	Rows   int    // in the file, header not counted
	Table  *Table
	// SetAside lists what was refused; Rows is the table's rows plus their counts.
	SetAside []SetAside
}

// field is one value of a row, as text or as a number.
type field struct {
	text    string
	number  float64
	numeric bool
}

func (v field) empty() bool { return !v.numeric && strings.TrimSpace(v.text) == "" }

func (v field) asNumber() (float64, error) {
	if v.numeric {
		return v.number, nil
	}
	s := strings.TrimSpace(v.text)
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || strings.ContainsAny(s, "_xX") {
		if strings.Contains(s, ",") {
			return 0, fmt.Errorf("not a number (write a point, not a comma, before decimals)")
		}
		return 0, fmt.Errorf("not a number")
	}
	return f, nil
}

func (v field) asText() string {
	if !v.numeric {
		return strings.TrimSpace(v.text)
	}
	if v.number == math.Trunc(v.number) && math.Abs(v.number) <= 1<<53 {
		return strconv.FormatInt(int64(v.number), 10)
	}
	return strconv.FormatFloat(v.number, 'g', -1, 64)
}

func (v field) asBinary() (uint8, error) {
	if !v.numeric {
		switch strings.ToLower(strings.TrimSpace(v.text)) {
		case "1", "true":
			return 1, nil
		case "0", "false":
			return 0, nil
		}
	}
	f, err := v.asNumber()
	if err == nil && (f == 0 || f == 1) {
		return uint8(f), nil
	}
	return 0, fmt.Errorf("neither 0 nor 1")
}

// hash64 names a text by 64 bits; used for people and row ids, whose texts need not be kept.
func hash64(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash never fails
	return mix64(h.Sum64())
}

// collector turns the fields of rows into a table and an account of what was set aside.
type collector struct {
	columns Columns
	kind    ScoreKind
	at      map[string]int // column -> position in the row's fields
	table   *Table
	levels  []map[string]int32
	aside   map[[2]string]*SetAside
	order   [][2]string
	rows    int

	firstWithID map[uint64]seenID
	remove      map[int]int // table row -> line, of conflicting ids
}

type seenID struct {
	row, line int
	content   uint64
}

func newCollector(c Columns, kind ScoreKind, at map[string]int) *collector {
	k := &collector{columns: c, kind: kind, at: at, table: &Table{}, aside: make(map[[2]string]*SetAside)}
	for _, name := range c.Groups {
		k.table.Attributes = append(k.table.Attributes, Attribute{Name: name})
		k.levels = append(k.levels, make(map[string]int32))
	}
	if c.ID != "" {
		k.firstWithID, k.remove = make(map[uint64]seenID), make(map[int]int)
	}
	return k
}

func (k *collector) setAside(column, reason string, line int) {
	key := [2]string{column, reason}
	s, ok := k.aside[key]
	if !ok {
		s = &SetAside{Column: column, Reason: reason, Lines: []int{}}
		k.aside[key] = s
		k.order = append(k.order, key)
	}
	s.Count++
	if len(s.Lines) < maxLines {
		s.Lines = append(s.Lines, line)
	}
}

// refusal says which column of a row cannot be used and why.
type refusal struct{ column, reason string }

// row is the checked content of one row.
type row struct {
	score, weight, prior, followed float64
	outcome, decision              uint8
}

// add takes one row of fields or sets it aside.
func (k *collector) add(fields []field, line int) {
	k.rows++
	r, refused := k.check(fields)
	if refused != nil {
		k.setAside(refused.column, refused.reason, line)
		return
	}
	c, t := k.columns, k.table
	if c.ID != "" && !k.unique(fields, line) {
		return
	}
	t.Score, t.Outcome = append(t.Score, r.score), append(t.Outcome, r.outcome)
	for a, name := range c.Groups {
		value := fields[k.at[name]].asText()
		if _, ok := k.levels[a][value]; !ok {
			value = strings.Clone(value)
		}
		t.Attributes[a].add(k.levels[a], value)
	}
	if c.Weight != "" {
		t.Weight = append(t.Weight, r.weight)
	}
	if c.Decision != "" {
		t.Decision = append(t.Decision, r.decision)
	}
	if c.PriorView != "" {
		t.PriorView = append(t.PriorView, r.prior)
	}
	if c.Followed != "" {
		t.Followed = append(t.Followed, r.followed)
	}
	if c.Person != "" {
		t.Person = append(t.Person, hash64(fields[k.at[c.Person]].asText()))
	}
}

func (k *collector) check(fields []field) (row, *refusal) {
	c := k.columns
	r := row{outcome: Unknown, decision: Unknown, prior: math.NaN(), followed: math.NaN()}
	number := func(column string, required bool, accept func(float64) string) (float64, *refusal) {
		v := fields[k.at[column]]
		if v.empty() {
			if required {
				return 0, &refusal{column, "empty"}
			}
			return math.NaN(), nil
		}
		f, err := v.asNumber()
		if err != nil {
			return 0, &refusal{column, err.Error()}
		}
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return 0, &refusal{column, "not finite"}
		}
		if why := accept(f); why != "" {
			return 0, &refusal{column, why}
		}
		return f, nil
	}
	anything := func(float64) string { return "" }
	notNegative := func(f float64) string {
		if f < 0 {
			return "negative"
		}
		return ""
	}
	scale := anything
	if k.kind == ProbabilityScore {
		scale = func(f float64) string {
			if f < 0 || f > 1 {
				return "not between 0 and 1"
			}
			return ""
		}
	}
	for _, n := range []struct {
		column   string
		required bool
		accept   func(float64) string
		to       *float64
	}{
		{c.Score, true, scale, &r.score},
		{c.Weight, true, notNegative, &r.weight},
		{c.PriorView, false, scale, &r.prior},
		{c.Followed, false, notNegative, &r.followed},
	} {
		if n.column == "" {
			continue
		}
		f, refused := number(n.column, n.required, n.accept)
		if refused != nil {
			return r, refused
		}
		*n.to = f
	}
	for _, n := range []struct {
		column string
		to     *uint8
	}{{c.Outcome, &r.outcome}, {c.Decision, &r.decision}} {
		if n.column == "" || fields[k.at[n.column]].empty() {
			continue
		}
		y, err := fields[k.at[n.column]].asBinary()
		if err != nil {
			return r, &refusal{n.column, err.Error()}
		}
		*n.to = y
	}
	for _, name := range c.Groups {
		if !utf8.ValidString(fields[k.at[name]].text) {
			return r, &refusal{name, "not UTF-8 (save the file as UTF-8)"}
		}
	}
	for _, name := range []string{c.Person, c.ID} {
		if name != "" && fields[k.at[name]].empty() {
			return r, &refusal{name, "empty"}
		}
	}
	return r, nil
}

// unique reports whether the row is the first with its id. A repetition with other content removes the first as well:
// nobody can tell which of them is right.
func (k *collector) unique(fields []field, line int) bool {
	id := hash64(fields[k.at[k.columns.ID]].asText())
	content := uint64(0)
	for _, name := range k.columns.named() {
		content = mix64(content + hash64(fields[k.at[name]].asText()))
	}
	first, ok := k.firstWithID[id]
	if !ok {
		k.firstWithID[id] = seenID{k.table.Rows(), line, content}
		return true
	}
	if first.content == content {
		k.setAside(k.columns.ID, "repeats an earlier row", line)
		return false
	}
	k.setAside(k.columns.ID, conflictingID, line)
	if _, done := k.remove[first.row]; !done {
		k.remove[first.row] = first.line
		k.setAside(k.columns.ID, conflictingID, first.line)
	}
	return false
}

const conflictingID = "same id, different content"

// finish returns the table without the rows removed for conflicting ids, or an error that says why nothing is left.
func (k *collector) finish(name, format, sum string) (*Input, error) {
	t := k.table
	if len(k.remove) > 0 {
		keep := func(i int) bool { _, gone := k.remove[i]; return !gone }
		t.Score, t.Outcome = filter(t.Score, keep), filter(t.Outcome, keep)
		t.Weight, t.Person = filter(t.Weight, keep), filter(t.Person, keep)
		t.Decision, t.PriorView, t.Followed = filter(t.Decision, keep), filter(t.PriorView, keep), filter(t.Followed, keep)
		for a := range t.Attributes {
			t.Attributes[a].Codes = filter(t.Attributes[a].Codes, keep)
		}
	}
	in := &Input{Name: name, Format: format, SHA256: sum, Rows: k.rows, Table: t, SetAside: []SetAside{}}
	for _, key := range k.order {
		s := k.aside[key]
		slices.Sort(s.Lines)
		in.SetAside = append(in.SetAside, *s)
	}
	if k.rows == 0 {
		return nil, fmt.Errorf("%s has no rows", name)
	}
	if t.Rows() == 0 {
		s := in.SetAside[0]
		return nil, fmt.Errorf("%s: none of %d rows can be used; the first, line %d: column %q: %s", name, k.rows, s.Lines[0], s.Column, s.Reason)
	}
	return in, nil
}

func filter[E any](s []E, keep func(int) bool) []E {
	if s == nil {
		return nil
	}
	out := s[:0]
	for i, v := range s {
		if keep(i) {
			out = append(out, v)
		}
	}
	return out
}
