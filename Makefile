# Bare `make` prints this help. Every target makes the environment it needs in .venv.

PYTHON ?= python3
BIN := .venv/bin
POLICY ?= seeds/phone.com-2019.txt
DATA := $(wildcard data/clauses/*.jsonl)

.DEFAULT_GOAL := help
.PHONY: help tag train test check bench notebook wheel setup-browser clean

help:  ## Show what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

tag: .venv/run  ## Tag a policy: make tag POLICY=seeds/phone.com-2019.txt
	@$(BIN)/clauses tag "$(POLICY)"

train: models/default/model.json data/punkt.json  ## Train the default model on data/clauses, if anything changed

models/default/model.json: $(DATA) data/taxonomy.toml data/model-notes.md $(wildcard classifier/*.py classifier/*/*.py classifier/*/*/*.py classifier/render/templates/*) | .venv/run
	@$(BIN)/python -m classifier.train data/clauses --output models/default --notes data/model-notes.md --fast

data/punkt.json: $(DATA) classifier/training/punkt.py | .venv/run
	@$(BIN)/python -m classifier.training.punkt data/clauses data/punkt.json

test: .venv/dev  ## Run the tests, the doctests and the README's commands
	@$(BIN)/pytest -n auto --dist worksteal

check: .venv/dev  ## Run everything a change must pass: format, lint, types, tests with coverage
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -n auto --dist worksteal --cov --cov-report=term-missing:skip-covered

bench: .venv/dev  ## Measure speed beside scikit-learn, and fastText where it is installed (five minutes)
	@$(BIN)/python -m benchmarks.speed --json benchmarks/results/speed.json
	@$(BIN)/python -m benchmarks.cards

notebook: .venv/notebook  ## Open the notebooks in Jupyter
	@$(BIN)/jupyter lab notebooks

setup-browser:  ## Install the browser that some tests open (Debian's chromium, with apt; they are skipped without)
	@apt-get -qq update
	@DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium chromium-driver

wheel: .venv/dev  ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel

clean:  ## Remove what make made, models of your own excepted
	@rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

# One environment, in three sizes; each is made again when what it is made from changes.
.venv/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; say make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing policy-clauses into .venv ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[pdf,docx,web]'
	@touch $@

.venv/dev: .venv/run
	@echo "installing what the tests need ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

.venv/notebook: .venv/run
	@echo "installing Jupyter ..." >&2
	@$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[notebook]'
	@touch $@
