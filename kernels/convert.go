package kernels

// Convert sets dst[i] to src[i] in dst's type, as NumPy's astype: floats are truncated toward zero and integers wrap
// around. A float that does not fit an integer type gives a value that depends on the processor.
func Convert[D, S Number](dst []D, src []S) {
	sameLen(len(dst), len(src))
	src = src[:len(dst)]
	for i := vectorConvert(dst, src); i < len(dst); i++ {
		dst[i] = D(src[i])
	}
}

// BoolTo sets dst[i] to 1 where mask[i], else to 0.
func BoolTo[D Number](dst []D, mask []bool) {
	sameLen(len(dst), len(mask))
	mask = mask[:len(dst)]
	for i := vectorConvert(dst, mask); i < len(dst); i++ {
		dst[i] = D(asBit(mask[i]))
	}
}

// ToBool sets dst[i] to whether x[i] is not zero; a NaN is not.
func ToBool[S Number](dst []bool, x []S) { NotEqualScalar(dst, x, 0) }
