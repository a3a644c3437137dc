package kernels

import (
	"fmt"
	"math"
	"math/big"
	"testing"

	"gonum.org/v1/gonum/blas"
)

// fenced is a row-major matrix between guards, with guards between its rows.
type fenced[T Float] struct {
	all        []T
	rows, cols int
	ld         int
}

const (
	fence = 24
	post  = -12345.5
)

func newFenced[T Float](rows, cols, extra int, value func(i, j int) float64) *fenced[T] {
	f := &fenced[T]{rows: rows, cols: cols, ld: max(1, cols) + extra}
	size := 0
	if rows > 0 {
		size = (rows-1)*f.ld + cols
	}
	f.all = make([]T, fence+size+fence)
	Fill(f.all, post)
	for i := range rows {
		for j := range cols {
			f.data()[i*f.ld+j] = T(value(i, j))
		}
	}
	return f
}

func (f *fenced[T]) data() []T {
	hi := len(f.all) - fence
	return f.all[fence:hi:hi]
}

func (f *fenced[T]) at(i, j int) T { return f.all[fence+i*f.ld+j] }

func (f *fenced[T]) clone() *fenced[T] {
	g := *f
	g.all = append([]T(nil), f.all...)
	return &g
}

// check compares the elements by same, and every guard.
func (f *fenced[T]) check(t *testing.T, what string, same func(i, j int, got T) bool) {
	t.Helper()
	for at, v := range f.all {
		i, j := (at-fence)/f.ld, (at-fence)%f.ld
		if at >= fence && at < len(f.all)-fence && j < f.cols {
			if !same(i, j, v) {
				t.Fatalf("%s: element (%d, %d) is %v", what, i, j, v)
			}
		} else if v != post {
			t.Fatalf("%s: guard %d was written", what, at-fence)
		}
	}
}

func fmaOf[T Float](x, y, z T) T {
	if v, single := any(x).(float32); single {
		return T(fma32(v, float32(y), float32(z)))
	}
	return T(math.FMA(float64(x), float64(y), float64(z)))
}

// gemmMeaning is the text of Gemm's comment.
func gemmMeaning[T Float](m, n, k int, alpha T, a, b func(i, j int) T, beta T, c func(i, j int) T) func(i, j int) T {
	out := make([]T, m*n)
	step := depthStep(max(k, 1))
	for i := range m {
		for j := range n {
			var v T
			if beta != 0 {
				v = beta * c(i, j)
			}
			for p := 0; p < k && alpha != 0; p += step {
				var s T
				for q := p; q < min(p+step, k); q++ {
					s = fmaOf(a(i, q), b(q, j), s)
				}
				v = fmaOf(alpha, s, v)
			}
			out[i*n+j] = v
		}
	}
	return func(i, j int) T { return out[i*n+j] }
}

// gemmCase compares one Gemm with its meaning, bit by bit.
func gemmCase[T Float](t *testing.T, m, n, k int, tA, tB blas.Transpose, alpha, beta T) {
	t.Helper()
	r := newRand(uint64(m*1000003 + n*1009 + k))
	value := func(i, j int) float64 { return r.NormFloat64() }
	rowsA, colsA := stored(tA, m, k)
	rowsB, colsB := stored(tB, k, n)
	a, b := newFenced[T](rowsA, colsA, 3, value), newFenced[T](rowsB, colsB, 5, value)
	c := newFenced[T](m, n, 2, value)
	if beta == 0 {
		c = newFenced[T](m, n, 2, func(i, j int) float64 { return nan })
	}
	before := c.clone()
	blasGemm(tA, tB, m, n, k, alpha, a.data(), a.ld, b.data(), b.ld, beta, c.data(), c.ld)
	elementA, elementB := a.at, b.at
	if tA == blas.Trans {
		elementA = func(i, j int) T { return a.at(j, i) }
	}
	if tB == blas.Trans {
		elementB = func(i, j int) T { return b.at(j, i) }
	}
	want := gemmMeaning(m, n, k, alpha, elementA, elementB, beta, before.at)
	what := fmt.Sprintf("%T m=%d n=%d k=%d %c%c alpha=%v beta=%v", alpha, m, n, k, tA, tB, alpha, beta)
	c.check(t, what, func(i, j int, got T) bool { return got == want(i, j) })
}

// forEachTile runs a test with the tile of each instruction set that this processor has.
func forEachTile(t *testing.T, test func(t *testing.T)) {
	best64, best32 := tile64, tile32
	defer func() { tile64, tile32 = best64, best32 }()
	all64, all32 := assemblyTiles(active)
	all64, all32 = append(all64, &plainTile64), append(all32, &plainTile32)
	for i := range all64 {
		tile64, tile32 = all64[i], all32[i]
		t.Run("isa="+tile64.isa, test)
	}
}

func TestGemm_HasTheBitsOfItsMeaning(t *testing.T) {
	forEachTile(t, func(t *testing.T) {
		t.Run("type=float64", testGemm[float64])
		t.Run("type=float32", testGemm[float32])
	})
}

func testGemm[T Float](t *testing.T) {
	scalars := [][2]T{{1, 0}, {1, 1}, {-0.75, 1.5}, {0, 2}, {2, 0}}
	for n := 0; n <= 40; n++ {
		for s, tA := range transposes {
			for u, tB := range transposes {
				ab := scalars[(n+2*s+u)%len(scalars)]
				gemmCase(t, n, (n*7)%41, (n*3+1)%41, tA, tB, ab[0], ab[1])
				gemmCase(t, (n*5+2)%41, n, n, tA, tB, ab[0], ab[1])
			}
		}
	}
	for _, size := range [][3]int{
		{1, 1, 1000}, {3, 5, depthMax - 1}, {4, 9, depthMax}, {5, 3, depthMax + 1}, {2, 2, 2*depthMax + 7},
		{packTall, packWide, 9}, {packTall + 1, packWide + 1, 17}, {130, 2*336 + 1, 3}, {rowsMax + 3, packWide + 1, 2},
		{columnMax + 9, packWide + 5, 20}, {packTall + 7, packWide + 1, depthMax + 5}, {300, 1, 33}, {1, 300, 33}, {97, 25, 100},
	} {
		gemmCase[T](t, size[0], size[1], size[2], blas.NoTrans, blas.NoTrans, 1.25, 1)
		gemmCase[T](t, size[0], size[1], size[2], blas.Trans, blas.Trans, 1, 0)
	}
}

// TestFma32_OneRounding compares with big.Float, where double rounding would be seen most.
func TestFma32_OneRounding(t *testing.T) {
	r := newRand(32)
	odd := []float32{0, 1, -1, 0x1p-149, 0x1p-126, 0x1.fffffep-127, 0x1p-75, 0x1.000002p0, 0x1.fffffep0, 0x1p24, 0x1p-24, 0x1p-25}
	pick := func() float32 {
		v := odd[r.IntN(len(odd))]
		if r.IntN(2) == 0 {
			v *= math.Float32frombits(0x3f800000 | r.Uint32()&0x7fffff)
		}
		return v
	}
	for range 300000 {
		x, y, z := pick(), pick(), pick()
		exact := new(big.Float).SetPrec(600).SetFloat64(float64(x) * float64(y))
		exact.Add(exact, new(big.Float).SetFloat64(float64(z)))
		want, _ := exact.Float32()
		if got := fma32(x, y, z); got != want {
			t.Fatalf("fma32(%v, %v, %v) = %v, want %v", x, y, z, got, want)
		}
	}
	if v := fma32(float32(inf), 0, 1); v == v {
		t.Errorf("fma32(Inf, 0, 1) = %v", v)
	}
}
