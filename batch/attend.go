package batch

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/shmath/shmath/sched"
)

// Attendant looks on at the workers of a run. It is called when they are ready; what it returns is called once, before they
// stop, however the run ends. The error of either is the run's, if nothing else went wrong.
type Attendant func(p *sched.Pool) (leave func() error, err error)

const metricsPeriod = time.Second

// KeepMetrics returns an attendant that keeps a page of the pool's figures at path, in Prometheus's text format: it is
// written when the run begins, once a second, and when it ends, whole each time.
func KeepMetrics(path string) Attendant {
	return func(p *sched.Pool) (func() error, error) {
		write := func() error { return writePage(path, p.WriteMetrics) }
		if err := write(); err != nil {
			return nil, err
		}
		stop, stopped := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(stopped)
			tick := time.NewTicker(metricsPeriod)
			defer tick.Stop()
			for {
				select {
				case <-tick.C:
					_ = write() // the last one, below, says what is wrong
				case <-stop:
					return
				}
			}
		}()
		return func() error {
			close(stop)
			<-stopped
			return write()
		}, nil
	}
}

// KeepTrace returns an attendant that writes what each worker ran, block by block, to path when the run ends: a JSON trace for
// chrome://tracing and ui.perfetto.dev.
func KeepTrace(path string) Attendant {
	return func(p *sched.Pool) (func() error, error) {
		// An empty one first: a path that cannot be written must not be found out after hours.
		if err := writePage(path, func(w io.Writer) error { return sched.WriteChromeTrace(w, "", 0, nil) }); err != nil {
			return nil, err
		}
		p.StartTrace()
		page := func(w io.Writer) error {
			spans, missing := p.StopTrace()
			if missing > 0 {
				spans = append(spans, sched.Span{Name: fmt.Sprintf("%d blocks and calls are missing: the trace is full", missing)})
			}
			return sched.WriteChromeTrace(w, filepath.Base(os.Args[0]), p.Workers(), spans)
		}
		return func() error { return writePage(path, page) }, nil
	}
}

func writePage(path string, page func(io.Writer) error) error {
	var b bytes.Buffer
	if err := page(&b); err != nil {
		return err
	}
	if err := writeFile(path, b.Bytes()); err != nil {
		return diskError(path, err)
	}
	return nil
}

// attend calls the attendants; leave calls what they returned.
func (r *runner) attend() error {
	for _, a := range r.opts.Attend {
		leave, err := a(r.pool)
		if err != nil {
			return err
		}
		r.leaving = append(r.leaving, leave)
	}
	return nil
}

func (r *runner) leave() (err error) {
	for _, leave := range r.leaving {
		if e := leave(); err == nil {
			err = e
		}
	}
	r.leaving = nil
	return err
}
