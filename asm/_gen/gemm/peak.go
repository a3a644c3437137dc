package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peaks emits the loops that a processor's peak is measured with: as many sums as the tiles have, and no loads.
func peaks() {
	for _, t := range []*tile{{rows: 8, vector: 64, isa: "AVX512"}, {rows: 4, vector: 32, isa: "AVX2"}} {
		TEXT("PeakFMA"+t.isa, NOSPLIT, "func(n int)")
		Doc(fmt.Sprintf("PeakFMA%s runs n > 0 rounds of %d independent fused multiply-adds of %d bytes each, in registers.", t.isa, 3*t.rows, t.vector))
		n := load("n")
		for i := range 3*t.rows + 2 {
			t.zero(i)
		}
		Label("loop")
		for i := range 3 * t.rows {
			VFMADD231PD(t.v(3*t.rows), t.v(3*t.rows+1), t.v(i))
		}
		DECQ(n)
		JNZ(LabelRef("loop"))
		VZEROUPPER()
		RET()
	}
}
