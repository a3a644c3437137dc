package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// series is one contender along an axis.
type series struct {
	name   string
	class  string
	limit  bool
	peer   string
	points [][2]float64
	tips   []string
}

const (
	chartWidth  = 360
	oursMost    = 3 // series of each kind in one chart; the tables have all
	limitsMost  = 1
	peersMost   = 5
	classesMost = 7 // colours of peers in style.css
)

// metric is what a chart shows of a contender.
type metric struct {
	name string
	of   func(k *result.Contender) float64
	more bool // is better
}

func metricOf(contests []*result.Contest) metric {
	bytes, flops := true, true
	for _, c := range contests {
		for i := range c.Contenders {
			bytes = bytes && c.Contenders[i].Bytes > 0
			flops = flops && c.Contenders[i].Flops > 0
		}
	}
	switch {
	case contests[0].Unit != "ns":
		return metric{contests[0].Unit, func(k *result.Contender) float64 { return k.Median }, false}
	case bytes:
		return metric{"GB/s", func(k *result.Contender) float64 { return k.MBps() / 1e3 }, true}
	case flops:
		return metric{"GFLOP/s", (*result.Contender).GFlops, true}
	}
	return metric{"time", func(k *result.Contender) float64 { return k.Median }, false}
}

// tick writes a value of a metric on an axis.
func (m metric) tick(v float64) string {
	switch m.name {
	case "time":
		return duration(v)
	case "B":
		return binary(v) + "B"
	}
	return short(v)
}

func (m metric) caption() string {
	switch m.name {
	case "time":
		return "time of an operation (less is better)"
	case "B":
		return "bytes (less is better)"
	}
	if m.more {
		return m.name + " (more is better)"
	}
	return m.name + " (less is better)"
}

// seriesOf collects a family's contenders along its axis.
func (g *family) seriesOf(m metric) []*series {
	var all []*series
	for i, c := range g.contests {
		for j := range c.Contenders {
			k := &c.Contenders[j]
			at := slices.IndexFunc(all, func(s *series) bool { return s.name == label(k.Name) })
			if at < 0 {
				all, at = append(all, &series{name: label(k.Name), limit: k.Limit, peer: k.Peer}), len(all)
			}
			all[at].add(g.at[i], m.of(k), tip(c, k))
		}
	}
	return choose(all, m)
}

func (s *series) add(x, y float64, tip string) {
	s.points, s.tips = append(s.points, [2]float64{x, y}), append(s.tips, tip)
}

func tip(c *result.Contest, k *result.Contender) string {
	return fmt.Sprintf("%s, %s: %s", label(c.Name), label(k.Name), Value(k.Median, c.Unit))
}

// choose keeps the best of each kind, and gives them their colours. The order is limits, ours, peers.
func choose(all []*series, m metric) []*series {
	var kept []*series
	score := func(s *series) float64 {
		sum := 0.0
		for _, p := range s.points {
			sum += math.Log(max(p[1], 1e-9))
		}
		sum /= float64(len(s.points))
		if m.more {
			sum = -sum
		}
		return sum
	}
	most := 0
	for _, s := range all {
		most = max(most, len(s.points))
	}
	slices.SortStableFunc(all, func(a, b *series) int {
		// Who takes part in less than half of the sizes comes last.
		if some, others := 2*len(a.points) < most, 2*len(b.points) < most; some != others {
			return map[bool]int{true: 1, false: -1}[some]
		}
		return cmp.Compare(score(a), score(b))
	})
	used := map[string]bool{}
	if !slices.ContainsFunc(all, func(s *series) bool { return !s.limit }) {
		for _, s := range all { // nothing but limits: they need not look alike
			s.limit = false
		}
	}
	for _, kind := range []struct {
		most int
		is   func(s *series) bool
	}{
		{limitsMost, func(s *series) bool { return s.limit }},
		{oursMost, func(s *series) bool { return !s.limit && s.peer == "" }},
		{peersMost, func(s *series) bool { return !s.limit && s.peer != "" }},
	} {
		n := 0
		for _, s := range all {
			if n < kind.most && kind.is(s) {
				s.class = classOf(s.limit, s.peer, used)
				kept = append(kept, s)
				n++
			}
		}
	}
	return kept
}

// preferred colours keep a peer's colour the same in all figures.
var preferred = map[string]int{"Go": 0, "gonum": 1, "NumPy": 2, "CPython": 3}

