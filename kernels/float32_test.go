package kernels

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"testing"
)

// float64Twins are the functions in float64 by another hand: package math's, which are right to a few places of float64
// where arguments and results are float32.
var float64Twins = map[string]func(float64) float64{
	"Exp": math.Exp, "Exp2": math.Exp2, "Exp10": func(x float64) float64 { return math.Pow(10, x) }, "Expm1": math.Expm1,
	"Log": math.Log, "Log2": math.Log2, "Log10": math.Log10, "Log1p": math.Log1p, "Sin": math.Sin, "Cos": math.Cos, "Tan": math.Tan,
	"Asin": math.Asin, "Acos": math.Acos, "Atan": math.Atan, "Sinh": math.Sinh, "Cosh": math.Cosh, "Tanh": math.Tanh,
	"Asinh": math.Asinh, "Acosh": math.Acosh, "Atanh": math.Atanh, "Cbrt": math.Cbrt, "Erf": math.Erf, "Erfc": math.Erfc,
	"Rsqrt":   func(x float64) float64 { return 1 / math.Sqrt(x) },
	"Sigmoid": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
}

// TestFloat32_EveryArgumentAccuracy compares the float32 functions with package math at every argument that there is,
// 2^32 of them, with SHMATH_STRESS of 100 or more, else at one in 65537: a result that is not the nearest one must be a
// tie as near as float64 can tell.
func TestFloat32_EveryArgumentAccuracy(t *testing.T) {
	step := uint64(65537)
	if stress() >= 100 {
		step = 1
	}
	for _, u := range unaries {
		t.Run("kernel="+u.name, func(t *testing.T) {
			total := float32Errors{}
			var mu sync.Mutex
			var all sync.WaitGroup
			parts := uint64(runtime.GOMAXPROCS(0))
			for p := range parts {
				all.Go(func() {
					e := everyFloat32(u, p<<32/parts, (p+1)<<32/parts, step)
					mu.Lock()
					defer mu.Unlock()
					total.merge(e)
				})
			}
			all.Wait()
			t.Logf("%s: %d arguments, %d results not the nearest, worst %.6f ULP at %x", u.name, total.looked, total.missed, total.worst, total.at)
			if total.wrong != "" {
				t.Error(total.wrong)
			}
			if total.worst > 0.51 {
				t.Errorf("%s(float32 %x) is %.6f ULP off", u.name, total.at, total.worst)
			}
		})
	}
}

// float32Errors is what a part of the arguments showed.
type float32Errors struct {
	looked, missed uint64
	worst          float64
	at             float32
	wrong          string // a NaN, an infinity or the sign of a zero that should be another
}

func (e *float32Errors) merge(o float32Errors) {
	e.looked, e.missed = e.looked+o.looked, e.missed+o.missed
	if o.worst > e.worst {
		e.worst, e.at = o.worst, o.at
	}
	if o.wrong != "" {
		e.wrong = o.wrong
	}
}

func everyFloat32(u unary, from, to, step uint64) (e float32Errors) {
	var x, y [4096]float32
	twin := float64Twins[u.name]
	for b := from; b < to; {
		n := 0
		for ; n < len(x) && b < to; b += step {
			x[n] = math.Float32frombits(uint32(b))
			n++
		}
		u.f32(y[:n], x[:n])
		for i, got := range y[:n] {
			want := twin(float64(x[i]))
			if math.Float32bits(got) != math.Float32bits(float32(want)) {
				e.miss(u.name, x[i], got, want)
			}
		}
		e.looked += uint64(n)
	}
	return e
}

// miss judges a result that is not the nearest one.
func (e *float32Errors) miss(name string, x, got float32, want float64) {
	if got != got && want != want {
		return
	}
	_, exp := math.Frexp(want)
	off := math.Abs(float64(got)-want) / math.Ldexp(1, max(exp-24, -149))
	if !(off <= 0.51) || got == 0 && want == 0 {
		e.wrong = fmt.Sprintf("%s(float32 %x) = %x, math has %x", name, x, got, want)
	}
	e.missed++
	if off > e.worst {
		e.worst, e.at = off, x
	}
}
