package report

import (
	"math"
	"strconv"

	"github.com/shmath/shmath/cmd/bench/result"
)

// nines is where a percentile is drawn, as HdrHistogram's plots do: each nine as wide as the one before.
func nines(percentile float64) float64 { return -math.Log10(1 - percentile/100) }

// countLeast is how many operations make a distribution.
const countLeast = 20

// latency draws the distributions of a contest whose every operation is timed; nil for others.
func latency(k *result.Contest) *canvas {
	var all []*series
	for i := range k.Contenders {
		c := &k.Contenders[i]
		if c.Latency == nil || c.Latency.Count < countLeast {
			continue
		}
		s := &series{name: label(c.Name), limit: c.Limit, peer: c.Peer}
		for _, p := range c.Latency.Curve {
			if p[0] < 100 {
				s.add(nines(p[0]), max(1, p[1]), label(c.Name)+", "+digitsOf(p[0])+" %: "+duration(p[1]))
			}
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil
	}
	m := metric{"time", nil, false}
	return drawLatency(label(k.Name), chooseByMedian(all, m))
}

// chooseByMedian is choose by the middle of each distribution, not by its mean.
func chooseByMedian(all []*series, m metric) []*series {
	whole := map[*series]*series{}
	var middles []*series
	for _, s := range all {
		middle := &series{name: s.name, limit: s.limit, peer: s.peer, points: s.points[len(s.points)/2 : len(s.points)/2+1]}
		whole[middle] = s
		middles = append(middles, middle)
	}
	var kept []*series
	for _, middle := range choose(middles, m) {
		s := whole[middle]
		s.class = middle.class
		kept = append(kept, s)
	}
	return kept
}

func digitsOf(percentile float64) string { return strconv.FormatFloat(percentile, 'f', -1, 64) }

func drawLatency(title string, all []*series) *canvas {
	const left, right, top, plot = 50, 18, 26, 150
	var ys []float64
	last := 1.0
	for _, s := range all {
		for _, p := range s.points {
			ys, last = append(ys, p[1]), max(last, p[0])
		}
	}
	rows := legendRows(all)
	c := newCanvas(chartWidth, top+plot+42+16*float64(len(rows)), title, title+": time of an operation by percentile")
	x, y := scale{0, last, left, chartWidth - right, false}, around(ys, top+plot, top)
	c.text("h", "start", 4, 14, title)
	for _, v := range y.ticks(6) {
		c.line("grid", left, y.at(v), chartWidth-right, y.at(v))
		c.text("t", "end", left-5, y.at(v)+4, duration(v))
	}
	for _, p := range []float64{0, 50, 90, 99, 99.9, 99.99, 99.999} {
		if at := nines(p); at <= last+0.01 {
			c.line("grid", x.at(at), top, x.at(at), top+plot)
			c.text("t", "middle", x.at(at), top+plot+15, digitsOf(p))
		}
	}
	c.line("axis", left, top+plot, chartWidth-right, top+plot)
	c.text("t", "middle", (left+chartWidth-right)/2, top+plot+29, "percentile; time of an operation (less is better)")
	for i := len(all) - 1; i >= 0; i-- {
		c.plot(all[i], x, y)
	}
	c.legend(rows, top+plot+46)
	return c
}
