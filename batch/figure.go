package batch

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// binsMax bounds the bins of a histogram: more than a screen has columns tell nobody anything.
const binsMax = 10000

// histogram is what a figure shows. It is drawn here rather than by a plotting library because the program that draws is
// also the program of every worker: gonum/plot adds 0.8 ms of package initialisation to each worker's start and 7 MB.
type histogram struct {
	title  string
	label  string // of the values
	lo, hi float64
	counts []int64
	marks  []mark
}

// mark is a labelled vertical line.
type mark struct {
	name string // empty for a plain number
	at   float64
}

// The drawing, in SVG's units.
const (
	figureWidth, figureHeight            = 960, 540
	plotLeft, plotRight                  = 84, figureWidth - 28
	plotTop, plotBottom                  = 92, figureHeight - 62
	markRow                              = 17 // height of one row of labels
	background, ink, faint, blue, accent = "#ffffff", "#222222", "#dddddd", "#5b8db8", "#b3261e"
)

// canvas collects SVG elements.
type canvas struct {
	bytes.Buffer
}

func (c *canvas) line(x1, y1, x2, y2 float64, colour, more string) {
	fmt.Fprintf(c, `<line x1="%s" y1="%s" x2="%s" y2="%s" stroke="%s" %s/>`+"\n", coord(x1), coord(y1), coord(x2), coord(y2), colour, more)
}

func (c *canvas) text(x, y float64, anchor, more, s string) {
	fmt.Fprintf(c, `<text x="%s" y="%s" text-anchor="%s" %s>`, coord(x), coord(y), anchor, more)
	_ = xml.EscapeText(c, []byte(s)) // a bytes.Buffer does not fail
	c.WriteString("</text>\n")
}

func coord(v float64) string { return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") }

// svg draws the histogram.
func (h *histogram) svg() []byte {
	c := new(canvas)
	fmt.Fprintf(c, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="%s">`+"\n",
		figureWidth, figureHeight, figureWidth, figureHeight, ink)
	fmt.Fprintf(c, `<rect width="%d" height="%d" fill="%s"/>`+"\n", figureWidth, figureHeight, background)
	total := int64(0)
	for _, n := range h.counts {
		total += n
	}
	c.text(plotLeft, 30, "start", `font-size="18" font-weight="bold"`, h.title)
	c.text(plotLeft, 49, "start", fmt.Sprintf(`fill="#666666"`), fmt.Sprintf("%s values in %d bins", grouped(total), len(h.counts)))
	h.axes(c)
	h.bars(c)
	h.drawMarks(c)
	c.line(plotLeft, plotBottom, plotRight, plotBottom, ink, `stroke-width="1"`)
	c.WriteString("</svg>\n")
	return c.Bytes()
}

func (h *histogram) x(v float64) float64 {
	return plotLeft + (v-h.lo)/(h.hi-h.lo)*(plotRight-plotLeft)
}

func (h *histogram) y(count float64) float64 {
	top := max(float64(slices.Max(h.counts)), 1) * 1.04
	return plotBottom - count/top*(plotBottom-plotTop)
}

func (h *histogram) axes(c *canvas) {
	highest := float64(slices.Max(h.counts))
	counts, _ := ticks(0, max(highest, 1), 6)
	for _, v := range counts {
		y := h.y(v)
		c.line(plotLeft, y, plotRight, y, faint, `stroke-width="1"`)
		c.text(plotLeft-10, y+4.5, "end", "", countLabel(v))
	}
	values, digits := ticks(h.lo, h.hi, 10)
	for _, v := range values {
		x := h.x(v)
		c.line(x, plotBottom, x, plotBottom+5, ink, `stroke-width="1"`)
		c.text(x, plotBottom+21, "middle", "", tickLabel(v, digits))
	}
	c.text((plotLeft+plotRight)/2, figureHeight-16, "middle", `font-size="14"`, h.label)
	middle := coord((plotTop + plotBottom) / 2)
	c.text(20, (plotTop+plotBottom)/2, "middle", `font-size="14" transform="rotate(-90 20 `+middle+`)"`, "values per bin")
}

// bars draws all bins as one outline: hundreds of rectangles side by side show seams.
func (h *histogram) bars(c *canvas) {
	fmt.Fprintf(c, `<path fill="%s" d="M%d %d`, blue, plotLeft, plotBottom)
	width := (h.hi - h.lo) / float64(len(h.counts))
	for i, n := range h.counts {
		fmt.Fprintf(c, "V%sH%s", coord(h.y(float64(n))), coord(h.x(h.lo+width*float64(i+1))))
	}
	fmt.Fprintf(c, "V%dZ\"/>\n", plotBottom)
}

// drawMarks draws the marks from left to right, each label in the first row where it does not cover another.
func (h *histogram) drawMarks(c *canvas) {
	marks := slices.Clone(h.marks)
	slices.SortStableFunc(marks, func(a, b mark) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	const letter = 7.2 // mean width of a letter: SVG has no measure without a font
	var ends []float64 // where the labels of each row end
	for _, m := range marks {
		if !(m.at >= h.lo && m.at <= h.hi) {
			continue // also NaN: there is no place for it
		}
		label := strconv.FormatFloat(m.at, 'g', 4, 64)
		if m.name != "" {
			label = m.name + " = " + label
		}
		x := h.x(m.at)
		left, anchor, at := x+6, "start", x+6
		if width := letter * float64(len(label)); x+6+width > plotRight {
			left, anchor, at = x-6-width, "end", x-6
		}
		row := 0
		for row < len(ends) && ends[row] > left {
			row++
		}
		if row == len(ends) {
			ends = append(ends, 0)
		}
		ends[row] = left + letter*float64(len(label)) + 8
		y := float64(plotTop + markRow*row)
		c.line(x, y-12, x, plotBottom, accent, `stroke-width="1.5" stroke-dasharray="5 3"`)
		c.text(at, y, anchor, `fill="`+accent+`" font-weight="bold"`, label)
	}
}

// binsFor is Rice's rule within what a picture shows: 2 n^(1/3), from 10 to 200.
func binsFor(n int) int { return min(max(int(2*math.Cbrt(float64(n))), 10), 200) }
