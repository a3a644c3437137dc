package kernels

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
)

// oddLengths are the lengths around the edges of blocks, chunks and unrolled loops.
var oddLengths = []int{255, 256, 257, 511, 513, 4095, 4096, 4097, 1<<14 - 1, 1 << 14, 1<<14 + 1, 1<<14 + 37, 3<<14 + 9}

// TestElementwise_LongSlices compares each instruction set with plain Go at lengths where calls end, at every alignment.
func TestElementwise_LongSlices(t *testing.T) {
	t.Run("type=float64", testLongSlices[float64])
	t.Run("type=float32", testLongSlices[float32])
}

func testLongSlices[T Float](t *testing.T) {
	defer func(s isa) { active = s }(active)
	long := oddLengths[len(oddLengths)-1] + 8
	var args [3][]T
	for i := range args {
		args[i] = make([]T, long)
		Normal(args[i], testKey, uint64(i*long), 0, 20)
		for j := 0; j < long; j += 1 + 977*(i+1) {
			args[i][j] = T([]float64{nan, inf, -inf, 0, negZero, 5e-324, -1e-40, 1e300}[j%8])
		}
	}
	for _, k := range sliceKernels[T]() {
		for c, n := range oddLengths {
			off := c % 8
			x, y, z := args[0][off:off+n], args[1][:n], args[2][(off+3)%8:][:n]
			active = portable
			want := make([]T, n)
			k.run(want, x, y, z)
			for s := avx2; s <= bestISA(); s++ {
				active = s
				got, ok := guarded(make([]T, n), off/2)
				k.run(got, x, y, z)
				wantSame(t, fmt.Sprintf("%s isa=%s n=%d", k.name, isaNames[s], n), got, want)
				if !ok() {
					t.Fatalf("%s isa=%s n=%d wrote outside dst", k.name, isaNames[s], n)
				}
			}
		}
	}
}

// TestReductions_LongSlices compares each instruction set with plain Go, bit for bit, with and without a NaN, at every
// alignment.
func TestReductions_LongSlices(t *testing.T) {
	t.Run("type=float64", testLongReductions[float64])
	t.Run("type=float32", testLongReductions[float32])
}

func testLongReductions[T Float](t *testing.T) {
	defer func(s isa) { active = s }(active)
	long := oddLengths[len(oddLengths)-1] + 8
	a, b := make([]T, long), make([]T, long)
	Normal(a, testKey, 0, 0, 3)
	Normal(b, testKey, uint64(long), 1, 3)
	lengths := append([]int{1, 7, 63, 64, 65, 127, 128, 129}, oddLengths...)
	for c, n := range lengths {
		x, y := a[c%8:][:n], b[(c+3)%8:][:n]
		for round, odd := range []float64{1, nan, -inf, inf, negZero} {
			saved := x[n*round/5]
			x[n*round/5] = T(odd)
			if odd == negZero { // an extreme of zero, of either sign
				Abs(x, x)
				x[n/2], x[0], x[n/3] = 0, 0, T(negZero)
			}
			var want []float64
			for s := portable; s <= bestISA(); s++ {
				active = s
				m := MomentsOf(x)
				got := []float64{
					float64(Sum(x)), float64(Dot(x, y)), float64(Norm1(x)), float64(Norm2(x)), float64(NormInf(x)),
					float64(Min(x)), float64(Max(x)), float64(ArgMin(x)), float64(ArgMax(x)), m.Mean, m.M2,
				}
				if s == portable {
					want = got
					continue
				}
				wantSame(t, fmt.Sprintf("isa=%s n=%d with %g", isaNames[s], n, odd), got, want)
			}
			x[n*round/5] = saved
		}
	}
}

// TestElementwise_AnyBits compares each instruction set with plain Go at arguments of any bits, and of the sizes at which
// the functions do their work: four million for each function with SHMATH_STRESS=1000, a few thousand without.
func TestElementwise_AnyBits(t *testing.T) {
	defer func(s isa) { active = s }(active)
	const n = 4096
	words := make([]uint64, n)
	var args [3][]float64
	for i := range args {
		args[i] = make([]float64, n)
	}
	want, got := make([]float64, n), make([]float64, n)
	for round := range stress() {
		for i, x := range args {
			Uint64s(words, testKey, uint64((3*round+i)*n))
			for j, w := range words {
				x[j] = math.Float64frombits(w)
				if j%2 == 0 { // 2^-32 to 2^32
					x[j] = math.Float64frombits(w&(1<<63|1<<52-1) | (1023-32+w>>52&63)<<52)
				}
			}
		}
		for _, k := range sliceKernels[float64]() {
			active = portable
			k.run(want, args[0], args[1], args[2])
			for s := avx2; s <= bestISA(); s++ {
				active = s
				k.run(got, args[0], args[1], args[2])
				wantSame(t, k.name+" isa="+isaNames[s], got, want)
			}
		}
	}
}

// FuzzElementwise compares each instruction set with plain Go at lengths and bits of the fuzzer's choice.
func FuzzElementwise(f *testing.F) {
	f.Add([]byte("12345678abcdefgh"), uint8(3))
	f.Add(make([]byte, 8*65), uint8(0))
	kernels := sliceKernels[float64]()
	f.Fuzz(func(t *testing.T, data []byte, which uint8) {
		defer func(s isa) { active = s }(active)
		x := make([]float64, len(data)/8)
		for i := range x {
			x[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
		}
		y := slices.Clone(x)
		slices.Reverse(y)
		k := kernels[int(which)%len(kernels)]
		active = portable
		want := make([]float64, len(x))
		k.run(want, x, y, x)
		for s := avx2; s <= bestISA(); s++ {
			active = s
			got, ok := guarded(x, 1)
			k.run(got, got, y, x) // in place
			wantSame(t, k.name+" isa="+isaNames[s], got, want)
			if !ok() {
				t.Fatalf("%s isa=%s wrote outside dst", k.name, isaNames[s])
			}
		}
	})
}
