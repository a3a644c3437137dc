//go:build !amd64 || noasm

package main

func streamLoops() []streamLoop { return plainLoops() }

func peakLoops(string) []peak {
	loop, flops, isa := plainPeak()
	return []peak{{isa, flops, loop}}
}

func fusedPeak() (loop func(rounds int), flops int, isa string) { return plainPeak() }

func vectorUnits() units { return units{} }
