//go:build linux

// Versus-python shows how CPython's multiprocessing fails where processes are killed, and what this library does in the same
// place. Each of Python's programs is in the directory python; ours are in cases.go, under the same name.
//
//	versus-python [CASE...]
//
// It exits with status 1 when one of ours does not do what it promises. SHMATH_PYTHON names the interpreter.
package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	mp "github.com/shmath/shmath/multiprocessing"
	"github.com/shmath/shmath/sched"
)

//go:embed python
var programs embed.FS

// limit is how long a program may take before it is said to hang.
const limit = 10 * time.Second

func main() {
	sched.Main()
	if len(os.Args) > 1 && os.Args[1] == parentRole {
		beParent()
		return
	}
	failed := false
	for _, c := range cases {
		if len(os.Args) > 1 && !slices.ContainsFunc(os.Args[1:], func(arg string) bool { return strings.HasPrefix(c.name, arg) }) {
			continue
		}
		ours, err := run(c)
		if err != nil {
			ours, failed = "FAILED: "+err.Error(), true
		}
		fmt.Printf("%s\n  CPython  %s\n  shmath   %s\n\n", c.about, python(c.name), ours)
	}
	if failed {
		os.Exit(1)
	}
}

// run runs our side of a case, and ends its processes.
func run(c versus) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	defer func() {
		for _, p := range mp.ActiveChildren() {
			_ = p.Kill()
			_ = p.Join(context.Background())
		}
	}()
	return c.ours(ctx)
}

// python runs Python's side and says how it went, in a line.
func python(name string) string {
	interpreter := os.Getenv("SHMATH_PYTHON")
	if interpreter == "" {
		interpreter = "python3"
	}
	dir, err := os.MkdirTemp("", "versus-python-")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	text, err := programs.ReadFile("python/" + name + ".py")
	script := filepath.Join(dir, "program.py")
	if err == nil {
		err = os.WriteFile(script, text, 0o600)
	}
	if err != nil {
		return err.Error()
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, interpreter, script)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // its workers, too
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	err = cmd.Run()
	said := strings.Join(strings.Fields(strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", "; ")), " ")
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return strings.TrimSpace(said + fmt.Sprintf(" HANGS (given up after %v)", limit))
	case errors.Is(err, exec.ErrNotFound):
		return "not installed"
	case errors.As(err, &exit):
		return strings.TrimSpace(fmt.Sprintf("%s DIES (%v)", said, exit))
	case err != nil:
		return err.Error()
	}
	return said
}
