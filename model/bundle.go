package model

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/tarozi/tarozi"
	"github.com/tarozi/tarozi/model/onnx"
)

// Bundle is a model ready to score: a checked card and a compiled program for each head. It is safe for concurrent use.
type Bundle struct {
	Card   *Card
	SHA256 string // hex, of the file SHA256SUMS
	Heads  []*Head
	// Background are the rows that people are compared with, as columns of the graphs; nil where every head gives terms.
	Background [][]float32
	Files      map[string][]byte // every file by name, SHA256SUMS included: what is kept so that assessments can be replayed
}

// Head is one graph of a bundle.
type Head struct {
	*HeadCard
	Program         *onnx.Program
	referenceMargin float64
	sessions        sync.Pool
}

// HeadOutput is what a head says of one row.
type HeadOutput struct {
	Terms []float64 // in the order of the card; of a graph without terms nil
	// Margin in log-odds, before calibration: the intercept plus the terms, added in order in float64, or the graph's output, of a
	// probability the log-odds.
	Margin float64
	Output float64 // as the graph gives it: a margin, or the probability that the card says it is
}

// marginTolerance is how far the graph's own float32 margin may lie from the float64 sum of its terms.
const marginTolerance = 1e-4

// Load reads a bundle from a folder; see Read. A bundle that enters this way has a self-test of its remedies too; one kept in a database
// from before there was such a test stays readable, so that its assessments stay replayable.
func Load(folder fs.FS) (*Bundle, error) {
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, fmt.Errorf("listing the bundle: %w", err)
	}
	files := make(map[string][]byte, len(entries))
	for _, e := range entries {
		if files[e.Name()], err = fs.ReadFile(folder, e.Name()); err != nil {
			return nil, fmt.Errorf("reading the bundle: %w", err)
		}
	}
	b, err := Read(files)
	if err != nil {
		return nil, err
	}
	if _, tested := files[remediesFile]; len(b.Card.Remedies) > 0 && !tested {
		return nil, fmt.Errorf("the card offers remedies and the bundle has no %s to test them with", remediesFile)
	}
	return b, nil
}

// Read makes a bundle of its files: it holds every file against SHA256SUMS, compiles the graphs and runs the self-test. A bundle that
// fails in any of these gives an error that names the file, or the self-test's row and difference. The files are kept: do not change
// them.
func Read(files map[string][]byte) (*Bundle, error) {
	if err := checkFiles(files); err != nil {
		return nil, err
	}
	card := new(Card)
	if err := tarozi.Decode(files["card.json"], card); err != nil {
		return nil, fmt.Errorf("card.json: %w", err)
	}
	if err := card.check(); err != nil {
		return nil, fmt.Errorf("card.json: %w", err)
	}
	digest := sha256.Sum256(files[sumsFile])
	b := &Bundle{Card: card, SHA256: hex.EncodeToString(digest[:]), Files: files}
	for i := range card.Heads {
		h, err := newHead(&card.Heads[i], card.Columns(), files)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", card.Heads[i].Graph, err)
		}
		b.Heads = append(b.Heads, h)
	}
	if err := b.readBackground(); err != nil {
		return nil, err
	}
	if err := b.selfTest(files["selftest.csv"]); err != nil {
		return nil, fmt.Errorf("selftest.csv: %w", err)
	}
	if rows, ok := files[remediesFile]; ok {
		if err := b.selfTestRemedies(rows); err != nil {
			return nil, fmt.Errorf("%s: %w", remediesFile, err)
		}
	}
	return b, nil
}

// sumsFile names the file with the sum of every other one.
const sumsFile = "SHA256SUMS"

