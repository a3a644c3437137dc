/*
 * A Barrier (barrier_round.go) of three parties that have joined, two rounds. Any party may be killed between any two
 * of its steps, also those under the guard. Checked: nobody leaves a round well before all have come; all who leave one
 * round agree how it ended; after a death nobody sleeps for ever.
 *
 *   DEATHS  how many may be killed
 *   ACTION  1: the last party leaves the guard to run an action, and may die in it
 *   LATE    1: round is raised before result says how it ended (must fail)
 *   DEAF    1: sleepers do not watch the lives of the others (must fail)
 */
#ifndef DEATHS
#define DEATHS 1
#endif
#ifndef ACTION
#define ACTION 1
#endif
#ifndef LATE
#define LATE 0
#endif
#ifndef DEAF
#define DEAF 0
#endif
#define N 3
#define ROUNDS 2
#define MAXROUND 8

byte guard;                      /* its owner; how it is handed over is mutex.pml's matter */
byte arrived; bool broken;
byte ended; bool result[MAXROUND]; /* result: rounds that ended, and how (1: broken) */
byte round;                      /* what sleepers watch: follows ended */
bool dead[N+1]; bool asleep[N+1]; bool waits[N+1];
byte deaths = DEATHS;
byte came[MAXROUND];             /* ghosts */
bool well[MAXROUND], ill[MAXROUND];

inline settle() {
	if
	:: round != ended -> atomic { round = ended; asleep[1] = 0; asleep[2] = 0; asleep[3] = 0 }
	:: else
	fi
}

inline finish(bad) {
	arrived = 0;
	atomic { waits[1] = 0; waits[2] = 0; waits[3] = 0 };
	if
	:: LATE -> atomic { round = ended + 1; asleep[1] = 0; asleep[2] = 0; asleep[3] = 0 }
	:: else
	fi;
	atomic { assert(ended < MAXROUND); result[ended] = bad; ended++ };
	settle()
}

inline breakUp() { broken = 1; finish(1) }

inline enter() {
	atomic { (guard == 0 || dead[guard]) -> from = guard; guard = me };
	if
	:: from != 0 -> settle(); breakUp()
	:: else
	fi
}

inline leave() { guard = 0 }

/* release ends the round well unless somebody who waits is dead. */
inline release() {
	if
	:: waits[1] && dead[1] || waits[2] && dead[2] || waits[3] && dead[3] -> breakUp()
	:: else -> finish(0)
	fi
}

inline outcome() {
	atomic {
		if
		:: result[mine] -> ill[mine] = 1; assert(!well[mine])
		:: else -> well[mine] = 1; assert(!ill[mine]); assert(came[mine] == N)
		fi;
		bad = result[mine]
	}
}

proctype party(byte me) {
	byte from, mine; bool bad, last; byte left = ROUNDS;
	{
		do
		:: left == 0 -> break
		:: else ->
			last = 0;
			enter();
			if
			:: broken -> leave(); break
			:: else
			fi;
			mine = round;
			waits[me] = 1;
			atomic { arrived++; came[mine]++ };
			if
			:: arrived == N && !ACTION -> release()
			:: arrived == N && ACTION -> last = 1
			:: else
			fi;
			leave();
			if
			:: last ->
				skip; /* the action */
				enter();
				if
				:: round == mine -> release()
				:: else
				fi;
				leave()
			:: else
			fi;
			do
			:: round != mine -> break
			:: else ->
				/* sleeps on round and on the lives of all who have joined */
				atomic {
					if
					:: round == mine && (DEAF || !dead[1] && !dead[2] && !dead[3]) -> asleep[me] = 1
					:: else
					fi
				};
				!asleep[me];
				if
				:: round == mine && (dead[1] || dead[2] || dead[3]) ->
					enter();
					if :: round == mine -> breakUp() :: else fi;
					leave()
				:: else
				fi
			od;
			outcome();
			if
			:: bad -> break
			:: else
			fi;
			left--
		od
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
			if
			:: !dead[x] ->
				deaths--; dead[x] = 1; asleep[x] = 0;
				if :: !DEAF -> asleep[1] = 0; asleep[2] = 0; asleep[3] = 0 :: else fi
			:: else
			fi
		}
	od
}

init { atomic { run party(1); run party(2); run party(3); run killer() } }
