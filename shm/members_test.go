//go:build linux

package shm

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/invariants"
	"github.com/shmath/shmath/internal/proctest"
)

// holder opens a segment and says its tag, then waits.
func holder(args []string) {
	s, err := Open(args[0], nil)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("tag", s.Tag())
	proctest.Line()
	s.Close()
	fmt.Println("closed")
	proctest.Line()
}

// big is a holder that has a gibibyte mapped and touched, so that its memory takes long to tear down.
func big(args []string) {
	s, err := Create(args[1], 1<<30, nil)
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for i := 0; i < 1<<30; i += page {
		s.Bytes()[i] = 1
	}
	holder(args)
}

// churner creates, opens, closes and unlinks for as long as it lives.
func churner(args []string) {
	for i := 0; ; i++ {
		s, err := Create(args[0]+"-"+strconv.Itoa(i%3), 8192, &Options{Lifetime: Lifetime(i % 2)})
		if err != nil {
			s, err = Open(args[0]+"-"+strconv.Itoa(i%3), nil)
		}
		if err == nil {
			if i%5 == 0 {
				s.Unlink()
			}
			s.Close()
		}
		if i == 0 {
			fmt.Println("ready")
		}
	}
}

func startHolder(t *testing.T, role, name string, more ...string) (*proctest.Process, uint32) {
	t.Helper()
	p := proctest.Start(t, role, append([]string{name}, more...)...)
	tag, err := strconv.ParseUint(p.Expect("tag"), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return p, uint32(tag)
}

func TestAlive_EndsWithTheProcess(t *testing.T) {
	s := must(Create(uniqueName(t), 1, nil))(t)
	defer s.Close()
	p, tag := startHolder(t, "holder", s.Name())
	life, val := s.Life(tag)
	if !s.Alive(tag) || life == nil {
		t.Fatalf("alive %v, life word %v", s.Alive(tag), life)
	}
	if got := s.Members(); !slices.Contains(got, tag) || !slices.Contains(got, s.Tag()) || len(got) != 2 {
		t.Fatalf("members %v, want %d and %d", got, s.Tag(), tag)
	}
	p.Process.Kill()
	if err := futex.Wait(life, val, futex.After(10*time.Second)); err != nil {
		t.Fatalf("waiting on the life word of a killed process: %v", err)
	}
	for deadline := time.Now().Add(10 * time.Second); s.Alive(tag); {
		if time.Now().After(deadline) {
			t.Fatal("it is dead, and said to live")
		}
	}
	p.Kill() // its lock is gone, too, when it has been reaped
	_, next := startHolder(t, "holder", s.Name())
	if n1, _ := splitTag(tag); next == tag || int(next&0xff) != n1 {
		t.Fatalf("tag %#x follows %#x: want the same number and another epoch", next, tag)
	}
	if s.Alive(tag) || !s.Alive(next) {
		t.Fatal("the dead member was taken for the one that reuses its number")
	}
}

func TestAlive_EndsWithClose(t *testing.T) {
	s := must(Create(uniqueName(t), 1, nil))(t)
	defer s.Close()
	p, tag := startHolder(t, "holder", s.Name())
	p.Say("close")
	p.Expect("closed")
	if s.Alive(tag) {
		t.Fatal("a member that closed is said to live")
	}
	if life, _ := s.Life(tag); life != nil {
		t.Fatal("a member that closed has a life word")
	}
}

func TestAlive_GarbageTags(t *testing.T) {
	s := must(Create(uniqueName(t), 1, nil))(t)
	defer s.Close()
	for _, tag := range []uint32{0, 1<<30 - 1, makeTag(7, 3), s.Tag() + 1<<numberBits, 255} {
		if s.Alive(tag) {
			t.Errorf("tag %#x is said to live", tag)
		}
		if life, _ := s.Life(tag); life != nil {
			t.Errorf("tag %#x has a life word", tag)
		}
	}
}

// A process that was killed with memory mapped is known to be dead long before the kernel drops its file locks.
func TestLife_TellsBeforeTheMemoryIsTornDown(t *testing.T) {
	s := must(Create(uniqueName(t), 1, nil))(t)
	defer s.Close()
	p, tag := startHolder(t, "big", s.Name(), uniqueName(t))
	life, val := s.Life(tag)
	n, _ := splitTag(tag)
	begin := time.Now()
	p.Process.Kill()
	if err := futex.Wait(life, val, futex.After(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	for s.Alive(tag) {
	}
	noticed := time.Since(begin)
	for locked(s.m.File, n, 1) {
	}
	t.Logf("known dead after %v; its lock was dropped after %v", noticed, time.Since(begin))
	p.Kill()
	Reap()
}

func TestReap_TakesWhatTheDeadLeftAndNothingElse(t *testing.T) {
	mine := must(Create(uniqueName(t), 1, nil))(t)
	defer mine.Close()
	base := uniqueName(t)
	for range 40 {
		p := proctest.Start(t, "churner", base)
		p.Expect("ready")
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		p.Kill()
	}
	must(Reap())(t)
	for _, info := range must(List())(t) {
		if info.Stale() {
			t.Errorf("%s is stale after Reap", info.Name)
		}
		if info.Lifetime == Persistent && len(info.Name) > len(base) && info.Name[:len(base)] == base {
			if err := Remove(info.Name, false); err != nil {
				t.Error(err)
			}
		}
	}
	for i := range 3 {
		if exists(fmt.Sprintf("%s-%d", base, i)) {
			t.Errorf("segment %d is left", i)
		}
	}
	if !exists(mine.Name()) {
		t.Fatal("Reap removed a segment that is alive")
	}
}

func TestList_SaysWhoLivesWhere(t *testing.T) {
	s := must(Create(uniqueName(t), 12345, nil))(t)
	defer s.Close()
	p, tag := startHolder(t, "holder", s.Name())
	list := must(List())(t)
	at := slices.IndexFunc(list, func(i Info) bool { return i.Name == s.Name() })
	if at < 0 {
		t.Fatal("it is not listed")
	}
	info := list[at]
	if info.Size != 12345 || info.PID != os.Getpid() || info.Stale() || len(info.Members) != 2 {
		t.Fatalf("%+v", info)
	}
	if m := info.Members[1]; m.Tag != tag || m.PID != p.Process.Pid {
		t.Fatalf("second member %+v, want tag %d of pid %d", m, tag, p.Process.Pid)
	}
}

func TestOpen_Full(t *testing.T) {
	s := must(Create("", 1, &Options{Lifetime: Private}))(t)
	defer s.Close()
	path := fmt.Sprintf("/proc/self/fd/%d", s.m.File.Fd())
	for range MembersMax - 1 {
		defer must(OpenPath(path, nil))(t).Close()
	}
	if _, err := OpenPath(path, nil); err == nil {
		t.Fatalf("member %d joined", MembersMax+1)
	}
}

// TestCreate_TakesTwoPages: one of payload, one with the first members. Asking for others takes none.
func TestCreate_TakesTwoPages(t *testing.T) {
	s := must(Create("", 1, nil))(t)
	defer s.Close()
	for number := range MembersMax + 1 {
		tag := makeTag(number, 1)
		if s.Alive(tag) && tag != s.Tag() {
			t.Fatal("member", number)
		}
		s.Life(tag)
		s.Left(tag)
	}
	if m := s.Members(); len(m) != 1 {
		t.Fatal(m)
	}
	if pages := pagesOf(t, s); pages != 2 {
		t.Fatalf("%d pages", pages)
	}
}

func pagesOf(t *testing.T, s *Segment) int {
	var st unix.Stat_t
	if err := unix.Fstat(s.Descriptor(), &st); err != nil {
		t.Fatal(err)
	}
	return int(st.Blocks) * 512 / page
}

// TestJoin_ReservesItsEntry: members whose entries are beyond the first page of the record.
func TestJoin_ReservesItsEntry(t *testing.T) {
	s := must(Create("", 1, nil))(t)
	defer s.Close()
	var crowd []*Segment
	for range headMembers + 1 {
		crowd = append(crowd, must(Open(s.Name(), nil))(t))
	}
	if pages := pagesOf(t, s); pages != 3 {
		t.Fatalf("%d pages", pages)
	}
	if m := s.Members(); len(m) != len(crowd)+1 || !slices.Contains(m, crowd[headMembers].Tag()) {
		t.Fatal(m)
	}
	last := crowd[headMembers]
	if m := last.Members(); len(m) != len(crowd)+1 {
		t.Fatal(m)
	}
	if word, val := s.Life(last.Tag()); word == nil || word.Load() != val || !s.Alive(last.Tag()) || s.Left(last.Tag()) {
		t.Fatal("not alive")
	}
	if l := must(List())(t); !slices.ContainsFunc(l, func(i Info) bool { return i.Name == s.Name() && len(i.Members) == len(crowd)+1 }) {
		t.Fatal(l)
	}
	for _, c := range crowd {
		c.Close()
	}
	if m := s.Members(); len(m) != 1 || s.Alive(last.Tag()) || !s.Left(last.Tag()) {
		t.Fatal(m)
	}
}

// TestOpen_NeverWhatVanishes: a segment goes with its last member, and whoever has opened one in time is a member: while some
// come, others leave and a third removes what is stale, nobody who got in finds the name gone.
func TestOpen_NeverWhatVanishes(t *testing.T) {
	name := fmt.Sprintf("shmath-vanishing-%d", os.Getpid())
	ends := time.Now().Add(2 * time.Second)
	var crowd sync.WaitGroup
	var opened, created atomic.Int64
	for range 3 {
		crowd.Go(func() {
			for time.Now().Before(ends) {
				s, err := Open(name, nil)
				if errors.Is(err, ErrNotExist) {
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				opened.Add(1)
				var st unix.Stat_t
				if err := unix.Stat(filepath.Join(directory, name), &st); err != nil || st.Ino != s.id.inode {
					t.Errorf("the name of a segment with a member: %v", err)
				}
				s.Close()
			}
		})
	}
	crowd.Go(func() {
		for time.Now().Before(ends) {
			if s, err := Create(name, 1, nil); err == nil {
				created.Add(1)
				s.Close()
			} else if !errors.Is(err, ErrExist) {
				t.Error(err)
			}
		}
	})
	crowd.Go(func() {
		for time.Now().Before(ends) {
			if err := Remove(name, false); err != nil && !errors.Is(err, ErrNotExist) && !errors.Is(err, ErrInUse) {
				t.Error(err)
			}
		}
	})
	crowd.Wait()
	if opened.Load() == 0 || created.Load() < 2 {
		t.Skipf("too busy: %d created, %d opened", created.Load(), opened.Load())
	}
}

// TestOpen_WhileTheNameIsRemoved: whoever comes between the last look at who lives there and the removal does not get in.
func TestOpen_WhileTheNameIsRemoved(t *testing.T) {
	if !invariants.Failpoints {
		t.Skip("needs -tags invariants")
	}
	s := must(Create("", 1, nil))(t)
	got := make(chan error, 1)
	invariants.Trap(func(point string) {
		if point == "shm.remove.unlink" {
			go func() {
				late, err := Open(s.Name(), nil)
				if err == nil {
					late.Close()
				}
				got <- err
			}()
			time.Sleep(100 * time.Millisecond)
		}
	})
	defer invariants.Trap(nil)
	s.Close()
	invariants.Trap(nil)
	if err := <-got; !errors.Is(err, ErrNotExist) {
		t.Fatal(err)
	}
}

func BenchmarkSegment(b *testing.B) {
	b.Run("op=create-close/size=4096", func(b *testing.B) {
		for range b.N {
			must(Create("", 4096, nil))(b).Close()
		}
	})
	s := must(Create("", 1<<20, nil))(b)
	defer s.Close()
	b.Run("op=open-close/size=1048576", func(b *testing.B) {
		for range b.N {
			must(Open(s.Name(), nil))(b).Close()
		}
	})
	other := must(Open(s.Name(), nil))(b)
	defer other.Close()
	b.Run("op=alive", func(b *testing.B) {
		for range b.N {
			if !s.Alive(other.Tag()) {
				b.Fatal("dead")
			}
		}
	})
}
