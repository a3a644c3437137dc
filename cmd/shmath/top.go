package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/shmath/shmath/batch"
	"github.com/shmath/shmath/sched"
)

// top shows what the pools of this user do.
type top struct {
	out     io.Writer
	once    bool
	json    bool
	period  time.Duration
	screen  bool // a terminal that is drawn anew each time
	before  map[string]sched.Stats
	looked  time.Time
	elapsed time.Duration // since the last look, 0 at the first
}

func newTop(flags *batch.Flags) *cobra.Command {
	t := &top{}
	cmd := &cobra.Command{
		Use:   "top",
		Short: "show what the running pools of this user do: workers, loops, memory",
		Long: "Show what the running pools of this user do, whatever program started them. On a terminal the picture is renewed\n" +
			"until Ctrl-C; elsewhere it is printed once. Figures are those since the last picture, the first ones since the pool began.",
		Example: "  shmath top\n  shmath top --once --json",
		Args:    count(0, 0, "shmath top"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if t.period < 10*time.Millisecond {
				return callError("--interval %v: give at least 10ms", t.period)
			}
			t.out, t.json = cmd.OutOrStdout(), flags.JSON
			f, isFile := t.out.(*os.File)
			t.screen = !t.once && !t.json && isFile && term.IsTerminal(int(f.Fd()))
			t.once = t.once || !t.json && !t.screen
			return t.run(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&t.once, "once", false, "print one picture and end")
	cmd.Flags().BoolVar(&flags.JSON, "json", false, "print one JSON line for each pool")
	cmd.Flags().DurationVar(&t.period, "interval", time.Second, "time between two pictures")
	return cmd
}

func (t *top) run(ctx context.Context) error {
	for {
		pools, err := sched.Pools()
		if err != nil {
			return err
		}
		now := time.Now()
		if !t.looked.IsZero() {
			t.elapsed = now.Sub(t.looked)
		}
		t.looked = now
		if err := t.show(pools); err != nil || t.once {
			return err
		}
		t.before = make(map[string]sched.Stats)
		for _, s := range pools {
			t.before[s.Name] = s
		}
		select {
		case <-ctx.Done():
			return nil // Ctrl-C is how one leaves
		case <-time.After(t.period):
		}
	}
}

func (t *top) show(pools []sched.Stats) error {
	if t.json {
		enc := json.NewEncoder(t.out)
		for _, s := range pools {
			if err := enc.Encode(poolLineOf(s)); err != nil {
				return err
			}
		}
		return nil
	}
	var b strings.Builder
	if len(pools) == 0 {
		fmt.Fprintln(&b, "no pool is running")
	}
	for i, s := range pools {
		if i > 0 {
			fmt.Fprintln(&b)
		}
		t.pool(&b, s)
	}
	text := b.String()
	if t.screen { // from the first line on, each line cleared behind its end, and what is below
		if t.before == nil {
			io.WriteString(t.out, "\x1b[2J")
		}
		text = "\x1b[H" + strings.ReplaceAll(text, "\n", "\x1b[K\n") + "\x1b[J"
	}
	_, err := io.WriteString(t.out, text)
	return err
}

// pool prints one pool: a line for it, a table of its workers, a line for each loop.
func (t *top) pool(w io.Writer, s sched.Stats) {
	if s.Workers == nil {
		fmt.Fprintf(w, "%s (%d): a pool of another version of shmath\n", s.Program, s.PID)
		return
	}
	was, known := t.before[s.Name]
	known = known && len(was.Workers) == len(s.Workers) && t.elapsed > 0
	span := s.Uptime
	if known {
		span = t.elapsed
	} else {
		was = sched.Stats{Workers: make([]sched.WorkerStats, len(s.Workers))}
	}
	fmt.Fprintf(w, "%s (%d)  up %s  %s of shared memory  %s busy\n", s.Program, s.PID, ageText(s.Uptime), sizeText(s.Bytes),
		percent(s.Total().Run-was.Total().Run, span*time.Duration(len(s.Workers))))
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "WORKER\tPID\tCPU\tBUSY\tBLOCKS/S\tCALLS/S\tQUEUED\tWAKEUPS/S\tBLOCKS\tCALLS\tRESTARTS\t")
	for i, n := range s.Workers {
		p := was.Workers[i]
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%d\t%d\t%d\t\n", i, number(n.PID, 0), number(n.CPU, -1),
			percent(n.Run-p.Run, span), rate(n.Blocks, p.Blocks, span), rate(n.Calls, p.Calls, span),
			mean(n.CallWait-p.CallWait, n.Calls-p.Calls), rate(n.Wakeups, p.Wakeups, span), n.Blocks, n.Calls, n.Restarts)
	}
	table.Flush()
	for _, l := range s.Loops {
		left := "?"
		if l.Done > 0 {
			left = l.Left.Round(100 * time.Millisecond).String()
		}
		fmt.Fprintf(w, "loop %s  %s  %d of %d blocks  %v, %s left\n", l.Name, gauge(l.Done, l.Blocks), l.Done, l.Blocks,
			l.Elapsed.Round(100*time.Millisecond), left)
	}
	for _, text := range s.Advice {
		fmt.Fprintln(w, text)
	}
}

