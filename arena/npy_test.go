package arena

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/layout"
)

// npyFile builds a .npy file from its parts.
func npyFile(major byte, dict string, data []byte) []byte {
	b := []byte(npyMagic)
	b = append(b, major, 0)
	if major == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), data...)
}

func TestReadHeader_Accepts(t *testing.T) {
	for text, want := range map[string]Header{
		"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }   \n": {DType: Float64, Shape: []int{3, 4}},
		"{'shape': (3,), 'fortran_order': True, 'descr': '<i4'}":           {DType: Int32, Shape: []int{3}, Fortran: true},
		"{\"descr\":\"|b1\",\"fortran_order\":False,\"shape\":()}\n":       {DType: Bool, Shape: []int{}},
		"{'descr': '=u2', 'fortran_order': False, 'shape': (2L, 3L,)}":     {DType: Uint16, Shape: []int{2, 3}},
		" { 'descr' : 'c16' , 'fortran_order' : False , 'shape' : ( 0 , 5 ) , } ": {DType: Complex128,
			Shape: []int{0, 5}},
		"{'descr': '>i1', 'fortran_order': False, 'shape': (1,)}":   {DType: Int8, Shape: []int{1}},
		"{u'descr': u'<f4', 'fortran_order': False, 'shape': (1,)}": {DType: Float32, Shape: []int{1}},
	} {
		for _, major := range []byte{1, 2, 3} {
			h, err := ReadHeader(bytes.NewReader(npyFile(major, text, nil)))
			if err != nil || h.DType != want.DType || !slices.Equal(h.Shape, want.Shape) || h.Fortran != want.Fortran ||
				h.Version != [2]byte{major, 0} {
				t.Errorf("version %d, %q: %+v, %v", major, text, h, err)
			}
		}
	}
}

func TestReadHeader_Refuses(t *testing.T) {
	dict := func(descr, order, shape string) string {
		return fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s}", descr, order, shape)
	}
	for text, want := range map[string]string{
		dict("'>f8'", "False", "(1,)"):                       "x.astype(x.dtype.newbyteorder('<'))",
		dict("'|O'", "False", "(1,)"):                        "'|O' holds Python objects",
		dict("'<U5'", "False", "(1,)"):                       "holds strings",
		dict("'|S5'", "False", "(1,)"):                       "holds strings",
		dict("'<M8[ns]'", "False", "(1,)"):                   "x.view('i8')",
		dict("'<f2'", "False", "(1,)"):                       "'<f2' is no element type",
		dict("'<f16'", "False", "(1,)"):                      "'<f16' is no element type",
		dict("''", "False", "(1,)"):                          "is no element type",
		dict("'<'", "False", "(1,)"):                         "is no element type",
		dict("[('a', '<f8'), ('b)', '<i4')]", "False", "()"): "structured",
		dict("'<f8'", "Maybe", "(1,)"):                       "True or False",
		dict("'<f8'", "False", "(1)"):                        "(1,)",
		dict("'<f8'", "False", "(-1,)"):                      "dimension expected",
		dict("'<f8'", "False", "(,)"):                        "dimension expected",
		dict("'<f8'", "False", "(1 2)"):                      "tuple expected",
		dict("'<f8'", "False", "[1]"):                        "'(' expected",
		dict("'<f8'", "False", "(1,2,3,4,5,6,7,8,9)"):        "more than 8",
		dict("'<f8'", "False", "(99999999999999999999,)"):    "dimension expected",
		dict("'<f8'", "False", "(4294967296, 4294967296)"):   "more than memory",
		dict("'<f8'", "False", "(1,)") + "x":                 "text after",
		dict("'<f8'", "False", "(1,)")[1:]:                   "'{' expected",
		"{'descr': '<f8', 'shape': (1,)}":                    "no key \"fortran_order\"",
		"{'descr': '<f8', 'descr': '<f8'}":                   "twice",
		"{'descr': '<f8', 'evil': 1}":                        "unknown key",
		"{'descr': '<f8' 'shape': (1,)}":                     "expected",
		"{":                                                  "expected",
		"":                                                   "expected",
	} {
		_, err := ReadHeader(bytes.NewReader(npyFile(1, text, nil)))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `"`, "'"), strings.ReplaceAll(want, `"`, "'")) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if !errors.Is(err, ErrFormat) && !errors.Is(err, ErrShape) {
			t.Errorf("%q: %v is of no kind", text, err)
		}
	}
	whole := npyFile(1, dict("'<f8'", "False", "(1,)"), nil)
	for n := range whole {
		if _, err := ReadHeader(bytes.NewReader(whole[:n])); !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrFormat) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
	if _, err := ReadHeader(bytes.NewReader(append([]byte("\x93NUMPY\x09\x00"), whole[8:]...))); !errors.Is(err, ErrFormat) ||
		!strings.Contains(err.Error(), "9.0") {
		t.Errorf("version 9: %v", err)
	}
}

