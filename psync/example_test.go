package psync_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/shmath/shmath/psync"
)

// Two handles of one mutex, as two processes have them; without Members both are this process.
func ExampleMutex_Do() {
	mem := make([]byte, 64)
	ours, err := psync.CreateMutex(mem, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	theirs, err := psync.AttachMutex(mem, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = ours.Do(context.Background(), func(died error) error {
		if died != nil {
			fmt.Println("repair first:", died)
		}
		ok, err := theirs.TryLock()
		fmt.Println("the other gets it meanwhile:", ok)
		return err
	})
	fmt.Println(err, errors.Is(theirs.Unlock(), psync.ErrNotOwner))
	// Output:
	// the other gets it meanwhile: false
	// <nil> true
}
