//go:build !noasm && !race

package kernels

import "github.com/klauspost/cpuid/v2"

// bestISA asks the processor. Levels are asked for whole, because feature flags are right where the model is masked.
func bestISA() isa {
	switch level := cpuid.CPU.X64Level(); {
	case level >= 4:
		return avx512
	case level == 3:
		return avx2
	}
	return portable
}