func TestFormat_OpenBytes(t *testing.T) {
	size := FileSize[float64](3, 5)
	mem := layout.Aligned(size+100, granule)
	if _, err := Format[float64](mem[:size-1], 3, 5); !errors.Is(err, ErrShortMemory) {
		t.Fatal(err)
	}
	x := must[*Array[float64]](t)(Format[float64](mem, 3, 5))
	if x.off%64 != 0 || x.off+15*8 != size {
		t.Fatalf("data at %d, file of %d bytes", x.off, size)
	}
	for i := range x.Slice() {
		x.Slice()[i] = float64(i)
	}
	y := must[*Array[float64]](t)(OpenBytes[float64](mem))
	if y.At(2, 4) != 14 || layout.Address(y.Slice()) != layout.Address(x.Slice()) {
		t.Fatal(y)
	}
	z := must[*Array[float64]](t)(FromDescriptor[float64](mem, y.T().Descriptor()))
	if z.At(4, 2) != 14 {
		t.Fatal(z)
	}
	if _, err := OpenBytes[float32](mem); !errors.Is(err, ErrType) {
		t.Fatal(err)
	}
	if _, err := OpenBytes[float64](mem[:size-1]); !errors.Is(err, ErrTruncated) ||
		!strings.Contains(err.Error(), fmt.Sprintf("needs %d bytes, the file has %d", size, size-1)) {
		t.Fatal(err)
	}
	if FileSize[int8](-1) != 0 {
		t.Fatal("a negative dimension has a size")
	}
	if _, err := Format[int8](mem, -1); !errors.Is(err, ErrShape) {
		t.Fatal(err)
	}
	must[*Array[float64]](t)(Format[float64](layout.Aligned(FileSize[float64](0, 3), granule), 0, 3))
}

func TestOpenBytes_MisalignedData(t *testing.T) {
	dict := "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} "
	for pad := 0; pad < 8; pad++ {
		file := npyFile(1, dict+strings.Repeat(" ", pad), make([]byte, 8))
		mem := layout.Aligned(len(file), granule)
		copy(mem, file)
		_, err := OpenBytes[float64](mem)
		if aligned := (len(file)-8)%8 == 0; aligned != (err == nil) || !aligned && !errors.Is(err, ErrFormat) {
			t.Errorf("data at %d: %v", len(file)-8, err)
		}
	}
}

