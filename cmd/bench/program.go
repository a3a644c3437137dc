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
	"sync"
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
	name    string // of the engine, where one script has several
	version string

	complaints complaints
	cmd        *exec.Cmd
	in         io.WriteCloser
	out        *bufio.Reader
}

// complaints is the end of what a peer wrote to its standard error. Nobody wants to read it unless the peer fails.
type complaints struct {
	mu   sync.Mutex
	text []byte
}

func (c *complaints) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text = append(c.text, b...)
	c.text = c.text[max(0, len(c.text)-4096):]
	return len(b), nil
}

// last is the last line.
func (c *complaints) last() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(string(c.text)), "\n")
	return lines[len(lines)-1]
}

// start starts a peer, which ends when its input does.
func start(cmd *exec.Cmd) (*program, error) {
	p := &program{cmd: cmd}
	apart(cmd)
	work.temporary(cmd)
	cmd.Stderr = &p.complaints
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
		_ = p.stop() // after that all complaints are there
		return nil, fmt.Errorf("%w: %s", err, p.complaints.last())
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
	return errors.Join(p.in.Close(), p.cmd.Wait())
}

// turn is a contender's turn. Where the peer says how long each op took, that goes into times.
func (p *program) turn(what string, ops int, times *hdrhistogram.Histogram) (time.Duration, error) {
	if _, err := fmt.Fprintln(p.in, what, ops); err != nil {
		return 0, fmt.Errorf("%w: %s", err, p.complaints.last())
	}
	line, err := p.line()
	if err != nil {
		return 0, fmt.Errorf("%w: %s", err, p.complaints.last())
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

// engines starts a script once for each engine that it knows: those that cannot take part are noted as absent.
func engines(c *config, script string, names []string, variables ...string) (running peers) {
	for _, name := range names {
		if c.quick && (name == "dask" || name == "ray") {
			c.absent(name, "it takes seconds to start: not with --quick")
			continue
		}
		p, err := scripted(script, []string{name}, variables...)
		if err != nil {
			c.absent(name, err.Error())
			continue
		}
		p.name = name
		running = append(running, p)
	}
	return running
}

// peers are programs that take part in a suite, and end with it.
type peers []*program

func (p peers) stop() error {
	var all []error
	for _, one := range p {
		all = append(all, one.stop())
	}
	return errors.Join(all...)
}

// contenders are turns of each.
func (p peers) contenders(what string, ops int) (all []contender) {
	for _, one := range p {
		all = append(all, contender{name: "impl=" + one.name, peer: one.version, ops: ops, turn: one.turns(what)})
	}
	return all
}

// compiled builds a peer from source in C, C++ or Go.
func compiled(source string, flags ...string) (command func(args ...string) *exec.Cmd, err error) {
	path, err := work.build(source, flags...)
	return func(args ...string) *exec.Cmd { return exec.Command(path, args...) }, err
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
func scripted(script string, args []string, variables ...string) (*program, error) {
	path, err := work.source(script)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(pythonPath(), append([]string{path}, args...)...)
	cmd.Env = append(os.Environ(), variables...)
	return start(cmd)
}
