package kernels

import (
	"math"
	"slices"
	"testing"
)

func TestHorner(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testHorner[float64](t)
		testHorner[float32](t)
	})
}

func testHorner[T Float](t *testing.T) {
	for _, coefficients := range []int{2, 3, 6, 17} {
		c := make([]T, coefficients)
		for i := range c {
			c[i] = T(i%3) - 0.7*T(i)
		}
		for n := range 300 {
			x, want := make([]T, n), make([]T, n)
			for i := range x {
				x[i] = T(i)/50 - 3
				if i%97 == 13 {
					x[i] = T(math.Inf(1))
				}
				want[i] = c[0]
				for _, k := range c[1:] {
					want[i] = T(want[i]*x[i]) + k
				}
			}
			same := func(a, b T) bool { return a == b || a != a && b != b }
			room := make([]T, n+1)
			room[n] = 7
			Horner(room[:n], x, c)
			if !slices.EqualFunc(room[:n], want, same) || room[n] != 7 {
				t.Fatalf("%d coefficients, n=%d: %v, want %v", coefficients, n, room, want)
			}
			Horner(x, x, c)
			if !slices.EqualFunc(x, want, same) {
				t.Fatalf("%d coefficients, n=%d, in place: %v, want %v", coefficients, n, x, want)
			}
		}
	}
	long := make([]T, 500_000)
	Horner(long, long, []T{1, 2, 3, 4, 5, 6, 7, 8})
	for i, v := range long {
		if v != 8 {
			t.Fatalf("element %d of many is %v", i, v)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("one coefficient was taken")
		}
	}()
	Horner(long, long, c1[T]())
}

func c1[T Float]() []T { return []T{1} }

func TestStream_CopiesAll(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for n := range 200 {
			for from := range 9 {
				src, room := make([]float64, n), make([]float64, n+20)
				for i := range src {
					src[i] = float64(i + 1)
				}
				Fetch(src)
				Stream(room[from:], src)
				StreamEnd()
				if !slices.Equal(room[from:from+n], src) || slices.Max(append(room[:from:from], room[from+n:]...)) != 0 {
					t.Fatalf("%d elements at %d: %v", n, from, room)
				}
			}
		}
	})
}
