/*
 * An RWMutex (rwmutex.go, holders.go, bell.go, lockword.go): readers and writers take it once each; any may be killed
 * between any two of its steps. Each reader has its own entry of the table; how entries pass from one process to another is
 * semaphore.pml's matter. Checked: a writer is alone; no reader reads what a dead writer has left half changed; nobody
 * sleeps for ever.
 *
 *   READERS, WRITERS  1 or 2 of each
 *   DEATHS    how many may be killed; with one, reader 1 or writer 3, since readers are alike and writers are
 *   BACKSTOP  1: a sleeper looks again when nothing else can happen (lookAgain); 0: only wakes count
 *   BLIND     1: a reader does not look at the writer again after it has counted itself (must fail)
 *   TRUST     1: a reader takes the lock of a dead writer for free (must fail)
 *   ONE       1: a writer's unlock wakes one sleeper, not all (must fail)
 *   DEAF      1: a writer does not watch the lives of the readers (must fail)
 *   LATE      1: a writer notes whom to watch in a scan of its own, after it has found readers (must fail)
 */
#ifndef READERS
#define READERS 2
#endif
#ifndef WRITERS
#define WRITERS 1
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BACKSTOP
#define BACKSTOP 0
#endif
#ifndef BLIND
#define BLIND 0
#endif
#ifndef TRUST
#define TRUST 0
#endif
#ifndef ONE
#define ONE 0
#endif
#ifndef DEAF
#define DEAF 0
#endif
#ifndef LATE
#define LATE 0
#endif
#define R 2
#define N (R + WRITERS)

byte owner; bool half; bool waiters;  /* the writer's owner word */
bool armed; byte rings;               /* the bell, where a writer waits for readers */
bool entry[R+1];                      /* the table: 1 and 2 read */
bool dead[N+1];
bool atword[N+1]; bool atbell[N+1];   /* asleep, and on what */
byte watch[N+1];                      /* a bit for each whose life a sleeper watches */
bool reads[R+1]; byte writing;        /* ghosts: who is inside */

#define bit(x) (1 << (x))
#define same (owner == vo && half == vh && waiters == vw)
#define anyDead(w) (((w) & bit(1)) && dead[1] || ((w) & bit(2)) && dead[2] || ((w) & bit(3)) && dead[3] || ((w) & bit(N)) && dead[N])

inline wakeWatchers(x) {
	if :: (watch[1] & bit(x)) -> atword[1] = 0 :: else fi;
	if :: (watch[2] & bit(x)) -> atword[2] = 0 :: else fi;
	if :: (watch[3] & bit(x)) -> atword[3] = 0; atbell[3] = 0 :: else fi;
	if :: (watch[N] & bit(x)) -> atword[N] = 0; atbell[N] = 0 :: else fi
}

/* ring is called after an entry was lowered. Only a writer waits there. */
inline ring() {
	if
	:: armed ->
		atomic { /* FUTEX_WAKE_OP */
			rings++;
			if
			:: atbell[3] -> atbell[3] = 0; woken = 1
			:: atbell[N] -> atbell[N] = 0; woken = 1
			:: !atbell[3] && !atbell[N] -> woken = 0
			fi
		};
		if
		:: !woken -> atomic { armed = 0; atbell[3] = 0; atbell[N] = 0 }
		:: else
		fi;
		woken = 0
	:: else
	fi
}

/* sleepOnWord announces, then sleeps on the owner word, whose value is in vo, vh, vw, and on the life of its owner. */
inline sleepOnWord() {
	atomic {
		if
		:: !vw && same -> waiters = 1; vw = 1
		:: else
		fi
	};
	atomic { if :: vw && same && !dead[vo] -> atword[me] = 1; watch[me] = bit(vo) :: else fi };
	do
	:: !atword[me] -> break
	:: BACKSTOP && atword[me] && timeout -> atword[me] = 0
	od;
	atomic { if :: dead[vo] -> wakeWatchers(vo) :: else fi; watch[me] = 0 }
}

proctype reader(byte me) {
	byte vo; bool vh, vw, woken;
	{
		do
		:: atomic { vo = owner; vh = half; vw = waiters };
			if
			:: vo == 0 || TRUST && dead[vo] ->
				entry[me] = 1;
				if
				:: !BLIND -> atomic { vo = owner; vh = half; vw = waiters }
				:: BLIND -> vh = 0
				fi;
				if
				:: vo == 0 && !vh || TRUST && dead[vo] -> break
				:: else ->
					entry[me] = 0;
					ring()
				fi
			:: else
			fi;
			if
			:: vo == 0 && vh -> goto progress /* told of the death: it leaves */
			:: vo == 0 && !vh
			:: vo != 0 && dead[vo] -> goto progress
			:: vo != 0 && !dead[vo] -> sleepOnWord()
			fi;
			atomic { vo = 0; vh = 0; vw = 0 }
		od;
		atomic { vo = 0; vh = 0; vw = 0; reads[me] = 1; assert(writing == 0) };
		atomic { assert(writing == 0); reads[me] = 0 };
		entry[me] = 0;
		ring();
progress:	skip
	} unless { dead[me] }
}

