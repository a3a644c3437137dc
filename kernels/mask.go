package kernels

import (
	"bytes"
	"encoding/binary"
	"math"
)

// And sets dst[i] = a[i] && b[i].
func And(dst, a, b []bool) {
	combine(dst, a, b, func(a, b uint64) uint64 { return a & b })
}

// Or sets dst[i] = a[i] || b[i].
func Or(dst, a, b []bool) {
	combine(dst, a, b, func(a, b uint64) uint64 { return a | b })
}

// Xor sets dst[i] = a[i] != b[i].
func Xor(dst, a, b []bool) {
	combine(dst, a, b, func(a, b uint64) uint64 { return a ^ b })
}

// combine sets dst to op of the bytes of a and b, eight at a time.
func combine(dst, a, b []bool, op func(a, b uint64) uint64) {
	sameLen3(len(dst), len(a), len(b))
	d, p, q := maskBytes(dst), maskBytes(a), maskBytes(b)
	for ; len(d) >= 8 && len(p) >= 8 && len(q) >= 8; d, p, q = d[8:], p[8:], q[8:] {
		binary.LittleEndian.PutUint64(d, op(binary.LittleEndian.Uint64(p), binary.LittleEndian.Uint64(q)))
	}
	for i := range d {
		d[i] = byte(op(uint64(p[i]), uint64(q[i])))
	}
}

// Not sets dst[i] = !a[i].
func Not(dst, a []bool) {
	sameLen(len(dst), len(a))
	a = a[:len(dst)]
	for i := range dst {
		dst[i] = !a[i]
	}
}

// Count returns how many elements of mask are true.
func Count(mask []bool) int {
	n, looked := vectorCount(mask)
	for _, m := range mask[looked:] {
		n += int(asBit(m))
	}
	return n
}

// Any reports whether an element of mask is true; false for an empty mask.
func Any(mask []bool) bool {
	return bytes.IndexByte(maskBytes(mask), 1) >= 0
}

// All reports whether every element of mask is true; true for an empty mask.
func All(mask []bool) bool {
	return bytes.IndexByte(maskBytes(mask), 0) < 0
}

// Select sets dst[i] to x[i] where mask[i], else to y[i]: NumPy's where.
func Select[T Number](dst []T, mask []bool, x, y []T) {
	sameLen3(len(dst), len(x), len(y))
	sameLen(len(dst), len(mask))
	i := vectorSelect(dst, mask, x, y)
	dst, mask, x, y = dst[i:], mask[i:], x[i:], y[i:]
	if d, ok := any(dst).([]float64); ok {
		selectBits(d, mask, any(x).([]float64), any(y).([]float64))
		return
	}
	mask, x, y = mask[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i := range dst {
		v := y[i]
		if mask[i] {
			v = x[i]
		}
		dst[i] = v
	}
}

// selectBits is Select without a branch that a random mask would mispredict.
func selectBits(dst []float64, mask []bool, x, y []float64) {
	mask, x, y = mask[:len(dst)], x[:len(dst)], y[:len(dst)]
	for i := range dst {
		a, b := math.Float64bits(x[i]), math.Float64bits(y[i])
		dst[i] = math.Float64frombits(b ^ (a^b)&-uint64(asBit(mask[i])))
	}
}

// Compress copies the elements of x where mask is true to the front of dst, in order, and returns how many there are;
// those of dst behind them may be overwritten too. It panics when dst is shorter than that; dst may be x.
func Compress[T Number](dst []T, mask []bool, x []T) int {
	sameLen(len(mask), len(x))
	x = x[:len(mask)]
	from, n := vectorCompress(dst, mask, x)
	for i, m := range mask[from:] {
		if n >= len(dst) {
			if Any(mask[from+i:]) {
				panic(panicShort)
			}
			break
		}
		dst[n] = x[from+i] // also where the mask is false: no branch to mispredict
		n += int(asBit(m))
	}
	return n
}

// asBit is 1 for true: the compiler makes it a plain load.
func asBit(b bool) uint8 {
	var v uint8
	if b {
		v = 1
	}
	return v
}
