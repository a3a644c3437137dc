//go:build !amd64 || noasm || race

package kernels

// bestISA is portable where there is no assembly, and under the race detector, which sees into Go alone.
func bestISA() isa { return portable }
