package batch

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	arrayKeys  = []string{"csv", "column", "na", "npy"}
	figureKeys = []string{"histogram", "marks", "file", "bins"}
)

func (p *parser) arrays(n *yaml.Node) {
	p.pairs(n, "arrays", func(key, value *yaml.Node) {
		p.define(key, key.Value)
		parts := p.mapping(value, "an array", arrayKeys)
		if parts == nil {
			return
		}
		s := source{name: key.Value, line: key.Line}
		csv, npy := parts["csv"], parts["npy"]
		switch {
		case csv != nil && npy != nil:
			p.fail(npy, "keep one of them", "array %s has csv and npy", key.Value)
		case csv == nil && npy == nil:
			p.fail(value, "write {npy: FILE} or {csv: FILE, column: NAME}", "array %s names no file", key.Value)
		case npy != nil:
			s.path, s.pathLine = p.path(npy, "npy"), npy.Line
			for _, k := range []string{"column", "na"} {
				if v := parts[k]; v != nil {
					p.fail(v, "take it out", "%s is for csv, array %s is npy", k, key.Value)
				}
			}
		default:
			s.path, s.pathLine = p.path(csv, "csv"), csv.Line
			if parts["column"] == nil {
				p.fail(value, "add column: NAME", "array %s names no column of the CSV file", key.Value)
				return
			}
			s.column = p.text(parts["column"], "column")
			s.na = p.naPolicy(parts["na"])
		}
		p.job.arrays = append(p.job.arrays, s)
	})
}

func (p *parser) naPolicy(n *yaml.Node) naPolicy {
	if n == nil {
		return naError
	}
	policies := []string{naError: "error", naDrop: "drop", naNaN: "nan"}
	i := slices.Index(policies, strings.ToLower(p.text(n, "na")))
	if i < 0 && p.err == nil {
		p.fail(n, "write error, drop or nan", "na is %q", n.Value)
	}
	return naPolicy(max(i, 0))
}

func (p *parser) outputs(n *yaml.Node) {
	p.pairs(n, "outputs", func(key, value *yaml.Node) {
		if key.Value == "figure" {
			items := []*yaml.Node{value}
			if value.Kind == yaml.SequenceNode {
				items = value.Content
			}
			for _, item := range items {
				p.figure(item)
			}
			return
		}
		path := p.path(value, key.Value)
		if p.err == nil && filepath.Ext(path) != ".npy" {
			p.fail(value, "write "+key.Value+": "+strings.TrimSuffix(path, filepath.Ext(path))+".npy",
				"arrays are written as .npy files, %s is none", path)
		}
		p.job.outputs = append(p.job.outputs, output{reference{name: key.Value, line: key.Line}, path})
	})
}

func (p *parser) figure(n *yaml.Node) {
	parts := p.mapping(n, "a figure", figureKeys)
	if parts == nil {
		return
	}
	f := figure{line: n.Line}
	of, file := parts["histogram"], parts["file"]
	if of == nil || file == nil {
		p.fail(n, "write {histogram: NAME, file: NAME.svg}", "a figure needs histogram and file")
		return
	}
	f.of = reference{name: p.text(of, "histogram"), line: of.Line}
	f.path = p.path(file, "file")
	if p.err == nil && filepath.Ext(f.path) != ".svg" {
		p.fail(file, "write file: NAME.svg", "figures are drawn as SVG, %s is no .svg file", f.path)
	}
	if m := parts["marks"]; m != nil {
		f.marks = p.references(m, "marks")
	}
	if b := parts["bins"]; b != nil {
		bins, err := strconv.Atoi(p.text(b, "bins"))
		if err != nil || bins < 1 || bins > binsMax {
			p.fail(b, "write a number from 1 to "+strconv.Itoa(binsMax), "bins is %q", b.Value)
		}
		f.bins = bins
	}
	p.job.figures = append(p.job.figures, f)
}

// references reads a list of names and numbers; one alone needs no brackets.
func (p *parser) references(n *yaml.Node, what string) []reference {
	items := []*yaml.Node{n}
	if n.Kind != yaml.ScalarNode {
		items = p.list(n, what)
	}
	var list []reference
	for _, item := range items {
		r := reference{name: p.text(item, what), line: item.Line}
		if v, ok := parseScalar(r.name); ok {
			r.fix = v
		}
		list = append(list, r)
	}
	return list
}

// path reads a file name.
func (p *parser) path(n *yaml.Node, what string) string {
	s := p.text(n, what)
	if s == "" {
		p.fail(n, "name a file", "%s is empty", what)
	}
	return s
}
