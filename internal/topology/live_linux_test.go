package topology

import (
	"reflect"
	"testing"
)

// What is remembered of the machine is what is read.
func TestLive_ReadTwice(t *testing.T) {
	first, err := Live()
	if err != nil {
		t.Skip(err)
	}
	second, err := Live()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Errorf("the second reading differs:\n%+v\n%+v", first, second)
	}
	known.Lock()
	known.online = "other processors"
	known.Unlock()
	third, err := Live()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(first, third) {
		t.Errorf("read anew it differs:\n%+v\n%+v", first, third)
	}
	if &third.at[0] == &first.at[0] {
		t.Error("with other processors online the machine is not read again")
	}
	if &second.at[0] != &first.at[0] {
		t.Error("with the same processors online the machine is read again")
	}
}
