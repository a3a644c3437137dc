package report

import (
	_ "embed"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

//go:embed style.css
var style string

//go:embed page.css
var pageStyle string

// page is HTML under way, well-formed as XML too.
type page struct{ b strings.Builder }

// tag writes an element with text, which is escaped. The attributes are ours.
func (p *page) tag(name, attributes, text string) {
	p.open(name, attributes)
	p.b.WriteString(html.EscapeString(text))
	p.close(name)
}

func (p *page) open(name, attributes string) {
	if attributes != "" {
		attributes = " " + attributes
	}
	p.b.WriteString("<" + name + attributes + ">")
}

func (p *page) close(name string) { p.b.WriteString("</" + name + ">\n") }

// HTML writes the page of a run: one file that needs no network.
func HTML(w io.Writer, d *result.Document) error {
	p := new(page)
	p.b.WriteString("<!DOCTYPE html>\n")
	p.open("html", `lang="en"`)
	p.b.WriteString(`<head><meta charset="utf-8"/><meta name="viewport" content="width=device-width, initial-scale=1"/>`)
	p.tag("title", "", "shmath benchmarks, "+d.Environment.Date.Format("2006-01-02"))
	p.b.WriteString("<style>\n" + style + pageStyle + "</style></head>\n")
	p.open("body", "")
	p.open("main", "")
	p.summary(d)
	if c := roofline(d); c != nil {
		p.tag("h2", `id="roofline"`, "Roofline")
		p.figure(&Figure{Title: c.title, Wide: true, body: c})
	}
	for _, s := range suitesOf(d) {
		p.suite(d, s)
	}
	p.environment(d)
	p.close("main")
	p.close("body")
	p.close("html")
	_, err := io.WriteString(w, p.b.String())
	return err
}

func (p *page) summary(d *result.Document) {
	p.tag("h1", "", "shmath: what this machine can do, how close we come, what others give")
	p.tag("p", `class="soft"`, fmt.Sprintf("%s · %s · %s · commit %s", d.Environment.Date.Format("2 January 2006"), d.Environment.CPU, d.Environment.Go, d.Environment.Commit))
	for _, w := range warnings(d) {
		p.tag("p", `class="warn"`, w)
	}
	p.open("nav", `aria-label="Contents"`)
	if roofline(d) != nil {
		p.tag("a", `href="#roofline"`, "roofline")
	}
	for _, s := range suitesOf(d) {
		p.tag("a", `href="#`+html.EscapeString(s)+`"`, s)
	}
	p.tag("a", `href="#environment"`, "environment")
	p.close("nav")
	p.tag("h2", "", "In short")
	p.open("ul", "")
	for _, w := range Words(d) {
		p.tag("li", "", w)
	}
	if where := lost(standings(d)); len(where) > 0 {
		p.b.WriteString("<li>Behind, the farthest first:")
		p.open("ul", `class="behind"`)
		for _, w := range where {
			p.tag("li", "", w)
		}
		p.close("ul")
		p.close("li")
	}
	p.close("ul")
	p.open("div", `class="scroll"`)
	p.open("table", "")
	p.cells("th", []string{"suite", "kinds of work", "of limit", "best peer", "behind"}, "")
	for _, r := range suiteRows(d) {
		p.cells("td", []string{r.suite, fmt.Sprint(r.works), r.limit, r.peer, fmt.Sprint(r.behind)}, "")
	}
	p.close("table")
	p.close("div")
	p.tag("p", `class="soft"`, method)
}

func (p *page) cells(kind string, texts []string, first string) {
	p.open("tr", "")
	for i, t := range texts {
		attributes := ""
		if i == 0 {
			attributes = first
		}
		p.tag(kind, attributes, t)
	}
	p.close("tr")
}

// figure writes a picture with the command that measures it anew.
func (p *page) figure(g *Figure) {
	attributes := ""
	if g.Wide {
		attributes = `class="wide"`
	}
	p.open("figure", attributes)
	p.b.WriteString(g.body.svg(0, 0))
	p.open("figcaption", "")
	p.tag("code", "", g.Command())
	p.close("figcaption")
	p.close("figure")
}

func (p *page) figures(heading string, list []*Figure) {
	if len(list) == 0 {
		return
	}
	p.tag("h3", "", heading)
	p.open("div", `class="figures"`)
	for _, g := range list {
		p.figure(g)
	}
	p.close("div")
}

func (p *page) suite(d *result.Document, name string) {
	p.tag("h2", `id="`+html.EscapeString(name)+`"`, name)
	ratios, curves, latencies := suiteFigures(d, name)
	if ratios != nil {
		p.figures("Ours beside each peer and the limit", []*Figure{ratios})
	}
	p.figures("By size and number", curves)
	p.figures("Latency", latencies)
	open := ""
	if ratios == nil { // nothing but figures to look at
		open = `open="open"`
	}
	p.open("details", open)
	p.tag("summary", "", "All figures of "+name)
	p.open("div", `class="scroll"`)
	p.open("table", "")
	p.cells("th", Columns, "")
	for i := range d.Contests {
		if c := &d.Contests[i]; c.Suite == name {
			p.contest(c)
		}
	}
	p.close("table")
	p.close("div")
	p.close("details")
}

func (p *page) contest(c *result.Contest) {
	title := label(c.Name)
	if c.Noise.Noisy() {
		title += " (" + c.Noise.String() + ")"
	}
	p.open("tr", `class="work"`)
	p.tag("td", fmt.Sprintf(`colspan="%d"`, len(Columns)), title)
	p.close("tr")
	for j := range c.Contenders {
		p.cells("td", Row(c, &c.Contenders[j]), `class="name"`)
	}
}

func (p *page) environment(d *result.Document) {
	p.tag("h2", `id="environment"`, "Environment")
	p.open("dl", "")
	for _, f := range facts(d) {
		p.tag("dt", "", f[0])
		p.tag("dd", "", f[1])
	}
	p.close("dl")
	if len(d.Absences) == 0 {
		return
	}
	p.tag("h3", "", "Absent peers")
	p.open("ul", "")
	for _, a := range d.Absences {
		p.tag("li", "", fmt.Sprintf("%s (%s): %s", a.Peer, a.Suite, a.Why))
	}
	p.close("ul")
}
