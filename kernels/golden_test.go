package kernels

import (
	"hash/fnv"
	"math"
	"sort"
	"testing"
)

// goldenHashes are the results of the kernels in plain Go on amd64, hashed. Every processor, compiler flag
// (GOAMD64=v3 lets the compiler fuse products into sums) and later body of a kernel must give the same bits; a change
// of an algorithm changes its line here, and nothing else may.
var goldenHashes = map[string]uint64{
	"Abs":            0xef13ec55b402da,
	"Acos":           0xcb164d5fb74613a4,
	"Acosh":          0x8120a5ca495c6b2a,
	"Add":            0xf6541f08fc435e84,
	"AddScalar":      0xea8d9faabd114409,
	"Asin":           0x3ac6b90529773147,
	"Asinh":          0xf85df44a76a5d7f1,
	"Atan":           0x6cd5ea84f3fd9586,
	"Atan2":          0x6f886e139671820f,
	"Atanh":          0x7cb587d0f1b9675b,
	"Axpy":           0xb3b7189796c6a9b6,
	"Bootstrap":      0x3c4a1545fae712d1,
	"Cbrt":           0x3cb2c37e64e57884,
	"Ceil":           0xe8fd1e33252e66fa,
	"Clamp":          0x43e0b2ae973b2323,
	"Copysign":       0xdde47d85ef8cf9da,
	"Cos":            0x94589f53af415c21,
	"Cosh":           0xed511b1e01188fc1,
	"CumSum":         0x157b343e9e91deae,
	"Div":            0x34fa79fa54bc5459,
	"DivScalar":      0x55e046c944b53ebc,
	"Edges":          0x89dbcc83a2b4059d,
	"Erf":            0x492300366f94dcf1,
	"Erfc":           0xa6f52eeb71b356a0,
	"Exp":            0x1370c4c7db2ee7fe,
	"Exp10":          0x937c9cff338bff84,
	"Exp2":           0x7354f4e69869dbdb,
	"Expm1":          0x175f9287b30cb5aa,
	"Exponential":    0x1602e90e4097a6dc,
	"Floor":          0xaabed3ba18dd9fce,
	"FloorDiv":       0x61b913e5e0602937,
	"FloorDivScalar": 0xcf263913f6ab36ef,
	"Fma":            0xa8df94cc14c3053f,
	"Hypot":          0xbe9b8aed2db5af83,
	"Log":            0x36e1cb33dc3b05ef,
	"Log10":          0x5dd6c7ffdcdf4bf,
	"Log1p":          0x467d90fb4a71d639,
	"Log2":           0x1c02c9eb97ec9525,
	"Maximum":        0xef8d4e9967c0cfd7,
	"Minimum":        0x5b88580011bb509b,
	"Mod":            0x3103649f0d863de2,
	"ModScalar":      0x2657f8d6c1c9e9dc,
	"Mul":            0xb4f082763a5e6396,
	"MulScalar":      0x37d1e22f9b7db599,
	"Neg":            0xea97d17353cd4d5a,
	"Normal":         0x2d4b6ce4aa487f7b,
	"Pow":            0x9abbc48be6e8e359,
	"PowScalar":      0x63d72d82604eafe5,
	"RDivScalar":     0x27490dd4d0648ef1,
	"RSubScalar":     0x1a93d1d209b7a936,
	"Reciprocal":     0x125c89b870699d05,
	"Reductions":     0x3d1a11ae07a4a529,
	"Round":          0x382aa26b8bf0e247,
	"Rsqrt":          0xc437402bf0f5230e,
	"Scale":          0x37d1e22f9b7db599,
	"Sigmoid":        0xe3a3058c1a39c0b8,
	"Sign":           0xd006d4a8ee95ef9,
	"Sin":            0x3a54669f553bc29a,
	"Sinh":           0x32f436593c1e01e0,
	"Sqrt":           0xe6d9463836f8f747,
	"Square":         0x303784c334d4796c,
	"Sub":            0x67382b13d6799f6a,
	"SubScalar":      0x30e1905e45f8dab6,
	"Tan":            0x8bf84a57aa1164a1,
	"Tanh":           0x89acb2ac1824c7e,
	"Trunc":          0xf0b866e26028ebf3,
	"Uniform":        0x726dbe5b0128e457,
}

// TestKernels_SameBitsEverywhere hashes the results over fixed arguments, on every instruction set of this machine.
func TestKernels_SameBitsEverywhere(t *testing.T) { eachISA(t, testGolden) }

func testGolden(t *testing.T) {
	x, y, z, got := goldenArguments()
	found := map[string]uint64{}
	for _, k := range sliceKernels[float64]() {
		k.run(got, x, y, z)
		found[k.name] = hashBits(got)
	}
	for name, run := range map[string]func(){
		"Axpy":        func() { copy(got, y); Axpy(1.1, x, got) },
		"Uniform":     func() { Uniform(got, testKey, 1) },
		"Normal":      func() { Normal(got, testKey, 1, 1, 3) },
		"Exponential": func() { Exponential(got, testKey, 1, 3) },
		"Bootstrap":   func() { Bootstrap(got[:500], y, testKey, 1, 9) },
		"CumSum":      func() { CumSum(got, y, 0.1) },
		"Edges":       func() { HistogramEdges(got, 0.1, 0.7) },
		"Reductions": func() {
			m := MomentsOf(y)
			copy(got, []float64{Sum(y), Dot(y, z), Norm1(y), Norm2(y), m.Mean, m.M2, Prod(z[:50]), Quantile(y, 0.377), Median(y)})
		},
	} {
		clear(got)
		run()
		found[name] = hashBits(got)
	}
	names := make([]string, 0, len(found))
	for n := range found {
		names = append(names, n)
	}
	sort.Strings(names)
	for _, n := range names {
		if want, ok := goldenHashes[n]; !ok || want != found[n] {
			t.Errorf("%q: %#x, want %#x", n, found[n], want)
		}
	}
}

// goldenArguments returns arguments of every magnitude, and a place for results.
func goldenArguments() (x, y, z, got []float64) {
	const n = 20000
	x, y, z, got = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	words := make([]uint64, n)
	Uint64s(words, testKey, 0)
	Normal(y, testKey, 5000, 0, 1)
	Normal(z, testKey, 90000, 0, 3)
	for i, w := range words {
		switch i % 4 {
		case 0: // any bits
			x[i] = math.Float64frombits(w)
		case 1: // magnitudes from 2^-32 to 2^32
			x[i] = math.Float64frombits(w&(1<<63|1<<52-1) | (1023-32+w>>52&63)<<52)
		case 2: // magnitudes from 2^-6 to 2^2
			x[i] = math.Float64frombits(w&(1<<63|1<<52-1) | (1023-6+w>>52&7)<<52)
		case 3:
			x[i] = y[i]
		}
	}
	return x, y, z, got
}

// hashBits hashes the bits of values, all NaNs being one.
func hashBits(x []float64) uint64 {
	h := fnv.New64a()
	var b [8]byte
	for _, v := range x {
		k := math.Float64bits(v)
		if v != v {
			k = 1
		}
		for i := range b {
			b[i] = byte(k >> (8 * i))
		}
		h.Write(b[:])
	}
	return h.Sum64()
}
