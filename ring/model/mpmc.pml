/*
 * The MPMC ring of package ring (PROTOCOL.md, "MPMC"): claims, publication, taking, overtaking, Close, and the mending
 * of what the dead leave, with a death possible after every step of every producer and consumer.
 *
 * Two producers of MSGS messages each, two consumers, a ring of N slots, one Close at any time, at most DEATHS deaths.
 * When they have all ended, a last consumer mends and drains. Checked: a slot is written only by the owner of the claim and
 * read only by the owner of the taking; no message is released twice; every published message is released once; no
 * state that the code calls corrupt is met; in the end every slot is free. Controls that must fail:
 *   -DEAGERCLOSE   a claim counts although Close came first
 *   -DNOHELP       nobody moves the tail past a claim that it finds there
 *   -DNOADOPT      messages that the dead had taken are left
 *   -DSTEAL        a live producer's claim is taken for a dead one's
 */

#ifndef N
#define N 2
#endif
#ifndef MSGS
#define MSGS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif

#define FREE 0
#define CLAIMED 1
#define READY 2
#define TAKEN 3
#define VOID 4

typedef Slot { byte lap; byte st; byte own; byte item }
Slot slot[N];
byte tail, head;
bool closed;
bool dead[6];
byte deaths;
bool published[9];
bool released[9];

#define at(p)  ((p) % N)
#define lap(p) ((p) / N)
#define mayDie if :: atomic { deaths < DEATHS && mortal -> deaths++; dead[me] = true; goto gone } :: skip fi

#ifdef STEAL
#define buriable(o) true
#else
#define buriable(o) dead[o]
#endif

proctype producer(byte me) {
	byte t, i, l, sl, ss, k, id;
	bool c, ok, mortal = true;
	k = 0;
again:
	skip;
	d_step { i = 0; l = 0; sl = 0; ss = 0; id = 0; ok = false; t = tail; c = closed }; /* stale locals are states too */
	if :: c -> goto gone :: else fi;
	d_step { i = at(t); l = lap(t); sl = slot[i].lap; ss = slot[i].st };
	if
	:: sl == l && ss == FREE ->
		d_step {
			ok = slot[i].lap == l && slot[i].st == FREE;
			if :: ok -> slot[i].st = CLAIMED; slot[i].own = me :: else fi
		};
		if :: !ok -> goto again :: else fi;
		mayDie;
		d_step { ok = tail == t && !closed; if :: ok -> tail++ :: else fi };      /* SYNC(mpmc.tail) */
		if
		:: !ok ->
			ok = tail > t
#ifdef EAGERCLOSE
			; ok = true
#endif
		:: else
		fi;
		mayDie;
		if
		:: !ok -> d_step { slot[i].st = VOID; slot[i].own = 0 }; goto gone
		:: else
		fi;
		d_step {
			id = (me - 1) * MSGS + k;
			assert(slot[i].lap == l && slot[i].st == CLAIMED && slot[i].own == me);
			slot[i].item = id
		};
		mayDie;
		d_step {
			assert(slot[i].lap == l && slot[i].st == CLAIMED && slot[i].own == me);
			slot[i].st = READY; slot[i].own = 0; published[id] = true             /* SYNC(mpmc.ready) */
		};
		mayDie;
		k++;
		if :: k == MSGS -> goto gone :: else -> goto again fi
	:: sl == l && ss != FREE ->
#ifndef NOHELP
		d_step { if :: tail == t && !closed -> tail++ :: else fi };
#endif
		goto again
	:: else ->
		if
		:: tail != t || closed -> goto again
		:: else ->
			atomic { assert(tail != t || sl + 1 == l && ss != FREE) };
			/* full: wait for a change instead of trying for ever */
			atomic { closed || tail != t || slot[i].lap != sl || slot[i].st != ss -> goto again }
		fi
	fi;
gone:
	skip
}

inline free_up() {
	d_step {
		if
		:: slot[i].lap == l && slot[i].st == VOID -> slot[i].st = FREE; slot[i].own = 0; slot[i].lap++
		:: else
		fi
	}
}

inline advance() { d_step { if :: head == h -> head++ :: else fi } }

inline bury(x) { /* the compare-and-swap that makes a dead producer's claim void; o and bl are what was read */
	d_step {
		if
		:: slot[x].st == CLAIMED && slot[x].own == o && slot[x].lap == bl -> slot[x].st = VOID; slot[x].own = 0
		:: else
		fi
	}
}

