package main

import (
	"fmt"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Rings in C, C++ and Rust between two processes of their own, on the same two CPUs.

// ringProgram is one of them.
type ringProgram struct {
	source string
	needs  string
	cases  []ringCase
}

// ringCase is what takes part in contests of streams, or of round trips that spin.
type ringCase struct {
	name, asked string
	trip        bool
	limit       bool // as of a contender
	only        int  // this size; 0 for every size
}

var ringPrograms = []ringProgram{
	{"ring.c", "gcc", []ringCase{
		{name: "c-lamport", asked: "lamport"},
		{name: "c-lamport-backoff", asked: "backoff"},
		{name: "c-lamport-batch", asked: "batch"},
		{name: "c-slot", asked: "slot"},
		{name: "c-rigtorp-style", asked: "wrapping"},
		{name: "c-claim", asked: "claim"},
		{name: "c-claim-batch", asked: "claim-batch"},
		{name: "c-one-line", asked: "one-line", limit: true, trip: true, only: 8},
		{name: "c-two-lines", asked: "two-lines", limit: true, trip: true},
	}},
	{"ring_boost.cc", "g++ and libboost-dev", []ringCase{
		{name: "boost-spsc_queue", asked: "boost"},
		{name: "boost-spsc_queue-batch", asked: "boost-batch"},
		{name: "boost-spsc_queue", asked: "boost-trip", trip: true},
	}},
	{"iceoryx2", "cargo and make peers", []ringCase{
		{name: "iceoryx2", asked: "stream"},
		{name: "iceoryx2", asked: "trip", trip: true},
	}},
	{"mpi.c", "openmpi-bin and libopenmpi-dev", []ringCase{
		{name: "open-mpi", asked: "mpi"},
		{name: "open-mpi", asked: "mpi-trip", trip: true},
	}},
}

// startRingPeers starts those that can be built here, and says which cannot. The duels are those that they take part in,
// beside which of ours.
func startRingPeers(c *config, ours []duel) (peers, []duel, error) {
	home, away, err := pair()
	if err != nil {
		return nil, nil, err
	}
	var running peers
	var all []duel
	for _, r := range ringPrograms {
		p, err := r.start(strconv.Itoa(home), strconv.Itoa(away))
		if err != nil {
			c.absent(fmt.Sprintf("%s, which needs %s", r.source, r.needs), err.Error())
			continue
		}
		running = append(running, p)
		for _, k := range r.cases {
			all = append(all, k.beside(ours, p)...)
		}
	}
	return running, all, nil
}

func (r *ringProgram) start(home, away string) (*program, error) {
	if r.source == "iceoryx2" { // make peers builds it: that takes minutes
		return start(exec.Command(filepath.Join(peersFolder(), "iceoryx2/target/release/ring_iceoryx2"), home, away))
	}
	command, err := compiled(r.source)
	if err != nil {
		return nil, err
	}
	if r.source != "mpi.c" {
		return start(command(home, away))
	}
	// Shared memory alone; the program pins its ranks itself.
	return start(exec.Command("mpirun", "--allow-run-as-root", "-np", "2", "--bind-to", "none", "--oversubscribe",
		"--mca", "btl", "self,vader", command().Path, home, away))
}

// beside returns the case's duels: one in each contest of ours that it fits, with as many ops.
func (k ringCase) beside(ours []duel, p *program) []duel {
	var all []duel
	for _, o := range ours {
		contest, impl := path.Split(o.name)
		kind, size := "", 0
		if n, _ := fmt.Sscanf(strings.ReplaceAll(contest, "/", " "), "%s size=%d", &kind, &size); n != 2 || impl != "impl=spsc" {
			continue
		}
		if trip := kind == "RoundTrip"; trip != k.trip || strings.Contains(contest, "wait=sleep") || k.only != 0 && k.only != size {
			continue
		}
		asked := fmt.Sprintf("%s %d", k.asked, size)
		all = append(all, duel{name: contest + "impl=" + k.name, limit: k.limit, peer: p.version, ops: o.ops, bytes: o.bytes, timed: o.timed,
			turn: func(ops int, times *hdrhistogram.Histogram) (time.Duration, error) { return p.turn(asked, ops, times) }})
	}
	return all
}
