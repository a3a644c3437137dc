package futex

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

func linuxOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("futexes need Linux")
	}
}

func TestWait_ReturnsAtOnceWhenTheValueDiffers(t *testing.T) {
	linuxOnly(t)
	var w atomic.Uint32
	if err := Wait(&w, 1, 0); err != nil {
		t.Fatal(err)
	}
}

func TestWait_Deadline(t *testing.T) {
	linuxOnly(t)
	var a, b atomic.Uint32
	begin := time.Now()
	if err := Wait(&a, 0, After(20*time.Millisecond)); !errors.Is(err, ErrTimeout) {
		t.Fatalf("one word: %v", err)
	}
	if err := WaitAny(After(20*time.Millisecond), Word{&a, 0}, Word{&b, 0}); !errors.Is(err, ErrTimeout) {
		t.Fatalf("two words: %v", err)
	}
	if d := time.Since(begin); d < 40*time.Millisecond {
		t.Fatalf("both waits took %v, less than asked", d)
	}
}

func TestWaitAny_WakesForEachWord(t *testing.T) {
	linuxOnly(t)
	for i := range 3 {
		var words [3]atomic.Uint32
		done := make(chan error)
		go func() {
			done <- WaitAny(0, Word{&words[0], 0}, Word{&words[1], 0}, Word{&words[2], 0})
		}()
		words[i].Store(1)
		Wake(&words[i], 1)
		if err := <-done; err != nil {
			t.Fatalf("word %d: %v", i, err)
		}
	}
}

func TestWaitContext_Ends(t *testing.T) {
	linuxOnly(t)
	ctx, cancel := context.WithCancel(context.Background())
	var w atomic.Uint32
	done := make(chan error)
	go func() { done <- WaitContext(ctx, Word{&w, 0}) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

// A wait ends by its deadline, by its context, and by its word, whichever comes first.
func TestWaitUntil(t *testing.T) {
	linuxOnly(t)
	ctx, cancel := context.WithCancel(context.Background())
	var w atomic.Uint32
	if err := WaitUntil(ctx, After(5*time.Millisecond), Word{&w, 0}); !errors.Is(err, ErrTimeout) {
		t.Fatalf("deadline: %v", err)
	}
	done := make(chan error)
	go func() { done <- WaitUntil(ctx, After(time.Hour), Word{&w, 0}) }()
	w.Store(1)
	Wake(&w, 1)
	if err := <-done; err != nil {
		t.Fatalf("word: %v", err)
	}
	go func() { done <- WaitUntil(ctx, After(time.Hour), Word{&w, 1}) }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("context: %v", err)
	}
}
