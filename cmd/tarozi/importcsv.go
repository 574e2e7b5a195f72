package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/tarozi/tarozi"
)

// csvColumn is one column of a CSV file of records. The names and what they take are those of the record's JSON.
type csvColumn[T any] struct {
	name     string
	kind     string // of the Table Schema: string, boolean, date
	required bool
	says     string
	values   []string // null for any
	set      func(record *T, text string) error
}

func textColumn[T any](name, says string, required bool, set func(*T, string)) csvColumn[T] {
	return csvColumn[T]{name: name, kind: "string", says: says, required: required, set: func(r *T, text string) error { set(r, text); return nil }}
}

func dateColumn[T any](name, says string, required bool, to func(*T) *tarozi.Date) csvColumn[T] {
	return csvColumn[T]{name: name, kind: "date", says: says, required: required, set: func(r *T, text string) error {
		day, err := tarozi.ParseDate(text)
		if err != nil {
			return fmt.Errorf("%q is no day: write it as 2026-11-23", text)
		}
		*to(r) = day
		return nil
	}}
}

func outcomeColumns() []csvColumn[tarozi.Outcome] {
	type o = tarozi.Outcome
	kinds := make([]string, len(tarozi.OutcomeKinds))
	for i, k := range tarozi.OutcomeKinds {
		kinds[i] = string(k)
	}
	observed := csvColumn[o]{name: "observed", kind: "boolean", required: true, says: "whether it happened: true or 1, false or 0", values: []string{"true", "false", "1", "0"},
		set: func(r *o, text string) error {
			switch strings.ToLower(text) {
			case "1", "true":
				r.Observed = true
			case "0", "false":
				r.Observed = false
			default:
				return fmt.Errorf("%q is neither 0 nor 1 (or false, true)", text)
			}
			return nil
		}}
	kind := textColumn("kind", "what may have happened", true, func(r *o, text string) { r.Kind = tarozi.OutcomeKind(text) })
	kind.values = kinds
	return []csvColumn[o]{
		textColumn("person_id", "the person, by the id of the case system", true, func(r *o, text string) { r.PersonID = text }),
		kind,
		observed,
		dateColumn("observed_on", "the day of the first occurrence; empty where it did not happen", false, func(r *o) *tarozi.Date { return &r.ObservedOn }),
		dateColumn("followed_from", "the day from which the person was followed; with person and kind it names the outcome that a later row corrects", true, func(r *o) *tarozi.Date { return &r.FollowedFrom }),
		dateColumn("followed_until", "the last day on which anybody looked; not after today", true, func(r *o) *tarozi.Date { return &r.FollowedUntil }),
		textColumn("source", "the register that says so", false, func(r *o, text string) { r.Source = text }),
		textColumn("source_id", "the id of the record there", false, func(r *o, text string) { r.SourceID = text }),
		textColumn("note", "anything else", false, func(r *o, text string) { r.Note = text }),
	}
}

func protectedColumns() []csvColumn[tarozi.ProtectedAttributes] {
	type p = tarozi.ProtectedAttributes
	list := []csvColumn[p]{textColumn("person_id", "the person, by the id of the case system", true, func(r *p, text string) { r.PersonID = text })}
	for _, name := range tarozi.ProtectedNames {
		list = append(list, textColumn(name, "empty where it is not known: what was stated before stays", false, func(r *p, text string) {
			if r.Attributes == nil {
				r.Attributes = map[string]string{}
			}
			r.Attributes[name] = text
		}))
	}
	return list
}

