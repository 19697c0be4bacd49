# `make demo` plays a match, `make test` runs every test. Both install what they need on Debian.
SHELL := /bin/sh
SWIFT ?= swift
FUZZ_SECONDS ?= 60
SOURCES := Package.swift Sources Tests Benchmarks

.PHONY: demo test test-swift test-python format lint page proto bench fuzz build-all dev-run dev-pod dependencies test-dependencies help

help: ## Say what there is.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: dependencies ## Build, and play a match between the example agents.
	$(SWIFT) build -c release --product arena
	.build/release/arena match pong examples/agents/tracker examples/agents/predictor --seed 5 --config max_steps=4000

test: test-swift test-python lint ## Run every test.

test-swift: test-dependencies
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build --skip GRPCNghttp2TransportTests --skip ReplayDeliveryTests
	@# Apart from matches, whose agents have so long to connect and to answer: hundreds of connections, and a store that is busy.
	$(SWIFT) test --skip-build --no-parallel --filter ReplayDeliveryTests
	$(SWIFT) test --skip-build --filter GRPCNghttp2TransportTests

test-python: test-dependencies
	$(SWIFT) build --product arena
	$(SWIFT) build --product PageSamples
	$(SWIFT) build --product executor
	cd sdk/python && ../../.venv/bin/python -m pytest -q tests
	.venv/bin/python -m pytest -q Tests/Page
	.venv/bin/python -m pytest -q --timeout 300 Tests/Executor
	.venv/bin/python Tests/Vectors/generate.py --check

format: test-dependencies ## Format everything that is ours.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)
	cd sdk/python && ../../.venv/bin/ruff format .
	.venv/bin/ruff format --config Tests/Page/ruff.toml Tests/Page scripts/embed-page.py
	.venv/bin/ruff format --config Tests/Executor/ruff.toml Tests/Executor examples/run_sample_match.py

lint: test-dependencies ## Check format and style.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	cd sdk/python && ../../.venv/bin/ruff check . && ../../.venv/bin/ruff format --check . \
	  && ../../.venv/bin/mypy --strict
	.venv/bin/ruff check --config Tests/Page/ruff.toml Tests/Page scripts/embed-page.py
	.venv/bin/ruff format --config Tests/Page/ruff.toml --check Tests/Page scripts/embed-page.py
	.venv/bin/ruff check --config Tests/Executor/ruff.toml Tests/Executor examples/run_sample_match.py
	.venv/bin/ruff format --config Tests/Executor/ruff.toml --check Tests/Executor examples/run_sample_match.py
	scripts/embed-page.py --check

page: ## Put the page that plays replays into the sources.
	scripts/embed-page.py

proto: ## Generate code and schemas from proto/.
	scripts/generate-proto.sh

bench: ## Run all benchmarks.
	@scripts/install-dependencies.sh --bench
	$(SWIFT) run -c release Benchmarks

fuzz: dependencies ## Feed reader, repair, exports and frame codec with made-up bytes, FUZZ_SECONDS each.
	scripts/fuzz.sh $(FUZZ_SECONDS)

build-all: dependencies ## Build all programs for release.
	$(SWIFT) build -c release

dev-run: dependencies ## Serve the gRPC API on this machine, port 50051; examples/run_sample_match.py plays a match on it.
	$(SWIFT) build --product executor
	EXECUTOR_HOST="$${EXECUTOR_HOST:-127.0.0.1}" LOG_FORMAT="$${LOG_FORMAT:-text}" .build/debug/executor

dev-pod: dependencies ## Run the orchestrator with two agents as in a pod, with all logs.
	$(SWIFT) build --product orchestrator
	scripts/dev-pod.sh

dependencies:
	@scripts/install-dependencies.sh

test-dependencies:
	@scripts/install-dependencies.sh --tests
	@scripts/make-python-environment.sh
