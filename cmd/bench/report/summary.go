package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shmath/shmath/cmd/bench/result"
)

// level is how near two times are to be called equal.
const level = 0.05

// Words says in plain sentences what a run found.
func Words(d *result.Document) []string {
	all := standings(d)
	list := append(limitWords(d, all), peerWords(all)...)
	if len(list) == 0 {
		list = []string{"This run has no work of shmath with a limit or a peer beside it."}
	}
	return list
}

// boundWords say what sets limits, in the order of a sentence.
var boundWords = []struct{ bound, what string }{
	{result.Data, "moving the data"},
	{result.Arithmetic, "multiplying and adding"},
	{result.Division, "dividing and taking roots"},
	{"", "a bare word, line, system call or process"},
}

// byBound says how near the limits are that each thing sets.
func byBound(d *result.Document) string {
	ratios := map[string][]float64{}
	for i := range d.Contests {
		c := &d.Contests[i]
		if limit, ours := c.Limit(), c.Best((*result.Contender).Ours); limit != nil && ours != nil && ours.Median > 0 {
			ratios[limit.Bound] = append(ratios[limit.Bound], limit.Median/ours.Median)
		}
	}
	var list []string
	for _, b := range boundWords {
		if of := ratios[b.bound]; len(of) > 0 {
			list = append(list, fmt.Sprintf("%s where it is %s (figures: %d)", percent(result.GeometricMean(of)), b.what, len(of)))
		}
	}
	return strings.Join(list, "; ")
}

func limitWords(d *result.Document, all []standing) []string {
	var with []standing
	var ratios []float64
	for _, s := range all {
		if s.limit > 0 {
			with, ratios = append(with, s), append(ratios, s.limit)
		}
	}
	if len(with) == 0 {
		return nil
	}
	slices.SortStableFunc(with, func(a, b standing) int { return cmp.Compare(b.limit, a.limit) })
	first, last := with[0], with[len(with)-1]
	list := []string{fmt.Sprintf("Beside the limits: over %s with a limit measured in the same run, shmath reaches %s of it (geometric mean).",
		kinds(len(with)), percent(result.GeometricMean(ratios)))}
	list[0] += " By what the limit is: " + byBound(d) + "."
	if len(with) > 1 {
		list[0] += fmt.Sprintf(" Nearest: %s with %s. Farthest: %s with %s.", named(&first), percent(first.limit), named(&last), percent(last.limit))
	}
	var beaten []string
	for _, s := range with {
		if s.limit > 1+level {
			beaten = append(beaten, named(&s))
		}
	}
	if len(beaten) > 0 {
		why := "a limit is the best that a plain program does on this machine, and in %s shmath does better"
		if d.Noise.Noisy() {
			why = "others used this machine, and in %s they took more from the turns of the limit than from ours, or shmath does better than a plain program"
		}
		list = append(list, fmt.Sprintf("More than 100 %% is no error of arithmetic: "+why+".", some(beaten, 6)))
	}
	return list
}

func peerWords(all []standing) []string {
	ahead, equal, behind, ratios := 0, 0, 0, []float64{}
	each, order := map[string][]float64{}, []string{}
	for _, s := range all {
		b := s.best()
		if b == nil {
			continue
		}
		ratios = append(ratios, b.ratio)
		switch {
		case b.ratio > 1+level:
			ahead++
		case b.ratio < 1-level:
			behind++
		default:
			equal++
		}
		for _, p := range s.peers {
			if each[p.peer] == nil {
				order = append(order, p.peer)
			}
			each[p.peer] = append(each[p.peer], p.ratio)
		}
	}
	if len(ratios) == 0 {
		return nil
	}
	list := []string{fmt.Sprintf("Beside the peers: in %s with a peer, shmath is ahead of the best of them in %d, level (within %.0f %%) in %d and behind in %d. The best peer takes %s as long (geometric mean).",
		kinds(len(ratios)), ahead, 100*level, equal, behind, times(result.GeometricMean(ratios)))}
	slices.SortStableFunc(order, func(a, b string) int {
		return cmp.Compare(result.GeometricMean(each[b]), result.GeometricMean(each[a]))
	})
	var peers []string
	for _, p := range order {
		peers = append(peers, fmt.Sprintf("%s %s (%d)", p, times(result.GeometricMean(each[p])), len(each[p])))
	}
	list = append(list, "Time over ours, geometric mean, and in how many kinds of work: "+strings.Join(peers, "; ")+".")
	if behind == 0 {
		return append(list, "Behind: nowhere in this run.")
	}
	return list
}

