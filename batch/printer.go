package batch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"unicode/utf8"

	"golang.org/x/term"
)

// Printer writes the events of a run for people or programs: lines on standard output, a bar on standard error when that
// is a terminal.
type Printer struct {
	out  io.Writer
	bar  *bar
	form form
	err  error

	unread func() // see stopUnread
}

// form is what a Printer writes.
type form uint8

const (
	formLines form = iota // one line for each step, the numbers and the files
	formQuiet             // the numbers with their names
	formBare              // the numbers alone
	formJSON              // all events, but progress only on a terminal
)

func newPrinter(out, errOut io.Writer, form form) *Printer {
	p := &Printer{out: out, form: form}
	if f, ok := errOut.(*os.File); ok && form != formQuiet && term.IsTerminal(int(f.Fd())) {
		p.bar = &bar{w: f}
	}
	return p
}

// stopUnread ends a run when nobody reads its lines any more. The signal that says so may come late.
func (p *Printer) stopUnread(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	p.unread = func() { cancel(&Interrupt{syscall.SIGPIPE}) }
	return ctx, func() { cancel(nil) }
}

// Listen is for Options.Listen.
func (p *Printer) Listen(e Event) {
	if e.Kind == Progressed {
		p.bar.draw(e)
		return
	}
	p.bar.clear()
	if line := p.line(e); line != "" && p.err == nil {
		_, p.err = fmt.Fprintln(p.out, line)
		if errors.Is(p.err, syscall.EPIPE) && p.unread != nil {
			p.unread()
		}
	}
}

// Err is the first error of standard output: a closed pipe, a full disk.
func (p *Printer) Err() error { return p.err }

func (p *Printer) line(e Event) string {
	switch {
	case p.form == formJSON:
		b, err := json.Marshal(e)
		if err != nil {
			p.err = err
		}
		return string(b)
	case e.Kind == Scalar && p.form == formBare:
		return FormatScalar(e.Value)
	case e.Kind == Scalar:
		return e.Name + " = " + FormatScalar(e.Value)
	case p.form != formLines:
		return ""
	}
	switch e.Kind {
	case Started:
		workers := "1 worker"
		if e.Workers != 1 {
			workers = strconv.Itoa(e.Workers) + " workers"
		}
		line := e.Job + ": " + workers + " on " + cpuText(e.CPUs)
		if len(e.Shared) > 0 {
			line += "; " + cpuText(e.Shared) + " shared with other programs, since none was free"
		}
		return line
	case Stepped:
		return fmt.Sprintf("%s %9s  %-33s  %s", padded(e.Label, labelWidth), shortTime(e.Took), e.rate(), cpuText(e.CPUs))
	case Written:
		return "wrote " + e.Path + " (" + sizeText(e.Bytes) + ")"
	}
	return ""
}

const labelWidth = 46 // of the column of steps; a longer label is cut

// padded makes s exactly width characters long.
func padded(s string, width int) string {
	n := utf8.RuneCountInString(s)
	if n > width {
		return string([]rune(s)[:width-1]) + "…"
	}
	return s + strings.Repeat(" ", width-n)
}

// cpuText lists CPUs as the kernel does: CPUs 0-3,8.
func cpuText(list []int) string {
	cpus := slices.Compact(slices.Sorted(slices.Values(list)))
	if len(cpus) == 0 {
		return "no CPU"
	}
	var parts []string
	for i := 0; i < len(cpus); i++ {
		first := i
		for i+1 < len(cpus) && cpus[i+1] == cpus[i]+1 {
			i++
		}
		part := strconv.Itoa(cpus[first])
		if i > first {
			part += "-" + strconv.Itoa(cpus[i])
		}
		parts = append(parts, part)
	}
	if len(cpus) == 1 {
		return "CPU " + parts[0]
	}
	return "CPUs " + strings.Join(parts, ",")
}

// sizeText writes a number of bytes in the largest unit that leaves a digit before the point.
func sizeText(n int64) string {
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	v, unit := float64(n)/1e3, 0
	for units := "kMGTP"; v >= 1000 && unit < len(units)-1; unit++ {
		v /= 1e3
	}
	return threeDigits(v) + " " + "kMGTP"[unit:unit+1] + "B"
}
