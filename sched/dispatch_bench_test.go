//go:build linux

package sched

import (
	"context"
	"sync"
	"testing"
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

// BenchmarkCall has a call beside what a goroutine takes to answer over channels.
func BenchmarkCall(b *testing.B) {
	p := start(b, &Options{Workers: 2})
	b.Run("op=call", func(b *testing.B) {
		for b.Loop() {
			if _, err := square.Call(context.Background(), p, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("op=goroutine", func(b *testing.B) {
		ask, answer := make(chan float64), make(chan float64)
		var wg sync.WaitGroup
		wg.Go(func() {
			for x := range ask {
				answer <- x * x
			}
		})
		for b.Loop() {
			ask <- 1
			<-answer
		}
		close(ask)
		wg.Wait()
	})
}
