package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/cmd/bench/result"
)

// The gate is what a change has to pass: ratios to limits of a few contests on one CPU, and instructions of hot paths.

// baselineFile is what is committed; bench gate --write writes it.
//
//go:embed baseline.json
var baselineFile []byte

// gateContests are quick, need one CPU, and have a limit that is measured within the same milliseconds.
var gateContests = []string{
	"Mutex/case=uncontended", "Semaphore/case=uncontended",
	"Kernel/op=add/level=L1", "Kernel/op=sum/level=L1", "Kernel/op=dot/level=L2", "Kernel/op=exp/level=L1",
	"Dgemm/n=256", "Sgemm/n=512",
}

var gateSuites = []string{"sync", "blas", "kernels"}

// gateTries is how often ratios are measured before they are said to have fallen: the machine may be busy.
const gateTries = 4

// gateMargins are by how many percent figures may be worse.
type gateMargins struct{ ratio, instructions float64 }

func newGate() *cobra.Command {
	m, path, write := gateMargins{50, 5}, "", ""
	c := &cobra.Command{
		Use:   "gate [RUN.json]",
		Short: "fail when ratios to limits, or instructions of hot paths, are worse than the baseline allows",
		Long: "gate measures a few ratios to limits and counts the instructions of hot paths by Valgrind, or judges the ratios of a run.\n" +
			"It ends with 1 when one is worse than in the baseline by more than a margin. What cannot be judged here is said.",
		Args: func(c *cobra.Command, args []string) error {
			if err := cobra.MaximumNArgs(1)(c, args); err != nil {
				return errUsage{err}
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if write != "" {
				return writeBaseline(write)
			}
			b, err := result.ParseBaseline(baselineFile)
			if path != "" {
				b, err = result.ReadBaseline(path)
			}
			if err != nil {
				return err
			}
			err = gateRatios(c.OutOrStdout(), b, args, m.ratio/100)
			if len(args) == 0 {
				err = errors.Join(err, gateInstructions(c.OutOrStdout(), b, m.instructions/100))
			}
			return err
		},
	}
	f := c.Flags()
	f.Float64Var(&m.ratio, "margin", m.ratio, "by how many percent a ratio to a limit may be worse")
	f.Float64Var(&m.instructions, "instructions-margin", m.instructions, "by how many percent instructions may be more")
	f.StringVar(&path, "baseline", "", "hold against this `FILE`, not against the committed one")
	f.StringVar(&write, "write", "", "measure, and write a baseline into this `FILE`")
	return c
}

// gateRun measures the contests of the gate.
func gateRun() (*result.Document, error) {
	c := &config{quick: true, rounds: 15, only: gateContests, out: quiet{}}
	return c.doc, c.run(gateSuites)
}

// gateRatios measures until nothing has fallen, or the tries are used up. A run that is given is judged as it is.
func gateRatios(w io.Writer, b *result.Baseline, runs []string, margin float64) error {
	var falls []result.Fall
	best := map[string]float64{}
	for try := range gateTries {
		var d *result.Document
		var err error
		if len(runs) > 0 {
			d, err = result.ReadFile(runs[0])
		} else {
			d, err = gateRun()
		}
		if err != nil {
			return err
		}
		if !b.SameMachine(&d.Environment) {
			fmt.Fprintf(w, "gate: ratios to limits are not judged: the baseline is of %s with %s, this is %s with %s\n", b.CPU, b.ISA, d.Environment.CPU, d.Environment.ISA)
			return nil
		}
		best = result.Better(best, result.Ratios(d))
		falls = result.Falls(b.Ratios, best, margin)
		if len(falls) == 0 {
			fmt.Fprintf(w, "gate: %d ratios to limits hold (%s)\n", len(b.Ratios), d.Noise.String())
			return nil
		}
		fmt.Fprintf(w, "gate: try %d: %d ratios have fallen (%s)\n", try+1, len(falls), d.Noise.String())
		if len(runs) > 0 {
			break
		}
	}
	return fallen("ratio to the limit", falls)
}

func fallen(what string, falls []result.Fall) error {
	var all []error
	for _, f := range falls {
		all = append(all, fmt.Errorf("gate: %s: %s", what, f))
	}
	return errors.Join(all...)
}

// gateInstructions counts, where Valgrind is and the compiler is the baseline's.
func gateInstructions(w io.Writer, b *result.Baseline, margin float64) error {
	if _, err := exec.LookPath("valgrind"); err != nil {
		fmt.Fprintln(w, "gate: instructions are not counted: valgrind is not installed")
		return nil
	}
	if e := result.NewEnvironment(nil, ""); !b.SameGo(e.Go) {
		fmt.Fprintf(w, "gate: instructions are not judged: the baseline is of %s, this is %s\n", b.Go, e.Go)
		return nil
	}
	now, err := countAll()
	if err != nil {
		return err
	}
	if falls := result.Falls(b.Instructions, now, margin); len(falls) > 0 {
		return fallen("instructions of an op", falls)
	}
	fmt.Fprintf(w, "gate: instructions of %d hot paths hold\n", len(b.Instructions))
	return nil
}

func countAll() (map[string]float64, error) {
	all := map[string]float64{}
	for _, p := range hotPaths {
		n, err := p.instructions()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.name, err)
		}
		all[p.name] = n
	}
	return all, nil
}

// writeBaseline measures as often as the gate does, so that the best of each is what the gate can meet.
func writeBaseline(path string) error {
	if err := tryFile(path); err != nil {
		return err
	}
	b := &result.Baseline{Schema: result.Schema}
	for range gateTries {
		d, err := gateRun()
		if err != nil {
			return err
		}
		b.CPU, b.ISA, b.Go = d.Environment.CPU, d.Environment.ISA, d.Environment.Go
		b.Ratios = result.Better(b.Ratios, result.Ratios(d))
	}
	var err error
	if b.Instructions, err = countAll(); err != nil {
		return err
	}
	return writeFile(path, b.Write)
}
