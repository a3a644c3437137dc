package futex

import (
	"sync/atomic"
	"testing"
)

func TestPoll_SeesTheSecondWord(t *testing.T) {
	var a, b atomic.Uint32
	done := make(chan error)
	go func() { done <- poll(0, []Word{{&a, 0}, {&b, 0}}) }()
	b.Store(1)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestWakeOp_ChangesTheWordAsItSays(t *testing.T) {
	cases := []struct {
		op            Op
		operand       uint32
		before, after uint32
	}{
		{Set, 5, 9, 5}, {Add, 5, 9, 14}, {Or, 6, 9, 15}, {Andn, 9, 15, 6}, {Set | Bit, 30, 9, 1 << 30}, {Or | Bit, 4, 1, 17},
	}
	for _, c := range cases {
		var kernel, here atomic.Uint32
		kernel.Store(c.before)
		here.Store(c.before)
		if woken := WakeOp(&kernel, c.op, c.operand, 1); woken != 0 {
			t.Fatalf("woke %d sleepers of a word that has none", woken)
		}
		c.op.apply(&here, c.operand)
		if kernel.Load() != c.after || here.Load() != c.after {
			t.Errorf("op %d, operand %d on %d: kernel %d, here %d, want %d", c.op, c.operand, c.before, kernel.Load(), here.Load(), c.after)
		}
	}
}
