/*
 * Numeric libraries in C on one thread: native KIND LIBRARY PREFIX, where KIND is blas, fftw or sleef, LIBRARY a file that
 * can be loaded, and PREFIX stands before its names. No headers of theirs are needed.
 *
 * The first line out says which library and version. Then each line in, "OP TYPE N OPS", is answered with the nanoseconds
 * of OPS calls; what is to be prepared, such as a plan, is prepared before.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112, UPPER = 121, LOWER = 122, NON_UNIT = 131, LEFT = 141, RIGHT = 142 };

typedef void gemm_d(int, int, int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
typedef void gemm_s(int, int, int, int, int, int, float, const float *, int, const float *, int, float, float *, int);
typedef void gemv_d(int, int, int, int, double, const double *, int, const double *, int, double, double *, int);
typedef void syrk_d(int, int, int, int, int, double, const double *, int, double, double *, int);
typedef void trsm_d(int, int, int, int, int, int, int, double, const double *, int, double *, int);
typedef void *plan_c(int, double *, double *, int, unsigned);
typedef void *plan_r(int, double *, double *, unsigned);
typedef void execute(void *);

static void *library;
static const char *prefix;

static void *find(const char *name) {
	char full[128];
	snprintf(full, sizeof full, "%s%s", prefix, name);
	return dlsym(library, full);
}

static void *need(const char *name) {
	void *f = find(name);
	if (!f) {
		fprintf(stderr, "no %s%s in the library\n", prefix, name);
		exit(1);
	}
	return f;
}

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* numbers returns n of them between 0 and 1, in lines of their own. */
static double *numbers(size_t n, unsigned seed) {
	double *x = aligned_alloc(128, (n * sizeof *x + 255) / 128 * 128);
	if (!x) {
		perror("aligned_alloc");
		exit(1);
	}
	for (size_t i = 0; i < n; i++)
		x[i] = (double)((seed = seed * 1664525 + 1013904223) >> 8) / (1 << 24);
	return x;
}

static float *floats(const double *x, size_t n) {
	float *f = (float *)numbers(n, 1);
	for (size_t i = 0; i < n; i++)
		f[i] = x[i];
	return f;
}

#define TIMED(CALL) \
	({ \
		CALL; \
		int64_t begin_ = now(); \
		for (long i_ = 0; i_ < ops; i_++) \
			CALL; \
		now() - begin_; \
	})

static int64_t blas(const char *op, char type, int n, long ops) {
	size_t size = (size_t)n * n;
	double *a = numbers(size, 1), *b = numbers(size, 2), *c = numbers(size, 3), *x = numbers(n, 4), *y = numbers(n, 5);
	int64_t took = -1;
	for (int i = 0; i < n; i++)
		a[(size_t)i * n + i] += n;
	if (!strcmp(op, "gemm") && type == 's') {
		gemm_s *f = need("cblas_sgemm");
		float *fa = floats(a, size), *fb = floats(b, size), *fc = floats(c, size);
		took = TIMED(f(ROW_MAJOR, NO_TRANS, NO_TRANS, n, n, n, 1, fa, n, fb, n, 0, fc, n));
		free(fa), free(fb), free(fc);
	} else if (!strcmp(op, "gemm")) {
		gemm_d *f = need("cblas_dgemm");
		took = TIMED(f(ROW_MAJOR, NO_TRANS, NO_TRANS, n, n, n, 1, a, n, b, n, 0, c, n));
	} else if (!strcmp(op, "gemvN") || !strcmp(op, "gemvT")) {
		gemv_d *f = need("cblas_dgemv");
		took = TIMED(f(ROW_MAJOR, op[4] == 'T' ? TRANS : NO_TRANS, n, n, 1, a, n, x, 1, 0, y, 1));
	} else if (!strcmp(op, "syrk")) {
		syrk_d *f = need("cblas_dsyrk");
		took = TIMED(f(ROW_MAJOR, UPPER, NO_TRANS, n, n, 1, a, n, 0, c, n));
	} else if (!strcmp(op, "trsmL") || !strcmp(op, "trsmR")) {
		trsm_d *f = need("cblas_dtrsm");
		int left = op[4] == 'L';
		took = TIMED((memcpy(c, b, size * sizeof *c), f(ROW_MAJOR, left ? LEFT : RIGHT, left ? LOWER : UPPER, NO_TRANS, NON_UNIT, n, n, 1, a, n, c, n)));
	}
	free(a), free(b), free(c), free(x), free(y);
	return took;
}

