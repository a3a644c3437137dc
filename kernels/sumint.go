package kernels

// SumInt returns the sum of x in 64-bit two's complement: it wraps around, and is the same in any order. As NumPy's sum, it
// adds shorter integers up in 64 bits.
func SumInt[T Integer](x []T) int64 {
	a, i := vectorSumInt(x)
	var b, c, d int64
	for ; i+4 <= len(x); i += 4 {
		p := x[i : i+4 : i+4]
		a += int64(p[0])
		b += int64(p[1])
		c += int64(p[2])
		d += int64(p[3])
	}
	for ; i < len(x); i++ {
		a += int64(x[i])
	}
	return a + b + c + d
}

// DotInt returns the sum of x[i]*y[i] in 64-bit two's complement, products included: it wraps around, and is the same in any
// order. NumPy's dot of int32 is the lower half of it.
func DotInt[T Integer](x, y []T) int64 {
	sameLen(len(x), len(y))
	y = y[:len(x)]
	a, i := vectorDotInt(x, y)
	for ; i < len(x); i++ {
		a += int64(x[i]) * int64(y[i])
	}
	return a
}

// ProdInt returns the product of x in 64-bit two's complement: it wraps around, and is the same in any order. It is 1 for an
// empty slice.
func ProdInt[T Integer](x []T) int64 {
	a, b, c, d := int64(1), int64(1), int64(1), int64(1)
	i := 0
	for ; i+4 <= len(x); i += 4 {
		p := x[i : i+4 : i+4]
		a *= int64(p[0])
		b *= int64(p[1])
		c *= int64(p[2])
		d *= int64(p[3])
	}
	for ; i < len(x); i++ {
		a *= int64(x[i])
	}
	return a * b * (c * d)
}

// CountNonzero returns how many elements of x are not zero; a NaN is not.
func CountNonzero[T Number](x []T) int {
	var mask [part]bool
	n := 0
	for len(x) > 0 {
		m := mask[:min(len(x), part)]
		ToBool(m, x[:len(m)])
		n += Count(m)
		x = x[len(m):]
	}
	return n
}
