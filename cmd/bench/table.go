package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/shmath/shmath/cmd/bench/report"
	"github.com/shmath/shmath/cmd/bench/result"
)

// newOutput is a live table on a terminal, else lines.
func newOutput() output {
	fd := int(os.Stdout.Fd())
	if !term.IsTerminal(fd) {
		return lines{os.Stdout}
	}
	width, _, err := term.GetSize(fd)
	if err != nil || width < 40 {
		width = 80
	}
	return &table{w: os.Stdout, width: width, began: time.Now()}
}

// quiet shows nothing.
type quiet struct{}

func (quiet) begin(*result.Environment) {}
func (quiet) progress(progress)         {}
func (quiet) contest(*result.Contest)   {}
func (quiet) end(*result.Document)      {}

// table is the output on a terminal: a block for each contest, and below them one line that says what runs.
type table struct {
	w     io.Writer
	width int
	began time.Time
	shown time.Time // when progress was last written
	suite string
}

func (t *table) begin(e *result.Environment) {
	fmt.Fprintf(t.w, "%s, %d cores, %s kernels, %s, kernel %s, commit %s\n", e.CPU, e.Cores, e.ISA, e.Go, e.Kernel, e.Commit)
}

const clearLine = "\r\x1b[K"

func (t *table) progress(p progress) {
	if now := time.Now(); now.Sub(t.shown) < 100*time.Millisecond { // terminals are slow, and others' CPU time
		return
	} else {
		t.shown = now
	}
	what := fmt.Sprintf("round %d of %d", p.round, p.rounds)
	if p.round == 0 {
		what = "warm-up"
	}
	at := time.Since(t.began).Round(time.Second)
	line := []rune(fmt.Sprintf("%v  %s  %s  %s  %s", at, p.suite, p.contest, what, p.contender))
	fmt.Fprint(t.w, clearLine+string(line[:min(len(line), t.width-1)]))
}

// tableColumns are those of report.Columns for which a terminal has room.
var tableColumns = []int{0, 1, 2, 3, 4, 6, 7}

func (t *table) contest(k *result.Contest) {
	rows := [][]string{report.Columns}
	for i := range k.Contenders {
		rows = append(rows, report.Row(k, &k.Contenders[i]))
	}
	widths := make([]int, len(report.Columns))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	b := new(strings.Builder)
	b.WriteString(clearLine)
	if t.suite != k.Suite {
		t.suite = k.Suite
		fmt.Fprintf(b, "\n== %s\n", k.Suite)
	}
	fmt.Fprintf(b, "\n%s\n", k.Name)
	for _, row := range rows {
		line := "  "
		for _, i := range tableColumns {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(row[i]))
			if i == 0 {
				line += row[i] + pad
			} else if widths[i] > utf8.RuneCountInString(report.Columns[i]) || i < 3 || columnUsed(rows, i) {
				line += "  " + pad + row[i]
			}
		}
		runes := []rune(strings.TrimRight(line, " "))
		b.WriteString(string(runes[:min(len(runes), t.width-1)]) + "\n")
	}
	if k.Noise.Noisy() {
		fmt.Fprintf(b, "  %s\n", k.Noise.String())
	}
	fmt.Fprint(t.w, b.String())
}

func columnUsed(rows [][]string, i int) bool {
	for _, row := range rows[1:] {
		if row[i] != "" {
			return true
		}
	}
	return false
}

func (t *table) end(d *result.Document) {
	fmt.Fprint(t.w, clearLine+"\n")
	for _, a := range d.Absences {
		fmt.Fprintf(t.w, "absent from %s: %s: %s\n", a.Suite, a.Peer, a.Why)
	}
	for _, text := range report.Words(d) {
		fmt.Fprintln(t.w, text)
	}
	for _, text := range targets(d) {
		fmt.Fprintln(t.w, text)
	}
	fmt.Fprintf(t.w, "%s; %.0f s\n", d.Noise.String(), d.Seconds)
}
