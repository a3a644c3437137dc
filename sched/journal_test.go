//go:build linux

package sched

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

type sayArgs struct {
	N    int
	How  string
	Text string
}

var (
	say = NewFunc("say", func(ctx context.Context, a sayArgs) (int, error) {
		switch a.How {
		case "log":
			for i := range a.N {
				slog.Info(a.Text, "i", i)
			}
		case "debug":
			slog.Debug(a.Text)
		case "standard":
			log.Print(a.Text)
		case "print":
			for i := range a.N {
				fmt.Println(i, a.Text)
			}
		case "rich":
			sayRich()
		case "log and die":
			for i := range a.N {
				slog.Error(a.Text, "i", i)
			}
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "print and die":
			fmt.Println("printed", a.Text)
			fmt.Fprint(os.Stderr, "no newline ", a.Text)
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		case "fatal":
			slog.Error("before the end")
			go func() { panic(a.Text) }()
			<-ctx.Done()
		}
		return os.Getpid(), nil
	})
	sayLoop = NewLoop("sayLoop", func(c *Chunk, a sayArgs) error {
		for i := c.Lo; i < c.Hi; i++ {
			fmt.Printf("%d %d %s\n", c.Worker, i, a.Text)
		}
		return nil
	})
)

func sayRich() {
	l := slog.With("first", 1).WithGroup("g").With("second", 2*time.Second)
	l.Warn("rich", "b", true, "f", 1.5, "u", uint64(1)<<63, "err", errors.New("an error"), "t", time.Unix(0, 5).UTC(),
		"s", "a b", "nested", slog.GroupValue(slog.Int("x", -1)), "any", point{1, 2}, "bytes", []byte("xy"), "nil", nil)
}

// ledger of records: what the parent's handler got.
type recorder struct {
	mu      sync.Mutex
	records []slog.Record
	level   slog.LevelVar
	block   chan struct{} // if not nil, Handle waits for it
}

func (r *recorder) Enabled(_ context.Context, l slog.Level) bool { return l >= r.level.Level() }
func (r *recorder) WithAttrs([]slog.Attr) slog.Handler           { return r }
func (r *recorder) WithGroup(string) slog.Handler                { return r }
func (r *recorder) Handle(_ context.Context, rec slog.Record) error {
	if r.block != nil {
		<-r.block
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, rec)
	return nil
}

func (r *recorder) taken() []slog.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.records)
}

// await returns the records when there are at least n.
func (r *recorder) await(t *testing.T, n int) []slog.Record {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		if got := r.taken(); len(got) >= n {
			return got
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d records came, want %d: %v", len(r.taken()), n, r.taken())
		}
	}
}

func attr(r slog.Record, key string) (v slog.Value) {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == key {
			v = a.Value
		}
		return true
	})
	return v
}

