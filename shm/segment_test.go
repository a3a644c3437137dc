//go:build linux

package shm

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Main(m, proctest.Roles{"holder": holder, "churner": churner, "big": big})
}

// uniqueName returns a name that no other test uses, and removes what is left under it.
func uniqueName(t *testing.T) string {
	t.Helper()
	name := "shmath-test-" + randomHex()
	t.Cleanup(func() { os.Remove(filepath.Join(directory, name)) })
	return name
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func closeSegment(t *testing.T, s *Segment) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func exists(name string) bool {
	_, err := os.Lstat(filepath.Join(directory, name))
	return err == nil
}

func TestCreate_SharesBytesAndKeepsTheName(t *testing.T) {
	name := uniqueName(t)
	a := must(Create(name, 5000, nil))(t)
	b := must(Open(name, nil))(t)
	if len(a.Bytes()) != 5000 || len(b.Bytes()) != 5000 || a.Name() != name {
		t.Fatalf("sizes %d, %d, name %q", len(a.Bytes()), len(b.Bytes()), a.Name())
	}
	if !bytes.Equal(a.Bytes(), make([]byte, 5000)) {
		t.Fatal("a new segment is not zero")
	}
	copy(a.Bytes(), "hello")
	if got := string(b.Bytes()[:5]); got != "hello" {
		t.Fatalf("the other mapping reads %q", got)
	}
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(directory, name), &st); err != nil || st.Mode&0o777 != 0o600 {
		t.Fatalf("mode %o, %v", st.Mode, err)
	}
	if int64(st.Blocks)*512 < 5000 {
		t.Fatalf("only %d bytes are reserved", st.Blocks*512)
	}
	closeSegment(t, a)
	if !exists(name) {
		t.Fatal("the creator's Close removed a segment that another has open")
	}
	closeSegment(t, b)
	if exists(name) {
		t.Fatal("the last Close left an ephemeral segment behind")
	}
	closeSegment(t, b) // idempotent
}

func TestCreate_Errors(t *testing.T) {
	name := uniqueName(t)
	defer must(Create(name, 1, nil))(t).Close()
	cases := []struct {
		what, name string
		size       int
		want       error
	}{
		{"taken", name, 1, ErrExist},
		{"zero", "x", 0, ErrSize},
		{"negative", "x", -1, ErrSize},
		{"huge", "x", sizeMax + 1, ErrSize},
		{"more than there is", uniqueName(t), 1 << 45, ErrNoSpace},
		{"slash", "a/b", 1, ErrName},
		{"dot", ".hidden", 1, ErrName},
		{"NUL", "a\x00b", 1, ErrName},
		{"long", strings.Repeat("n", nameMax+1), 1, ErrName},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			s, err := Create(c.name, c.size, nil)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if s != nil {
				t.Fatal("a segment came with the error")
			}
			if c.want != ErrExist && c.want != ErrName && exists(c.name) {
				t.Fatal("a file was left behind")
			}
		})
	}
}

