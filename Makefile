# Every command of the project. `make help` lists them.
GO        ?= go
PYTHON    ?= python3
ADDR      ?= 127.0.0.1:8080
SHARED    ?= ../shared/data
FUZZTIME  ?= 10m
BENCHTIME ?= 1s
VENV      := .venv

STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
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

fuzz: ## each fuzz target for FUZZTIME
	@set -e; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9]*\).*/\1/p' $$file); do \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -parallel 2 $$(dirname $$file); \
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

$(VENV)/ready: notebooks/requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) is missing; the notebooks need Python 3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r notebooks/requirements.txt
	@touch $@

STUDY = cd notebooks && TAROZI_DATA=$(abspath $(SHARED)) ../$(VENV)/bin/python -m tarozi_study

notebooks: build $(VENV)/ready ## run every notebook into out/notebooks, on the research data of SHARED or else on made-up people
	$(STUDY) notebooks --out ../out/notebooks

test-notebooks: build $(VENV)/ready ## the Python package's own tests
	cd notebooks && ../$(VENV)/bin/python -m unittest -q test_tarozi_study

bundle: build $(VENV)/ready ## train and write the shipped bundle from the data of SHARED
	$(STUDY) bundle

bundle-check: build $(VENV)/ready ## train again and compare with the committed bundle, byte for byte
	$(STUDY) bundle-check

study: build $(VENV)/ready ## the long runs behind docs/model.md: repeated cross-validation, peers, refits (hours)
	$(STUDY) study

study-check: build $(VENV)/ready ## recompute one fold of each model and compare with the committed tables
	$(STUDY) study-check

clean: ## remove what was built; var/ with the stored data stays
	rm -rf bin out

.PHONY: help build run test test-race test-data test-browser test-docs fuzz lint generate bench-score notebooks test-notebooks bundle bundle-check study study-check clean
