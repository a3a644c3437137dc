/*
 * The Broadcast ring of package ring (PROTOCOL.md, "Broadcast"): publishing, joining, back-pressure, overrun, and what is
 * left by a publisher or a subscriber that dies at any step.
 *
 * A ring of N items of two words, one publisher of MSGS items, two seats, SUBSCRIBERS subscribers of which each may choose
 * either policy. A publisher that dies is followed by another, a subscriber perhaps. The publisher's store of the tail goes through a store buffer, as on x86.
 * Checked: an item is read whole and as it was published; from where it joined a subscriber sees every item or, with the
 * policy overrun, a count that accounts for exactly what it did not see; with back-pressure nothing is overrun; nobody
 * waits for the dead (no invalid end state). Controls that must fail:
 *   -DNOFENCE    the publisher looks at the seats before its tail is in memory
 *   -DNOJOINING  a seat counts before its cursor does
 *   -DNOOPEN     the publisher does not say that it begins to overwrite an item
 *   -DNOSECOND   a subscriber looks at the sequence once
 *   -DNOCOUNT    the next publisher takes the tail for the end, whatever the slot there says
 *   -DNOUNSEAT   the seats of the dead are kept
 */

#ifndef N
#define N 2
#endif
#ifndef MSGS
#define MSGS 4
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef SUBSCRIBERS
#define SUBSCRIBERS 2
#endif
#ifndef SEATS
#define SEATS 2
#endif

#define JOINING 255
#define OVERRUN 128                /* in member; also while settling: the publisher passes the seat by */

byte seq[N], one[N], two[N];
byte tail, buffered;               /* buffered: a tail not yet in memory, 0 for none */
byte member[SEATS], cursor[SEATS]; /* member: 0, or tag, perhaps with OVERRUN */
bool dead[4 + SEATS + 2];          /* by tag; subscribers have tags from 1 */
byte deaths, tags;
byte id = 1;                       /* of the next item */
byte content[MSGS + 2];            /* by position: the item published there */
bool done;

#define mayDie if :: atomic { deaths < DEATHS -> deaths++; goto dying } :: skip fi
#define drain() d_step { if :: buffered -> tail = buffered; buffered = 0 :: else fi }
#define tag(m) ((m) & 127)
#define holdsUp(i) (member[i] && !(member[i] & OVERRUN) && (cursor[i] == JOINING || t >= cursor[i] + N))
#ifdef NOUNSEAT
#define gone(i) false
#else
#define gone(i) (member[i] && dead[tag(member[i])])
#endif

proctype drainer() {
end:
	do
	:: atomic { buffered -> drain() }
	od
}

inline look() { /* used: how far the last subscriber with back-pressure is behind t */
	d_step { used = 0; s = 0; c = 0 };
	do
	:: s < SEATS ->
		m = member[s];
		if
		:: m && !(m & OVERRUN) ->
			c = cursor[s];                                 /* SYNC(broadcast.cursor) */
			d_step {
				if
				:: c == JOINING -> if :: used < N -> used = N :: else fi
				:: c != JOINING && t > c + used -> used = t - c
				:: else
				fi;
				c = 0
			}
		:: else
		fi;
		s++
	:: else -> break
	od;
	s = 0;
	m = 0
}

