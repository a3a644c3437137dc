// Package python holds the programs of Python's multiprocessing tutorials. Its test runs each and compares what it prints
// with the comment at its end.
package python

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestPrograms(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("processes with shared memory need Linux")
	}
	sources, err := filepath.Glob("*/main.go")
	if err != nil || len(sources) == 0 {
		t.Fatal(sources, err)
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "./...").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, source := range sources {
		name := filepath.Dir(source)
		t.Run(name, func(t *testing.T) { compare(t, source, filepath.Join(bin, name)) })
	}
}

// compare runs a program and holds its output against its comment.
func compare(t *testing.T, source, program string) {
	want, unordered := expected(t, source)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s%s", err, &stdout, &stderr)
	}
	got := lines(stdout.String())
	if unordered {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("it printed\n%s\nand should print\n%s\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"), &stderr)
	}
}

// expected reads the comment at the end of a program: "Output:" or "Unordered output:", and lines.
func expected(t *testing.T, source string) (want []string, unordered bool) {
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	_, comment, ordered := strings.Cut(string(text), "\n// Output:\n")
	if !ordered {
		_, comment, unordered = strings.Cut(string(text), "\n// Unordered output:\n")
	}
	if !ordered && !unordered {
		t.Fatalf("%s does not end with a comment that says what it prints", source)
	}
	for _, l := range lines(comment) {
		want = append(want, strings.TrimSpace(strings.TrimPrefix(l, "//")))
	}
	return want, unordered
}

func lines(s string) []string {
	var list []string
	for l := range strings.Lines(s) {
		list = append(list, strings.TrimSpace(l))
	}
	return list
}
