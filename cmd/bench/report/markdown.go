package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// Markdown writes the page of a run, with the pictures of Figures as FOLDER/NAME.svg.
func Markdown(w io.Writer, d *result.Document, folder string) error {
	b := new(strings.Builder)
	fmt.Fprintf(b, "<!-- Written by cmd/bench; do not edit. -->\n\n# Benchmarks\n\n")
	fmt.Fprintf(b, "Measured on %s by `%s`, at commit %s. `make benchmarks` measures everything anew and writes this page.\n\n",
		d.Environment.Date.Format("2 January 2006"), d.Environment.Command, d.Environment.Commit)
	for _, text := range warnings(d) {
		fmt.Fprintf(b, "> %s\n\n", text)
	}
	for _, text := range Words(d) {
		fmt.Fprintf(b, "- %s\n", escape(text))
	}
	if where := lost(standings(d)); len(where) > 0 {
		fmt.Fprintf(b, "- Behind, the farthest first:\n  - %s\n", escape(strings.Join(where, "\n  - ")))
	}
	b.WriteString("\n| suite | kinds of work | of limit | best peer | behind |\n|---|---:|---:|---:|---:|\n")
	for _, r := range suiteRows(d) {
		fmt.Fprintf(b, "| [%s](#%s) | %d | %s | %s | %d |\n", r.suite, r.suite, r.works, r.limit, r.peer, r.behind)
	}
	fmt.Fprintf(b, "\n%s\n\n## The machine\n\n| | |\n|---|---|\n", method)
	for _, f := range facts(d) {
		fmt.Fprintf(b, "| %s | %s |\n", f[0], escape(f[1]))
	}
	for _, a := range d.Absences {
		fmt.Fprintf(b, "| absent from %s | %s: %s |\n", a.Suite, escape(a.Peer), escape(a.Why))
	}
	all := Figures(d)
	for _, g := range all {
		if g.Suite == "" {
			fmt.Fprintf(b, "\n## %s\n\n%s", g.Title, g.markdown(folder))
		}
	}
	for _, s := range suitesOf(d) {
		fmt.Fprintf(b, "\n## %s\n", s)
		for _, g := range all {
			if g.Suite == s {
				fmt.Fprintf(b, "\n%s", g.markdown(folder))
			}
		}
		markdownTable(b, d, s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (g *Figure) markdown(folder string) string {
	return fmt.Sprintf("![%s](%s/%s.svg)\n\n`%s`\n", g.Title, folder, g.Name, g.Command())
}

func markdownTable(b *strings.Builder, d *result.Document, suite string) {
	fmt.Fprintf(b, "\n<details><summary>All figures of %s</summary>\n\n| work | %s |\n|---|---|%s\n", suite,
		strings.Join(Columns, " | "), strings.Repeat("---:|", len(Columns)-1))
	for i := range d.Contests {
		c := &d.Contests[i]
		if c.Suite != suite {
			continue
		}
		for j := range c.Contenders {
			fmt.Fprintf(b, "| %s | %s |\n", escape(label(c.Name)), escape(strings.Join(Row(c, &c.Contenders[j]), " | ")))
		}
	}
	b.WriteString("\n</details>\n")
}

// escape keeps what is Markdown in a text from being read as such. Cells are joined before.
func escape(s string) string {
	return strings.NewReplacer("<", "&lt;", "*", "\\*", "_", "\\_").Replace(s)
}
