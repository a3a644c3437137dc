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

// rules says whether an operation may have had its outcome in a state, and the state after it.
type rules func(state, what, n, who int, ok bool) (bool, int)

func (step rules) model(begin int) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, output any) (bool, any) {
			in := input.([3]int)
			return step(state.(int), in[0], in[1], in[2], output.(bool))
		},
	}
}

func linearizable(t *testing.T, ops []porcupine.Operation, model porcupine.Model) {
	t.Helper()
	overlap := overlapping(ops)
	if len(ops) < recordersMax*recordsMax/2 || overlap < overlapMin {
		t.Fatalf("%d operations, %d overlap: nothing was tested", len(ops), overlap)
	}
	if got := porcupine.CheckOperationsTimeout(model, ops, 30*time.Second); got != porcupine.Ok {
		t.Fatalf("history of %d operations, %d overlapping: %v", len(ops), overlap, got)
	}
	t.Logf("%d operations, %d overlapping", len(ops), overlap)
}

// forged shows that the check has teeth: with the first release of something turned into one more grant, the history is
// one that no right lock can have.
func forged(t *testing.T, ops []porcupine.Operation, model porcupine.Model, release, grant int) {
	t.Helper()
	for i, op := range ops {
		if in := op.Input.([3]int); in[0] == release {
			ops[i].Input = [3]int{grant, seatsMax, in[2]}
			break
		}
	}
	if porcupine.CheckOperationsTimeout(model, ops, 30*time.Second) != porcupine.Illegal {
		t.Fatal("a history with a double grant passes")
	}
}

func TestMutex_HistoryIsLinearizable(t *testing.T) {
	model := rules(func(owner, what, _, who int, ok bool) (bool, int) {
		switch {
		case what == opUnlock:
			return owner == who+1, 0
		case what == opTryLock && !ok:
			return owner != 0, owner
		}
		return owner == 0, who + 1
	}).model(0)
	ops := history(t, "mutex")
	linearizable(t, ops, model)
	forged(t, ops, model, opUnlock, opLock)
}

func TestSemaphore_HistoryIsLinearizable(t *testing.T) {
	model := rules(func(free, what, n, _ int, ok bool) (bool, int) {
		switch {
		case what == opRelease:
			return free+n <= seatsMax, free + n
		case what == opTryAcquire && !ok:
			return free < n, free
		}
		return free >= n, free - n
	}).model(seatsMax)
	ops := history(t, "semaphore")
	linearizable(t, ops, model)
	forged(t, ops, model, opRelease, opAcquire)
}