// checkFiles refuses a file that differs from its sum, is missing, or is not named.
func checkFiles(files map[string][]byte) error {
	sums, ok := files[sumsFile]
	if !ok {
		return fmt.Errorf("a bundle has a file %s, and this folder has none", sumsFile)
	}
	named := map[string]bool{sumsFile: true}
	for lines := bufio.NewScanner(bytes.NewReader(sums)); lines.Scan(); {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok {
			return fmt.Errorf("%s: %q is not a sum, two spaces and a name", sumsFile, lines.Text())
		}
		content, ok := files[name]
		if !ok {
			return fmt.Errorf("%s names %s, which is not there", sumsFile, name)
		}
		if got := sha256.Sum256(content); hex.EncodeToString(got[:]) != want {
			return fmt.Errorf("%s is not the file that %s names: it was changed after the bundle was made", name, sumsFile)
		}
		named[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !named[name] {
			return fmt.Errorf("%s is not named in %s", name, sumsFile)
		}
	}
	for _, name := range []string{"card.json", "selftest.csv"} {
		if !named[name] {
			return fmt.Errorf("%s does not name %s", sumsFile, name)
		}
	}
	return nil
}

func newHead(card *HeadCard, columns int, files map[string][]byte) (*Head, error) {
	graph, ok := files[card.Graph]
	if !ok {
		return nil, fmt.Errorf("the card names a graph that SHA256SUMS does not")
	}
	program, err := onnx.Load(graph, onnx.DefaultLimits())
	if err != nil {
		return nil, err
	}
	outputs := []string{termsOutput, "margin"}
	if card.Output != nil {
		if program.Output(termsOutput) >= 0 {
			return nil, fmt.Errorf("the graph gives terms, so they explain it: name them in the card instead of an output")
		}
		outputs = []string{card.Output.Name}
	}
	program, err = program.Select(outputs...)
	if err != nil {
		return nil, err
	}
	if in := program.Inputs(); len(in) != 1 || len(in[0].Dims) != 2 || in[0].Dims[1] != columns {
		return nil, fmt.Errorf("the graph takes %v, the card's inputs make %d columns", in, columns)
	}
	h := &Head{HeadCard: card, Program: program, referenceMargin: card.Intercept}
	for _, r := range card.Reference {
		h.referenceMargin += r
	}
	h.sessions.New = func() any { return program.NewSession() }
	return h, nil
}

// ReferenceMargin is the margin of the reference: the intercept plus the mean terms.
func (h *Head) ReferenceMargin() float64 { return h.referenceMargin }

// termsOutput names the output with which a graph shows that it is a sum.
const termsOutput = "terms"

// Run evaluates the head on one row: a value per column ([Card.Row]), NaN where it is missing. A graph without terms may give NaN where
// the row has one.
func (h *Head) Run(row []float32) (HeadOutput, error) {
	session := h.sessions.Get().(*onnx.Session)
	defer h.sessions.Put(session)
	out, err := session.RunRows(row, 1)
	if err != nil {
		return HeadOutput{}, fmt.Errorf("head %s: %w", h.ID, err)
	}
	if h.HeadCard.Output != nil {
		return h.read(&out[0])
	}
	terms, isFloat := onnx.Data[float32](out[0])
	margin, alsoFloat := onnx.Data[float32](out[1])
	if !isFloat || !alsoFloat || len(terms) != len(h.Terms) || len(margin) != 1 {
		return HeadOutput{}, fmt.Errorf("head %s gives %d terms and %d margins, the card has %d terms", h.ID, len(terms), len(margin), len(h.Terms))
	}
	result := HeadOutput{Terms: make([]float64, len(terms)), Margin: h.Intercept}
	for i, t := range terms {
		result.Terms[i] = float64(t)
		result.Margin += float64(t)
	}
	if off := math.Abs(result.Margin - float64(margin[0])); !(off <= marginTolerance) {
		return HeadOutput{}, fmt.Errorf("head %s: the terms sum to %v, the graph says %v", h.ID, result.Margin, margin[0])
	}
	result.Output = result.Margin
	return result, nil
}

// read takes the output that the card names from what the graph gave of one row.
func (h *Head) read(out *onnx.Tensor) (HeadOutput, error) {
	var values []float64
	if single, ok := onnx.Data[float32](*out); ok {
		for _, v := range single {
			values = append(values, float64(v))
		}
	} else if double, ok := onnx.Data[float64](*out); ok {
		values = double
	}
	if h.HeadCard.Output.Column >= len(values) {
		return HeadOutput{}, fmt.Errorf("head %s gives %d numbers in %q, the card names column %d", h.ID, len(values), h.HeadCard.Output.Name, h.HeadCard.Output.Column)
	}
	v := values[h.HeadCard.Output.Column]
	if !h.HeadCard.Output.Probability {
		return HeadOutput{Margin: v, Output: v}, nil
	}
	if v < 0 || v > 1 {
		return HeadOutput{}, fmt.Errorf("head %s gives %v, which is no probability", h.ID, v)
	}
	return HeadOutput{Margin: tarozi.Logit(tarozi.OffCertainty(v)), Output: v}, nil
}

// Hazard is the calibrated probability of the head's outcome within its interval, given that it has not come before.
func (h *Head) Hazard(margin float64) float64 { return tarozi.Sigmoid(h.Calibration.LogOdds(margin)) }

// Input is the position of a feature among the inputs; false where the model does not read it.
func (c *Card) Input(feature string) (int, bool) {
	i := slices.IndexFunc(c.Inputs, func(in Input) bool { return in.Feature == feature })
	return i, i >= 0
}
