package result

import (
	"bytes"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

// document is a run of a limit, of ours and of a peer, with these medians.
func document(medians ...float64) *Document {
	k := Contest{Suite: "ring", Name: "Stream/size=64", Unit: "ns", Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	names := []string{"impl=memcpy", "impl=spsc", "impl=go-channel"}
	for i, m := range medians {
		rounds := []float64{m * 0.99, m, m * 1.01, m * 0.995, m * 1.005, m}
		k.Contenders = append(k.Contenders, Contender{Name: names[i], Limit: i == 0, Ops: 1000, Bytes: 64, Rounds: rounds, Summary: Summarise(rounds)})
	}
	k.Contenders[len(medians)-1].Peer = "go1.26"
	k.Relate()
	return &Document{Schema: Schema, Environment: NewEnvironment([]string{"bench", "ring"}, "avx2"), Seconds: 1.5,
		Noise: Noise{Wall: 1, CPUs: 2, Others: 0.5, Known: true}, Contests: []Contest{k},
		Absences: []Absence{{"ring", "Aeron", "no java"}}}
}

func TestDocument_RoundTrip(t *testing.T) {
	d := document(2, 3, 40)
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"schema": 1`, `"of_limit": 1.5`, `"level": 0.96875`, `"others_cpu_seconds": 0.5`, `"median": 40`} {
		if !strings.Contains(b.String(), field) {
			t.Errorf("no %s in\n%s", field, b.String())
		}
	}
	again, err := Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(d, again) {
		t.Errorf("wrote\n%+v\nread\n%+v", d, again)
	}
}

func TestRead_RefusesOthers(t *testing.T) {
	for _, text := range []string{"", "{}", `{"schema": 99}`, "BenchmarkX 1 2 ns/op"} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrSchema) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRelate_ToTheBestLimit(t *testing.T) {
	k := &document(4, 6, 40).Contests[0]
	k.Contenders[2].Limit = true // a slower one does not count
	k.Relate()
	if k.Contenders[1].OfLimit != 1.5 || k.Contenders[1].OfFirst != 1.5 {
		t.Errorf("%+v", k.Contenders[1])
	}
	if r := k.Contenders[1].MBps(); r < 10666 || r > 10667 {
		t.Errorf("64 bytes in 6 ns are %g MB/s", r)
	}
}

// Of limits that the same thing sets the fastest counts, of those that different things set the slowest.
func TestLimit_IsTheRoofline(t *testing.T) {
	c := Contest{}
	for name, k := range map[string]Contender{
		"cached": {Bound: Data, Summary: Summary{Median: 7}}, "streamed": {Bound: Data, Summary: Summary{Median: 5}},
		"fused": {Bound: Arithmetic, Summary: Summary{Median: 6}}, "divided": {Bound: Division, Summary: Summary{Median: 2}},
	} {
		k.Name, k.Limit = name, true
		c.Contenders = append(c.Contenders, k)
	}
	c.Contenders = append(c.Contenders, Contender{Name: "ours", Summary: Summary{Median: 12}})
	if limit := c.Limit(); limit == nil || limit.Name != "fused" {
		t.Fatalf("%+v", limit)
	}
	c.Relate()
	if ours := c.Contenders[4]; ours.OfLimit != 2 {
		t.Errorf("ours at twice the limit: %+v", ours)
	}
	if limit := (&Contest{Contenders: c.Contenders[4:]}).Limit(); limit != nil {
		t.Errorf("a limit where there is none: %+v", limit)
	}
}

func TestNewEnvironment_KnowsTheMachine(t *testing.T) {
	e := NewEnvironment([]string{"bench", "--quick"}, "avx2")
	if e.Command != "bench --quick" || e.Go == "" || e.CPU == "" || e.Commit == "" || e.Date.IsZero() {
		t.Errorf("%+v", e)
	}
	if _, err := os.Stat("/proc/stat"); err == nil && (e.Memory == 0 || e.Kernel == unknown || e.Cores == 0) {
		t.Errorf("%+v", e)
	}
}
