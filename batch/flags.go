package batch

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/shmath/shmath/sched"
	"github.com/shmath/shmath/shm"
)

// Flags are the options that commands share.
type Flags struct {
	Workers   int
	CPUs      string
	Placement string
	Backend   string
	JSON      bool
	Quiet     bool
	Sets      []string // NAME=VALUE
	Metrics   string   // file, or HOST:PORT
	Trace     string   // file
}

// AddTo declares the flags that say who works, and how results are printed.
func (f *Flags) AddTo(set *pflag.FlagSet) {
	set.IntVar(&f.Workers, "workers", 0, "worker processes (default one per core)")
	set.StringVar(&f.CPUs, "cpus", "", "CPUs on which workers live, such as 0-3,8")
	set.StringVar(&f.Placement, "placement", "cores", "one worker per: cores, threads, l3, nodes, performance; spread, compact: cores far apart, threads close together; unpinned")
	set.StringVar(&f.Backend, "backend", "processes", "what workers are: processes, or inprocess (goroutines, for comparison)")
	set.BoolVar(&f.JSON, "json", false, "print JSON lines")
}

// AddJobTo declares the flags of running a job file.
func (f *Flags) AddJobTo(set *pflag.FlagSet) {
	f.AddTo(set)
	set.BoolVar(&f.Quiet, "quiet", false, "print only the numbers of the job")
	set.StringVar(&f.Metrics, "metrics", "", "FILE that holds the workers' figures for Prometheus, renewed every second, or HOST:PORT at which they are served as /metrics")
	set.StringVar(&f.Trace, "trace", "", "FILE.json for what each worker ran when, for ui.perfetto.dev or chrome://tracing")
	set.StringArrayVar(&f.Sets, "set", nil, "NAME=VALUE: another value for a number under set, or for the seed")
}

// Options checks the flags. Errors are *UsageError.
func (f *Flags) Options() (*Options, error) {
	o := &Options{Workers: f.Workers}
	switch {
	case f.Workers < 0:
		return nil, usage("--workers %d: give a number from 1, or leave it out for one per core", f.Workers)
	case f.Workers >= shm.MembersMax:
		return nil, usage("--workers %d: there can be %d at most", f.Workers, shm.MembersMax-1)
	case f.JSON && f.Quiet:
		return nil, usage("--json and --quiet contradict each other; keep one of them")
	}
	switch f.Backend {
	case "processes":
		o.Backend = sched.Processes
	case "inprocess":
		o.Backend = sched.InProcess
	default:
		return nil, usage("--backend %s: write processes or inprocess", f.Backend)
	}
	var err error
	if o.Placement, err = sched.ParsePlacement(f.Placement); err != nil {
		return nil, usage("--placement %s: write cores, threads, spread, compact, l3, nodes, performance or unpinned", f.Placement)
	}
	if f.CPUs != "" {
		if o.CPUs, err = sched.ParseCPUs(f.CPUs); err != nil {
			return nil, usage("--cpus %s: write a list such as 0-3,8", f.CPUs)
		}
		if o.Workers == 0 {
			o.Workers = len(o.CPUs)
		}
	}
	return o, nil
}

// RunFile runs the job file at path and prints what happens.
func (f *Flags) RunFile(ctx context.Context, path string, stdout, stderr io.Writer) error {
	opts, err := f.Options()
	if err != nil {
		return err
	}
	job, err := Load(path)
	if err != nil {
		return err
	}
	for _, s := range f.Sets {
		name, value, ok := strings.Cut(s, "=")
		if !ok {
			return usage("--set %s: write --set NAME=VALUE", s)
		}
		if err := job.Set(name, value); err != nil {
			return err
		}
	}
	form := formLines
	switch {
	case f.JSON:
		form = formJSON
	case f.Quiet:
		form = formQuiet
	}
	p := newPrinter(stdout, stderr, form)
	opts.Listen = p.Listen
	ctx, done := p.stopUnread(ctx)
	defer done()
	switch {
	case f.Metrics == "":
	case isAddress(f.Metrics):
		opts.Attend = append(opts.Attend, ServeMetrics(f.Metrics))
	default:
		opts.Attend = append(opts.Attend, KeepMetrics(f.Metrics))
	}
	if f.Trace != "" {
		opts.Attend = append(opts.Attend, KeepTrace(f.Trace))
	}
	_, err = job.Run(ctx, opts)
	p.bar.clear()
	if err == nil {
		err = p.Err()
	}
	return err
}

// EvalLine evaluates a line and prints its numbers, one a line.
func (f *Flags) EvalLine(ctx context.Context, e Evaluation, stdout, stderr io.Writer) error {
	opts, err := f.Options()
	if err != nil {
		return err
	}
	form := formBare
	if f.JSON {
		form = formJSON
	}
	p := newPrinter(stdout, stderr, form)
	opts.Listen = p.Listen
	ctx, done := p.stopUnread(ctx)
	defer done()
	_, err = Eval(ctx, e, opts)
	p.bar.clear()
	if err == nil {
		err = p.Err()
	}
	return err
}
