package kernels

import (
	"fmt"
	"testing"
)

// TestRows_EveryISAHasTheBitsOfPlainGo compares the loops of level 2, at every length, with rows apart and guards around.
func TestRows_EveryISAHasTheBitsOfPlainGo(t *testing.T) {
	all64, all32 := assemblyTiles(active)
	for i := range all64 {
		t.Run("isa="+all64[i].isa, func(t *testing.T) {
			t.Run("type=float64", func(t *testing.T) { testRows(t, all64[i], &plainTile64) })
			t.Run("type=float32", func(t *testing.T) { testRows(t, all32[i], &plainTile32) })
		})
	}
	if len(all64) == 0 {
		t.Skip("no assembly for this processor")
	}
}

func testRows[T Float](t *testing.T, got, want *tile[T]) {
	r := newRand(8)
	value := func(i, j int) float64 { return r.NormFloat64() }
	sizes := make([]int, 0, 100)
	for n := range 140 {
		sizes = append(sizes, n)
	}
	for _, n := range append(sizes, 255, stepCols-1, stepCols, stepCols+1, 2*stepCols+33) {
		rows := 1 + n%(stepRows+5)
		a := newFenced[T](rows, n, 3, value)
		long, short := newFenced[T](1, n, 0, value), newFenced[T](1, rows, 0, value)
		what := fmt.Sprintf("rows=%d n=%d", rows, n)

		y := newFenced[T](1, rows, 0, value)
		z := y.clone()
		got.dots(0.75, y.data(), long.data(), a.data(), a.ld, rows, n)
		want.dots(0.75, z.data(), long.data(), a.data(), a.ld, rows, n)
		y.check(t, "dots "+what, func(i, j int, v T) bool { return v == z.at(i, j) })

		y = newFenced[T](1, n, 0, value)
		z = y.clone()
		got.adds(y.data(), short.data(), a.data(), a.ld, rows, n)
		want.adds(z.data(), short.data(), a.data(), a.ld, rows, n)
		y.check(t, "adds "+what, func(i, j int, v T) bool { return v == z.at(i, j) })

		b := a.clone()
		got.ranks(0.75, a.data(), short.data(), long.data(), a.ld, rows, n)
		want.ranks(0.75, b.data(), short.data(), long.data(), b.ld, rows, n)
		a.check(t, "ranks "+what, func(i, j int, v T) bool { return v == b.at(i, j) })
	}
}

// TestDots_IsItsDefinition sums in the lanes that the comment of dotRows speaks of.
func TestDots_IsItsDefinition(t *testing.T) {
	r := newRand(9)
	for n := 1; n < 100; n++ {
		x, a := make([]float64, n), make([]float64, n)
		var l [16]float64
		for i := range x {
			x[i], a[i] = r.NormFloat64(), r.NormFloat64()
			l[i%16] = fmaOf(a[i], x[i], l[i%16])
		}
		for h := 8; h > 0; h /= 2 {
			for i := range h {
				l[i] += l[i+h]
			}
		}
		y := []float64{1.5}
		tile64.dots(-2, y, x, a, n, 1, n)
		if want := fmaOf(-2, l[0], 1.5); y[0] != want {
			t.Fatalf("n=%d: %v, want %v", n, y[0], want)
		}
	}
}
