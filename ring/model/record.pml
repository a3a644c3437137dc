/*
 * A lane of the Record of package ring (PROTOCOL.md, "Record"): messages of any length in a lane of P units with room
 * behind its end, and what the next producer and the next consumer make of what a dead one left, with a death possible
 * after every step of both.
 *
 * The producer publishes MSGS messages of 0 to LONGEST units, with claims that it aborts or commits short in between; the
 * consumer reads one or two before it releases. Whoever dies is followed by another. The units of a message hold its
 * number, so old bytes look like lengths. Checked: the consumer sees whole messages, in order, each with its length; they
 * stay whole until their release; a message whose commit has returned is released exactly once; one that a dead consumer
 * had in its hands comes with a report; places stay within the lane. Controls that must fail:
 *   -DNOZERO     the word behind a message is not cleared
 *   -DLATEZERO   it is cleared after the message has been published
 *   -DNORECOVER  the next producer takes the tail for the end of the lane
 *   -DNOROOM     a message may fill the lane to the last unit, where its successor's length word will be
 *   -DEARLYHEAD  room is given back before the message is read
 *   -DLATETAKEN  what the consumer has in its hands is written down after it was handed out
 */

#ifndef MSGS
#define MSGS 4
#endif
#ifndef DEATHS
#define DEATHS 2
#endif
#define LONGEST 2
#define P 5 /* LONGEST units, two length words, one more */
#ifdef NOROOM
#define NEED 1
#else
#define NEED 2
#endif

byte word[P + LONGEST + 1];        /* a length word holds length + 1, or 0 for none */
byte tailPlace, tailCount;         /* one word in memory: changed and read in one step */
byte headPlace, headCount;
byte taken;                        /* count */
byte deaths;

byte next = 1;                     /* the number of the next message */
byte length[MSGS + 1];             /* of message i, once it is published */
bool returned[MSGS + 1], released[MSGS + 1], held[MSGS + 1];
bool done;

#define behind(p, n) (((p) + 1 + (n)) % P)
#define used(t, h) (((t) + P - (h)) % P)
#define mayDie if :: atomic { deaths < DEATHS -> deaths++; goto dead } :: skip fi

proctype producer() {
	byte t, c, n, m, k, w, id;
begin:
	skip;
	d_step { n = 0; m = 0; k = 0; w = 0; id = 0; t = tailPlace; c = tailCount };
	mayDie;
#ifndef NORECOVER
	w = word[t];                                           /* SYNC(record.length) */
	if
	:: w > 0 ->
		mayDie;
		d_step { t = behind(t, w - 1); c++; tailPlace = t; tailCount = c }
	:: else
	fi;
#endif
	mayDie;
claim:
	if :: next > MSGS -> done = true; goto out :: else fi;
	if :: n = 0 :: n = 1 :: n = 2 fi;
	d_step { m = 0; k = 0; w = 0; id = next };
	used(t, headPlace) + n + NEED <= P;                    /* SYNC(record.head); full: wait */
	assert((headCount == c) == (headPlace == t));          /* what the code calls corrupt */
	do
	:: k < n -> word[t + 1 + k] = id; k++; mayDie
	:: else -> break
	od;
	if
	:: n > 0 -> if :: goto claim :: m = n - 1 :: m = n fi  /* abort, or commit n at most */
	:: else -> m = n
	fi;
#if !defined(NOZERO) && !defined(LATEZERO)
	word[behind(t, m)] = 0;
	mayDie;
#endif
	d_step { word[t] = m + 1; next++; length[id] = m };    /* SYNC(record.length) */
	mayDie;
#ifdef LATEZERO
	word[behind(t, m)] = 0;
	mayDie;
#endif
	d_step { t = behind(t, m); c++; tailPlace = t; tailCount = c };   /* SYNC(record.tail) */
	mayDie;
	returned[id] = true;
	goto claim;
dead:
	goto begin;
out:
	skip
}

byte last;                         /* the last message released */

inline whole(p, id) { /* the message at p is message id, every unit of it */
	d_step {
		assert(word[p] == length[id] + 1);
		k = 0;
		do
		:: k < length[id] -> assert(word[p + 1 + k] == id); k++
		:: else -> break
		od;
		k = 0
	}
}

proctype consumer() {
	byte h, c, w, k, orphans, id, p1, hands;
begin:
	skip;
	d_step { w = 0; k = 0; id = 0; p1 = 0; hands = 0; h = headPlace; c = headCount; orphans = (taken > c -> taken : c) };
	mayDie;
look:
	atomic { word[h] > 0 || done && hands == 0 && c == tailCount || hands > 0 -> w = word[h] };   /* SYNC(record.length); empty: wait */
	if
	:: w == 0 && hands == 0 -> goto out
	:: w == 0 && hands > 0 -> goto release
	:: else
	fi;
	d_step { id = last + hands + 1; assert(w == length[id] + 1) };
#ifdef EARLYHEAD
	d_step { headPlace = behind(h, w - 1); headCount = c + 1 };
	mayDie;
#endif
#ifdef LATETAKEN
	assert(!held[id] || c < orphans);
	hands++;
	mayDie;
	taken = c + 1;
#else
	if :: c < orphans -> skip :: else -> taken = c + 1; mayDie fi;
	assert(!held[id] || c < orphans);
	hands++;
#endif
	whole(h, id);
	mayDie;
	d_step { if :: hands == 1 -> p1 = h :: else fi; h = behind(h, w - 1); c++; w = 0 };
	if :: hands < 2 -> goto look :: skip fi;
release:
	skip;
	d_step { if :: hands > 0 -> id = last + 1 :: else fi };
	whole(p1, id);
	mayDie;
	d_step {
		headPlace = h; headCount = c;                      /* SYNC(record.head) */
		do
		:: hands > 0 -> last++; assert(!released[last]); released[last] = true; hands--
		:: else -> break
		od;
		id = 0; p1 = 0
	};
	mayDie;
	goto look;
dead:
	skip;
	d_step {
		do
		:: hands > 0 -> held[last + hands] = true; hands--
		:: else -> break
		od;
		hands = 0
	};
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
		od;
		i = 0
	}
}
