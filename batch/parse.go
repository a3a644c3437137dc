package batch

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/shmath/shmath/expr"
)

// parser reads a job file. The first fault is kept; what is read after it does not matter.
type parser struct {
	job     *Job
	err     error
	defined map[string]int // names and the lines that give them their meaning
}

// parseJob reads the text of a job file.
func parseJob(path string, src []byte) (*Job, error) {
	base := filepath.Base(path)
	p := &parser{
		job:     &Job{Path: path, Name: strings.TrimSuffix(base, filepath.Ext(base))},
		defined: make(map[string]int),
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(src, &doc); err != nil {
		return nil, yamlError(path, err)
	}
	if len(doc.Content) == 0 {
		return nil, p.job.fault(1, "the job file is empty", "it needs at least steps")
	}
	p.root(doc.Content[0])
	if p.err != nil {
		return nil, p.err
	}
	return p.job, nil
}

// yamlError takes the line out of the library's message, which reads "yaml: line 3: ...".
func yamlError(path string, err error) error {
	what, line := strings.TrimPrefix(OneLine(err), "yaml: "), 0
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(what); m != nil {
		line, _ = strconv.Atoi(m[1])
		what = what[len(m[0]):]
	}
	return &Error{File: path, Line: line, What: "not YAML: " + what,
		Remedy: "check the indentation, and quote a line that holds a colon or begins with a special character", Err: err}
}

func (p *parser) fail(n *yaml.Node, remedy, format string, args ...any) {
	if p.err == nil {
		p.err = p.job.fault(n.Line, fmt.Sprintf(format, args...), remedy)
	}
}

var rootKeys = []string{"name", "seed", "arrays", "set", "steps", "outputs", "print"}

func (p *parser) root(n *yaml.Node) {
	parts := p.mapping(n, "a job", rootKeys)
	for _, key := range rootKeys { // in the order of what depends on what, not of the file
		v, ok := parts[key]
		if !ok {
			continue
		}
		switch key {
		case "name":
			p.job.Name = p.text(v, "name")
		case "seed":
			p.seed(v)
		case "arrays":
			p.arrays(v)
		case "set":
			p.set(v)
		case "steps":
			p.steps(v)
		case "outputs":
			p.outputs(v)
		case "print":
			p.job.prints = p.references(v, "print")
		}
	}
	if len(p.job.steps) == 0 {
		p.fail(n, "add lines such as - m = mean(x)", "the job has no steps")
	}
}

func (p *parser) seed(n *yaml.Node) {
	s := p.text(n, "seed")
	seed, err := strconv.ParseUint(strings.ReplaceAll(s, "_", ""), 0, 64)
	if err != nil {
		p.fail(n, "write an integer from 0 to 2**64-1", "seed is %q", s)
	}
	p.job.Seed = seed
}

// define notes what gives a name its meaning; each name has one.
func (p *parser) define(n *yaml.Node, name string) {
	if !validName(name) {
		p.fail(n, "names are letters, digits and _, and do not begin with a digit", "%q is no name", name)
	}
	if at, ok := p.defined[name]; ok {
		p.fail(n, "choose another name", "%s has a meaning already, from line %d", name, at)
	}
	p.defined[name] = n.Line
}

func (p *parser) set(n *yaml.Node) {
	p.pairs(n, "set", func(key, value *yaml.Node) {
		p.define(key, key.Value)
		v, ok := parseScalar(value.Value)
		if value.Kind != yaml.ScalarNode || !ok {
			p.fail(value, "such as "+key.Value+": 1000", "%s under set is not a number", key.Value)
		}
		p.job.numbers = append(p.job.numbers, number{name: key.Value, line: key.Line, value: v})
	})
}

func (p *parser) steps(n *yaml.Node) {
	for _, item := range p.list(n, "steps") {
		if item.Kind != yaml.ScalarNode {
			p.fail(item, "quote the line: - 'name = expression'", "a step is one line of text, not %s", kindName(item))
			return
		}
		line := p.line(item)
		prog, err := expr.Compile(line)
		if err != nil {
			if p.err == nil {
				p.err = &Error{File: p.job.Path, Line: item.Line, What: err.Error(), Err: err}
			}
			return
		}
		if !prog.Assigned() {
			p.fail(item, "write: - name = "+line, "the result of %q has no name", line)
			return
		}
		p.define(item, prog.Targets()[0])
		p.job.steps = append(p.job.steps, step{line: item.Line, source: line, prog: prog})
	}
}

// line is the text of a step, with a line break of a folded or literal block as a space.
func (p *parser) line(n *yaml.Node) string {
	return strings.TrimSpace(strings.ReplaceAll(n.Value, "\n", " "))
}
