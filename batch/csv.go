package batch

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
)

// naPolicy says what becomes of a missing value in a CSV column.
type naPolicy uint8

const (
	naError naPolicy = iota // it is an error
	naDrop                  // the row is left out
	naNaN                   // it becomes NaN
)

// missing are the spellings of a missing value, in lower case.
var missing = []string{"", "na", "n/a", "nan", "null", "none", "#n/a"}

// readColumn reads a column of numbers from a CSV file with a header line. Errors are *Error and name the row, counted
// from 1 without the header, and the column.
func readColumn(path, column string, na naPolicy) ([]float64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(bufio.NewReaderSize(f, 1<<16))
	r.ReuseRecord, r.TrimLeadingSpace = true, true
	header, err := r.Read()
	if err != nil {
		return nil, csvError(path, err)
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	at := slices.Index(header, column)
	if at < 0 {
		return nil, &Error{File: path, Line: 1, What: fmt.Sprintf("there is no column %q", column),
			Remedy: nearest(column, header)}
	}
	var values []float64
	for row := 1; ; row++ {
		record, err := r.Read()
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, csvError(path, err)
		}
		text := strings.TrimSpace(record[at])
		if slices.Contains(missing, strings.ToLower(text)) {
			switch na {
			case naDrop:
			case naNaN:
				values = append(values, math.NaN())
			default:
				return nil, cellError(r, path, row, at, column, "holds no value",
					"mend the file, or set na to drop (such rows are left out) or nan in a job file")
			}
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) { // beyond the range it is ±Inf or 0, as in NumPy
			return nil, cellError(r, path, row, at, column, fmt.Sprintf("holds %q, which is not a number", text),
				"mend the cell, or choose another column")
		}
		values = append(values, v)
	}
}

func cellError(r *csv.Reader, path string, row, field int, column, what, remedy string) error {
	line, _ := r.FieldPos(field)
	return &Error{File: path, Line: line, What: fmt.Sprintf("row %d, column %s %s", row, column, what), Remedy: remedy}
}

func csvError(path string, err error) error {
	if err == io.EOF {
		return &Error{File: path, What: "the CSV file is empty", Remedy: "it needs a line of column names", Err: err}
	}
	var p *csv.ParseError
	if errors.As(err, &p) {
		return &Error{File: path, Line: p.Line, What: "not CSV: " + p.Err.Error(), Remedy: "mend the line", Err: err}
	}
	return &Error{File: path, What: cause(err), Err: err}
}
