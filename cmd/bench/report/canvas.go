package report

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// canvas is an SVG under way. Colours are classes of style.css.
type canvas struct {
	b             strings.Builder
	width, height float64
	title         string
	description   string
}

func newCanvas(width, height float64, title, description string) *canvas {
	return &canvas{width: width, height: height, title: title, description: description}
}

// f writes a coordinate: a tenth of a pixel is enough.
func f(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&c.b, `<line class="%s" x1="%s" y1="%s" x2="%s" y2="%s"/>`, class, f(x1), f(y1), f(x2), f(y2))
}

// text is anchored at start, middle or end.
func (c *canvas) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&c.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, f(x), f(y), html.EscapeString(s))
}

func (c *canvas) rect(class string, x, y, w, h float64, tip string) {
	fmt.Fprintf(&c.b, `<rect class="%s" x="%s" y="%s" width="%s" height="%s"><title>%s</title></rect>`, class, f(x), f(y), f(w), f(h), html.EscapeString(tip))
}

func (c *canvas) dot(class string, x, y, r float64, tip string) {
	fmt.Fprintf(&c.b, `<circle class="%s" cx="%s" cy="%s" r="%s"><title>%s</title></circle>`, class, f(x), f(y), f(r), html.EscapeString(tip))
}

func (c *canvas) path(class string, points [][2]float64) {
	var d strings.Builder
	for i, p := range points {
		d.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + f(p[0]) + " " + f(p[1]))
	}
	fmt.Fprintf(&c.b, `<path class="%s" d="%s"/>`, class, d.String())
}

// svg is the picture as an element of a page, or of another picture at x, y.
func (c *canvas) svg(x, y float64) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" role="img" x="%s" y="%s" width="%s" height="%s" viewBox="0 0 %s %s"><title>%s</title><desc>%s</desc>%s</svg>`,
		f(x), f(y), f(c.width), f(c.height), f(c.width), f(c.height), html.EscapeString(c.title), html.EscapeString(c.description), c.b.String())
}

// scale maps a range of values to a range of pixels.
type scale struct {
	low, high float64 // values
	from, to  float64 // pixels
	log       bool
}

func (s scale) at(v float64) float64 {
	low, high := s.low, s.high
	if s.log {
		low, high, v = math.Log10(low), math.Log10(high), math.Log10(v)
	}
	if high == low {
		return (s.from + s.to) / 2
	}
	return s.from + (v-low)/(high-low)*(s.to-s.from)
}

// around returns a logarithmic scale that holds all values, from one round number to another.
func around(values []float64, from, to float64) scale {
	low, high := math.Inf(1), 0.0
	for _, v := range values {
		if v > 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	if high == 0 {
		low, high = 1, 10
	}
	return scale{roundDown(low), roundUp(high), from, to, true}
}

// steps are the round numbers of a decade.
var steps = []float64{1, 2, 5, 10}

func roundDown(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	best := decade
	for _, s := range steps {
		if s*decade <= v*1.0001 {
			best = s * decade
		}
	}
	return best
}

func roundUp(v float64) float64 {
	decade := math.Pow(10, math.Floor(math.Log10(v)))
	for _, s := range steps {
		if s*decade >= v*0.9999 {
			return s * decade
		}
	}
	return 10 * decade
}

// ticks are round numbers on a logarithmic scale, not more than most.
func (s scale) ticks(most int) []float64 {
	for _, per := range [][]float64{{1, 2, 5}, {1}} {
		var all []float64
		for e := math.Floor(math.Log10(s.low)); e <= math.Ceil(math.Log10(s.high)); e++ {
			for _, m := range per {
				if v := m * math.Pow(10, e); v >= s.low*0.999 && v <= s.high*1.001 {
					all = append(all, v)
				}
			}
		}
		if len(all) <= most {
			return all
		}
		if len(per) == 1 {
			var some []float64
			stride := (len(all) + most - 1) / most
			for i := 0; i < len(all); i += stride {
				some = append(some, all[i])
			}
			return some
		}
	}
	return nil
}

// short writes a number in three digits, with a prefix of the SI.
func short(v float64) string {
	for _, p := range []struct {
		name string
		from float64
	}{{"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}, {"", 1}} {
		if math.Abs(v) >= p.from*0.9995 {
			return digits(v/p.from) + p.name
		}
	}
	return digits(v)
}

// digits writes a number in three digits.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a >= 99.95 || a == 0:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a >= 9.995:
		return trim(strconv.FormatFloat(v, 'f', 1, 64))
	}
	return trim(strconv.FormatFloat(v, 'g', 3, 64))
}

func trim(s string) string {
	if strings.Contains(s, ".") && !strings.Contains(s, "e") {
		return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// binary writes a size as 64, 4 Ki, 1 Mi.
func binary(v float64) string {
	for _, p := range []struct {
		name string
		from float64
	}{{"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}} {
		if v >= p.from {
			return digits(v/p.from) + " " + p.name
		}
	}
	return digits(v)
}

// duration writes nanoseconds.
func duration(ns float64) string {
	switch {
	case ns >= 0.9995e9:
		return digits(ns/1e9) + " s"
	case ns >= 0.9995e6:
		return digits(ns/1e6) + " ms"
	case ns >= 999.5:
		return digits(ns/1e3) + " µs"
	}
	return digits(ns) + " ns"
}

// Value writes a figure in the unit of its contest.
func Value(v float64, unit string) string {
	switch unit {
	case "ns":
		return duration(v)
	case "B":
		return binary(v) + "B"
	}
	return short(v) + " " + unit
}

// times writes a factor.
func times(v float64) string {
	if v >= 1e4 {
		return short(v) + "×"
	}
	return digits(v) + "×"
}
