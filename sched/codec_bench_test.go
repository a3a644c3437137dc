//go:build linux

package sched

import (
	"reflect"
	"strconv"
	"testing"
	"time"
)

// BenchmarkCodec is what it costs to encode and decode one argument; nothing of it is paid for plain values and arrays.
func BenchmarkCodec(b *testing.B) {
	table := map[string]int{}
	for i := range 100 {
		table[strconv.Itoa(i)] = i
	}
	words := make([]string, 100)
	for i := range words {
		words[i] = strconv.Itoa(i)
	}
	roundTrips(b, "of=point", point{1, 2})
	roundTrips(b, "of=floats/n=1000", make([]float64, 1000))
	roundTrips(b, "of=strings/n=100", words)
	roundTrips(b, "of=map/n=100", table)
	roundTrips(b, "of=struct", deep{Name: "n", Parts: make([]point, 3), Next: &deep{}, When: time.Unix(1, 0)})
}

func roundTrips[T any](b *testing.B, name string, v T) {
	c, err := codecOf(reflect.TypeFor[T]())
	if err != nil {
		b.Fatal(err)
	}
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			var err error
			if buf, err = encodeValue(c, nil, buf[:0], &v); err != nil {
				b.Fatal(err)
			}
			var back T
			if _, err := decodeValue(c, nil, buf, &back); err != nil {
				b.Fatal(err)
			}
		}
	})
}
