//go:build !amd64 || noasm || race

package kernels

// radix4 leaves the pass to the portable body.
func radix4(p *fftPass, to, from []complex128) bool { return false }
