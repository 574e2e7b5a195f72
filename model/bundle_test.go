package model

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// copyOf is a shipped bundle's files, to be changed by a test.
func copyOf(t *testing.T, id string) fstest.MapFS {
	t.Helper()
	folder := "bundles/" + id
	files := fstest.MapFS{}
	entries, err := shipped.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		content, err := shipped.ReadFile(folder + "/" + e.Name())
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = &fstest.MapFile{Data: content}
	}
	return files
}

// seal writes SHA256SUMS anew, as somebody would who changes a bundle on purpose.
func seal(files fstest.MapFS) {
	var names []string
	for name := range files {
		if name != "SHA256SUMS" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var sums strings.Builder
	for _, name := range names {
		digest := sha256.Sum256(files[name].Data)
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(digest[:]), name)
	}
	files["SHA256SUMS"] = &fstest.MapFile{Data: []byte(sums.String())}
}

func replace(files fstest.MapFS, name, old, new string) {
	text := string(files[name].Data)
	if !strings.Contains(text, old) {
		panic(name + " does not hold " + old)
	}
	files[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
}

func TestShippedBundlesLoad(t *testing.T) {
	bundles, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	if len(bundles) == 0 {
		t.Fatal("no bundle ships")
	}
	for _, b := range bundles {
		t.Logf("%s %s: %d inputs, %d heads, sha256 %s", b.Card.ID, b.Card.Version, len(b.Card.Inputs), len(b.Heads), b.SHA256)
	}
}

func TestLoadRefuses(t *testing.T) {
	const id = "georgia-parole"
	for _, c := range []struct {
		name  string
		spoil func(fstest.MapFS)
		says  string
	}{
		{"a remedy's curve other than the one its makers tested", func(f fstest.MapFS) {
			replace(f, remediesFile, ",0,0.", ",0,0.9")
			seal(f)
		}, remediesFile + ": row "},
		{"a remedy that nothing tests", func(f fstest.MapFS) {
			delete(f, remediesFile)
			seal(f)
		}, "no " + remediesFile},
		{"a curve that nothing tests", func(f fstest.MapFS) {
			rows := string(f[remediesFile].Data)
			f[remediesFile] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(rows, ",male,violation,", ",female,violation,"))}
			seal(f)
		}, remediesFile},
		{"a graph with one byte changed", func(f fstest.MapFS) {
			data := slices.Clone(f["violation.onnx"].Data)
			data[len(data)/2] ^= 1
			f["violation.onnx"] = &fstest.MapFile{Data: data}
		}, "violation.onnx is not the file"},
		{"a file that the sums do not name", func(f fstest.MapFS) { f["extra.txt"] = &fstest.MapFile{} }, "extra.txt is not named"},
		{"a missing graph", func(f fstest.MapFS) { delete(f, "violation.onnx") }, "violation.onnx"},
		{"no sums", func(f fstest.MapFS) { delete(f, "SHA256SUMS") }, "SHA256SUMS"},
		{"a self-test that expects something else", func(f fstest.MapFS) {
			lines := strings.Split(string(f["selftest.csv"].Data), "\n")
			cells := strings.Split(lines[2], ",")
			cells[len(cells)-1] = "0.123456"
			lines[2] = strings.Join(cells, ",")
			f["selftest.csv"] = &fstest.MapFile{Data: []byte(strings.Join(lines, "\n"))}
			seal(f)
		}, "selftest.csv: row 3: head violation gives"},
		{"a self-test without rows", func(f fstest.MapFS) {
			header, _, _ := strings.Cut(string(f["selftest.csv"].Data), "\n")
			f["selftest.csv"] = &fstest.MapFile{Data: []byte(header + "\n")}
			seal(f)
		}, "no rows"},
		{"an unknown field in the card", func(f fstest.MapFS) { replace(f, "card.json", `"format"`, `"colour": 1, "format"`); seal(f) }, "colour"},
		{"another format", func(f fstest.MapFS) { replace(f, "card.json", `"format": 1`, `"format": 2`); seal(f) }, "format 2"},
		{"a purpose that there is not", func(f fstest.MapFS) {
			replace(f, "card.json", `"from_months": 12`, `"purpose": "trial", "from_months": 12`)
			seal(f)
		}, "purpose"},
		{"an unknown validity", func(f fstest.MapFS) { replace(f, "card.json", `"not_validated_locally"`, `"fine"`); seal(f) }, "validity"},
		{"a calibration that falls", func(f fstest.MapFS) { replace(f, "card.json", `"a": `, `"a": -`); seal(f) }, "calibration"},
		{"a gap between two intervals", func(f fstest.MapFS) { replace(f, "card.json", `"from_months": 12`, `"from_months": 13`); seal(f) },
			"begins at month 13"},
		{"two intervals that overlap", func(f fstest.MapFS) { replace(f, "card.json", `"to_months": 24`, `"to_months": 30`); seal(f) },
			"begins at month 24"},
		{"intervals that do not begin at 0", func(f fstest.MapFS) { replace(f, "card.json", `"from_months": 0`, `"from_months": 6`); seal(f) },
			"begins at month 6"},
		{"intervals from different days", func(f fstest.MapFS) {
			replace(f, "card.json", `"from_months": 12`, `"since": "as_of", "from_months": 12`)
			seal(f)
		}, "the same day"},
		{"a head without an end beside others", func(f fstest.MapFS) { replace(f, "card.json", `"to_months": 12`, `"to_months": null`); seal(f) },
			"stands alone"},
		{"a horizon without landmark 0", func(f fstest.MapFS) { replace(f, "card.json", `"landmark_months": 0`, `"landmark_months": 6`); seal(f) },
			"none from landmark 0"},
		{"a horizon of no months", func(f fstest.MapFS) { replace(f, "card.json", `"horizon_months": 12`, `"horizon_months": 0`); seal(f) },
			"horizon of 0 months"},
		{"a score without a horizon", func(f fstest.MapFS) {
			replace(f, "card.json", `"horizon_months": 12`, `"horizon_months": null`)
			seal(f)
		},
			"if and only if"},
		{"heads without a score", func(f fstest.MapFS) {
			for range 6 {
				replace(f, "card.json", "\n   \"outcome\": \"recidivism\",\n   \"landmark_months\"", "\n   \"outcome\": \"violation\",\n   \"landmark_months\"")
			}
			seal(f)
		}, "scores of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := copyOf(t, id)
			c.spoil(files)
			_, err := Load(fs.FS(files))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
		})
	}
}

