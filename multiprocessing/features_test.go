//go:build linux

package multiprocessing

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// features lists what Python's documentation of multiprocessing and its tutorials name, in sections A1 to A13, and what proves
// each here: tests, as package.Test (of this package where none is named), programs with their output, and headings of
// documents. A14, the tutorials' programs, is examples/python.
var features = []struct{ section, feature, proofs string }{
	{"A1", "isolation", "TestMistake_AssumingGlobalsAreShared examples/python/06-isolation"},
	{"A1", "faults stay where they are", "sched.TestLoop_KillStorm sched.Test6_DeathCostsOnlyItsTask TestPool_WorkerKilled"},
	{"A1", "true parallelism", "sched.Test15_EveryThreadIsPinned sched.Test17_NoOversubscription examples/python/21-sums-of-squares"},
	{"A1", "fork", "TestFork_InheritsGlobals TestA1_FrozenPagesAreShared"},
	{"A1", "spawn", "TestSpawn_NamesWhatIsMissing TestProcess_RunsAnywhere TestP29_AnyPlace"},
	{"A1", "forkserver", "TestP18_SparesAreKilled TestSM2_Preload"},
	{"A1", "choice of the method", "TestSM1_Contexts"},
	{"A1", "contexts", "TestSM1_Contexts TestSM3_NothingGrowsWithDepth"},
	{"A1", "methods compared", "docs/BENCHMARKS.md:start docs/BENCHMARKS.md:multiprocessing"},
	{"A1", "globals are a snapshot", "TestFork_InheritsGlobals examples/python/05-inherited-snapshot"},
	{"A1", "globals that are missing", "TestSpawn_NamesWhatIsMissing examples/python/04-spawned-global"},
	{"A1", "children carry little", "TestA13_ChildrenAreSmall"},
	{"A1", "arguments, not globals", "TestP3_AnyContainer TestQ14_QueueHandedOn TestN11_EndsAreHandedOn TestM3_Handles multiprocessing/tcp.TestManager_Everywhere"},
	{"A1", "platforms", "Makefile:portable"},
	{"A1", "names of processes", "TestP1_Current TestP5_Ancestors TestProcess_NameInPS"},
	{"A1", "sharing works by all methods", "TestQ3_ChildAppends TestV1_NothingIsLost TestN1_Connection"},
	{"A2", "main guard", "TestP26_ForgottenGuard TestMistake_NoMainGuard sched.TestStart_ForgottenMain"},
	{"A2", "main runs once", "TestA2_MainRunsOnce"},
	{"A2", "a binary is frozen", "TestProcess_RunsAnywhere TestP29_AnyPlace"},
	{"A3", "a process's options", "TestP2_Process TestP3_AnyContainer TestP4_Daemon"},
	{"A3", "start", "TestP2_Process sched.TestStart_ForgottenMain sched.Test49_Handshake"},
	{"A3", "join", "TestP7_TerminateKill TestA3_ManyJoinOne"},
	{"A3", "terminate and kill", "TestP7_TerminateKill TestP13_ManyProcesses"},
	{"A3", "state", "TestP2_Process TestP12_Close"},
	{"A3", "sentinel", "TestP11_Sentinel TestP11_SentinelFile TestN13_WaitForDeath"},
	{"A3", "the handle is not the process", "TestP14_ArgumentsAreLetGo"},
	{"A3", "zombies", "TestMistake_ForgettingToJoin"},
	{"A3", "active children", "TestP9_ActiveChildren"},
	{"A3", "pipelines", "examples/python/26-producer-consumer TestQ5_TaskDone"},
	{"A4", "exit codes", "TestP22_ExitCodes sched.TestA4_CausesOfDeath"},
	{"A4", "errors nobody catches", "TestP21_TraceBeforeTheEnd sched.TestA4_TaskErrorsNameTheirWorker"},
	{"A4", "exits of one's own", "TestP22_ExitCodes examples/python/08-exit-code"},
	{"A5", "nobody outlives the parent", "sched.TestA5_NobodyOutlivesTheParent internal/spawn.TestStart_ChildDiesWithItsParent"},
	{"A5", "daemons have no children", "TestP4_Daemon"},
	{"A5", "cleaning up after daemons", "TestP24_ExitHooks TestM6_OwnerTerminated"},
	{"A5", "the flag is inherited", "TestP4_Daemon"},
	{"A6", "killing is harmless", "TestLock_HolderKilled TestMistake_Terminating TestDict_WritersKilled psync.TestCond_KillStorm psync.TestBarrier_KillStorm ring.TestMPMC_KillStorm"},
	{"A6", "asking to stop", "examples/python/16-stop-event sched.Test14_BlockThatWatchesItsContext"},
	{"A6", "shutdown with a deadline", "sched.TestA6_ShutdownLadder sched.TestA6_ShutdownKeepsItsDeadline"},
	{"A6", "cleaning up on signals", "sched.TestA5_NobodyOutlivesTheParent TestM6_OwnerTerminated cmd/shmath.Test12_Interrupted"},
	{"A7", "queues", "ring.TestMPMC_HistoriesAreLinearizable ring.TestMPMC_ManyToMany TestQ3_ChildAppends"},
	{"A7", "full and empty", "TestQ1_Put TestQ2_Get TestQ6_Timeout"},
	{"A7", "the end for consumers", "ring.TestQ5_CloseStopsEveryWorkerAfterTheDrain TestQ9_ClosedQueue"},
	{"A7", "collecting results", "examples/python/01-arrays-by-queue"},
	{"A7", "pipes are for two", "TestN1_Connection"},
	{"A7", "pipes", "TestN1_Connection TestN2_OneWay TestN10_Borders TestPipe_DeadPeer"},
	{"A7", "joinable queues", "TestQ5_TaskDone"},
	{"A7", "joining before draining", "TestMistake_JoiningBeforeDraining TestQueue_JoinBeforeDrain"},
	{"A7", "large objects", "TestMistake_HugeObjects"},
	{"A7", "small messages", "TestA7_ShortItemsTakeNoMemory"},
	{"A8", "size of a pool", "TestO8_BadSizes sched.Test16_AffinityMask sched.Test16_QuotaAndIsolation"},
	{"A8", "a worker for each core", "sched.Test15_EveryThreadIsPinned"},
	{"A8", "map", "TestO1_ApplyMapStarmap"},
	{"A8", "asynchronous calls", "TestO2_Callbacks TestO6_AsyncTimeout"},
	{"A8", "starmap", "TestO1_ApplyMapStarmap examples/python/24-starmap"},
	{"A8", "imap", "TestO7_Imap TestImap_Lazy sched.Test22_StreamTakesNoMoreThanTheWindow"},
	{"A8", "sizes of chunks", "TestO4_Empty TestU11_Sizes sched.TestA8_AdaptiveBlocks"},
	{"A8", "chunks of large data", "examples/python/32-chunks-of-a-million"},
	{"A8", "the ends of a pool", "TestO9_TerminateWithQueuedWork TestO10_ClosedPool"},
	{"A8", "scopes", "TestO10_ClosedPool TestU7_ShutdownDoesTheWork"},
	{"A8", "renewal of workers", "TestO16_MaxTasksPerChild TestO17_RecycleEarlyClose sched.Test11_RecycleGrid"},
	{"A8", "pools that live long", "sched.Test46_WarmWorkStartsNoProcess sched.Test47_IdleMakesNoWakeups"},
	{"A8", "choice of a size", "sched.TestPlan_PerformanceCores sched.Test16_AffinityMask"},
	{"A8", "balance", "sched.TestA8_Makespan sched.TestSteal_NearestFirst"},
	{"A8", "a worker that cannot start", "TestO20_OneWorkerCannotStart"},
	{"A9", "values", "TestV1_NothingIsLost TestV2_Locks"},
	{"A9", "arrays", "TestAR1_Array TestAR2_ZeroedWhenReused TestAR3_ArrayLocks"},
	{"A9", "locks around what many change", "examples/python/30-lock-around-a-counter TestV1_NothingIsLost"},
	{"A9", "raw values and arrays", "TestV2_SharedLock TestAR3_ArrayLocks"},
	{"A9", "shared memory", "TestM1_SharedMemory TestM2_BadSizes TestM5_NULInNames cmd/shmath.Test3_SharedMemoryFull"},
	{"A9", "opening by name", "TestM1_SharedMemory TestM4_AcrossProcesses shm.TestOpen_Errors"},
	{"A9", "close and unlink", "TestM1_SharedMemory shm.TestUnlink_CreatorOnly"},
	{"A9", "lifetimes", "TestM7_OpenersOwnNothing shm.TestPersistent_OutlivesItsMembers"},
	{"A9", "NumPy on the same bytes", "sched.TestA13_ForeignNumPy arena.TestNumPy_ReadsAnArrayInsideAnArena examples/python/34-array-in-place"},
	{"A9", "layout and order of shared bytes", "arena.TestNumPy_OpensWhatFormatLaysOut TestDict_AgainstMap"},
	{"A9", "no copies", "sched.TestFunc_ArraysTravelAsHandles TestMistake_HugeObjects"},
	{"A9", "files as arrays", "arena.TestMapFile_Modes sched.TestFunc_MappedFilesTravel"},
	{"A9", "lists in shared memory", "TestSL1_ShareableList TestM8_Manager"},
	{"A10", "managers", "TestMG2_Types TestMG1_NamespaceAndNested examples/python/02-shared-list-of-names"},
	{"A10", "lists", "TestMG1_DictAndList examples/python/14-manager-list"},
	{"A10", "dicts", "TestMG1_DictAndList examples/python/29-manager-dict-and-list"},
	{"A10", "the end of a manager", "TestMistake_ManagerThatEnded TestManager_Killed"},
	{"A10", "throughput", "TestMistake_ManagersForThroughput docs/BENCHMARKS.md:multiprocessing"},
	{"A10", "each call is one step", "TestMG2_Types TestDict_ManyProcesses"},
	{"A10", "what managers host, near and far", "TestMG1_NamespaceAndNested TestMG3_RegisteredType multiprocessing/tcp.TestManager_TLS multiprocessing/tcp.TestManager_Strangers"},
	{"A11", "lock", "TestL1_Lock psync.TestMutex_KillStorm"},
	{"A11", "re-entrant lock", "TestL2_RLock psync.TestRMutex_KillStorm"},
	{"A11", "semaphore", "TestS1_Semaphore psync.TestSemaphore_NeverMoreThanPermits"},
	{"A11", "bounded semaphore", "TestS2_BoundedSemaphore"},
	{"A11", "event", "TestEV1_Event TestEV1_AcrossProcesses"},
	{"A11", "condition", "TestCV1_Notify TestCV2_NotifyAll TestCV5_WaitFor psync.TestCond_KillStorm"},
	{"A11", "barrier", "TestBR1_Barrier TestBR5_Reset TestBR7_Timeout TestBarrier_PartyKilled"},
	{"A11", "scoped use", "TestL3_With"},
	{"A11", "locks of the killed", "TestLock_HolderKilled psync.TestMutex_OwnerDies"},
	{"A12", "errors come back", "TestO11_Traceback TestO15_ResultsThatCannotTravel"},
	{"A12", "other tasks go on", "examples/python/33-one-of-ten-fails TestPool_WorkerKilled"},
	{"A12", "where it went wrong", "TestO11_Traceback TestU17_Traceback"},
	{"A12", "errors on both sides", "TestU15_Deadlocks TestU16_Callbacks"},
	{"A12", "initializers", "TestO22_Initializer TestU1_InitializedBeforeTheFirstTask TestU2_FailingInitializer"},
	{"A12", "what initializers are for", "sched.TestState_OpenedOnceClosedAtTheEnd TestSM2_Preload"},
	{"A12", "state of each worker", "sched.TestState_OfAReplacement sched.TestStateWith_EachPoolHasItsArgument"},
	{"A12", "exit hooks", "TestP24_ExitHooks sched.TestRecycle_ClosesStates"},
	{"A12", "prints", "TestMistake_PrintingFromMany sched.TestOutput_LinesAreWhole"},
	{"A12", "one listener of logs", "sched.Test36_LogSurvivesSIGKILL sched.TestLog_RecordsArriveWhole TestX2_RecordsBelowTheLevel"},
	{"A12", "levels of logs", "TestX1_Level sched.TestLog_LevelIsInherited"},
	{"A12", "Ctrl-C", "TestM9_ServersIgnoreInterrupts cmd/shmath.Test12_Interrupted cmd/shmath.Test12_InterruptedTwiceEndsAtOnce"},
	{"A12", "SIGTERM", "sched.TestA5_NobodyOutlivesTheParent TestM6_OwnerTerminated"},
	{"A12", "signals interrupt no wait", "TestP25_SignalsDoNotDisturb TestN14_SignalsDoNotDisturb psync.TestWaits_SignalsDoNotDisturb"},
	{"A12", "descriptors", "TestN17_UndeclaredFiles TestP15_DescriptorsDoNotPileUp TestN5_FileHandedOn"},
	{"A12", "opening again in the child", "TestO22_Initializer sched.TestState_OpenedOnceClosedAtTheEnd"},
	{"A12", "standard input", "TestP28_ClosedInput"},
	{"A12", "random numbers", "sched.Test39_RandomSameForAnyWorkers"},
	{"A12", "the system's entropy", "TestA12_Entropy"},
	{"A13", "memory of a process", "TestA13_ChildrenAreSmall docs/BENCHMARKS.md:memory"},
	{"A13", "where time goes", "sched.Test35_StatsSumExactly sched.TestTrace_EveryBlockAndCall"},
	{"A13", "measuring before assuming", "sched.TestA13_Advice sched.TestA13_AdviceForTinyTasks"},
	{"A13", "other programs as workers", "sched.TestA13_ForeignProgram sched.TestCommand_EndsAsItsProgramDid"},
	{"A13", "goroutines as processes", "TestO1_ApplyMapStarmap TestU13_Saturation"},
	{"A13", "executors", "TestU3_SubmitAfterShutdown TestU7_ShutdownDoesTheWork examples/python/19-executor-map"},
	{"A13", "executor.map", "TestU10_MapErrorAmongResults TestU11_Sizes TestU20_LateMapIsCanceled"},
	{"A13", "futures", "TestU8_Wait TestU9_AsCompleted examples/python/22-as-completed"},
	{"A13", "what executors ask for", "TestMistake_NoMainGuard TestMistake_LocksInArguments"},
	{"A13", "what can travel", "TestMistake_Closure TestMistake_LocksInArguments sched.TestCodec_NamesTheField"},
	{"A13", "what a runtime brings", "docs/FROM_PYTHON.md:Three things that are different everywhere"},
	{"A13", "huge results", "TestMistake_HugeObjects docs/BENCHMARKS.md:multiprocessing"},
	{"A13", "loading where it is used", "arena.TestMapFile_Modes sched.TestFunc_MappedFilesTravel"},
	{"A13", "common mistakes", "TestMistake_ZeroValues TestMistake_BadArguments docs/FROM_PYTHON.md:The usual mistakes"},
	{"A13", "rules", "docs/FROM_PYTHON.md:The usual mistakes"},
}

