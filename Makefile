# `make demo` and `make test` each do all the set-up themselves: Python 3.11+ and a package index are all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
OUT ?= out/demo

.PHONY: demo app test check app-test governance notebooks lab format docs clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.main  ## triage the documents of corpora/ with the embedded reader
	$(BIN)/docreview triage corpora/contracts corpora/transcripts --out $(OUT) || test $$? -eq 1
	@echo "The report: $(OUT)/report.html  (open it in a browser)"

app: $(VENV)/.app demo  ## the same documents in the review app
	$(BIN)/docreview app $(OUT)

app-test: $(VENV)/.all system-packages  ## the review app, as a person uses it; docs/images/app-*.png
	$(BIN)/python -m pytest tests/apps

test: $(VENV)/.all system-packages  ## everything
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

check: $(VENV)/.all  ## format, lint, types, import floors, fast tests; under two minutes
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto -m "not slow"

# A folder with data that are not in the repository (tokenizers, annotated texts), if there is one, to measure with too.
DATA ?= $(wildcard ../shared/data)
governance: $(VENV)/.all  ## make the papers of governance/ anew and compare all of them
	$(BIN)/docreview governance build $(if $(DATA),--data $(DATA))
	$(BIN)/docreview governance build --check $(if $(DATA),--data $(DATA))
	$(BIN)/python -m pytest tests/governance -m "not slow"

format: $(VENV)/.all
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# What tests use from the system. Installed where this is Debian and we may; otherwise those tests skip, and say so.
.PHONY: system-packages
system-packages:
	@for each in tesseract:tesseract-ocr chromium:chromium; do \
	  command -v $${each%%:*} >/dev/null || { test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
	    && apt-get update -qq && apt-get install -y -qq $${each##*:} >/dev/null; } \
	    || echo "$${each%%:*} is absent and can't be installed here: its tests will be skipped"; done

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "docreview needs Python 3.11 or newer; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.main: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e .
	@touch $@

$(VENV)/.app: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e ".[app]"
	@touch $@ $(VENV)/.main

$(VENV)/.all: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) --upgrade "pip>=25.1"
	$(PIP) -c constraints.txt -e ".[all]" --group dev
	@touch $@ $(VENV)/.app $(VENV)/.main

notebooks: $(VENV)/.all  ## run the notebooks and write their executed copies to docs/notebooks
	$(BIN)/python notebooks/execute.py

lab: $(VENV)/.all  ## the notebooks in JupyterLab, on 127.0.0.1; it asks nobody for news, updates or extensions
	$(BIN)/jupyter lab --config=notebooks/jupyter_lab_config.json notebooks/01_first_review.ipynb

clean:
	rm -rf $(VENV) out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
