package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shmath/shmath/cmd/bench/result"
)

func contender(name string, median float64, more func(k *result.Contender)) result.Contender {
	rounds := []float64{median, median * 0.99, median * 1.01, median, median * 0.98, median * 1.02}
	k := result.Contender{Name: name, Ops: 10, Rounds: rounds, Summary: result.Summarise(rounds)}
	if more != nil {
		more(&k)
	}
	return k
}

// made is a run of each shape that is drawn: sizes, levels, workers, latencies, bytes of memory, limits alone.
func made() *result.Document {
	d := &result.Document{Schema: result.Schema, Seconds: 12, Quick: true,
		Environment: result.Environment{Date: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC), Command: "bench --html <report>", Commit: "abc", CPU: "A & B", Go: "go1.26"},
		Noise:       result.Noise{Wall: 10, CPUs: 2, Others: 4, Known: true},
		Absences:    []result.Absence{{Suite: "ring", Peer: "Aeron", Why: "no <java>"}}}
	add := func(suite, name, unit string, all ...result.Contender) {
		k := result.Contest{Suite: suite, Name: name, Unit: unit, Contenders: all}
		k.Relate()
		d.Contests = append(d.Contests, k)
	}
	limit := func(bytes, flops int64) func(*result.Contender) {
		return func(k *result.Contender) { k.Limit, k.Bytes, k.Flops = true, bytes, flops }
	}
	peer := func(name string, bytes, flops int64) func(*result.Contender) {
		return func(k *result.Contender) { k.Peer, k.Bytes, k.Flops = name, bytes, flops }
	}
	for i, level := range []string{"L1", "L2", "L3", "memory"} {
		slow := math.Pow(3, float64(i))
		for _, op := range []string{"add", "sum"} {
			add("kernels", "Kernel/op="+op+"/level="+level, "ns", contender("impl=limit-copy", 10*slow, limit(2400, 0)),
				contender("impl=shmath", 20*slow, peer("", 2400, 100)), contender("impl=gonum", 60*slow, peer("gonum v0.17.0", 2400, 100)))
		}
	}
	for _, n := range []int{8, 64, 512} {
		flops := int64(2 * n * n * n)
		add("blas", fmt.Sprintf("Dgemm/n=%d", n), "ns", contender("impl=peak-fma", float64(flops)/100, limit(0, flops)),
			contender("impl=shmath", float64(flops)/80, func(k *result.Contender) { k.Flops, k.FlopsPerByte = flops, float64(n)/16 }),
			contender("impl=numpy", float64(flops)/60, peer("NumPy 2.0", 0, flops)))
	}
	times := func(k *result.Contender) {
		k.Latency = &result.Latency{Count: 5000, P50: 100, P99: 300, Max: 900, Curve: [][2]float64{{0, 80}, {50, 100}, {99, 300}, {99.9, 700}, {100, 900}}}
	}
	add("ring", "RoundTrip/size=8/wait=spin", "ns", contender("impl=two-lines", 90, func(k *result.Contender) { times(k); k.Limit = true }),
		contender("impl=spsc", 110, times), contender("impl=go-channel", 100, func(k *result.Contender) { times(k); k.Peer = "go1.26" }))
	add("jobs", "Bootstrap", "ns", contender("workers=1/backend=processes", 4e9, nil), contender("workers=2/backend=processes", 2e9, nil))
	add("memory", "Worker", "B", contender("what=rss", 2<<20, nil), contender("what=python", 9<<20, peer("CPython 3.13", 0, 0)))
	add("limits", "Futex", "ns", contender("op=wake", 140, limit(0, 0)))
	return d
}

func page1(t *testing.T, d *result.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parse fails on what is not well-formed, and returns the elements by name.
func parse(t *testing.T, text string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return count
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			count[e.Name.Local]++
		}
	}
}

