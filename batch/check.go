package batch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/shmath/shmath/expr"
)

// checked is a job whose data, types and outputs have been found good: nothing but the machine can fail now, and what
// depends on the values themselves.
type checked struct {
	job     *Job
	inputs  []*loaded
	names   map[string]known
	lastUse map[string]int // the step after which an array is not needed; len(steps) when an output or a figure needs it
}

// check loads the data and types all lines, before any worker starts.
func (j *Job) check() (c *checked, err error) {
	c = &checked{job: j, names: make(map[string]known), lastUse: make(map[string]int)}
	defer func() {
		if err == nil {
			return
		}
		if closing := c.close(); closing != nil {
			err = errors.Join(err, closing)
		}
	}()
	if err := c.load(); err != nil {
		return c, err
	}
	for _, n := range j.numbers {
		v, err := expr.VarOf(numberValue(n.value))
		if err != nil {
			return c, j.fault(n.line, err.Error(), "")
		}
		c.names[n.name] = known{Var: v}
	}
	p := &planner{names: c.names, seed: j.Seed}
	for i := range j.steps {
		if err := c.step(p, i); err != nil {
			return c, err
		}
	}
	if err := c.references(); err != nil {
		return c, err
	}
	return c, c.targets()
}

// numberValue is a number in the Go type that behaves as one written in the line.
func numberValue(v any) any {
	if i, ok := v.(int64); ok {
		return int(i)
	}
	return v
}

func (c *checked) close() error {
	var errs []error
	for _, l := range c.inputs {
		errs = append(errs, l.close())
	}
	c.inputs = nil
	return errors.Join(errs...)
}

// load reads and maps the input arrays. A file that is not there is the job file's fault, what is in it is the file's.
func (c *checked) load() error {
	for i := range c.job.arrays {
		s := &c.job.arrays[i]
		path := c.job.resolve(s.path)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return c.job.fault(s.pathLine, "there is no file "+path, fileHint(path))
		}
		var l *loaded
		var err error
		if s.column != "" {
			l, err = loadCSV(s.name, path, s.column, s.na)
		} else {
			l, err = loadNPY(s.name, path)
		}
		if err != nil {
			return err
		}
		c.inputs = append(c.inputs, l)
		v, err := l.variable()
		if err != nil {
			return err
		}
		c.names[s.name] = known{Var: v}
		c.lastUse[s.name] = -1
	}
	return nil
}

// step types one line and notes what it uses.
func (c *checked) step(p *planner, i int) error {
	s := &c.job.steps[i]
	results, err := p.line(s.prog)
	if err != nil {
		return c.lineError(s, err)
	}
	for _, name := range s.prog.Names() {
		if c.names[name].Array {
			c.lastUse[name] = i
		}
	}
	c.names[results[0].name] = results[0].known
	if results[0].known.Array {
		c.lastUse[results[0].name] = i
	}
	return nil
}

func (c *checked) lineError(s *step, err error) error {
	return &Error{File: c.job.Path, Line: s.line, What: err.Error(), Err: err}
}

// references checks that outputs, figures and print name what exists.
func (c *checked) references() error {
	for _, o := range c.job.outputs {
		if err := c.array(o.reference, "output"); err != nil {
			return err
		}
	}
	for _, f := range c.job.figures {
		if err := c.array(f.of, "histogram"); err != nil {
			return err
		}
		if err := c.scalars(f.marks, "marks"); err != nil {
			return err
		}
	}
	return c.scalars(c.job.prints, "print")
}

func (c *checked) array(r reference, what string) error {
	k, ok := c.names[r.name]
	switch {
	case !ok:
		return c.job.fault(r.line, fmt.Sprintf("%s: nothing is called %s", what, r.name), nearest(r.name, c.list(true)))
	case !k.Array:
		return c.job.fault(r.line, fmt.Sprintf("%s: %s is a number, not an array", what, r.name), "put it under print")
	}
	c.lastUse[r.name] = len(c.job.steps)
	return nil
}

func (c *checked) scalars(list []reference, what string) error {
	for _, r := range list {
		k, ok := c.names[r.name]
		switch {
		case r.fix != nil && what == "marks":
		case !ok:
			return c.job.fault(r.line, fmt.Sprintf("%s: nothing is called %s", what, r.name), nearest(r.name, c.list(false)))
		case k.Array:
			return c.job.fault(r.line, fmt.Sprintf("%s: %s is an array of shape %v, not a number", what, r.name, k.Shape),
				"write arrays under outputs, or name a number such as mean("+r.name+")")
		}
	}
	return nil
}

// list returns the names of all arrays, or of all numbers.
func (c *checked) list(arrays bool) []string {
	var names []string
	for name, k := range c.names {
		if k.Array == arrays {
			names = append(names, name)
		}
	}
	return names
}

// targets checks that the files of the job can be written and are neither each other nor an input.
func (c *checked) targets() error {
	taken := make(map[string]string)
	for _, s := range c.job.arrays {
		taken[identity(c.job.resolve(s.path))] = "is the input of " + s.name
	}
	taken[identity(c.job.Path)] = "is the job file"
	one := func(line int, path, whose string) error {
		full := c.job.resolve(path)
		if other, ok := taken[identity(full)]; ok {
			return c.job.fault(line, fmt.Sprintf("output %s %s", path, other), "choose another file name")
		}
		taken[identity(full)] = "is written already, as " + whose
		if err := writable(full); err != nil {
			return c.job.fault(line, err.What, err.Remedy)
		}
		return nil
	}
	for _, o := range c.job.outputs {
		if err := one(o.line, o.path, "output "+o.name); err != nil {
			return err
		}
	}
	for _, f := range c.job.figures {
		if err := one(f.line, f.path, "the figure of "+f.of.name); err != nil {
			return err
		}
	}
	return nil
}

// identity is the same for all paths of one file, whether it exists or not.
func identity(path string) string {
	if full, err := filepath.Abs(path); err == nil {
		path = full
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(path)); err == nil {
		return filepath.Join(dir, filepath.Base(path))
	}
	return path
}

// writable says why a file cannot be written, by trying: only that tells about quotas, read-only mounts and rights.
func writable(path string) *Error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return &Error{File: path, What: "output " + path + " is a folder", Remedy: "add a file name"}
	}
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".probe-*.tmp")
	if err == nil {
		err = errors.Join(f.Close(), os.Remove(f.Name()))
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &Error{File: path, What: "there is no folder " + dir + " to write " + filepath.Base(path) + " in", Remedy: "mkdir -p " + dir}
	}
	return &Error{File: path, What: "output " + path + " cannot be written: " + strings.TrimSpace(cause(err)),
		Remedy: "choose a folder that you may write to"}
}
