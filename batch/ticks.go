package batch

import (
	"math"
	"strconv"
	"strings"
)

// ticks returns about want round numbers that cover [lo, hi] from within, and how many digits behind the point tell them
// apart. Steps are 1, 2 or 5 times a power of ten.
func ticks(lo, hi float64, want int) (at []float64, digits int) {
	if !(hi > lo) || math.IsInf(hi-lo, 0) {
		return nil, 0
	}
	raw := (hi - lo) / float64(want)
	power := math.Floor(math.Log10(raw))
	step := math.Pow(10, power)
	switch f := raw / step; {
	case f > 5:
		step, power = step*10, power+1
	case f > 2:
		step *= 5
	case f > 1:
		step *= 2
	}
	digits = max(0, -int(power))
	first, last := math.Ceil(lo/step), math.Floor(hi/step)
	for k := first; k <= last && len(at) < 4*want; k++ {
		at = append(at, k*step)
	}
	return at, digits
}

// tickLabel writes a tick: plain digits, or powers of ten beyond what a reader counts.
func tickLabel(v float64, digits int) string {
	if a := math.Abs(v); v != 0 && (a >= 1e6 || digits > 6) {
		return strconv.FormatFloat(v, 'g', 4, 64)
	}
	s := strconv.FormatFloat(v, 'f', digits, 64)
	if strings.Trim(s, "-0.") == "" {
		return strings.TrimPrefix(s, "-")
	}
	return s
}

// countLabel writes a count with k and M, so that ten million stays short.
func countLabel(v float64) string {
	switch {
	case v >= 1e9:
		return strconv.FormatFloat(v/1e9, 'g', 4, 64) + " G"
	case v >= 1e6:
		return strconv.FormatFloat(v/1e6, 'g', 4, 64) + " M"
	case v >= 1e3:
		return strconv.FormatFloat(v/1e3, 'g', 4, 64) + " k"
	}
	return strconv.FormatFloat(v, 'g', 4, 64)
}

// grouped writes an integer with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
