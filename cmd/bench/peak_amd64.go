//go:build !noasm

package main

import (
	"golang.org/x/sys/cpu"

	"github.com/shmath/shmath/asm"
)

// fusedPeak returns a loop of fused multiply-adds in registers, as wide as the processor has them, how many float64
// operations a round is, and the name of the instruction set.
func fusedPeak() (loop func(rounds int), flops int, isa string) {
	switch {
	case cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ:
		return asm.PeakFMAAVX512, 24 * 8 * 2, "avx512"
	case cpu.X86.HasAVX2 && cpu.X86.HasFMA:
		return asm.PeakFMAAVX2, 12 * 4 * 2, "avx2"
	}
	return plainPeak()
}
