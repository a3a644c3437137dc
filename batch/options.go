package batch

import (
	"context"

	"github.com/shmath/shmath/sched"
)

// Options says who runs a job. A nil *Options means the defaults.
type Options struct {
	Workers   int             // 0 means one per core
	CPUs      []int           // the CPUs on which workers live, instead of Placement
	Placement sched.Placement // on which CPUs they live, where CPUs says nothing; the zero value is sched.PerCore
	Backend   sched.Backend   // the zero value is sched.Processes
	Listen    func(Event)     // is told what happens, one event at a time; nil means nobody is
	Attend    []Attendant     // look on at the workers
}

func (o *Options) listen(e Event) {
	if o.Listen != nil {
		o.Listen(e)
	}
}

// start starts the workers.
func (o *Options) start(ctx context.Context) (*sched.Pool, error) {
	return sched.Start(ctx, &sched.Options{Workers: o.Workers, CPUs: o.CPUs, Placement: o.Placement, Backend: o.Backend})
}
