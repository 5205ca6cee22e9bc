# Two commands do everything: `make lab` and `make test`. `make demo` grades a small simulated class.
PYTHON ?= python3
BIN := .venv/bin
GOAL ?= $(MAKECMDGOALS)
export GOAL
# Where it is set, each of a hundred processes would compile all of the course that it imports.
unexport PYTHONDONTWRITEBYTECODE

# More options for JupyterLab, for example: make lab LAB=--no-browser
LAB :=
ROOT_USER := $(if $(filter 0,$(shell id -u)),--allow-root)

# From the course's folder, where nbgrader's Formgrader and Validate look for it; it shows a copy of the lessons to work
# in, so that no build and no update ever overwrites answers.
lab: .venv/installed
	@$(BIN)/python -m course_grading.workspace
	$(BIN)/jupyter lab $(ROOT_USER) --LabApp.default_url=/lab/tree/work/start_here.ipynb $(LAB)

test:
	@[ -e .venv/installed ] || $(MAKE) --no-print-directory python  # first: two at once would not let each other install
	@$(MAKE) --no-print-directory --jobs 2 system .venv/installed
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target types style released
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder  # a core for each

# What `make test` asks besides the tests: types, style, and whether what is released is what solutions/ makes.
types style released: .venv/installed

types:
	$(BIN)/mypy

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/biome ci --error-on-warnings course_utils/explorers/static

released:
	$(BIN)/course build --check

# make demo, make demo LESSON=kernels, or make demo LESSON=all
LESSON :=
demo: sandbox .venv/installed
	$(BIN)/python -m course_grading.demo $(LESSON)

# bubblewrap and Chromium, from the system's packages when they are missing and we may install them.
sandbox:
	@sh scripts/system_packages.sh bubblewrap

system:
	@sh scripts/system_packages.sh bubblewrap chromium postgresql

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: install it, then run 'make PYTHON=/path/to/python3.11 $(GOAL)'."; exit 1; }
	@PYTHON=$(PYTHON) sh scripts/system_packages.sh python3-venv

# Compiled on all cores, which pip does not do; in the sandbox, a student's import has no place to keep what it compiles.
# What fails there, such as files for another version of Python, is compiled where it is imported, and so is what hardly
# anybody imports.
COMPILE = $(BIN)/python -m compileall -qq -x '/(tests|testing|_inductor|onnx|networkx|mypy|pip)/' .venv

# pip, which takes one core, is brought up to date first: those of Debian and of Python 3.11 need twice as long to find
# out what fits together. Torch, a third of all there is to compile, is compiled while pip goes on with the rest.
.venv/installed: pyproject.toml
	@$(MAKE) --no-print-directory python
	$(PYTHON) -m venv --upgrade-deps .venv
	$(BIN)/pip install --quiet --no-compile torch torchvision
	@$(COMPILE) & $(BIN)/pip install --quiet --no-compile --editable ".[lab,grading,test]"; code=$$?; wait; exit $$code
	@$(COMPILE) -j 0 || true
	@touch $@

.PHONY: lab test types style released demo sandbox system python
