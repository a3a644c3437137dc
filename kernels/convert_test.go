package kernels

import (
	"testing"
)

// TestConvert_EveryPair converts between the types at every length and several alignments, and compares with Go's conversion
// of each element.
func TestConvert_EveryPair(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		testConvertFrom(t, randomInts[int64])
		testConvertFrom(t, randomInts[int32])
		testConvertFrom(t, randomInts[int16])
		testConvertFrom(t, randomInts[int8])
		testConvertFrom(t, randomInts[uint64])
		testConvertFrom(t, randomInts[uint32])
		testConvertFrom(t, randomInts[uint16])
		testConvertFrom(t, randomInts[uint8])
		testConvertFrom(t, someFloats[float64])
		testConvertFrom(t, someFloats[float32])
		testBools[float64](t)
		testBools[float32](t)
		testBools[int64](t)
		testBools[int32](t)
	})
}

// someFloats are of both signs, and of magnitudes that int16 has.
func someFloats[T Float](n int, seed uint64) []T {
	x := make([]T, n)
	Normal(x, [2]uint64{seed}, 0, 0, 1000)
	for i := 0; i < n; i += 5 {
		x[i] = T([]float64{0, negZero, 0.5, -0.5, 1e-40, 2.5, -2.99999}[i%7])
	}
	return x
}

func testConvertFrom[S Number](t *testing.T, values func(n int, seed uint64) []S) {
	t.Helper()
	for n := 0; n <= 130; n++ {
		x, _ := guarded(values(n, uint64(n)), n%11)
		checkConvert[float64](t, x)
		checkConvert[float32](t, x)
		checkConvert[int64](t, x)
		checkConvert[int32](t, x)
		checkConvert[uint8](t, x)
	}
	for _, n := range oddLengths {
		checkConvert[float64](t, values(n, 1))
		checkConvert[int64](t, values(n, 2))
	}
}

func checkConvert[D, S Number](t *testing.T, x []S) {
	t.Helper()
	dst, intact := guarded(make([]D, len(x)), len(x)%7)
	if !isInteger[S]() && isInteger[D]() && !isSigned[D]() {
		return // where a negative float goes depends on the processor
	}
	Convert(dst, x)
	for i, v := range x {
		if dst[i] != D(v) {
			t.Fatalf("%T to %T, n=%d: element %d of %v is %v, want %v", x, dst, len(x), i, v, dst[i], D(v))
		}
	}
	if !intact() {
		t.Fatalf("%T to %T, n=%d: wrote outside", x, dst, len(x))
	}
}

func testBools[D Number](t *testing.T) {
	for n := 0; n <= 130; n++ {
		mask := make([]bool, n)
		for i := range mask {
			mask[i] = (i*i+n)%3 == 0
		}
		dst, intact := guarded(make([]D, n), n%7)
		BoolTo(dst, mask)
		for i, m := range mask {
			if dst[i] != D(asBit(m)) {
				t.Fatalf("%T n=%d: element %d of %v is %v", dst, n, i, m, dst[i])
			}
		}
		if !intact() {
			t.Fatalf("%T n=%d: wrote outside", dst, n)
		}
	}
}
