package layout

import (
	"fmt"
	"reflect"
)

// PointerFree returns nil when values of type t mean the same in every process: no pointer, slice, string, map,
// channel, function or interface anywhere inside, and nothing of package sync. The error names the path of the first field
// that breaks the rule.
func PointerFree(t reflect.Type) error { return pointerFree(t, t.String()) }

func pointerFree(t reflect.Type, path string) error {
	switch k := t.Kind(); k {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128:
		return nil
	case reflect.Array:
		return pointerFree(t.Elem(), path+"[...]")
	case reflect.Struct:
		if err := Local(t, path); err != nil {
			return err
		}
		for i := range t.NumField() {
			f := t.Field(i)
			if err := pointerFree(f.Type, path+"."+f.Name); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("%s is a %s, which means nothing in another process", path, k)
	}
}

// Local returns an error for the types of package sync, which are plain data but lock goroutines of one process only.
func Local(t reflect.Type, path string) error {
	if t.PkgPath() != "sync" {
		return nil
	}
	return fmt.Errorf("%s is a %v, which knows the goroutines of one process only: keep it out, or use a lock between processes (package psync, or NewLock of multiprocessing)", path, t)
}
