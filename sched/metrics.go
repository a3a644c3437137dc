package sched

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteMetrics writes the figures of the pool as [WriteMetrics] does. It returns [ErrClosed] from Close on. In a program that
// serves HTTP:
//
//	http.HandleFunc("/metrics", func(w http.ResponseWriter, _ *http.Request) { pool.WriteMetrics(w) })
//
// Workers are the same program: with net/http in it, each starts about a millisecond later. Where that matters, write the page
// to a file for a collector, or have another program serve [Pools].
func (p *Pool) WriteMetrics(w io.Writer) error {
	s, err := p.Stats()
	if err != nil {
		return err
	}
	return WriteMetrics(w, s)
}

// WriteMetrics writes figures of pools as a page in Prometheus's text format, version 0.0.4: serve it, or leave it in a
// file for a collector. Times are in seconds, memory in bytes.
func WriteMetrics(w io.Writer, pools ...Stats) error {
	var b strings.Builder
	page{&b, pools}.write()
	_, err := io.WriteString(w, b.String())
	return err
}

// page is a page of metrics in the making: all samples of a metric follow its head.
type page struct {
	b     *strings.Builder
	pools []Stats
}

func (p page) write() {
	p.head("pool_uptime_seconds", "gauge", "Time since the pool was started.")
	p.eachPool("pool_uptime_seconds", func(s Stats) float64 { return s.Uptime.Seconds() })
	p.head("pool_memory_bytes", "gauge", "Shared memory in use or reserved: control block and arena.")
	p.eachPool("pool_memory_bytes", func(s Stats) float64 { return float64(s.Bytes) })
	p.head("pool_workers", "gauge", "Places for workers.")
	p.eachPool("pool_workers", func(s Stats) float64 { return float64(len(s.Workers)) })
	p.worker("worker_up", "gauge", "1 while a process is in the place.", func(w WorkerStats) float64 { return one(w.PID != 0) })
	p.worker("worker_busy", "gauge", "1 while it runs a loop or a call.", func(w WorkerStats) float64 { return one(w.Busy) })
	p.worker("worker_run_seconds_total", "counter", "Time in loops and calls.", func(w WorkerStats) float64 { return w.Run.Seconds() })
	p.worker("worker_call_wait_seconds_total", "counter", "Time that its calls had been queued.", func(w WorkerStats) float64 { return w.CallWait.Seconds() })
	p.worker("worker_loop_wait_seconds_total", "counter", "Time from the beginning of loops until it came.", func(w WorkerStats) float64 { return w.LoopWait.Seconds() })
	p.worker("worker_blocks_total", "counter", "Blocks of loops that it finished.", func(w WorkerStats) float64 { return float64(w.Blocks) })
	p.worker("worker_calls_total", "counter", "Calls that ended with a result or an error.", func(w WorkerStats) float64 { return float64(w.Calls) })
	p.worker("worker_joins_total", "counter", "Rounds of loops in which it took part.", func(w WorkerStats) float64 { return float64(w.Joins) })
	p.worker("worker_wakeups_total", "counter", "How often it slept.", func(w WorkerStats) float64 { return float64(w.Wakeups) })
	p.worker("worker_restarts_total", "counter", "How often a dead worker was replaced.", func(w WorkerStats) float64 { return float64(w.Restarts) })
	p.worker("worker_log_dropped_total", "counter", "Log records for which there was no room.", func(w WorkerStats) float64 { return float64(w.Dropped) })
	p.loop("loop_blocks", "Blocks of a running loop.", func(l LoopStatus) int { return l.Blocks })
	p.loop("loop_blocks_done", "Blocks of a running loop that are done.", func(l LoopStatus) int { return l.Done })
}

func one(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}

func (p page) head(name, kind, help string) {
	fmt.Fprintf(p.b, "# HELP shmath_%s %s\n# TYPE shmath_%s %s\n", name, help, name, kind)
}

// sample writes one line; labels are names and values in turn, behind those of the pool.
func (p page) sample(name string, s Stats, value float64, labels ...string) {
	fmt.Fprintf(p.b, `shmath_%s{pool="%s",program="%s",pid="%d"`, name, escape(s.Name), escape(s.Program), s.PID)
	for i := 0; i < len(labels); i += 2 {
		fmt.Fprintf(p.b, `,%s="%s"`, labels[i], escape(labels[i+1]))
	}
	fmt.Fprintf(p.b, "} %s\n", strconv.FormatFloat(value, 'g', -1, 64))
}

func (p page) eachPool(name string, value func(Stats) float64) {
	for _, s := range p.pools {
		p.sample(name, s, value(s))
	}
}

func (p page) worker(name, kind, help string, value func(WorkerStats) float64) {
	p.head(name, kind, help)
	for _, s := range p.pools {
		for i, w := range s.Workers {
			p.sample(name, s, value(w), "worker", strconv.Itoa(i), "cpu", strconv.Itoa(w.CPU))
		}
	}
}

func (p page) loop(name, help string, value func(LoopStatus) int) {
	p.head(name, "gauge", help)
	for _, s := range p.pools {
		for _, l := range s.Loops {
			p.sample(name, s, float64(value(l)), "loop", l.Name, "run", strconv.FormatUint(l.Seq, 10))
		}
	}
}

// escape writes a label's value as the format wants it.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(s, "?"))
}
