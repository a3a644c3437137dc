package result

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// Baseline is what a gate holds a run against: it is committed, and written anew when a change for the worse is meant.
type Baseline struct {
	Schema       int                `json:"schema"`
	CPU          string             `json:"cpu"`
	ISA          string             `json:"isa"`
	Go           string             `json:"go"`
	Ratios       map[string]float64 `json:"ratios_to_limit"`     // by suite, contest and contender
	Instructions map[string]float64 `json:"instructions_per_op"` // by path
}

// Fall is a figure that is worse than its baseline allows.
type Fall struct {
	Name     string
	Old, New float64
	Allowed  float64 // the most that New might be
}

// String says it in words.
func (f Fall) String() string {
	if f.New == 0 {
		return f.Name + ": in the baseline, and not measured"
	}
	return fmt.Sprintf("%s: %.4g, baseline %.4g, allowed %.4g", f.Name, f.New, f.Old, f.Allowed)
}

// Ratios are the times of ours over those of the limit in the same contest. The shortest rounds count: what others do on a
// machine makes rounds longer, never shorter.
func Ratios(d *Document) map[string]float64 {
	all := map[string]float64{}
	for i := range d.Contests {
		c := &d.Contests[i]
		shortest := func(k *Contender) float64 { return slices.Min(k.Rounds) }
		limit := c.limit(shortest)
		if limit == nil {
			continue
		}
		for j := range c.Contenders {
			if k := &c.Contenders[j]; k.Ours() && shortest(limit) > 0 {
				all[key(c, k)] = shortest(k) / shortest(limit)
			}
		}
	}
	return all
}

// Better keeps the smaller of two figures under each name.
func Better(a, b map[string]float64) map[string]float64 {
	best := maps.Clone(b)
	if best == nil {
		best = map[string]float64{}
	}
	for name, v := range a {
		if w, ok := best[name]; !ok || v < w {
			best[name] = v
		}
	}
	return best
}

// Falls are the figures of a baseline that have become worse by more than a margin, 0.5 being half as much again, or that
// are not there. Figures that the baseline does not have pass.
func Falls(baseline, now map[string]float64, margin float64) []Fall {
	var all []Fall
	for _, name := range slices.Sorted(maps.Keys(baseline)) {
		old, figure := baseline[name], now[name]
		if allowed := old * (1 + margin); figure == 0 || figure > allowed {
			all = append(all, Fall{name, old, figure, allowed})
		}
	}
	return all
}

// SameGo says whether the baseline's instructions were made by this compiler: versions up to the second number.
func (b *Baseline) SameGo(version string) bool {
	minor := func(v string) string {
		return strings.Join(strings.SplitN(v, ".", 3)[:min(2, strings.Count(v, ".")+1)], ".")
	}
	return minor(b.Go) == minor(version)
}

// SameMachine says whether ratios of a run on another processor can be judged: copying, locking and computing have another
// relation to each other there.
func (b *Baseline) SameMachine(e *Environment) bool { return b.CPU == e.CPU && b.ISA == e.ISA }

// Write writes the baseline as JSON.
func (b *Baseline) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "\t")
	return e.Encode(b)
}

// ParseBaseline reads what Write wrote.
//
// Errors: ErrSchema, those of JSON.
func ParseBaseline(text []byte) (*Baseline, error) {
	b := new(Baseline)
	if err := json.Unmarshal(text, b); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrSchema, err)
	}
	if b.Schema != Schema {
		return nil, fmt.Errorf("%w: its schema is %d, this program reads %d", ErrSchema, b.Schema, Schema)
	}
	return b, nil
}

// ReadBaseline is ParseBaseline of a file.
func ReadBaseline(path string) (*Baseline, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	b, err := ParseBaseline(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}
