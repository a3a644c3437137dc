// Command sort writes the loops of sorting and selection: partition by permuted registers, and sorting networks, after
// Bramas, "A Novel Hybrid Quicksort Algorithm Vectorized using AVX-512" (2017), and Blacher, Giesen and Kühne, "Fast and
// Robust Vectorized In-Place Sorting of Primitive Types" (2022).
package main

import (
	"github.com/mmcloughlin/avo/reg"

	"github.com/shmath/shmath/asm/_gen/vector"
)

type (
	f = vector.F
	v = vector.V
	g = reg.GPVirtual
)

// elem is a type of elements: the instructions of floats serve integers wherever they only move bits.
type elem struct {
	vector.Elem
	integer bool
	paired  bool // each key has a number, which goes where the key goes
}

var (
	f64   = elem{vector.F64, false, false}
	f32   = elem{vector.F32, false, false}
	i64   = elem{vector.I64, true, false}
	i32   = elem{vector.I32, true, false}
	pairs = elem{vector.Elem{Name: "Pairs", Go: "int64", Size: 8, Suffix: "PD"}, true, true}
)

func main() {
	vector.Generate(func(file *vector.File) {
		for _, e := range []elem{f64, f32, i64, i32, pairs} {
			network(file, vector.AVX512, e)
			// Eight lanes are as many as the table of permutations has: of four bytes, those are the registers of AVX2.
			if e.Size == 8 {
				split(file, vector.AVX512, e)
				partition(file, vector.AVX512, e)
			}
			if e.Size == 8 && !e.paired {
				between(file, vector.AVX512, e)
			}
			if !e.paired {
				between(file, vector.AVX2, e)
				split(file, vector.AVX2, e)
				partition(file, vector.AVX2, e)
			}
		}
	})
}
