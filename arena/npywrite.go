package arena

import "strconv"

// npyHeaderMax bounds the header of any array of this package: 8 dimensions of 20 digits.
const npyHeaderMax = 320

const (
	npyMagic   = "\x93NUMPY"
	npyPadding = "                                                                " // a granule of spaces
)

// appendHeader appends the .npy header, version 1.0, of an array of type d, padded so that the data that follow begin
// at a multiple of 64 from where the header does. Format: NumPy's numpy/lib/_format_impl.py (NEP 1).
func appendHeader(dst []byte, d DType, shape []int) []byte {
	start := len(dst)
	dst = append(dst, npyMagic+"\x01\x00\x00\x00{'descr': '"...)
	dst = append(dst, d.Descr()...)
	dst = append(dst, "', 'fortran_order': False, 'shape': ("...)
	for i, n := range shape {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = strconv.AppendInt(dst, int64(n), 10)
		if i < len(shape)-1 || len(shape) == 1 {
			dst = append(dst, ',')
		}
	}
	dst = append(dst, "), }"...)
	pad := -(len(dst) - start + 1) & (granule - 1)
	dst = append(dst, npyPadding[:pad]...)
	dst = append(dst, '\n')
	size := len(dst) - start - 10
	dst[start+8], dst[start+9] = byte(size), byte(size>>8)
	return dst
}
