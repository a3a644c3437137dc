package sched

import (
	"encoding"
	"encoding/binary"
	"fmt"
	"reflect"
	"sync"
	"unsafe"

	"github.com/shmath/shmath/arena"
	"github.com/shmath/shmath/internal/layout"
)

// A codec carries values of one type across a process border. Both sides run the same executable, so no type
// information travels: pointer-free values are copied as they lie in memory, arrays as descriptors of shared memory,
// strings, slices, maps and pointers to them by walking the value, and types that implement
// encoding.BinaryMarshaler and BinaryUnmarshaler by these.
type codec struct {
	size   uintptr // bytes, when raw
	raw    bool    // the value's own bytes are its encoding
	encode func(e *encoder, p unsafe.Pointer)
	decode func(d *decoder, p unsafe.Pointer)
}

type encoder struct {
	buf      []byte
	segments *segmentTable
	arrays   *[]arena.AnyArray // gets every array that is encoded, if somebody asks
	err      error
}

type decoder struct {
	buf      []byte
	segments memoryTable
	err      error
}

// memoryTable finds the bytes of a passed segment in this process.
type memoryTable interface {
	memory(slot, generation uint32) ([]byte, error)
}

func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

func (e *encoder) uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
		d.buf = nil
	}
}

func (d *decoder) take(n uint64) []byte {
	if n > uint64(len(d.buf)) {
		d.fail(fmt.Errorf("sched: arguments are cut short: %d bytes wanted, %d left", n, len(d.buf)))
		return nil
	}
	b := d.buf[:n]
	d.buf = d.buf[n:]
	return b
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.buf)
	if n <= 0 {
		d.fail(fmt.Errorf("sched: arguments are cut short: no length in %d bytes", len(d.buf)))
		return 0
	}
	d.buf = d.buf[n:]
	return v
}

// codecs holds one codec per type; an entry is there before it is finished, so that recursive types end.
var codecs struct {
	sync.Mutex
	byType map[reflect.Type]*codec
}

// codecOf returns the codec of t, or an [ErrType] that names the path of the field that has none.
func codecOf(t reflect.Type) (*codec, error) {
	codecs.Lock()
	defer codecs.Unlock()
	if codecs.byType == nil {
		codecs.byType = make(map[reflect.Type]*codec)
	}
	return compile(t, t.String())
}

var (
	anyArray    = reflect.TypeFor[arena.AnyArray]()
	marshaler   = reflect.TypeFor[encoding.BinaryMarshaler]()
	unmarshaler = reflect.TypeFor[encoding.BinaryUnmarshaler]()
)

func compile(t reflect.Type, path string) (*codec, error) {
	if c, ok := codecs.byType[t]; ok {
		return c, nil
	}
	c := &codec{size: t.Size()}
	codecs.byType[t] = c
	err := c.build(t, path)
	if err != nil {
		delete(codecs.byType, t)
		return nil, err
	}
	return c, nil
}

