# Two commands do everything: `make lab` and `make test`. `make demo` grades a small simulated class.
PYTHON ?= python3
BIN := .venv/bin

lab: .venv/installed
	$(BIN)/jupyter lab notebooks

test: .venv/installed system
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/course build --check
	$(BIN)/pytest

demo: .venv/installed system
	$(BIN)/python -m course_grading.demo

# bubblewrap and Chromium, from the system's packages when they are missing and we may install them.
system:
	@sh scripts/system_packages.sh

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: install it, then run 'make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)'."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
		{ echo "Python's venv module is missing: install it with 'apt-get install python3-venv', then try again."; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --editable ".[lab,grading,test]"
	@touch $@

.PHONY: lab test demo system
