//go:build amd64 && !noasm && !race

package kernels

import (
	"math"
	"unsafe"

	"github.com/klauspost/cpuid/v2"

	"github.com/shmath/shmath/asm"
)

// streamFrom is how many bytes a kernel out of place may touch before its results go past the caches: those of the last
// level. A store that misses reads its line first, in an addition one transfer of four.
var streamFrom = lastCache()

func lastCache() int {
	if l3 := cpuid.CPU.Cache.L3; l3 > 0 {
		return l3
	}
	return 32 << 20
}

// streamBlock is the number of elements that are made in the first cache before they go past the others.
const streamBlock = 256

// streamLimit is streamFrom for the operations that come before functions in their list, whose time is that of memory;
// functions gain nothing.
func streamLimit(op, functions vectorOp) int {
	if op < functions {
		return streamFrom
	}
	return math.MaxInt
}

// streamed reports whether the results of a kernel that touches n elements in all, and reads x, go past the caches.
func streamed[T any](limit, n int, dst, x []T) bool {
	return n*int(unsafe.Sizeof(dst[0])) > limit && &dst[0] != &x[0]
}

// stream sets dst past the caches from the front and returns how many. into sets to, whose length is that of whole lines,
// to the results from element i on. While the lines of a block leave, those of x and y that the next one needs are
// fetched. No input is dst.
func stream[T Number](dst, x, y []T, into func(to []T, i int)) int {
	const line = 64
	size := int(unsafe.Sizeof(dst[0]))
	per := line / size
	if len(dst) < per {
		return 0
	}
	skip := func(x *T) int { return (line - int(uintptr(unsafe.Pointer(x))%line)) % line / size }
	var room [streamBlock + line/4]T
	block := room[skip(first(room[:])):][:streamBlock]
	// The first elements by plain stores, then whole lines, which may set some of those again.
	into(block[:per], 0)
	copy(dst, block[:per])
	i := skip(first(dst))
	for len(dst)-i >= per {
		n := min(len(dst)-i, streamBlock) &^ (per - 1)
		into(block[:n], i)
		if next := i + n; next < len(x) {
			streamLines(dst[i:], block[:n], x[next:], y[next:])
		} else {
			streamLines(dst[i:], block[:n], block, block)
		}
		i += n
	}
	asm.StreamFence()
	return i
}

// streamLines copies whole lines to the front of dst, which starts at one, and fetches as many of x and y.
func streamLines[T Number](dst, lines, x, y []T) {
	n := len(lines) * int(unsafe.Sizeof(dst[0])) / 64
	to, from := (*float64)(unsafe.Pointer(first(dst))), (*float64)(unsafe.Pointer(first(lines)))
	if active == avx2 {
		asm.StreamLinesAVX2(to, from, (*float64)(unsafe.Pointer(first(x))), (*float64)(unsafe.Pointer(first(y))), n)
	} else {
		asm.StreamLinesAVX512(to, from, (*float64)(unsafe.Pointer(first(x))), (*float64)(unsafe.Pointer(first(y))), n)
	}
}

// vectorFill sets a large dst to a from the front and returns how many.
func vectorFill[T Number](dst []T, a T) int {
	if size := elementSize(dst); size < 4 {
		return 0
	}
	return fillStream(dst, a)
}

func fillStream[T Number](dst []T, a T) int {
	if active == portable || len(dst)*elementSize(dst) <= streamFrom {
		return 0
	}
	filled := 0
	return stream(dst, nil, nil, func(to []T, _ int) {
		for ; filled < len(to); filled++ {
			to[filled] = a
		}
	})
}