func (c *codec) build(t reflect.Type, path string) error {
	switch {
	case layout.PointerFree(t) == nil:
		c.raw = true
		c.encode = func(e *encoder, p unsafe.Pointer) { e.buf = append(e.buf, unsafe.Slice((*byte)(p), c.size)...) }
		c.decode = func(d *decoder, p unsafe.Pointer) {
			copy(unsafe.Slice((*byte)(p), c.size), d.take(uint64(c.size)))
		}
		return nil
	case t == anyArray, t.Kind() == reflect.Pointer && t.Implements(anyArray):
		c.array(t)
		return nil
	case t.Kind() == reflect.Pointer && t.Implements(marshaler) && t.Implements(unmarshaler):
		c.marshalPointer(t)
		return nil
	case t.Implements(marshaler) && reflect.PointerTo(t).Implements(unmarshaler):
		c.marshal(t)
		return nil
	case t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(marshaler) && reflect.PointerTo(t).Implements(unmarshaler):
		return fmt.Errorf("%w: %s is a %v, which travels by its address only; make it a *%v", ErrType, path, t, t)
	}
	switch t.Kind() {
	case reflect.String:
		c.text()
		return nil
	case reflect.Slice:
		return c.slice(t, path)
	case reflect.Array:
		return c.fields(t.Len(), path, func(i int) (reflect.Type, uintptr, string) {
			return t.Elem(), uintptr(i) * t.Elem().Size(), "[...]"
		})
	case reflect.Struct:
		if err := layout.Local(t, path); err != nil {
			return fmt.Errorf("%w: %w", ErrType, err)
		}
		return c.fields(t.NumField(), path, func(i int) (reflect.Type, uintptr, string) {
			f := t.Field(i)
			return f.Type, f.Offset, "." + f.Name
		})
	case reflect.Map:
		return c.table(t, path)
	case reflect.Pointer:
		return c.pointer(t, path)
	}
	return fmt.Errorf("%w: %s is a %s; pass data, or an array's handle, or register the choices as functions of their own",
		ErrType, path, t.Kind())
}

func (c *codec) text() {
	c.encode = func(e *encoder, p unsafe.Pointer) {
		s := *(*string)(p)
		e.uint(uint64(len(s)))
		e.buf = append(e.buf, s...)
	}
	c.decode = func(d *decoder, p unsafe.Pointer) { *(*string)(p) = string(d.take(d.uint())) }
}

func (c *codec) slice(t reflect.Type, path string) error {
	elem, err := compile(t.Elem(), path+"[]")
	if err != nil {
		return err
	}
	c.encode = func(e *encoder, p unsafe.Pointer) {
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			e.uint(0)
			return
		}
		n := v.Len()
		e.uint(uint64(n) + 1)
		if elem.raw {
			e.buf = append(e.buf, unsafe.Slice((*byte)(v.UnsafePointer()), uintptr(n)*elem.size)...)
			return
		}
		for i := range n {
			elem.encode(e, unsafe.Add(v.UnsafePointer(), uintptr(i)*elem.size))
		}
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		n := d.uint()
		if n == 0 {
			return
		}
		n--
		if n > uint64(len(d.buf)) && elem.size > 0 { // every encoding of a value that has a size takes a byte at least
			d.fail(fmt.Errorf("sched: a slice of %d elements in %d bytes", n, len(d.buf)))
			return
		}
		if t.Elem().Kind() == reflect.Uint8 {
			*(*[]byte)(p) = append([]byte{}, d.take(n)...) // not cleared first
			return
		}
		v := reflect.MakeSlice(t, int(n), int(n))
		if elem.raw {
			copy(unsafe.Slice((*byte)(v.UnsafePointer()), uintptr(n)*elem.size), d.take(n*uint64(elem.size)))
		} else {
			for i := range int(n) {
				elem.decode(d, unsafe.Add(v.UnsafePointer(), uintptr(i)*elem.size))
			}
		}
		reflect.NewAt(t, p).Elem().Set(v)
	}
	return nil
}

// fields handles what has a fixed number of parts at fixed offsets.
func (c *codec) fields(n int, path string, part func(int) (reflect.Type, uintptr, string)) error {
	codecs, offsets := make([]*codec, n), make([]uintptr, n)
	for i := range n {
		t, offset, name := part(i)
		f, err := compile(t, path+name)
		if err != nil {
			return err
		}
		codecs[i], offsets[i] = f, offset
	}
	c.encode = func(e *encoder, p unsafe.Pointer) {
		for i, f := range codecs {
			f.encode(e, unsafe.Add(p, offsets[i]))
		}
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		for i, f := range codecs {
			f.decode(d, unsafe.Add(p, offsets[i]))
		}
	}
	return nil
}