inline scan() {
	r1 = entry[1];
	r2 = entry[2]
}

inline bury(k) { /* one CAS, and no other process ever has that entry */
	if
	:: entry[k] && dead[k] -> entry[k] = 0
	:: else
	fi
}

proctype writer(byte me) {
	byte vo; bool vh, vw, keep, woken, r1, r2, to; byte vr;
	{
		skip;
again:		atomic { vo = owner; vh = half; vw = waiters };
		if
		:: vo == 0 || dead[vo] ->
			atomic {
				if
				:: same -> owner = me; half = vh || vo != 0; waiters = vw || keep
				:: else -> goto again
				fi
			}
		:: else -> sleepOnWord(); keep = 1; goto again
		fi;
		atomic { vo = 0; vh = 0; vw = 0; keep = 0 };
		/* drain */
		scan();
		do
		:: !r1 && !r2 -> break
		:: else ->
			bury(1);
			bury(2);
			atomic { armed = 1; vr = rings };
			scan();
			if
			:: LATE && (r1 || r2) ->
				atomic { watch[me] = 0; if :: entry[1] -> watch[me] = bit(1) :: else fi };
				atomic { if :: entry[2] -> watch[me] = watch[me] | bit(2) :: else fi }
			:: else -> atomic { watch[me] = 0; if :: !DEAF -> watch[me] = r1 * bit(1) + r2 * bit(2) :: else fi }
			fi;
			if
			:: !r1 && !r2 -> break
			:: else
			fi;
			atomic { if :: armed && rings == vr && !anyDead(watch[me]) -> atbell[me] = 1 :: else fi; vr = 0 };
			do
			:: !atbell[me] -> break
			:: BACKSTOP && atbell[me] && timeout -> atbell[me] = 0
			od;
			atomic {
				if :: (watch[me] & bit(1)) && dead[1] -> wakeWatchers(1) :: else fi;
				if :: (watch[me] & bit(2)) && dead[2] -> wakeWatchers(2) :: else fi;
				watch[me] = 0
			}
		od;
		atomic { watch[me] = 0; vr = 0; r1 = 0; r2 = 0 };
progress:	atomic {
			assert(writing == 0 || dead[writing]);
			assert(!reads[1] || dead[1]);
			assert(!reads[2] || dead[2]);
			if
			:: writing = me; vh = 0
			:: half -> vh = 1 /* it cannot repair what a dead writer has left, and will abandon */
			fi
		};
		atomic { if :: !vh -> writing = 0 :: else fi; to = vh; vh = 0 };
unlock:		atomic { vo = owner; vw = waiters; assert(vo == me) };
		if
		:: !vw -> atomic { if :: owner == me && !waiters -> owner = 0; half = to :: else -> goto unlock fi }
		:: vw && !ONE -> atomic { owner = 0; half = to; waiters = 0; atword[1] = 0; atword[2] = 0; atword[3] = 0; atword[N] = 0 }
		:: vw && ONE ->
			atomic {
				owner = 0; half = to; waiters = 0;
				if
				:: atword[1] -> atword[1] = 0
				:: atword[2] -> atword[2] = 0
				:: atword[N] -> atword[N] = 0
				:: !atword[1] && !atword[2] && !atword[N]
				fi
			}
		fi
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
			:: !dead[x] && (DEATHS > 1 || x == 1 || x == 3) ->
				dead[x] = 1;
				atword[x] = 0; atbell[x] = 0;
				if
				:: atword[1] && (watch[1] & bit(x)) -> atword[1] = 0
				:: atword[2] && (watch[2] & bit(x)) -> atword[2] = 0
				:: (atword[3] || atbell[3]) && (watch[3] & bit(x)) -> atword[3] = 0; atbell[3] = 0
				:: (atword[N] || atbell[N]) && (watch[N] & bit(x)) -> atword[N] = 0; atbell[N] = 0
				:: else
				fi
			:: else
			fi;
			x = 0
		}
	od
}

init {
	atomic {
		run reader(1); run writer(3);
		if :: READERS > 1 -> run reader(2) :: else fi;
		if :: WRITERS > 1 -> run writer(N) :: else fi;
		run killer()
	}
}
