package main

import (
	"bufio"
	"embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Peers are programs of their own, each short and beside the suites. A peer lives through its suite and sleeps between
// its turns. Its first line out names what it measures, with the version; each line in says what to do and how often, and
// is answered with the nanoseconds that it took.

//go:embed peers
var peerSources embed.FS

// program is a peer that runs.
type program struct {
	version string
	folder  string // its sources, which are removed when it ends; empty for none
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// start starts a peer, which ends when its input does.
func start(cmd *exec.Cmd) (*program, error) {
	p := &program{cmd: cmd}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.in, p.out = in, bufio.NewReaderSize(out, 1<<16)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if p.version, err = p.line(); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *program) line() (string, error) {
	line, err := p.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s did not answer: %w", filepath.Base(p.cmd.Path), err)
	}
	return strings.TrimSpace(line), nil
}

// stop ends the peer. It may be called for one that never started.
func (p *program) stop() error {
	if p == nil {
		return nil
	}
	err := errors.Join(p.in.Close(), p.cmd.Wait())
	if p.folder != "" {
		err = errors.Join(err, os.RemoveAll(p.folder))
	}
	return err
}

// turn is a contender's turn. Where the peer says how long each op took, that goes into times.
func (p *program) turn(what string, ops int, times *hdrhistogram.Histogram) (time.Duration, error) {
	if _, err := fmt.Fprintln(p.in, what, ops); err != nil {
		return 0, err
	}
	line, err := p.line()
	if err != nil {
		return 0, err
	}
	var total int64
	for i, figure := range strings.Fields(line) {
		ns, err := strconv.ParseInt(figure, 10, 64)
		if err != nil {
			return 0, err
		}
		if i == 0 {
			total = ns
		} else if err := times.RecordValue(min(ns, times.HighestTrackableValue())); err != nil {
			return 0, err
		}
	}
	return time.Duration(total), nil
}

// turns is turn for peers that measure no single ops.
func (p *program) turns(what ...any) func(ops int) (time.Duration, error) {
	line := strings.TrimSuffix(fmt.Sprintln(what...), "\n")
	return func(ops int) (time.Duration, error) { return p.turn(line, ops, nil) }
}

// unpack puts the sources of the peers into a folder of their own.
func unpack() (folder string, err error) {
	if folder, err = os.MkdirTemp("", "shmath-bench-"); err != nil {
		return "", err
	}
	if err := os.CopyFS(folder, peerSources); err != nil {
		return "", errors.Join(err, os.RemoveAll(folder))
	}
	return folder, nil
}

// compiled builds a peer from source in C, C++ or Go. The program that is run has no file any more.
func compiled(source string, flags ...string) (command func(args ...string) *exec.Cmd, err error) {
	folder, err := unpack()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	binary, path := filepath.Join(folder, "peer"), filepath.Join(folder, "peers", source)
	line := append([]string{"gcc", "-O3", "-march=native", "-pthread", "-o", binary, path}, flags...)
	switch filepath.Ext(source) {
	case ".cc":
		line[0] = "g++"
	case ".txt": // Go, which the tools of this module shall not see
		line = []string{"go", "build", "-o", binary, strings.TrimSuffix(path, ".txt")}
		if err := os.Rename(path, line[len(line)-1]); err != nil {
			return nil, err
		}
	}
	if out, err := exec.Command(line[0], line[1:]...).CombinedOutput(); err != nil {
		first, _, _ := strings.Cut(string(out), "\n")
		return nil, fmt.Errorf("%s: %w: %s", line[0], err, first)
	}
	f, err := os.Open(binary)
	if err != nil {
		return nil, err
	}
	return func(args ...string) *exec.Cmd {
		cmd := exec.Command("/proc/self/fd/3", args...)
		cmd.ExtraFiles = []*os.File{f}
		return cmd
	}, nil
}

// peersFolder is where make peers installs.
func peersFolder() string {
	if folder := os.Getenv("SHMATH_PEERS"); folder != "" {
		return folder
	}
	return ".peers"
}

// pythonPath is the Python that make peers installs, or $SHMATH_PYTHON, or python3.
func pythonPath() string {
	if path, err := filepath.Abs(filepath.Join(peersFolder(), "python/bin/python")); err == nil {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if path := os.Getenv("SHMATH_PYTHON"); path != "" {
		return path
	}
	return "python3"
}

// scripted starts a peer in Python, with more variables in its environment.
func scripted(script string, variables ...string) (*program, error) {
	folder, err := unpack()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(pythonPath(), filepath.Join(folder, "peers", script))
	cmd.Env = append(os.Environ(), variables...)
	p, err := start(cmd)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	p.folder = folder
	return p, nil
}
