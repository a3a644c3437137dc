/*
 * The SPSC ring of package ring (PROTOCOL.md, "SPSC"): items behind echoes, spans, and what the next producer and the
 * next consumer make of the words that a dead one left, with a death possible after every step of both.
 *
 * A ring of N places, PER items to a cache line with its echo. The producer publishes MSGS items, in spans of one or two;
 * one who dies is followed by another. So is the consumer. Checked: an item is read whole, in order, and before its place
 * is written again; an item whose push has returned is released exactly once; one that a dead consumer had in
 * its hands comes with a report. Controls that must fail:
 *   -DEARLYECHO  the echo is stored before the item
 *   -DNORECOVER  the next producer begins at the tail and does not follow the echoes
 *   -DEARLYHEAD  the place is given back before the item is read
 *   -DLATETAKEN  what the consumer has in its hands is written down after it was handed out
 */

#ifndef N
#define N 3
#endif
#ifndef MSGS
#define MSGS 5
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define PER 2
#define BLOCKS ((N + PER - 1) / PER)
#define TOTAL (BLOCKS * PER)

#define place(p) ((p) % TOTAL)
#define block(p) (place(p) / PER)
#define left(p)  (PER - (p) % PER)

byte item[TOTAL], echo[BLOCKS];
byte tail, head, taken;
byte deaths;

/* what an observer outside of the ring knows; ids count from 1 */
byte next = 1;             /* the id of the next push */
byte lastReleased;
bool returned[MSGS + 1];
bool released[MSGS + 1];
bool held[MSGS + 1];       /* a consumer that died had it in its hands */
bool done;

#define mayDie if :: atomic { deaths < DEATHS -> deaths++; goto dead } :: skip fi

proctype producer() {
	byte t, limit, n, k, e, first;
begin: /* of each producer in turn: it knows nothing but the memory */
	skip;
	d_step { t = 0; limit = 0; n = 0; k = 0; e = 0; first = 0 };
	t = tail;
#ifndef NORECOVER
	do
	:: e = echo[block(t)];                                 /* SYNC(spsc.echo) */
		d_step { n = (e > t -> e - t : 0); if :: n > left(t) -> n = left(t) :: else fi };
		if :: n == 0 -> break :: else -> t = t + n fi;
		assert(t - tail <= N)
	od;
#endif
	mayDie;
	tail = t;
	limit = t;
	mayDie;
push:
	if :: next > MSGS -> done = true; goto out :: else fi;
	do
	:: t < limit -> break
	:: else ->
		atomic { head + N > t -> limit = head + N }        /* SYNC(spsc.head); full: wait for a change */
	od;
	if :: n = 1 :: limit - t > 1 && next < MSGS -> n = 2 fi;
	first = next;
	d_step { k = 0; next = next + n };
	do
	:: k < n ->
#ifdef EARLYECHO
		echo[block(t)] = t + 1;
		mayDie;
#endif
		item[place(t + k)] = first + k; k++; mayDie
	:: else -> break
	od;
	k = n;
	do
	:: k > 0 ->
		d_step { e = (k < left(t) -> k : left(t)); t = t + e; k = k - e; echo[block(t - 1)] = t };   /* SYNC(spsc.echo) */
		mayDie
	:: else -> break
	od;
	tail = t;                                              /* SYNC(spsc.tail) */
	mayDie;
	d_step {
		returned[first] = true;
		if :: n == 2 -> returned[first + 1] = true :: else fi
	};
	goto push;
dead:
	skip;
	goto begin;
out:
	skip
}

proctype consumer() {
	byte h, known, orphans, v, e, hands;
begin:
	skip;
	d_step { known = 0; v = 0; e = 0; hands = 0; h = 0; orphans = 0 };
	d_step { h = head; orphans = (deaths > 0 && taken > h -> taken : h) };
	known = h;
	mayDie;
pop:
	if
	:: known > h -> skip
	:: known == h ->
		atomic { echo[block(h)] > h || done && tail == h -> e = echo[block(h)] };   /* SYNC(spsc.echo); empty: wait */
		if
		:: e > h -> d_step { e = (e - h < left(h) -> e - h : left(h)); known = h + e }
		:: else -> goto out
		fi
	fi;
#ifdef EARLYHEAD
	head = h + 1;
	mayDie;
#endif
#ifdef LATETAKEN
	v = item[place(h)];
	hands = v;
	mayDie;
	taken = h + 1;
#else
	if :: h < orphans -> skip :: else -> taken = h + 1; mayDie fi;   /* what is an orphan stays one until its release */
	v = item[place(h)];
	hands = v;
#endif
	d_step {
		assert(v == item[place(h)]);
		assert(v > lastReleased);
		assert(!released[v]);
		assert(!held[v] || h < orphans)
	};
	mayDie;
	d_step {
		assert(v == item[place(h)]);                       /* read in place: it still lies there */
		h++; head = h; released[v] = true; lastReleased = v; hands = 0   /* SYNC(spsc.head) */
	};
	mayDie;
	goto pop;
dead:
	skip;
	d_step { if :: hands > 0 -> held[hands] = true :: else fi };
	goto begin;
out:
	skip
}

init {
	byte i;
	atomic { run producer(); run consumer() };
	_nr_pr == 1;
	d_step {
		i = 1;
		do
		:: i <= MSGS -> assert(!returned[i] || released[i]); i++
		:: else -> break
		od
	}
}
