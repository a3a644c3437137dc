//go:build amd64 && !noasm && !race

package kernels

import (
	"unsafe"

	"github.com/shmath/shmath/asm"
)

// tilesOf chooses the body for tiles of dst, whose rows are ldd elements apart.
func tilesOf[T Number](dst []T, ldd int) turnTile[T] {
	var v T
	size := int(unsafe.Sizeof(v))
	if active < avx512 || size < 4 {
		return turnPortable[T]
	}
	stream := len(dst)*size >= streamBytes && ldd*size%64 == 0 && uintptr(unsafe.Pointer(&dst[0]))%64 == 0
	body := func(dst []T, ldd int, src []T, lds, rows, cols int) {
		switch {
		case size == 8 && stream:
			asm.TransposeStream64AVX512(words[uint64](dst), ldd, words[uint64](src), lds, rows, cols)
		case size == 8:
			asm.Transpose64AVX512(words[uint64](dst), ldd, words[uint64](src), lds, rows, cols)
		case stream:
			asm.TransposeStream32AVX512(words[uint32](dst), ldd, words[uint32](src), lds, rows, cols)
		default:
			asm.Transpose32AVX512(words[uint32](dst), ldd, words[uint32](src), lds, rows, cols)
		}
	}
	return func(dst []T, ldd int, src []T, lds, rows, cols int) {
		turnWhole(body, 64/size, dst, ldd, src, lds, rows, cols)
	}
}

// words is the first element of x as a word of its size.
func words[W uint32 | uint64, T Number](x []T) *W { return (*W)(unsafe.Pointer(&x[0])) }
