// Command cblas gives kernels.BLAS the C interface that netlib's tester of CBLAS calls, as a static library. run.sh builds
// both and runs them.
//
// Row-major calls go straight to kernels.BLAS. Column-major ones are calls with the transposes: dimensions, sides and
// triangles change places, as in netlib's own CBLAS for the other order. The values of enumerations are checked here, all
// other arguments by kernels.BLAS, whose panic becomes the number of the argument.
package main

// #include <stdint.h>
// #include <stdlib.h>
// void report(int32_t info, const char *routine);
import "C"

import (
	"fmt"
	"strings"
	"unsafe"

	"gonum.org/v1/gonum/blas"
)

func main() {}

// The enumerations of cblas.h.
const (
	rowMajor, colMajor        = 101, 102
	noTrans, trans, conjTrans = 111, 112, 113
	upper, lower              = 121, 122
	nonUnit, unit             = 131, 132
	left, right               = 141, 142
)

// badArgument is a panic: the name of an argument in the call's list.
type badArgument string

// arguments are the names of what kernels.BLAS finds fault with.
var arguments = map[string]badArgument{
	"blas: m < 0": "m", "blas: n < 0": "n", "blas: k < 0": "k", "blas: kL < 0": "kl", "blas: kU < 0": "ku",
	"blas: bad leading dimension of A": "lda", "blas: bad leading dimension of B": "ldb", "blas: bad leading dimension of C": "ldc",
	"blas: zero x index increment": "incx", "blas: zero y index increment": "incy",
}

// call is a call of C: the routine, its arguments by name, and the pairs that a column-major call exchanges.
type call struct {
	routine, names string
	exchanged      []string
	columns        bool
}

func (c *call) order(layout int32) *call {
	switch layout {
	case rowMajor:
	case colMajor:
		c.columns = true
	default:
		panic(badArgument("layout"))
	}
	return c
}

// done, deferred, reports a panic about an argument.
func (c *call) done() {
	fault := recover()
	if fault == nil {
		return
	}
	name, own := fault.(badArgument)
	if text, ok := fault.(string); ok {
		name = arguments[text]
	}
	if c.columns && !own {
		for i := 0; i < len(c.exchanged); i++ {
			if string(name) == c.exchanged[i] {
				name = badArgument(c.exchanged[i^1])
				break
			}
		}
	}
	for i, n := range strings.Fields(c.names) {
		if n == string(name) {
			routine := C.CString("cblas_" + c.routine)
			C.report(C.int32_t(i+1), routine)
			C.free(unsafe.Pointer(routine))
			return
		}
	}
	panic(fmt.Sprintf("cblas_%s: %v", c.routine, fault))
}

// transpose is what to do with a matrix, or, when flip, with its transpose.
func transpose(t int32, flip bool, name badArgument) blas.Transpose {
	switch {
	case t == noTrans && !flip, (t == trans || t == conjTrans) && flip:
		return blas.NoTrans
	case t == noTrans, t == trans:
		return blas.Trans
	case t == conjTrans:
		return blas.ConjTrans
	}
	panic(name)
}

func triangle(t int32, flip bool) blas.Uplo {
	switch {
	case t != upper && t != lower:
		panic(badArgument("uplo"))
	case (t == upper) != flip:
		return blas.Upper
	}
	return blas.Lower
}

func side(s int32, flip bool) blas.Side {
	switch {
	case s != left && s != right:
		panic(badArgument("side"))
	case (s == left) != flip:
		return blas.Left
	}
	return blas.Right
}

func diagonal(d int32) blas.Diag {
	switch d {
	case unit:
		return blas.Unit
	case nonUnit:
		return blas.NonUnit
	}
	panic(badArgument("diag"))
}

// vec is the memory of a vector of BLAS, mat that of a row-major matrix: exactly what the interface says is there.
func vec[T any](p *T, n, inc int32) []T {
	if n <= 0 {
		return nil
	}
	return unsafe.Slice(p, int(n-1)*int(max(inc, -inc))+1)
}

func mat[T any](p *T, rows, cols, ld int32) []T {
	if rows <= 0 || cols < 0 || ld < cols {
		return nil
	}
	return unsafe.Slice(p, int(rows-1)*int(ld)+int(cols))
}

func packed[T any](p *T, n int32) []T { return unsafe.Slice(p, int(max(0, n))*int(max(0, n)+1)/2) }
