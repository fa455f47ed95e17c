# Everything a person runs. SEGMENTS_HOME and SOURCES choose another installation: see README.md.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
export SEGMENTS_HOME ?= $(CURDIR)/data
export SOURCES ?= $(CURDIR)/dagster_project/sources/complete_journey.yml
export DO_NOT_TRACK := 1
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The lock is complete, so pip resolves nothing (--no-deps). Stamped only after the last step, so an interrupted install is begun again.
.venv/installed: requirements.lock pyproject.toml
	@echo "Setting up .venv with the locked packages (a few minutes the first time)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: install
install: .venv/installed ## set up .venv with the locked packages

.PHONY: demo
demo: install ## load, segment, score and publish the orders that come with the project
	@$(BIN)/python -m dagster_project.run

.PHONY: run
run: install ## the whole loop on other data: make run SOURCES=my.yml SEGMENTS_HOME=my_data
	@$(BIN)/python -m dagster_project.run

SIMULATED := $(CURDIR)/data/simulated

.PHONY: demo-shop
demo-shop: install ## simulate a shop of 20,000 customers in data/simulated and run the whole loop on it
	@$(BIN)/python -m dagster_project.simulate_shop --folder "$(SIMULATED)/files"
	@SEGMENTS_HOME="$(SIMULATED)" SOURCE_DATA="$(SIMULATED)/files" SOURCES="$(CURDIR)/dagster_project/sources/simulated_shop.yml" \
		$(BIN)/python -m dagster_project.run

.PHONY: ui
ui: install ## Dagster's pages on http://127.0.0.1:3000
	@export DAGSTER_HOME="$$($(BIN)/python -m dagster_project.dagster_home)"; \
	env --default-signal=INT,TERM $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

.PHONY: test
test: install ## all tests
	$(PYTEST)

.PHONY: soak
soak: install ## the long tests: a hundred kills, long reader loops (an hour or so)
	$(PYTEST) -m soak

.PHONY: check
check: install ## lint, format, types, import rules, SQL, dbt parse and the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint dbt/models dbt/tests
	DBT_PROFILES_DIR=dbt $(BIN)/dbt parse --project-dir dbt --target-path "$(SEGMENTS_HOME)/dbt_check" --log-path "$(SEGMENTS_HOME)/logs/dbt" --quiet
	$(PYTEST)

.PHONY: docs
docs: install ## write docs/features.md from what dbt says of each feature
	@$(BIN)/python -m dagster_project.feature_docs

.PHONY: bench
bench: install ## cost of orchestration, of loading, and of sessions and features; BENCH_EVENTS="1e6 1e7" sets the sizes
	$(BIN)/python -m tests.benchmarks.orchestration
	$(BIN)/python -m tests.benchmarks.loading $(BENCH_EVENTS)
	$(BIN)/python -m tests.benchmarks.sessions $(BENCH_EVENTS)

.PHONY: bench-peers
bench-peers: install ## the environment of Featuretools, which `make bench` measures where it is there
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-peers
	$(BIN)/uv pip install --quiet --python .venv-peers/bin/python -r tests/benchmarks/featuretools_requirements.txt

.PHONY: lock
lock: install ## write requirements.lock anew from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev -o requirements.lock pyproject.toml

.PHONY: clean
clean: ## remove what runs made (SEGMENTS_HOME) and caches, not .venv
	rm -rf "$(SEGMENTS_HOME)" .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