// number prints a number that is not there as a dash.
func number(n, none int) string {
	if n == none {
		return "-"
	}
	return fmt.Sprint(n)
}

func percent(part, whole time.Duration) string {
	if whole <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.0f %%", 100*min(max(float64(part)/float64(whole), 0), 1))
}

// rate is what was added to a count, in a second. A look may come between two stores that belong together.
func rate(now, before uint64, span time.Duration) string {
	if span <= 0 || now < before {
		return "0"
	}
	return fmt.Sprintf("%.0f", float64(now-before)/span.Seconds())
}

// mean is a time for each of n, or a dash.
func mean(sum time.Duration, n uint64) string {
	if n == 0 || n > 1<<62 || sum < 0 {
		return "-"
	}
	d := sum / time.Duration(n)
	if d > time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(10 * time.Nanosecond).String()
}

const gaugeWidth = 20

func gauge(done, all int) string {
	n := 0
	if all > 0 {
		n = min(max(done, 0)*gaugeWidth/all, gaugeWidth)
	}
	return "[" + strings.Repeat("#", n) + strings.Repeat(" ", gaugeWidth-n) + "]"
}

// poolLine is one line of top --json. Times are in seconds, counts since the pool began.
type poolLine struct {
	Version int          `json:"shmath"`
	Name    string       `json:"name"`
	Program string       `json:"program"`
	PID     int          `json:"pid"`
	Uptime  float64      `json:"uptime"`
	Bytes   int64        `json:"bytes"`
	Workers []workerLine `json:"workers"`
	Loops   []loopLine   `json:"loops"`
	Advice  []string     `json:"advice"`
}

type workerLine struct {
	PID         int     `json:"pid"`
	CPU         int     `json:"cpu"`
	Busy        bool    `json:"busy"`
	Utilisation float64 `json:"utilisation"`
	Run         float64 `json:"run"`
	CallWait    float64 `json:"call_wait"`
	LoopWait    float64 `json:"loop_wait"`
	Blocks      uint64  `json:"blocks"`
	Calls       uint64  `json:"calls"`
	Joins       uint64  `json:"joins"`
	Wakeups     uint64  `json:"wakeups"`
	Restarts    uint64  `json:"restarts"`
	Dropped     uint64  `json:"dropped"`
}

type loopLine struct {
	Name    string  `json:"name"`
	Done    int     `json:"done"`
	Blocks  int     `json:"blocks"`
	Elapsed float64 `json:"elapsed"`
	Left    float64 `json:"left"`
}

func poolLineOf(s sched.Stats) poolLine {
	line := poolLine{batch.EventVersion, s.Name, s.Program, s.PID, s.Uptime.Seconds(), s.Bytes, []workerLine{}, []loopLine{}, append([]string{}, s.Advice...)}
	for _, w := range s.Workers {
		line.Workers = append(line.Workers, workerLine{w.PID, w.CPU, w.Busy, w.Utilisation, w.Run.Seconds(), w.CallWait.Seconds(),
			w.LoopWait.Seconds(), w.Blocks, w.Calls, w.Joins, w.Wakeups, w.Restarts, w.Dropped})
	}
	for _, l := range s.Loops {
		line.Loops = append(line.Loops, loopLine{l.Name, l.Done, l.Blocks, l.Elapsed.Seconds(), l.Left.Seconds()})
	}
	return line
}