func (c *codec) table(t reflect.Type, path string) error {
	key, err := compile(t.Key(), path+"[key]")
	if err != nil {
		return err
	}
	value, err := compile(t.Elem(), path+"[value]")
	if err != nil {
		return err
	}
	c.encode = func(e *encoder, p unsafe.Pointer) {
		m := reflect.NewAt(t, p).Elem()
		if m.IsNil() {
			e.uint(0)
			return
		}
		e.uint(uint64(m.Len()) + 1)
		k, v := reflect.New(t.Key()), reflect.New(t.Elem())
		for it := m.MapRange(); it.Next(); {
			k.Elem().SetIterKey(it)
			v.Elem().SetIterValue(it)
			key.encode(e, k.UnsafePointer())
			value.encode(e, v.UnsafePointer())
		}
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		n := d.uint()
		if n == 0 {
			return
		}
		m := reflect.MakeMap(t)
		for range n - 1 {
			k, v := reflect.New(t.Key()), reflect.New(t.Elem())
			key.decode(d, k.UnsafePointer())
			value.decode(d, v.UnsafePointer())
			if d.err != nil {
				return
			}
			m.SetMapIndex(k.Elem(), v.Elem())
		}
		reflect.NewAt(t, p).Elem().Set(m)
	}
	return nil
}

func (c *codec) pointer(t reflect.Type, path string) error {
	elem, err := compile(t.Elem(), "*"+path)
	if err != nil {
		return err
	}
	c.encode = func(e *encoder, p unsafe.Pointer) {
		target := *(*unsafe.Pointer)(p)
		if target == nil {
			e.uint(0)
			return
		}
		e.uint(1)
		elem.encode(e, target)
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		if d.uint() == 0 {
			return
		}
		v := reflect.New(t.Elem())
		elem.decode(d, v.UnsafePointer())
		reflect.NewAt(t, p).Elem().Set(v)
	}
	return nil
}

// marshalPointer carries pointers to what must not be copied, such as handles with a mutex.
func (c *codec) marshalPointer(t reflect.Type) {
	c.encode = func(e *encoder, p unsafe.Pointer) {
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			e.uint(0)
			return
		}
		b, err := v.Interface().(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			e.fail(fmt.Errorf("sched: encoding a %v: %w", t, err))
		}
		e.uint(uint64(len(b)) + 1)
		e.buf = append(e.buf, b...)
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		n := d.uint()
		if n == 0 {
			return
		}
		b := d.take(n - 1)
		if d.err != nil {
			return
		}
		v := reflect.New(t.Elem())
		if err := v.Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b); err != nil {
			d.fail(fmt.Errorf("sched: decoding a %v: %w", t, err))
			return
		}
		reflect.NewAt(t, p).Elem().Set(v)
	}
}

func (c *codec) marshal(t reflect.Type) {
	c.encode = func(e *encoder, p unsafe.Pointer) {
		b, err := reflect.NewAt(t, p).Elem().Interface().(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			e.fail(fmt.Errorf("sched: encoding a %v: %w", t, err))
		}
		e.uint(uint64(len(b)))
		e.buf = append(e.buf, b...)
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		b := d.take(d.uint())
		if d.err != nil {
			return
		}
		if err := reflect.NewAt(t, p).Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(b); err != nil {
			d.fail(fmt.Errorf("sched: decoding a %v: %w", t, err))
		}
	}
}

