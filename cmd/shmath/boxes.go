package main

import (
	"strings"
	"unicode/utf8"
)

// box is a rectangle of text with a title, and other boxes in it.
type box struct {
	title string
	text  []string
	parts []*box
}

// lines draws the box, not wider than width if its parts can be broken into rows.
func (b *box) lines(width int) []string {
	content := append([]string(nil), b.text...)
	content = append(content, rows(b.parts, width-4)...)
	inner := utf8.RuneCountInString(b.title)
	for _, l := range content {
		inner = max(inner, utf8.RuneCountInString(l))
	}
	out := []string{"┌ " + b.title + " " + strings.Repeat("─", inner-utf8.RuneCountInString(b.title)) + "┐"}
	for _, l := range content {
		out = append(out, "│ "+fill(l, inner)+" │")
	}
	return append(out, "└"+strings.Repeat("─", inner+2)+"┘")
}

// rows lays boxes side by side, and below each other where the width ends.
func rows(parts []*box, width int) []string {
	var out, row []string
	used := 0
	for _, p := range parts {
		lines := p.lines(width)
		w := utf8.RuneCountInString(lines[0])
		if used > 0 && used+1+w > width {
			out, row, used = append(out, row...), nil, 0
		}
		if used > 0 {
			used++
		}
		for i := range max(len(row), len(lines)) {
			if i == len(row) {
				row = append(row, "")
			}
			if i < len(lines) {
				row[i] = fill(row[i], used) + lines[i]
			}
		}
		used += w
	}
	return append(out, row...)
}

// fill makes s at least width characters long.
func fill(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}
