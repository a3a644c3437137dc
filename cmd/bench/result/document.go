package result

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// Schema is the version of the document. It grows when a field changes its meaning or goes; new fields leave it alone.
const Schema = 1

// ErrSchema is returned by Read for a document of another version, or for what is no document.
var ErrSchema = errors.New("result: not a document of this version of bench")

// Document is all that one run measured.
type Document struct {
	Schema      int         `json:"schema"`
	Environment Environment `json:"environment"`
	Quick       bool        `json:"quick,omitempty"` // shorter turns, fewer rounds: figures to look at, not to keep
	Seconds     float64     `json:"seconds"`         // of the whole run
	Noise       Noise       `json:"noise"`           // of the whole run
	Contests    []Contest   `json:"contests"`
	Absences    []Absence   `json:"absences,omitempty"`
}

// Absence is a peer that could not take part.
type Absence struct {
	Suite string `json:"suite"`
	Peer  string `json:"peer"`
	Why   string `json:"why"`
}

// Contest is one piece of work and the ways to do it.
type Contest struct {
	Suite      string      `json:"suite"`
	Name       string      `json:"name"` // Work/key=value/key=value
	Unit       string      `json:"unit"` // of the contenders' figures: ns, for each operation, unless it is no time
	Began      time.Time   `json:"began"`
	Noise      Noise       `json:"noise"`
	Contenders []Contender `json:"contenders"`
}

// Contender is one way to do the work of a contest. The first contender of a contest, or those marked as limit, are what
// the others are held against.
type Contender struct {
	Name         string  `json:"name"` // key=value/key=value
	Limit        bool    `json:"limit,omitempty"`
	Bound        string  `json:"bound,omitempty"` // of a limit: what sets it, as Data; empty for the bare operation
	Peer         string  `json:"peer,omitempty"`  // name and version of the other library or program; empty for ours
	Ops          int     `json:"ops"`             // in each round
	Bytes        int64   `json:"bytes_per_op,omitempty"`
	Flops        int64   `json:"flops_per_op,omitempty"`
	FlopsPerByte float64 `json:"flops_per_byte,omitempty"`

	Rounds  []float64 `json:"rounds"` // in the order in which they were measured
	Summary           // of Rounds
	Latency *Latency  `json:"latency,omitempty"`
	OfFirst float64   `json:"of_first"`           // this median over that of the first contender
	OfLimit float64   `json:"of_limit,omitempty"` // this median over that of the contest's limit; 0 if it has none
}

// Latency is the distribution of single operations, all rounds together, in nanoseconds.
type Latency struct {
	Count int64        `json:"count"`
	P50   int64        `json:"p50"`
	P90   int64        `json:"p90"`
	P99   int64        `json:"p99"`
	P999  int64        `json:"p999"`
	Max   int64        `json:"max"`
	Curve [][2]float64 `json:"curve"` // percentile (0 to 100) and nanoseconds
}

// MBps is the throughput in 10^6 bytes a second; 0 when bytes mean nothing.
func (k *Contender) MBps() float64 {
	if k.Median == 0 {
		return 0
	}
	return float64(k.Bytes) / k.Median * 1e3
}

// GFlops is 10^9 floating-point operations a second; 0 when they mean nothing.
func (k *Contender) GFlops() float64 {
	if k.Median == 0 {
		return 0
	}
	return float64(k.Flops) / k.Median
}

// Intensity is floating-point operations for each byte of memory traffic; 0 when unknown.
func (k *Contender) Intensity() float64 {
	if k.FlopsPerByte > 0 {
		return k.FlopsPerByte
	}
	if k.Bytes > 0 {
		return float64(k.Flops) / float64(k.Bytes)
	}
	return 0
}

// Ours says whether the contender is neither a peer nor a limit.
func (k *Contender) Ours() bool { return !k.Limit && k.Peer == "" }

// Best returns the fastest of the contenders that are chosen, nil if there is none.
func (c *Contest) Best(chosen func(*Contender) bool) *Contender {
	var best *Contender
	for i := range c.Contenders {
		if k := &c.Contenders[i]; chosen(k) && (best == nil || k.Median < best.Median) {
			best = k
		}
	}
	return best
}

// What sets limits.
const (
	Data       = "data"       // to load and to store
	Arithmetic = "arithmetic" // to multiply and add
	Division   = "division"   // to divide and to take roots
)

// Limit returns what no program can beat, nil if there is no limit. Of limits that the same thing sets the fastest counts,
// as of copies through the caches and around them; of those that different things set the slowest: work that needs both
// data and arithmetic is bound by what takes longer (the roofline model).
func (c *Contest) Limit() *Contender {
	return c.limit(func(k *Contender) float64 { return k.Median })
}

// limit is Limit by the figures of a choice.
func (c *Contest) limit(figure func(*Contender) float64) *Contender {
	best := map[string]*Contender{}
	for i := range c.Contenders {
		if k := &c.Contenders[i]; k.Limit && (best[k.Bound] == nil || figure(k) < figure(best[k.Bound])) {
			best[k.Bound] = k
		}
	}
	var limit *Contender
	for _, k := range best {
		if limit == nil || figure(k) > figure(limit) {
			limit = k
		}
	}
	return limit
}

// IsPeer chooses other libraries and programs, for Best.
func IsPeer(k *Contender) bool { return !k.Limit && k.Peer != "" }

// Relate sets the ratios of all contenders to the first and to the limit.
func (c *Contest) Relate() {
	if len(c.Contenders) == 0 {
		return
	}
	first, limit := c.Contenders[0].Median, c.Limit()
	for i := range c.Contenders {
		k := &c.Contenders[i]
		k.OfFirst, k.OfLimit = ratio(k.Median, first), 0
		if limit != nil {
			k.OfLimit = ratio(k.Median, limit.Median)
		}
	}
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// Write writes the document as JSON.
func (d *Document) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	return e.Encode(d)
}

// Read reads what Write wrote.
//
// Errors: ErrSchema, those of reading and of JSON.
func Read(r io.Reader) (*Document, error) {
	d := new(Document)
	if err := json.NewDecoder(r).Decode(d); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if d.Schema != Schema {
		return nil, fmt.Errorf("%w: its schema is %d, this program reads %d", ErrSchema, d.Schema, Schema)
	}
	return d, nil
}

// ReadFile is Read of a file.
func ReadFile(path string) (*Document, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	d, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return d, nil
}
