//go:build !amd64 || noasm || race

package kernels

// Without assembly no step is done in registers.

func (p *fftPass[T]) vectors(to, from []pair[T]) bool { return false }

func multiplyVectors[T Float](dst, x, y []pair[T]) int { return 0 }

func exchangeVectors[T Float](dst, x []pair[T], scale T) int { return 0 }

func untangleVectors[T Float](dst, z, roots []pair[T], h int) bool { return false }

func entangleVectors[T Float](dst, z, roots []pair[T], h int) bool { return false }
