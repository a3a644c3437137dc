package result

import (
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchmath"
)

// confidence is what is asked of intervals.
const confidence = 0.95

// Summary is what the rounds of a contender say.
type Summary struct {
	Median float64 `json:"median"`
	// Low and High enclose the true median with probability Level: order statistics, so nothing is assumed of how the
	// rounds are distributed. Level is at least 0.95 from six rounds on, and what the extremes give with fewer.
	Low      float64   `json:"low"`
	High     float64   `json:"high"`
	Level    float64   `json:"level"`
	Spread   float64   `json:"spread"`             // greatest less smallest, over the median
	Outliers []float64 `json:"outliers,omitempty"` // beyond Tukey's fences; they count as all others do
}

// Summarise describes rounds, of which there must be one at least.
func Summarise(rounds []float64) Summary {
	sorted := slices.Sorted(slices.Values(rounds))
	n := len(sorted)
	of := benchmath.AssumeNothing.Summary(benchmath.NewSample(slices.Clone(sorted), &benchmath.DefaultThresholds), confidence)
	s := Summary{Median: of.Center, Low: of.Lo, High: of.Hi, Level: of.Confidence}
	if math.IsInf(s.Low, 0) || math.IsInf(s.High, 0) {
		// Both extremes lie on one side of the median once in 2^(n-1).
		s.Low, s.High, s.Level = sorted[0], sorted[n-1], 1-math.Pow(2, float64(1-n))
	}
	s.Spread = ratio(sorted[n-1]-sorted[0], s.Median)
	q1, q3 := quantile(sorted, 0.25), quantile(sorted, 0.75)
	fence := 1.5 * (q3 - q1)
	for _, v := range rounds {
		if v < q1-fence || v > q3+fence {
			s.Outliers = append(s.Outliers, v)
		}
	}
	return s
}

// Precision is half of the confidence interval over the median.
func (s *Summary) Precision() float64 { return ratio((s.High-s.Low)/2, s.Median) }

// quantile interpolates between order statistics (type 7 of Hyndman and Fan, the default of R and NumPy).
func quantile(sorted []float64, q float64) float64 {
	at := q * float64(len(sorted)-1)
	i := int(at)
	if i+1 == len(sorted) {
		return sorted[i]
	}
	return sorted[i] + (at-float64(i))*(sorted[i+1]-sorted[i])
}

// curve holds the percentiles that are drawn: closer and closer to 100.
var curve = []float64{0, 1, 5, 10, 25, 50, 75, 90, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.995, 99.999, 100}

// LatencyOf returns the distribution of what a histogram recorded.
func LatencyOf(h *hdrhistogram.Histogram) *Latency {
	at := h.ValueAtQuantile
	l := &Latency{Count: h.TotalCount(), P50: at(50), P90: at(90), P99: at(99), P999: at(99.9), Max: h.Max()}
	for _, q := range curve {
		// A percentile beyond what the count can tell is the maximum under another name.
		if q == 100 || q < 50 || float64(l.Count)*(100-q) > 99.99 {
			l.Curve = append(l.Curve, [2]float64{q, float64(at(q))})
		}
	}
	return l
}

// GeometricMean of positive figures; 0 of none.
func GeometricMean(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sum := 0.0
	for _, v := range of {
		sum += math.Log(v)
	}
	return math.Exp(sum / float64(len(of)))
}
