//go:build linux

package multiprocessing

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// fromPython returns the page for those who come from Python.
func fromPython(t *testing.T) string {
	return string(must[[]byte](t)(os.ReadFile("../docs/FROM_PYTHON.md")))
}

// TestFromPython_Program: the first program, which is the right half of a block of two columns, is compiled and run.
func TestFromPython_Program(t *testing.T) {
	_, block, _ := strings.Cut(fromPython(t), "```python\n")
	block, _, found := strings.Cut(block, "```\n")
	if !found {
		t.Fatal("the page has no block of Python")
	}
	source := `package main

import (
	"context"
	"fmt"
	"log"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
`
	for line := range strings.Lines(block) {
		_, right, _ := strings.Cut(line, "|")
		source += right
	}
	file := filepath.Join(t.TempDir(), "main.go")
	ok(t, os.WriteFile(file, []byte(source), 0o600))
	run := exec.Command("go", "run", file)
	run.Dir = ".."
	if out, err := run.CombinedOutput(); err != nil || string(out) != "49 <nil>\n" {
		t.Fatalf("%v %q\n%s", err, out, source)
	}
}

// surface returns the names of this package: its exported ones, and those of all methods and fields.
func surface(t *testing.T) (exported, members map[string]bool) {
	exported, members = map[string]bool{}, map[string]bool{}
	for _, name := range must[[]string](t)(filepath.Glob("*.go")) {
		f := must[*ast.File](t)(parser.ParseFile(token.NewFileSet(), name, nil, 0))
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil {
					members[n.Name.Name] = true
				} else {
					exported[n.Name.Name] = true
				}
			case *ast.TypeSpec:
				exported[n.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range n.Names {
					exported[id.Name] = true
				}
			case *ast.Field:
				for _, id := range n.Names {
					members[id.Name] = true
				}
			}
			return true
		})
	}
	members["With"] = true // of sched, which Func and Initializer embed
	return exported, members
}

// TestFromPython_Names: what the right columns name is there: mp.X as X, and every other name as a method, field, or name.
func TestFromPython_Names(t *testing.T) {
	exported, members := surface(t)
	code, ofPackage := regexp.MustCompile("`[^`]+`"), regexp.MustCompile(`\bmp\.(\w+)`)
	member, text := regexp.MustCompile(`(?:^|\.)([A-Z]\w*)`), regexp.MustCompile(`"[^"]*"|io\.EOF`)
	n := 0
	for line := range strings.Lines(fromPython(t)) {
		columns := strings.Split(line, " | ")
		if !strings.HasPrefix(line, "| ") || len(columns) < 2 {
			continue
		}
		for _, span := range code.FindAllString(strings.Join(columns[1:], " "), -1) {
			span = text.ReplaceAllString(strings.Trim(span, "`"), "")
			for _, m := range ofPackage.FindAllStringSubmatch(span, -1) {
				if n++; !exported[m[1]] {
					t.Errorf("mp.%s: %s", m[1], span)
				}
			}
			for _, m := range member.FindAllStringSubmatch(span, -1) {
				if n++; !exported[m[1]] && !members[m[1]] && m[1] != "Exit" && m[1] != "Main" {
					t.Errorf("%s: %s", m[1], span)
				}
			}
		}
	}
	if n < 150 {
		t.Errorf("%d names in the tables", n)
	}
}

// TestFromPython_Claims: what the page says of speed, the benchmarks say, too.
func TestFromPython_Claims(t *testing.T) {
	if !strings.Contains(fromPython(t), "no server, hundreds of times as fast") {
		t.Fatal("the claim that is checked here is another now")
	}
	figures := string(must[[]byte](t)(os.ReadFile("../docs/BENCHMARKS.md")))
	m := regexp.MustCompile(`\| Multiprocessing, dict-set, shared-memory \| cpython \|.*\| ([0-9.]+)× \|`).FindStringSubmatch(figures)
	if m == nil {
		t.Skip("this page of benchmarks has no CPython in it")
	}
	if times := must[float64](t)(strconv.ParseFloat(m[1], 64)); times < 200 {
		t.Fatalf("%v times", times)
	}
}
