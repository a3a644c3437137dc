package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// workspace is the folder of this run: the sources of the peers, the programs that are built from them, and what compilers
// and peers put into a folder for temporary files. This process holds a lock on it. A run that was killed leaves a folder
// whose lock is free; the next run removes it. One goroutine uses it.
type workspace struct {
	path   string
	locked *os.File
	built  map[string]error // each program once, by its line
}

var work workspace

// workspacePrefix begins the names of the folders, of all users and runs, in the folder for temporary files.
const workspacePrefix = "shmath-bench-"

// folder makes the folder, where it is not there yet.
func (w *workspace) folder() (string, error) {
	if w.path != "" {
		return w.path, nil
	}
	for {
		path, err := os.MkdirTemp("", workspacePrefix)
		if err != nil {
			return "", err
		}
		f, err := os.Open(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // another run took it for one that nobody holds any more
		}
		if err != nil {
			return "", err
		}
		if err := lockFolder(f); err != nil || !stillThere(f, path) {
			_ = f.Close()
			if errors.Is(err, errors.ErrUnsupported) {
				return "", errors.Join(err, os.RemoveAll(path))
			}
			continue
		}
		w.path, w.locked, w.built = path, f, map[string]error{}
		return path, os.CopyFS(path, peerSources)
	}
}

// stillThere says whether the folder that was opened is the one of that name.
func stillThere(f *os.File, path string) bool {
	opened, err1 := f.Stat()
	named, err2 := os.Stat(path)
	return err1 == nil && err2 == nil && os.SameFile(opened, named)
}

// removeDeserted removes the folders of runs that are dead.
func removeDeserted(within string) {
	all, err := filepath.Glob(filepath.Join(within, workspacePrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range all {
		f, err := os.Open(path)
		if err != nil {
			continue // another user's
		}
		if lockFolder(f) == nil {
			_ = os.RemoveAll(path)
		}
		_ = f.Close()
	}
}

// close removes the folder.
func (w *workspace) close() error {
	if w.path == "" {
		return nil
	}
	err := errors.Join(os.RemoveAll(w.path), w.locked.Close())
	w.path = ""
	return err
}

// temporary has a program put its temporary files into the folder.
func (w *workspace) temporary(cmd *exec.Cmd) {
	if folder, err := w.folder(); err == nil {
		cmd.Env = append(cmd.Environ(), "TMPDIR="+folder)
	}
}

// source is the path of a peer's source.
func (w *workspace) source(name string) (string, error) {
	folder, err := w.folder()
	return filepath.Join(folder, "peers", name), err
}

// build builds a peer from source in C, C++ or Go, once, and returns the path of the program.
func (w *workspace) build(source string, flags ...string) (string, error) {
	path, err := w.source(source)
	if err != nil {
		return "", err
	}
	program := strings.TrimSuffix(path, ".txt") + strings.Join(flags, "") + ".out"
	err, done := w.built[program]
	if !done {
		err = compile(path, program, flags)
		w.built[program] = err
	}
	return program, err
}

func compile(path, program string, flags []string) error {
	line := append([]string{"gcc", "-O3", "-march=native", "-pthread", "-o", program, path}, flags...)
	switch filepath.Ext(path) {
	case ".cc":
		line[0] = "g++"
	case ".txt": // Go, which the tools of this module shall not see
		source := strings.TrimSuffix(path, ".txt")
		line = []string{"go", "build", "-o", program, source}
		if err := os.Rename(path, source); err != nil {
			return err
		}
	}
	if filepath.Base(path) == "mpi.c" {
		line[0] = "mpicc"
	}
	cmd := exec.Command(line[0], line[1:]...)
	work.temporary(cmd)
	if out, err := cmd.CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(out), "\n")
		return fmt.Errorf("%s: %w: %s", line[0], err, first)
	}
	return nil
}
