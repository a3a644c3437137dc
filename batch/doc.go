// Package batch runs job files: arrays in, lines of expressions, arrays, numbers and pictures out.
//
//	Load, Job.Run     a job file, checked whole before any worker starts
//	Eval              one line over files, as "shmath eval"
//	Main              the main function of a program that runs job files with functions of its own
//	Event             what a run tells meanwhile; JSON lines are these
//
// A job file is YAML:
//
//	name: sp500-var                                  # optional
//	seed: 42                                         # of the random numbers; 0 unless given
//	arrays:                                          # files, relative to the job file
//	  close: {csv: sp500-2000.csv, column: close}    # na: error (default), drop or nan
//	  old:   {npy: old.npy}                          # mapped, not read
//	set: {paths: 10_000_000}                         # numbers that --set paths=1000 overrides
//	steps:                                           # lines of package expr, in their order
//	  - r     = diff(log(close))
//	  - loss  = -bootstrap(r, paths=paths, horizon=10)
//	  - var99 = quantile(loss, 0.99)
//	outputs:
//	  loss: loss.npy                                 # an array, saved when the job has come to its end
//	  figure: {histogram: loss, marks: [var99], file: loss.svg, bins: 200}
//	print: [var99]
//
// Each name has one meaning. The path of an array:
//
//	.csv  -> read, checked ----------> pool.Arena() --\
//	.npy  -> mapped -----------------------------------+-> parallel.Run, step by step -> pool.Arena(), freed after its last use
//	                                                                                \-> outputs, saved at the end
//
// Output files get their names when all of the job is done: a job that fails or is interrupted leaves what was there
// before. Results have the same bits for any number of workers.
//
//	func main() { batch.Main() } // registers nothing: the same as shmath run
//
// # Caveats
//
// A line whose operands have a length that only the data decide (x[mask]) is checked for what any length would break;
// the rest shows when it runs. CSV columns are float64. A .npy file in Fortran order is copied into shared memory.
package batch
