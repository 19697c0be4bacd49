# `make demo` plays a match, `make test` runs every test. Both install what they need on Debian.
SHELL := /bin/sh
SWIFT ?= swift
SOURCES := Package.swift Sources Tests Benchmarks

.PHONY: demo test test-swift test-python format lint proto bench build-all dev-run dependencies test-dependencies help

help: ## Say what there is.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: dependencies ## Build, and play a match between the example agents.
	$(SWIFT) build -c release --product arena
	.build/release/arena match pong examples/agents/tracker examples/agents/predictor --seed 5 --config max_steps=4000

test: test-swift test-python lint ## Run every test.

test-swift: test-dependencies
	$(SWIFT) build --build-tests
	$(SWIFT) test --skip-build

test-python: test-dependencies
	$(SWIFT) build --product arena
	cd sdk/python && ../../.venv/bin/python -m pytest -q tests
	.venv/bin/python Tests/Vectors/generate.py --check

format: test-dependencies ## Format everything that is ours.
	$(SWIFT) format --in-place --recursive --parallel $(SOURCES)
	cd sdk/python && ../../.venv/bin/ruff format .

lint: test-dependencies ## Check format and style.
	$(SWIFT) format lint --strict --recursive --parallel $(SOURCES)
	cd sdk/python && ../../.venv/bin/ruff check . && ../../.venv/bin/ruff format --check . \
	  && ../../.venv/bin/mypy --strict

proto: ## Generate code and schemas from proto/.
	scripts/generate-proto.sh

bench: ## Run all benchmarks.
	@scripts/install-dependencies.sh --bench
	$(SWIFT) run -c release Benchmarks

build-all: dependencies ## Build all programs for release.
	$(SWIFT) build -c release

dev-run: dependencies ## Run the orchestrator with two agents as in a pod, with all logs.
	$(SWIFT) build --product orchestrator
	scripts/dev-run.sh

dependencies:
	@scripts/install-dependencies.sh

test-dependencies:
	@scripts/install-dependencies.sh --tests
	@scripts/make-python-environment.sh
