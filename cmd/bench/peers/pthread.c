/*
 * What the C library offers in place of psync: pthread's process-shared primitives between two processes.
 *
 *   pthread mutex|barrier OPS CPU CPU     two processes, one on each CPU
 *   pthread mutex OPS                     one process, wherever it runs
 *
 * Each side does OPS operations. Prints the nanoseconds from when both are ready until both are done.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

static struct shared {
	_Alignas(128) pthread_mutex_t mutex;
	_Alignas(128) pthread_barrier_t barrier;
	_Alignas(128) long guarded;
	_Alignas(128) atomic_int ready, done;
} *s;

static void check(int failed, const char *what) {
	if (failed) {
		fprintf(stderr, "pthread: %s failed\n", what);
		exit(1);
	}
}

static void pin(const char *cpu) {
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(atoi(cpu), &set);
	check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

static void meet(atomic_int *count, int sides) {
	atomic_fetch_add(count, 1);
	while (atomic_load(count) < sides)
		;
}

static void play(int mutex, long ops) {
	for (long i = 0; i < ops; i++) {
		if (!mutex) {
			int r = pthread_barrier_wait(&s->barrier);
			check(r && r != PTHREAD_BARRIER_SERIAL_THREAD, "pthread_barrier_wait");
			continue;
		}
		check(pthread_mutex_lock(&s->mutex), "pthread_mutex_lock");
		s->guarded++;
		check(pthread_mutex_unlock(&s->mutex), "pthread_mutex_unlock");
	}
}

static void layOut(void) {
	pthread_mutexattr_t m;
	pthread_barrierattr_t b;
	s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(s == MAP_FAILED, "mmap");
	check(pthread_mutexattr_init(&m) || pthread_mutexattr_setpshared(&m, PTHREAD_PROCESS_SHARED) ||
		pthread_mutexattr_setrobust(&m, PTHREAD_MUTEX_ROBUST) || pthread_mutex_init(&s->mutex, &m), "pthread_mutex_init");
	check(pthread_barrierattr_init(&b) || pthread_barrierattr_setpshared(&b, PTHREAD_PROCESS_SHARED) ||
		pthread_barrier_init(&s->barrier, &b, 2), "pthread_barrier_init");
}

int main(int argc, char **argv) {
	if (argc != 3 && argc != 5) {
		fprintf(stderr, "usage: pthread mutex|barrier OPS [CPU CPU]\n");
		return 2;
	}
	int mutex = !strcmp(argv[1], "mutex"), sides = argc == 5 ? 2 : 1;
	long ops = atol(argv[2]);
	layOut();
	if (sides == 2) {
		pid_t child = fork();
		check(child < 0, "fork");
		if (!child)
			prctl(PR_SET_PDEATHSIG, SIGKILL);
		pin(argv[child ? 3 : 4]);
		if (!child) {
			meet(&s->ready, sides);
			play(mutex, ops);
			meet(&s->done, sides);
			return 0;
		}
	}
	struct timespec a, b;
	meet(&s->ready, sides);
	clock_gettime(CLOCK_MONOTONIC, &a);
	play(mutex, ops);
	meet(&s->done, sides);
	clock_gettime(CLOCK_MONOTONIC, &b);
	check(mutex && s->guarded != sides * ops, "mutual exclusion");
	printf("%lld\n", (b.tv_sec - a.tv_sec) * 1000000000LL + b.tv_nsec - a.tv_nsec);
	return 0;
}
