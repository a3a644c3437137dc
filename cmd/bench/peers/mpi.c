/*
 * Messages between two processes by MPI: mpirun -np 2 mpi HOME-CPU AWAY-CPU. Asked and answered as programs of two.h are,
 * by its rank 0.
 */
#define _GNU_SOURCE
#include <mpi.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SIZE_MAX_ = 65536, ORDER = 1, MESSAGE = 2 };

static int64_t buffer[SIZE_MAX_ / 8];

static int64_t now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void check(int failed, const char *what) {
	if (failed) {
		fprintf(stderr, "mpi: %s\n", what);
		MPI_Abort(MPI_COMM_WORLD, 1);
	}
}

struct order {
	int64_t trip, size, ops;
};

static void send(int size) { MPI_Send(buffer, size, MPI_BYTE, 1, MESSAGE, MPI_COMM_WORLD); }
static void reply(int size) { MPI_Send(buffer, size, MPI_BYTE, 0, MESSAGE, MPI_COMM_WORLD); }
static void receive(int from, int size) { MPI_Recv(buffer, size, MPI_BYTE, from, MESSAGE, MPI_COMM_WORLD, MPI_STATUS_IGNORE); }

static void home(struct order o, uint32_t *times) {
	for (int64_t i = 0; i < o.ops; i++) {
		int64_t begin = o.trip ? now() : 0;
		buffer[0] = i;
		send(o.size);
		if (o.trip) {
			receive(1, o.size);
			check(buffer[0] != i, "a wrong answer");
			times[i] = now() - begin;
		}
	}
}

static void away(struct order o) {
	for (int64_t i = 0; i < o.ops; i++) {
		receive(0, o.size);
		check(buffer[0] != i, "a wrong message");
		if (o.trip)
			reply(o.size);
	}
}

/* serve is the life of rank 1. It sleeps until there is an order, where MPI_Recv would spin. */
static void serve(void) {
	struct order o;
	for (;;) {
		int there = 0;
		while (MPI_Iprobe(0, ORDER, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE), !there)
			usleep(200);
		MPI_Recv(&o, sizeof o, MPI_BYTE, 0, ORDER, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
		if (!o.ops)
			return;
		MPI_Barrier(MPI_COMM_WORLD);
		away(o);
		MPI_Barrier(MPI_COMM_WORLD);
	}
}

static void ask(void) {
	char name[16], line[128];
	struct order o;
	long long size, ops;
	while (fgets(line, sizeof line, stdin) && sscanf(line, "%15s %lld %lld", name, &size, &ops) == 3) {
		check(size > SIZE_MAX_, "a message is too long");
		o = (struct order){!strcmp(name, "mpi-trip"), size, ops};
		uint32_t *times = calloc(ops, sizeof *times);
		check(!times, "calloc");
		MPI_Send(&o, sizeof o, MPI_BYTE, 1, ORDER, MPI_COMM_WORLD);
		MPI_Barrier(MPI_COMM_WORLD);
		int64_t begin = now();
		home(o, times);
		MPI_Barrier(MPI_COMM_WORLD);
		printf("%lld", (long long)(now() - begin));
		for (int64_t i = 0; o.trip && i < ops; i++)
			printf(" %u", times[i]);
		putchar('\n');
		fflush(stdout);
		free(times);
	}
	o.ops = 0;
	MPI_Send(&o, sizeof o, MPI_BYTE, 1, ORDER, MPI_COMM_WORLD);
}

int main(int argc, char **argv) {
	int rank, length;
	char version[MPI_MAX_LIBRARY_VERSION_STRING];
	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	check(argc != 3, "usage: mpirun -np 2 mpi HOME-CPU AWAY-CPU");
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(atoi(argv[1 + rank]), &set);
	check(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
	MPI_Get_library_version(version, &length);
	if (rank == 0) {
		version[strcspn(version, ",\n")] = 0;
		puts(version);
		fflush(stdout);
		ask();
	} else {
		serve();
	}
	MPI_Finalize();
	return 0;
}
