/*
 * An Event (event.go): two waiters, one process that sets, one that sets and clears; any may be killed between any two of
 * its steps. Checked: whoever slept when the event was set does not sleep for ever.
 *
 *   DEATHS  how many may be killed
 *   SPLIT   1: Set stores first and wakes in a second step, as without FUTEX_WAKE_OP
 */
#ifndef DEATHS
#define DEATHS 2
#endif
#ifndef SPLIT
#define SPLIT 0
#endif
#define N 4

bool isset; bool waiters; byte round; /* the word */
bool dead[N+1]; bool asleep[N+1]; byte since[N+1];
byte deaths = DEATHS;

#define same (isset == vs && waiters == vw && round == vr)

inline wakeAll() { asleep[1] = 0; asleep[2] = 0 }

inline doSet() {
	skip;
set:	atomic { vs = isset; vw = waiters; vr = round };
	if
	:: vs
	:: !vs && !vw -> atomic { if :: same -> isset = 1 :: else -> goto set fi }
	:: !vs && vw && !SPLIT -> atomic { isset = 1; wakeAll() }
	:: !vs && vw && SPLIT -> isset = 1; atomic { wakeAll() }
	fi
}

proctype waiter(byte me) {
	bool vs, vw; byte vr, begin;
	{
		begin = round;
		do
		:: atomic { vs = isset; vw = waiters; vr = round };
			if
			:: vs || vr != begin -> break
			:: else
			fi;
			if
			:: !vw -> atomic { if :: same -> waiters = 1 :: else fi }
			:: else
			fi;
			/* the kernel compares the word once more */
			atomic { if :: !isset && waiters && round == vr -> asleep[me] = 1; since[me] = round :: else fi };
			!asleep[me]
		od
	} unless { dead[me] }
}

proctype setter(byte me) {
	bool vs, vw; byte vr;
	{ doSet() } unless { dead[me] }
}

proctype pulser(byte me) {
	bool vs, vw; byte vr;
	{
		doSet();
clear:		atomic { vs = isset; vw = waiters; vr = round };
		if
		:: !vs
		:: else -> atomic { if :: same -> isset = 0; waiters = 0; round++ :: else -> goto clear fi }
		fi
	} unless { dead[me] }
}

proctype killer() {
	byte x;
	do
	:: deaths == 0 -> break
	:: deaths > 0 -> deaths = 0
	:: deaths > 0 ->
		atomic {
			select(x : 1 .. N);
			if :: !dead[x] -> deaths--; dead[x] = 1; asleep[x] = 0 :: else fi
		}
	od
}

/* When nothing can happen any more, nobody may sleep on an event that is set, or was set since. */
proctype monitor() {
	timeout;
	assert(!asleep[1] || !isset && since[1] == round);
	assert(!asleep[2] || !isset && since[2] == round);
	atomic { asleep[1] = 0; asleep[2] = 0; isset = 1 } /* lets everyone end */
}

init { atomic { run waiter(1); run waiter(2); run setter(3); run pulser(4); run killer(); run monitor() } }
