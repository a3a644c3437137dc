package ring

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/shmath/shmath/internal/proctest"
	"github.com/shmath/shmath/shm"
)

// Tests between processes start this test binary again, with a role. A role joins the segment of the test and gets its
// arguments; the error it returns ends it badly.

type role func(w *world, args []string) error

var roles = map[string]role{}

func TestMain(m *testing.M) {
	all := proctest.Roles{}
	for name, r := range roles {
		all[name] = func(args []string) {
			w, err := join(args[0])
			if err == nil {
				fmt.Println("tag", w.Tag())
				err = r(w, args[1:])
			}
			if err != nil {
				fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
				os.Exit(1)
			}
		}
	}
	proctest.Main(m, all)
}

// world is one process's view of the segment that the processes of a test share, and its membership in it.
type world struct{ *shm.Segment }

func join(name string) (*world, error) {
	seg, err := shm.Open(name, nil)
	return &world{seg}, err
}

func (w *world) options() *Options { return &Options{Members: w.Segment} }

// family is the test's own side: it makes the segment and starts the others.
type family struct {
	*world
	tb testing.TB
}

func newFamily(tb testing.TB, size int) *family {
	tb.Helper()
	seg, err := shm.Create("", size, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := seg.Close(); err != nil {
			tb.Error(err)
		}
	})
	return &family{&world{seg}, tb}
}

// child is a process of the family.
type child struct {
	*proctest.Process
	tag uint32
	tb  testing.TB
}

// start returns when the child is a member of the segment.
func (f *family) start(role string, args ...any) *child {
	f.tb.Helper()
	words := []string{f.Name()}
	for _, a := range args {
		words = append(words, fmt.Sprint(a))
	}
	p := proctest.Start(f.tb, role, words...)
	tag, err := strconv.ParseUint(p.Expect("tag"), 10, 32)
	if err != nil {
		f.tb.Fatal(err)
	}
	return &child{p, uint32(tag), f.tb}
}

// wait reaps a child that has to end well.
func (c *child) wait() {
	c.tb.Helper()
	if err := c.Exit(); err != nil {
		c.tb.Fatalf("member %d: %v", c.tag, err)
	}
}

// eventually fails the test when ok has not become true after a minute, which means never.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	for begin := time.Now(); !ok(); time.Sleep(50 * time.Microsecond) {
		if time.Since(begin) > time.Minute {
			tb.Fatalf("never: %s", what)
		}
	}
}

// rest is what a role does that has nothing left to do but to be killed.
func rest() error {
	time.Sleep(time.Hour)
	return errors.New("nobody killed it for an hour")
}
