package batch

import (
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// EventVersion is the version of the events that --json prints, in the field shmath of each line. It is raised when a
// field changes its meaning, not when one is added.
const EventVersion = 1

// EventKind says what has happened.
type EventKind string

// The kinds of events, in the order in which a run sends them.
const (
	Started    EventKind = "start"    // workers are ready: Job, Workers, CPUs, Shared
	Progressed EventKind = "progress" // a step is running: Label, Done, Total; about ten times a second
	Stepped    EventKind = "step"     // a step has ended: Label, Line, Seconds, Elements, Bytes, Passes, CPUs
	Scalar     EventKind = "scalar"   // a number to print: Name, Value
	Written    EventKind = "file"     // a file or segment has its name: Name, Path, Bytes
	Finished   EventKind = "done"     // Seconds
	Failed     EventKind = "error"    // Message, Code; only from commands
)

// Event is something that a run tells its Options.Listen.
type Event struct {
	Kind     EventKind     `json:"event"`
	Job      string        `json:"job,omitempty"`
	Workers  int           `json:"workers,omitempty"`
	CPUs     []int         `json:"cpus,omitempty"`
	Shared   []int         `json:"shared,omitempty"` // CPUs on which workers of another program live as well
	Label    string        `json:"label,omitempty"`
	Line     int           `json:"line,omitempty"` // of the job file
	Done     int           `json:"done,omitempty"` // blocks
	Total    int           `json:"total,omitempty"`
	Elements int           `json:"elements,omitempty"`
	Bytes    int64         `json:"bytes,omitempty"` // really read and written by a step, or the size of a file
	Passes   int           `json:"passes,omitempty"`
	Took     time.Duration `json:"-"` // Seconds in JSON
	Name     string        `json:"name,omitempty"`
	Value    any           `json:"-"` // bool, int64, float32 or float64
	Path     string        `json:"path,omitempty"`
	Message  string        `json:"message,omitempty"`
	Code     int           `json:"code,omitempty"`
}

// MarshalJSON adds the version and writes numbers with their shortest digits; nan and inf, which JSON lacks, are strings.
func (e Event) MarshalJSON() ([]byte, error) {
	type plain Event
	w := struct {
		Version int `json:"shmath"`
		plain
		Seconds *float64 `json:"seconds,omitempty"`
		Value   any      `json:"value,omitempty"`
	}{Version: EventVersion, plain: plain(e)}
	if e.Kind == Stepped || e.Kind == Finished {
		s := e.Took.Seconds()
		w.Seconds = &s
	}
	switch v := e.Value.(type) {
	case nil:
	case bool:
		w.Value = v
	default:
		w.Value = json.Number(FormatScalar(v))
		if f, ok := asFloat(v); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			w.Value = FormatScalar(v)
		}
	}
	return json.Marshal(w)
}

// asFloat is a scalar result as a float64.
func asFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// rate says how fast a step was: bytes and elements per second.
func (e Event) rate() string {
	s := max(e.Took.Seconds(), 1e-9)
	text := ""
	if e.Elements > 0 {
		text = fmt.Sprintf("%8s M elem/s", threeDigits(float64(e.Elements)/s/1e6))
	}
	if e.Bytes > 0 {
		text = fmt.Sprintf("%6s GB/s  ", threeDigits(float64(e.Bytes)/s/1e9)) + text
	}
	return text
}

// threeDigits writes a positive figure with about three digits.
func threeDigits(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// shortTime writes a duration with about three digits.
func shortTime(d time.Duration) string {
	switch s := d.Seconds(); {
	case s >= 100:
		return d.Round(time.Second).String()
	case s >= 1:
		return threeDigits(s) + " s"
	case s >= 1e-3:
		return threeDigits(s*1e3) + " ms"
	default:
		return threeDigits(s*1e6) + " µs"
	}
}
