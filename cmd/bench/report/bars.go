package report

import (
	"fmt"
	"slices"

	"github.com/shmath/shmath/cmd/bench/result"
)

// standing is how ours compares in one family: factors of time over our best contender's, geometric means over the
// family's contests.
type standing struct {
	suite, name string
	contests    int
	limit       float64 // at most 1 unless the limit is beaten; 0 if there is none
	peers       []versus
}

// versus is one peer's standing; more than 1 means that it needs longer.
type versus struct {
	peer  string
	ratio float64
}

// best is the peer that needs the shortest time; nil if there is none.
func (s *standing) best() *versus {
	var best *versus
	for i := range s.peers {
		if v := &s.peers[i]; best == nil || v.ratio < best.ratio {
			best = v
		}
	}
	return best
}

// standings compares ours with limits and peers, family by family. Families without ours, or without others, are left out.
func standings(d *result.Document) []standing {
	var all []standing
	for _, g := range families(d) {
		limits, peers, order := []float64{}, map[string][]float64{}, []string{}
		for _, c := range g.contests {
			ours := c.Best((*result.Contender).Ours)
			if ours == nil || ours.Median <= 0 {
				continue
			}
			if l := c.Limit(); l != nil {
				limits = append(limits, l.Median/ours.Median)
			}
			best := map[string]float64{}
			for i := range c.Contenders {
				k := &c.Contenders[i]
				if name := peerName(k.Peer); result.IsPeer(k) && k.Median > 0 && (best[name] == 0 || k.Median < best[name]) {
					best[name] = k.Median
					if !slices.Contains(order, name) {
						order = append(order, name)
					}
				}
			}
			for name, median := range best {
				peers[name] = append(peers[name], median/ours.Median)
			}
		}
		s := standing{suite: g.suite, name: g.title, contests: len(g.contests), limit: result.GeometricMean(limits)}
		for _, name := range order {
			s.peers = append(s.peers, versus{name, result.GeometricMean(peers[name])})
		}
		if s.limit > 0 || len(s.peers) > 0 {
			all = append(all, s)
		}
	}
	return all
}

// bars draws the standings of a suite: a bar for each peer from 1, which is ours, to its factor; a tick for the limit.
func bars(suite string, all []standing) *canvas {
	const left, right, bar, gap = 136, 74, 11, 9
	values, height := []float64{1}, 48.0
	var used []string
	for _, s := range all {
		if s.limit > 0 {
			values = append(values, s.limit)
		}
		for _, p := range s.peers {
			values = append(values, p.ratio)
			if !slices.Contains(used, p.peer) {
				used = append(used, p.peer)
			}
		}
		height += bar*float64(max(1, len(s.peers))) + gap
	}
	classes, taken, legend := map[string]string{}, map[string]bool{}, []*series{{name: "shmath = 1", class: "ours0"}, {name: "limit", class: "limit"}}
	for _, p := range used {
		classes[p] = classOf(false, p, taken)
		legend = append(legend, &series{name: p, class: classes[p]})
	}
	rows := legendRows(legend)
	title := suite + ": time over ours"
	c := newCanvas(chartWidth, height+16*float64(len(rows)), title, "For each kind of work, the time of each peer over that of shmath's best; the tick is the limit")
	c.text("h", "start", 4, 14, title)
	x := around(values, left, chartWidth-right)
	for _, v := range x.ticks(4) {
		c.line("grid", x.at(v), 26, x.at(v), height-20)
		c.text("t", "middle", x.at(v), height-7, times(v))
	}
	y := 30.0
	for _, s := range all {
		y = c.standing(&s, x, y, bar, classes) + gap
	}
	c.line("l ours0", x.at(1), 24, x.at(1), height-20)
	c.legend(rows, height+8)
	return c
}

// standing draws one family from y on and returns where it ends.
func (c *canvas) standing(s *standing, x scale, y, bar float64, classes map[string]string) float64 {
	high := bar * float64(max(1, len(s.peers)))
	c.text("t", "end", x.from-6, y+high/2+4, clip(s.name, 19))
	for i, p := range s.peers {
		from, to := min(x.at(1), x.at(p.ratio)), max(x.at(1), x.at(p.ratio))
		at := y + bar*float64(i)
		c.rect("b "+classes[p.peer], from, at+1, max(1, to-from), bar-2, fmt.Sprintf("%s, %s: %s our time", s.name, p.peer, times(p.ratio)))
		class := "t"
		if p.ratio < 1 {
			class = "t behind"
		}
		c.text(class, "start", to+4, at+bar-1.5, times(p.ratio))
	}
	if s.limit > 0 {
		c.line("tick", x.at(s.limit), y-2, x.at(s.limit), y+high+2)
		if len(s.peers) == 0 {
			c.text("t", "start", max(x.at(1), x.at(s.limit))+4, y+high-1.5, "limit "+times(s.limit))
		}
	}
	return y + high
}

// clip shortens a name in its middle, where names differ least.
func clip(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most*2/3]) + "…" + string(r[len(r)-(most-most*2/3-1):])
}
