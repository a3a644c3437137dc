//go:build !noasm

package main

import (
	"github.com/shmath/shmath/asm"
	"github.com/shmath/shmath/kernels"
)

// streamLoops are as wide as the processor has registers.
func streamLoops() []streamLoop {
	all := plainLoops()
	read := func(loop func(x *float64, n int)) func(d, x, y []float64) {
		return pieces(func(_, x, _ *float64, _ float64, n int) { loop(x, n) })
	}
	switch kernels.InstructionSet() {
	case "avx512":
		all[0].near, all[0].far = read(asm.StreamReadAVX512), read(asm.StreamReadMemoryAVX512)
		all[1].near, all[1].far = pieces(asm.StreamWriteAVX512), pieces(asm.StreamWriteMemoryAVX512)
		all[2].near, all[2].far = pieces(asm.StreamCopyAVX512), pieces(asm.StreamCopyMemoryAVX512)
		all[3].near, all[3].far = pieces(asm.StreamScaleAVX512), pieces(asm.StreamScaleMemoryAVX512)
		all[4].near, all[4].far = pieces(asm.StreamAddAVX512), pieces(asm.StreamAddMemoryAVX512)
		all[5].near, all[5].far = pieces(asm.StreamTriadAVX512), pieces(asm.StreamTriadMemoryAVX512)
	case "avx2":
		all[0].near, all[0].far = read(asm.StreamReadAVX2), read(asm.StreamReadMemoryAVX2)
		all[1].near, all[1].far = pieces(asm.StreamWriteAVX2), pieces(asm.StreamWriteMemoryAVX2)
		all[2].near, all[2].far = pieces(asm.StreamCopyAVX2), pieces(asm.StreamCopyMemoryAVX2)
		all[3].near, all[3].far = pieces(asm.StreamScaleAVX2), pieces(asm.StreamScaleMemoryAVX2)
		all[4].near, all[4].far = pieces(asm.StreamAddAVX2), pieces(asm.StreamAddMemoryAVX2)
		all[5].near, all[5].far = pieces(asm.StreamTriadAVX2), pieces(asm.StreamTriadMemoryAVX2)
	}
	return all
}

// peakLoops are those of every instruction set that may be used.
func peakLoops(elem string) []peak {
	rounds := func(isa string, bytes, sums int, f64, f32 func(n int)) peak {
		if elem == "float32" {
			return peak{isa, sums * bytes / 4 * 2, f32}
		}
		return peak{isa, sums * bytes / 8 * 2, f64}
	}
	var all []peak
	switch kernels.InstructionSet() {
	case "avx512":
		all = append(all, rounds("avx512", 64, 16, asm.PeakFMAF64AVX512, asm.PeakFMAF32AVX512))
		fallthrough
	case "avx2":
		all = append(all, rounds("avx2", 32, 12, asm.PeakFMAF64AVX2, asm.PeakFMAF32AVX2))
	}
	loop, flops, isa := plainPeak()
	return append(all, peak{isa, flops, loop})
}

// fusedPeak is the loop of the widest registers for float64, how many operations a round is, and the name of the
// instruction set.
func fusedPeak() (loop func(rounds int), flops int, isa string) {
	p := peakLoops("float64")[0]
	return p.loop, p.flops, p.isa
}

// vectorUnits are those of the instruction set in use.
func vectorUnits() units {
	switch kernels.InstructionSet() {
	case "avx512":
		return units{asm.PeakFMAF64AVX512, asm.PeakDivideF64AVX512, asm.PeakSqrtF64AVX512, 16, 8}
	case "avx2":
		return units{asm.PeakFMAF64AVX2, asm.PeakDivideF64AVX2, asm.PeakSqrtF64AVX2, 12, 4}
	}
	return units{}
}
