package report

import (
	"math"

	"github.com/shmath/shmath/cmd/bench/result"
)

// Figure is a picture of a run.
type Figure struct {
	Name  string // of its file, without .svg
	Suite string // that gives its data; empty where all do
	Title string
	Wide  bool
	body  *canvas
}

// Command is what measures the figure's data anew.
func (g *Figure) Command() string {
	if g.Suite == "" {
		return again("limits blas fft kernels")
	}
	return again(g.Suite)
}

// SVG is the picture with its colours, for a file.
func (g *Figure) SVG() string {
	b := g.body
	c := newCanvas(b.width+16, b.height+16, b.title, b.description)
	c.b.WriteString("<style>" + style + "</style>")
	c.rect("paper", 0, 0, c.width, c.height, b.title)
	c.b.WriteString(b.svg(8, 8))
	return c.svg(0, 0) + "\n"
}

// suiteFigures are all figures of one suite: ratios first, then curves, scaling and latencies.
func suiteFigures(d *result.Document, suite string) (ratios *Figure, curves, latencies []*Figure) {
	var mine []standing
	for _, s := range standings(d) {
		if s.suite == suite {
			mine = append(mine, s)
		}
	}
	if len(mine) > 0 {
		c := bars(suite, mine)
		ratios = &Figure{Name: "ratios-" + suite, Suite: suite, Title: c.title, body: c}
	}
	for _, g := range families(d) {
		if g.suite != suite {
			continue
		}
		whole := g.curve()
		if whole != nil {
			curves = append(curves, &Figure{Suite: suite, Title: whole.title, body: whole})
		}
		for _, k := range g.contests {
			if c := scaling(label(k.Name), k); c != nil && whole == nil {
				curves = append(curves, &Figure{Suite: suite, Title: c.title, body: c})
			}
			if c := latency(k); c != nil {
				latencies = append(latencies, &Figure{Suite: suite, Title: c.title, body: c})
			}
		}
	}
	return ratios, curves, latencies
}

// scaling draws a contest whose contenders differ in a numeric value, as workers: nil for others.
func scaling(title string, k *result.Contest) *canvas {
	m := metricOf([]*result.Contest{k})
	values := map[string]map[float64]bool{}
	for i := range k.Contenders {
		for _, p := range parts(k.Contenders[i].Name) {
			if v, ok := coordinate(p.key, p.value); ok && p.key != "" {
				if values[p.key] == nil {
					values[p.key] = map[float64]bool{}
				}
				values[p.key][v] = true
			}
		}
	}
	axis := ""
	for key, of := range values {
		if len(of) > 1 && (axis == "" || len(of) > len(values[axis]) || len(of) == len(values[axis]) && key < axis) {
			axis = key
		}
	}
	if axis == "" {
		return nil
	}
	g := &family{name: k.Name, axis: axis}
	for i := range k.Contenders {
		c := k.Contenders[i]
		for _, p := range parts(c.Name) {
			if v, ok := coordinate(p.key, p.value); ok && p.key == axis {
				c.Name = without(c.Name, axis)
				g.at = append(g.at, v)
				g.contests = append(g.contests, &result.Contest{Name: k.Name, Unit: k.Unit, Contenders: []result.Contender{c}})
			}
		}
	}
	var lines []*series
	for _, s := range g.seriesOf(m) {
		if len(s.points) > 1 {
			lines = append(lines, s)
		}
	}
	return drawSeries(title, axisName(axis), m, lines, axis == "level")
}

// sheet puts small figures of a suite side by side on one picture, for Markdown.
func sheet(name, title string, figures []*Figure) *Figure {
	if len(figures) == 0 {
		return nil
	}
	const gap = 20
	columns := min(2, len(figures))
	c := newCanvas(float64(columns)*(chartWidth+gap)-gap, 0, title, title)
	for i := 0; i < len(figures); i += columns {
		high := 0.0
		for j, g := range figures[i:min(i+columns, len(figures))] {
			c.b.WriteString(g.body.svg(float64(j)*(chartWidth+gap), c.height))
			high = math.Max(high, g.body.height)
		}
		c.height += high + gap
	}
	c.height -= gap
	return &Figure{Name: name, Suite: figures[0].Suite, Title: title, Wide: columns > 1, body: c}
}

// Figures are the pictures beside a page of Markdown.
func Figures(d *result.Document) []*Figure {
	var all []*Figure
	add := func(g *Figure) {
		if g != nil {
			all = append(all, g)
		}
	}
	if c := roofline(d); c != nil {
		add(&Figure{Name: "roofline", Title: c.title, Wide: true, body: c})
	}
	for _, s := range suitesOf(d) {
		ratios, curves, latencies := suiteFigures(d, s)
		add(ratios)
		add(sheet("curves-"+s, s+": how figures change with size", curves))
		add(sheet("latency-"+s, s+": distributions of single operations", latencies))
	}
	return all
}
