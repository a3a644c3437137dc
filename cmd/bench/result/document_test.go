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

func TestNewEnvironment_KnowsTheMachine(t *testing.T) {
	e := NewEnvironment([]string{"bench", "--quick"}, "avx2")
	if e.Command != "bench --quick" || e.Go == "" || e.CPU == "" || e.Commit == "" || e.Date.IsZero() {
		t.Errorf("%+v", e)
	}
	if _, err := os.Stat("/proc/stat"); err == nil && (e.Memory == 0 || e.Kernel == unknown || e.Cores == 0) {
		t.Errorf("%+v", e)
	}
}
