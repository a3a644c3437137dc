/*
 * What a wake-up costs: two processes that sleep on a futex each and wake each other, in C. See two.h for how it is asked.
 */
#include "two.h"

#include <linux/futex.h>
#include <sys/syscall.h>

struct futex {
	_Alignas(LINE) uint32_t word;
};

static void await(struct futex *f, uint32_t value) {
	uint32_t seen;
	while ((seen = __atomic_load_n(&f->word, __ATOMIC_ACQUIRE)) != value)
		syscall(SYS_futex, &f->word, FUTEX_WAIT, seen, NULL, NULL, 0);
}

static void wake(struct futex *f, uint32_t value) {
	__atomic_store_n(&f->word, value, __ATOMIC_RELEASE);
	syscall(SYS_futex, &f->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int64_t trip(struct turn *t) {
	struct futex *out = (struct futex *)t->mem, *in = out + 1;
	static uint32_t first; /* trips so far, of which both sides have had as many */
	for (int64_t i = 1; i <= t->ops; i++) {
		int64_t begin = now();
		if (t->home) {
			wake(out, first + i);
			await(in, first + i);
			t->times[i - 1] = now() - begin;
		} else {
			await(out, first + i);
			wake(in, first + i);
		}
	}
	first += t->ops;
	return -1;
}

int main(int argc, char **argv) {
	static const struct two_case cases[] = {{"wake", 4, 1, trip}};
	return two_main(argc, argv, "gcc " __VERSION__, cases, 1);
}