proctype consumer(byte me; bool mortal) {
	byte h, t, i, j, l, sl, ss, o, bl, js, jl, id;
	bool c, ok;
again:
	skip;
	d_step { h = 0; t = 0; i = 0; j = 0; l = 0; sl = 0; ss = 0; o = 0; bl = 0; js = 0; jl = 0; id = 0; c = false; ok = false };
	/* mend: at any time for the mortal, who may learn of a death late; first for the last consumer */
	if
	:: deaths == 0 || mortal -> skip
	:: deaths > 0 ->
		j = 0;
		do
		:: j < N ->
			d_step { js = slot[j].st; o = slot[j].own; bl = slot[j].lap };
			if
#ifndef NOADOPT
			:: js == TAKEN && dead[o] ->
				d_step {
					ok = slot[j].st == TAKEN && slot[j].own == o && slot[j].lap == bl;
					if :: ok -> slot[j].own = me :: else fi
				};
				if :: ok -> i = j; l = bl; goto have :: else fi
#endif
			:: js == CLAIMED && dead[o] -> bury(j)
			:: else
			fi;
			j++
		:: else -> break
		od
	fi;
	h = head;
	d_step { i = at(h); l = lap(h); sl = slot[i].lap; ss = slot[i].st; o = slot[i].own };
	if
	:: sl == l && ss == READY ->
		d_step {
			ok = slot[i].lap == l && slot[i].st == READY;
			if :: ok -> slot[i].st = TAKEN; slot[i].own = me :: else fi
		};
		if :: !ok -> goto again :: else fi;
		mayDie;
		advance();
		mayDie;
		goto have
	:: sl == l && (ss == CLAIMED || ss == VOID) ->
		d_step { t = tail; c = closed };
		if
		:: t <= h ->
#ifndef NOHELP
			d_step { ok = tail == h && !closed; if :: ok -> tail++ :: else fi };
			if
			:: ok -> skip
			:: else ->
				d_step { t = tail; c = closed };
				if
				:: t == h && c -> goto gone
				:: t <= h -> goto again
				:: else
				fi
			fi
#else
			if :: t == h && c -> goto gone :: else fi
#endif
		:: else
		fi;
		if
		:: ss == VOID -> free_up(); mayDie; advance(); goto again
		:: else
		fi;
		/* overtake: with N == 2 one slot lies behind the claimed one */
		j = at(h + 1);
		d_step { js = slot[j].st; jl = slot[j].lap };
		if
		:: N > 1 && js == READY && jl == lap(h + 1) ->
			ok = slot[i].lap == l && slot[i].st == CLAIMED && slot[i].own == o;
			if :: !ok -> goto again :: else fi;
			d_step {
				ok = slot[j].lap == jl && slot[j].st == READY;
				if :: ok -> slot[j].st = TAKEN; slot[j].own = me :: else fi
			};
			if :: !ok -> goto again :: else fi;
			i = j; l = jl;
			mayDie;
			goto have
		:: else ->
			if
			:: buriable(o) -> bl = l; bury(i)
			:: else -> /* empty: wait for a change */
				atomic {
					slot[i].st != CLAIMED || slot[i].lap != l || head != h || dead[o] ||
					slot[j].st != js || slot[j].lap != jl || closed != c -> skip
				}
			fi;
			goto again
		fi
	:: sl > l || sl == l && ss == TAKEN ->
		atomic { assert(tail > h || head != h) };
		advance();
		goto again
	:: else ->
		d_step { t = tail; c = closed };
		if
		:: t == h && c -> goto gone
		:: t == h -> atomic { tail != h || closed || head != h -> goto again }
		:: else ->
			atomic { assert(head != h || slot[i].lap != sl || slot[i].st != ss) };
			goto again
		fi
	fi;
have:
	skip;
	d_step { assert(slot[i].lap == l && slot[i].st == TAKEN && slot[i].own == me); id = slot[i].item };
	mayDie;
	d_step {
		assert(slot[i].lap == l && slot[i].st == TAKEN && slot[i].own == me);
		assert(published[id] && !released[id]);
		released[id] = true;
		slot[i].st = FREE; slot[i].own = 0; slot[i].lap++                        /* SYNC(mpmc.free) */
	};
	goto again;
gone:
	skip
}

#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 2
#endif

proctype closer() { closed = true }

init {
	byte i;
	atomic {
		run producer(1);
		if :: PRODUCERS > 1 -> run producer(2) :: else fi;
		run consumer(3, true);
		if :: CONSUMERS > 1 -> run consumer(4, true) :: else fi;
		run closer()
	};
	_nr_pr == 1;
	run consumer(5, false);
	_nr_pr == 1;
	d_step {
		i = 0;
		do
		:: i < 2 * MSGS -> assert(published[i] == released[i]); i++
		:: else -> break
		od;
		i = 0;
		do
		:: i < N ->
			/* the slot of a claim that came too late for Close is never used again */
			assert(slot[i].st == FREE || tail == slot[i].lap * N + i);
			i++
		:: else -> break
		od
	}
}