func TestRunIsSafeForManyGoroutines(t *testing.T) {
	bundles, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	b := bundles[0]
	row := make([]float32, len(b.Card.Inputs))
	for i := range row {
		row[i] = float32(math.NaN())
	}
	want, err := b.Heads[0].Run(row)
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range 200 {
				got, err := b.Heads[0].Run(row)
				if err != nil || got.Margin != want.Margin {
					t.Errorf("got %v (%v), want %v", got.Margin, err, want.Margin)
					return
				}
			}
		})
	}
	wait.Wait()
}

func TestCalibrations(t *testing.T) {
	// Beta with a = b = 1, c = 0 leaves the log-odds as they are; expected values by hand.
	identity := Calibration{Method: "beta", A: 1, B: 1}
	for _, m := range []float64{-30, -2, 0, 0.5, 30} {
		if got := identity.LogOdds(m); math.Abs(got-m) > 1e-12 {
			t.Errorf("the identity maps %v to %v", m, got)
		}
	}
	for _, c := range []Calibration{{Method: "platt", A: 0.9, B: 0.2}, {Method: "beta", A: 0.7, B: 1.4, C: -0.3}} {
		last := math.Inf(-1)
		for m := -12.0; m <= 12; m += 0.25 {
			if now := c.LogOdds(m); now <= last {
				t.Errorf("%+v does not rise at %v", c, m)
			} else {
				last = now
			}
			const h = 1e-5
			if quotient := (c.LogOdds(m+h) - c.LogOdds(m-h)) / (2 * h); math.Abs(quotient-c.Slope(m)) > 1e-8 {
				t.Errorf("%+v has slope %v at %v, the quotient is %v", c, c.Slope(m), m, quotient)
			}
		}
	}
}

func TestScoreCard(t *testing.T) {
	card := ScoreCard{
		Bands:    []BandCut{{"low", 0.2}, {"medium", 0.5}, {"high", 0}},
		Observed: []ObservedBin{{0, 0.3, 100, 10}, {0.3, 1, 0, 0}},
	}
	for p := range 101 {
		card.Quantiles = append(card.Quantiles, float64(p)/200) // 0 to 0.5
	}
	for _, c := range []struct {
		p          float64
		band       string
		percentile int
	}{{0, "low", 0}, {0.199, "low", 39}, {0.2, "medium", 39}, {0.2001, "medium", 40}, {0.4999, "medium", 99},
		{0.5, "high", 99}, {0.5001, "high", 100}, {1, "high", 100}} {
		if got := string(card.BandOf(c.p)); got != c.band {
			t.Errorf("%v is %s, want %s", c.p, got, c.band)
		}
		if got := card.Percentile(c.p); got != c.percentile {
			t.Errorf("%v is at percentile %d, want %d", c.p, got, c.percentile)
		}
	}
	alike := ScoreCard{Quantiles: slices.Repeat([]float64{0.3}, 101)}
	if got := alike.Percentile(0.3); got != 0 {
		t.Errorf("with the score that everybody has, percentile %d: nobody's is lower", got)
	}
	bin, ok := card.ObservedAt(0.1)
	// Wilson interval of 10 in 100: 0.0552 to 0.1744 (Newcombe 1998, method 3, recomputed).
	if r := bin.Range(); !ok || math.Abs(r.Low-0.05523) > 5e-5 || math.Abs(r.High-0.17437) > 5e-5 {
		t.Errorf("range %+v", r)
	}
	if _, ok := card.ObservedAt(0.9); ok {
		t.Error("a bin without people gives a range")
	}
}
