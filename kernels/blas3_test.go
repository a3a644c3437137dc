package kernels

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/blas"
	gonum "gonum.org/v1/gonum/blas/gonum"
)

var (
	transposes = []blas.Transpose{blas.NoTrans, blas.Trans}
	triangles  = []blas.Uplo{blas.Upper, blas.Lower}
	diagonals  = []blas.Diag{blas.NonUnit, blas.Unit}
	sides      = []blas.Side{blas.Left, blas.Right}

	level3Orders = []int{0, 1, 2, 3, 7, 8, 9, 16, 17, 31, 48, 49, 97, 110}
)

// close says whether two results of sums of k products of numbers near 1 agree.
func closeTo[T Float](got, want T, k int) bool {
	eps := 0x1p-52
	if _, single := any(got).(float32); single {
		eps = 0x1p-23
	}
	return math.Abs(float64(got)-float64(want)) <= eps*float64(20+4*k)
}

// halfOf returns a random triangle: what is not of it is NaN, so that a routine that reads it is found out. The diagonal
// is large enough for solving to be tame; of a unit triangle it is NaN as well.
func halfOf[T Float](n int, ul blas.Uplo, d blas.Diag) *fenced[T] {
	r := newRand(uint64(n))
	return newFenced[T](n, n, 3, func(i, j int) float64 {
		v := r.NormFloat64() / float64(n+1)
		switch {
		case i == j && d == blas.Unit, i < j && ul == blas.Lower, i > j && ul == blas.Upper:
			return nan
		case i == j:
			return 1.5 + v
		}
		return v
	})
}

// whole returns the elements of op(A) of a triangle.
func whole[T Float](a *fenced[T], ul blas.Uplo, t blas.Transpose, d blas.Diag) func(i, j int) T {
	return func(i, j int) T {
		if t != blas.NoTrans {
			i, j = j, i
		}
		switch {
		case i == j && d == blas.Unit:
			return 1
		case i < j && ul == blas.Lower, i > j && ul == blas.Upper:
			return 0
		}
		return a.at(i, j)
	}
}

func symmetricOf[T Float](a *fenced[T], ul blas.Uplo) func(i, j int) T {
	return func(i, j int) T {
		if (i < j) == (ul == blas.Lower) {
			i, j = j, i
		}
		return a.at(i, j)
	}
}

func normalMatrix[T Float](m, n int) *fenced[T] {
	r := newRand(uint64(m*311 + n))
	return newFenced[T](m, n, 4, func(i, j int) float64 { return r.NormFloat64() })
}

func TestLevel3_AgreesWithItsDefinition(t *testing.T) {
	forEachTile(t, func(t *testing.T) {
		t.Run("type=float64", testLevel3[float64])
		t.Run("type=float32", testLevel3[float32])
	})
}

func testLevel3[T Float](t *testing.T) {
	for i, order := range level3Orders {
		rest := level3Orders[(i*7+5)%len(level3Orders)]
		for _, ul := range triangles {
			for _, tr := range transposes {
				syrkCase[T](t, ul, tr, order, rest)
				for _, d := range diagonals {
					for _, s := range sides {
						triangularCase[T](t, s, ul, tr, d, order, rest)
					}
				}
			}
			for _, s := range sides {
				symmCase[T](t, s, ul, order, rest)
			}
		}
	}
}

// sidedMeaning is alpha*A*B + beta*C, or alpha*B*A + beta*C.
func sidedMeaning[T Float](s blas.Side, m, n, k int, alpha T, a, b func(i, j int) T, beta T, c func(i, j int) T) func(i, j int) T {
	if s == blas.Right {
		a, b = b, a
	}
	return gemmMeaning(m, n, k, alpha, a, b, beta, c)
}

// triangularCase multiplies, compares with the definition, divides again, and compares with where it began.
func triangularCase[T Float](t *testing.T, s blas.Side, ul blas.Uplo, tr blas.Transpose, d blas.Diag, order, rest int) {
	t.Helper()
	m, n := order, rest
	if s == blas.Right {
		m, n = rest, order
	}
	a, b := halfOf[T](order, ul, d), normalMatrix[T](m, n)
	before := b.clone()
	op := whole(a, ul, tr, d)
	want := sidedMeaning(s, m, n, order, 2, op, before.at, 0, nil)
	what := fmt.Sprintf("%c %c %c %c order=%d rest=%d", s, ul, tr, d, order, rest)
	blasTrmm(s, ul, tr, d, m, n, 2, a.data(), a.ld, b.data(), b.ld)
	b.check(t, "trmm "+what, func(i, j int, got T) bool { return closeTo(got, want(i, j), order) })
	blasTrsm(s, ul, tr, d, m, n, 0.5, a.data(), a.ld, b.data(), b.ld)
	b.check(t, "trsm "+what, func(i, j int, got T) bool { return closeTo(got, before.at(i, j), 4*order) })
}

