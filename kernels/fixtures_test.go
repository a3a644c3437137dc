package kernels

import (
	"bufio"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// fixture returns the lines of a file of test data that lies beside the repository, or skips the test.
func fixture(t *testing.T, name string) []string {
	t.Helper()
	root := os.Getenv("SHMATH_FIXTURES")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if dir == filepath.Dir(dir) {
				t.Skip("no go.mod above the test")
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared", "fixtures")
	}
	f, err := os.Open(filepath.Join(root, name))
	if err != nil {
		t.Skipf("fixture is not there, set SHMATH_FIXTURES: %v", err)
	}
	defer f.Close()
	var lines []string
	s := bufio.NewScanner(f)
	for s.Scan() {
		if l := strings.TrimSpace(s.Text()); l != "" && !strings.HasPrefix(l, "#") {
			lines = append(lines, l)
		}
	}
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestUnary_NumPyValidationSet holds the functions to NumPy's results: correctly rounded values, so that the bound of
// the file can be replaced by 1 for float32 and by NumPy's, at most 2, for float64.
func TestUnary_NumPyValidationSet(t *testing.T) {
	for file, name := range map[string]string{
		"arctan": "Atan", "cbrt": "Cbrt", "cos": "Cos", "exp": "Exp", "expm1": "Expm1", "log": "Log", "log2": "Log2",
		"sin": "Sin", "tanh": "Tanh",
	} {
		t.Run("kernel="+name, func(t *testing.T) {
			u := unaryNamed(name)
			rows := 0
			for _, l := range fixture(t, "numpy-umath/umath-validation-set-"+file+".csv") {
				f := strings.Split(l, ",")
				if len(f) != 4 || f[0] == "dtype" {
					continue
				}
				in, err1 := strconv.ParseUint(f[1], 0, 64)
				out, err2 := strconv.ParseUint(f[2], 0, 64)
				if err1 != nil || err2 != nil {
					t.Fatalf("row %q: %v %v", l, err1, err2)
				}
				rows++
				if f[0] == "np.float32" {
					x, want := math.Float32frombits(uint32(in)), math.Float32frombits(uint32(out))
					y := []float32{x}
					u.f32(y, y)
					if !within32(y[0], want) {
						t.Errorf("%s(float32 %x) = %x, want %x", name, x, y[0], want)
					}
					continue
				}
				x, want := math.Float64frombits(in), math.Float64frombits(out)
				y := []float64{x}
				u.f64(y, y)
				if !within64(y[0], want, 2) {
					t.Errorf("%s(%x) = %x, want %x", name, x, y[0], want)
				}
			}
			if rows < 100 {
				t.Errorf("only %d rows read", rows)
			}
		})
	}
}

// within64 reports whether two values are at most n places apart, or both NaN.
func within64(got, want float64, n int64) bool {
	if want != want || got != got {
		return want != want && got != got
	}
	d := int64(Key64(got) - Key64(want))
	return -n <= d && d <= n
}

// within32 is within64 for float32 and one place.
func within32(got, want float32) bool {
	if want != want || got != got {
		return want != want && got != got
	}
	d := int32(Key32(got) - Key32(want))
	return -1 <= d && d <= 1
}

// TestUnary_HardToRound measures the functions where rounding is hardest: CORE-MATH's worst cases.
func TestUnary_HardToRound(t *testing.T) {
	for file, c := range map[string]struct {
		name  string
		bound float64
	}{
		"atan": {"Atan", 0.7}, "cbrt": {"Cbrt", 0.6}, "cos": {"Cos", 0.8}, "exp2": {"Exp2", 0.8}, "expm1": {"Expm1", 0.9},
		"log": {"Log", 0.65}, "sin": {"Sin", 0.8}, "tanh": {"Tanh", 0.9},
	} {
		t.Run("kernel="+c.name, func(t *testing.T) {
			var x []float64
			for i, l := range fixture(t, "core-math/"+file+".wc") {
				// One in four: the references are slow. Rows with a note are out of range.
				if i%4 != 0 || strings.ContainsAny(l, ",#") {
					continue
				}
				v, err := strconv.ParseFloat(l, 64)
				if err != nil {
					t.Fatal(err)
				}
				x = append(x, v)
			}
			checkUnary(t, c.name, x, c.bound)
		})
	}
}

// TestPhilox_KnownAnswers runs Random123's known answers.
func TestPhilox_KnownAnswers(t *testing.T) { eachISA(t, testPhiloxKnownAnswers) }

func testPhiloxKnownAnswers(t *testing.T) {
	n := 0
	for _, l := range fixture(t, "random/random123-kat_vectors") {
		f := strings.Fields(l)
		if f[0] != "philox4x64" || f[1] != "10" {
			continue
		}
		var w [10]uint64
		for i := range w {
			v, ok := new(big.Int).SetString(f[2+i], 16)
			if !ok {
				t.Fatalf("row %q", l)
			}
			w[i] = v.Uint64()
		}
		got := Philox4x64([4]uint64(w[:4]), [2]uint64(w[4:6]))
		if got != [4]uint64(w[6:]) {
			t.Errorf("Philox4x64(%x, %x) = %x, want %x", w[:4], w[4:6], got, w[6:])
		}
		n++
	}
	if n == 0 {
		t.Error("no philox4x64 vectors found")
	}
}

// TestUint64s_NumPyTestSet compares the stream with NumPy's test set.
func TestUint64s_NumPyTestSet(t *testing.T) { eachISA(t, testUint64sNumPyTestSet) }

func testUint64sNumPyTestSet(t *testing.T) {
	lines := fixture(t, "random/philox-testset-1.csv")
	field := func(l string) uint64 {
		v, err := strconv.ParseUint(strings.TrimSpace(strings.Split(l, ",")[1]), 0, 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	key := Seed(field(lines[0])).Key()
	got := make([]uint64, len(lines)-1)
	Uint64s(got, key, 0)
	for i, l := range lines[1:] {
		if want := field(l); got[i] != want {
			t.Fatalf("word %d = %#x, want %#x", i, got[i], want)
		}
	}
	if len(got) != 1000 {
		t.Errorf("%d words, want 1000", len(got))
	}
}
