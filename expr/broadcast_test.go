package expr

import (
	"slices"
	"strings"
	"testing"
)

// shaped is the numbers first, first+1, ... in a shape.
func shaped[T float32 | float64 | int64 | int16](first T, shape ...int) Shaped {
	x := make([]T, elements(shape))
	for i := range x {
		x[i] = first + T(i)
	}
	return Shaped{x, shape}
}

func TestNumPy_Broadcasting(t *testing.T) {
	vars := map[string]any{
		"m": shaped(0.5, 3, 4), "w": []float64{1, -2, 3, -4}, "col": shaped(0.25, 3, 1), "row": shaped[float32](-2, 1, 4),
		"one": shaped[int64](7, 1), "cube": shaped(1.0, 2, 3, 4), "i16": shaped[int16](-1, 4), "ints": shaped[int64](1, 3, 4),
		"deep": shaped(3.0, 2, 1, 1), "none": shaped(1.0, 0, 4), "mid": shaped[int64](1, 3, 1),
	}
	lines := []string{
		"m*w", "w - m", "m + col", "m + one", "col*row", "col*w", "row + one", "cube*w", "cube - m", "cube/col", "cube*deep", "deep + w",
		"m + i16", "i16*col", "ints**abs(i16)", "where(m > col, w, -m)", "where(w > 0, m, col)", "minimum(cube, mid)", "none*w", "none + one",
		"clip(m, w, col)", "hypot(m, w + 1)", "m*(w*2 - mean(w))", "cumsum(m*w)", "sum((m - w)*(m - w))", "mean(m, where=w > 0)",
		"std(col*row)", "max(cube - w)", "(m*w)[1]", "(m*w)[1:3]", "m[1]*w", "m[:2] - w[::-1]", "m*cumsum(w)", "(m > w) & (w > 0)", "argmax(m*w)",
		"float32(m)*row", "one*2", "w[1:2]*w",
	}
	if python := numpyEval(t, vars, lines); python != nil {
		for i, line := range lines {
			if python[i].Err != "" {
				t.Errorf("%s: NumPy says %s", line, python[i].Err)
				continue
			}
			pl := planOf(t, line, vars, nil)
			if r := pl.Results()[0]; !r.Scalar && !slices.Equal(r.Shape, python[i].S) && !strings.HasPrefix(line, "cumsum") {
				t.Errorf("%s has shape %v, in NumPy %v", line, r.Shape, python[i].S)
			}
		}
	}
	checkNumpy(t, vars, lines, 4)
}

// Go ends a program that asks for more than there is.
func TestEval_RefusesTooMuch(t *testing.T) {
	prog, err := Compile("uniform(10**12)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Eval(prog, nil, nil); err == nil || !strings.Contains(err.Error(), "the machine has") {
		t.Errorf("8 TB: %v", err)
	}
	if _, err := Eval(prog, map[string]any{"x": Shaped{[]float64{1}, []int{-1, -1}}}, nil); err == nil || !strings.Contains(err.Error(), "(-1, -1)") {
		t.Errorf("negative lengths: %v", err)
	}
}

// Tiles begin anywhere in a row: rows of all lengths around a tile, against loops.
func TestBroadcast_LongRows(t *testing.T) {
	for _, n := range []int{1, 2, 3, 7, 100, tileLen - 1, tileLen, tileLen + 1, 3*tileLen + 5} {
		rows := 3*leafLen/n + 2
		m, w, col := shaped(1.0, rows, n), shaped[float32](1, n), shaped[int64](1, rows, 1)
		for line, f := range map[string]func(i, j int) float64{
			"m*w":             func(i, j int) float64 { return float64(1+i*n+j) * float64(1+j) },
			"col*1.0 + w":     func(i, j int) float64 { return float64(2 + i + j) },
			"w - col*m":       func(i, j int) float64 { return float64(1+j) - float64(1+i)*float64(1+i*n+j) },
			"m*(col - 1)*0.5": func(i, j int) float64 { return float64(1+i*n+j) * float64(i) * 0.5 },
		} {
			prog, err := Compile(line)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Eval(prog, map[string]any{"m": m, "w": w, "col": col}, nil)
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range got[0].([]float64) {
				if want := f(k/n, k%n); v != want {
					t.Fatalf("%s, rows of %d: element [%d, %d] is %v, want %v", line, n, k/n, k%n, v, want)
				}
			}
		}
	}
}

func TestBroadcast_Errors(t *testing.T) {
	vars := map[string]any{"m": shaped(0.0, 3, 4), "v": shaped(0.0, 3), "cube": shaped(0.0, 2, 3, 4), "gap": shaped(0.0, 2, 1, 4)}
	for line, want := range map[string]string{
		"m * v":              "shapes do not match: m at column 1 has (3, 4), v at column 5 has (3,); counted from the last, axes must be equal or 1; give v the shape (3, 1)",
		"2*m + (v + 1)":      "shapes do not match: 2*m at column 1 has (3, 4), (v + 1) at column 7 has (3,)",
		"cube + gap":         "gap at column 8 has shape (2, 1, 4)",
		"dot(m, m[0])":       "shapes do not match",
		"sum(v, where=m>0)":  "shapes do not match",
		"m[m > 0] + m[0]":    "m[m > 0] at column 1 is a masked selection",
		"where(v>0, m, 1.0)": "shapes do not match",
	} {
		prog, err := Compile(line)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Eval(prog, vars, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", line, err, want)
		}
	}
}
