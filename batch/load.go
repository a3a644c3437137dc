package batch

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/expr"
)

// loaded is an input array: values read from a CSV file, or a mapped .npy file.
type loaded struct {
	name   string
	values []float64      // of a CSV file
	mapped arena.AnyArray // of a .npy file; nil for a CSV file
}

// variable describes the array to a plan.
func (l *loaded) variable() (expr.Var, error) {
	if l.mapped == nil {
		return expr.ArrayVar(expr.Float64, len(l.values)), nil
	}
	return arrayVar(l.mapped)
}

// place puts the array where workers see it: a mapped file stays where it is.
func (l *loaded) place(a *arena.Arena) (arena.AnyArray, error) {
	if l.mapped != nil {
		return l.mapped, nil
	}
	x, err := arena.New[float64](a, len(l.values))
	if err != nil {
		return nil, err
	}
	copy(x.Slice(), l.values)
	return x, nil
}

func (l *loaded) close() error {
	if l.mapped == nil {
		return nil
	}
	return l.mapped.Close()
}

// arrayVar describes an array to a plan.
func arrayVar(x arena.AnyArray) (expr.Var, error) {
	d, err := expr.DTypeOf(x.DType().String())
	if err != nil {
		return expr.Var{}, err
	}
	return expr.ArrayVar(d, x.Shape()...), nil
}

// loadCSV reads a column of a CSV file.
func loadCSV(name, path, column string, na naPolicy) (*loaded, error) {
	values, err := readColumn(path, column, na)
	if err != nil {
		return nil, fileError(path, err)
	}
	return &loaded{name: name, values: values}, nil
}

// loadNPY maps a .npy file.
func loadNPY(name, path string) (*loaded, error) {
	x, err := arena.MapFileAny(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	l := &loaded{name: name, mapped: x}
	if _, err := l.variable(); err != nil {
		return nil, errors.Join(&Error{File: path, What: err.Error(), Err: err}, l.close())
	}
	return l, nil
}

// fileError says which file cannot be read and why, with the path once.
func fileError(path string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	remedy := ""
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{File: path, What: "there is no such file", Remedy: fileHint(path), Err: err}
	case errors.Is(err, arena.ErrTruncated):
		remedy = "copy or make the file again"
	case errors.Is(err, arena.ErrFormat) && !strings.Contains(err.Error(), ":"):
		remedy = "write it with np.save"
	}
	what := strings.TrimPrefix(cause(err), path+": ")
	return &Error{File: path, What: what, Remedy: remedy, Err: err}
}

// fileHint offers the file of the folder that a mistyped name may have meant.
func fileHint(path string) string {
	entries, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"+filepath.Ext(path)))
	if err != nil || len(entries) == 0 {
		return fmt.Sprintf("check the path; relative ones begin at %s", filepath.Dir(path))
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = filepath.Base(e)
	}
	return nearest(filepath.Base(path), names)
}
