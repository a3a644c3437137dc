package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/shmath/shmath/batch"
	"github.com/shmath/shmath/shm"
)

func newList(flags *batch.Flags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "list the shared segments of this user: who made them, who is alive in them, what is stale",
		Args:  count(0, 0, "shmath ls"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			list, err := shm.List()
			if err != nil {
				return err
			}
			if flags.JSON {
				return listJSON(cmd.OutOrStdout(), list)
			}
			return listTable(cmd.OutOrStdout(), list, time.Now())
		},
	}
	cmd.Flags().BoolVar(&flags.JSON, "json", false, "print one JSON line for each segment")
	return cmd
}

func listTable(w io.Writer, list []shm.Info, now time.Time) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no segments")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tKIND\tSIZE\tRESERVED\tMADE BY\tAGE\tALIVE\tSTALE")
	for _, i := range list {
		stale := "no"
		if i.Stale() {
			stale = "yes"
		}
		fmt.Fprintf(t, "%s\t%v\t%s\t%s\t%s (%d)\t%s\t%s\t%s\n", i.Name, i.Lifetime, sizeText(i.Size), sizeText(i.Reserved),
			i.Program, i.PID, ageText(now.Sub(i.Created)), alive(i.Members), stale)
	}
	return t.Flush()
}

// alive lists the processes of a segment, each program once.
func alive(members []shm.MemberInfo) string {
	if len(members) == 0 {
		return "nobody"
	}
	var programs []string
	pids := make(map[string][]string)
	for _, m := range members {
		if pids[m.Program] == nil {
			programs = append(programs, m.Program)
		}
		pids[m.Program] = append(pids[m.Program], fmt.Sprint(m.PID))
	}
	for i, p := range programs {
		programs[i] = p + " (" + strings.Join(pids[p], " ") + ")"
	}
	return strings.Join(programs, ", ")
}

func sizeText(n int64) string {
	v, unit := float64(n), 0
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	for ; v >= 1024 && unit < len(units)-1; unit++ {
		v /= 1024
	}
	if unit == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[unit])
}

func ageText(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%dd", int(d.Hours()/24))
	case d >= time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%ds", int(max(d, 0).Seconds()))
}

// segmentLine is one line of ls --json.
type segmentLine struct {
	Version  int          `json:"shmath"`
	Name     string       `json:"name"`
	Kind     string       `json:"kind"`
	Size     int64        `json:"size"`
	Reserved int64        `json:"reserved"`
	Created  time.Time    `json:"created"`
	Program  string       `json:"program"`
	PID      int          `json:"pid"`
	Alive    []memberLine `json:"alive"`
	Stale    bool         `json:"stale"`
}

type memberLine struct {
	PID     int       `json:"pid"`
	Program string    `json:"program"`
	Joined  time.Time `json:"joined"`
}

func listJSON(w io.Writer, list []shm.Info) error {
	enc := json.NewEncoder(w)
	for _, i := range list {
		line := segmentLine{batch.EventVersion, i.Name, i.Lifetime.String(), i.Size, i.Reserved, i.Created, i.Program, i.PID,
			[]memberLine{}, i.Stale()}
		for _, m := range i.Members {
			line.Alive = append(line.Alive, memberLine{m.PID, m.Program, m.Joined})
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func newCollect() *cobra.Command {
	return &cobra.Command{
		Use:   "gc",
		Short: "remove the segments that dead processes left",
		Args:  count(0, 0, "shmath gc"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			removed, err := shm.Reap()
			for _, name := range removed {
				fmt.Fprintln(cmd.OutOrStdout(), "removed", name)
			}
			if err == nil && len(removed) == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing is stale")
			}
			return err
		},
	}
}

func newRemove() *cobra.Command {
	force := false
	cmd := &cobra.Command{
		Use:   "rm NAME...",
		Short: "remove a segment in which nobody is alive",
		Args:  count(1, -1, "shmath rm NAME"),
		RunE: func(cmd *cobra.Command, args []string) error {
			for _, name := range args {
				if err := shm.Remove(name, force); err != nil {
					return err
				}
				fmt.Fprintln(cmd.OutOrStdout(), "removed", name)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&force, "force", false, "even if processes are alive in it; they keep their memory")
	return cmd
}
