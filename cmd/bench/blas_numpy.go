package main

import (
	"time"
)

// numpy is a Python that computes on one thread, as a contender.
type numpy struct{ *program }

// startNumpy returns nil where there is no NumPy. OpenBLAS does not know new processors by name, and then takes a kernel
// without AVX-512: it is told.
func startNumpy(c *config, isa string) *numpy {
	if c.only != nil {
		return nil // peers do not take part
	}
	variables := []string{"OPENBLAS_NUM_THREADS=1", "OMP_NUM_THREADS=1"}
	if isa == "avx512" {
		variables = append(variables, "OPENBLAS_CORETYPE=SkylakeX")
	}
	p, err := scripted("numpy_peer.py", nil, variables...)
	if err != nil {
		c.absent("NumPy", err.Error())
		return nil
	}
	return &numpy{p}
}

func (p *numpy) close() {
	if p != nil {
		_ = p.stop()
	}
}

// turn is a contender's turn.
func (p *numpy) turn(op, kind string, n int) func(ops int) (time.Duration, error) {
	return p.turns(op, kind, n)
}
