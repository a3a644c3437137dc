//go:build linux

package main

import (
	"os"
	"testing"

	"github.com/shmath/shmath/sched"
)

func TestMain(m *testing.M) {
	sched.Main()
	if len(os.Args) > 1 && os.Args[1] == parentRole {
		beParent()
		return
	}
	m.Run()
}

// TestOurs: our side of each comparison does what it promises. Python's side is for make versus-python.
func TestOurs(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			said, err := run(c)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(said)
			if _, err := programs.ReadFile("python/" + c.name + ".py"); err != nil {
				t.Fatal(err)
			}
		})
	}
}
