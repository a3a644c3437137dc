package kernels

import (
	"fmt"
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
