package main

import (
	"math"
	"testing"
)

// Each loop does what the one in Go does, for lengths of one round and of more than one call.
func TestStreamLoops_DoWhatTheySay(t *testing.T) {
	plain := plainLoops()
	for i, s := range streamLoops() {
		for _, n := range []int{32, 96, streamCall + 64} {
			arrays := func() (a [3][]float64) {
				a = streamArrays(n)
				for j := range n {
					a[0][j], a[1][j], a[2][j] = -1, float64(j)+0.1, 1/float64(j+1)
				}
				return a
			}
			want := arrays()
			plain[i].near(want[0], want[1], want[2])
			for name, loop := range map[string]func(d, x, y []float64){"near": s.near, "far": s.far} {
				if loop == nil {
					continue
				}
				got := arrays()
				loop(got[0], got[1], got[2])
				for k := range got {
					for j := range n {
						if math.Float64bits(got[k][j]) != math.Float64bits(want[k][j]) {
							t.Fatalf("%s %s, n = %d: array %d has %v at %d, not %v", s.op, name, n, k, got[k][j], j, want[k][j])
						}
					}
				}
			}
		}
	}
}

func TestPeakLoops_RoundsFitACall(t *testing.T) {
	for _, elem := range []string{"float64", "float32"} {
		for _, p := range peakLoops(elem) {
			if p.flops <= 0 || peakFlops%p.flops != 0 {
				t.Errorf("%s %s: a call has no whole number of rounds of %d operations", elem, p.isa, p.flops)
			}
			p.loop(1)
		}
	}
}
