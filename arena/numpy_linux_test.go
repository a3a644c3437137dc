package arena

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shmath/shmath/internal/layout"
	"github.com/shmath/shmath/internal/mapping"
)

// numpy returns a function that runs a Python program in dir, or skips the test when there is no NumPy.
// SHMATH_PYTHON names the interpreter.
func numpy(t *testing.T, dir string) func(program string) string {
	t.Helper()
	python := os.Getenv("SHMATH_PYTHON")
	if python == "" {
		python = "python3"
	}
	if out, err := exec.Command(python, "-c", "import numpy").CombinedOutput(); err != nil {
		t.Skipf("%s has no numpy (set SHMATH_PYTHON to one that has): %v %s", python, err, out)
	}
	return func(program string) string {
		t.Helper()
		c := exec.Command(python, "-c", "import numpy as np\n"+program)
		c.Dir = dir
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("%s\n%v: %s", program, err, out)
		}
		return strings.TrimSpace(string(out))
	}
}

func TestNumPy_OpensWhatFormatLaysOut(t *testing.T) {
	dir := t.TempDir()
	py := numpy(t, dir)
	const trailer = 4096
	f, err := os.Create(filepath.Join(dir, "segment.npy"))
	if err != nil {
		t.Fatal(err)
	}
	size := int64(FileSize[float64](3, 4) + trailer)
	if err := f.Truncate(size); err != nil {
		t.Fatal(err)
	}
	m := must[*mapping.Mapping](t)(mapping.New(f, size, ReadWrite))
	defer m.Close()
	x := must[*Array[float64]](t)(Format[float64](m.Bytes, 3, 4))
	x.Set(1.5, 2, 3)
	got := py(`
x = np.load("segment.npy", mmap_mode="r+")
print(x.shape, x.dtype, x.flags.c_contiguous, x[2, 3], x.offset % 64)
x[0, 1] = -7
x.flush()
y = np.load("segment.npy")
print(y.shape, y.sum())`)
	if want := "(3, 4) float64 True 1.5 0\n(3, 4) -5.5"; got != want {
		t.Errorf("NumPy says %q, want %q", got, want)
	}
	if x.At(0, 1) != -7 {
		t.Errorf("NumPy's store is not seen: %v", elements(x))
	}
}

func TestNumPy_ReadsWhatSaveWrites(t *testing.T) {
	dir := t.TempDir()
	py := numpy(t, dir)
	cases := []struct {
		x    AnyArray
		want string
	}{
		{Wrap([]bool{true, false}), "bool (2,) [True, False]"},
		{Wrap([]int8{-1, 1}), "int8 (2,) [-1, 1]"},
		{Wrap([]uint16{65535}), "uint16 (1,) [65535]"},
		{Wrap([]int64{-1 << 63}), "int64 (1,) [-9223372036854775808]"},
		{Wrap([]float32{1.5, 2}, 1, 2, 1), "float32 (1, 2, 1) [[[1.5], [2.0]]]"},
		{Wrap([]complex64{1 + 2i}), "complex64 (1,) [(1+2j)]"},
		{Wrap([]complex128{1i}).Index(0), "complex128 () 1j"},
		{Wrap([]float64{}, 2, 0), "float64 (2, 0) [[], []]"},
		{Wrap([]int32{1, 2, 3, 4, 5, 6}, 2, 3).T(), "int32 (3, 2) [[1, 4], [2, 5], [3, 6]]"},
	}
	for i, c := range cases {
		name := fmt.Sprintf("%d.npy", i)
		if err := Save(filepath.Join(dir, name), c.x); err != nil {
			t.Fatal(err)
		}
	}
	got := strings.Split(py(fmt.Sprintf(`
for i in range(%d):
    x = np.load(f"{i}.npy")
    print(x.dtype, x.shape, x.tolist())`, len(cases))), "\n")
	for i, c := range cases {
		if got[i] != c.want {
			t.Errorf("%v: NumPy reads %q, want %q", c.x, got[i], c.want)
		}
	}
}

