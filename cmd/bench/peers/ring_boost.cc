/*
 * boost::lockfree::spsc_queue between two processes, with its capacity fixed so that it lies in shared memory whole. See
 * two.h for how it is asked. batch pushes and pops up to 64 messages at once (4 of 64 KiB).
 */
#include "two.h"

#include <algorithm>
#include <new>

#include <boost/lockfree/spsc_queue.hpp>
#include <boost/version.hpp>

template <int SIZE> struct message {
	int64_t words[SIZE / 8];
};

constexpr int capacity(int size) { return std::clamp((1 << 20) / size, 16, 4096); }

template <int SIZE> using queue = boost::lockfree::spsc_queue<message<SIZE>, boost::lockfree::capacity<capacity(SIZE)>>;

/* opened returns the queue at mem, which home makes when it is not there yet. */
template <int SIZE> queue<SIZE> *opened(char *mem, int home) {
	uint64_t *made = (uint64_t *)mem;
	if (home && !load(made)) {
		new (mem + LINE) queue<SIZE>;
		store(made, 1);
	}
	while (!load(made))
		PAUSE();
	return (queue<SIZE> *)(mem + LINE);
}

template <int SIZE> int64_t single(struct turn *t) {
	auto q = opened<SIZE>(t->mem, t->home);
	static message<SIZE> m;
	int64_t sum = 0;
	for (int64_t i = 0; i < t->ops; i++) {
		if (t->home) {
			m.words[0] = i;
			while (!q->push(m))
				;
		} else {
			while (!q->pop(m))
				;
			used(&m);
			sum += m.words[0];
		}
	}
	return t->home ? -1 : sum;
}

template <int SIZE> int64_t batch(struct turn *t) {
	constexpr int many = std::min(64, capacity(SIZE) / 4);
	auto q = opened<SIZE>(t->mem, t->home);
	static message<SIZE> m[many];
	int64_t sum = 0;
	for (int64_t i = 0; i < t->ops;) {
		int n = std::min<int64_t>(many, t->ops - i);
		if (t->home) {
			for (int j = 0; j < n; j++)
				m[j].words[0] = i + j;
			for (int sent = 0; sent < n;)
				sent += q->push(m + sent, n - sent);
		} else {
			n = q->pop(m, n);
			used(m);
			for (int j = 0; j < n; j++)
				sum += m[j].words[0];
		}
		i += n;
	}
	return t->home ? -1 : sum;
}

/* trip calls and is answered over a queue each way. */
template <int SIZE> int64_t trip(struct turn *t) {
	auto there = opened<SIZE>(t->mem, t->home), back = opened<SIZE>(t->mem + ROOM / 2, t->home);
	auto out = t->home ? there : back, in = t->home ? back : there;
	static message<SIZE> m;
	for (int64_t i = 0; i < t->ops; i++) {
		int64_t begin = t->home ? now() : 0;
		m.words[0] = i;
		if (t->home)
			out->push(m);
		while (!in->pop(m))
			PAUSE();
		used(&m);
		check(m.words[0] != i, "a round trip");
		if (t->home)
			t->times[i] = now() - begin;
		else
			out->push(m);
	}
	return -1;
}

#define CASES(SIZE) {"boost", SIZE, 0, single<SIZE>}, {"boost-batch", SIZE, 0, batch<SIZE>}, {"boost-trip", SIZE, 1, trip<SIZE>}

int main(int argc, char **argv) {
	static const struct two_case cases[] = {CASES(8), CASES(64), CASES(1024), CASES(65536)};
	return two_main(argc, argv, "Boost " BOOST_LIB_VERSION, cases, sizeof cases / sizeof *cases);
}
