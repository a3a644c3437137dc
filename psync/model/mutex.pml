/*
 * The owner word of a Mutex (lockword.go): N processes lock and unlock it, and any of them may be killed between any two
 * of its steps. Checked: never two inside; each death with the lock is told to exactly one taker; nobody sleeps for ever.
 *
 *   N         how many processes, 3 or 4
 *   DEATHS    how many may be killed. All processes are alike, so it is always 1 that dies first, then 2
 *   BACKSTOP  1: a sleeper looks again when nothing else can happen (lookAgain); 0: only wakes count
 *   WAKE      how many sleepers an unlock wakes (wakeHeir)
 *   DEAF      1: nobody asks whether the owner lives (must fail)
 *   SPLIT     1: unlock stores first and wakes in a second step, as without FUTEX_WAKE_OP
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BACKSTOP
#define BACKSTOP 0
#endif
#ifndef WAKE
#define WAKE 2
#endif
#ifndef DEAF
#define DEAF 0
#endif
#ifndef SPLIT
#define SPLIT 0
#endif
#ifndef ROUNDS
#define ROUNDS 1
#endif
#ifndef N
#define N 3
#endif

byte owner; bool half; bool waiters; /* the word */
bool dead[N+1]; bool asleep[N+1]; byte watch[N+1];
byte unreported; /* deaths with the lock that nobody has been told of */
byte inside;

#define same (owner == vo && half == vh && waiters == vw)

inline wakeOne() { /* which one is the kernel's choice */
	if
	:: asleep[1] -> asleep[1] = 0
	:: asleep[2] -> asleep[2] = 0
	:: asleep[3] -> asleep[3] = 0
	:: asleep[N] -> asleep[N] = 0
	:: !asleep[1] && !asleep[2] && !asleep[3] && !asleep[N]
	fi
}

inline wakeHeirs() {
	wakeOne();
	if
	:: WAKE > 1 -> wakeOne()
	:: else
	fi
}

inline wakeWatchers(x) {
	if :: asleep[1] && watch[1] == x -> asleep[1] = 0 :: else fi;
	if :: asleep[2] && watch[2] == x -> asleep[2] = 0 :: else fi;
	if :: asleep[3] && watch[3] == x -> asleep[3] = 0 :: else fi;
	if :: asleep[N] && watch[N] == x -> asleep[N] = 0 :: else fi
}

proctype process(byte me) {
	byte vo; bool vh, vw, keep; byte left = ROUNDS;
	{
		do
		:: left == 0 -> break
		:: else ->
			keep = 0;
again:			atomic { vo = owner; vh = half; vw = waiters };
			if
			:: vo == 0 || !DEAF && dead[vo] -> /* Alive: false only after death */
				atomic {
					if
					:: same ->
						owner = me; half = vh || vo != 0; waiters = vw || keep;
						if
						:: vo != 0 -> assert(unreported == 1); unreported = 0
						:: else -> assert(unreported == 0 || vh)
						fi
					:: else -> goto again
					fi
				}
			:: else ->
				if
				:: !vw -> atomic { if :: same -> waiters = 1; vw = 1 :: else -> goto again fi }
				:: else
				fi;
				atomic { if :: same && !dead[vo] -> asleep[me] = 1; watch[me] = vo :: else fi };
				do
				:: !asleep[me] -> break
				:: BACKSTOP && asleep[me] && timeout -> asleep[me] = 0
				od;
				if
				:: dead[vo] -> atomic { wakeWatchers(vo) } /* the kernel woke one: it passes the wake on */
				:: else
				fi;
				keep = 1;
				goto again
			fi;

progress:		atomic { vo = 0; vh = 0; vw = 0; assert(inside == 0 || dead[inside]); inside = me };
			atomic { assert(inside == me); inside = 0 };

			/* unlock */
unlock:			atomic { vo = owner; vh = half; vw = waiters; assert(vo == me) };
			if
			:: !vw -> atomic { if :: same -> owner = 0; half = 0 :: else -> goto unlock fi }
			:: vw && !SPLIT -> atomic { owner = 0; half = 0; waiters = 0; wakeHeirs() }
			:: vw && SPLIT -> atomic { owner = 0; half = 0; waiters = 0 }; atomic { wakeHeirs() }
			fi;
			atomic { vo = 0; vh = 0; vw = 0; left-- } /* forgotten, so that equal states look equal */
		od
	} unless { dead[me] }
}

/* The killer: at its chosen moment a process makes no further step, and the kernel wakes one who watches its life. */
proctype killer() {
	byte x;
	do
	:: x == DEATHS -> break
	:: x < DEATHS -> break /* mercy */
	:: x < DEATHS ->
		atomic {
			x++;
			dead[x] = 1;
			asleep[x] = 0;
			if :: owner == x -> unreported++ :: else fi;
			if
			:: asleep[1] && watch[1] == x -> asleep[1] = 0
			:: asleep[2] && watch[2] == x -> asleep[2] = 0
			:: asleep[3] && watch[3] == x -> asleep[3] = 0
			:: asleep[N] && watch[N] == x -> asleep[N] = 0
			:: else
			fi
		}
	od
}

init {
	atomic {
		run process(1); run process(2); run process(3);
		if :: N > 3 -> run process(N) :: else fi;
		run killer()
	}
}
