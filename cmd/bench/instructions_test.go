package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write instructions.txt from the assembly")

// routines are the bodies that the table has, each by its instruction sets.
func routines() (all []string) {
	for _, list := range bodies {
		for _, name := range list {
			all = append(all, name+"AVX2", name+"AVX512")
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// TestInstructions holds the table against the loops of the assembly.
func TestInstructions(t *testing.T) {
	var table strings.Builder
	table.WriteString("# routine, elements of a turn of its loop, and instructions of it: multiplications, additions, divisions, roots;\n" +
		"# operations on one element. Written by: go test ./cmd/bench -run Instructions -update\n")
	sources, err := filepath.Glob("../../asm/*_amd64.s")
	if err != nil || len(sources) == 0 {
		t.Fatalf("no assembly: %v", err)
	}
	loops := map[string]string{}
	for _, path := range sources {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for routine := range strings.SplitSeq(string(text), "\nTEXT ·") {
			name, code, _ := strings.Cut(routine, "(SB)")
			if slices.Contains(routines(), name) {
				loops[name] = counted(name, code)
			}
		}
	}
	for _, name := range routines() {
		table.WriteString(loops[name])
	}
	if *update {
		if err := os.WriteFile("instructions.txt", []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if table.String() != instructionsText {
		t.Errorf("instructions.txt is not what the assembly has: go test ./cmd/bench -run Instructions -update writes it. The assembly has\n%s", table.String())
	}
}

var (
	label = regexp.MustCompile(`(?m)^(\w+):$`)
	store = regexp.MustCompile(`(?m)^\tVMOV\w+ +[YZ]\d+, [0-9-]*\([A-Z]`)
	load  = regexp.MustCompile(`(?m)^\tV\w+ +[0-9-]*\(([A-Z0-9]+)\).*, [YZ]\d+$`)
)

// registersOf is how many registers of elements a turn of a loop goes through: those that it stores, or else loads from each
// of its arrays.
func registersOf(loop string) int {
	if n := len(store.FindAllString(loop, -1)); n > 0 {
		return n
	}
	arrays, loads := map[string]bool{}, load.FindAllStringSubmatch(loop, -1)
	for _, l := range loads {
		arrays[l[1]] = true
	}
	return len(loads) / max(1, len(arrays))
}

// counted is a routine's line of the table, for its first loop over whole registers; empty if there is none.
func counted(name, code string) string {
	for _, at := range label.FindAllStringSubmatchIndex(code, -1) {
		back := regexp.MustCompile(`\n\tJ\w+ +` + code[at[2]:at[3]] + `\n`).FindStringIndex(code[at[1]:])
		if back == nil {
			continue
		}
		loop := code[at[1]:][:back[1]]
		registers := registersOf(loop)
		if registers == 0 {
			continue
		}
		count := func(what string) (n int) {
			return len(regexp.MustCompile(`(?m)^\t(`+what+`) `).FindAllString(loop, -1))
		}
		fused, multiplied := count(`VFN?M(ADD|SUB)\d+PD`), count(`VMULPD`)
		added, compared := count(`VADDPD|VSUBPD`), count(`VMINPD|VMAXPD|VCMPPD`)
		divided, roots := count(`VDIVPD`), count(`VSQRTPD`)
		lanes := 4
		if strings.HasSuffix(name, "AVX512") {
			lanes = 8
		}
		return fmt.Sprintf("%s %d %d %d %d %d %d\n", name, registers*lanes, fused+multiplied+count(`VPMULUDQ`), added+compared, divided, roots,
			(2*fused+multiplied+added+divided+roots)/registers)
	}
	return ""
}

// TestInstructionsOf: exp has at least the polynomial that its accuracy takes, and a kernel without assembly is not known.
func TestInstructionsOf(t *testing.T) {
	for _, isa := range []string{"avx2", "avx512"} {
		o, known := instructionsOf("exp", isa)
		if !known || o.flops < 15 || o.divisions != 0 {
			t.Errorf("exp by %s: %+v, known %v", isa, o, known)
		}
		if s, known := instructionsOf("sqrt", isa); !known || s.roots == 0 {
			t.Errorf("sqrt by %s: %+v, known %v", isa, s, known)
		}
	}
	if o, known := instructionsOf("exp", "portable"); known {
		t.Errorf("exp without assembly: %+v", o)
	}
	if _, known := instructionsOf("no such kernel", "avx2"); known {
		t.Error("a kernel that is none is known")
	}
}
