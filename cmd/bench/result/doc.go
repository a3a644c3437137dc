// Package result is what a run of cmd/bench measured, as data: one document, which is written as JSON, compared with
// another, held against a baseline, and drawn by package report.
//
//	Document     one run: Environment, Contests, Absences, Noise
//	Contest      ways to do one piece of work, measured in turn, in the same minutes
//	Contender    one of the ways: what each of its rounds gave, their median with a confidence interval, latencies
//	Meter        the CPU time that other programs used meanwhile
//	Compare      two documents: which figures differ, and whether by chance
//	Gate         a document against a baseline: which ratios to a limit have become worse
//
// Figures are nanoseconds for each operation unless a contest names another unit. Less is better, always.
package result
