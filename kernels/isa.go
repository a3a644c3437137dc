package kernels

import "os"

// isa is an instruction set for which kernels have bodies. Each is a superset of those before it.
type isa int

const (
	portable isa = iota // Go alone: the meaning of every kernel
	avx2                // x86-64-v3: AVX2, FMA, BMI2
	avx512              // x86-64-v4: AVX-512 F, BW, CD, DQ, VL
	isaCount
)

var isaNames = [isaCount]string{"portable", "avx2", "avx512"}

// active is the set in use, chosen once when the program starts. The bits of the results do not depend on it.
var active = chooseISA(bestISA(), os.Getenv("SHMATH_ISA"))

// chooseISA returns the set named by limit where that is less than the best one of this machine.
func chooseISA(best isa, limit string) isa {
	for s, name := range isaNames[:best] {
		if name == limit {
			return isa(s)
		}
	}
	return best
}

// InstructionSet names the instruction set in use: "portable", "avx2" (x86-64-v3) or "avx512" (x86-64-v4). It is the
// best one of this machine, or the lesser one that the environment variable SHMATH_ISA named when the program started.
func InstructionSet() string { return isaNames[active] }
