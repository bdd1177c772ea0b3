# Two commands for a fresh clone: `make report` and `make test`. `make` alone lists all.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
STAMP := .venv/.installed
DEV := .venv/.installed-dev
# Packages with the hashes of a lock file; pip where uv finds no way to the index.
SYNC = $(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r $(1) || \
	{ echo "… with pip, a minute or two"; $(PIP) --require-hashes -r $(1); }
COMPILE := "$(CURDIR)/$(BIN)/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-package ewm-analysis --custom-compile-command "make lock" pyproject.toml
LOCK := $(COMPILE) --extra setup --output-file requirements.lock && \
	$(COMPILE) --all-extras --constraint requirements.lock --output-file requirements-dev.lock
LANE_lowest := --resolution lowest-direct
# nbstripout leaves papermill's traces in the metadata unless it is told their names.
STRIP := find notebooks -name '*.ipynb' -not -path '*/.ipynb_checkpoints/*' -exec $(BIN)/nbstripout \
	--keep-id --extra-keys "metadata.papermill cell.metadata.papermill"

# A batch and its tests start Python many times: what is compiled once is imported in a third.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install report test docs test-lowest test-newest fuzz check gate count bench lab tidy lock clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

install: $(DEV) ## set up .venv with the locked packages; every other command does so, too

report: $(STAMP) ## run all notebooks and write the HTML reports to outputs/
	$(BIN)/ewm run

test: $(DEV) ## run the tests
	$(BIN)/python -m pytest -n auto

test-lowest: ## run the tests with the lowest versions that pyproject.toml allows
test-newest: ## run the tests with the newest versions that pyproject.toml allows
test-lowest test-newest: test-%: $(STAMP)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-$*
	$(BIN)/uv pip install --quiet --python .venv-$* $(LANE_$*) -e '.[dev]'
	.venv-$*/bin/python -m pytest -n auto

fuzz: $(DEV) ## spoil a workbook in 2,000 ways, attack 100 confidential reports; print how it ended
	$(BIN)/python tests/fuzz_workbook.py 2000
	$(BIN)/python tests/fuzz_disclosure.py 100

check: $(DEV) ## style, types, imports between rooms, stripped notebooks, lock files
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(STRIP) --verify {} +
	mkdir -p .venv/lock
	cp pyproject.toml requirements.lock requirements-dev.lock .venv/lock/
	cd .venv/lock && $(LOCK)
	diff requirements.lock .venv/lock/ && diff requirements-dev.lock .venv/lock/ || \
		{ echo "Out of date: run 'make lock'."; exit 1; }

docs: $(DEV) ## build the documentation: open docs/_build/index.html
	$(BIN)/ewm run --year 2021 --cluster imk --locale en
	$(BIN)/ewm run --year 2021 --locale en --notebook 30_comparison
	$(BIN)/ewm run --locale en --notebook 40_organisations --notebook 60_regions
	$(BIN)/ewm run --locale en --data data/capital-region --cluster imk --notebook 20_growth --notebook 50_economy
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build

gate: $(STAMP) ## run all pages as they were at BASE (default: HEAD) and as they are: what differs?
	$(BIN)/python tests/gate.py $(BASE)

count: ## files and lines of code, room by room; BASE=commit: before and after
	@"$(PYTHON)" benchmarks/house.py $(BASE) --draw docs/images/house.svg

bench: $(STAMP) ## measure the speed into docs/benchmarks.md; FULL=1: all of it, about an hour
	$(BIN)/python benchmarks/run.py $(if $(FULL),,--quick)
	$(BIN)/python benchmarks/false_alarms.py $(if $(FULL),,--pages 1000)

lab: $(STAMP) ## open the notebooks in JupyterLab
	$(BIN)/jupyter-lab notebooks/

tidy: $(DEV) ## format the code and strip the notebooks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(STRIP) {} +

lock: $(DEV) ## write the lock files anew, keeping versions that still fit
	$(LOCK)

clean: ## remove .venv, caches and outputs (never data)
	rm -rf .venv .venv-lowest .venv-newest build dist docs/_build docs/generated *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find ewm_analysis tests -name __pycache__ -prune -exec rm -rf {} +
	find outputs -mindepth 1 ! -name .gitkeep -delete

# Scripts in .venv name its folder: a clone that was moved is set up anew.
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(CURDIR))
$(shell rm -f $(STAMP) $(DEV))
endif

$(STAMP): requirements.lock pyproject.toml
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer is needed; '$(PYTHON)' is missing or older."; \
		echo "Name another one: make PYTHON=/path/to/python3.11"; exit 1; }
	@echo "Setting up .venv (once) …"
	@"$(PYTHON)" -m venv --clear .venv
	@awk '/^[^ ]/ { on = /^uv==/ } on' requirements.lock > .venv/uv.lock
	@$(PIP) --require-hashes -r .venv/uv.lock
	@$(call SYNC,requirements.lock)
	@$(PIP) --no-deps --no-build-isolation -e .
	@echo "$(CURDIR)" > $@

$(DEV): $(STAMP) requirements-dev.lock
	@echo "Adding what tests and documents need (once) …"
	@$(call SYNC,requirements-dev.lock)
	@touch $@
