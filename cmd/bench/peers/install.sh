#!/usr/bin/env bash
# Installs what bench compares with into a private folder: install.sh FOLDER. What cannot be had is said, and left out.
# Nothing but Debian's packages goes anywhere else, and those only where root runs this.
set -uo pipefail
folder=${1:?usage: install.sh FOLDER}
mkdir -p "$folder"
missing=()

# attempt NAME COMMAND...: what the command says is shown only when it fails
attempt() {
	local name=$1 log
	shift
	log=$(mktemp)
	if "$@" >"$log" 2>&1; then
		echo "have    $name"
	else
		echo "without $name: $(grep -v '^\s*$' "$log" | tail -1)"
		missing+=("$name")
	fi
	rm -f "$log"
}

# Python: versions are pinned, so that figures of two runs can be compared.
attempt python python3 -m venv "$folder/python"
for package in numpy==2.4.6 scipy==1.17.1 scipy-openblas32==0.3.34.481.3 numexpr==2.14.2 numba==0.68.1 joblib==1.6.0 \
	"dask[distributed]==2026.8.0" ray==2.60.0; do
	attempt "$package" "$folder/python/bin/pip" install --quiet "$package" numpy==2.4.6
done

# crates.io
peers=$(cd "$(dirname "$0")" && pwd)
if command -v cargo >/dev/null; then
	cp -r "$peers/iceoryx2" "$folder/"
	attempt iceoryx2 env RUSTFLAGS="-C target-cpu=native" cargo build --quiet --release --manifest-path "$folder/iceoryx2/Cargo.toml"
else
	echo "without iceoryx2: cargo is not installed (https://rustup.rs)"
	missing+=(iceoryx2)
fi

# Debian
for package in gcc g++ libc6-dev libboost-dev libopenblas0-pthread libblis4-pthread libfftw3-double3 libsleef3 libopenmpi-dev openmpi-bin; do
	if dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed'; then
		echo "have    $package"
	elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		attempt "$package" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package"
	else
		echo "without $package: it is installed by root alone (apt-get install $package)"
		missing+=("$package")
	fi
done

[ ${#missing[@]} = 0 ] || echo "bench names as absent: ${missing[*]}"
