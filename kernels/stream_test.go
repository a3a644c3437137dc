//go:build amd64 && !noasm && !race

package kernels

import (
	"fmt"
	"testing"
)

// TestStream_SameBits runs every kernel with its results going past the caches, out of place and in place, at lengths
// around lines and blocks and at every alignment, and compares with plain Go.
func TestStream_SameBits(t *testing.T) {
	defer func(from int) { streamFrom = from }(streamFrom)
	defer func(s isa) { active = s }(active)
	streamFrom = 0
	t.Run("type=float64", testStream[float64])
	t.Run("type=float32", testStream[float32])
	t.Run("type=int64", testStreamInts[int64])
	t.Run("type=int32", testStreamInts[int32])
}

func testStream[T Float](t *testing.T) {
	const long = 3*streamBlock + 40
	var args [3][]T
	for i := range args {
		args[i] = make([]T, long)
		Normal(args[i], testKey, uint64(i*long), 0, 20)
		for j := i; j < long; j += 1 + 97*(i+1) {
			args[i][j] = T([]float64{nan, inf, -inf, 0, negZero, 5e-324, -1e-40, 1e300}[j%8])
		}
	}
	kernels := append(sliceKernels[T](), sliceKernel[T]{"Fill", 0, func(dst, _, _, _ []T) { Fill(dst, 7) }, nil})
	for _, k := range kernels {
		for c, n := range []int{0, 1, 7, 8, 9, 15, 16, 17, 33, 100, 130, streamBlock - 1, streamBlock, streamBlock + 9, 2*streamBlock + 31, 3*streamBlock + 20} {
			off := c % 16
			x, y, z := args[0][off:off+n], args[1][:n], args[2][(off+3)%16:][:n]
			active = portable
			want := make([]T, n)
			k.run(want, x, y, z)
			for s := avx2; s <= bestISA(); s++ {
				active = s
				for in := range k.args + 1 {
					from := [4][]T{x, y, z, make([]T, n)}
					got, ok := guarded(from[(in+3)%4], (off+5*in)%16) // out of place, then in place of each argument
					from[(in+3)%4] = got
					k.run(got, from[0], from[1], from[2])
					wantSame(t, fmt.Sprintf("%s isa=%s n=%d case=%d", k.name, isaNames[s], n, in), got, want)
					if !ok() {
						t.Fatalf("%s isa=%s n=%d wrote outside dst", k.name, isaNames[s], n)
					}
				}
			}
		}
	}
}

func testStreamInts[T int64 | int32](t *testing.T) {
	fill := intKernel[T]{"Fill", 0, func(dst, _, _ []T) { Fill(dst, 7) }, func(_, _ T) T { return 7 }}
	for _, k := range append(intKernels(T(-9)), fill) {
		for c, n := range []int{1, 8, 17, 130, streamBlock - 1, streamBlock, streamBlock + 9, 3*streamBlock + 20} {
			x, y := randomInts[T](n+c, uint64(n))[c:], randomInts[T](n+2*c, uint64(n))[2*c:]
			for s := avx2; s <= bestISA(); s++ {
				active = s
				checkInts(t, k, n, 3*c%17, x, y)
			}
		}
	}
}
