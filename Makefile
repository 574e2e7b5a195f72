# Every command of the project. `make help` lists them.
GO        ?= go
PYTHON    ?= python3
ADDR      ?= 127.0.0.1:8080
SHARED    ?= ../shared/data
FUZZTIME  ?= 10m
BENCHTIME ?= 1s
KILLS     ?= 200
SECONDS_LONG ?= 75
SEED      ?= 1
VENV      := .venv

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.1.4
CYCLONEDX   := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.9.0
OAPICODEGEN := github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-18s %s\n", $$1, $$2}'

build: ## build bin/tarozi
	$(GO) build -o bin/tarozi ./cmd/tarozi

run: build ## build and serve the demonstration on http://127.0.0.1:8080; what is stored stays in var/
	./bin/tarozi serve --demo --addr $(ADDR) --db var/tarozi.db

test: ## every Go test; needs nothing but Go and gcc
	$(GO) test ./...

test-race: ## what runs concurrently, under the race detector
	$(GO) test -race ./model/... ./scoring/... ./store/... ./server/...

test-data: ## the tests that need the research data of SHARED
	@test -d $(SHARED) || { echo "test-data: $(SHARED) is not there; say where the data is with SHARED=FOLDER"; exit 1; }
	TAROZI_SHARED_DATA=$(abspath $(SHARED)) $(GO) test -tags shareddata ./datasets ./fairness

test-browser: ## the pages in headless Chromium, with axe-core
	@command -v chromium >/dev/null || { echo "test-browser: chromium is missing; install Debian's packages chromium and fonts-noto-core"; exit 1; }
	@command -v npm >/dev/null || { echo "test-browser: npm is missing; it brings axe-core"; exit 1; }
	npm ci --silent --ignore-scripts --no-audit --no-fund --prefix server/pages/testdata/axe
	$(GO) test -tags browser -run TestBrowser ./server/pages

test-docs: ## the examples of docs/integration.md, run with curl
	@command -v curl >/dev/null || { echo "test-docs: curl is missing; install it"; exit 1; }
	$(GO) test -tags curl -run Curl ./server/...

# A Python environment for each requirements file, pinned with hashes.
define make-venv
@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing; the notebooks and goldens need Python 3.11"; exit 1; }
$(PYTHON) -m venv $(@D)
$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
@touch $@
endef

$(VENV)/schemathesis/ready: server/testdata/schemathesis/requirements.txt
	$(make-venv)

test-schemathesis: build $(VENV)/schemathesis/ready ## requests made from the API's document, to a served demonstration, for SECONDS_LONG
	BIN=$(VENV)/schemathesis/bin SECONDS_LONG=$(SECONDS_LONG) SEED=$(SEED) server/testdata/schemathesis/run.sh

audit-drill: ## a fresh database with real requests; flips a byte of everything and prints what the verifier named
	$(GO) test -count=1 -v -run TestAuditDrill ./cmd/tarozi

soak: ## kills a server under load KILLS times with kill -9: nothing acknowledged may be lost, and the log must verify
	TAROZI_SOAK_KILLS=$(KILLS) $(GO) test -count=1 -v -timeout 4h -run TestSoak ./cmd/tarozi

test-slow: ## 10,000 connections that send a byte now and then: others are answered, and the slow ones dropped
	ulimit -n $$(ulimit -Hn) && TAROZI_SLOW_CONNECTIONS=10000 $(GO) test -count=1 -v -run TestSlowConnections ./server

govulncheck: ## known weaknesses in the dependencies, where their database can be reached; never a gate
	@mkdir -p out; $(GO) run $(GOVULNCHECK) ./... > out/govulncheck.txt 2>&1; status=$$?; cat out/govulncheck.txt; \
	if grep -qE 'dial tcp|no such host|fetching vulnerabilities|lookup .*:|HTTP GET' out/govulncheck.txt; then echo "govulncheck: its database could not be reached: NOTHING was checked"; \
	elif [ $$status -ne 0 ]; then echo "govulncheck: status $$status: read what it found above"; fi

sbom: ## what the binary is made of, as CycloneDX, in out/sbom.json
	@mkdir -p out
	$(GO) run $(CYCLONEDX) app -json -licenses -main ./cmd/tarozi -output out/sbom.json .
	@$(PYTHON) -c "import json; b = json.load(open('out/sbom.json')); print('out/sbom.json:', b['bomFormat'], b['specVersion'] + ',', len(b['components']), 'components')"

