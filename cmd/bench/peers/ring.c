/*
 * What C makes of a ring between two processes, and of two bare cache lines. See two.h for how it is asked.
 *
 * lamport    Lamport's ring of one producer and one consumer ("Specifying Concurrent Program Modules", 1983), each side
 *            with a copy of the other's position, which it reads again only when it finds the ring full or empty
 * backoff    the same; a consumer that finds it empty waits 64 PAUSEs, so that several messages come at once
 * batch      the same; positions are published every 64 messages (every 4 of 64 KiB)
 * slot       the sequence number in the slot: no positions travel
 * wrapping   indices that wrap with one slot to spare, as Rigtorp's SPSCQueue has it
 * claim      lamport with backoff; the producer copies into the slot once, and the consumer looks at it where it lies
 * claim-batch  claim, with positions published as in batch
 */
#include "two.h"

struct ring {
	_Alignas(LINE) uint64_t tail;
	_Alignas(LINE) uint64_t head;
	_Alignas(LINE) char slots[];
};

INLINE uint64_t capacity(int size) {
	uint64_t n = (1 << 20) / size;
	return n > 4096 ? 4096 : n < 16 ? 16 : n;
}

INLINE int at_once(int size) { return capacity(size) < 256 ? capacity(size) / 4 : 64; }

/* kind of a ring with positions */
struct kind {
	int batch, backoff, in_place;
};

INLINE void empty(int pauses) {
	for (int i = 0; i < pauses; i++)
		PAUSE();
}

INLINE void produce(struct turn *t, int size, struct kind k) {
	struct ring *q = (struct ring *)t->mem;
	_Alignas(64) char message[MESSAGE_MAX] = {0};
	uint64_t tail = q->tail, head = load(&q->head), mask = capacity(size) - 1;
	for (int64_t i = 0; i < t->ops; i++) {
		while (tail - head > mask)
			head = load(&q->head);
		memcpy(message, &i, 8);
		used(message);
		memcpy(q->slots + (tail++ & mask) * size, message, size);
		if (k.batch == 1 || tail % k.batch == 0 || i + 1 == t->ops)
			store(&q->tail, tail);
	}
}

INLINE int64_t consume(struct turn *t, int size, struct kind k) {
	struct ring *q = (struct ring *)t->mem;
	_Alignas(64) char message[MESSAGE_MAX];
	uint64_t head = q->head, tail = load(&q->tail), mask = capacity(size) - 1;
	int64_t sum = 0, number;
	for (int64_t i = 0; i < t->ops; i++) {
		while (head == tail) {
			tail = load(&q->tail);
			if (head == tail)
				empty(k.backoff);
		}
		char *from = q->slots + (head++ & mask) * size;
		if (!k.in_place) {
			memcpy(message, from, size);
			used(message);
			from = message;
		}
		memcpy(&number, from, 8);
		sum += number;
		if (k.batch == 1 || head % k.batch == 0 || i + 1 == t->ops)
			store(&q->head, head);
	}
	return sum;
}

INLINE int64_t positions(struct turn *t, int size, struct kind k) {
	if (!t->home)
		return consume(t, size, k);
	produce(t, size, k);
	return -1;
}

/* slot: the number of a slot says what may be done next: 2*lap to write it, 2*lap+1 to read it. */
INLINE int64_t slot(struct turn *t, int size) {
	uint64_t *position = (uint64_t *)(t->mem + (t->home ? 0 : LINE)), n = capacity(size);
	int stride = size == 8 ? 16 : size + 64;
	_Alignas(64) char message[MESSAGE_MAX] = {0};
	int64_t sum = 0, number;
	for (int64_t i = 0; i < t->ops; i++, ++*position) {
		char *s = t->mem + 2 * LINE + (*position & (n - 1)) * stride;
		uint64_t *turn = (uint64_t *)s, lap = *position / n * 2;
		while (load(turn) != lap + !t->home)
			PAUSE();
		if (t->home) {
			memcpy(message, &i, 8);
			used(message);
			memcpy(s + 8, message, size);
			store(turn, lap + 1);
		} else {
			memcpy(message, s + 8, size);
			used(message);
			memcpy(&number, message, 8);
			sum += number;
			store(turn, lap + 2);
		}
	}
	return t->home ? -1 : sum;
}

