package features

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tarozi/tarozi"
)

// Protected attributes never reach a model. These tests hold the two ways in shut: what this package may name, and what a history
// has room for.

// sealed are the names of the vocabulary that hold or list what is kept apart for audit or for people's eyes.
var sealed = []string{"ProtectedAttributes", "ProtectedNames", "Identity", "Outcome", "OutcomeKind"}

func TestPackageCannotNameProtectedAttributes(t *testing.T) {
	files := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files++
		for _, fault := range faultsOf(t, path) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 8 {
		t.Errorf("%d files were looked at: the package has more", files)
	}
}

// faultsOf lists what a source file imports or names and may not.
func faultsOf(t *testing.T, path string) []string {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return faultsIn(set, file, filepath.Dir(path) != ".")
}

func faultsIn(set *token.FileSet, file *ast.File, writer bool) []string {
	var faults []string
	for _, spec := range file.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			name = spec.Path.Value
		}
		standard := !strings.Contains(strings.Split(name, "/")[0], ".")
		allowed := name == "github.com/tarozi/tarozi" ||
			(writer && slices.Contains([]string{"github.com/tarozi/tarozi/features", "github.com/parquet-go/parquet-go"}, name))
		if (!standard && !allowed) || slices.Contains([]string{"unsafe", "plugin", "os", "net", "database/sql"}, name) {
			faults = append(faults, set.Position(spec.Pos()).String()+": imports "+name)
		}
		if spec.Name != nil && spec.Name.Name == "." {
			faults = append(faults, set.Position(spec.Pos()).String()+": a dot import hides what is named")
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if name, ok := node.(*ast.Ident); ok && slices.Contains(sealed, name.Name) {
			faults = append(faults, set.Position(name.Pos()).String()+": names "+name.Name)
		}
		return true
	})
	return faults
}

func TestBoundaryTestSeesABreach(t *testing.T) {
	for name, source := range map[string]string{
		"another package of ours":   `package p; import _ "github.com/tarozi/tarozi/store"`,
		"a file":                    `package p; import _ "os"`,
		"a database":                `package p; import _ "database/sql"`,
		"a sealed type":             `package p; import "github.com/tarozi/tarozi"; var _ tarozi.ProtectedAttributes`,
		"a sealed type by renaming": `package p; import t "github.com/tarozi/tarozi"; var _ *t.Identity`,
		"a dot import":              `package p; import . "github.com/tarozi/tarozi"`,
	} {
		t.Run(name, func(t *testing.T) {
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, "breach.go", source, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			if len(faultsIn(set, file, false)) == 0 {
				t.Errorf("%s passes", source)
			}
		})
	}
}

func TestHistoryHasNoRoomForProtectedAttributes(t *testing.T) {
	names := append(slices.Clone(tarozi.ProtectedNames), "name", "address", "gender", "attributes")
	var walk func(at string, kind reflect.Type)
	walk = func(at string, kind reflect.Type) {
		switch kind.Kind() {
		case reflect.Pointer, reflect.Slice:
			walk(at, kind.Elem())
		case reflect.Map, reflect.Interface:
			t.Errorf("%s is a %s, with room for anything", at, kind.Kind())
		case reflect.Struct:
			if !strings.HasSuffix(kind.PkgPath(), "tarozi") || kind == reflect.TypeFor[tarozi.Value]() {
				return
			}
			for field := range kind.Fields() {
				key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
				if slices.Contains(names, key) || slices.Contains(names, strings.ToLower(field.Name)) {
					t.Errorf("%s.%s holds a protected attribute", at, field.Name)
				}
				walk(at+"."+field.Name, field.Type)
			}
		}
	}
	walk("CaseHistory", reflect.TypeFor[tarozi.CaseHistory]())
}

func TestNoFeatureIsAProtectedAttribute(t *testing.T) {
	for _, f := range Catalogue() {
		for _, name := range append(slices.Clone(tarozi.ProtectedNames), "gender", "puma", "name") {
			if f.Key == name || slices.Contains(strings.Split(f.Key, "_"), name) {
				t.Errorf("%s names the protected attribute %s", f.Key, name)
			}
		}
	}
}
