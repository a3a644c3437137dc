//go:build linux

package sched

import (
	"context"
	"fmt"
	"math"
	"sync"
	"testing"
	"time"
)

var noop = NewLoop("noop", func(*Chunk, struct{}) error { return nil }, LoopOptions{Block: 1})

// BenchmarkNoop is what taking a block, or an element, costs when its body does nothing. The figure is for one of 100,000.
func BenchmarkNoop(b *testing.B) {
	const n = 100_000
	p := start(b, &Options{Workers: 2})
	per := func(b *testing.B, f func() error) {
		for b.Loop() {
			if err := f(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/task")
	}
	b.Run("op=loop", func(b *testing.B) {
		per(b, func() error { return noop.Run(context.Background(), p, n, struct{}{}) })
	})
	xs := ramp(n)
	b.Run("op=map", func(b *testing.B) {
		per(b, func() error {
			_, err := square.Map(context.Background(), p, xs)
			return err
		})
	})
}

// BenchmarkCall has a call beside what a goroutine takes to answer over channels. best-ns is that of the best hundred in a row:
// what it takes when nobody else wants the processors.
func BenchmarkCall(b *testing.B) {
	ask, answer := make(chan float64), make(chan float64)
	var wg sync.WaitGroup
	wg.Go(func() {
		for x := range ask {
			answer <- x * x
		}
	})
	defer wg.Wait()
	defer close(ask)
	for _, workers := range []int{1, 2} {
		p := start(b, &Options{Workers: workers})
		b.Run(fmt.Sprintf("op=call/workers=%d", workers), func(b *testing.B) {
			bestOf(b, func() {
				if _, err := square.Call(context.Background(), p, 1); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
	b.Run("op=goroutine", func(b *testing.B) {
		bestOf(b, func() {
			ask <- 1
			<-answer
		})
	})
}

func bestOf(b *testing.B, f func()) {
	const row = 100
	least := time.Duration(math.MaxInt64)
	for b.Loop() {
		begin := time.Now()
		for range row {
			f()
		}
		least = min(least, time.Since(begin))
	}
	b.ReportMetric(float64(least.Nanoseconds())/row, "best-ns")
}
