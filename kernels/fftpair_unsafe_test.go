package kernels

import "unsafe"

// wordsOf is x itself, two words a pair.
func wordsOf[T Float](x []pair[T]) []T {
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(x))), 2*len(x))
}
