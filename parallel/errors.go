package parallel

import "errors"

var (
	// ErrOverlap is returned when an output shares memory with an input.
	ErrOverlap = errors.New("parallel: output overlaps an input")

	// ErrVariable is returned for a variable that is no array and no number.
	ErrVariable = errors.New("parallel: not an array or a number")

	// ErrOutput is returned when an output array has not the type or shape of the result.
	ErrOutput = errors.New("parallel: output does not fit the result")
)
