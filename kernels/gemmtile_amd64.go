//go:build !noasm && !race

package kernels

import "github.com/shmath/shmath/asm"

// assemblyTiles lists the tiles up to an instruction set, the best first.
func assemblyTiles(limit isa) (f64 []*tile[float64], f32 []*tile[float32]) {
	if limit >= avx512 {
		f64, f32 = append(f64, &wideTile64), append(f32, &wideTile32)
	}
	if limit >= avx2 {
		f64, f32 = append(f64, &narrowTile64), append(f32, &narrowTile32)
	}
	return f64, f32
}

var (
	wideTile64   = tile[float64]{"avx512", 8, 24, 168, wideRun64, transpose64, wideDot64, wideAdd64, wideRank64, wideOne64}
	wideTile32   = tile[float32]{"avx512", 8, 48, 336, wideRun32, transpose32, wideDot32, wideAdd32, wideRank32, wideOne32}
	narrowTile64 = tile[float64]{"avx2", 4, 12, 168, narrowRun64, transpose64, narrowDot64, narrowAdd64, narrowRank64, narrowOne64}
	narrowTile32 = tile[float32]{"avx2", 4, 24, 336, narrowRun32, transpose32, narrowDot32, narrowAdd32, narrowRank32, narrowOne32}
)

func wideRun64(depth int, alpha float64, a []float64, unit, step int, b []float64, ldb int, beta float64, c []float64, ldc, m, n int) {
	asm.GemmF64AVX512(depth, alpha, &a[0], unit, step, &b[0], ldb, beta, &c[0], ldc, m, n)
}

func wideRun32(depth int, alpha float32, a []float32, unit, step int, b []float32, ldb int, beta float32, c []float32, ldc, m, n int) {
	asm.GemmF32AVX512(depth, alpha, &a[0], unit, step, &b[0], ldb, beta, &c[0], ldc, m, n)
}

func narrowRun64(depth int, alpha float64, a []float64, unit, step int, b []float64, ldb int, beta float64, c []float64, ldc, m, n int) {
	asm.GemmF64AVX2(depth, alpha, &a[0], unit, step, &b[0], ldb, beta, &c[0], ldc, m, n)
}

func narrowRun32(depth int, alpha float32, a []float32, unit, step int, b []float32, ldb int, beta float32, c []float32, ldc, m, n int) {
	asm.GemmF32AVX2(depth, alpha, &a[0], unit, step, &b[0], ldb, beta, &c[0], ldc, m, n)
}

func transpose64(dst []float64, ldd int, src []float64, lds, n int) {
	asm.Transpose8F64(&dst[0], ldd, &src[0], lds, n)
}

func transpose32(dst []float32, ldd int, src []float32, lds, n int) {
	asm.Transpose8F32(&dst[0], ldd, &src[0], lds, n)
}

func wideDot64(alpha float64, y, x, a []float64, ld, rows, n int) {
	asm.DotRowsF64AVX512(alpha, &y[0], &x[0], &a[0], ld, rows, n)
}

func wideAdd64(y, coefs, a []float64, ld, rows, n int) {
	asm.AddRowsF64AVX512(&y[0], &coefs[0], &a[0], ld, rows, n)
}

func wideDot32(alpha float32, y, x, a []float32, ld, rows, n int) {
	asm.DotRowsF32AVX512(alpha, &y[0], &x[0], &a[0], ld, rows, n)
}

func wideAdd32(y, coefs, a []float32, ld, rows, n int) {
	asm.AddRowsF32AVX512(&y[0], &coefs[0], &a[0], ld, rows, n)
}

func narrowDot64(alpha float64, y, x, a []float64, ld, rows, n int) {
	asm.DotRowsF64AVX2(alpha, &y[0], &x[0], &a[0], ld, rows, n)
}

func narrowAdd64(y, coefs, a []float64, ld, rows, n int) {
	asm.AddRowsF64AVX2(&y[0], &coefs[0], &a[0], ld, rows, n)
}

func narrowDot32(alpha float32, y, x, a []float32, ld, rows, n int) {
	asm.DotRowsF32AVX2(alpha, &y[0], &x[0], &a[0], ld, rows, n)
}

func narrowAdd32(y, coefs, a []float32, ld, rows, n int) {
	asm.AddRowsF32AVX2(&y[0], &coefs[0], &a[0], ld, rows, n)
}

func wideOne64(x, y []float64) float64 {
	var s float64
	asm.DotRowsF64AVX512(1, &s, &x[0], &y[0], 0, 1, len(x))
	return s
}

func wideOne32(x, y []float32) float32 {
	var s float32
	asm.DotRowsF32AVX512(1, &s, &x[0], &y[0], 0, 1, len(x))
	return s
}

func narrowOne64(x, y []float64) float64 {
	var s float64
	asm.DotRowsF64AVX2(1, &s, &x[0], &y[0], 0, 1, len(x))
	return s
}

func narrowOne32(x, y []float32) float32 {
	var s float32
	asm.DotRowsF32AVX2(1, &s, &x[0], &y[0], 0, 1, len(x))
	return s
}

func wideRank64(alpha float64, a, coefs, y []float64, ld, rows, n int) {
	asm.RankRowsF64AVX512(alpha, &a[0], &coefs[0], &y[0], ld, rows, n)
}

func wideRank32(alpha float32, a, coefs, y []float32, ld, rows, n int) {
	asm.RankRowsF32AVX512(alpha, &a[0], &coefs[0], &y[0], ld, rows, n)
}

func narrowRank64(alpha float64, a, coefs, y []float64, ld, rows, n int) {
	asm.RankRowsF64AVX2(alpha, &a[0], &coefs[0], &y[0], ld, rows, n)
}

func narrowRank32(alpha float32, a, coefs, y []float32, ld, rows, n int) {
	asm.RankRowsF32AVX2(alpha, &a[0], &coefs[0], &y[0], ld, rows, n)
}