func TestNumPy_FilesOfAllVersionsAndOrders(t *testing.T) {
	dir := t.TempDir()
	py := numpy(t, dir)
	py(`
x = np.arange(24, dtype="f8").reshape(2, 3, 4)
for v in (1, 2, 3):
    for order in "CF":
        with open(f"v{v}{order}.npy", "wb") as f:
            np.lib.format.write_array(f, np.asarray(x, order=order), version=(v, 0))
np.save("strided.npy", x[:, ::-1, ::2])
np.save("vector.npy", np.asfortranarray(np.arange(5, dtype="i2")))
np.save("empty.npy", np.zeros((3, 0), "f4"))
np.save("scalar.npy", np.array(2.5))
np.save("big.npy", np.arange(3, dtype=">f8"))
np.save("object.npy", np.array([1, None], dtype=object))
np.save("times.npy", np.array(["2020-01-01"], dtype="M8[D]"))
np.save("text.npy", np.array(["abc"]))
np.save("record.npy", np.zeros(2, dtype=[("a", "<f8"), ("b", "<i4")]))
np.save("half.npy", np.zeros(2, dtype="f2"))
for t in "? i1 i2 i4 i8 u1 u2 u4 u8 f4 f8 c8 c16".split():
    np.save("type_" + np.dtype(t).name + ".npy", np.ones((2, 2), t))
`)
	var want []float64
	for i := range 24 {
		want = append(want, float64(i))
	}
	for v := 1; v <= 3; v++ {
		for _, order := range []string{"C", "F"} {
			path := filepath.Join(dir, fmt.Sprintf("v%d%s.npy", v, order))
			h := must[Header](t)(ReadHeaderFile(path))
			x := must[*Array[float64]](t)(MapFile[float64](path))
			if h.Version[0] != byte(v) || h.Fortran != (order == "F") || !slices.Equal(elements(x), want) ||
				x.Contiguous() == h.Fortran || x.T().Contiguous() != h.Fortran {
				t.Errorf("%s: %+v %v", path, h, elements(x))
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	if x := must[*Array[float64]](t)(MapFile[float64](filepath.Join(dir, "strided.npy"))); !slices.Equal(x.Slice(),
		[]float64{8, 10, 4, 6, 0, 2, 20, 22, 16, 18, 12, 14}) {
		t.Error(x.Slice())
	}
	if x := must[*Array[int16]](t)(MapFile[int16](filepath.Join(dir, "vector.npy"))); !slices.Equal(x.Slice(),
		[]int16{0, 1, 2, 3, 4}) {
		t.Error(x)
	}
	if x := must[*Array[float32]](t)(MapFile[float32](filepath.Join(dir, "empty.npy"))); !slices.Equal(x.Shape(), []int{3, 0}) ||
		len(x.Slice()) != 0 {
		t.Error(x)
	}
	if x := must[*Array[float64]](t)(MapFile[float64](filepath.Join(dir, "scalar.npy"))); x.At() != 2.5 {
		t.Error(x)
	}
	for name, part := range map[string]string{"big": "newbyteorder", "object": "Python objects", "times": "x.view('i8')",
		"text": "'<U3'", "record": "structured", "half": "<f2"} {
		_, err := MapFileAny(filepath.Join(dir, name+".npy"))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), `"`, "'"), part) {
			t.Errorf("%s: %v, want %q", name, err, part)
		}
	}
	for d := Bool; d.Valid(); d++ {
		x, err := MapFileAny(filepath.Join(dir, "type_"+d.String()+".npy"))
		if err != nil || x.DType() != d || x.Len() != 4 {
			t.Errorf("%v: %v %v", d, x, err)
		}
	}
}

func TestNumPy_ReadsAnArrayInsideAnArena(t *testing.T) {
	dir := t.TempDir()
	py := numpy(t, dir)
	mem := layout.Aligned(1<<16, granule)
	a := must[*Arena](t)(Create(mem, nil))
	x := must[*Array[int32]](t)(New[int32](a, 2, 2))
	x.Fill(3)
	if err := os.WriteFile(filepath.Join(dir, "arena"), mem, 0o600); err != nil {
		t.Fatal(err)
	}
	got := py(fmt.Sprintf("f = open('arena', 'rb'); f.seek(%d); print(np.load(f).tolist())", x.Handle().Offset+blockHeader))
	if got != "[[3, 3], [3, 3]]" {
		t.Error(got)
	}
}
