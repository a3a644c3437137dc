#!/bin/sh
# Runs the NUMA tests of sched on an emulated machine: 2 packages, 2 nodes, 4 cores, 8 threads. A kernel boots with the
# static test binary as its only program. QEMU and the kernel are packages of Debian, unpacked under .numa and not
# installed. TCG emulates eight processors on this one, which takes minutes when it is busy; nested KVM is not to be trusted.
set -eu
cd "$(dirname "$0")/../.."
dir=$PWD/.numa
root=$dir/root
mkdir -p "$dir/debs/partial" "$root" "$dir/initramfs"

if ! ls "$root"/boot/vmlinuz-* >/dev/null 2>&1; then
	apt-get -y --no-install-recommends --download-only -o Dir::Cache::archives="$dir/debs" -o Debug::NoLocking=1 \
		install --reinstall qemu-system-x86 linux-image-cloud-amd64 cpio
	for deb in "$dir"/debs/*.deb; do dpkg-deb -x "$deb" "$root"; done
fi
libraries=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
kernel=$(ls "$root"/boot/vmlinuz-* | tail -1)

CGO_ENABLED=0 ${GO:-go} test -c -o "$dir/initramfs/init" ./sched
(cd "$dir/initramfs" && echo init | LD_LIBRARY_PATH=$libraries "$root/bin/cpio" -o -H newc --quiet | gzip -1 >"$dir/initrd.gz")

LD_LIBRARY_PATH=$libraries timeout "${NUMA_SECONDS:-900}" "$root/usr/bin/qemu-system-x86_64" \
	-L "$root/usr/share/qemu" -L "$root/usr/share/seabios" \
	-nodefaults -no-user-config -display none -no-reboot -serial stdio -cpu Nehalem -accel tcg,thread=multi \
	-smp 8,sockets=2,cores=2,threads=2 -m 2G \
	-object memory-backend-ram,id=m0,size=1G -numa node,nodeid=0,memdev=m0,cpus=0-3 \
	-object memory-backend-ram,id=m1,size=1G -numa node,nodeid=1,memdev=m1,cpus=4-7 \
	-numa dist,src=0,dst=1,val=21 \
	-kernel "$kernel" -initrd "$dir/initrd.gz" \
	-append "console=ttyS0 loglevel=4 panic=-1 SHMATH_NUMA_MACHINE=1 -- -test.v -test.run=${NUMA_RUN:-NUMA}" | tee "$dir/log"
grep -q 'numa machine: exit 0' "$dir/log" && ! grep -q -- '--- SKIP' "$dir/log"
