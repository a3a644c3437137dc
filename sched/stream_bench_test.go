//go:build linux

package sched

import (
	"context"
	"testing"
)

func BenchmarkStream(b *testing.B) {
	p := start(b, &Options{Workers: 2})
	for _, ordered := range []bool{true, false} {
		name, run := "op=stream", square.Stream
		if !ordered {
			name, run = "op=stream-unordered", square.StreamUnordered
		}
		b.Run(name, func(b *testing.B) {
			taken, n := 0, 0
			for _, err := range run(context.Background(), p, naturals(&taken)) {
				if err != nil {
					b.Fatal(err)
				}
				if n++; n >= b.N {
					break
				}
			}
		})
	}
}
