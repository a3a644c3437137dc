/*
 * A Semaphore with ReturnOnDeath (semaphore.go, holders.go, bell.go): three processes acquire permits, hold them and give
 * them back, each once; any of them may be killed between any two of its steps. The table has fewer entries than there are
 * processes, so that they follow each other in one. Checked: the living never hold more permits than there are; when all is
 * over none is lost; nobody sleeps for ever.
 *
 *   TOTAL     permits; process 3 wants all of them at once, the others one
 *   SLOTS     entries of the table, 1 or 2
 *   DEATHS    how many may be killed
 *   BACKSTOP  1: a sleeper looks again when nothing else can happen (lookAgain); 0: only wakes count
 *   HEIRS     how many more than it has permits for a Release wakes
 *   NOGUARD   1: takers do not keep each other out (must fail)
 *   DEAF      1: sleepers do not watch the lives of the holders (must fail)
 *   EARLY     1: a waiter looks before it arms the bell, not after (must fail)
 *   LATE      1: a waiter notes whom to watch in a scan of its own, after it has found too few permits (must fail)
 *   HOARD     1: nobody takes back the permits of the dead (must fail)
 */
#ifndef TOTAL
#define TOTAL 2
#endif
#ifndef SLOTS
#define SLOTS 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BACKSTOP
#define BACKSTOP 0
#endif
#ifndef HEIRS
#define HEIRS 1
#endif
#ifndef NOGUARD
#define NOGUARD 0
#endif
#ifndef DEAF
#define DEAF 0
#endif
#ifndef EARLY
#define EARLY 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef HOARD
#define HOARD 0
#endif
#define N 3

byte guard;                            /* its owner; how it is handed over is mutex.pml's matter */
byte tag[2]; byte count[2];            /* the table: an entry is one word */
bool armed; bool several; byte rings;  /* the bell: one word */
bool dead[N+1]; bool asleep[N+1];
byte watch[N+1];                       /* a bit for each whose life a sleeper watches */
byte has[N+1];                         /* ghost: what each has been granted */

#define bit(x) (1 << (x))
#define anyDead(w) (((w) & bit(1)) && dead[1] || ((w) & bit(2)) && dead[2] || ((w) & bit(3)) && dead[3])
#define living(x) (dead[x] -> 0 : has[x])

inline wakeOne() { /* which one is the kernel's choice */
	if
	:: asleep[1] -> asleep[1] = 0; woken++
	:: asleep[2] -> asleep[2] = 0; woken++
	:: asleep[3] -> asleep[3] = 0; woken++
	:: !asleep[1] && !asleep[2] && !asleep[3]
	fi
}

inline wakeAll() { woken = woken + asleep[1] + asleep[2] + asleep[3]; asleep[1] = 0; asleep[2] = 0; asleep[3] = 0 }

inline wakeWatchers(x) {
	if :: asleep[1] && (watch[1] & bit(x)) -> asleep[1] = 0 :: else fi;
	if :: asleep[2] && (watch[2] & bit(x)) -> asleep[2] = 0 :: else fi;
	if :: asleep[3] && (watch[3] & bit(x)) -> asleep[3] = 0 :: else fi
}

/* ring is called after the condition was changed. */
inline ring(n) {
	if
	:: armed ->
		atomic { /* FUTEX_WAKE_OP */
			rings++; woken = 0;
			if
			:: several || (n) > 2 -> wakeAll()
			:: !several && (n) == 2 -> wakeOne(); wakeOne()
			:: !several && (n) == 1 -> wakeOne()
			fi
		};
		if
		:: woken == 0 -> atomic { armed = 0; several = 0; wakeAll() }
		:: else
		fi;
		woken = 0
	:: else
	fi
}

/* try takes the permits if they are free: the sum is read entry by entry, under the guard, then one CAS takes. */
inline try() {
	if
	:: !NOGUARD -> atomic { guard == 0 || dead[guard] -> guard = me }
	:: NOGUARD
	fi;
	sum = count[0];
	sum = sum + count[1];
	if
	:: TOTAL - sum < need
	:: else ->
		do
		:: atomic { /* place: its own entry, else a free one */
			if
			:: tag[0] == me -> i = 0
			:: tag[0] != me && tag[1] == me -> i = 1
			:: tag[0] != me && tag[1] != me && count[0] == 0 -> i = 0
			:: tag[0] != me && tag[1] != me && count[0] != 0 && count[1] == 0 && SLOTS > 1 -> i = 1
			:: else -> break
			fi;
			wastag = tag[i]; was = count[i]
			};
			atomic { /* CAS */
				if
				:: tag[i] == wastag && count[i] == was ->
					tag[i] = me; count[i] = was + need; has[me] = need;
					assert(living(1) + living(2) + living(3) <= TOTAL);
					break
				:: else
				fi
			}
		od
	fi;
	atomic { sum = 0; wastag = 0; was = 0; i = 0; if :: !NOGUARD -> guard = 0 :: else fi }
}

