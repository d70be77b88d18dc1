# make story   the next tweets of a story on this machine: no account, no AWS, no network after the first run
# make setup   all that training, exporting and testing need
# make test    the whole suite
# make prove   the same trials at full counts
# make bench   the README's figures of speed and size
#
# make deploy       the bot onto AWS, step by step (docs/deployment.md); STACK=name for a second one
# make credentials  ask for the credentials of X, check them, store them
# make build        the package that would go there, in .aws-sam/build: no account needed
# make tools        AWS's own tools, in .venv/sam and .venv/lambda
#
# make lint    style and types (make format mends what can be mended)
# make clean   throw .venv and caches away
#
# Each target sets up what it needs in .venv. PYTHON chooses the interpreter (3.11 or later), COUNT
# how many tweets `make story` tells.

PYTHON ?= python3
COUNT ?= 3
STACK ?= endless-novel
VENV := .venv
BIN := $(VENV)/bin
DEVELOPMENT := train/requirements.txt export/requirements.txt tests/requirements.txt
SAM := $(VENV)/sam
LAMBDA := $(VENV)/lambda
export SAM_CLI_TELEMETRY ?= 0

# What `make story` may be given, and what of its command line is none of that: SEED=4 would have no effect, in silence.
STORY_SETTINGS := COUNT STORY_URI STORY_PROMPT STORY_SEED STORY_STYLE MODEL_URI TEMPERATURE TOP_K TOP_P DRY_RUN
STRAY = $(strip $(foreach name,$(filter-out $(STORY_SETTINGS) PYTHON VENV THREAD RECONCILE_AFTER X_% PIP_% AWS_% LC_%,$(.VARIABLES)),\
  $(if $(findstring command line,$(origin $(name))),$(name))))

.PHONY: help story setup test prove bench deploy credentials build tools lint format clean

help:
	@sed -n -e '/^$$/q' -e 's/^# \{0,1\}//p' Makefile

story: $(VENV)/runtime-installed
	@test -z "$(STRAY)" || echo "note: make story knows no $(STRAY), only $(STORY_SETTINGS)" >&2
	@$(BIN)/python -m lambda_fn tell --count $(COUNT)

setup: $(VENV)/development-installed

# Two test processes of one thread each: PyTorch's own threads would wait for each other on two cores.
test: $(VENV)/development-installed tools
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

prove: $(VENV)/development-installed tools
	@TRIALS=full OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

bench: $(VENV)/development-installed build tools
	@$(BIN)/python bench/telling.py
	@$(BIN)/python bench/cold_start.py .aws-sam/build/StoryFunction

deploy: build
	@$(BIN)/python -m deploy --stack "$(STACK)"

credentials: $(VENV)/runtime-installed
	@$(BIN)/python -m deploy.credentials

# MAKEFLAGS is for this Makefile, not for that of lambda_fn, which sam calls.
build: $(VENV)/runtime-installed $(VENV)/sam-installed
	@MAKEFLAGS= PYTHON="$(abspath $(BIN)/python)" $(SAM)/bin/sam build

tools: $(VENV)/sam-installed $(VENV)/lambda-installed

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

$(VENV)/sam-installed: tests/stack/sam-requirements.txt | $(VENV)/python-checked
	@echo "setting up $(SAM), AWS's tools (once)" >&2
	@$(PYTHON) -m venv $(SAM) >&2
	@$(SAM)/bin/python -m pip install --quiet --disable-pip-version-check --requirement $< >&2
	@touch $@

# Lambda's own Python. Without one all the rest works, and only the tests under the emulator are left out.
$(VENV)/lambda-installed: tests/stack/lambda-requirements.txt | $(VENV)/python-checked
	@python312="$$($(MAKE) --silent --no-print-directory -f lambda_fn/Makefile python3.12)"; \
	if [ -z "$$python312" ]; then \
	  echo "warning: no Python 3.12 was found (PYTHON312 can name it), so nothing is tested under Lambda's emulator" >&2; \
	else \
	  echo "setting up $(LAMBDA), Lambda's Python (once)" >&2; \
	  "$$python312" -m venv --without-pip $(LAMBDA) >&2 \
	  && $(BIN)/python -m pip --python $(LAMBDA)/bin/python install --quiet --disable-pip-version-check --requirement $< >&2 \
	  && touch $@; \
	fi
