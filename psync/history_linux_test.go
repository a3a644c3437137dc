package psync_test

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"golang.org/x/sys/unix"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/proctest"
)

// record is one operation of a history, as its process saw it.
type record struct {
	call, back int64 // of the clock that all processes share
	what       int32
	n          int32
	ok         int32
	_          int32
}

const (
	opLock = iota
	opTryLock
	opUnlock
	opAcquire
	opTryAcquire
	opRelease
)

const (
	recordersMax = 4
	recordsMax   = 600
)

func records(w *world, slot int) []record {
	all := layout.Slice[record](w.seg.Bytes(), recordsAt, recordersMax*recordsMax)
	return all[slot*recordsMax:][:recordsMax]
}

func clock() int64 {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		panic(err)
	}
	return ts.Nano()
}

// recorder does operations and writes down what happened.
func recorder(args []string) {
	w := openWorld(args[1])
	slot, _ := strconv.Atoi(args[2])
	fmt.Println("ready")
	if err := w.e.Wait(background); err != nil { // all begin together
		fmt.Println("error", err)
		os.Exit(1)
	}
	out := records(w, slot)
	do := func(k, what, n int, f func() (bool, error)) bool {
		r := record{call: clock(), what: int32(what), n: int32(n)}
		ok, err := f()
		r.back = clock()
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		if ok {
			r.ok = 1
		}
		out[k] = r
		return ok
	}
	sure := func(err error) (bool, error) { return true, err }
	for k := 0; k+1 < recordsMax; k += 2 {
		n, try := 1+k/2%2, k%6 == 0
		var held bool
		switch {
		case args[0] == "mutex" && try:
			held = do(k, opTryLock, 0, w.m.TryLock)
		case args[0] == "mutex":
			held = do(k, opLock, 0, func() (bool, error) { return sure(w.m.Lock(background)) })
		case try:
			held = do(k, opTryAcquire, n, func() (bool, error) { return w.s.TryAcquire(n) })
		default:
			held = do(k, opAcquire, n, func() (bool, error) { return sure(w.s.Acquire(background, n)) })
		}
		dwell()
		switch {
		case !held:
		case args[0] == "mutex":
			do(k+1, opUnlock, 0, func() (bool, error) { return sure(w.m.Unlock()) })
		default:
			do(k+1, opRelease, n, func() (bool, error) { return sure(w.s.Release(n)) })
		}
	}
	fmt.Println("done")
	w.seg.Close()
}

// overlapping counts the operations that began before an earlier one had ended.
func overlapping(ops []porcupine.Operation) (n int) {
	for i := 1; i < len(ops); i++ {
		if ops[i].Call < ops[i-1].Return {
			n++
		}
	}
	return n
}

const overlapMin = 100 // below that a history shows little

// history lets recorders run until they have met often enough, which on a busy machine takes more than one try.
func history(t *testing.T, kind string) (ops []porcupine.Operation) {
	for range 30 {
		if ops = recorded(t, kind); overlapping(ops) >= overlapMin {
			break
		}
	}
	return ops
}

// recorded runs recorders once and returns what they did, all together.
func recorded(t *testing.T, kind string) (ops []porcupine.Operation) {
	w := newWorld(t)
	var all []*proctest.Process
	for i := range recordersMax {
		all = append(all, proctest.Start(t, "recorder", kind, w.seg.Name(), strconv.Itoa(i)))
	}
	for _, p := range all {
		p.Expect("ready")
	}
	w.e.Set()
	for _, p := range all {
		p.Expect("done")
	}
	for client := range recordersMax {
		for _, r := range records(w, client) {
			if r.call != 0 {
				ops = append(ops, porcupine.Operation{ClientId: client, Input: [3]int{int(r.what), int(r.n), client},
					Output: r.ok != 0, Call: r.call, Return: r.back})
			}
		}
	}
	sort.Slice(ops, func(i, j int) bool { return ops[i].Call < ops[j].Call })
	return ops
}

func linearizable(t *testing.T, ops []porcupine.Operation, begin int, step func(state, what, n, who int, ok bool) (bool, int)) {
	model := porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, output any) (bool, any) {
			in := input.([3]int)
			return step(state.(int), in[0], in[1], in[2], output.(bool))
		},
	}
	overlap := overlapping(ops)
	if len(ops) < recordersMax*recordsMax/2 || overlap < overlapMin {
		t.Fatalf("%d operations, %d overlap: nothing was tested", len(ops), overlap)
	}
	if got := porcupine.CheckOperationsTimeout(model, ops, 30*time.Second); got != porcupine.Ok {
		t.Fatalf("history of %d operations, %d overlapping: %v", len(ops), overlap, got)
	}
	t.Logf("%d operations, %d overlapping", len(ops), overlap)
}

func TestMutex_HistoryIsLinearizable(t *testing.T) {
	mutex := func(owner, what, _, who int, ok bool) (bool, int) {
		switch {
		case what == opUnlock:
			return owner == who+1, 0
		case what == opTryLock && !ok:
			return owner != 0, owner
		}
		return owner == 0, who + 1
	}
	ops := history(t, "mutex")
	linearizable(t, ops, 0, mutex)
	// The check has teeth: a second Lock that returned while the mutex was held is found.
	for i, op := range ops {
		if op.Input.([3]int)[0] == opUnlock {
			ops[i].Input = [3]int{opLock, 0, op.ClientId}
			break
		}
	}
	model := porcupine.Model{Init: func() any { return 0 }, Step: func(s, in, out any) (bool, any) {
		i := in.([3]int)
		return mutex(s.(int), i[0], i[1], i[2], out.(bool))
	}}
	if porcupine.CheckOperationsTimeout(model, ops, 30*time.Second) != porcupine.Illegal {
		t.Fatal("a history with a double grant passes")
	}
}

func TestSemaphore_HistoryIsLinearizable(t *testing.T) {
	linearizable(t, history(t, "semaphore"), seatsMax, func(free, what, n, _ int, ok bool) (bool, int) {
		switch {
		case what == opRelease:
			return free+n <= seatsMax, free + n
		case what == opTryAcquire && !ok:
			return free < n, free
		}
		return free >= n, free - n
	})
}
