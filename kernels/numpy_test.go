package kernels

import (
	"bytes"
	"encoding/json"
	"math"
	"os/exec"
	"testing"
)

// numpy runs a program of NumPy and decodes what it prints, or skips the test where NumPy is not installed.
func numpy(t *testing.T, program string, out any) {
	t.Helper()
	if err := exec.Command("python3", "-c", "import numpy").Run(); err != nil {
		t.Skip("python3 has no numpy: install it or put a python3 that has it first in PATH")
	}
	var errs bytes.Buffer
	c := exec.Command("python3", "-W", "ignore", "-c", program)
	c.Stderr = &errs
	b, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, errs.String())
	}
	if err := json.Unmarshal(b, out); err != nil {
		t.Fatal(err)
	}
}

// numpySameBits prints bits of what NumPy computes from the Philox numbers of testKey.
const numpySameBits = `
import numpy as np, json
key = np.array([0x0123456789abcdef, 0xfedcba9876543210], dtype=np.uint64)
gen = lambda: np.random.Generator(np.random.Philox(key=key))
u64 = lambda a: [int(v) for v in np.asarray(a, dtype=np.float64).ravel().view(np.uint64)]
u = gen().random(3001)
u32 = gen().random(3001, dtype=np.float32)
src = np.arange(1, 501) / 7.0
at = (gen().random((200, 10)) * len(src)).astype(np.int64)
paths = np.zeros(200)
for j in range(10): paths += src[at[:, j]]
qs = [0, .01, .1, .25, .3333, .5, .75, .9, .99, .999, 1]
n = [1, 2, 3, 10, 100, 1000, 3001]
x = (u - .5) * 20
y = (u32.astype(np.float64) - .5) * 3
c, e = np.histogram(u, 37, (0.1, 0.9))
c32, e32 = np.histogram(u32, 37, (0.125, 0.875))
print(json.dumps(dict(U=u64(u), U32=u64(u32), Paths=u64(paths), Quantiles=u64([[np.quantile(u[:k], q) for q in qs] for k in n]),
 Medians=u64([np.median(u[:k]) for k in n]), Counts=c.tolist(), Edges=u64(e), Counts32=c32.tolist(), Edges32=u64(e32),
 Mod=u64(np.mod(x, y)), Div=u64(np.floor_divide(x, y)))))
`

// TestNumPy_SameBits compares with NumPy what is promised to be equal bit for bit: the random numbers, the draws, the
// quantiles, the histogram, Python's % and //. The data are Philox numbers, so that both sides make their own.
func TestNumPy_SameBits(t *testing.T) {
	var want struct {
		U, U32, Paths, Quantiles, Medians, Edges, Edges32, Mod, Div []uint64
		Counts, Counts32                                            []int64
	}
	numpy(t, numpySameBits, &want)
	wants := func(what string, got []float64, want []uint64) {
		t.Helper()
		w := make([]float64, len(want))
		for i, b := range want {
			w[i] = math.Float64frombits(b)
		}
		wantSame(t, what, got, w)
	}
	u, wide, u32 := make([]float64, 3001), make([]float64, 3001), make([]float32, 3001)
	Uniform(u, testKey, 0)
	Uniform(u32, testKey, 0)
	Convert(wide, u32)
	wants("Uniform", u, want.U)
	wants("Uniform float32", wide, want.U32)
	src, paths := make([]float64, 500), make([]float64, 200)
	for i := range src {
		src[i] = float64(i+1) / 7
	}
	Bootstrap(paths, src, testKey, 0, 10)
	wants("Bootstrap", paths, want.Paths)
	var quantiles, medians []float64
	for _, n := range []int{1, 2, 3, 10, 100, 1000, 3001} {
		for _, q := range []float64{0, .01, .1, .25, .3333, .5, .75, .9, .99, .999, 1} {
			quantiles = append(quantiles, Quantile(u[:n], q))
		}
		medians = append(medians, Median(u[:n]))
	}
	wants("Quantile", quantiles, want.Quantiles)
	wants("Median", medians, want.Medians)
	counts, counts32 := make([]int64, 37), make([]int64, 37)
	edges, edges32, e := make([]float64, 38), make([]float32, 38), make([]float64, 38)
	Histogram(counts, u, 0.1, 0.9)
	Histogram(counts32, u32, 0.125, 0.875)
	HistogramEdges(edges, 0.1, 0.9)
	HistogramEdges(edges32, 0.125, 0.875)
	Convert(e, edges32)
	wants("HistogramEdges", edges, want.Edges)
	wants("HistogramEdges float32", e, want.Edges32)
	for i := range counts {
		if counts[i] != want.Counts[i] || counts32[i] != want.Counts32[i] {
			t.Errorf("bin %d holds %d and %d, NumPy has %d and %d", i, counts[i], counts32[i], want.Counts[i], want.Counts32[i])
		}
	}
	x, y, r := make([]float64, 3001), make([]float64, 3001), make([]float64, 3001)
	SubScalar(x, u, 0.5)
	MulScalar(x, x, 20)
	SubScalar(y, wide, 0.5)
	MulScalar(y, y, 3)
	Mod(r, x, y)
	wants("Mod", r, want.Mod)
	FloorDiv(r, x, y)
	wants("FloorDiv", r, want.Div)
}
