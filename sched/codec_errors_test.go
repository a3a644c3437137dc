package sched

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type order struct {
	ID    int
	Lines []struct {
		Text   string
		Notify chan int
	}
}

// What cannot travel is named by the path of the field that is to blame.
func TestCodec_NamesTheField(t *testing.T) {
	for _, c := range []struct {
		t    reflect.Type
		path string
	}{
		{reflect.TypeFor[chan int](), "chan int"},
		{reflect.TypeFor[func()](), "func()"},
		{reflect.TypeFor[order](), "sched.order.Lines[].Notify"},
		{reflect.TypeFor[map[string]func()](), "map[string]func()[value]"},
		{reflect.TypeFor[[]any](), "[]interface {}[]"},
		{reflect.TypeFor[struct{ P *order }](), ".Lines[].Notify"},
	} {
		_, err := codecOf(c.t)
		if !errors.Is(err, ErrType) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%v: %v does not name %s", c.t, err, c.path)
		}
	}
	if _, err := codecOf(reflect.TypeFor[struct{ ID int }]()); err != nil {
		t.Error(err)
	}
}