func symmCase[T Float](t *testing.T, s blas.Side, ul blas.Uplo, order, rest int) {
	t.Helper()
	m, n := order, rest
	if s == blas.Right {
		m, n = rest, order
	}
	a, b, c := halfOf[T](order, ul, blas.NonUnit), normalMatrix[T](m, n), normalMatrix[T](m, n)
	before := c.clone()
	want := sidedMeaning(s, m, n, order, 0.5, symmetricOf(a, ul), b.at, -2, before.at)
	blasSymm(s, ul, m, n, 0.5, a.data(), a.ld, b.data(), b.ld, -2, c.data(), c.ld)
	c.check(t, fmt.Sprintf("symm %c %c order=%d rest=%d", s, ul, order, rest),
		func(i, j int, got T) bool { return closeTo(got, want(i, j), order) })
}

// syrkCase wants the very bits of Gemm in one triangle, and the other one untouched.
func syrkCase[T Float](t *testing.T, ul blas.Uplo, tr blas.Transpose, n, k int) {
	t.Helper()
	rows, cols := stored(tr, n, k)
	a, b, c := normalMatrix[T](rows, cols), normalMatrix[T](rows, cols+1), normalMatrix[T](n, n)
	b.cols = cols
	view := func(f *fenced[T], i, j int) T {
		if tr != blas.NoTrans {
			i, j = j, i
		}
		return f.at(i, j)
	}
	va := func(i, j int) T { return view(a, i, j) }
	vb := func(i, j int) T { return view(b, i, j) }
	turned := func(f func(i, j int) T) func(i, j int) T { return func(i, j int) T { return f(j, i) } }
	ours := func(i, j int) bool { return i == j || (i < j) == (ul == blas.Upper) }
	what := fmt.Sprintf("%c %c n=%d k=%d", ul, tr, n, k)

	before := c.clone()
	want := gemmMeaning(n, n, k, 0.5, va, turned(va), -2, before.at)
	blasSyrk(ul, tr, n, k, 0.5, a.data(), a.ld, -2, c.data(), c.ld)
	c.check(t, "syrk "+what, func(i, j int, got T) bool {
		return ours(i, j) && got == want(i, j) || !ours(i, j) && got == before.at(i, j)
	})

	before = c.clone()
	first := gemmMeaning(n, n, k, 1, va, turned(vb), 3, before.at)
	want = gemmMeaning(n, n, k, 1, vb, turned(va), 1, first)
	blasSyr2k(ul, tr, n, k, 1, a.data(), a.ld, b.data(), b.ld, 3, c.data(), c.ld)
	c.check(t, "syr2k "+what, func(i, j int, got T) bool {
		return ours(i, j) && got == want(i, j) || !ours(i, j) && got == before.at(i, j)
	})
}

// TestLevel3_NamesTheFirstBadArgument: with several bad ones it is the one that gonum names.
func TestLevel3_NamesTheFirstBadArgument(t *testing.T) {
	named := func(b blas.Float64Level3, call func(b blas.Float64Level3)) (text any) {
		defer func() { text = recover() }()
		call(b)
		return nil
	}
	for name, call := range map[string]func(b blas.Float64Level3){
		"Dgemm":  func(b blas.Float64Level3) { b.Dgemm(blas.NoTrans, blas.NoTrans, 2, 2, 2, 1, nil, 1, nil, 1, 0, nil, 1) },
		"Dsymm":  func(b blas.Float64Level3) { b.Dsymm(blas.Left, blas.Upper, 2, 2, 1, nil, 1, nil, 1, 0, nil, 1) },
		"Dsymm2": func(b blas.Float64Level3) { b.Dsymm(blas.Left, blas.Upper, 2, 2, 1, nil, 2, nil, 1, 0, nil, 1) },
		"Dsyrk":  func(b blas.Float64Level3) { b.Dsyrk(blas.Upper, blas.NoTrans, 2, 2, 1, nil, 1, 0, nil, 1) },
		"Dsyr2k": func(b blas.Float64Level3) { b.Dsyr2k(blas.Upper, blas.NoTrans, 2, 2, 1, nil, 1, nil, 1, 0, nil, 1) },
		"Dtrmm": func(b blas.Float64Level3) {
			b.Dtrmm(blas.Left, blas.Upper, blas.NoTrans, blas.Unit, 2, 2, 1, nil, 1, nil, 1)
		},
		"Dtrsm": func(b blas.Float64Level3) {
			b.Dtrsm(blas.Left, blas.Upper, blas.NoTrans, blas.Unit, 2, 2, 1, nil, 1, nil, 1)
		},
	} {
		got, want := named(BLAS{}, call), named(gonum.Implementation{}, call)
		if got != want || want == nil {
			t.Errorf("%s: panic %q, want gonum's %q", name, got, want)
		}
	}
}