// TestFeatures_AreProven: what the table names is there.
func TestFeatures_AreProven(t *testing.T) {
	sources := map[string]string{} // of the tests of each package
	for _, f := range features {
		for _, proof := range proofsOf(f.proofs) {
			file, heading, isDocument := strings.Cut(proof, ":")
			dir, test, isTest := strings.Cut(proof, ".Test")
			switch {
			case isDocument:
				text, err := os.ReadFile(filepath.Join("..", file))
				if ok(t, err); !strings.Contains(string(text), "\n## "+heading+"\n") && !strings.Contains(string(text), "\n"+heading+":") {
					t.Errorf("%s, %s: %s has no part %q", f.section, f.feature, file, heading)
				}
			case isTest:
				if sources[dir] == "" {
					sources[dir] = testsOf(t, dir)
				}
				if !strings.Contains(sources[dir], "\nfunc Test"+test+"(t ") {
					t.Errorf("%s, %s: no test %s", f.section, f.feature, proof)
				}
			default:
				if _, err := os.Stat(filepath.Join("..", proof, "main.go")); err != nil {
					t.Errorf("%s, %s: %v", f.section, f.feature, err)
				}
			}
		}
	}
}

// proofsOf splits a list; headings may have spaces in them.
func proofsOf(list string) []string {
	var proofs []string
	for word := range strings.FieldsSeq(list) {
		if n := len(proofs); n > 0 && !strings.ContainsAny(word, "./") && !strings.HasPrefix(word, "Test") {
			proofs[n-1] += " " + word
			continue
		}
		if strings.HasPrefix(word, "Test") {
			word = "multiprocessing." + word
		}
		proofs = append(proofs, word)
	}
	return proofs
}

// testsOf returns the test files of a package.
func testsOf(t *testing.T, dir string) string {
	t.Helper()
	files := must[[]string](t)(filepath.Glob(filepath.Join("..", dir, "*_test.go")))
	var all strings.Builder
	for _, f := range files {
		all.Write(must[[]byte](t)(os.ReadFile(f)))
	}
	return all.String()
}

// TestFeatures_AreAll: no section is left out, and each of the tutorials' programs is there.
func TestFeatures_AreAll(t *testing.T) {
	rows := map[string]int{}
	for _, f := range features {
		rows[f.section]++
	}
	for i := 1; i <= 13; i++ {
		if s := fmt.Sprint("A", i); rows[s] == 0 {
			t.Errorf("%s has no rows", s)
		}
	}
	if have := must[[]string](t)(filepath.Glob("../examples/python/*/main.go")); len(have) != 34 {
		t.Errorf("%d of the tutorials' 34 programs", len(have))
	}
}
