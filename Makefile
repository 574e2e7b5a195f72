# Every command of the project. `make help` lists them.
GO      ?= go
PYTHON  ?= python3
ADDR    ?= 127.0.0.1:8080
VENV    := .venv
SHARED  ?= ../shared/data

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-20s %s\n", $$1, $$2}'

build: ## build bin/tarozi
	$(GO) build -o bin/tarozi ./cmd/tarozi

run: build ## build and serve the demonstration on http://127.0.0.1:8080, data under var/
	@mkdir -p var
	./bin/tarozi serve --demo --addr $(ADDR) --db var/tarozi.db

test: ## run every Go test; needs nothing but Go and gcc
	$(GO) test ./...

test-race: ## the tests of what runs concurrently, under the race detector
	$(GO) test -race ./model/onnx/... ./scoring/... ./store/... ./server/...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) run honnef.co/go/tools/cmd/staticcheck@2026.2.1 ./...

clean: ## remove what was built; var/ with the stored data stays
	rm -rf bin out

.PHONY: help build run test test-race lint clean
