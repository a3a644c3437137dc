package expr

import "fmt"

// DType is an element type. Results are Bool, Int64, Float32 or Float64; the rest are types that arrays may be loaded
// from: every integer type becomes Int64 when it is read, Uint64 becomes Float64 (as int64 would lose its upper half).
type DType uint8

// The element types, under NumPy's names.
const (
	Bool DType = iota
	Int64
	Float32
	Float64
	Int8
	Int16
	Int32
	Uint8
	Uint16
	Uint32
	Uint64
)

var dtypeNames = [...]string{"bool", "int64", "float32", "float64", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64"}

var dtypeSizes = [...]int{1, 8, 4, 8, 1, 2, 4, 1, 2, 4, 8}

// String returns NumPy's name of the type.
func (d DType) String() string {
	if int(d) < len(dtypeNames) {
		return dtypeNames[d]
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size returns the bytes of one element.
func (d DType) Size() int { return dtypeSizes[d] }

// loaded is the type in which elements of a stored type are computed with.
func (d DType) loaded() DType {
	switch d {
	case Bool, Float32, Float64:
		return d
	case Uint64:
		return Float64
	}
	return Int64
}

func (d DType) isFloat() bool { return d == Float32 || d == Float64 }

// DTypeOf returns the type of a NumPy name ("float64") or of a .npy descriptor ("<f8"). Complex, half, string, object and
// big-endian arrays are an error that says what to convert them to.
func DTypeOf(name string) (DType, error) {
	for d, n := range dtypeNames {
		if n == name {
			return DType(d), nil
		}
	}
	if len(name) > 1 && (name[0] == '<' || name[0] == '=' || name[0] == '|') {
		if d, ok := descriptors[name[1:]]; ok {
			return d, nil
		}
	}
	if len(name) > 1 && name[0] == '>' {
		if _, ok := descriptors[name[1:]]; ok {
			return 0, fmt.Errorf("expr: element type %s is big-endian; convert it with x.astype('<%s')", name, name[1:])
		}
	}
	return 0, fmt.Errorf("expr: element type %s is not supported; convert it to bool, int8 to int64, uint8 to uint64, float32 or float64", name)
}

var descriptors = map[string]DType{
	"b1": Bool, "i8": Int64, "f4": Float32, "f8": Float64, "i1": Int8, "i2": Int16, "i4": Int32,
	"u1": Uint8, "u2": Uint16, "u4": Uint32, "u8": Uint64,
}

// promote is NumPy's common type of two types that are not weak.
func promote(a, b DType) DType {
	switch {
	case a == b:
		return a
	case a == Bool:
		return b
	case b == Bool:
		return a
	}
	return Float64 // int64 with either float, or the two floats
}

// promoteWeak is the common type of an array or typed scalar of type d with a Python number of type w, which gives way:
// float32 * 2.0 stays float32, int64 * 2.0 is float64.
func promoteWeak(d, w DType) DType {
	switch {
	case d.isFloat():
		return d
	case w == Float64:
		return Float64
	case d == Int64 || w == Int64:
		return Int64
	}
	return Bool
}
