package ring

import (
	"context"
	"testing"
)

// BenchmarkSolo is what the operations cost when nothing crosses between processors: filling and draining by one side.
func BenchmarkSolo(b *testing.B) {
	b.Run("type=SPSC", func(b *testing.B) {
		q := newTestSPSC[uint64](b, 1024)
		solo(b, q.Push, q.Pop)
	})
	b.Run("type=MPMC", func(b *testing.B) {
		q := newTestMPMC[uint64](b, 1024, nil)
		solo(b, q.Push, q.Pop)
	})
}

func solo(b *testing.B, push func(context.Context, uint64) error, pop func(context.Context) (uint64, error)) {
	ctx := context.Background()
	for n := b.N; n > 0; n -= 1024 {
		for i := range uint64(1024) {
			if err := push(ctx, i); err != nil {
				b.Fatal(err)
			}
		}
		for range 1024 {
			if _, err := pop(ctx); err != nil {
				b.Fatal(err)
			}
		}
	}
}
