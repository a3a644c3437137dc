package arena

import (
	"fmt"
	"testing"
)

func BenchmarkNewFree(b *testing.B) {
	for _, n := range []int{8, 512, 8192} { // float64s
		b.Run(fmt.Sprintf("n=%d/impl=arena", n), func(b *testing.B) {
			a := heap(b, 64<<20, nil)
			var keep [16]*Array[float64]
			for i := range keep {
				keep[i], _ = New[float64](a, n)
			}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				x, err := New[float64](a, n)
				if err != nil {
					b.Fatal(err)
				}
				k := i % len(keep)
				if err := keep[k].Free(); err != nil {
					b.Fatal(err)
				}
				keep[k] = x
			}
		})
		b.Run(fmt.Sprintf("n=%d/impl=make", n), func(b *testing.B) {
			var keep [16][]float64
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				keep[i%len(keep)] = make([]float64, n)
			}
		})
	}
}

func BenchmarkOpen(b *testing.B) {
	a := heap(b, 1<<20, nil)
	x, err := Named[float64](a, "prices", 100, 10)
	if err != nil {
		b.Fatal(err)
	}
	h, d := x.Handle(), x.T().Descriptor()
	for name, open := range map[string]func() (*Array[float64], error){
		"op=lookup":     func() (*Array[float64], error) { return Lookup[float64](a, "prices") },
		"op=resolve":    func() (*Array[float64], error) { return Resolve[float64](a, h) },
		"op=descriptor": func() (*Array[float64], error) { return FromDescriptor[float64](a.Bytes(), d) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := open(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAt(b *testing.B) {
	a := heap(b, 1<<20, nil)
	x, err := New[float64](a, 100, 100)
	if err != nil {
		b.Fatal(err)
	}
	sum, i := 0.0, 0
	b.Run("op=at", func(b *testing.B) {
		for b.Loop() {
			sum += x.At(i%100, i%97)
			i++
		}
	})
	b.Run("op=all", func(b *testing.B) {
		t := x.T()
		b.SetBytes(int64(8 * x.Len()))
		for b.Loop() {
			for v := range t.All() {
				sum += v
			}
		}
	})
}
