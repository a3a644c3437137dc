package result

import (
	"math"
	"strings"
	"testing"
)

// scaled is document with the rounds of one contender times a factor.
func scaled(contender int, factor float64) *Document {
	d := document(2, 3, 40)
	k := &d.Contests[0].Contenders[contender]
	for i := range k.Rounds {
		k.Rounds[i] *= factor
	}
	k.Summary = Summarise(k.Rounds)
	d.Contests[0].Relate()
	return d
}

func TestCompare_FindsWhatChanged(t *testing.T) {
	c := Compare(document(2, 3, 40), scaled(1, 1.2))
	if len(c.Changes) != 3 || len(c.OldOnly)+len(c.NewOnly) != 0 {
		t.Fatalf("%+v", c)
	}
	memcpy, spsc := c.Changes[0], c.Changes[1]
	if memcpy.Sure || memcpy.Factor != 1 || memcpy.Ours {
		t.Errorf("the limit did not change: %+v", memcpy)
	}
	// Six rounds all above six others: two of the 924 ways to deal ranks are as far apart.
	if !spsc.Sure || !spsc.Ours || math.Abs(spsc.Factor-1.2) > 1e-9 || math.Abs(spsc.P-2./924) > 1e-9 {
		t.Errorf("%+v, want a sure factor of 1.2 at p = %g", spsc, 2./924)
	}
	if math.Abs(c.Mean-1.2) > 1e-9 {
		t.Errorf("ours became slower by %g", c.Mean)
	}
	if n := len(c.Worse(0.1)); n != 1 {
		t.Errorf("%d figures are worse by more than 10 %%", n)
	}
	if n := len(c.Worse(0.25)); n != 0 {
		t.Errorf("%d figures are worse by more than 25 %%", n)
	}
}

func TestCompare_ChanceIsNoChange(t *testing.T) {
	if c := Compare(document(2, 3, 40), scaled(1, 1.002)); c.Changes[1].Sure || len(c.Worse(0)) != 0 {
		t.Errorf("rounds that mix are no change: %+v", c.Changes[1])
	}
	if c := Compare(document(2, 3, 40), scaled(2, 2)); len(c.Worse(0)) != 0 {
		t.Errorf("a peer that got slower is nothing of ours: %+v", c.Worse(0))
	}
}

func TestCompare_NamesWhatIsNotInBoth(t *testing.T) {
	a, b := document(2, 3, 40), document(2, 3, 40)
	a.Contests[0].Contenders[1].Name = "impl=old"
	b.Contests[0].Contenders[1].Name = "impl=new"
	c := Compare(a, b)
	if len(c.OldOnly) != 1 || !strings.HasSuffix(c.OldOnly[0], "impl=old") || len(c.NewOnly) != 1 || !strings.HasSuffix(c.NewOnly[0], "impl=new") {
		t.Errorf("%q, %q", c.OldOnly, c.NewOnly)
	}
}

func TestFalls_OfAMadeUpRegression(t *testing.T) {
	baseline := Ratios(document(2, 3, 40))
	if len(baseline) != 1 || math.Abs(baseline["ring Stream/size=64/impl=spsc"]-1.5) > 1e-9 {
		t.Fatalf("ratios %v: ours alone, by its shortest round", baseline)
	}
	if f := Falls(baseline, Ratios(scaled(1, 1.4)), 0.5); len(f) != 0 {
		t.Errorf("within the margin: %v", f)
	}
	f := Falls(baseline, Ratios(scaled(1, 1.6)), 0.5)
	if len(f) != 1 || !strings.Contains(f[0].String(), "impl=spsc: 2.4, baseline 1.5, allowed 2.25") {
		t.Errorf("%v", f)
	}
	if f := Falls(baseline, nil, 0.5); len(f) != 1 || !strings.Contains(f[0].String(), "not measured") {
		t.Errorf("what is not measured falls: %v", f)
	}
	// One slow try does not count when another was fast.
	if f := Falls(baseline, Better(Ratios(scaled(1, 9)), Ratios(scaled(1, 1))), 0.5); len(f) != 0 {
		t.Errorf("%v", f)
	}
}

func TestBaseline_KnowsCompilers(t *testing.T) {
	b := &Baseline{Go: "go1.26.8"}
	for version, same := range map[string]bool{"go1.26.1": true, "go1.26": true, "go1.27.0": false, "go1.2": false, "devel": false} {
		if b.SameGo(version) != same {
			t.Errorf("%s: %v", version, !same)
		}
	}
}