INLINE int64_t wrapping(struct turn *t, int size) {
	struct ring *q = (struct ring *)t->mem;
	_Alignas(64) char message[MESSAGE_MAX] = {0};
	uint64_t mine = t->home ? q->tail : q->head, theirs = load(t->home ? &q->head : &q->tail), slots = capacity(size) + 1;
	int64_t sum = 0, number;
	for (int64_t i = 0; i < t->ops; i++) {
		uint64_t next = mine + 1 == slots ? 0 : mine + 1;
		if (t->home) {
			while (next == theirs)
				theirs = load(&q->head);
			memcpy(message, &i, 8);
			used(message);
			memcpy(q->slots + mine * size, message, size);
			store(&q->tail, next);
		} else {
			while (mine == theirs)
				theirs = load(&q->tail);
			memcpy(message, q->slots + mine * size, size);
			used(message);
			memcpy(&number, message, 8);
			sum += number;
			store(&q->head, next);
		}
		mine = next;
	}
	return t->home ? -1 : sum;
}

/* trip: a message there and back over lines at two places, or at one. The word before the message counts halves of trips. */
INLINE int64_t trip(struct turn *t, int size, int apart) {
	char *out = t->mem + (t->home ? 0 : apart), *in = t->mem + (t->home ? apart : 0);
	uint64_t *count = (uint64_t *)(t->mem + ROOM - LINE), first = *count;
	_Alignas(64) char message[MESSAGE_MAX] = {0};
	int64_t number;
	for (int64_t i = 0; i < t->ops; i++) {
		int64_t begin = t->home ? now() : 0;
		uint64_t ask = first + 2 * i + 1, reply = ask + 1;
		memcpy(message, &i, 8);
		for (int half = 0; half < 2; half++) {
			if (half != t->home) {
				memcpy(out + 8, message, size);
				store((uint64_t *)out, t->home ? ask : reply);
				continue;
			}
			while (load((uint64_t *)in) != (t->home ? reply : ask))
				PAUSE();
			memcpy(message, in + 8, size);
			used(message);
		}
		memcpy(&number, message, 8);
		check(number != i, "a round trip");
		if (t->home)
			t->times[i] = now() - begin;
	}
	if (t->home) /* away is done with the count: it has answered the last op */
		*count = first + 2 * t->ops;
	return -1;
}

#define AT(SIZE) \
	static int64_t lamport##SIZE(struct turn *t) { return positions(t, SIZE, (struct kind){1, 0, 0}); } \
	static int64_t backoff##SIZE(struct turn *t) { return positions(t, SIZE, (struct kind){1, 64, 0}); } \
	static int64_t batch##SIZE(struct turn *t) { return positions(t, SIZE, (struct kind){at_once(SIZE), 64, 0}); } \
	static int64_t claim##SIZE(struct turn *t) { return positions(t, SIZE, (struct kind){1, 64, 1}); } \
	static int64_t claim_batch##SIZE(struct turn *t) { return positions(t, SIZE, (struct kind){at_once(SIZE), 64, 1}); } \
	static int64_t slot##SIZE(struct turn *t) { return slot(t, SIZE); } \
	static int64_t wrapping##SIZE(struct turn *t) { return wrapping(t, SIZE); } \
	static int64_t one_line##SIZE(struct turn *t) { return trip(t, SIZE, 0); } \
	static int64_t two_lines##SIZE(struct turn *t) { return trip(t, SIZE, ROOM / 2); }
AT(8) AT(48) AT(64) AT(1024) AT(65536)

#define CASES(SIZE) \
	{"lamport", SIZE, 0, lamport##SIZE}, {"backoff", SIZE, 0, backoff##SIZE}, {"batch", SIZE, 0, batch##SIZE}, \
	{"claim", SIZE, 0, claim##SIZE}, {"claim-batch", SIZE, 0, claim_batch##SIZE}, {"slot", SIZE, 0, slot##SIZE}, \
	{"wrapping", SIZE, 0, wrapping##SIZE}, {"one-line", SIZE, 1, one_line##SIZE}, {"two-lines", SIZE, 1, two_lines##SIZE}

int main(int argc, char **argv) {
	static const struct two_case cases[] = {CASES(8), CASES(48), CASES(64), CASES(1024), CASES(65536)};
	return two_main(argc, argv, "gcc " __VERSION__, cases, sizeof cases / sizeof *cases);
}
