package arena

import "reflect"

// Element is the set of types an array may hold: those that mean the same to Go, C and NumPy on every machine. Named
// types with such an underlying type are elements too; int and uint are not, because their size is not fixed.
type Element interface {
	~bool | ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64 | ~complex64 | ~complex128
}

// DType is an element type as a number, for code that learns the type at run time. The zero DType is no type.
type DType uint8

// The element types, by NumPy's names.
const (
	Bool DType = iota + 1
	Int8
	Int16
	Int32
	Int64
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	Complex64
	Complex128
)

var dtypes = [...]struct {
	name, descr string
	size, align int // bytes; align is Go's and C's on 64-bit machines
}{
	0:          {"invalid", "", 0, 1},
	Bool:       {"bool", "|b1", 1, 1},
	Int8:       {"int8", "|i1", 1, 1},
	Int16:      {"int16", "<i2", 2, 2},
	Int32:      {"int32", "<i4", 4, 4},
	Int64:      {"int64", "<i8", 8, 8},
	Uint8:      {"uint8", "|u1", 1, 1},
	Uint16:     {"uint16", "<u2", 2, 2},
	Uint32:     {"uint32", "<u4", 4, 4},
	Uint64:     {"uint64", "<u8", 8, 8},
	Float32:    {"float32", "<f4", 4, 4},
	Float64:    {"float64", "<f8", 8, 8},
	Complex64:  {"complex64", "<c8", 8, 4},
	Complex128: {"complex128", "<c16", 16, 8},
}

var dtypeOfKind = [...]DType{
	reflect.Bool: Bool, reflect.Int8: Int8, reflect.Int16: Int16, reflect.Int32: Int32, reflect.Int64: Int64,
	reflect.Uint8: Uint8, reflect.Uint16: Uint16, reflect.Uint32: Uint32, reflect.Uint64: Uint64,
	reflect.Float32: Float32, reflect.Float64: Float64, reflect.Complex64: Complex64, reflect.Complex128: Complex128,
}

// DTypeOf returns the DType of T.
func DTypeOf[T Element]() DType { return dtypeOfKind[reflect.TypeFor[T]().Kind()] }

// Valid tells whether d is one of the element types.
func (d DType) Valid() bool { return d != 0 && int(d) < len(dtypes) }

// Size returns the bytes of one element; 0 for an invalid type.
func (d DType) Size() int {
	if !d.Valid() {
		return 0
	}
	return dtypes[d].size
}

// String returns NumPy's name of the type, such as "float64".
func (d DType) String() string {
	if !d.Valid() {
		return dtypes[0].name
	}
	return dtypes[d].name
}

// Descr returns the type as .npy headers write it, such as "<f8".
func (d DType) Descr() string {
	if !d.Valid() {
		return ""
	}
	return dtypes[d].descr
}

func (d DType) align() int {
	if !d.Valid() {
		return 1
	}
	return dtypes[d].align
}
