package result

import (
	"math"
	"slices"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// The order statistics of the interval and its level are those of the tables for the sign test (Conover, Practical
// Nonparametric Statistics, table A3 at p = 1/2): n = 6 gives the extremes at 1-2/64, n = 15 the 4th and 12th at 0.9648.
func TestSummarise_KnownIntervals(t *testing.T) {
	for _, k := range []struct {
		n         int
		low, high float64
		level     float64
	}{
		{1, 1, 1, 0},
		{3, 1, 3, 0.75},
		{5, 1, 5, 0.9375},
		{6, 1, 6, 0.96875},
		{9, 2, 8, 0.9609},
		{15, 4, 12, 0.9648},
	} {
		rounds := make([]float64, k.n)
		for i := range rounds {
			rounds[i] = float64((i*7)%k.n + 1) // 1 to n, mixed where 7 does not divide n
		}
		s := Summarise(rounds)
		if s.Low != k.low || s.High != k.high || math.Abs(s.Level-k.level) > 1e-4 {
			t.Errorf("n=%d: [%g, %g] at %.4f, want [%g, %g] at %.4f", k.n, s.Low, s.High, s.Level, k.low, k.high, k.level)
		}
		if want := float64(k.n+1) / 2; s.Median != want {
			t.Errorf("n=%d: median %g, want %g", k.n, s.Median, want)
		}
		if want := float64(k.n-1) / s.Median; s.Spread != want {
			t.Errorf("n=%d: spread %g, want %g", k.n, s.Spread, want)
		}
	}
}

func TestSummarise_KeepsTheOrderAndShowsOutliers(t *testing.T) {
	rounds := []float64{10, 11, 10, 90, 12, 11, 10, 11}
	before := slices.Clone(rounds)
	s := Summarise(rounds)
	if !slices.Equal(rounds, before) {
		t.Errorf("the rounds were sorted: %v", rounds)
	}
	if !slices.Equal(s.Outliers, []float64{90}) || s.Median != 11 || s.Low != 10 || s.High != 12 {
		t.Errorf("%+v: 90 is an outlier, and counts", s)
	}
}

func TestLatencyOf_KnownPercentiles(t *testing.T) {
	h := hdrhistogram.New(1, 1e9, 3)
	for i := range int64(1000) {
		if err := h.RecordValue(i + 1); err != nil {
			t.Fatal(err)
		}
	}
	l := LatencyOf(h)
	if l.Count != 1000 || l.P50 != 500 || l.P90 != 900 || l.P99 != 990 || l.P999 != 999 || l.Max != 1000 {
		t.Errorf("%+v", l)
	}
	// A thousand ops tell the 99.9th percentile, and not the 99.95th.
	if n := len(l.Curve); l.Curve[n-1] != [2]float64{100, 1000} || l.Curve[n-2] != [2]float64{99.9, 999} {
		t.Errorf("curve %v", l.Curve)
	}
}

func TestGeometricMean(t *testing.T) {
	if g := GeometricMean([]float64{2, 8}); math.Abs(g-4) > 1e-12 {
		t.Errorf("of 2 and 8: %g", g)
	}
	if g := GeometricMean(nil); g != 0 {
		t.Errorf("of none: %g", g)
	}
}
