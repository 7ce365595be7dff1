# `make` alone prints this help. Each target creates the environment it needs in .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
# A process per CPU, each with one thread: more threads than CPUs would wait for one another.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto --dist worksteal
POLICY ?= seeds/phone.com-2019.txt

.DEFAULT_GOAL := help
.PHONY: help tag train punkt labels test check bench docs notebook wheel setup-browser clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

tag: .venv/run  ## Tag a policy: make tag POLICY=seeds/phone.com-2019.txt
	@$(BIN)/clauses tag "$(POLICY)"

# Whether anything changed is decided by the hash of the rows, which model.json states, not by the times of files.
train: .venv/run  ## Train the default model on data/, unless rows, documents, taxonomy, notes and settings are unchanged
	@$(BIN)/python -m classifier.train data/clauses data/policies --output models/default --notes data/model-notes.md --fast --if-changed

punkt: .venv/run  ## Learn data/punkt.json, the ends of sentences, from data/clauses
	@$(BIN)/python -m classifier.training.punkt data/clauses data/punkt.json

labels: .venv/run  ## Find the labels of data/policies again after a document or a reader changed, and list what lacks some
	@$(BIN)/python -m classifier.datasets.policies data/policies

test: .venv/dev  ## Run the tests and doctests, without the slow ones
	@$(PYTEST) -m "not slow"

check: .venv/dev  ## Run all that a change must pass: format, lint, types, all tests with coverage
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(PYTEST) --cov --cov-report=term-missing:skip-covered

bench: .venv/dev  ## Measure speed next to scikit-learn, and fastText where it is installed (five minutes)
	@$(BIN)/python -m benchmarks.speed --json benchmarks/results/speed.json
	@$(BIN)/python -m benchmarks.cards

docs: .venv/docs  ## Build the documentation into site/
	@$(BIN)/mkdocs build --strict

notebook: .venv/notebook  ## Open the notebooks in Jupyter
	@$(BIN)/jupyter lab notebooks

setup-browser:  ## Install the browser that some tests need (Debian's chromium, with apt; they are skipped without it)
	@apt-get -qq update
	@DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends chromium chromium-driver

wheel: .venv/dev  ## Build the wheel into dist/
	@$(BIN)/python -m build --wheel

clean:  ## Remove all that make created, except your own models
	@rm -rf .venv dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*

# One environment, which grows with the target. It is renewed when pyproject.toml or constraints.txt changes.
.venv/run: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version.split()[0] + "; say make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "installing policy-clauses into .venv ..." >&2
	@$(PIP) --editable '.[pdf,docx,web,train,plots]'
	@touch $@

.venv/dev: .venv/run
	@echo "installing what the tests need ..." >&2
	@$(PIP) --editable '.[dev]'
	@touch $@

.venv/docs: .venv/run
	@echo "installing MkDocs ..." >&2
	@$(PIP) --editable '.[docs]'
	@touch $@

.venv/notebook: .venv/run
	@echo "installing Jupyter ..." >&2
	@$(PIP) --editable '.[notebook]'
	@touch $@
