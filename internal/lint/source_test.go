package lint

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const (
	linesMax     = 500 // of a file
	testLinesMax = 700
	bodyMax      = 70 // lines of a function
)

// root is the folder of go.mod.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		t.Fatal("no go.mod above the test")
	}
}

type source struct {
	path string // from the root
	text string
	file *ast.File
	set  *token.FileSet
}

func (s *source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s *source) at(p token.Pos) string { return fmt.Sprintf("%s:%d", s.path, s.set.Position(p).Line) }

// sources parses every Go file of the repository, generators excepted.
func sources(t *testing.T) []*source {
	t.Helper()
	top := root(t)
	var all []*source
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != top && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(top, path)
		if err != nil {
			return err
		}
		s := &source{path: rel, text: string(text), set: token.NewFileSet()}
		if s.file, err = parser.ParseFile(s.set, path, text, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			return err
		}
		all = append(all, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d files found under %s: the linter is blind", len(all), top)
	}
	return all
}

func TestUnsafe_OnlyWhereTheNameSaysSo(t *testing.T) {
	for _, s := range sources(t) {
		for _, i := range s.file.Imports {
			if i.Path.Value == `"unsafe"` && !strings.HasSuffix(s.path, "_unsafe.go") && !s.isTest() {
				t.Errorf("%s imports unsafe; such code lives in files named *_unsafe.go", s.path)
			}
		}
	}
}

func TestLengths(t *testing.T) {
	for _, s := range sources(t) {
		if strings.HasPrefix(s.text, "// Code generated ") {
			continue
		}
		lines, limit := strings.Count(s.text, "\n"), linesMax
		if s.isTest() {
			limit = testLinesMax
		}
		if lines > limit {
			t.Errorf("%s has %d lines, at most %d", s.path, lines, limit)
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || s.isTest() {
				continue
			}
			if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > bodyMax {
				t.Errorf("%s: %s has %d lines, at most %d", s.at(f.Pos()), f.Name.Name, n, bodyMax)
			}
		}
	}
}

func TestPackages_AreDocumented(t *testing.T) {
	documented := make(map[string]bool)
	for _, s := range sources(t) {
		dir := filepath.Dir(s.path)
		if s.isTest() {
			continue
		}
		documented[dir] = documented[dir] || filepath.Base(s.path) == "doc.go" && s.file.Doc != nil ||
			s.file.Name.Name == "main" && s.file.Doc != nil
		if base := filepath.Base(dir); base == "util" || base == "utils" || base == "common" || base == "helpers" {
			t.Errorf("%s: a name that says nothing", dir)
		}
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc.go with a package comment", dir)
		}
	}
}

func TestExported_IsDocumented(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || s.file.Name.Name == "main" {
			continue
		}
		for _, d := range s.file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) && d.Doc == nil && !wellKnown[d.Name.Name] {
					t.Errorf("%s: %s has no comment", s.at(d.Pos()), d.Name.Name)
				}
			case *ast.GenDecl:
				checkGroup(t, s, d)
			}
		}
	}
}

// wellKnown methods do what their interface says.
var wellKnown = map[string]bool{
	"Error": true, "String": true, "Is": true, "Unwrap": true, "Len": true, "Less": true, "Swap": true,
	"Deadline": true, "Value": true, "Err": true, "Done": true, "MarshalJSON": true,
}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}

func checkGroup(t *testing.T, s *source, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() && d.Doc == nil && spec.Doc == nil {
				t.Errorf("%s: type %s has no comment", s.at(spec.Pos()), spec.Name.Name)
			}
		case *ast.ValueSpec:
			for _, n := range spec.Names {
				if n.IsExported() && d.Doc == nil && spec.Doc == nil && spec.Comment == nil {
					t.Errorf("%s: %s has no comment", s.at(n.Pos()), n.Name)
				}
			}
		}
	}
}

var rawAtomic = regexp.MustCompile(`\batomic\.(Load|Store|Add|Swap|CompareAndSwap|And|Or)(Int32|Int64|Uint32|Uint64|Uintptr|Pointer)\(`)

func TestText(t *testing.T) {
	todo := regexp.MustCompile(`\b(TODO|FIXME|XXX)\b`)
	for _, s := range sources(t) {
		if strings.HasPrefix(s.path, "internal/lint/") {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			if rawAtomic.MatchString(line) {
				t.Errorf("%s:%d: use the types of sync/atomic (atomic.Uint64), not its functions", s.path, i+1)
			}
			if todo.MatchString(line) {
				t.Errorf("%s:%d: unfinished: %s", s.path, i+1, strings.TrimSpace(line))
			}
		}
	}
}

// Every edge of the memory model is named at both of its ends.
func TestSync_NamesArePaired(t *testing.T) {
	name := regexp.MustCompile(`SYNC\(([^)]+)\)`)
	ends := make(map[string][]string)
	for _, s := range sources(t) {
		if s.isTest() || strings.HasPrefix(s.path, "internal/lint/") {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			for _, m := range name.FindAllStringSubmatch(line, -1) {
				ends[m[1]] = append(ends[m[1]], fmt.Sprintf("%s:%d", s.path, i+1))
			}
		}
	}
	for n, at := range ends {
		if len(at) < 2 {
			t.Errorf("SYNC(%s) is named only at %s; its other end is silent", n, at[0])
		}
	}
}
