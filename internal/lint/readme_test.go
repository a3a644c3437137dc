package lint

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The first program of the README is compiled and run, and prints what the README says.
func TestReadmeProgram(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```go\npackage main\n")
	program, after, found := strings.Cut(rest, "```\n")
	_, after, _ = strings.Cut(after, "It prints `")
	want, _, promised := strings.Cut(after, "`")
	if !found || !promised {
		t.Fatal("the README has no program that begins with \"package main\", or does not say what it prints")
	}
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte("package main\n"+program), 0o600); err != nil {
		t.Fatal(err)
	}
	run := exec.Command("go", "run", file)
	run.Dir = "../.."
	got, err := run.CombinedOutput()
	if err != nil || strings.TrimSpace(string(got)) != want {
		t.Errorf("it prints %q (%v), the README says %q", got, err, want)
	}
}
