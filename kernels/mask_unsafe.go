package kernels

import "unsafe"

// maskBytes is mask as bytes, 0 or 1: how every compiler of Go stores a bool.
func maskBytes(mask []bool) []byte {
	if len(mask) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&mask[0])), len(mask))
}
