package kernels

// Package expr, and others that run several kernels over one tile after the other, know what comes next, and whether the
// results fit a cache.

// StreamFrom returns how many bytes a loop may touch before its results had better go past the caches: those of the last
// level.
func StreamFrom() int { return streamThreshold() }

// Stream copies src to the front of dst by stores that pass by the caches, where the machine has such; dst is not src. Before
// others may read dst, StreamEnd must be called.
func Stream[T Float](dst, src []T) {
	if len(dst) < len(src) {
		panic("kernels: Stream to a slice that is too short")
	}
	dst = dst[:len(src)]
	i := streamCopy(dst, src)
	copy(dst[i:], src[i:])
}

// StreamEnd makes all stores of Stream by this goroutine visible before those that follow it.
func StreamEnd() { streamEnd() }

// Fetch asks for the elements of x, which are needed soon.
func Fetch[T Number](x []T) {
	if len(x) > 0 {
		fetch(x)
	}
}