// array carries a *arena.Array[T], or an arena.AnyArray, as its descriptor: where it lies, never what is in it.
func (c *codec) array(t reflect.Type) {
	c.encode = func(e *encoder, p unsafe.Pointer) {
		v := reflect.NewAt(t, p).Elem()
		if v.IsNil() {
			e.uint(0)
			return
		}
		x := v.Interface().(arena.AnyArray)
		slot, generation, base, err := e.segments.locate(x.Memory())
		if err != nil {
			e.fail(err)
			return
		}
		if e.arrays != nil {
			*e.arrays = append(*e.arrays, x)
		}
		e.uint(uint64(slot) + 1)
		e.uint(uint64(generation))
		e.uint(uint64(base))
		e.uint(uint64(len(x.Memory())))
		d := x.Descriptor()
		e.buf = append(e.buf, layout.BytesOf(&d)...)
	}
	c.decode = func(d *decoder, p unsafe.Pointer) {
		slot := d.uint()
		if slot == 0 {
			return
		}
		generation, base, n := d.uint(), d.uint(), d.uint()
		var desc arena.Descriptor
		copy(layout.BytesOf(&desc), d.take(uint64(unsafe.Sizeof(desc))))
		if d.err != nil {
			return
		}
		mem, err := d.segments.memory(uint32(slot-1), uint32(generation))
		if err == nil && (base > uint64(len(mem)) || n > uint64(len(mem))-base) {
			err = fmt.Errorf("sched: array at [%d, +%d) of a segment of %d bytes", base, n, len(mem))
		}
		if err != nil {
			d.fail(err)
			return
		}
		x, err := rebuild(t, mem[base:base+n:base+n], desc)
		if err != nil {
			d.fail(err)
			return
		}
		reflect.NewAt(t, p).Elem().Set(reflect.ValueOf(x))
	}
}

// rebuild makes the array that a descriptor describes, of a type known to the receiver or of the descriptor's own.
func rebuild(t reflect.Type, mem []byte, desc arena.Descriptor) (arena.AnyArray, error) {
	if t == anyArray {
		return arena.FromDescriptorAny(mem, desc)
	}
	x := reflect.New(t.Elem()).Interface().(arena.AnyArray)
	return x, x.Rebind(mem, desc)
}

// encodeValue returns the encoding of *v, appended to buf.
func encodeValue[T any](c *codec, segments *segmentTable, buf []byte, v *T) ([]byte, error) {
	return c.append(segments, buf, unsafe.Pointer(v))
}

// encodeCopy is encodeValue of a copy of v, which stays on the stack when v is plain.
func encodeCopy[T any](c *codec, segments *segmentTable, buf []byte, v T) ([]byte, error) {
	if c.raw {
		return append(buf, unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size)...), nil
	}
	w := v
	return encodeValue(c, segments, buf, &w)
}

// decodeCopy returns the value at the front of buf; as encodeCopy.
func decodeCopy[T any](c *codec, segments memoryTable, buf []byte) (v T, err error) {
	if c.raw && uint64(len(buf)) >= uint64(c.size) {
		copy(unsafe.Slice((*byte)(unsafe.Pointer(&v)), c.size), buf)
		return v, nil
	}
	var w T
	_, err = decodeValue(c, segments, buf, &w)
	return w, err
}

// encodeFinding is encodeValue that also returns the arrays in *v.
func encodeFinding[T any](c *codec, segments *segmentTable, v *T) ([]byte, []arena.AnyArray, error) {
	var found []arena.AnyArray
	e := encoder{segments: segments, arrays: &found}
	c.encode(&e, unsafe.Pointer(v))
	return e.buf, found, e.err
}

// decodeValue fills *v, a zero value, from the front of buf and returns the rest.
func decodeValue[T any](c *codec, segments memoryTable, buf []byte, v *T) ([]byte, error) {
	return c.read(segments, buf, unsafe.Pointer(v))
}

func (c *codec) append(segments *segmentTable, buf []byte, p unsafe.Pointer) ([]byte, error) {
	if c.raw { // what is left of the way of a plain value
		return append(buf, unsafe.Slice((*byte)(p), c.size)...), nil
	}
	e := encoder{buf: buf, segments: segments}
	c.encode(&e, p)
	return e.buf, e.err
}

func (c *codec) read(segments memoryTable, buf []byte, p unsafe.Pointer) ([]byte, error) {
	if c.raw && uint64(len(buf)) >= uint64(c.size) {
		copy(unsafe.Slice((*byte)(p), c.size), buf)
		return buf[c.size:], nil
	}
	d := decoder{buf: buf, segments: segments}
	c.decode(&d, p)
	return d.buf, d.err
}