// lines is an io.Writer for what workers print.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestLog_RecordsArriveWhole(t *testing.T) {
	var out bytes.Buffer
	h := slog.NewTextHandler(&out, &slog.HandlerOptions{AddSource: true})
	p, err := Start(within(t), &Options{Workers: 1, Logger: slog.New(h)})
	if err != nil {
		t.Fatal(err)
	}
	pid, err := say.Call(within(t), p, sayArgs{How: "rich"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := say.Call(within(t), p, sayArgs{How: "standard", Text: "by package log"}); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	_, file, _, _ := runtime.Caller(0)
	for _, want := range []string{"level=WARN", "source=" + file, "msg=rich first=1 g.second=2s g.b=true g.f=1.5 g.u=9223372036854775808",
		`g.err="an error" g.t=1970-01-01T00:00:00.000Z g.s="a b" g.nested.x=-1 g.any="{X:1 Y:2}" g.bytes=xy g.nil=<nil>`,
		fmt.Sprintf("worker=0 pid=%d\n", pid), `msg="by package log" worker=0`} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A worker logs and is killed at once: all it has logged arrives, in its order, from every worker.
func Test36_LogSurvivesSIGKILL(t *testing.T) {
	rec := &recorder{}
	p := start(t, &Options{Workers: 2, Logger: slog.New(rec)})
	const deaths, each = 12, 40
	for i := range deaths {
		var died *DeathError
		if _, err := say.Call(within(t), p, sayArgs{N: each, How: "log and die", Text: fmt.Sprint("death ", i)}); !errors.As(err, &died) {
			t.Fatalf("want a DeathError, got %v", err)
		}
	}
	next := make(map[string]int64)
	for _, r := range rec.await(t, deaths*each) {
		if i := attr(r, "i").Int64(); i != next[r.Message] {
			t.Fatalf("%s: record %d, want %d", r.Message, i, next[r.Message])
		}
		next[r.Message]++
	}
	if len(next) != deaths {
		t.Errorf("%d of %d deaths were heard of", len(next), deaths)
	}
	if n := len(rec.taken()); n != deaths*each {
		t.Errorf("%d records, want %d", n, deaths*each)
	}
}

func TestLog_LevelIsInherited(t *testing.T) {
	rec := &recorder{}
	p := start(t, &Options{Workers: 1, Logger: slog.New(rec)})
	for _, level := range []slog.Level{slog.LevelInfo, slog.LevelDebug, slog.LevelError + 1} {
		rec.level.Set(level)
		if err := filled(t, p, 10, LoopOptions{}); err != nil { // a change is seen by the next loop
			t.Fatal(err)
		}
		before := len(rec.taken())
		for _, how := range []string{"debug", "log"} {
			if _, err := say.Call(within(t), p, sayArgs{How: how, N: 1, Text: how}); err != nil {
				t.Fatal(err)
			}
		}
		p.relay.flush()
		var got []string
		for _, r := range rec.taken()[before:] {
			got = append(got, r.Message)
		}
		want := map[slog.Level]string{slog.LevelInfo: "[log]", slog.LevelDebug: "[debug log]", slog.LevelError + 1: "[]"}[level]
		if fmt.Sprint(got) != want {
			t.Errorf("level %v: %v, want %v", level, got, want)
		}
	}
}

// What finds no room while the handler is stuck is counted exactly; the rest arrives.
func TestLog_DropsAreCounted(t *testing.T) {
	rec := &recorder{block: make(chan struct{})}
	p := start(t, &Options{Workers: 1, Logger: slog.New(rec)})
	const n = 5000
	if _, err := say.Call(within(t), p, sayArgs{How: "log", N: n, Text: strings.Repeat("x", 100)}); err != nil {
		t.Fatal(err)
	}
	close(rec.block)
	p.relay.flush()
	var arrived, dropped int
	for _, r := range rec.taken() {
		if strings.Contains(r.Message, "dropped") {
			dropped += int(attr(r, "dropped").Uint64())
			continue
		}
		arrived++
	}
	if arrived+dropped != n || dropped == 0 || arrived < journalBytes/200 {
		t.Fatalf("%d arrived and %d dropped of %d", arrived, dropped, n)
	}
}

func TestLog_LongRecordsAndGarbage(t *testing.T) {
	rec := &recorder{}
	p := start(t, &Options{Workers: 1, Logger: slog.New(rec)})
	long := strings.Repeat("long ", 200_000)
	before, err := p.Arena().Stats()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := say.Call(within(t), p, sayArgs{How: "log", N: 2, Text: long}); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range rec.await(t, 6) {
		if r.Message != long {
			t.Fatalf("a message of %d bytes, want %d", len(r.Message), len(long))
		}
	}
	p.relay.flush()
	if after, err := p.Arena().Stats(); err != nil || after.Used > before.Used+2*journalBytes {
		t.Errorf("the arena had %d bytes in use, has %d", before.Used, after.Used)
	}
	good := appendRecord(nil, slog.NewRecord(time.Now(), slog.LevelInfo, "m", 0),
		[]slog.Attr{slog.Int("a", 1), slog.Group("g", slog.String("s", "t"), slog.Float64("f", 2), slog.Time("t", time.Now()))})
	for i := range good {
		d := journalReader{b: good[:i]}
		if _, _, err := d.record(); err == nil {
			t.Errorf("the first %d of %d bytes are taken for a record", i, len(good))
		}
		for _, c := range []byte{0, 1, 0x7f, 0x80, 0xff} {
			bad := slices.Clone(good)
			bad[i] = c
			d := journalReader{b: bad}
			d.record() // must not panic
		}
	}
}

func TestOutput_LinesAreWhole(t *testing.T) {
	out := &lines{}
	p, err := Start(within(t), &Options{Workers: 4, Stdout: out})
	if err != nil {
		t.Fatal(err)
	}
	const n = 4000
	text := strings.Repeat("t", 4000)
	if err := sayLoop.RunWith(within(t), p, n, sayArgs{Text: text}, LoopOptions{Block: 10}); err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	seen := make(map[int]bool)
	for line := range strings.Lines(out.String()) {
		var worker, i int
		var rest string
		if k, err := fmt.Sscanf(line, "%d %d %s\n", &worker, &i, &rest); k != 3 || err != nil || rest != text {
			t.Fatalf("a torn line: %.40q... of %d bytes", line, len(line))
		}
		seen[i] = true
	}
	if len(seen) != n {
		t.Errorf("%d lines of %d", len(seen), n)
	}
}

// What a worker printed, logged or said as it crashed is in its parent's streams before the pool is closed, and in
// its last lines.
func TestOutput_OutlivesTheWorker(t *testing.T) {
	out, errs, rec := &lines{}, &lines{}, &recorder{}
	p, err := Start(within(t), &Options{Workers: 1, Stdout: out, Stderr: errs, Logger: slog.New(rec)})
	if err != nil {
		t.Fatal(err)
	}
	var d death
	for _, how := range []string{"print and die", "fatal"} {
		if _, err := say.Call(within(t), p, sayArgs{}); err != nil { // it is there again
			t.Fatal(err)
		}
		p.crew.mu.Lock()
		d = death{record: p.crew.members[0].record, p: p}
		p.crew.mu.Unlock()
		if _, err := say.Call(within(t), p, sayArgs{How: how, Text: "words"}); !errors.Is(err, ErrWorkerDied) {
			t.Fatalf("%s: %v", how, err)
		}
		last := strings.Join(d.lastLines(), "\n")
		for _, want := range map[string][]string{"print and die": {"printed words", "no newline words"},
			"fatal": {"ERROR before the end", "panic: words"}}[how] {
			if !strings.Contains(last, want) {
				t.Errorf("%s: no %q in the last lines:\n%s", how, want, last)
			}
		}
		if n := len(d.lastLines()); n == 0 || n > tailLines {
			t.Errorf("%s: %d last lines", how, n)
		}
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "printed words\n" {
		t.Errorf("standard output: %q", got)
	}
	for _, want := range []string{"no newline words\n", "panic: words\n"} {
		if !strings.Contains(errs.String(), want) {
			t.Errorf("standard error: no %q in\n%s", want, errs.String())
		}
	}
}
