package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/cmd/bench/report"
	"github.com/shmath/shmath/cmd/bench/result"
)

func newCompare() *cobra.Command {
	threshold, all := 5.0, false
	c := &cobra.Command{
		Use:   "compare BEFORE.json AFTER.json",
		Short: "compare two runs; ends with 1 when something of ours is surely worse",
		Long: "compare compares each contender with itself in another run, by the U test of Mann and Whitney at 0.05.\n" +
			"It ends with 1 when a figure of ours is worse by more than --threshold and not by chance, with 0 otherwise.",
		Args: exactly(2),
		RunE: func(c *cobra.Command, args []string) error {
			before, err := result.ReadFile(args[0])
			if err != nil {
				return err
			}
			after, err := result.ReadFile(args[1])
			if err != nil {
				return err
			}
			k := result.Compare(before, after)
			if err := printComparison(c.OutOrStdout(), before, after, k, all); err != nil {
				return err
			}
			if worse := k.Worse(threshold / 100); len(worse) > 0 {
				return fmt.Errorf("compare: %d figures of ours are worse by more than %g %%, and not by chance", len(worse), threshold)
			}
			return nil
		},
	}
	c.Flags().Float64Var(&threshold, "threshold", threshold, "by how many percent a figure of ours may be worse")
	c.Flags().BoolVar(&all, "all", false, "also figures whose difference may be chance")
	return c
}

func printComparison(w io.Writer, before, after *result.Document, k *result.Compared, all bool) error {
	for _, e := range []struct{ what, old, now string }{
		{"commit", before.Environment.Commit, after.Environment.Commit}, {"CPU", before.Environment.CPU, after.Environment.CPU},
		{"kernel", before.Environment.Kernel, after.Environment.Kernel}, {"Go", before.Environment.Go, after.Environment.Go},
		{"others", before.Noise.String(), after.Noise.String()},
	} {
		if e.old != e.now {
			fmt.Fprintf(w, "%s: %s -> %s\n", e.what, e.old, e.now)
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nwork\tbefore\tafter\tchange\tp")
	sure, alike := 0, 0
	for _, c := range k.Changes {
		if !c.Sure {
			alike++
			if !all {
				continue
			}
		}
		change := "~"
		if c.Sure {
			sure++
			change = fmt.Sprintf("%+.1f %%", 100*(c.Factor-1))
		}
		fmt.Fprintf(t, "%s %s/%s\t%s\t%s\t%s\t%.3f\n", c.Suite, c.Contest, c.Contender, report.Value(c.Old, c.Unit), report.Value(c.New, c.Unit), change, c.P)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n%d figures differ, %d do not; of so many, about %d differ by chance.\n", sure, alike, (sure+alike+10)/20)
	fmt.Fprintf(w, "Ours after over before, geometric mean: %.3f.\n", k.Mean)
	for _, one := range []struct {
		what  string
		names []string
	}{{"before", k.OldOnly}, {"after", k.NewOnly}} {
		if len(one.names) > 0 {
			fmt.Fprintf(w, "Only %s: %d, as %s.\n", one.what, len(one.names), one.names[0])
		}
	}
	return nil
}