inline bury(k) {
	atomic { wastag = tag[k]; was = count[k] };
	if
	:: was > 0 && dead[wastag] ->
		atomic { /* CAS */
			if
			:: tag[k] == wastag && count[k] == was -> freed = freed + was; tag[k] = 0; count[k] = 0
			:: else
			fi
		}
	:: else
	fi;
	atomic { wastag = 0; was = 0 }
}

/* scan finds whom to watch, and whether there is a reason to sleep. */
inline scan() {
	if
	:: LATE -> sum = count[0]; sum = sum + count[1]; sleepy = TOTAL - sum < need
	:: else
	fi;
	atomic {
		watch[me] = 0; sum = count[0]; room = count[0] == 0 || tag[0] == me;
		if :: count[0] > 0 -> watch[me] = bit(tag[0]) :: else fi
	};
	atomic {
		sum = sum + count[1]; room = room || tag[1] == me || count[1] == 0 && SLOTS > 1;
		if :: count[1] > 0 -> watch[me] = watch[me] | bit(tag[1]) :: else fi
	};
	atomic {
		if :: !LATE -> sleepy = !room || TOTAL - sum < need :: else fi;
		room = 0;
		if :: DEAF -> watch[me] = 0 :: else fi;
		sum = 0
	}
}

inline sleep() {
	atomic {
		if
		:: armed == va && several == vs && rings == vr && !anyDead(watch[me]) -> asleep[me] = 1
		:: else
		fi
	};
	do
	:: !asleep[me] -> break
	:: BACKSTOP && asleep[me] && timeout -> asleep[me] = 0
	od;
	/* the kernel woke one who watches a life: it passes the wake on */
	atomic {
		if :: (watch[me] & bit(1)) && dead[1] -> wakeWatchers(1) :: else fi;
		if :: (watch[me] & bit(2)) && dead[2] -> wakeWatchers(2) :: else fi;
		if :: (watch[me] & bit(3)) && dead[3] -> wakeWatchers(3) :: else fi
	}
}

inline collect() {
	if
	:: !HOARD ->
		bury(0);
		bury(1);
		if
		:: freed > 0 -> ring(freed + 1); freed = 0
		:: else
		fi
	:: else
	fi
}

proctype process(byte me) {
	byte sum, i, wastag, was, freed, woken, vr; bool va, vs, sleepy, room; byte need = (me == 3 -> TOTAL : 1);
	{
		try();
		do
		:: has[me] > 0 -> break
		:: else ->
			if :: EARLY -> scan() :: else fi;
			atomic { armed = 1; several = several || need > 1; va = armed; vs = several; vr = rings };
			if :: !EARLY -> scan() :: else fi;
			if
			:: !sleepy -> try()
			:: sleepy -> sleep(); collect()
			fi;
			atomic { sleepy = 0; va = 0; vs = 0; vr = 0; watch[me] = 0 }
		od;
progress:	skip;
		atomic { /* Release */
			if
			:: tag[0] == me && count[0] >= need -> count[0] = count[0] - need
			:: else -> assert(tag[1] == me && count[1] >= need); count[1] = count[1] - need
			fi;
			has[me] = 0
		};
		ring(need + HEIRS)
	} unless { dead[me] }
}

/* The killer: at its chosen moment a process makes no further step, and the kernel wakes one who watches its life. */
proctype killer() {
	byte x, k;
	do
	:: k == DEATHS -> break
	:: k < DEATHS -> break /* mercy */
	:: k < DEATHS ->
		atomic {
			select(x : 1 .. N);
			k++;
			if
			:: !dead[x] ->
				dead[x] = 1;
				asleep[x] = 0;
				if
				:: asleep[1] && (watch[1] & bit(x)) -> asleep[1] = 0
				:: asleep[2] && (watch[2] & bit(x)) -> asleep[2] = 0
				:: asleep[3] && (watch[3] & bit(x)) -> asleep[3] = 0
				:: else
				fi
			:: else
			fi;
			x = 0
		}
	od
}

init {
	atomic { run process(1); run process(2); run process(3); run killer() };
	_nr_pr == 1 ->
		assert(count[0] == 0 || dead[tag[0]]);
		assert(count[1] == 0 || dead[tag[1]])
}
