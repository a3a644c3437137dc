package batch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/shmath/shmath/expr"
)

// Job is a job file that has been read: its lines parse, its names fit together. Run checks the data and the types, then
// runs it.
type Job struct {
	Name string // for people; the file's name unless the job has one
	Path string // the job file; other paths in it are relative to its folder
	Seed uint64 // of the random numbers

	arrays  []source
	numbers []number
	steps   []step
	outputs []output
	figures []figure
	prints  []reference
}

// source is an array that the job loads.
type source struct {
	name     string
	line     int
	path     string // as written
	column   string // of a CSV file; empty for a .npy file
	na       naPolicy
	pathLine int
}

// number is a scalar under set.
type number struct {
	name  string
	line  int
	value any // bool, int64 or float64
}

// step is one line of the job.
type step struct {
	line   int
	source string
	prog   *expr.Program
}

// output is an array that is written to a .npy file.
type output struct {
	reference
	path string
}

// figure is a histogram, drawn as SVG.
type figure struct {
	line  int
	of    reference
	marks []reference
	bins  int // 0 means a number that suits the data
	path  string
}

// reference is a name, or a number, in a list of the job file.
type reference struct {
	name string
	line int
	fix  any // the value, when a number was written
}

// Load reads the job file at path. Errors are *Error and name the line.
func Load(path string) (*Job, error) {
	src, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &Error{File: path, What: "there is no such job file", Remedy: "give the path of a YAML file", Err: err}
	case err != nil:
		return nil, &Error{File: path, What: "the job file cannot be read: " + cause(err), Err: err}
	}
	return parseJob(path, src)
}

// Set gives a number under set, or the seed, another value. Errors are *UsageError.
func (j *Job) Set(name, value string) error {
	if name == "seed" {
		seed, err := strconv.ParseUint(value, 0, 64)
		if err != nil {
			return usage("--set seed=%s: the seed must be an integer from 0 to 2**64-1", value)
		}
		j.Seed = seed
		return nil
	}
	known := []string{"seed"}
	for i := range j.numbers {
		n := &j.numbers[i]
		if n.name != name {
			known = append(known, n.name)
			continue
		}
		v, ok := parseScalar(value)
		if !ok {
			return usage("--set %s=%s: not a number; give one, such as --set %s=%s", name, value, name, FormatScalar(n.value))
		}
		n.value = v
		return nil
	}
	return usage("--set %s=%s: the job %s has no number %s under set; %s", name, value, j.Path, name, nearest(name, known))
}

// resolve makes a path of the job file one of this process.
func (j *Job) resolve(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(j.Path), path)
}

func (j *Job) fault(line int, what, remedy string) error {
	return &Error{File: j.Path, Line: line, What: what, Remedy: remedy}
}

// cause is the text of a file error without the path, which the message has already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}
