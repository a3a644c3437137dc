package batch

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// bar is the last line of a terminal: the running step and how far it is. It is drawn here because the libraries
// for it are much of a program that every worker also is: schollz/progressbar links net/http, 3 MB and 0.5 ms at each
// worker's start. A nil *bar draws nothing.
type bar struct {
	w     *os.File
	label string
	began time.Time
	shown bool
}

func (b *bar) draw(e Event) {
	if b == nil || e.Total <= 0 {
		return
	}
	if e.Label != b.label {
		b.label, b.began = e.Label, time.Now()
	}
	width, _, err := term.GetSize(int(b.w.Fd()))
	if err != nil || width < 20 {
		width = 80
	}
	width = min(width, 140) - 1
	share := min(float64(e.Done)/float64(e.Total), 1)
	tail := fmt.Sprintf("] %3.0f%% %6.1f s", 100*share, time.Since(b.began).Seconds())
	name := padded(e.Label, min(labelWidth, width/2)) + " ["
	cells := max(width-len([]rune(name))-len(tail), 0)
	full := int(share * float64(cells))
	fmt.Fprintf(b.w, "\r%s%s%s%s\x1b[K", name, strings.Repeat("=", full), strings.Repeat(" ", cells-full), tail)
	b.shown = true
}

// clear takes the bar away before another line is printed.
func (b *bar) clear() {
	if b == nil || !b.shown {
		return
	}
	fmt.Fprint(b.w, "\r\x1b[K")
	b.shown = false
}
