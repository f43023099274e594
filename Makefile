# One command per chore; CI runs the same ones. `make help` lists them.
# Everything goes into .venv, from hashed locks. Set PYTHON=... to choose the interpreter.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.parley-run-installed
TEST_STAMP := $(VENV)/.parley-test-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?=
PORT ?=
HOST ?=
DEMO_ARGS := $(if $(DEMO),$(DEMO))
PORT_ARGS := $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT))

.PHONY: help install install-test run test test-servers check format bench spec-check soak lock clean

help:  ## list the chores
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

install: $(STAMP)  ## .venv with the locked dependencies and the parley command

install-test: $(TEST_STAMP)

$(STAMP): requirements.lock pyproject.toml scripts/venv.sh
	@sh scripts/venv.sh $(VENV) requirements.lock
	@touch $@

$(TEST_STAMP): requirements-test.lock pyproject.toml scripts/venv.sh
	@sh scripts/venv.sh $(VENV) requirements-test.lock
	@touch $@ $(STAMP)

run: install  ## Parley with the demo on 127.0.0.1:8080 (DEMO=busy: with a stream of customers)
	@exec $(BIN)/parley serve --demo $(DEMO_ARGS) $(PORT_ARGS)

test: install-test  ## all tests, on real servers where they can be installed
	@sh scripts/test-servers.sh || [ -z "$$CI" ]
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

test-servers:  ## the servers that the tests talk to (root on Debian): Redis, PostgreSQL, Dovecot, Postfix, Chromium
	@sh scripts/test-servers.sh

check: install-test  ## format, lint, types, house rules, JavaScript syntax
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/house -q
	@sh scripts/check-js.sh

format: install-test  ## write what `make check` wants to see
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

spec-check: install-test  ## judge what channels send by the providers' specifications (SPECS=folder)
	@$(BIN)/python -m tests.spec_check $(SPECS)

bench: install-test  ## one JSON line per bench, beside the ceiling measured in the same run
	@$(BIN)/python -m tests.bench

soak: install-test  ## the long form of the long tests (up to an hour); figures go to docs/soak.md
	@sh scripts/test-servers.sh || [ -z "$$CI" ]
	@$(BIN)/python -m pytest -m "soak and alone" -rP --timeout 3900 $(PYTEST_ARGS)
	@$(BIN)/python -m pytest -m "soak and not alone" -rP --timeout 3900 -n 2 --dist worksteal $(PYTEST_ARGS)

lock: $(BIN)/python  ## take current releases into both locks (all platforms, all hashes, no host named)
	@sh scripts/lock.sh $(VENV)

$(BIN)/python:
	@sh scripts/venv.sh $(VENV)

clean:  ## remove .venv, caches and build output (never data/)
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov .coverage
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +
