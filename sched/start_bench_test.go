//go:build linux

package sched

import (
	"context"
	"testing"
)

func BenchmarkPool(b *testing.B) {
	b.Run("op=start-call-close/workers=2", func(b *testing.B) {
		for b.Loop() {
			p, err := Start(context.Background(), &Options{Workers: 2})
			if err != nil {
				b.Fatal(err)
			}
			if _, err := square.Call(context.Background(), p, 1); err != nil {
				b.Fatal(err)
			}
			if err := p.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("op=start/workers=2", func(b *testing.B) {
		for b.Loop() {
			p, err := Start(context.Background(), &Options{Workers: 2})
			if err != nil {
				b.Fatal(err)
			}
			b.StopTimer()
			p.Close()
			b.StartTimer()
		}
	})
	p := start(b, nil)
	b.Run("op=call", func(b *testing.B) {
		for b.Loop() {
			if _, err := square.Call(context.Background(), p, 1); err != nil {
				b.Fatal(err)
			}
		}
	})
}