// classOf gives a colour that the figure does not use yet.
func classOf(limit bool, peer string, used map[string]bool) string {
	prefix, first := "peer", preferred[peerName(peer)]
	switch {
	case limit:
		return "limit"
	case peer == "":
		prefix, first = "ours", 0
	case preferred[peerName(peer)] == 0 && peerName(peer) != "Go":
		first = 4
	}
	for i := range classesMost {
		class := fmt.Sprintf("%s%d", prefix, (first+i)%classesMost)
		if !used[class] {
			used[class] = true
			return class
		}
	}
	return fmt.Sprintf("%s%d", prefix, first)
}

// curve draws a family along its axis; nil where there is too little for a line.
func (g *family) curve() *canvas {
	if len(g.at) < 3 && g.axis != "workers" { // there may be no more than two
		return nil
	}
	m := metricOf(g.contests)
	return drawSeries(g.title, axisName(g.axis), m, g.seriesOf(m), g.axis == "level")
}

func axisName(key string) string {
	switch key {
	case "n":
		return "n"
	case "size":
		return "bytes of a message"
	case "level":
		return "where the data lie"
	}
	return key
}

// drawSeries is a chart with a legend below it.
func drawSeries(title, axis string, m metric, all []*series, ranks bool) *canvas {
	const left, right, top, plot = 50, 18, 26, 150
	var xs, ys []float64
	for _, s := range all {
		for _, p := range s.points {
			xs, ys = append(xs, p[0]), append(ys, p[1])
		}
	}
	if len(xs) == 0 {
		return nil
	}
	rows := legendRows(all)
	c := newCanvas(chartWidth, top+plot+42+16*float64(len(rows)), title, title+": "+m.caption()+" by "+axis)
	y := around(ys, top+plot, top)
	x := scale{slices.Min(xs), slices.Max(xs), left + 8, chartWidth - right - 8, !ranks}
	c.text("h", "start", 4, 14, title)
	for _, v := range y.ticks(6) {
		c.line("grid", left, y.at(v), chartWidth-right, y.at(v))
		c.text("t", "end", left-5, y.at(v)+4, m.tick(v))
	}
	last := math.Inf(-1)
	slices.Sort(xs)
	for _, v := range slices.Compact(xs) {
		name := short(v)
		switch {
		case ranks:
			name = levels[int(v)]
		case strings.HasPrefix(axis, "bytes") || isPower(v) && v >= 1024:
			name = binary(v)
		}
		if half := 3.5 * float64(len(name)); x.at(v)-half > last {
			c.text("t", "middle", x.at(v), top+plot+15, name)
			c.line("axis", x.at(v), top+plot, x.at(v), top+plot+3)
			last = x.at(v) + half + 4
		}
	}
	c.line("axis", left, top+plot, chartWidth-right, top+plot)
	c.text("t", "middle", (left+chartWidth-right)/2, top+plot+29, axis+"; "+m.caption())
	for _, s := range slices.Backward(all) {
		c.plot(s, x, y)
	}
	c.legend(rows, top+plot+46)
	return c
}

func isPower(v float64) bool { return v == math.Exp2(math.Round(math.Log2(v))) }

// plot draws a line with its points. Where most sizes are powers of two, as of Fourier transforms, the line leaves the others
// out: they are another kind of work, and beside their neighbours they would make it jump.
func (c *canvas) plot(s *series, x, y scale) {
	powers := 0
	for _, p := range s.points {
		if isPower(p[0]) {
			powers++
		}
	}
	var line [][2]float64
	for i, p := range s.points {
		if p[1] <= 0 {
			continue
		}
		if !x.log || isPower(p[0]) || 2*powers <= len(s.points) {
			line = append(line, [2]float64{x.at(p[0]), y.at(p[1])})
		}
		c.dot("p "+s.class, x.at(p[0]), y.at(p[1]), 2.6, s.tips[i])
	}
	c.path("l "+s.class, line)
}

// legendRows breaks a legend into rows; a letter is about six units wide.
func legendRows(all []*series) [][]*series {
	var rows [][]*series
	used := 0.0
	for _, s := range all {
		w := legendWidth(s)
		if len(rows) == 0 || used+w > chartWidth-8 {
			rows, used = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], s)
		used += w
	}
	return rows
}

func legendWidth(s *series) float64 { return 30 + 6.3*float64(len([]rune(s.legend()))) }

func (s *series) legend() string {
	if s.limit {
		return s.name + " (limit)"
	}
	return s.name
}

func (c *canvas) legend(rows [][]*series, y float64) {
	for _, row := range rows {
		x := 8.0
		for _, s := range row {
			c.line("l "+s.class, x, y-4, x+14, y-4)
			c.dot("p "+s.class, x+7, y-4, 2.6, s.name)
			c.text("t", "start", x+18, y, s.legend())
			x += legendWidth(s)
		}
		y += 16
	}
}
