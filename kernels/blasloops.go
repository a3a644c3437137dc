package kernels

import "math"

// Level 2 in bounded steps: no call of assembly takes more than some microseconds.
const (
	stepRows = 16
	stepCols = 4096 // also cuts the sums of dots, so it rules their order
)

// dots sets y[i] = fma(alpha, row i of a times x, y[i]) for each block of stepCols columns in turn.
func (t *tile[T]) dots(alpha T, y, x, a []T, ld, rows, n int) {
	if n <= stepCols && rows <= stepRows {
		if n > 0 && rows > 0 {
			t.dotRows(alpha, y, x, a, ld, rows, n)
		}
		return
	}
	for j := 0; j < n; j += stepCols {
		for i := 0; i < rows; i += stepRows {
			t.dotRows(alpha, y[i:], x[j:], a[i*ld+j:], ld, min(stepRows, rows-i), min(stepCols, n-j))
		}
	}
}

// adds sets y[j] = fma(coefs[i], a[i*ld+j], y[j]) for each row i in turn.
func (t *tile[T]) adds(y, coefs, a []T, ld, rows, n int) {
	if n <= stepCols && rows <= stepRows {
		if n > 0 && rows > 0 {
			t.addRows(y, coefs, a, ld, rows, n)
		}
		return
	}
	for j := 0; j < n; j += stepCols {
		for i := 0; i < rows; i += stepRows {
			t.addRows(y[j:], coefs[i:], a[i*ld+j:], ld, min(stepRows, rows-i), min(stepCols, n-j))
		}
	}
}

// ranks sets a[i*ld+j] = fma(alpha*coefs[i], y[j], a[i*ld+j]) for each row i.
func (t *tile[T]) ranks(alpha T, a, coefs, y []T, ld, rows, n int) {
	for j := 0; j < n; j += stepCols {
		cols := min(stepCols, n-j)
		step := stepRows * stepCols / cols
		for i := 0; i < rows; i += step {
			t.rankRows(alpha, a[i*ld+j:], coefs[i:], y[j:], ld, min(step, rows-i), cols)
		}
	}
}

// shortRow is the length up to which a row is not worth a call of assembly. Its products are rounded, and added in turn, those
// of a dot product in float64: a fused multiply-add costs more than both where the compiler cannot know of one.
const shortRow = 12

func shortDot[T Float](x, y []T) (s float64) {
	y = y[:len(x)]
	for i, v := range x {
		s += float64(float64(v) * float64(y[i]))
	}
	return s
}

// dotRow sets y = y + alpha * (row times x), short rows in turn, others as dots has it.
func (t *tile[T]) dotRow(alpha T, y, x, row []T) {
	if len(row) > shortRow {
		t.dots(alpha, y, x, row, 0, 1, len(row))
		return
	}
	y[0] += T(float64(alpha) * shortDot(row, x))
}

// addRow adds coefs[0]*row[j] to y[j].
func (t *tile[T]) addRow(y, coefs, row []T) {
	if len(row) > shortRow {
		t.adds(y, coefs, row, 0, 1, len(row))
		return
	}
	c := coefs[0]
	y = y[:len(row)]
	for j, v := range row {
		y[j] += T(c * v)
	}
}

// dot is the sum of the products of each stepCols elements in turn, as dots has it for one row.
func (t *tile[T]) dot(x, y []T) (s T) {
	for ; len(x) > stepCols; x, y = x[stepCols:], y[stepCols:] {
		s += t.one(x[:stepCols], y)
	}
	if len(x) > 0 {
		s += t.one(x, y)
	}
	return s
}

func plainDot64(alpha float64, y, x, a []float64, ld, rows, n int) {
	for i := range rows {
		var l [16]float64
		row, j := a[i*ld:i*ld+n], 0
		for ; j+16 <= n; j += 16 {
			p, q := row[j:j+16:j+16], x[j:j+16:j+16]
			for k := range l {
				l[k] = math.FMA(p[k], q[k], l[k])
			}
		}
		for k, v := range row[j:] {
			l[k] = math.FMA(v, x[j+k], l[k])
		}
		for h := 8; h > 0; h /= 2 {
			for k := range l[:h] {
				l[k] += l[k+h]
			}
		}
		y[i] = math.FMA(alpha, l[0], y[i])
	}
}

func plainDot32(alpha float32, y, x, a []float32, ld, rows, n int) {
	for i := range rows {
		var l [32]float32
		for j, v := range a[i*ld : i*ld+n] {
			l[j%32] = fma32(v, x[j], l[j%32])
		}
		for h := 16; h > 0; h /= 2 {
			for k := range l[:h] {
				l[k] += l[k+h]
			}
		}
		y[i] = fma32(alpha, l[0], y[i])
	}
}

func plainAdd64(y, coefs, a []float64, ld, rows, n int) {
	y = y[:n]
	for i, c := range coefs[:rows] {
		row := a[i*ld : i*ld+n]
		for j, v := range row {
			y[j] = math.FMA(c, v, y[j])
		}
	}
}

func plainAdd32(y, coefs, a []float32, ld, rows, n int) {
	y = y[:n]
	for i, c := range coefs[:rows] {
		for j, v := range a[i*ld : i*ld+n] {
			y[j] = fma32(c, v, y[j])
		}
	}
}

// plainRank is the meaning of rankRows.
func plainRank[T Float](alpha T, a, coefs, y []T, ld, rows, n int) {
	for i, v := range coefs[:rows] {
		row, c := a[i*ld:i*ld+n], T(alpha*v)
		for j, w := range y[:n] {
			row[j] = fused(c, w, row[j])
		}
	}
}

func plainOne64(x, y []float64) float64 {
	var s [1]float64
	plainDot64(1, s[:], x, y, 0, 1, len(x))
	return s[0]
}

func plainOne32(x, y []float32) float32 {
	var s [1]float32
	plainDot32(1, s[:], x, y, 0, 1, len(x))
	return s[0]
}