proctype publisher() {
	byte t, limit, used, s, m, c, v;
begin:
	skip;
	d_step { t = 0; limit = 0; used = 0; s = 0; m = 0; c = 0; v = 0 };
	t = tail;
#ifndef NOCOUNT
	if
	:: seq[t % N] == 2 * t + 2 -> t++; mayDie; drain(); buffered = t   /* it died between the item and the tail */
	:: else
	fi;
#endif
	limit = t;
publish:
	if
	:: t == MSGS -> drain(); done = true; goto out
	:: t < MSGS && t < limit -> goto room
	:: else
	fi;
again:
	skip;
#ifndef NOFENCE
	drain();                                               /* SYNC(broadcast.join) */
#endif
	look();
	mayDie;
	assert(used <= N);
	if
	:: used < N -> limit = t + N - used; goto room
	:: else
	fi;
#ifndef NOUNSEAT
	s = 0;
	do
	:: s < SEATS ->
		m = member[s];
		if :: m && dead[tag(m)] -> d_step { if :: member[s] == m -> member[s] = 0 :: else fi }; mayDie :: else fi;
		s++
	:: else -> break
	od;
	s = 0;
	m = 0;
#endif
	/* full: wait for a change, which a death is too */
	atomic { !holdsUp(0) || gone(0) -> skip };
	atomic { !holdsUp(1) || gone(1) -> skip };
	goto again;
room:
	skip;
	drain();                                               /* stores leave the buffer in order */
#ifndef NOOPEN
	seq[t % N] = 2 * t + 1;                                /* SYNC(broadcast.seq) */
	mayDie;
#endif
	d_step { v = id; id++ };
	one[t % N] = v;
	mayDie;
	two[t % N] = v;
	mayDie;
	d_step { seq[t % N] = 2 * t + 2; assert(content[t] == 0); content[t] = v };   /* SYNC(broadcast.seq) */
	mayDie;
	t++;
	buffered = t;                                          /* SYNC(broadcast.tail) */
	mayDie;
	goto publish;
dying:
	skip;
	drain();
	goto begin;
out:
	skip
}

proctype subscriber() {
	byte me, s, m, p, q, a, b, t, o;
	bool over, ok;
begin:
	skip;
	d_step { s = 0; m = 0; p = 0; q = 0; a = 0; b = 0; t = 0; o = 0; ok = false; over = false; tags++; me = tags };
	if :: over = true :: skip fi;
	/* Subscribe */
seek:
	m = member[s];
	if
	:: m && !dead[tag(m)] -> s = (s + 1) % SEATS; goto seek
	:: else
	fi;
	if
	:: m -> d_step { if :: member[s] == m -> member[s] = 0 :: else fi }; mayDie
	:: else
	fi;
#ifdef NOJOINING
	d_step { ok = member[s] == 0; if :: ok -> member[s] = me | (over -> OVERRUN : 0) :: else fi };
	if :: !ok -> goto seek :: else fi;
	mayDie;
#else
	d_step { ok = member[s] == 0; if :: ok -> member[s] = OVERRUN | me :: else fi };
	if :: !ok -> goto seek :: else fi;
	mayDie;
	cursor[s] = JOINING;
	mayDie;
	member[s] = me | (over -> OVERRUN : 0);                /* SYNC(broadcast.join) */
	mayDie;
#endif
	d_step { m = 0; p = tail };
	mayDie;
	cursor[s] = p;
	mayDie;
	/* TryNext */
next:
	q = seq[p % N];                                        /* SYNC(broadcast.seq) */
	if
	:: q == 2 * p + 2 ->
		a = one[p % N];
		b = two[p % N];
#ifndef NOSECOND
		q = seq[p % N];                                    /* SYNC(broadcast.seq) */
#endif
		if
		:: q != 2 * p + 2 -> goto lost
		:: else
		fi;
		d_step { assert(a == content[p] && b == content[p]); a = 0; b = 0; p++ };
		cursor[s] = p;
		mayDie;
		goto next
	:: q > 2 * p + 2 -> goto lost
	:: q < 2 * p + 2 ->
		atomic { done && tail == p || seq[p % N] != q -> skip };   /* empty: wait for a change */
		if :: done && tail == p -> goto leave :: else -> goto next fi
	fi;
lost:
	t = tail;                                              /* SYNC(broadcast.tail) */
	d_step {
		assert(over && t >= p);
		o = (t < N -> 1 : t + 1 - N);                      /* one more than fits: the publisher may be at it */
		o = (o > p + 1 -> o : p + 1);
		assert(o <= t + 1 && content[p] > 0);              /* what is counted as lost was published */
		p = o
	};
	cursor[s] = p;
	mayDie;
	goto next;
leave:
	member[s] = 0;
	goto out;
dying:
	dead[me] = true;
	if :: goto begin :: goto out fi;
out:
	skip
}

init {
	atomic {
		run drainer();
		run publisher();
		run subscriber();
		if :: SUBSCRIBERS > 1 -> run subscriber() :: else fi
	}
}
