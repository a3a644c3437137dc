#!/usr/bin/env bash
# Runs netlib's tester of CBLAS, float64 and float32, levels 1 to 3, both layouts, on kernels.BLAS with every instruction
# set of this machine. The tester is fetched as Debian's source package of LAPACK, and built; nothing is installed.
# It needs gfortran, gcc and apt-get. A folder of LAPACK's source may be named instead: run.sh FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../../.."
dir=$PWD/.cblas
here=$PWD/kernels/testdata/cblas
mkdir -p "$dir"

for tool in gfortran gcc; do
	command -v $tool >/dev/null || { echo "cblas-test needs $tool: apt-get install gfortran gcc libc6-dev"; exit 1; }
done

# fetch puts LAPACK's source into .cblas, with lists of packages of its own: the system's may name no sources.
fetch() {
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	apt-get indextargets --format 'deb-src $(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' | grep -i debian | sort -u >"$dir/sources.list"
	local options=(-o Dir::Etc::sourcelist="$dir/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$dir/lists"
		-o Dir::Cache="$dir/cache" -o APT::Sandbox::User=)
	apt-get "${options[@]}" -qq update
	(cd "$dir" && apt-get "${options[@]}" -qq source --download-only lapack && tar xf lapack_*.orig.tar.*)
}

lapack=${1:-$(echo "$dir"/lapack-*/)}
if [ ! -d "$lapack" ]; then
	fetch
	lapack=$(echo "$dir"/lapack-*/)
fi
cp "$lapack/CBLAS/include/cblas_mangling_with_flags.h.in" "$dir/cblas_mangling.h"
cp "$lapack/CBLAS/include/cblas_mangling_with_flags.h.in" "$dir/cblas_mangling_with_flags.h"
CGO_ENABLED=1 ${GO:-go} build -buildmode=c-archive -o "$dir/libshmath.a" "$here"

sets="portable avx2 avx512"
case $(uname -m) in x86_64) ;; *) sets=portable ;; esac
grep -q avx512dq /proc/cpuinfo || sets=${sets% avx512}

# tester PRECISION LEVEL: builds one program of the tester. It refers to a few complex routines, from functions that no
# test of this precision calls: the linker leaves those out.
tester() {
	local p=$1 level=$2 t=$lapack/CBLAS/testing
	local parts=("$t/c_${p}blas$level.c")
	[ "$level" = 1 ] || parts+=("$t/c_$p${level}chke.c" "$t/auxiliary.c" "$t/c_xerbla.c")
	gcc -w -O1 -ffunction-sections -DADD_ -I"$dir" -I"$lapack/CBLAS/include" -c "${parts[@]}"
	gfortran -w -O1 -Wl,--gc-sections -o "$dir/$p$level" "$t/c_${p}blat$level.f" ./*.o "$dir/libshmath.a" -lpthread
	rm -f ./*.o
}

# orders widens the tester's dimensions from 9 to 65, its limit, so that blocks and their edges are reached as well.
orders() { sed -e 's/^[0-9]* *NUMBER OF VALUES OF N$/8/' -e 's/^[0-9 ]* *VALUES OF N$/0 1 2 3 5 9 33 65/' "$1"; }

routines=([1]=10 [2]=16 [3]=6) # of levels 2 and 3 each passes three times: error exits, columns, rows
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
passed=0
for p in s d; do
	for level in 1 2 3; do
		tester $p $level
		for set in $sets; do
			input=/dev/null
			if [ $level != 1 ]; then
				orders "$lapack/CBLAS/testing/${p}in$level" >input
				input=input
			fi
			SHMATH_ISA=$set "$dir/$p$level" <$input >"$dir/$p$level.$set.log" 2>&1 || { cat "$dir/$p$level.$set.log"; exit 1; }
			if grep -E 'FAIL|\*\*\*\*|SUSPECT|ABANDONED|INSTEAD OF' "$dir/$p$level.$set.log"; then
				echo "netlib's CBLAS tester finds fault: $dir/$p$level.$set.log"
				exit 1
			fi
			n=$(grep -cE 'PASSED THE|- PASS -' "$dir/$p$level.$set.log")
			expected=$((routines[level] * (level == 1 ? 1 : 3)))
			[ "$n" = $expected ] || { echo "$n tests passed, of $expected: $dir/$p$level.$set.log"; exit 1; }
			echo "precision=$p level=$level isa=$set: $n tests passed"
			passed=$((passed + n))
		done
	done
done
echo "netlib's CBLAS tester: $passed tests passed"