func writeFile(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMapFile_Modes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := Save(path, Wrap([]int32{1, 2, 3, 4, 5, 6}, 2, 3)); err != nil {
		t.Fatal(err)
	}
	ro := must[*Array[int32]](t)(MapFile[int32](path))
	rw := must[*Array[int32]](t)(MapFile[int32](path, ReadWrite))
	cow := must[*Array[int32]](t)(MapFile[int32](path, CopyOnWrite))
	cow.Set(60, 1, 2)
	rw.Set(10, 0, 0)
	if ro.At(0, 0) != 10 || ro.At(1, 2) != 6 || cow.At(1, 2) != 60 {
		t.Fatal(elements(ro), elements(rw), elements(cow))
	}
	if !ro.ReadOnly() || rw.ReadOnly() {
		t.Fatal("ReadOnly is wrong")
	}
	func() {
		defer func() {
			if got := recover(); got != badReadOnly {
				t.Errorf("a store to a read-only file: %v", got)
			}
		}()
		ro.Rows(0, 1).Fill(1)
	}()
	row := ro.Rows(0, 1)
	if err := row.Close(); !errors.Is(err, ErrView) {
		t.Fatal(err)
	}
	for _, x := range []*Array[int32]{ro, rw, cow, ro, rw, cow} {
		if err := x.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if ro.Memory() != nil {
		t.Fatal("a closed array still has memory")
	}
	func() {
		defer func() {
			if got := recover(); got != badFreed {
				t.Errorf("a view of a closed file: %v", got)
			}
		}()
		row.At(0, 0)
	}()
	if x := must[*Array[int32]](t)(MapFile[int32](path)); x.At(0, 0) != 10 || x.At(1, 2) != 6 {
		t.Fatal(elements(x))
	}
}

func TestMapFile_Errors(t *testing.T) {
	whole := npyFile(1, fmt.Sprintf("%-118s", "{'descr': '<f8', 'fortran_order': False, 'shape': (4,)}"), make([]byte, 32))
	for name, c := range map[string]struct {
		content []byte
		want    error
	}{
		"empty":       {nil, ErrFormat},
		"not npy":     {[]byte("hello, world, this is text"), ErrFormat},
		"one missing": {whole[:len(whole)-1], ErrTruncated},
	} {
		path := writeFile(t, c.content)
		_, err := MapFile[float64](path)
		if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	path := writeFile(t, append(whole, "trailing bytes"...))
	if x, err := MapFile[float64](path); err != nil || x.Len() != 4 {
		t.Errorf("trailing bytes: %v %v", x, err)
	}
	_, err := MapFile[int16](path)
	if !errors.Is(err, ErrType) || !strings.Contains(err.Error(), "float64, not int16") {
		t.Error(err)
	}
	if _, err := MapFile[int16](filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	// A header that promises far more than the file has must fail before anything is mapped.
	huge := npyFile(1, "{'descr': '<f8', 'fortran_order': True, 'shape': (1000000, 1000000)}  \n", make([]byte, 64))
	if _, err := MapFile[float64](writeFile(t, huge)); !errors.Is(err, ErrTruncated) {
		t.Error(err)
	}
}

func TestMapFileAny_EveryTypeAndSave(t *testing.T) {
	dir := t.TempDir()
	for i, x := range []AnyArray{
		Wrap([]bool{true, false}), Wrap([]int8{-1}), Wrap([]int16{-2}), Wrap([]int32{-3}), Wrap([]int64{-4}),
		Wrap([]uint8{1}), Wrap([]uint16{2}), Wrap([]uint32{3}), Wrap([]uint64{4}), Wrap([]float32{1.5}),
		Wrap([]float64{math.Pi, 2}, 2, 1), Wrap([]complex64{1i}), Wrap([]complex128{2i}), Wrap([]float64{}),
		Wrap([]float64{}, 3, 0), Wrap([]int16{5}).Index(0), Wrap([]int16{1, 2, 3, 4}, 2, 2).T(),
	} {
		path := filepath.Join(dir, fmt.Sprint(i, ".npy"))
		if err := Save(path, x); err != nil {
			t.Fatal(err)
		}
		y, err := MapFileAny(path)
		if err != nil || y.DType() != x.DType() || !slices.Equal(y.Shape(), x.Shape()) {
			t.Fatalf("%v became %v, %v", x, y, err)
		}
		if x.Contiguous() && !bytes.Equal(x.Bytes(), y.Bytes()) {
			t.Errorf("%v: % x became % x", x, x.Bytes(), y.Bytes())
		}
		if z, ok := y.(*Array[int16]); ok && y.NDim() == 2 && !slices.Equal(z.Slice(), []int16{1, 3, 2, 4}) {
			t.Errorf("the transposed array is %v", z.Slice())
		}
		if err := y.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestSave_ScatteredAndLarge(t *testing.T) {
	n := savePart/8 + 1000
	s := make([]float64, 3*n)
	for i := range s {
		s[i] = float64(i)
	}
	x := Wrap(s, n, 3).T()
	path := filepath.Join(t.TempDir(), "x.npy")
	if err := Save(path, x); err != nil {
		t.Fatal(err)
	}
	y := must[*Array[float64]](t)(MapFile[float64](path))
	if !slices.Equal(y.Slice(), elements(x)) {
		t.Fatal("the elements differ")
	}
	if err := Save(filepath.Join(t.TempDir(), "no", "such", "directory"), x); err == nil {
		t.Fatal("saved into a directory that is not there")
	}
}

func TestCreateFile_CommitAndDiscard(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.npy")
	x := must[*Array[float32]](t)(CreateFile[float32](path, 10, 10))
	if x.At(9, 9) != 0 {
		t.Fatal("not zero")
	}
	x.Set(7, 9, 9)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Fatal("the file has its name before Commit")
	}
	if err := x.Rows(0, 1).Commit(); !errors.Is(err, ErrView) {
		t.Fatal(err)
	}
	if err := x.Commit(); err != nil {
		t.Fatal(err)
	}
	x.Set(8, 0, 0) // still the same file
	if err := x.Commit(); !errors.Is(err, ErrNotPending) {
		t.Fatal(err)
	}
	if err := x.Discard(); !errors.Is(err, ErrNotPending) {
		t.Fatal(err)
	}
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	y := must[*Array[float32]](t)(MapFile[float32](path))
	if y.At(9, 9) != 7 || y.At(0, 0) != 8 {
		t.Fatal(elements(y))
	}
	for _, end := range []func(*Array[float32]) error{(*Array[float32]).Discard, (*Array[float32]).Close} {
		z := must[*Array[float32]](t)(CreateFile[float32](path, 1<<20))
		if err := end(z); err != nil {
			t.Fatal(err)
		}
	}
	if list, _ := os.ReadDir(dir); len(list) != 1 {
		t.Fatalf("%v are left", list)
	}
	if y.At(9, 9) != 7 {
		t.Fatal("the committed file has changed")
	}
}

func TestCreateFile_NoSpaceLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{1 << 50, 1 << 45} {
		_, err := CreateFile[float64](filepath.Join(dir, "x.npy"), n)
		var e *NoSpaceError
		if !errors.As(err, &e) || e.Need <= e.Free || e.Free == 0 {
			t.Errorf("%v", err)
		}
	}
	if list, _ := os.ReadDir(dir); len(list) != 0 {
		t.Errorf("%v are left", list)
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add(appendHeader(nil, Float64, []int{3, 4}))
	f.Add(npyFile(2, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1L,)}", nil))
	f.Add(npyFile(3, "{'shape': (), 'descr': '<M8[ns]', 'fortran_order': True,}", nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		mem := layout.Aligned(len(file), granule)
		copy(mem, file)
		h, err := ReadHeader(bytes.NewReader(mem))
		if err != nil {
			return
		}
		if !h.DType.Valid() || h.Data > int64(len(file)) || len(h.Shape) > MaxDims {
			t.Fatalf("%+v from %q", h, file)
		}
		if h.DType != Float64 {
			return
		}
		if x, err := OpenBytes[float64](mem); err == nil {
			sum := 0.0
			for v := range x.All() {
				sum += v
			}
			// What was read can be written and read again.
			again, err := ReadHeader(bytes.NewReader(appendHeader(nil, h.DType, h.Shape)))
			if err != nil || !slices.Equal(again.Shape, h.Shape) {
				t.Fatalf("%+v became %+v, %v", h, again, err)
			}
		}
	})
}
