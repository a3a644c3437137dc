package kernels

import (
	"os"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
	gonum "gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/blas/testblas"
	lapack "gonum.org/v1/gonum/lapack/gonum"
	"gonum.org/v1/gonum/lapack/testlapack"
)

// TestBLAS_Testblas runs gonum's own suite for implementations of its interface.
func TestBLAS_Testblas(t *testing.T) {
	b := BLAS{}
	for name, test := range map[string]func(t *testing.T){
		"Ddot":   func(t *testing.T) { testblas.DdotTest(t, b) },
		"Dnrm2":  func(t *testing.T) { testblas.Dnrm2Test(t, b) },
		"Dasum":  func(t *testing.T) { testblas.DasumTest(t, b) },
		"Idamax": func(t *testing.T) { testblas.IdamaxTest(t, b) },
		"Dswap":  func(t *testing.T) { testblas.DswapTest(t, b) },
		"Dcopy":  func(t *testing.T) { testblas.DcopyTest(t, b) },
		"Daxpy":  func(t *testing.T) { testblas.DaxpyTest(t, b) },
		"Drotg":  func(t *testing.T) { testblas.DrotgTest(t, b, false) },
		"Drotmg": func(t *testing.T) { testblas.DrotmgTest(t, b) },
		"Drot":   func(t *testing.T) { testblas.DrotTest(t, b) },
		"Drotm":  func(t *testing.T) { testblas.DrotmTest(t, b) },
		"Dscal":  func(t *testing.T) { testblas.DscalTest(t, b) },
		"Dgemv":  func(t *testing.T) { testblas.DgemvTest(t, b) },
		"Dgbmv":  func(t *testing.T) { testblas.DgbmvTest(t, b) },
		"Dger":   func(t *testing.T) { testblas.DgerTest(t, b) },
		"Dtxmv":  func(t *testing.T) { testblas.DtxmvTest(t, b) },
		"Dtrmv":  func(t *testing.T) { testblas.DtrmvTest(t, b) },
		"Dtbmv":  func(t *testing.T) { testblas.DtbmvTest(t, b) },
		"Dtpmv":  func(t *testing.T) { testblas.DtpmvTest(t, b) },
		"Dtrsv":  func(t *testing.T) { testblas.DtrsvTest(t, b) },
		"Dtbsv":  func(t *testing.T) { testblas.DtbsvTest(t, b) },
		"Dtpsv":  func(t *testing.T) { testblas.DtpsvTest(t, b) },
		"Dsymv":  func(t *testing.T) { testblas.DsymvTest(t, b) },
		"Dsbmv":  func(t *testing.T) { testblas.DsbmvTest(t, b) },
		"Dspmv":  func(t *testing.T) { testblas.DspmvTest(t, b) },
		"Dsyr":   func(t *testing.T) { testblas.DsyrTest(t, b) },
		"Dspr":   func(t *testing.T) { testblas.DsprTest(t, b) },
		"Dsyr2":  func(t *testing.T) { testblas.Dsyr2Test(t, b) },
		"Dspr2":  func(t *testing.T) { testblas.Dspr2Test(t, b) },
		"Dgemm":  func(t *testing.T) { testblas.TestDgemm(t, b) },
		"Dsymm":  func(t *testing.T) { testblas.DsymmTest(t, b) },
		"Dsyrk":  func(t *testing.T) { testblas.DsyrkTest(t, b) },
		"Dsyr2k": func(t *testing.T) { testblas.Dsyr2kTest(t, b) },
		"Dtrmm":  func(t *testing.T) { testblas.DtrmmTest(t, b) },
		"Dtrsm":  func(t *testing.T) { testblas.DtrsmTest(t, b) },
	} {
		t.Run("routine="+name, test)
	}
}

// TestBLAS_Testlapack runs gonum's LAPACK, and its tests, on our BLAS.
func TestBLAS_Testlapack(t *testing.T) {
	blas64.Use(BLAS{})
	defer blas64.Use(gonum.Implementation{})
	impl := lapack.Implementation{}
	tests := map[string]func(t *testing.T){
		"Dpotrf": func(t *testing.T) { testlapack.DpotrfTest(t, impl) },
		"Dgetrf": func(t *testing.T) { testlapack.DgetrfTest(t, impl) },
		"Dgeqrf": func(t *testing.T) { testlapack.DgeqrfTest(t, impl) },
		"Dsyev":  func(t *testing.T) { testlapack.DsyevTest(t, impl) },
	}
	if os.Getenv("SHMATH_STRESS") != "" {
		tests["Dgetri"] = func(t *testing.T) { testlapack.DgetriTest(t, impl) }
		tests["Dgetrs"] = func(t *testing.T) { testlapack.DgetrsTest(t, impl) }
		tests["Dpotri"] = func(t *testing.T) { testlapack.DpotriTest(t, impl) }
		tests["Dormqr"] = func(t *testing.T) { testlapack.DormqrTest(t, impl) }
		tests["Dtrtri"] = func(t *testing.T) { testlapack.DtrtriTest(t, impl) }
		tests["Dgesvd"] = func(t *testing.T) { testlapack.DgesvdTest(t, impl, 1e-13) }
		tests["Dgeev"] = func(t *testing.T) { testlapack.DgeevTest(t, impl) }
		tests["Dgels"] = func(t *testing.T) { testlapack.DgelsTest(t, impl) }
	}
	for name, test := range tests {
		t.Run("routine="+name, test)
	}
}