/* fftw plans by measuring, as its manual advises for many transforms of one length. */
static int64_t fftw(const char *op, char type, int n, long ops) {
	enum { FORWARD = -1, MEASURE = 0 };
	double *in = numbers(2 * (size_t)n, 1), *out = numbers(2 * (size_t)n + 2, 2);
	void *plan = strcmp(op, "rfft") ? ((plan_c *)need("plan_dft_1d"))(n, in, out, FORWARD, MEASURE)
					: ((plan_r *)need("plan_dft_r2c_1d"))(n, in, out, MEASURE);
	execute *run = need("execute");
	(void)type;
	for (int i = 0; i < 2 * n; i++) /* planning wrote over it */
		in[i] = (double)(i % 1024) / 1024;
	int64_t took = TIMED(run(plan));
	((execute *)need("destroy_plan"))(plan);
	free(in), free(out);
	return took;
}

#if defined(__AVX512F__)
typedef double lanes __attribute__((vector_size(64)));
#define SUFFIX "d8_u10avx512f"
#elif defined(__AVX2__)
typedef double lanes __attribute__((vector_size(32)));
#define SUFFIX "d4_u10avx2"
#else
typedef double lanes __attribute__((vector_size(16)));
#define SUFFIX "d2_u10"
#endif

/* sleef's functions with at most 1 ULP, on as many lanes as the processor has */
static int64_t sleef(const char *op, char type, int n, long ops) {
	char name[64];
	snprintf(name, sizeof name, "%s" SUFFIX, op);
	lanes (*f)(lanes) = need(name);
	int count = n / (sizeof(lanes) / sizeof(double));
	lanes *x = (lanes *)numbers(n, 1), *d = (lanes *)numbers(n + 16, 2) ; /* a line apart */
	(void)type;
	for (int i = 0; i < n; i++)
		((double *)x)[i] = 4 * ((double *)x)[i] + 0.1;
	int64_t took = TIMED(for (int i = 0; i < count; i++) d[i] = f(x[i]));
	free(x), free(d);
	return took;
}

static void version(const char *kind) {
	char *(*openblas)(void) = find("openblas_get_config"), *(*core)(void) = find("openblas_get_corename");
	char *(*blis)(void) = find("bli_info_get_version_str");
	const char *fft = find("version");
	if (!strcmp(kind, "blas") && openblas) {
		char text[256], *end;
		snprintf(text, sizeof text, "%s", openblas());
		if ((end = strstr(text, " DYNAMIC")) || (end = strstr(text, " NO_")))
			*end = 0;
		printf("%s, %s\n", text, core ? core() : "");
	} else if (!strcmp(kind, "blas"))
		printf("BLIS %s\n", blis ? blis() : "of unknown version");
	else if (!strcmp(kind, "fftw"))
		printf("%s\n", fft ? fft : "FFTW");
	else
		printf("SLEEF, " SUFFIX "\n");
	fflush(stdout);
}

int main(int argc, char **argv) {
	if (argc != 4 || !(library = dlopen(argv[2], RTLD_NOW))) {
		fprintf(stderr, "%s\n", argc == 4 ? dlerror() : "usage: native blas|fftw|sleef LIBRARY PREFIX");
		return 1;
	}
	prefix = argv[3];
	version(argv[1]);
	char op[16], type;
	int n;
	long ops;
	while (scanf("%15s %c %d %ld", op, &type, &n, &ops) == 4) {
		int64_t took = !strcmp(argv[1], "blas") ? blas(op, type, n, ops)
			       : !strcmp(argv[1], "fftw") ? fftw(op, type, n, ops) : sleef(op, type, n, ops);
		if (took < 0) {
			fprintf(stderr, "no operation %s\n", op);
			return 1;
		}
		printf("%lld\n", (long long)took);
		fflush(stdout);
	}
	return 0;
}
