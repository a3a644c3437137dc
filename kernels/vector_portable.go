//go:build !amd64 || noasm || race

package kernels

// Without assembly the twins in Go do everything.

func vector1[T Number](op vectorOp, dst, x []T) int           { return 0 }
func vector2[T Number](op vectorOp, dst, x, y []T) int        { return 0 }
func vectorFma[T Float](dst, x, y, z []T) int                 { return 0 }
func vectorScalar[T Number](op vectorOp, dst, x []T, a T) int { return 0 }
func vectorAxpy[T Float](dst, x, y []T, a T) int              { return 0 }
func vectorClamp[T Number](dst, x []T, lo, hi T) int          { return 0 }

func vectorSum[T Float](op sumOp, l *laneSums, x []T) (total float64, ok bool) { return 0, false }
func vectorDot[T Float](l *laneSums, x, y []T) (total float64, ok bool)        { return 0, false }
func vectorSum2[T Float](l *twiceSums, x []T) int                              { return 0 }
func vectorDot2[T Float](l *twiceSums, x, y []T) int                           { return 0 }
func vectorMoments[T Float](d, s *laneSums, x []T, mean float64) (ok bool)     { return false }
func vectorExtreme[T Number](op extremeOp, l *[16]T, x []T) int                { return 0 }

func vectorSumInt[T Integer](x []T) (sum int64, n int)    { return 0, 0 }
func vectorDotInt[T Integer](x, y []T) (sum int64, n int) { return 0, 0 }
func vectorCumSum[T Number](dst, x []T, start *T) int     { return 0 }

func vectorConvert[D Number, S any](dst []D, src []S) int { return 0 }

func vectorFill[T Number](dst []T, a T) int { return 0 }

func vectorPhilox(k *philoxKeys, dst []uint64, c uint64) int { return 0 }
func vectorUniform(dst []float64, words []uint64) int        { return 0 }
func vectorPlaces(words []uint64, scale float64) int         { return 0 }

func vectorCompare[T Number](op compareOp, dst []bool, x, y []T) int           { return 0 }
func vectorCompareScalar[T Number](op compareOp, dst []bool, x []T, a T) int   { return 0 }
func vectorSelect[T Number](dst []T, mask []bool, x, y []T) int                { return 0 }
func vectorCompress[T Number](dst []T, mask []bool, x []T) (read, written int) { return 0, 0 }

func vectorCount(mask []bool) (hits, looked int) { return 0, 0 }
