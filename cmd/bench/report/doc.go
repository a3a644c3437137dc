// Package report draws what a run of cmd/bench measured: one HTML page that needs nothing else, and one page of Markdown
// with its figures beside it.
//
//	HTML       the page: summary in words, ratios, roofline, curves by size, latencies, tables, environment
//	Markdown   the same for docs/BENCHMARKS.md
//	Figures    the figures as SVG files, for Markdown
//
// The figures are SVG written by hand. gonum/plot writes fixed colours and fonts, go-echarts loads its scripts from the
// network, and Vega or Plotly whole are a megabyte of JavaScript that draws nothing in Markdown. What is drawn here follows
// the reader's light or dark theme by CSS variables, scales to a phone, and prints. Markup is not written by html/template
// either: its initialisation would be a tenth of the start of a worker, which cmd/bench measures with itself.
package report
