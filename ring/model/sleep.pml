/*
 * The bell of package ring (PROTOCOL.md, "Sleeping"): no wake-up is lost, although publishers make no barrier and may
 * be killed at any step.
 *
 * Two publishers add to a counter; one sleeper waits until it has seen both publications or both publishers are dead.
 * Each publisher's store goes through a store buffer that drains whenever it likes, as on x86; locked instructions and
 * the sleeper's membarrier drain it. A publisher that dies drains its buffer, then the kernel changes its life word
 * and wakes the sleeper.
 *
 * Checked: the sleeper always ends (no invalid end state). Controls that must fail:
 *   -DNOBARRIER  the sleeper makes no membarrier
 *   -DNOLIFE     the sleeper does not sleep on life words
 *   -DLATEFLAG   the sleeper looks at the ring before it raises the flag
 *   -DLATEWATCH  the sleeper looks who is alive after it raises the flag: one who dies between had lowered it
 */

byte published[2];       /* what memory says */
byte buffered[2];        /* what each publisher's store buffer holds, 0 when empty */
byte seq, flag;          /* the bell */
bool dead[2];            /* life words */
bool asleep, woken;      /* the sleeper in the kernel */

#define drain(i) d_step { if :: buffered[i] -> published[i] = buffered[i]; buffered[i] = 0 :: else fi }
#define die(i)   atomic { drain(i); dead[i] = true; woken = true; goto gone }
#define mayDie(i) if :: die(i) :: skip fi

proctype drainer(byte i) { /* the store buffer drains when it likes */
end:
	do
	:: atomic { buffered[i] -> drain(i) }
	od
}

proctype publisher(byte i) {
	byte f;
	mayDie(i);
	buffered[i] = 1;          /* SYNC: the release store */
	mayDie(i);
	f = flag;                 /* SYNC(bell.flag) */
	if
	:: f ->
		mayDie(i);
		d_step { drain(i); f = flag; flag = 0 };        /* swap, a locked instruction */
		if
		:: f ->
			mayDie(i);
			seq++;                                      /* SYNC(bell.seq) */
			mayDie(i);
			woken = true                                /* futex wake */
		:: else
		fi
	:: else
	fi;
gone:
	skip
}

#define ready (published[0] + published[1] + dead[0] * (1 - published[0]) + dead[1] * (1 - published[1]) >= 2)

proctype sleeper() {
	byte s; bool a, b;
again:
	s = seq;
#ifndef LATEWATCH
	a = dead[0];                                        /* who is alive is watched from here on */
	b = dead[1];
#endif
#ifdef LATEFLAG
	if :: ready -> goto done :: else fi;
#endif
	flag = 1;                                           /* a locked instruction of the sleeper */
#ifndef NOBARRIER
	d_step { drain(0) };                                /* membarrier reaches one processor after the other */
	d_step { drain(1) };
#endif
#ifdef LATEWATCH
	a = dead[0];
	b = dead[1];
#endif
#ifndef LATEFLAG
	if :: ready -> goto done :: else fi;
#endif
	/* futex_waitv: sleeps only if every word still holds its value; a wake between is not missed */
	atomic {
		woken = false;
		if
		:: seq != s -> goto again
#ifndef NOLIFE
		:: dead[0] != a || dead[1] != b -> goto again
#endif
		:: else -> asleep = true
		fi
	};
#ifdef NOLIFE
	atomic { woken && seq != s -> asleep = false };
#else
	atomic { woken -> asleep = false };
#endif
	goto again;
done:
	skip
}

init {
	atomic {
		run drainer(0); run drainer(1);
		run publisher(0); run publisher(1);
		run sleeper()
	}
}
