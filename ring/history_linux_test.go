package ring

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/internal/layout"
)

// Histories of real processes on one MPMC ring, checked for linearizability: in rounds, each process makes a few random
// tries and writes down what it got and when, by the clock that all processes share.

const (
	historyOps    = 20
	historyPeople = 2
)

type historyEntry struct {
	call, ret int64
	pushed    uint64 // 0 for a pop
	popped    uint64 // 0 when it found nothing
	failed    uint64 // 1 for a push that found the ring full
}

type historyBook struct {
	round   atomic.Uint64 // the round that may begin
	ready   atomic.Uint64 // processes that have seen it may, over all rounds
	done    atomic.Uint64 // processes that have ended it, over all rounds
	_       [layout.Line - 24]byte
	entries [historyPeople][historyOps]historyEntry
}

func clock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

func init() {
	roles["history"] = func(w *world, args []string) error {
		ringSize, who := parse(args)
		q, err := AttachMPMC[uint64](w.Bytes(), w.options())
		if err != nil {
			return err
		}
		book := layout.View[historyBook](w.Bytes(), ringSize)
		r := rand.New(rand.NewPCG(uint64(who), uint64(clock())))
		for round := uint64(1); ; round++ {
			for book.round.Load() < round {
				asm.Pause(1)
			}
			book.ready.Add(1)
			for book.ready.Load() < round*historyPeople {
				asm.Pause(1) // all of them begin within a transfer of this line
			}
			if err := act(q, book.entries[who][:], r, round<<16|uint64(who)<<8); err != nil {
				return err
			}
			book.done.Add(1)
		}
	}
}

func act(q *MPMC[uint64], entries []historyEntry, r *rand.Rand, id uint64) error {
	for i := range entries {
		e := historyEntry{}
		push := r.IntN(2) == 0
		if push {
			e.pushed = id | uint64(i) + 1
		}
		var err error
		e.call = clock()
		if push {
			err = q.TryPush(e.pushed)
		} else {
			e.popped, err = q.TryPop()
		}
		e.ret = clock()
		switch err {
		case nil, ErrEmpty:
		case ErrFull:
			e.failed = 1
		default:
			return err
		}
		entries[i] = e
	}
	return nil
}

// fifo is a queue whose pushes may find it full at any time: a producer that was stopped half-way keeps its place.
var fifo = porcupine.Model{
	Init: func() any { return []uint64(nil) },
	Step: func(state, input, output any) (bool, any) {
		queue, e := state.([]uint64), output.(historyEntry)
		switch {
		case e.failed == 1:
			return true, queue
		case e.pushed != 0:
			return true, append(slices.Clone(queue), e.pushed)
		case e.popped == 0:
			return len(queue) == 0, queue
		case len(queue) == 0 || queue[0] != e.popped:
			return false, queue
		}
		return true, queue[1:]
	},
	Equal: func(a, b any) bool { return slices.Equal(a.([]uint64), b.([]uint64)) },
	DescribeOperation: func(_, output any) string {
		e := output.(historyEntry)
		return fmt.Sprintf("push %x, pop %x, full %d", e.pushed, e.popped, e.failed)
	},
}

func TestMPMC_HistoriesAreLinearizable(t *testing.T) {
	ringSize := SizeMPMC[uint64](5)
	f := newFamily(t, ringSize+layout.RoundUp(int(layout.Line)+historyPeople*historyOps*40, layout.Line))
	q, err := CreateMPMC[uint64](f.Bytes(), 5, f.options())
	if err != nil {
		t.Fatal(err)
	}
	book := layout.View[historyBook](f.Bytes(), ringSize)
	for who := range historyPeople {
		f.start("history", ringSize, who)
	}
	overlaps := 0
	// Where the processors are busy with something else, it takes more rounds until two of these processes run at once.
	rounds := uint64(150 * stress())
	for round := uint64(1); round <= rounds || overlaps == 0 && round <= 20*rounds; round++ {
		book.round.Store(round)
		eventually(t, fmt.Sprintf("round %d", round),
			func() bool { return book.done.Load() == round*historyPeople })
		var ops []porcupine.Operation
		for who := range book.entries {
			for _, e := range book.entries[who] {
				ops = append(ops, porcupine.Operation{ClientId: who, Output: e, Call: e.call, Return: e.ret})
			}
		}
		for { // what is left, by this process: the next round begins empty
			e := historyEntry{call: clock()}
			e.popped, err = q.TryPop()
			e.ret = clock()
			ops = append(ops, porcupine.Operation{ClientId: historyPeople, Output: e, Call: e.call, Return: e.ret})
			if err == ErrEmpty {
				break
			} else if err != nil {
				t.Fatal(err)
			}
		}
		switch porcupine.CheckOperationsTimeout(fifo, ops, time.Minute) {
		case porcupine.Illegal:
			t.Fatalf("round %d is not linearizable:\n%v", round, ops)
		case porcupine.Unknown:
			t.Logf("round %d was not decided in a minute", round)
		}
		for i, a := range ops {
			for _, b := range ops[i+1:] {
				if a.ClientId != b.ClientId && a.Call < b.Return && b.Call < a.Return {
					overlaps++
				}
			}
		}
	}
	if overlaps == 0 {
		t.Error("no two operations overlapped: the histories show nothing")
	}
	t.Logf("%d pairs of operations overlapped", overlaps)
}
