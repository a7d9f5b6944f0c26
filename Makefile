# Every target does its own set-up: Python 3.11 or newer, pip and make are enough.
PYTHON ?= python3
BIN := .venv/bin
PACKS_DIR ?= ../shared/data
SEED ?= 7
RUNS ?= 200

.DEFAULT_GOAL := help

help: ## Show the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run.stamp: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

.venv/dev.stamp: pyproject.toml .venv/run.stamp
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

demo: .venv/run.stamp ## Run the ceremonies on the built-in world; no key, no account
	$(BIN)/python runner.py demo

test: lint .venv/dev.stamp ## What CI runs: format, lint, types, contracts, tests
	$(BIN)/python -m pytest -n auto -q

coverage: .venv/dev.stamp ## The tests again with branch coverage; several times slower
	$(BIN)/python -m pytest -n auto --cov --cov-report=term:skip-covered -q

lint: .venv/dev.stamp ## Format, lint, types and the arrows between rooms; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

truth: .venv/dev.stamp ## Every sprint figure of the packs in PACKS_DIR against their truth files
	PACKS_DIR=$(PACKS_DIR) $(BIN)/python -m tests.truth

gate: .venv/dev.stamp ## The fact gate on its corpus of correct and mutated drafts
	$(BIN)/python -m benchmarks.gate

audit: .venv/dev.stamp ## The lock's hashes, and known advisories of what it names; exit 2 where nobody could be asked
	$(BIN)/python .ci/audit.py

lock: .venv/dev.stamp ## Write requirements.lock anew from pyproject.toml, with hashes
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --no-annotate \
	  --strip-extras --extra cluster --extra metrics --extra webhooks --output-file requirements.lock pyproject.toml

attacks: .venv/dev.stamp ## Hostile boards against an author that obeys: a table by class
	$(BIN)/python -m tests.attacks

chaos: .venv/dev.stamp ## Runs under faults and kills; SEED=n RUNS=m; CLUSTER=1 has 2 schedulers and 3 workers on PostgreSQL
	$(BIN)/python -m benchmarks.chaos --seed $(SEED) --runs $(RUNS) $(if $(CLUSTER),--cluster)

# The peers of B4 live apart: their requirements are not ours.
.venv/peers.stamp: .venv/dev.stamp pyproject.toml
	$(PYTHON) -m venv .venv/peers
	$(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['optional-dependencies']['bench'], sep='\n')" > .venv/peers.txt
	.venv/peers/bin/python -m pip install --quiet --requirement .venv/peers.txt
	@touch $@

bench: .venv/dev.stamp .venv/peers.stamp ## Measure; ONLY=NAME runs one, TWICE=1 records it
	ONLY=$(ONLY) RUNS=$(if $(TWICE),2,1) BENCH_PYTHON=$(CURDIR)/.venv/peers/bin/python $(BIN)/python -m benchmarks

year: .venv/dev.stamp ## A year of 50 teams in 12 zones with every kind of trouble; SEED=n picks another
	SEED=$(SEED) $(BIN)/python -m benchmarks.year

pictures: .venv/dev.stamp ## Make the README's pictures from the demo world; needs Chromium
	$(BIN)/python docs/make_pictures.py

clean: ## Remove what the other targets made
	rm -rf .venv build *.egg-info demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage

.PHONY: help demo test coverage lint format truth gate audit lock attacks chaos bench year pictures clean
