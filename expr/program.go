package expr

import (
	"slices"
	"sync/atomic"
)

// Program is a parsed source line. It holds no types and no data: Plan gives it those, as often as wanted. A Program is
// immutable, but for the last plan, which it keeps to give it again; any number of goroutines may plan it.
type Program struct {
	src      string
	names    []string
	mentions []string // every name, also those of constants, which a variable may hide
	last     atomic.Pointer[keptPlan]
	targets  []string
	assigned bool
	list     []*syntax
	random   int
}

// Compile parses one source line: `name = expr`, or one or several expressions separated by commas. Errors are *Error.
func Compile(src string) (*Program, error) {
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	ps := &parser{src: src, toks: toks}
	target, list, err := ps.line()
	if err != nil {
		return nil, err
	}
	p := &Program{src: src, list: list, assigned: target.text != ""}
	for _, e := range list {
		if p.assigned {
			p.targets = append(p.targets, target.text)
		} else {
			p.targets = append(p.targets, src[e.start:e.end])
		}
		if err := p.resolve(e); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// resolve binds the calls of an expression, numbers its random calls and collects its variables.
func (p *Program) resolve(e *syntax) error {
	var failed error
	e.walk(func(s *syntax) {
		if failed != nil {
			return
		}
		switch s.kind {
		case synName:
			if !contains(p.mentions, s.text) {
				p.mentions = append(p.mentions, s.text)
			}
			if _, constant := constants[s.text]; !constant && !contains(p.names, s.text) {
				p.names = append(p.names, s.text)
			}
		case synCall:
			if failed = bind(p.src, s); failed == nil && s.fn.random() {
				s.stream = p.random
				p.random++
			}
		case synTuple:
			if len(s.args) != 2 {
				failed = &Error{Source: p.src, Col: s.col, Msg: "range= takes two values; write range=(lo, hi)"}
			}
		}
	})
	return failed
}

// keptPlan is a plan with all that it depends on.
type keptPlan struct {
	vars  []Var // of each of Program.mentions
	given []bool
	opt   Options
	plan  *Plan
}

// keep notes a plan for the next call with the same variables. Shapes are copied: they are the caller's.
func (p *Program) keep(vars map[string]Var, pl *Plan) {
	k := &keptPlan{opt: pl.opt, plan: pl}
	for _, name := range p.mentions {
		v, ok := vars[name]
		v.Shape = slices.Clone(v.Shape)
		k.vars, k.given = append(k.vars, v), append(k.given, ok)
	}
	p.last.Store(k)
}

// kept returns the last plan if it is one for these variables and options, else nil.
func (p *Program) kept(vars map[string]Var, opt Options) *Plan {
	k := p.last.Load()
	if k == nil || k.opt != opt {
		return nil
	}
	for i, name := range p.mentions {
		if v, ok := vars[name]; ok != k.given[i] || !v.equal(&k.vars[i]) {
			return nil
		}
	}
	return k.plan
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// Source returns the line that was compiled.
func (p *Program) Source() string { return p.src }

// Names returns the free variables in order of appearance: what Plan must be told about. The constants pi, e, inf, nan,
// True and False are not among them, but a variable given to Plan under such a name hides the constant.
func (p *Program) Names() []string { return append([]string(nil), p.names...) }

// Targets returns one name for each result: the name assigned to, or the text of each expression.
func (p *Program) Targets() []string { return append([]string(nil), p.targets...) }

// Assigned says whether the line is an assignment.
func (p *Program) Assigned() bool { return p.assigned }

// RandomCalls returns the number of calls that draw random numbers. Each takes a stream of its own, counted up from
// Options.Stream; whoever runs several lines with one seed advances Stream by this number after each.
func (p *Program) RandomCalls() int { return p.random }
