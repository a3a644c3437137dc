//go:build !amd64 || noasm

package main

func fusedPeak() (loop func(rounds int), flops int, isa string) { return plainPeak() }
