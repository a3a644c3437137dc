/*
 * Two processes, home and away, pinned to a CPU each, that take turns on request:
 *
 *   PROGRAM HOME-CPU AWAY-CPU
 *
 * The first line out names what is measured, and its version. Then each line in, "CASE SIZE OPS", is answered with the
 * nanoseconds from when both sides are ready until both are done; of a round trip, the nanoseconds of each op follow on
 * the same line. Between turns both sleep.
 */
#ifndef TWO_H
#define TWO_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define PAUSE() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define PAUSE() __asm__ volatile("isb")
#else
#define PAUSE() ((void)0)
#endif

#define INLINE static inline __attribute__((always_inline))
#define LINE 128 /* processors fetch lines of 64 bytes in pairs */
#define ROOM (4 << 20) /* shared memory of one case at one size */
#define MESSAGE_MAX 65536

/* turn is what one side of a case knows. */
struct turn {
	char *mem; /* shared, the case's own, zero at first */
	int home;
	int64_t ops;
	uint32_t *times; /* home's, of round trips: nanoseconds of each op */
};

/* two_case is a case at one message size. play returns the sum of the numbers that it received, or -1 if it received none. */
struct two_case {
	const char *name;
	int size, timed;
	int64_t (*play)(struct turn *);
};

struct two_board {
	char *cases;
	int ready[LINE / 4], done[LINE / 4], wrong;
};

INLINE uint64_t load(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
INLINE void store(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }

/* used keeps the compiler from leaving out a copy that nobody looks at. */
INLINE void used(void *p) { __asm__ volatile("" : : "r"(p) : "memory"); }

static void check(int failed, const char *what) {
	if (failed) {
		perror(what);
		exit(1);
	}
}

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void two_pin(const char *cpu) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);
	check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static void two_meet(int *count, int turns) {
	__atomic_fetch_add(count, 1, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(count, __ATOMIC_ACQUIRE) < 2 * turns)
		PAUSE();
}

struct two_order {
	int turn, number;
	int64_t ops;
};

static void two_play(struct two_board *b, const struct two_case *cases, struct two_order o, int home, uint32_t *times, int64_t *took) {
	struct turn t = {b->cases + (size_t)o.number * ROOM, home, o.ops, times};
	two_meet(b->ready, o.turn);
	int64_t begin = now();
	int64_t sum = cases[o.number].play(&t);
	if (sum != -1 && sum != o.ops * (o.ops - 1) / 2)
		b->wrong = 1;
	two_meet(b->done, o.turn);
	*took = now() - begin;
}

static int two_number(const struct two_case *cases, int count, const char *name, int size) {
	for (int i = 0; i < count; i++)
		if (cases[i].size == size && !strcmp(cases[i].name, name))
			return i;
	fprintf(stderr, "no case %s of %d bytes\n", name, size);
	exit(1);
}

static int two_main(int argc, char **argv, const char *version, const struct two_case *cases, int count) {
	if (argc != 3) {
		fprintf(stderr, "usage: %s HOME-CPU AWAY-CPU\n", argv[0]);
		return 2;
	}
	int orders[2];
	size_t size = 4096 + (size_t)count * ROOM;
	struct two_board *b = (struct two_board *)mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	check(b == MAP_FAILED, "mmap");
	check(pipe(orders), "pipe");
	b->cases = (char *)b + 4096; /* the same address in both: away is forked */
	struct two_order o = {0, 0, 0};
	int64_t took;
	pid_t child = fork();
	check(child < 0, "fork");
	two_pin(argv[child ? 1 : 2]);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(orders[1]);
		while (read(orders[0], &o, sizeof o) == sizeof o)
			two_play(b, cases, o, 0, NULL, &took);
		return 0;
	}
	puts(version);
	fflush(stdout);
	char name[64], line[128];
	int bytes;
	long long ops;
	while (fgets(line, sizeof line, stdin) && sscanf(line, "%63s %d %lld", name, &bytes, &ops) == 3) {
		o.number = two_number(cases, count, name, bytes);
		o.turn++, o.ops = ops;
		uint32_t *times = (uint32_t *)calloc(ops, sizeof *times);
		check(!times, "calloc");
		check(write(orders[1], &o, sizeof o) != sizeof o, "write");
		two_play(b, cases, o, 1, times, &took);
		if (b->wrong) {
			fprintf(stderr, "%s: messages came in wrong\n", name);
			return 1;
		}
		printf("%lld", (long long)took);
		for (int64_t i = 0; cases[o.number].timed && i < ops; i++)
			printf(" %u", times[i]);
		putchar('\n');
		fflush(stdout);
		free(times);
	}
	return 0;
}

#endif
