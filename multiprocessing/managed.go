package multiprocessing

import (
	"fmt"
	"slices"
)

// The types that every manager hosts. Keys and values are encoded ones: the server need not know their types.
var (
	_ = RegisterType[managedDict]("multiprocessing.dict")
	_ = RegisterType[managedList]("multiprocessing.list")
	_ = RegisterType[managedArray]("multiprocessing.array")
)

// managedDict keeps the order of insertion, as Python's does.
type managedDict struct {
	values map[string][]byte
	order  []string
}

// Get returns the value in a slice of one, or an empty one.
func (d *managedDict) Get(key []byte) [][]byte {
	v, has := d.values[string(key)]
	if !has {
		return nil
	}
	return [][]byte{v}
}

func (d *managedDict) Set(key, value []byte) {
	if d.values == nil {
		d.values = make(map[string][]byte)
	}
	if _, has := d.values[string(key)]; !has {
		d.order = append(d.order, string(key))
	}
	d.values[string(key)] = value
}

func (d *managedDict) Delete(key []byte) bool {
	if _, has := d.values[string(key)]; !has {
		return false
	}
	delete(d.values, string(key))
	i := slices.Index(d.order, string(key))
	d.order = slices.Delete(d.order, i, i+1)
	return true
}

func (d *managedDict) Len() int { return len(d.order) }

// Items returns key, value, key, value, ...
func (d *managedDict) Items() [][]byte {
	var list [][]byte
	for _, k := range d.order {
		list = append(list, []byte(k), d.values[k])
	}
	return list
}

type managedList struct{ values [][]byte }

func (l *managedList) check(i int) error {
	if i < 0 || i >= len(l.values) {
		return fmt.Errorf("index %d of a list of %d", i, len(l.values))
	}
	return nil
}

func (l *managedList) Append(values [][]byte) { l.values = append(l.values, values...) }

func (l *managedList) Get(i int) ([]byte, error) {
	if err := l.check(i); err != nil {
		return nil, err
	}
	return l.values[i], nil
}

func (l *managedList) Set(i int, value []byte) error {
	err := l.check(i)
	if err == nil {
		l.values[i] = value
	}
	return err
}

func (l *managedList) Pop() ([]byte, error) {
	last := len(l.values) - 1
	if err := l.check(last); err != nil {
		return nil, err
	}
	v := l.values[last]
	l.values = l.values[:last]
	return v, nil
}

func (l *managedList) Len() int { return len(l.values) }

func (l *managedList) Slice() [][]byte { return l.values }

// managedArray keeps the length that Fill gives it.
type managedArray struct{ values [][]byte }

// Fill gives the array its length and first values, once.
func (a *managedArray) Fill(values [][]byte) error {
	if a.values != nil {
		return fmt.Errorf("%w: an array keeps its length", ErrValue)
	}
	a.values = values
	return nil
}

// check looks at the indices from (included) and to (excluded).
func (a *managedArray) check(from, to int) error {
	if from < 0 || from > to || to > len(a.values) {
		return fmt.Errorf("%w: values %d to %d (excluded) of an array of length %d", ErrValue, from, to, len(a.values))
	}
	return nil
}

func (a *managedArray) checkOne(i int) error {
	if i < 0 || i >= len(a.values) {
		return fmt.Errorf("%w: index %d of an array of length %d; the first is 0", ErrValue, i, len(a.values))
	}
	return nil
}

func (a *managedArray) Get(i int) ([]byte, error) {
	if err := a.checkOne(i); err != nil {
		return nil, err
	}
	return a.values[i], nil
}

func (a *managedArray) Set(i int, value []byte) error {
	err := a.checkOne(i)
	if err == nil {
		a.values[i] = value
	}
	return err
}

func (a *managedArray) Slice(from, to int) ([][]byte, error) {
	if err := a.check(from, to); err != nil {
		return nil, err
	}
	return a.values[from:to], nil
}

func (a *managedArray) SetSlice(from int, values [][]byte) error {
	if err := a.check(from, from+len(values)); err != nil {
		return err
	}
	copy(a.values[from:], values)
	return nil
}

func (a *managedArray) Len() int { return len(a.values) }
