package report

import (
	"fmt"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// roof is a bandwidth, as a line of slope 1, or a peak of arithmetic.
type roof struct {
	name string
	high float64 // GB/s or GFLOP/s
}

// roofs are the best bandwidth of each level, and the peaks, that limits of this run reached. One core is meant: limits with
// more in their name are left out.
func roofs(d *result.Document) (slopes, peaks []roof) {
	best := map[string]float64{}
	for i := range d.Contests {
		c := &d.Contests[i]
		for j := range c.Contenders {
			k := &c.Contenders[j]
			name := c.Name + "/" + k.Name
			if !k.Limit || many(name) {
				continue
			}
			if k.Flops > 0 {
				kind := "float64"
				if strings.Contains(name, "float32") {
					kind = "float32"
				}
				best[kind] = max(best[kind], k.GFlops())
			}
			for _, p := range parts(name) {
				if p.key == "level" && k.Bytes > 0 {
					best[p.value] = max(best[p.value], k.MBps()/1e3)
				}
			}
		}
	}
	for _, l := range levels {
		if best[l] > 0 {
			slopes = append(slopes, roof{l, best[l]})
		}
	}
	for _, kind := range []string{"float64", "float32"} {
		if best[kind] > 0 {
			peaks = append(peaks, roof{kind, best[kind]})
		}
	}
	return slopes, peaks
}

// many says whether a name speaks of more than one core.
func many(name string) bool {
	for _, p := range parts(name) {
		if n, ok := number(p.value); ok && n > 1 && (p.key == "workers" || p.key == "cores" || p.key == "threads") {
			return true
		}
	}
	return false
}

// mark is a kernel on the roofline.
type mark struct {
	name           string
	x, y           float64
	tip            string
	suite          string
	labelX, labelY float64
}

// marks are our best contenders on one core that have flops and bytes.
func marks(d *result.Document) []mark {
	var all []mark
	for _, g := range families(d) {
		for i, c := range g.contests {
			k := c.Best(func(k *result.Contender) bool { return k.Ours() && !many(c.Name+"/"+k.Name) })
			if k == nil || k.GFlops() == 0 || k.Intensity() == 0 {
				continue
			}
			m := mark{x: k.Intensity(), y: k.GFlops(), suite: c.Suite}
			m.tip = fmt.Sprintf("%s: %s GFLOP/s at %s FLOP/byte", label(c.Name), digits(m.y), digits(m.x))
			if i == len(g.contests)-1 || g.axis == "level" && i == 0 {
				m.name = g.title
				if g.axis == "level" {
					m.name += " " + levels[int(g.at[i])]
				}
			}
			all = append(all, m)
		}
	}
	return all
}

// roofline is the model of Williams, Waterman and Patterson (Communications of the ACM 52(4), 2009).
func roofline(d *result.Document) *canvas {
	const width, height, left, right, top, bottom = 440, 372, 40, 12, 34, 84
	slopes, peaks := roofs(d)
	all := marks(d)
	if len(all) == 0 || len(slopes) == 0 && len(peaks) == 0 {
		return nil
	}
	var xs, ys []float64
	for _, m := range all {
		xs, ys = append(xs, m.x), append(ys, m.y)
	}
	for _, p := range peaks {
		ys = append(ys, 2*p.high) // room for the names of slopes
	}
	c := newCanvas(width, height, "Roofline, one core", "Arithmetic rate by arithmetic intensity of each kernel, under the bandwidth of each level and the peaks")
	x, y := around(xs, left, width-right), around(ys, height-bottom, top)
	c.text("h", "start", 4, 14, "Roofline: our kernels on one core")
	for _, v := range x.ticks(7) {
		c.line("grid", x.at(v), top, x.at(v), height-bottom)
		c.text("t", "middle", x.at(v), height-bottom+15, short(v))
	}
	for _, v := range y.ticks(7) {
		c.line("grid", left, y.at(v), width-right, y.at(v))
		c.text("t", "end", left-5, y.at(v)+4, short(v))
	}
	c.text("t", "middle", (left+width-right)/2, height-bottom+29, "floating-point operations for each byte")
	c.text("t", "start", 4, top-6, "GFLOP/s")
	taken := c.roofs(slopes, peaks, x, y)
	for _, m := range all {
		c.dot("p "+suiteClass(m.suite), x.at(m.x), y.at(m.y), 3, m.tip)
		taken = append(taken, box{x.at(m.x) - 3, y.at(m.y) - 3, x.at(m.x) + 3, y.at(m.y) + 3})
	}
	for _, m := range all {
		if m.name != "" {
			taken = c.place(m.name, x.at(m.x), y.at(m.y), box{left, top, width - right, height - bottom}, taken)
		}
	}
	c.legend([][]*series{{{name: "elementwise, reductions", class: "ours0"}, {name: "BLAS", class: "peer0"}, {name: "FFT", class: "peer1"}, {name: "roofs", class: "limit"}}}, height-34)
	c.text("t", "start", 8, height-18, heights(slopes, "GB/s"))
	c.text("t", "start", 8, height-4, heights(peaks, "GFLOP/s by fused multiply-adds"))
	return c
}

func heights(of []roof, unit string) string {
	var list []string
	for _, r := range of {
		list = append(list, r.name+" "+digits(r.high))
	}
	if len(list) == 0 {
		return ""
	}
	return strings.Join(list, ", ") + " " + unit
}

func suiteClass(suite string) string {
	switch suite {
	case "blas":
		return "peer0"
	case "fft":
		return "peer1"
	}
	return "ours0"
}

// roofs draws each slope up to the highest peak, where its name stands, and each peak from the first slope on.
func (c *canvas) roofs(slopes, peaks []roof, x, y scale) (taken []box) {
	peak := y.high
	for i, p := range peaks {
		if i == 0 || p.high > peak {
			peak = p.high
		}
	}
	for i, s := range slopes {
		from, to := max(x.low, y.low/s.high), min(x.high, peak/s.high)
		if from >= to {
			continue
		}
		c.line("l limit", x.at(from), y.at(from*s.high), x.at(to), y.at(to*s.high))
		// Caches are about as fast as each other: every other name stands higher.
		at := box{x.at(to) - 14, y.at(peak) - 18 - 11*float64(i%2), x.at(to) + 14, y.at(peak) - 6 - 11*float64(i%2)}
		c.text("s halo", "middle", x.at(to), at.y2, s.name)
		taken = append(taken, at)
	}
	for _, p := range peaks {
		from := x.low
		if len(slopes) > 0 {
			from = max(x.low, p.high/slopes[0].high)
		}
		c.line("l limit", x.at(from), y.at(p.high), x.to, y.at(p.high))
		at := box{x.to - 42, y.at(p.high) - 14, x.to, y.at(p.high) - 2}
		c.text("s halo", "end", x.to-2, at.y2-1, p.name)
		taken = append(taken, at)
	}
	return taken
}

type box struct{ x1, y1, x2, y2 float64 }

func (a box) meets(b box) bool { return a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2 }

// place writes a name beside a point where nothing is yet; nowhere if there is no room. The point's tip has the name.
func (c *canvas) place(name string, x, y float64, within box, taken []box) []box {
	w := 5.6 * float64(len([]rune(name)))
	for _, at := range []struct {
		dx, dy float64
		anchor string
	}{{6, 4, "start"}, {-6, 4, "end"}, {6, -6, "start"}, {6, 14, "start"}, {-6, -6, "end"}, {-6, 14, "end"}} {
		b := box{x + at.dx, y + at.dy - 10, x + at.dx + w, y + at.dy + 1}
		if at.anchor == "end" {
			b.x1, b.x2 = x+at.dx-w, x+at.dx
		}
		free := b.x1 >= within.x1 && b.x2 <= within.x2 && b.y1 >= within.y1 && b.y2 <= within.y2
		for _, t := range taken {
			free = free && !b.meets(t)
		}
		if free {
			c.text("s halo", at.anchor, x+at.dx, y+at.dy, name)
			return append(taken, b)
		}
	}
	return taken
}
