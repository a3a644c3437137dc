package sched

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/shmath/shmath/internal/spawn"
)

const (
	lineMax      = 1 << 20 // bytes of a line that are kept until its end comes; a longer one is passed on in pieces
	readBytes    = 32 << 10
	tailLines    = 10  // lines of a dead worker that an error shows
	tailKept     = 200 // lines of the workers of one place among which they are found
	tailBefore   = 2   // of them: lines before the one with which a crash begins
	tailLineMax  = 500
	tailPatience = 2 * time.Second
)

// lineSink is where whole lines of all workers go, each in one piece.
type lineSink struct {
	mu   sync.Mutex
	to   io.Writer
	fail func(error) // told of the first line that could not be written
	said bool
}

func (s *lineSink) write(lines []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.to.Write(lines); err != nil && !s.said {
		s.said = true
		s.fail(err)
	}
}

// tail keeps the last lines that the workers of one place have said, by any way.
type tail struct {
	mu    sync.Mutex
	lines []tailLine
}

type tailLine struct {
	pid  int
	text string
}

func (t *tail) add(pid int, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) >= tailKept { // those of the worker before are still there while its death is looked into
		t.lines = append(t.lines[:0], t.lines[1:]...)
	}
	t.lines = append(t.lines, tailLine{pid, clip(text, tailLineMax)})
}

// of returns the last lines of one process, oldest first, or those where its crash begins: stacks and registers are
// long, and say less.
func (t *tail) of(pid int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var lines []string
	for _, l := range t.lines {
		if l.pid == pid {
			lines = append(lines, l.text)
		}
	}
	from := len(lines) - tailLines
	for i := len(lines) - 1; i >= 0; i-- {
		if crashCause(lines[i]) != CauseUnknown {
			from = min(from, i-tailBefore)
			break
		}
	}
	from = max(from, 0)
	return lines[from:min(from+tailLines, len(lines))]
}

// output is the standard output and error of one worker process: a pipe each, so that what it wrote outlives it and a
// goroutine that waits for more costs nothing.
type output struct {
	tail    *tail
	pid     int
	streams [2]stream // standard output, standard error
	crash   crashReport
	done    sync.WaitGroup
}

type stream struct {
	read, write *os.File
	sink        *lineSink
}

// openOutput makes the pipes of a worker that is about to be started.
func openOutput(t *tail, sinks [2]*lineSink) (*output, error) {
	o := &output{tail: t}
	for i := range o.streams {
		s := &o.streams[i]
		var err error
		if s.read, s.write, err = pipe(); err != nil {
			o.close()
			return nil, fmt.Errorf("sched: a pipe for a worker's output: %w", err)
		}
		s.sink = sinks[i]
	}
	return o, nil
}

// close ends what no worker was started for.
func (o *output) close() {
	for _, s := range o.streams {
		if s.read != nil {
			s.read.Close()
			s.write.Close()
		}
	}
}

// follow passes on what the child writes until it has ended and all of it has been read.
func (o *output) follow(child *spawn.Child) {
	o.pid = child.PID
	for i := range o.streams {
		s := &o.streams[i]
		s.write.Close()
		o.done.Go(func() { o.pump(s) })
	}
}

// finish returns when all that the child wrote has been passed on. The child has ended. Programs that it started may
// hold its pipes open: they are not waited for.
func (o *output) finish() {
	for i := range o.streams {
		o.streams[i].read.SetReadDeadline(time.Now())
	}
	o.done.Wait()
}

// pump reads one stream to its end.
func (o *output) pump(s *stream) {
	defer s.read.Close()
	held := make([]byte, 0, 512)
	for {
		n, err := s.read.Read(room(&held))
		held = o.pass(s, held[:len(held)+n])
		if os.IsTimeout(err) {
			held = o.drain(s, held)
		}
		if err != nil {
			break
		}
	}
	if len(held) > 0 { // without a newline, the next line would be glued to it
		o.pass(s, append(held, '\n'))
	}
}

// drain reads what is there without waiting for more.
func (o *output) drain(s *stream, held []byte) []byte {
	s.read.SetReadDeadline(time.Time{})
	raw, err := s.read.SyscallConn()
	if err != nil {
		return held
	}
	raw.Read(func(fd uintptr) bool {
		for {
			n, err := readNow(int(fd), room(&held))
			if n <= 0 || err != nil {
				return true
			}
			held = o.pass(s, held[:len(held)+n])
		}
	})
	return held
}

// room returns free space behind what is held, and makes some if there is none.
func room(held *[]byte) []byte {
	b := *held
	if cap(b)-len(b) < 256 {
		b = append(make([]byte, 0, max(readBytes, 2*cap(b))), b...)
		*held = b
	}
	return b[len(b):cap(b)]
}

// pass sends whole lines on and returns what is left of the last one.
func (o *output) pass(s *stream, held []byte) []byte {
	end := bytes.LastIndexByte(held, '\n') + 1
	if end == 0 && len(held) >= lineMax {
		end = len(held)
	}
	if end == 0 {
		return held
	}
	s.sink.write(held[:end])
	if s == &o.streams[1] {
		o.crash.add(held[:end])
	}
	o.remember(held[:end])
	return held[:copy(held, held[end:])]
}

// remember keeps the last of some lines.
func (o *output) remember(lines []byte) {
	begin := len(lines)
	for range tailKept + 1 {
		if begin = bytes.LastIndexByte(lines[:max(begin-1, 0)], '\n') + 1; begin == 0 {
			break
		}
	}
	for line := range strings.Lines(string(lines[begin:])) {
		o.tail.add(o.pid, strings.TrimSuffix(line, "\n"))
	}
}
