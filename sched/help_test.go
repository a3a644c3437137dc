//go:build linux

package sched

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// own is the pool of a test in the process that made it, and nil in its workers.
var own *Pool

var (
	// In its body, each uses the pool that runs it.
	sumBelow = NewFunc("sumBelow", func(_ context.Context, depth int) (float64, error) {
		if depth == 0 {
			return 1, nil
		}
		ys, err := sumBelow2.Map(context.Background(), own, []int{depth - 1, depth - 1, depth - 1}, MapOptions{Chunk: 1})
		total := 0.0
		for _, y := range ys {
			total += y
		}
		return total, err
	})
	sumBelow2 = NewFunc("sumBelow2", func(_ context.Context, depth int) (float64, error) {
		return below(depth)
	})
	ownUse = NewFunc("ownUse", func(ctx context.Context, how string) (string, error) {
		switch how {
		case "call":
			y, err := square.Call(context.Background(), own, 3)
			return fmt.Sprint(y), err
		case "loop":
			return "", noop.Run(context.Background(), own, 1000, struct{}{})
		case "stream":
			var ys []float64
			for y, err := range square.Stream(ctx, own, slices.Values([]float64{1, 2, 3})) {
				if err != nil {
					return "", err
				}
				ys = append(ys, y)
			}
			return fmt.Sprint(ys), nil
		case "reduce":
			total, err := total.Run(ctx, own, 1000, struct{}{})
			return fmt.Sprint(total), err
		case "goexit":
			_, err := faulty.Call(context.Background(), own, "goexit")
			return "", err
		case "panic":
			_, err := faulty.Call(context.Background(), own, "panic")
			return "", err
		case "close":
			return "", errors.Join(own.Close(), own.Terminate())
		}
		return "", nil
	})
	total = NewReduce("total", func(c *Chunk, _ struct{}) (int, error) {
		sum := 0
		for i := c.Lo; i < c.Hi; i++ {
			sum += i
		}
		return sum, nil
	}, func(a, b int) int { return a + b })
)

func useOwn(t *testing.T, workers int, b Backend) *Pool {
	t.Helper()
	p := start(t, &Options{Workers: workers, Backend: b})
	own = p
	t.Cleanup(func() { own = nil })
	return p
}

// Every worker is in a body that waits for the pool, several deep.
func TestHelp_BodiesThatWaitForTheirOwnPool(t *testing.T) {
	for _, workers := range []int{1, 2, 5} {
		p := useOwn(t, workers, InProcess)
		if y, err := sumBelow.Call(within(t), p, 4); y != 81 || err != nil {
			t.Fatalf("workers=%d: %v, %v", workers, y, err)
		}
		var fs []*Future[float64]
		for range 600 { // more than there are task slots
			f, err := sumBelow.Submit(within(t), p, 1)
			if err != nil {
				t.Fatal(err)
			}
			fs = append(fs, f)
		}
		if _, err := WaitAll(within(t), fs...); err != nil {
			t.Fatal(err)
		}
		s, err := p.Stats()
		if run := s.Total().Run; err != nil || run > s.Uptime*2*5 {
			t.Errorf("workers=%d: ran for %v in %v, %v", workers, run, s.Uptime, err)
		}
	}
}

func TestHelp_EveryWayOfWaiting(t *testing.T) {
	for _, workers := range []int{1, 2} {
		p := useOwn(t, workers, InProcess)
		for how, want := range map[string]string{"call": "9", "loop": "", "stream": "[1 4 9]", "reduce": "499500"} {
			if got, err := ownUse.Call(within(t), p, how); got != want || err != nil {
				t.Errorf("workers=%d %s: %q, %v", workers, how, got, err)
			}
		}
		if _, err := ownUse.Call(within(t), p, "panic"); err == nil || !strings.Contains(err.Error(), "nil map") {
			t.Errorf("a panic: %v", err)
		}
		for range 3 { // ends the goroutine of the body that waits, too, when that one runs it
			if _, err := ownUse.Call(within(t), p, "goexit"); err == nil || !strings.Contains(err.Error(), goexitMessage) {
				t.Errorf("runtime.Goexit: %v", err)
			}
		}
		if _, err := ownUse.Call(within(t), p, "close"); err == nil || !strings.Contains(err.Error(), ErrInBody.Error()) {
			t.Errorf("an end in a body: %v", err)
		}
		if y, err := square.Call(within(t), p, 5); y != 25 || err != nil {
			t.Fatalf("%v, %v", y, err)
		}
	}
}

// More loops inside each other than there are slots for: an error, not a wait for ever.
func TestHelp_TooManyLoopsAtOnce(t *testing.T) {
	p := useOwn(t, 2, InProcess)
	if err := deepLoop.Run(within(t), p, 1, 100); !strings.Contains(fmt.Sprint(err), ErrInBody.Error()) {
		t.Fatalf("%v", err)
	}
	if err := deepLoop.Run(within(t), p, 1, 50); err != nil {
		t.Fatal(err)
	}
}

var deepLoop = NewLoop("deepLoop", func(_ *Chunk, depth int) error {
	if depth == 0 {
		return nil
	}
	return deeper(depth - 1)
})

func init() {
	below = func(depth int) (float64, error) {
		f, err := sumBelow.Submit(context.Background(), own, depth)
		if err != nil {
			return 0, err
		}
		return f.Wait(context.Background())
	}
	deeper = func(depth int) error { return deepLoop.Run(context.Background(), own, 1, depth) }
}

// Functions that call themselves through the pool: the compiler refuses the cycle of initialisations.
var (
	deeper func(depth int) error
	below  func(depth int) (float64, error)
)

// In a worker process, the parent's pool is not there: the error says so, and names the remedy.
func TestHelp_NoPoolInAWorkerProcess(t *testing.T) {
	p := useOwn(t, 1, Processes)
	for _, how := range []string{"call", "loop", "stream", "reduce"} {
		if _, err := ownUse.Call(within(t), p, how); err == nil || !strings.Contains(err.Error(), ErrNoPool.Error()) {
			t.Errorf("%s: %v", how, err)
		}
	}
	if _, err := sumBelow.Call(within(t), p, 1); err == nil || !strings.Contains(err.Error(), ErrNoPool.Error()) {
		t.Errorf("map: %v", err)
	}
}

func TestGoroutineID(t *testing.T) {
	ids := make(chan uint64)
	for range 3 {
		go func() { ids <- goroutineID() }()
	}
	a, b, c := <-ids, <-ids, <-ids
	if a == b || b == c || a == c || a*b*c == 0 || goroutineID() != goroutineID() {
		t.Fatal(a, b, c)
	}
}
