// Command stream writes the stores that pass by the caches.
package main

import (
	"github.com/mmcloughlin/avo/operand"

	"github.com/shmath/shmath/asm/_gen/vector"
)

// line is the number of bytes that one step copies.
const line = 64

func main() {
	vector.Generate(func(file *vector.File) {
		for _, s := range vector.Sets {
			var dst, src, x, y, n vector.Base
			setup := func(f *vector.F) {
				dst, src, x, y, n = f.Param("dst"), f.Param("src"), f.Param("x"), f.Param("y"), f.Param("n")
			}
			e := vector.Elem{Name: "Lines", Go: "float64", Size: 8, Suffix: "PD"}
			file.Func(s, e, "Stream", "func(dst, src, x, y *float64, n int)",
				"copies n > 0 lines of 64 bytes by non-temporal stores; dst starts at a line. StreamFence comes last.", setup,
				func(f *vector.F) {
					f.Label("loop")
					for at := 0; at < line; at += s.Bytes {
						f.VMOVNTPD(f.Load(vector.At(src, at)), vector.At(dst, at))
					}
					f.PREFETCHT0(vector.At(x, 0))
					f.PREFETCHT0(vector.At(y, 0))
					f.ADDQ(operand.Imm(line), x)
					f.ADDQ(operand.Imm(line), y)
					f.ADDQ(operand.Imm(line), src)
					f.ADDQ(operand.Imm(line), dst)
					f.DECQ(n)
					f.JNZ(operand.LabelRef("loop"))
				})
		}
		fetch(file)
		e := vector.Elem{Size: 8, Suffix: "PD"}
		file.Func(vector.Set{Bytes: 32}, e, "StreamFence", "func()", "makes all stores of Stream visible before those that follow it.",
			func(*vector.F) {}, func(f *vector.F) { f.SFENCE() })
	})
}

// fetch asks for memory that is needed soon.
func fetch(file *vector.File) {
	var at, n vector.Base
	e := vector.Elem{Size: 8, Suffix: "PD"}
	file.Func(vector.Set{Bytes: 32}, e, "Fetch", "func(at *float64, n int)", "asks for n > 0 lines of 64 bytes, which need not exist.",
		func(f *vector.F) { at, n = f.Param("at"), f.Param("n") },
		func(f *vector.F) {
			f.Label("loop")
			f.PREFETCHT0(vector.At(at, 0))
			f.ADDQ(operand.Imm(line), at)
			f.DECQ(n)
			f.JNZ(operand.LabelRef("loop"))
		})
}
