package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/spawn"
	"github.com/shmath/shmath/ring"
	"github.com/shmath/shmath/shm"
)

// A match is between two processes on two CPUs, home and away: this program, and this program again as its peer. Both
// know the same list of duels. For each turn home sends the number of a duel; between turns away sleeps, so that
// nobody spins while another contender is measured.

// duel is a contender that two processes are needed for, or one that has to be measured beside such.
type duel struct {
	name  string
	ops   int
	bytes int64
	size  int    // of its shared memory
	timed bool   // home records each op
	limit bool   // as of a contender
	peer  string // as of a contender
	solo  bool   // away has no part, and home is not pinned
	// open returns one side's part of a turn. Home opens all duels, and lays out their memory, before away starts.
	open func(s side) (part, error)
	// turn is in place of open: another program plays both sides, and measures.
	turn func(ops int, times *hdrhistogram.Histogram) (time.Duration, error)
}

// part does ops operations, and records the time of each if the duel is timed.
type part func(ops int, times *hdrhistogram.Histogram) error

// side is one process's view of a duel's memory.
type side struct {
	mem     []byte
	members *shm.Segment
	home    bool
}

type command struct{ duel, ops int64 }

// board is how away answers: how many turns it has begun and ended.
type board struct {
	begun atomic.Uint64
	_     [layout.Line - 8]byte
	ended atomic.Uint64
	_     [layout.Line - 8]byte
}

const (
	peerVariable = "SHMATH_BENCH_PEER" // "SUITE SEGMENT", set for away alone
	commandsMax  = 4
	boardSize    = 2 * layout.Line
)

var (
	background = context.Background()

	errPeer = errors.New("the peer process ended")
)

type match struct {
	seg      *shm.Segment
	peer     *spawn.Child
	commands *ring.SPSC[command]
	board    *board
	duels    []duel
	parts    []part
	cpu      int // home's
	turns    uint64
}

// place returns where the memory of each duel begins, and where the last one ends.
func place(duels []duel) []int {
	ends := []int{layout.RoundUp(ring.SizeSPSC[command](commandsMax)+boardSize, 4096)}
	for _, d := range duels {
		ends = append(ends, layout.RoundUp(ends[len(ends)-1]+d.size, 4096))
	}
	return ends
}

func (m *match) openAll(home bool) error {
	at := place(m.duels)
	m.board = layout.View[board](m.seg.Bytes(), ring.SizeSPSC[command](commandsMax))
	for i, d := range m.duels {
		var p part
		if d.open != nil && (home || !d.solo) {
			var err error
			if p, err = d.open(side{m.seg.Bytes()[at[i]:at[i+1]], m.seg, home}); err != nil {
				return fmt.Errorf("%s: %w", d.name, err)
			}
		}
		m.parts = append(m.parts, p)
	}
	return nil
}

// newMatch makes the segment, opens the duels of the suite and starts away.
func newMatch(suite string, duels []duel) (*match, error) {
	home, away, err := pair()
	if err != nil {
		return nil, err
	}
	at := place(duels)
	seg, err := shm.Create("", at[len(at)-1], nil)
	if err != nil {
		return nil, err
	}
	m := &match{seg: seg, duels: duels, cpu: home}
	m.commands, err = ring.CreateSPSC[command](seg.Bytes(), commandsMax, &ring.Options{Members: seg})
	if err == nil {
		err = m.openAll(true)
	}
	if err == nil {
		m.peer, err = spawn.Start(spawn.Spec{Args: []string{"bench-peer"}, CPU: away, Stdout: os.Stdout, Stderr: os.Stderr,
			Env: append(os.Environ(), peerVariable+"="+suite+" "+seg.Name())})
	}
	if err != nil {
		return nil, errors.Join(err, seg.Close())
	}
	return m, nil
}

// close ends away and removes the segment. After a turn that failed, away may wait for ever for the rest of it.
func (m *match) close(failed error) error {
	m.commands.Close()
	if failed != nil {
		return errors.Join(failed, m.peer.Signal(os.Kill), m.seg.Close())
	}
	if e := m.peer.Exit(); e.Code != 0 {
		failed = fmt.Errorf("%w: %v", errPeer, e)
	}
	return errors.Join(failed, m.seg.Close())
}

// contenders returns those of the duels whose names begin with the prefix, without it.
func (m *match) contenders(prefix string) []contender {
	var all []contender
	for i, d := range m.duels {
		if name, ok := strings.CutPrefix(d.name, prefix+"/"); ok {
			c := contender{name: name, ops: d.ops, bytes: d.bytes, limit: d.limit, peer: d.peer}
			if d.timed {
				c.times = newTimes()
			}
			c.turn = func(ops int) (time.Duration, error) {
				if d.turn != nil {
					return d.turn(ops, c.times)
				}
				return m.turn(i, ops, c.times)
			}
			all = append(all, c)
		}
	}
	return all
}

// turn lasts from when both are ready until both are done.
func (m *match) turn(i, ops int, times *hdrhistogram.Histogram) (took time.Duration, err error) {
	if m.duels[i].solo {
		begin := time.Now()
		err := m.parts[i](ops, times)
		return time.Since(begin), err
	}
	release, err := pin(m.cpu)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := m.commands.Push(background, command{int64(i), int64(ops)}); err != nil {
		return 0, err
	}
	m.turns++
	if err := m.await(&m.board.begun); err != nil {
		return 0, err
	}
	begin := time.Now()
	if err := m.parts[i](ops, times); err != nil {
		return 0, err
	}
	err = m.await(&m.board.ended)
	return time.Since(begin), err
}

// await spins until away has come so far.
func (m *match) await(count *atomic.Uint64) error {
	for polls := 1; count.Load() != m.turns; polls++ {
		asm.Pause(1)
		if polls%4096 != 0 {
			continue
		}
		select {
		case <-m.peer.Done():
			return fmt.Errorf("%w: %v", errPeer, m.peer.Exit())
		default:
		}
	}
	return nil
}

// playAway is the life of away. It returns at once in a process that is not away.
func playAway() {
	what := os.Getenv(peerVariable)
	if what == "" {
		return
	}
	signal.Ignore(os.Interrupt) // home heeds it, and ends away
	suite, name, _ := strings.Cut(what, " ")
	if err := away(map[string]func() []duel{"ring": ringDuels, "sync": syncDuels}[suite](), name); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: the peer: %v\n", suite, err)
		os.Exit(1)
	}
	os.Exit(0)
}

func away(duels []duel, name string) error {
	seg, err := shm.Open(name, nil)
	if err != nil {
		return err
	}
	m := &match{seg: seg, duels: duels}
	if m.commands, err = ring.AttachSPSC[command](seg.Bytes(), &ring.Options{Members: seg}); err != nil {
		return err
	}
	if err := m.openAll(false); err != nil {
		return err
	}
	for c, err := range m.commands.All(background) {
		if err != nil {
			return err
		}
		m.board.begun.Add(1)
		if err := m.parts[c.duel](int(c.ops), nil); err != nil {
			return fmt.Errorf("%s: %w", duels[c.duel].name, err)
		}
		m.board.ended.Add(1)
	}
	return seg.Close()
}
