package tarozi_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/tarozi/tarozi"

// imports lists, for every folder with Go files, the imports of each file. Tests are left out: they may reach anything.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (strings.HasPrefix(entry.Name(), ".") && path != "." || entry.Name() == "node_modules" || entry.Name() == "var"):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			folder := filepath.ToSlash(filepath.Dir(path))
			found[folder] = append(found[folder], name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 8 {
		t.Fatalf("only %d folders with Go files were found: the walk is broken", len(found))
	}
	return found
}

func within(folder, room string) bool { return folder == room || strings.HasPrefix(folder, room+"/") }

// Each of these is imported in one room alone.
func TestOneRoomForEachDependency(t *testing.T) {
	rooms := map[string]string{
		"github.com/gin-gonic/gin":       "server",
		"github.com/jmoiron/sqlx":        "store",
		"github.com/mattn/go-sqlite3":    "store",
		"github.com/owulveryck/onnx-go":  "model/onnx",
		"github.com/pressly/goose":       "store",
		"github.com/getkin/kin-openapi":  "server",
		"gorgonia.org/tensor":            "model/onnx",
		"github.com/prometheus":          "server",
		"github.com/alexedwards/scs":     "server",
		"github.com/nicksnyder/go-i18n":  "explain/words",
		"github.com/spf13/cobra":         "cmd",
		"github.com/tink-crypto":         "seal",
		"github.com/schollz/progressbar": "cmd",
	}
	for folder, names := range imports(t) {
		for _, name := range names {
			for dependency, room := range rooms {
				if within(name, dependency) && !within(folder, room) {
					t.Errorf("%s imports %s, which belongs in %s alone", folder, name, room)
				}
			}
		}
	}
}

// The arrows between our own packages run one way.
func TestArrowsRunOneWay(t *testing.T) {
	allowed := map[string][]string{
		".":             {},
		"model/onnx":    {},
		"model":         {".", "model/onnx"},
		"features":      {"."},
		"explain":       {".", "model/onnx"},
		"explain/words": {".", "features", "explain"},
		"audit":         {},
		"fairness":      {"."},
		"scoring":       {".", "features", "explain", "model", "fairness"},
		"seal":          {},
		"store":         {".", "scoring", "audit", "seal"},
		"datasets":      {".", "features"},
		"access":        {".", "scoring", "store"},

		"features/table":     {".", "features"},
		"model/onnx/onnxcli": {"model/onnx"},
		"model/onnx/bench":   {"model/onnx"},
		"explain/bench":      {"explain", "model/onnx"},
		"store/storetest":    {".", "scoring", "store"},

		"server/actor":     {"."},
		"server/problem":   {"."},
		"server/web":       {},
		"server/auditing":  {".", "audit", "scoring", "store"},
		"server/reporting": {".", "fairness", "model", "scoring", "store"},
	}
	joins := []string{"server", "server/api", "server/pages", "cmd/tarozi"} // may import whatever they join
	for folder, names := range imports(t) {
		may, listed := allowed[folder]
		if !listed {
			if !slices.Contains(joins, folder) {
				t.Errorf("%s is not in the table: say what it may import of ours, here and in docs/architecture.md", folder)
			}
			continue
		}
		for _, name := range names {
			if name != module && !strings.HasPrefix(name, module+"/") {
				continue
			}
			to := strings.TrimPrefix(strings.TrimPrefix(name, module), "/")
			if to == "" {
				to = "."
			}
			if !slices.Contains(may, to) {
				t.Errorf("%s imports %s; it may import %v of ours", folder, to, may)
			}
		}
	}
}
