package main

import (
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/futex"
	"github.com/shmath/shmath/internal/topology"
)

// wakes are system calls on a futex: with nobody to wake, and there and back between two sleepers.
func wakes(c *config, machine *topology.Topology) (err error) {
	word := new(atomic.Uint32)
	err = contest("Wake/case=nobody-sleeps", c, []contender{
		{name: "impl=futex", limit: true, ops: 1 << 20, turn: timed(func() error { futex.Wake(word, 1); return nil })},
	})
	cpus := machine.Allowed.List()
	if err != nil || len(cpus) < 2 {
		return err
	}
	if err := contest("Wake/case=one-cpu", c, []contender{sleepers(cpus[0], cpus[0])}); err != nil {
		return err
	}
	all := []contender{sleepers(cpus[0], cpus[1])}
	if p := startTwo(c, "wake.c", cpus[0], cpus[1]); p != nil {
		defer func() { err = errors.Join(err, p.stop()) }()
		times := newTimes()
		all = append(all, contender{name: "impl=futex-in-c", limit: true, peer: p.version, ops: 10_000, times: times,
			turn: func(ops int) (time.Duration, error) { return p.turn("wake 4", ops, times) }})
	}
	return contest("Wake/case=two-cpus", c, all)
}

// startTwo starts a peer that is two processes (two.h); nil if that cannot be done here, which is noted.
func startTwo(c *config, source string, home, away int) *program {
	command, err := compiled(source)
	var p *program
	if err == nil {
		p, err = start(command(strconv.Itoa(home), strconv.Itoa(away)))
	}
	if err != nil {
		c.absent(source, err.Error())
	}
	return p
}

// sleepers wake each other.
func sleepers(a, b int) contender {
	times, words := newTimes(), new([2]atomic.Uint32)
	sleep := func(word *atomic.Uint32, value uint32) {
		for seen := word.Load(); seen != value; seen = word.Load() {
			_ = futex.Wait(word, seen, 0) // who is woken early looks again
		}
	}
	wake := func(word *atomic.Uint32, value uint32) {
		word.Store(value)
		futex.Wake(word, 1)
	}
	return contender{name: "impl=futex", limit: true, ops: 10_000, times: times, turn: func(ops int) (time.Duration, error) {
		words[0].Store(0)
		words[1].Store(0)
		return together([]int{a, b}, func(side int) {
			for i := range uint32(ops) {
				if side == 1 {
					sleep(&words[0], i+1)
					wake(&words[1], i+1)
					continue
				}
				begin := time.Since(epoch)
				wake(&words[0], i+1)
				sleep(&words[1], i+1)
				record(times, time.Since(epoch)-begin)
			}
		})
	}}
}

// touch is a way to get memory that nobody has used yet, page by page of 4 KiB.
type touch struct {
	name   string
	shared bool
	advice int // madvise, before the first touch; 0 for none
	ready  func(fd int, size int) error
}

const hugePage = 2 << 20

func firstTouches(c *config, _ *topology.Topology) error {
	var all []contender
	for _, t := range []touch{
		{name: "impl=private", advice: unix.MADV_NOHUGEPAGE},
		{name: "impl=private-huge-pages", advice: unix.MADV_HUGEPAGE},
		{name: "impl=private-populate", advice: unix.MADV_POPULATE_WRITE},
		{name: "impl=shared", shared: true},
		{name: "impl=shared-huge-pages", shared: true, advice: unix.MADV_HUGEPAGE},
		{name: "impl=shared-fallocate", shared: true, ready: func(fd, size int) error { return unix.Fallocate(fd, 0, 0, int64(size)) }},
		{name: "impl=shared-populate", shared: true, advice: unix.MADV_POPULATE_WRITE},
	} {
		if _, err := t.turn(1); errors.Is(err, unix.EINVAL) && t.advice == unix.MADV_NOHUGEPAGE {
			t.advice = 0 // a kernel that has no huge pages to forgo
		} else if err != nil {
			c.absent(t.name, "this kernel refuses: "+err.Error())
			continue
		}
		all = append(all, contender{name: t.name, limit: true, ops: 1 << 14, bytes: 4096, turn: t.turn})
	}
	return contest("FirstTouch/page=4096", c, all)
}

func (t *touch) turn(pages int) (took time.Duration, err error) {
	size := (pages*4096 + hugePage - 1) / hugePage * hugePage
	fd, flags := -1, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS
	if t.shared {
		if fd, err = unix.MemfdCreate("bench", unix.MFD_CLOEXEC); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, unix.Close(fd)) }()
		if err := unix.Ftruncate(fd, int64(size)); err != nil {
			return 0, err
		}
		flags = unix.MAP_SHARED
	}
	mapped, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, flags)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, unix.Munmap(mapped)) }()
	b := mapped[:pages*4096]
	begin := time.Now()
	if t.ready != nil {
		if err := t.ready(fd, len(b)); err != nil {
			return 0, err
		}
	}
	if t.advice != 0 {
		if err := unix.Madvise(b, t.advice); err != nil {
			return 0, fmt.Errorf("madvise: %w", err)
		}
	}
	for i := 0; i < len(b); i += 4096 {
		b[i] = 1
	}
	return time.Since(begin), nil
}

// execs are processes from their start until their end has been seen.
func execs(c *config, _ *topology.Topology) error {
	var all []contender
	for _, p := range []struct {
		name, source string
		flags        []string
	}{
		{"impl=static-c", "nothing.c", []string{"-static"}}, {"impl=dynamic-c", "nothing.c", nil}, {"impl=go", "nothing.go.txt", nil},
	} {
		command, err := compiled(p.source, p.flags...)
		if err != nil {
			c.absent(p.name, err.Error())
			continue
		}
		all = append(all, contender{name: p.name, limit: true, ops: 100, turn: timed(func() error { return command().Run() })})
	}
	if len(all) == 0 {
		all = append(all, contender{name: "impl=true", limit: true, ops: 100, turn: timed(func() error { return exec.Command("/bin/true").Run() })})
	}
	return contest("Exec", c, all)
}
