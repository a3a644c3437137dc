//go:build unix

package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const holdVariable = "SHMATH_BENCH_HOLD"

func TestMain(m *testing.M) {
	if os.Getenv(holdVariable) != "" {
		holdFolder()
	}
	os.Exit(m.Run())
}

// holdFolder is the life of a run that is killed: it takes a folder, says so, and waits for its end.
func holdFolder() {
	path, err := work.folder()
	if err != nil {
		os.Exit(1)
	}
	os.Stdout.WriteString(path + "\n")
	select {}
}

// holding returns the folder of another process, and what kills that.
func holding(t *testing.T, within string) (path string, kill func()) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holdVariable+"=1", "TMPDIR="+within)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), kill
}

func TestWorkspace_RemovesWhatTheDeadLeave(t *testing.T) {
	within := t.TempDir()
	dead, kill := holding(t, within)
	alive, _ := holding(t, within)
	if _, err := os.Stat(filepath.Join(dead, "peers", "two.h")); err != nil {
		t.Fatalf("a run has no sources: %v", err)
	}
	removeDeserted(within)
	if _, err := os.Stat(dead); err != nil {
		t.Fatalf("the folder of a run that lives is gone: %v", err)
	}
	kill()
	removeDeserted(within)
	t.Setenv("TMPDIR", within)
	var next workspace
	path, err := next.folder()
	if err != nil {
		t.Fatal(err)
	}
	for folder, wanted := range map[string]bool{dead: false, alive: true, path: true} {
		if _, err := os.Stat(folder); (err == nil) != wanted {
			t.Errorf("%s is there: %v, wanted %v", folder, err == nil, wanted)
		}
	}
	if err := next.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a run that ends leaves its folder")
	}
}

func TestTryFile_LeavesWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	old := filepath.Join(folder, "old")
	if err := os.WriteFile(old, []byte("figures"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tryFile(old); err != nil {
		t.Error(err)
	}
	if text, err := os.ReadFile(old); err != nil || string(text) != "figures" {
		t.Errorf("%q, %v", text, err)
	}
	if err := tryFile(filepath.Join(folder, "new")); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(folder, "new")); err == nil {
		t.Error("a file was left")
	}
	if err := tryFile(filepath.Join(folder, "none", "new")); err == nil {
		t.Error("a file in no folder can be written")
	}
}
