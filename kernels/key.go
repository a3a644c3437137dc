package kernels

import "math"

// Key64 maps a float64 to an unsigned integer of the same order: -Inf < negative < -0 < +0 < positive < +Inf < NaN.
// Every NaN maps to the greatest key.
func Key64(v float64) uint64 {
	if v != v {
		return math.MaxUint64
	}
	b := math.Float64bits(v)
	return b ^ (uint64(int64(b)>>63) | 1<<63)
}

// FromKey64 is the inverse of Key64; the greatest key gives NaN.
func FromKey64(k uint64) float64 {
	if k == math.MaxUint64 {
		return math.NaN()
	}
	return math.Float64frombits(k ^ (uint64(int64(^k)>>63) | 1<<63))
}

// Key32 is Key64 for float32.
func Key32(v float32) uint32 {
	if v != v {
		return math.MaxUint32
	}
	b := math.Float32bits(v)
	return b ^ (uint32(int32(b)>>31) | 1<<31)
}

// FromKey32 is the inverse of Key32; the greatest key gives NaN.
func FromKey32(k uint32) float32 {
	if k == math.MaxUint32 {
		return float32(math.NaN())
	}
	return math.Float32frombits(k ^ (uint32(int32(^k)>>31) | 1<<31))
}

// RadixCount adds to counts, for those elements of x whose key starts with the prefixBits bits of prefix, the
// histogram of the next 11 bits of the key, or of the bits that are left when those are fewer. The key is Key64 for
// float64 and Key32 for float32; prefix is right-aligned. It panics unless 0 <= prefixBits < the bits of the key.
//
// An exact selection of rank k takes six such passes for float64 and three for float32, each of which may be split
// among workers whose counts are added: after each pass the bucket that holds rank k extends the prefix.
func RadixCount[T Float](counts *[2048]uint64, x []T, prefix uint64, prefixBits int) {
	switch x := any(x).(type) {
	case []float64:
		if s := &sortersF64[active]; s.between != nil && prefixBits > 0 && prefixBits < 64 {
			shift := 64 - prefixBits
			lo, hi := FromKey64(prefix<<shift), FromKey64((prefix+1)<<shift-1)
			s.near(x, lo, hi, func(near []float64) { radixCount64(counts, near, prefix, prefixBits) })
			return
		}
		radixCount64(counts, x, prefix, prefixBits)
	case []float32:
		if s := &sortersF32[active]; s.between != nil && prefixBits > 0 && prefixBits < 32 {
			shift := 32 - prefixBits
			lo, hi := FromKey32(uint32(prefix)<<shift), FromKey32(uint32(prefix+1)<<shift-1)
			s.near(x, lo, hi, func(near []float32) { radixCount32(counts, near, prefix, prefixBits) })
			return
		}
		radixCount32(counts, x, prefix, prefixBits)
	}
}

// radixCount64 is RadixCount for float64.
func radixCount64(counts *[2048]uint64, x []float64, prefix uint64, prefixBits int) {
	if uint(prefixBits) >= 64 {
		panic(panicPrefix)
	}
	n := min(11, 64-prefixBits)
	shift, mask := uint(64-prefixBits-n), uint64(1)<<n-1
	for _, v := range x {
		k := Key64(v) >> (shift & 63)
		if k>>(uint(n)&63) == prefix {
			counts[k&mask&2047]++
		}
	}
}

// radixCount32 is RadixCount for float32.
func radixCount32(counts *[2048]uint64, x []float32, prefix uint64, prefixBits int) {
	if uint(prefixBits) >= 32 {
		panic(panicPrefix)
	}
	n := min(11, 32-prefixBits)
	shift, mask := uint(32-prefixBits-n), uint64(1)<<n-1
	for _, v := range x {
		k := uint64(Key32(v)) >> (shift & 63)
		if k>>(uint(n)&63) == prefix {
			counts[k&mask&2047]++
		}
	}
}
