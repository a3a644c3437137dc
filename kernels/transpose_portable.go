//go:build !amd64 || noasm || race

package kernels

func tilesOf[T Number]([]T, int) turnTile[T] { return turnPortable[T] }
