package kernels

import (
	"sync"

	"gonum.org/v1/gonum/blas"
)

// BLAS implements gonum's blas.Float64 and blas.Float32, all three levels, for its mat and lapack packages:
//
//	blas64.Use(kernels.BLAS{})
//	blas32.Use(kernels.BLAS{})
//
// Matrices are row-major. Arguments are checked as gonum checks them, and a bad one panics with gonum's text. Nothing
// here calls gonum's own implementation, and nothing starts a goroutine.
//
// Level 1 runs on the kernels of this package: sums in the order of [Sum], float32 sums in float64, rounded once. Only Ddot
// is summed as the products of level 2, in 16 lanes. Sums of at most twelve products are taken in turn, without a call of
// assembly, and so are the products of matrices of few elements with vectors that would have to be copied.
// Level 2 goes row by row, with fused multiply-adds. Vectors with an increment other than 1 are copied into scratch memory first.
// Level 3 is [Gemm] and recursions that halve a triangle until little but Gemm is left (Elmroth, Gustavson, Jonsson,
// Kågström, "Recursive blocked algorithms and hybrid data structures", SIAM Review 46, 2004).
//
// Results have the same bits on every instruction set.
type BLAS struct{}

var (
	_ blas.Float64 = BLAS{}
	_ blas.Float32 = BLAS{}
)

// The panics of gonum's blas interface.
const (
	zeroIncX = "blas: zero x index increment"
	zeroIncY = "blas: zero y index increment"

	mLT0  = "blas: m < 0"
	nLT0  = "blas: n < 0"
	kLT0  = "blas: k < 0"
	kLLT0 = "blas: kL < 0"
	kULT0 = "blas: kU < 0"

	badUplo      = "blas: illegal triangle"
	badTranspose = "blas: illegal transpose"
	badDiag      = "blas: illegal diagonal"
	badSide      = "blas: illegal side"
	badFlag      = "blas: illegal rotm flag"

	badLdA = "blas: bad leading dimension of A"
	badLdB = "blas: bad leading dimension of B"
	badLdC = "blas: bad leading dimension of C"

	shortX  = "blas: insufficient length of x"
	shortY  = "blas: insufficient length of y"
	shortAP = "blas: insufficient length of ap"
	shortA  = "blas: insufficient length of a"
	shortB  = "blas: insufficient length of b"
	shortC  = "blas: insufficient length of c"
)

// need panics with text unless ok.
func need(ok bool, text string) {
	if !ok {
		panic(text)
	}
}

func needUplo(ul blas.Uplo) { need(ul == blas.Upper || ul == blas.Lower, badUplo) }
func needDiag(d blas.Diag)  { need(d == blas.NonUnit || d == blas.Unit, badDiag) }
func needSide(s blas.Side)  { need(s == blas.Left || s == blas.Right, badSide) }

func needTrans(t blas.Transpose) {
	need(t == blas.NoTrans || t == blas.Trans || t == blas.ConjTrans, badTranspose)
}

// needVec panics unless a slice of the given length holds n elements inc apart.
func needVec(n, length, inc int, short string) {
	if inc < 0 {
		inc = -inc
	}
	need(length > (n-1)*inc, short)
}

// needMat panics unless a slice of the given length holds rows of n elements ld apart.
func needMat(rows, n, length, ld int, short string) { need(length >= ld*(rows-1)+n, short) }

// scratch is memory for packed blocks and for copies of vectors.
type scratch[T Float] struct{ buf []T }

var scratch32, scratch64 sync.Pool

func scratchOf[T Float]() *sync.Pool {
	if _, single := any(T(0)).(float32); single {
		return &scratch32
	}
	return &scratch64
}

// scratchMin keeps small requests from making the pool useless for large ones. Blocks of this size are page-aligned.
const scratchMin = 8192

// borrow returns n elements of any content; the caller gives them back by giveBack.
func borrow[T Float](n int) *scratch[T] {
	s, _ := scratchOf[T]().Get().(*scratch[T])
	if s == nil || cap(s.buf) < n {
		s = &scratch[T]{make([]T, max(n, scratchMin))}
	}
	s.buf = s.buf[:n]
	return s
}

func (s *scratch[T]) giveBack() { scratchOf[T]().Put(s) }

// stridedVec is a vector of BLAS: n elements inc apart; a negative increment counts from the end.
type stridedVec[T Float] struct {
	x      []T
	n, inc int
	at     int         // of element 0
	copied *scratch[T] // nil when flat is x itself
}

func vecOf[T Float](x []T, n, inc int) stridedVec[T] {
	v := stridedVec[T]{x: x, n: n, inc: inc}
	if inc < 0 {
		v.at = (1 - n) * inc
	}
	return v
}

// flat returns the elements side by side: x itself, or a copy until done or store.
func (v *stridedVec[T]) flat() []T {
	if v.inc == 1 {
		return v.x[:v.n]
	}
	v.copied = borrow[T](v.n)
	for i, at := 0, v.at; i < v.n; i, at = i+1, at+v.inc {
		v.copied.buf[i] = v.x[at]
	}
	return v.copied.buf
}

// scaled is flat times alpha.
func (v *stridedVec[T]) scaled(alpha T) []T {
	if alpha == 1 {
		return v.flat()
	}
	if v.copied == nil {
		v.copied = borrow[T](v.n)
	}
	for i, at := 0, v.at; i < v.n; i, at = i+1, at+v.inc {
		v.copied.buf[i] = alpha * v.x[at]
	}
	return v.copied.buf
}

// done gives the copy up.
func (v *stridedVec[T]) done() {
	if v.copied != nil {
		v.copied.giveBack()
		v.copied = nil
	}
}

// store writes the copy back.
func (v *stridedVec[T]) store() {
	if v.copied == nil {
		return
	}
	for i, at := 0, v.at; i < v.n; i, at = i+1, at+v.inc {
		v.x[at] = v.copied.buf[i]
	}
	v.done()
}
