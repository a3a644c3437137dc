package kernels

import "math"

// tile is the innermost part of Gemm, and of level 2, for one instruction set.
type tile[T Float] struct {
	isa        string
	rows, cols int // of the tile of C that stays in registers
	wide       int // columns of a packed block of B, 504 KiB of L2
	// run computes c = alpha*a*b + beta*c for m <= rows and n <= cols; element (i, p) of a is a[i*unit + p*step], row p of b
	// begins at b[p*ldb]. With beta zero c is not read.
	run func(depth int, alpha T, a []T, unit, step int, b []T, ldb int, beta T, c []T, ldc, m, n int)
	// transpose8 sets dst[p*ldd + r] = src[r*lds + p] for r < 8 and p < n, a multiple of 8; nil where packing is plain Go.
	transpose8 func(dst []T, ldd int, src []T, lds, n int)
	// dotRows sets y[r] = fma(alpha, row r of a times x, y[r]) for rows ld apart of n > 0 elements. The product is summed in
	// 128/(size of T) lanes: lane l adds elements l, l+lanes, ... by fused multiply-adds from zero; then lane l adds lane
	// l + lanes/2, and so on.
	dotRows func(alpha T, y, x, a []T, ld, rows, n int)
	// addRows sets y[j] = fma(coefs[r], a[r*ld+j], y[j]) for each row in turn and j < n, n > 0.
	addRows func(y, coefs, a []T, ld, rows, n int)
	// rankRows sets a[r*ld+j] = fma(alpha*coefs[r], y[j], a[r*ld+j]) for each row and j < n, n > 0.
	rankRows func(alpha T, a, coefs, y []T, ld, rows, n int)
	// one is dotRows of one row, with alpha 1 and onto zero.
	one func(x, y []T) T
}

var (
	plainTile64 = tile[float64]{"go", 4, 4, 168, plainRun64, nil, plainDot64, plainAdd64, plainRank[float64], plainOne64}
	plainTile32 = tile[float32]{"go", 4, 4, 336, plainRun32, nil, plainDot32, plainAdd32, plainRank[float32], plainOne32}

	// The tiles in use.
	tile64, tile32 = bestTiles()
)

func bestTiles() (*tile[float64], *tile[float32]) {
	if f64, f32 := assemblyTiles(active); len(f64) > 0 {
		return f64[0], f32[0]
	}
	return &plainTile64, &plainTile32
}

func tileOf[T Float]() *tile[T] {
	if t, ok := any(tile64).(*tile[T]); ok {
		return t
	}
	return any(tile32).(*tile[T])
}

// plainRun64 is the meaning of a float64 tile.
func plainRun64(depth int, alpha float64, a []float64, unit, step int, b []float64, ldb int, beta float64, c []float64, ldc, m, n int) {
	for i := range m {
		var s [4]float64
		if n == 4 {
			s = plainRow64(depth, a[i*unit:], step, b, ldb)
		} else {
			for p := range depth {
				v := a[i*unit+p*step]
				for j, w := range b[p*ldb : p*ldb+n] {
					s[j] = math.FMA(v, w, s[j])
				}
			}
		}
		for j, v := range s[:n] {
			at := i*ldc + j
			old := 0.0
			if beta != 0 {
				old = beta * c[at]
			}
			c[at] = math.FMA(alpha, v, old)
		}
	}
}

// plainRow64 keeps the sums of one row of a tile in registers.
func plainRow64(depth int, a []float64, step int, b []float64, ldb int) [4]float64 {
	var s0, s1, s2, s3 float64
	for p := range depth {
		v, r := a[p*step], b[p*ldb:p*ldb+4:p*ldb+4]
		s0 = math.FMA(v, r[0], s0)
		s1 = math.FMA(v, r[1], s1)
		s2 = math.FMA(v, r[2], s2)
		s3 = math.FMA(v, r[3], s3)
	}
	return [4]float64{s0, s1, s2, s3}
}

// plainRun32 is the meaning of a float32 tile.
func plainRun32(depth int, alpha float32, a []float32, unit, step int, b []float32, ldb int, beta float32, c []float32, ldc, m, n int) {
	for i := range m {
		var s [4]float32
		for p := range depth {
			v := a[i*unit+p*step]
			for j, w := range b[p*ldb : p*ldb+n] {
				s[j] = fma32(v, w, s[j])
			}
		}
		for j, v := range s[:n] {
			at := i*ldc + j
			old := float32(0)
			if beta != 0 {
				old = beta * c[at]
			}
			c[at] = fma32(alpha, v, old)
		}
	}
}

// fma32 returns x*y + z, rounded once. The product is exact in float64; where their sum may lie halfway between two
// float32, it is first rounded to odd (Boldo and Melquiond, "Emulation of a FMA and correctly rounded sums", IEEE
// Transactions on Computers 57, 2008).
func fma32(x, y, z float32) float32 {
	p, q := float64(x)*float64(y), float64(z)
	s := p + q
	if bits := math.Float64bits(s); bits<<36 == 0 && s-s == 0 {
		t := s - p
		e := (p - (s - t)) + (q - t)
		if e != 0 {
			if (e > 0) == (s > 0) {
				bits |= 1
			} else {
				bits--
			}
			s = math.Float64frombits(bits)
		}
	}
	return float32(s)
}
