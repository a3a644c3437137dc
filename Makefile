# The menu is the default target: make alone prints it.

GO     ?= go
BIN    := bin
JOB    := examples/sp500/job.yaml
# Tests that compare with NumPy use $(SHMATH_PYTHON), else python3; make numpy puts one into .venv.
export SHMATH_PYTHON ?= $(if $(wildcard .venv/bin/python),$(CURDIR)/.venv/bin/python,python3)

menu: ## print this menu
	@awk -F':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Without cgo: net would bring in the C library, and with it the dynamic linker in each worker, a third of its start.
build: ## build the commands into bin/
	CGO_ENABLED=0 $(GO) build -o $(BIN)/ ./cmd/...

run: build ## run the example job on real data: bootstrap value at risk of the S&P 500
	$(BIN)/shmath run $(JOB)

test: ## run all tests
	$(GO) vet ./...
	$(GO) test ./...

race: ## tests of the structures under the race detector
	GORACE=atexit_sleep_ms=0 $(GO) test -race ./internal/... ./asm ./arena ./ring ./psync ./kernels ./expr ./sched ./parallel

noasm: ## tests without assembly
	$(GO) test -tags noasm ./...

invariants: ## tests with assertions and failpoints compiled in
	$(GO) test -tags invariants ./internal/... ./shm ./arena ./ring ./psync ./sched ./parallel

arm64: ## tests of the portable packages on emulated arm64 (needs qemu-user-static)
	GOARCH=arm64 $(GO) vet ./...
	GOARCH=arm64 $(GO) test -exec qemu-aarch64-static ./asm ./internal/layout ./kernels ./expr

portable: ## compile for the systems on which shmath says that it is unsupported
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	GOOS=freebsd $(GO) build ./...

stress: ## the kill storms, thirty times as long: more than ten thousand kills each; kernels at every float32
	SHMATH_STRESS=30 $(GO) test -v -timeout 90m -run 'Storm|Kill|Idle|Leaves|Outlives' ./arena ./ring ./psync ./sched
	SHMATH_STRESS=300 $(GO) test -v -timeout 240m -run 'Accuracy|AnyBits' ./kernels

model: ## check the protocols with SPIN, and that the models find what was broken on purpose (needs spin and gcc)
	SHMATH_STRESS=2 $(GO) test -v -timeout 60m -run 'Model' ./ring ./psync

numa: ## NUMA placement on an emulated machine of 2 packages and 2 nodes (downloads QEMU and a kernel into .numa)
	sched/testdata/numa.sh

cblas-test: ## netlib's CBLAS tester on kernels.BLAS, every instruction set (downloads LAPACK's source into .cblas; needs gfortran)
	kernels/testdata/cblas/run.sh

fuzz: ## each fuzz target for half a minute
	@for p in $$($(GO) list ./...); do \
		for f in $$($(GO) test -list '^Fuzz' $$p | grep '^Fuzz'); do \
			echo "$$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime 30s $$p || exit 1; \
		done; \
	done

bench-command:
	CGO_ENABLED=0 $(GO) build -buildvcs=auto -o $(BIN)/ ./cmd/bench

bench: bench-command ## every figure that the project claims, beside its limit and its peers
	$(BIN)/bench

benchmarks: bench-command ## the same, written to docs/BENCHMARKS.md, report.html and report.json (ten minutes)
	$(BIN)/bench --markdown docs/BENCHMARKS.md --html report.html --json report.json

gate: bench-command ## fail when ratios to limits or instructions of hot paths are worse than cmd/bench/baseline.json allows
	$(BIN)/bench gate

baseline: bench-command ## write cmd/bench/baseline.json anew, on a quiet machine, after a change that is meant
	$(BIN)/bench gate --write cmd/bench/baseline.json

peers: ## what bench compares with, into .peers: Python packages, iceoryx2 where cargo is, and Debian's where root runs this
	cmd/bench/peers/install.sh .peers

generate: ## write the assembly anew: each folder of asm/_gen with a main.go writes its NAME_amd64.s and its stubs; what bench counts in it
	cd asm/_gen && for f in */main.go; do k=$${f%/main.go}; \
		$(GO) run ./$$k -out ../$${k}_amd64.s -stubs ../$${k}_amd64.go -pkg asm || exit 1; done
	$(GO) test ./cmd/bench -run TestInstructions -update

versus-python: build ## what fails in CPython's multiprocessing when processes are killed, beside ours (needs python3)
	$(GO) run ./examples/versus-python

lint: ## the rules of the house
	$(GO) test ./internal/lint

vet: ## gofmt, go vet, go.mod
	@test -z "$$(gofmt -l .)" || { gofmt -l .; exit 1; }
	$(GO) mod tidy -diff
	$(GO) vet ./...

numpy: ## a Python with NumPy in .venv, for the tests that compare with it
	test -x .venv/bin/python || python3 -m venv .venv
	.venv/bin/python -c 'import numpy' 2>/dev/null || .venv/bin/pip install --quiet numpy

clean: ## remove what was built
	rm -rf $(BIN) report.html report.json .venv .peers .cblas examples/sp500/loss.npy examples/sp500/loss.svg
