package sched

import (
	"fmt"
	"reflect"
)

// Codec encodes values of one type for another process of the same program, by the rules of [NewFunc], except that
// arrays cannot travel: what is encoded here is sent through memory that no pool knows of. Its methods may be called by
// any goroutine.
type Codec[T any] struct{ c *codec }

// CodecOf returns the codec of T, or an error that wraps [ErrType] and names the field that cannot travel.
func CodecOf[T any]() (Codec[T], error) {
	c, err := codecOf(reflect.TypeFor[T]())
	return Codec[T]{c}, err
}

// Append appends the encoding of *v to buf.
func (c Codec[T]) Append(buf []byte, v *T) ([]byte, error) { return encodeValue(c.c, nil, buf, v) }

// Decode fills *v, which must be a zero value, from buf.
func (c Codec[T]) Decode(buf []byte, v *T) error {
	rest, err := decodeValue(c.c, noMemory{}, buf, v)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("sched: %d bytes are left behind a %v", len(rest), reflect.TypeFor[T]())
	}
	return err
}

// noMemory is where no array can lie.
type noMemory struct{}

func (noMemory) memory(uint32, uint32) ([]byte, error) { return nil, ErrPrivate }

// AnyCodec is a [Codec] of a type that is known at run time only.
type AnyCodec struct {
	c *codec
	t reflect.Type
}

// CodecFor returns the codec of t, or an error that wraps [ErrType].
func CodecFor(t reflect.Type) (AnyCodec, error) {
	c, err := codecOf(t)
	return AnyCodec{c, t}, err
}

// Append appends the encoding of v, which is of the codec's type, to buf.
func (c AnyCodec) Append(buf []byte, v reflect.Value) ([]byte, error) {
	if v.Type() != c.t {
		return nil, fmt.Errorf("%w: a %v where a %v is wanted", ErrType, v.Type(), c.t)
	}
	p := reflect.New(c.t)
	p.Elem().Set(v)
	return c.c.append(nil, buf, p.UnsafePointer())
}

// Decode returns a value of the codec's type, read from buf.
func (c AnyCodec) Decode(buf []byte) (reflect.Value, error) {
	p := reflect.New(c.t)
	rest, err := c.c.read(noMemory{}, buf, p.UnsafePointer())
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("sched: %d bytes are left behind a %v", len(rest), c.t)
	}
	return p.Elem(), err
}
