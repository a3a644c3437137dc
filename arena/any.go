package arena

import (
	"fmt"

	"github.com/shmath/shmath/internal/mapping"
)

// AnyArray is an [Array] whose element type is not known at compile time. *Array[T] implements it, nothing else does:
// a type switch over the thirteen *Array[T] finds the elements.
type AnyArray interface {
	DType() DType
	NDim() int
	Len() int
	Shape() []int
	Strides() []int
	Contiguous() bool
	ReadOnly() bool
	Memory() []byte
	Bytes() []byte
	Handle() Handle
	Descriptor() Descriptor
	Rebind(mem []byte, d Descriptor) error
	Free() error
	Close() error
	Commit() error
	Discard() error
	String() string

	base() *frame
	dense(limit int, yield func(part []byte) error) error
}

func (f *frame) base() *frame { return f }

// maker makes arrays of one element type.
type maker struct {
	zero    func() AnyArray
	make    func(a *Arena, dims []int) (AnyArray, error)
	empty   func(a *Arena, dims []int) (AnyArray, error)
	name    func(a *Arena, name string, dims []int) (AnyArray, error)
	resolve func(a *Arena, h Handle) (AnyArray, error)
	create  func(path string, dims []int) (AnyArray, error)
	mapped  func(path string, h Header, m *mapping.Mapping) (AnyArray, error)
}

var makers = [...]maker{
	Bool: makerOf[bool](), Int8: makerOf[int8](), Int16: makerOf[int16](), Int32: makerOf[int32](),
	Int64: makerOf[int64](), Uint8: makerOf[uint8](), Uint16: makerOf[uint16](), Uint32: makerOf[uint32](),
	Uint64: makerOf[uint64](), Float32: makerOf[float32](), Float64: makerOf[float64](),
	Complex64: makerOf[complex64](), Complex128: makerOf[complex128](),
}

func makerOf[T Element]() maker {
	return maker{
		zero:    func() AnyArray { return new(Array[T]) },
		make:    func(a *Arena, dims []int) (AnyArray, error) { return orNil(New[T](a, dims...)) },
		empty:   func(a *Arena, dims []int) (AnyArray, error) { return orNil(Empty[T](a, dims...)) },
		name:    func(a *Arena, name string, dims []int) (AnyArray, error) { return orNil(Named[T](a, name, dims...)) },
		resolve: func(a *Arena, h Handle) (AnyArray, error) { return orNil(Resolve[T](a, h)) },
		create:  func(path string, dims []int) (AnyArray, error) { return orNil(CreateFile[T](path, dims...)) },
		mapped: func(path string, h Header, m *mapping.Mapping) (AnyArray, error) {
			return orNil(finishMap[T](path, h, m))
		},
	}
}

// orNil keeps a nil *Array[T] from becoming an AnyArray that is not nil.
func orNil[T Element](x *Array[T], err error) (AnyArray, error) {
	if err != nil {
		return nil, err
	}
	return x, nil
}

func makerFor(d DType) (*maker, error) {
	if !d.Valid() {
		return nil, fmt.Errorf("%w: DType(%d) is no element type", ErrType, uint8(d))
	}
	return &makers[d], nil
}

// NewAny is [New] for an element type known at run time.
func NewAny(a *Arena, d DType, dims ...int) (AnyArray, error) {
	m, err := makerFor(d)
	if err != nil {
		return nil, err
	}
	return m.make(a, dims)
}

// EmptyAny is [Empty] for an element type known at run time.
func EmptyAny(a *Arena, d DType, dims ...int) (AnyArray, error) {
	m, err := makerFor(d)
	if err != nil {
		return nil, err
	}
	return m.empty(a, dims)
}

// NamedAny is [Named] for an element type known at run time.
func NamedAny(a *Arena, name string, d DType, dims ...int) (AnyArray, error) {
	m, err := makerFor(d)
	if err != nil {
		return nil, err
	}
	return m.name(a, name, dims)
}

// LookupAny is [Lookup] for an array whose element type is not known.
func LookupAny(a *Arena, name string) (AnyArray, error) {
	h, err := a.locate(name)
	if err != nil {
		return nil, err
	}
	return ResolveAny(a, h)
}

// ResolveAny is [Resolve] for an array whose element type is not known.
func ResolveAny(a *Arena, h Handle) (AnyArray, error) {
	header, _, err := a.open(h)
	if err != nil {
		return nil, err
	}
	return makers[header.DType].resolve(a, h)
}

// FromDescriptorAny is [FromDescriptor] for an array whose element type is not known.
func FromDescriptorAny(mem []byte, d Descriptor) (AnyArray, error) {
	m, err := makerFor(d.DType)
	if err != nil {
		return nil, corrupt("descriptor", "element type %d", uint8(d.DType))
	}
	x := m.zero()
	if err := x.Rebind(mem, d); err != nil {
		return nil, err
	}
	return x, nil
}

// CreateFileAny is [CreateFile] for an element type known at run time.
func CreateFileAny(path string, d DType, dims ...int) (AnyArray, error) {
	m, err := makerFor(d)
	if err != nil {
		return nil, err
	}
	return m.create(path, dims)
}

// MapFileAny is [MapFile] for a file whose element type is not known.
func MapFileAny(path string, mode ...Mode) (AnyArray, error) {
	h, m, err := mapHeader(path, mode)
	if err != nil {
		return nil, err
	}
	return makers[h.DType].mapped(path, h, m)
}
