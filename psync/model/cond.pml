/*
 * A Cond (cond.go): two waiters in WaitFor take one item each, two producers bring items and signal; any of them may be
 * killed between any two of its steps. Checked: nobody sleeps for ever while there is an item for it.
 *
 *   SIG       2: a producer brings two items and signals two; 1: twice one
 *   DEATHS    how many may be killed
 *   BACKSTOP  1: a waiter looks again when nothing else can happen (predAgain); 0: only wakes count
 *   LATE      1: a waiter notes the count of signals after it has unlocked (must fail)
 *   COUNT     0: the kernel does not compare the count when a waiter falls asleep (must fail)
 */
#ifndef SIG
#define SIG 2
#endif
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef BACKSTOP
#define BACKSTOP 0
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef COUNT
#define COUNT 1
#endif
#define N 4

byte owner;                      /* the mutex; how it is handed over is mutex.pml's matter */
bool waiters; byte signals;      /* the word */
byte items;                      /* what the mutex guards */
bool dead[N+1]; bool asleep[3];

inline lock() { atomic { owner == 0 || dead[owner] -> owner = me } }
inline unlock() { assert(owner == me); owner = 0 }
inline arm() { atomic { waiters = 1; seen = signals } }

inline wakeOne() { /* which one is the kernel's choice */
	if
	:: asleep[1] -> asleep[1] = 0
	:: asleep[2] -> asleep[2] = 0
	:: !asleep[1] && !asleep[2]
	fi
}

proctype waiter(byte me) {
	byte seen;
	{
		lock();
		do
		:: items > 0 -> break
		:: else ->
			if :: !LATE -> arm() :: else fi;
			unlock();
			if :: LATE -> arm() :: else fi;
			atomic { if :: signals == seen || !COUNT -> asleep[me] = 1 :: else fi; seen = 0 };
			do
			:: !asleep[me] -> break
			:: BACKSTOP && asleep[me] && items > 0 && timeout -> asleep[me] = 0
			od;
			lock()
		od;
		items--;
progress:	skip;
		unlock()
	} unless { dead[me] }
}

proctype producer(byte me) {
	byte left = 2 / SIG;
	{
		do
		:: left == 0 -> break
		:: else ->
			lock();
			items = items + SIG;
			unlock();
			if
			:: waiters -> atomic { signals++; wakeOne(); if :: SIG == 2 -> wakeOne() :: else fi }
			:: else
			fi;
			left--
		od
	} unless { dead[me] }
}

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
			:: !dead[x] -> dead[x] = 1; if :: x < 3 -> asleep[x] = 0 :: else fi
			:: else
			fi;
			x = 0
		}
	od
}

#define neglected (items > 0 && (asleep[1] || asleep[2]))

/* When nothing can happen any more, nobody may sleep beside an item. */
proctype monitor() {
	timeout && !(BACKSTOP && neglected);
	assert(!neglected);
	atomic { asleep[1] = 0; asleep[2] = 0; items = items + 2 } /* lets everyone end */
}

init { atomic { run waiter(1); run waiter(2); run producer(3); run producer(4); run killer(); run monitor() } }