func TestOpen_Errors(t *testing.T) {
	plain := uniqueName(t)
	if err := os.WriteFile(filepath.Join(directory, plain), make([]byte, 65536), 0o600); err != nil {
		t.Fatal(err)
	}
	link := uniqueName(t)
	if err := os.Symlink(plain, filepath.Join(directory, link)); err != nil {
		t.Fatal(err)
	}
	fifo := uniqueName(t)
	if err := unix.Mkfifo(filepath.Join(directory, fifo), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := uniqueName(t)
	s := must(Create(cut, 100_000, &Options{Lifetime: Persistent}))(t)
	closeSegment(t, s)
	if err := os.Truncate(filepath.Join(directory, cut), 65536); err != nil {
		t.Fatal(err)
	}
	newer := uniqueName(t)
	n := must(Create(newer, 1, nil))(t)
	defer n.Close()
	n.rec.version++
	for what, c := range map[string]struct {
		name string
		want error
	}{
		"missing": {"shmath-no-such", ErrNotExist}, "foreign file": {plain, ErrCorrupt}, "link": {link, ErrCorrupt},
		"fifo": {fifo, ErrCorrupt}, "truncated": {cut, ErrCorrupt}, "newer": {newer, ErrVersion},
	} {
		t.Run(what, func(t *testing.T) {
			if _, err := Open(c.name, nil); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
	if reaped := must(Reap())(t); slices.Contains(reaped, plain) || !exists(plain) || !exists(fifo) {
		t.Fatal("Reap touched files that are not segments")
	}
}

func TestUnlink_CreatorOnly(t *testing.T) {
	name := uniqueName(t)
	a := must(Create(name, 1, &Options{Lifetime: Persistent}))(t)
	defer a.Close()
	b := must(Open(name, nil))(t)
	defer b.Close()
	if err := b.Unlink(); !errors.Is(err, ErrNotCreator) {
		t.Fatalf("a borrower unlinked: %v", err)
	}
	if err := a.Unlink(); err != nil {
		t.Fatal(err)
	}
	if err := a.Unlink(); !errors.Is(err, ErrNotExist) {
		t.Fatalf("second Unlink: %v", err)
	}
	c := must(Create(name, 1, nil))(t) // the name is free, and another segment's
	defer c.Close()
	a.Bytes()[0] = 1
	if b.Bytes()[0] != 1 || c.Bytes()[0] != 0 {
		t.Fatal("the old segment died with its name, or is the new one")
	}
}

func TestPersistent_OutlivesItsMembers(t *testing.T) {
	name := uniqueName(t)
	s := must(Create(name, 10, &Options{Lifetime: Persistent}))(t)
	copy(s.Bytes(), "kept")
	closeSegment(t, s)
	if reaped := must(Reap())(t); slices.Contains(reaped, name) {
		t.Fatal("Reap removed a persistent segment")
	}
	s = must(Open(name, nil))(t)
	if string(s.Bytes()[:4]) != "kept" {
		t.Fatalf("it reads %q", s.Bytes()[:4])
	}
	if err := Remove(name, false); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprint(os.Getpid())) {
		t.Fatalf("Remove of a segment in use: %v", err)
	}
	closeSegment(t, s)
	if err := Remove(name, false); err != nil {
		t.Fatal(err)
	}
	if err := Remove(name, false); !errors.Is(err, ErrNotExist) {
		t.Fatalf("second Remove: %v", err)
	}
}

func TestPrivate_HasNoNameAndCannotShrink(t *testing.T) {
	s := must(Create("", 4096, &Options{Lifetime: Private}))(t)
	defer s.Close()
	if s.Name() != "" {
		t.Fatalf("it is called %q", s.Name())
	}
	if err := s.m.File.Truncate(0); err == nil {
		t.Fatal("a sealed segment was truncated")
	}
	other := must(OpenPath(fmt.Sprintf("/proc/self/fd/%d", s.m.File.Fd()), nil))(t)
	defer other.Close()
	s.Bytes()[9] = 9
	if other.Bytes()[9] != 9 || !s.Alive(other.Tag()) || s.Tag() == other.Tag() {
		t.Fatal("the second opening is not a member of the same segment")
	}
}

func TestSparse_ReservesOnDemand(t *testing.T) {
	s := must(Create(uniqueName(t), 1<<40, &Options{Sparse: true}))(t)
	defer s.Close()
	if err := s.Reserve(1<<30, 1<<20); err != nil {
		t.Fatal(err)
	}
	s.Bytes()[1<<30] = 1
	var space *SpaceError
	if err := s.Reserve(0, 1<<39); !errors.As(err, &space) || space.Need != 1<<39 || space.Available <= 0 {
		t.Fatalf("reserving half a terabyte: %v", err)
	}
	if err := s.Reserve(1<<40, 1); err == nil {
		t.Fatal("reserved beyond the end")
	}
}
