package kernels

import "math"

// placeChunk is the number of places drawn at once.
const placeChunk = 2048

// Bootstrap sets dst[i] to the sum, added from the left, of horizon elements of src drawn with replacement: the
// elements src[floor(u*len(src))] for u = U((first+i)*horizon + j), j < horizon, where U(m) is element m of the
// float64 uniform numbers of key. The places are those of NumPy's
//
//	(Generator(Philox(key=key)).random((paths, horizon)) * len(src)).astype(int64)
//
// so a range of paths may be computed anywhere. It panics when horizon is negative or there are more than 2^63-1 draws, or when src is empty and there is
// something to draw.
func Bootstrap[T Float](dst []T, src []T, key [2]uint64, first uint64, horizon int) {
	if horizon < 0 {
		panic(panicHorizon)
	}
	if horizon == 0 || len(dst) == 0 {
		Fill(dst, 0)
		return
	}
	if len(src) == 0 {
		panic(panicEmpty)
	}
	if horizon > math.MaxInt/len(dst) {
		panic(panicHorizon)
	}
	k := newPhiloxKeys(key)
	var words [placeChunk]uint64
	scale := float64(len(src)) * 0x1p-53
	at := first * uint64(horizon)
	// Whole paths where a chunk holds them, so that a path's loop is free of tests.
	chunk := placeChunk
	if horizon < placeChunk {
		chunk -= placeChunk % horizon
	}
	i, left, sum := 0, horizon, T(0)
	for todo := len(dst) * horizon; todo > 0; {
		w := words[:min(todo, chunk)]
		k.fill(w, at)
		at, todo = at+uint64(len(w)), todo-len(w)
		for i := vectorPlaces(w, scale); i < len(w); i++ {
			w[i] = uint64(int64(float64(int64(w[i]>>11)) * scale))
		}
		for len(w) > 0 {
			n := min(left, len(w))
			for _, v := range w[:n] {
				sum += src[v]
			}
			w = w[n:]
			if left -= n; left == 0 {
				dst[i] = sum
				i, left, sum = i+1, horizon, 0
			}
		}
	}
}
