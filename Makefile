# make story   the next tweets of a story on this machine: no account, no AWS, no network after the first run
# make setup   all that training, exporting and testing need
# make test    the whole suite
# make prove   the same trials at full counts
# make bench   the README's figures of speed and size
# make lint    style and types (make format mends what can be mended)
# make clean   throw .venv and caches away
#
# Each target sets up what it needs in .venv. PYTHON chooses the interpreter (3.11 or later), COUNT
# how many tweets `make story` tells.

PYTHON ?= python3
COUNT ?= 3
VENV := .venv
BIN := $(VENV)/bin
DEVELOPMENT := train/requirements.txt export/requirements.txt tests/requirements.txt

.PHONY: help story setup test prove bench lint format clean

help:
	@sed -n -e '/^$$/q' -e 's/^# \{0,1\}//p' Makefile

story: $(VENV)/runtime-installed
	@$(BIN)/python -m lambda_fn tell --count $(COUNT)

setup: $(VENV)/development-installed

# Two test processes of one thread each: PyTorch's own threads would wait for each other on two cores.
test: $(VENV)/development-installed
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

prove: $(VENV)/development-installed
	@TRIALS=full OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

bench: $(VENV)/runtime-installed
	@$(BIN)/python bench/telling.py

lint: $(VENV)/development-installed
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/development-installed
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The story alone goes to standard output, so set-up talks to standard error.
$(VENV)/python-checked:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is not Python 3.11 or later; say which one to use: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv $(VENV) >&2
	@touch $@

$(VENV)/runtime-installed: lambda_fn/requirements.txt | $(VENV)/python-checked
	@echo "setting up $(VENV) (once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement lambda_fn/requirements.txt >&2
	@touch $@

$(VENV)/development-installed: $(DEVELOPMENT) $(VENV)/runtime-installed
	@echo "installing what training, export and the tests need (once; PyTorch is large)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement lambda_fn/requirements.txt \
	  $(addprefix --requirement ,$(DEVELOPMENT)) >&2
	@touch $@