fuzz: ## each fuzz target for FUZZTIME
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' $$file); do \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1s -parallel 2 $$(dirname $$file); \
		done; done

lint: ## gofmt, go vet, staticcheck
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

generate: ## the API's stubs from server/openapi.yaml
	cd server/api && $(GO) run $(OAPICODEGEN) -config codegen.yaml ../openapi.yaml

bench-score: build ## histories a second of `tarozi score` over made-up people, on all cores
	@mkdir -p out
	./bin/tarozi dataset synthetic --people 20000 --seed 1 --out out/bench.ndjson
	@start=$$(date +%s%N); ./bin/tarozi score out/bench.ndjson > out/bench-scored.ndjson; end=$$(date +%s%N); \
	awk -v n=$$(wc -l < out/bench-scored.ndjson) -v t=$$((end-start)) 'BEGIN {printf "%d histories in %.2f s: %.0f a second\n", n, t/1e9, n/(t/1e9)}'

$(VENV)/study/ready: notebooks/requirements.txt
	$(make-venv)

$(VENV)/%/ready: notebooks/%/requirements.txt
	$(make-venv)

# One thread: sums in another order give other last bits, and the bundle is compared byte for byte.
STUDY = cd notebooks && OMP_NUM_THREADS=1 TAROZI_DATA=$(abspath $(SHARED)) ../$(VENV)/study/bin/python -m tarozi_study

notebooks: build $(VENV)/study/ready ## run every notebook into out/notebooks, on the research data of SHARED or else on made-up people
	$(STUDY) notebooks --out ../out/notebooks

test-notebooks: build $(VENV)/study/ready ## the Python package's own tests
	cd notebooks && ../$(VENV)/study/bin/python -m unittest -q test_tarozi_study

bundle: build $(VENV)/study/ready ## train and write the bundles that ship: from the data of SHARED, and from made-up people
	$(STUDY) bundle

bundle-check: build $(VENV)/study/ready ## train again and compare with the committed bundles, byte for byte
	$(STUDY) bundle-check

study: build $(VENV)/study/ready ## the long runs behind docs/model.md: repeated cross-validation, peers, refits (hours)
	$(STUDY) study

study-check: build $(VENV)/study/ready ## recompute one fold of each model and compare with the committed tables
	$(STUDY) study-check

bench-onnx: $(VENV)/goldens_onnx/ready ## the engine beside ONNX Runtime, on one core (needs npm)
	@command -v npm >/dev/null || { echo "bench-onnx: npm is missing; it brings ONNX Runtime"; exit 1; }
	PYTHON=$(abspath $(VENV)/goldens_onnx/bin/python) model/onnx/bench/run.sh

bench-explain: $(VENV)/goldens_explain/ready ## contributions beside shap, on one core
	@mkdir -p out/bench-explain
	cd notebooks && ../$(VENV)/goldens_explain/bin/python -m goldens_explain.bench ../out/bench-explain

bench-fairness: $(VENV)/goldens_fairness/ready ## a million rows with 1,000 replicates, beside fairlearn
	$(VENV)/goldens_fairness/bin/python notebooks/goldens_fairness/bench.py

bench-go: ## the Go benchmarks alone, BENCHTIME each
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) ./features ./explain ./scoring ./store ./model/onnx

goldens: $(VENV)/goldens_onnx/ready $(VENV)/goldens_explain/ready $(VENV)/goldens_fairness/ready ## make the goldens anew with the libraries that they come from
	cd notebooks && ../$(VENV)/goldens_onnx/bin/python -m goldens_onnx
	cd notebooks && ../$(VENV)/goldens_explain/bin/python -m goldens_explain
	$(VENV)/goldens_fairness/bin/python notebooks/goldens_fairness/generate.py fairness/testdata --shared $(SHARED)

clean: ## remove what was built; var/ with the stored data stays
	rm -rf bin out

.PHONY: help build run test test-race test-schemathesis audit-drill soak test-slow govulncheck sbom test-data test-browser test-docs fuzz lint generate bench-score notebooks test-notebooks bundle bundle-check study study-check bench-onnx bench-explain bench-fairness bench-go goldens clean
