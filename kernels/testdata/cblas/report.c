#include <stdint.h>

/* What netlib's tester finds in the library under test, beside its routines. */
int CBLAS_CallFromC, RowMajorStrg;

/* The tester's; its programs of level 1 have none. */
__attribute__((weak)) void cblas_xerbla(int32_t info, const char *routine, const char *form, ...);

/* report says that argument info, counted from 1 as C counts, is bad. */
void report(int32_t info, const char *routine) {
	RowMajorStrg = 0; /* else the tester takes info for the place in a call of Fortran with arguments exchanged */
	cblas_xerbla(info, routine, "");
}