// readCSVRows reads CSV (RFC 4180, UTF-8, a header). A column that is missing, repeated or not of the schema, broken quotation marks and
// another encoding of the whole file are errors; a row with a fault keeps it, with the column's name.
func readCSVRows[T any](r io.Reader, columns []csvColumn[T]) ([]importRow[T], error) {
	in := bufio.NewReaderSize(r, 1<<16)
	if start, err := in.Peek(3); err == nil || errors.Is(err, io.EOF) {
		switch {
		case bytes.HasPrefix(start, []byte("\xef\xbb\xbf")):
			if _, err := in.Discard(3); err != nil {
				return nil, err
			}
		case bytes.HasPrefix(start, []byte("\xff\xfe")), bytes.HasPrefix(start, []byte("\xfe\xff")), bytes.IndexByte(start, 0) >= 0:
			return nil, errors.New("the file is UTF-16 or binary: save it as CSV in UTF-8")
		}
	}
	file := csv.NewReader(in)
	file.FieldsPerRecord = -1
	header, err := file.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	order, err := inOrder(header, columns)
	if err != nil {
		return nil, err
	}
	var rows []importRow[T]
	for {
		fields, err := file.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w; repair the quotation marks there", err)
		}
		line, _ := file.FieldPos(0)
		row := importRow[T]{line: line}
		if len(fields) != len(header) {
			row.faults = []tarozi.FieldError{{Code: "wrong_type", Message: fmt.Sprintf("%d fields where the header has %d", len(fields), len(header))}}
		} else {
			row.fill(order, fields)
		}
		rows = append(rows, row)
	}
}

func (row *importRow[T]) fill(order []csvColumn[T], fields []string) {
	for i, c := range order {
		text := strings.TrimSpace(fields[i])
		fault := tarozi.FieldError{Pointer: "/" + c.name}
		switch {
		case !utf8.ValidString(text):
			fault.Code, fault.Message = "wrong_type", "not UTF-8 (save the file as UTF-8)"
		case text == "" && c.required:
			fault.Code, fault.Message = "required", "empty"
		case text != "":
			if err := c.set(&row.record, text); err != nil {
				fault.Code, fault.Message = "unknown_value", err.Error()
			}
		}
		if fault.Code != "" {
			row.faults = append(row.faults, fault)
		}
	}
}

// inOrder are the columns in the order of the header.
func inOrder[T any](header []string, columns []csvColumn[T]) ([]csvColumn[T], error) {
	var names, order = []string{}, make([]csvColumn[T], len(header))
	for _, c := range columns {
		names = append(names, c.name)
	}
	for i, name := range header {
		name = strings.TrimSpace(name)
		at := slices.Index(names, name)
		switch {
		case at < 0 && len(header) == 1 && strings.ContainsAny(name, ";\t"):
			return nil, errors.New("the fields are not parted by commas: save the file as CSV with commas")
		case at < 0:
			return nil, fmt.Errorf("column %d, %q, is none of the schema's: leave it out, or name it as one of %s", i+1, name, strings.Join(names, ", "))
		case slices.ContainsFunc(order[:i], func(c csvColumn[T]) bool { return c.name == name }):
			return nil, fmt.Errorf("column %q stands twice: keep one", name)
		}
		order[i] = columns[at]
	}
	for _, c := range columns {
		if c.required && !slices.ContainsFunc(order, func(o csvColumn[T]) bool { return o.name == c.name }) {
			return nil, fmt.Errorf("the file has no column %q", c.name)
		}
	}
	return order, nil
}

// importSchemaCommand publishes what CSV files hold.
func importSchemaCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:       "schema outcomes|protected",
		Short:     "Print the schema of a CSV file (Table Schema of frictionlessdata.io, as JSON)",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"outcomes", "protected"},
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[0] == "outcomes" {
				return writeTableSchema(cmd.OutOrStdout(), outcomeColumns(), "person_id", "kind", "followed_from")
			}
			return writeTableSchema(cmd.OutOrStdout(), protectedColumns(), "person_id")
		},
	}
	cmd.Flags().String("agency", "", "")
	_ = cmd.Flags().MarkHidden("agency") // the schema is no agency's; the flag of the other commands is not asked for
	return cmd
}

func writeTableSchema[T any](out io.Writer, columns []csvColumn[T], key ...string) error {
	type field struct {
		Name        string         `json:"name"`
		Type        string         `json:"type"`
		Description string         `json:"description"`
		Constraints map[string]any `json:"constraints,omitempty"`
	}
	schema := struct {
		Fields        []field  `json:"fields"`
		PrimaryKey    []string `json:"primaryKey"`
		MissingValues []string `json:"missingValues"`
	}{PrimaryKey: key, MissingValues: []string{""}}
	for _, c := range columns {
		f := field{Name: c.name, Type: c.kind, Description: c.says, Constraints: map[string]any{}}
		if c.required {
			f.Constraints["required"] = true
		}
		if c.values != nil {
			f.Constraints["enum"] = c.values
		}
		schema.Fields = append(schema.Fields, f)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(schema)
}