// lost says where a peer is ahead of us, the worst first.
func lost(all []standing) []string {
	var behind []standing
	for _, s := range all {
		if b := s.best(); b != nil && b.ratio < 1-level {
			behind = append(behind, s)
		}
	}
	slices.SortStableFunc(behind, func(a, b standing) int { return cmp.Compare(a.best().ratio, b.best().ratio) })
	var where []string
	for _, s := range behind {
		where = append(where, fmt.Sprintf("%s (%s needs %s of our time)", named(&s), s.best().peer, percent(s.best().ratio)))
	}
	return where
}

func kinds(n int) string {
	if n == 1 {
		return "one kind of work"
	}
	return fmt.Sprintf("%d kinds of work", n)
}

func named(s *standing) string { return s.suite + ": " + s.name }

func percent(v float64) string { return digits(100*v) + " %" }

// some lists names, and counts those beyond most.
func some(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, "; ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], "; "), len(names)-most)
}

// suiteRow is a suite in one line.
type suiteRow struct {
	suite, limit, peer string
	works, behind      int
}

func suiteRows(d *result.Document) []suiteRow {
	all := standings(d)
	var rows []suiteRow
	for _, name := range suitesOf(d) {
		row := suiteRow{suite: name, limit: "–", peer: "–"}
		var limits, peers []float64
		for i := range all {
			if all[i].suite != name {
				continue
			}
			row.works++
			if all[i].limit > 0 {
				limits = append(limits, all[i].limit)
			}
			if b := all[i].best(); b != nil {
				peers = append(peers, b.ratio)
				if b.ratio < 1-level {
					row.behind++
				}
			}
		}
		if len(limits) > 0 {
			row.limit = percent(result.GeometricMean(limits))
		}
		if len(peers) > 0 {
			row.peer = times(result.GeometricMean(peers))
		}
		rows = append(rows, row)
	}
	return rows
}

// method says how figures come about.
const method = "Each kind of work is a contest: its contenders take turns, round by round, after a warm-up, on the same pinned CPUs. " +
	"A figure is the median of the rounds; ± is half of its confidence interval, from order statistics, which assume nothing of the distribution. " +
	"A contest ends when all intervals are within 2 %, or when its rounds, a contender's time or the suite's share of the run are used up; the level is 95 % from six rounds on, " +
	"and stated where it is less. Outliers are marked, never removed. Where single operations are timed, the figure of a round is its median operation. " +
	"A limit is what the bare hardware or system call does in the same contest. For kernels it is that of the roofline model: the longer of two times, " +
	"to load and store as many bytes and do nothing else, and to do as many multiplications, additions or divisions as the kernel's own code has, in registers, none waiting for another. " +
	"Where no such bound is known, as for functions that a user writes, no limit is given, and the share of limits leaves them out."

// facts describe the machine and the run, as pairs of a name and what is said of it.
func facts(d *result.Document) [][2]string {
	e := &d.Environment
	list := [][2]string{
		{"Date", e.Date.Format("2006-01-02 15:04 MST")},
		{"Command", e.Command},
		{"Commit", e.Commit},
		{"Machine", e.Machine},
		{"Processor", fmt.Sprintf("%s, %d CPUs, %d cores, kernels for %s", e.CPU, e.CPUs, e.Cores, e.ISA)},
		{"Caches", e.Caches},
		{"Memory", binary(float64(e.Memory)) + "B"},
		{"System", fmt.Sprintf("%s/%s, kernel %s", e.OS, e.Arch, e.Kernel)},
		{"Governor", e.Governor},
		{"Go", e.Go},
		{"Load before", digits(e.Load)},
		{"Others", d.Noise.String()},
		{"Time taken", duration(1e9 * d.Seconds)},
	}
	if peers := versions(d); peers != "" {
		list = append(list, [2]string{"Peers", peers})
	}
	return list
}

// versions lists the peers that took part.
func versions(d *result.Document) string {
	var all []string
	for i := range d.Contests {
		for _, k := range d.Contests[i].Contenders {
			if k.Peer != "" && !slices.Contains(all, k.Peer) {
				all = append(all, k.Peer)
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// warnings are what a reader must know before he believes a figure.
func warnings(d *result.Document) []string {
	var list []string
	if d.Noise.Noisy() {
		noisy := 0
		for i := range d.Contests {
			if d.Contests[i].Noise.Noisy() {
				noisy++
			}
		}
		list = append(list, fmt.Sprintf("This machine was %s; %d of %d contests were disturbed. Ratios within a contest count, absolute figures do not.",
			d.Noise.String(), noisy, len(d.Contests)))
	}
	if d.Quick {
		list = append(list, "A quick run: short turns and few rounds, with wide intervals.")
	}
	return list
}

// again is the command that measures a suite anew.
func again(suite string) string { return "go run ./cmd/bench --html report.html " + suite }