func TestHTML_HasEachPlot(t *testing.T) {
	text := page1(t, made())
	count := parse(t, text)
	// roofline; ratios of kernels, blas, ring, memory; curves add, sum, Dgemm; scaling of jobs; latency of ring
	if want := 1 + 4 + 3 + 1 + 1; count["figure"] != want || count["svg"] != want || count["figcaption"] != want {
		t.Errorf("%d figures, %d pictures, %d captions; want %d", count["figure"], count["svg"], count["figcaption"], want)
	}
	for _, title := range []string{"Roofline, one core", "kernels: time over ours", "add", "Dgemm", "Bootstrap", "RoundTrip, size 8, spin"} {
		if !strings.Contains(text, "<title>"+title+"</title>") {
			t.Errorf("no picture %q", title)
		}
	}
	for _, said := range []string{"noisy: others used 20 %", "A quick run", "A &amp; B", "no &lt;java&gt;", "prefers-color-scheme: dark", "@media print", "viewport",
		"go run ./cmd/bench --html report.html ring", "Behind, the farthest first", "ring: RoundTrip, size 8, spin (Go needs 90.9 % of our time)"} {
		if !strings.Contains(text, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
}

func TestHTML_NeedsNoNetwork(t *testing.T) {
	text := strings.ReplaceAll(page1(t, made()), `xmlns="http://www.w3.org/2000/svg"`, "")
	if found := regexp.MustCompile(`(?i)(https?:|//[a-z]|@import|url\(|<script|<link|<img|src=)`).FindString(text); found != "" {
		t.Errorf("the page reaches out: %q", found)
	}
}

func TestHTML_OfAnEmptyRun(t *testing.T) {
	parse(t, page1(t, &result.Document{Schema: result.Schema}))
}

func TestPictures_StayInside(t *testing.T) {
	number := regexp.MustCompile(` (x|y|cx|cy|x1|y1|x2|y2)="([^"]+)"`)
	for _, g := range Figures(made()) {
		for _, m := range number.FindAllStringSubmatch(g.body.b.String(), -1) {
			var v float64
			if _, err := fmt.Sscan(m[2], &v); err != nil || math.IsNaN(v) || math.IsInf(v, 0) {
				t.Fatalf("%s: %s=%q", g.Name, m[1], m[2])
			}
			most := g.body.width
			if strings.Contains(m[1], "y") {
				most = g.body.height
			}
			if v < -1 || v > most+1 {
				t.Errorf("%s: %s=%g is outside of %g", g.Name, m[1], v, most)
			}
		}
	}
}

func TestMarkdown_ShowsWhatFiguresWrites(t *testing.T) {
	d := made()
	var b bytes.Buffer
	if err := Markdown(&b, d, "BENCHMARKS"); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	all := Figures(d)
	if len(all) < 8 {
		t.Errorf("only %d pictures", len(all))
	}
	for _, g := range all {
		if n := strings.Count(text, "(BENCHMARKS/"+g.Name+".svg)"); n != 1 {
			t.Errorf("%s.svg is shown %d times", g.Name, n)
		}
		if count := parse(t, g.SVG()); count["svg"] < 2 || count["style"] != 1 {
			t.Errorf("%s: %v", g.Name, count)
		}
	}
	if strings.Count(text, "![") != len(all) {
		t.Errorf("%d pictures are shown, %d written", strings.Count(text, "!["), len(all))
	}
	for _, said := range []string{"4 March 2026", "`bench --html <report>`", "| RoundTrip, size 8, spin | spsc | 110 ns | 2 % |", "no &lt;java>", "> This machine was noisy"} {
		if !strings.Contains(text, said) {
			t.Errorf("the page does not say %q", said)
		}
	}
}

func TestStandings_KnownRatios(t *testing.T) {
	all := standings(made())
	at := slices.IndexFunc(all, func(s standing) bool { return s.suite == "kernels" && s.name == "add" })
	if at < 0 {
		t.Fatal("no standing of add")
	}
	s := all[at]
	if s.contests != 4 || math.Abs(s.limit-0.5) > 1e-9 || len(s.peers) != 1 || math.Abs(s.peers[0].ratio-3) > 1e-9 {
		t.Errorf("%+v, want four contests, a limit at half of our time and a peer at three times it", s)
	}
}

func TestWords_SayWhatSetsTheLimit(t *testing.T) {
	d := &result.Document{}
	for name, bound := range map[string]string{"add": result.Data, "exp": result.Arithmetic} {
		c := result.Contest{Suite: "kernels", Name: "Kernel/op=" + name, Unit: "ns"}
		c.Contenders = []result.Contender{contender("impl=limit", 5, func(k *result.Contender) { k.Limit, k.Bound = true, bound }), contender("impl=shmath", 10, nil)}
		c.Relate()
		d.Contests = append(d.Contests, c)
	}
	said := strings.Join(Words(d), "\n")
	for _, want := range []string{"50 % where it is moving the data (figures: 1)", "50 % where it is multiplying and adding (figures: 1)"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, said)
		}
	}
}

func TestFamilies_ByNumberAndLevel(t *testing.T) {
	var names []string
	for _, g := range families(made()) {
		names = append(names, fmt.Sprintf("%s by %s: %d", g.title, g.axis, len(g.contests)))
	}
	for _, want := range []string{"add by level: 4", "Dgemm by n: 3", "RoundTrip, size 8, spin by : 1"} {
		if !slices.Contains(names, want) {
			t.Errorf("no %q in %q", want, names)
		}
	}
}

func TestWriting_OfFigures(t *testing.T) {
	for want, got := range map[string]string{
		"1.23 µs": duration(1234), "999 ns": duration(999), "1 ms": duration(999_990), "0.85 ns": duration(0.85),
		"4 KiB": binary(4096) + "B", "146k×": times(145974), "0.5×": times(0.5), "12.3×": times(12.34), "1.5 G": strings.Replace(short(1.5e9), "G", " G", 1),
		"Go": peerName("go1.26.8"), "gonum": peerName("gonum v0.17.0"), "NumPy": peerName("numpy 2.1"), "Linux pipe": peerName("Linux pipe"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
