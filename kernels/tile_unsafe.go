//go:build amd64 && !noasm && !race

package kernels

import (
	"math"
	"unsafe"

	"github.com/shmath/shmath/asm"
)

func streamThreshold() int {
	if active == portable {
		return math.MaxInt
	}
	return streamFrom
}

// streamCopy copies whole lines of dst, and what lies before the first, and returns how many elements.
func streamCopy[T Float](dst, src []T) int {
	const line = 64
	size := int(unsafe.Sizeof(dst[0]))
	if active == portable || len(dst)*size < 2*line {
		return 0
	}
	skip := (line - int(uintptr(unsafe.Pointer(first(dst)))%line)) % line / size
	copy(dst[:skip], src)
	n := (len(dst) - skip) &^ (line/size - 1)
	streamLines(dst[skip:], src[skip:skip+n], src[skip:], src[skip:])
	return skip + n
}

func streamEnd() {
	if active != portable {
		asm.StreamFence()
	}
}

func fetch[T Number](x []T) {
	if active != portable {
		asm.Fetch((*float64)(unsafe.Pointer(first(x))), (len(x)*int(unsafe.Sizeof(x[0]))+63)/64)
	}
}
