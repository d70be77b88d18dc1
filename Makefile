# make story   the next tweets of a story on this machine: no account, no AWS, no network after the first run
# make setup   all that training, exporting and testing need
# make test    the whole suite
# make prove   the same trials at full counts
# make browser the pages to read, in a real browser: it needs a Chromium, and is no part of `make test`
# make bench   the README's figures of speed, size and cost, in some 20 minutes
#
# make deploy       the bot onto AWS, step by step (docs/deployment.md); STACK=name for a second one
# make credentials  ask for the credentials of X, check them, store them
# make build        the package that would go there, in .aws-sam/build: no account needed
# make tools        AWS's own tools, in .venv/sam and .venv/lambda, and X's own count of characters, in .venv/node
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
DEVELOPMENT := train/requirements.txt export/requirements.txt bench/requirements.txt tests/requirements.txt
SAM := $(VENV)/sam
LAMBDA := $(VENV)/lambda
NODE := $(VENV)/node
INSTALL = install --quiet --disable-pip-version-check --target "" --root / --prefix "$$(cd $(1) && pwd)"
export SAM_CLI_TELEMETRY ?= 0

# What `make story` may be given, and what of its command line is none of that: SEED=4 would have no effect, in silence.
# The settings themselves are asked only where there is something to ask about.
STORY_SETTINGS = COUNT STORY_URI MODEL_URI $(filter-out THREAD,$(shell \
  $(BIN)/python -c 'from lambda_fn.settings import VARIABLES; print(*VARIABLES.values())'))
GIVEN = $(strip $(foreach name,$(filter-out COUNT PYTHON VENV THREAD RECONCILE_AFTER X_% PIP_% AWS_% LC_%,$(.VARIABLES)),\
  $(if $(findstring command line,$(origin $(name))),$(name))))
STRAY = $(if $(GIVEN),$(filter-out $(STORY_SETTINGS),$(GIVEN)))
STRAY_NOTE = note: make story knows no $(STRAY), only $(STORY_SETTINGS)

# These reach the shell as they were given, whatever signs they hold: it is "$$STACK", not $(STACK).
export PYTHON COUNT STACK

# Where pip installs to and what Python looks at is decided here. Only where pip finds packages is the user's own affair:
# an index, a proxy, a certificate.
export PIP_USER := 0
export PIP_REQUIRE_VIRTUALENV := 0
export PIP_DRY_RUN := 0
export PIP_NO_DEPS := 0
unexport PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON PIP_CONSTRAINT PIP_REQUIREMENT PIP_EDITABLE CDPATH
unexport $(filter-out PYTHON PYTHON312 PYTHONDONTWRITEBYTECODE PYTHONUTF8,$(filter PYTHON%,$(.VARIABLES)))

.PHONY: help story setup test prove browser bench deploy credentials build tools lint format clean

help:
	@sed -n -e '/^$$/q' -e 's/^# \{0,1\}//p' Makefile

story: $(VENV)/runtime-installed
	@$(if $(STRAY),echo "$(STRAY_NOTE)" >&2)
	@$(BIN)/python -m lambda_fn tell --count "$$COUNT"

setup: $(VENV)/development-installed

# Two test processes of one thread each: PyTorch's own threads would wait for each other on two cores.
test: $(VENV)/development-installed tools
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

prove: $(VENV)/development-installed tools
	@TRIALS=full OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2

browser: $(VENV)/browser-installed
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/browser

bench: $(VENV)/development-installed build tools
	@$(BIN)/python -m bench all

# What would stop it is found first: a build takes half a minute.
deploy: $(VENV)/runtime-installed
	@$(BIN)/python -m deploy --stack="$$STACK" --check
	@$(MAKE) --no-print-directory build
	@$(BIN)/python -m deploy --stack="$$STACK"

credentials: $(VENV)/runtime-installed
	@$(BIN)/python -m deploy.credentials

# MAKEFLAGS is for this Makefile, not for that of lambda_fn, which sam calls. Tools are started as modules: the scripts that
# pip writes hold the path of this folder, and not every path can stand in their first line.
build: $(VENV)/runtime-installed $(VENV)/sam-installed
	@$(call ALONE,$(BIN)/python) env MAKEFLAGS= PYTHON="$$(cd $(BIN) && pwd)/python" $(SAM)/bin/python -m samcli build

tools: $(VENV)/sam-installed $(VENV)/lambda-installed $(VENV)/node-installed

lint: $(VENV)/development-installed
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy

format: $(VENV)/development-installed
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The story alone goes to standard output, so set-up talks to standard error.
$(VENV)/runtime-installed: lambda_fn/requirements.txt | $(VENV)/python-checked
$(VENV)/development-installed: $(DEVELOPMENT) $(VENV)/runtime-installed
$(VENV)/browser-installed: tests/browser/requirements.txt $(VENV)/development-installed
$(VENV)/sam-installed: tests/stack/sam-requirements.txt | $(VENV)/python-checked
$(VENV)/lambda-installed: tests/stack/lambda-requirements.txt | $(VENV)/python-checked
$(VENV)/node-installed: tests/package.json | $(VENV)/python-checked

# $(call ALONE,PYTHON) COMMAND: nobody else does so in this folder until the command has ended, and all that it started.
ALONE = $(1) -c 'import fcntl, os, sys; os.makedirs("$(VENV)", exist_ok=True); \
  lock = os.open("$(VENV)/lock", os.O_RDWR | os.O_CREAT); os.set_inheritable(lock, True); \
  fcntl.flock(lock, fcntl.LOCK_EX); os.execvp(sys.argv[1], sys.argv[1:])'

ifndef SETTING_UP

# Of two makes at once one sets up; the other waits, looks again, and finds it done.
$(VENV)/python-checked:
	@"$$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $$PYTHON is not Python 3.11 or later; say which one to use: make PYTHON=python3.12" >&2; exit 2; }
	@$(call ALONE,"$$PYTHON") $(MAKE) --silent --no-print-directory SETTING_UP=1 $@ >&2

$(VENV)/%-installed:
	@$(call ALONE,$(BIN)/python) $(MAKE) --silent --no-print-directory SETTING_UP=1 $@ >&2

else

$(VENV)/python-checked:
	@"$$PYTHON" -m venv $(VENV) >&2
	@touch $@

$(VENV)/runtime-installed:
	@echo "setting up $(VENV) (once; some 100 MB, a minute or two)" >&2
	@$(BIN)/python -m pip $(call INSTALL,$(VENV)) --requirement lambda_fn/requirements.txt >&2
	@touch $@

$(VENV)/development-installed:
	@echo "installing what training, export and the tests need (once; PyTorch is large)" >&2
	@$(BIN)/python -m pip $(call INSTALL,$(VENV)) --requirement lambda_fn/requirements.txt $(addprefix --requirement ,$(DEVELOPMENT)) >&2
	@touch $@

$(VENV)/browser-installed:
	@$(BIN)/python -m pip $(call INSTALL,$(VENV)) --requirement tests/browser/requirements.txt >&2
	@touch $@

$(VENV)/sam-installed:
	@echo "setting up $(SAM), AWS's tools (once)" >&2
	@$(BIN)/python -m venv $(SAM) >&2
	@$(SAM)/bin/python -m pip $(call INSTALL,$(SAM)) --requirement $< >&2
	@touch $@

# Lambda's own Python. Without one all the rest works, and only the tests under the emulator are left out.
$(VENV)/lambda-installed:
	@python312="$$($(MAKE) --silent --no-print-directory -f lambda_fn/Makefile python3.12)"; \
	if [ -z "$$python312" ]; then \
	  echo "warning: no Python 3.12 was found (PYTHON312 can name it), so nothing is tested under Lambda's emulator" >&2; \
	else \
	  echo "setting up $(LAMBDA), Lambda's Python (once)" >&2; \
	  "$$python312" -m venv --without-pip $(LAMBDA) >&2 \
	  && $(BIN)/python -m pip --python $(LAMBDA)/bin/python $(call INSTALL,$(LAMBDA)) --requirement $< >&2 \
	  && touch $@; \
	fi

# X's own count of characters. Without npm all the rest works, and only what is held against it is left out.
$(VENV)/node-installed:
	@if [ -z "$$(command -v npm)" ]; then \
	  echo "warning: no npm was found, so no text's weight is held against X's own count" >&2; \
	else \
	  echo "setting up $(NODE), X's count of characters (once)" >&2; \
	  mkdir -p $(NODE) && cp tests/package.json $(NODE)/ \
	  && npm install --prefix $(NODE) --silent --no-audit --no-fund --no-package-lock >&2 && touch $@ \
	  || echo "warning: npm could not install it, so no text's weight is held against X's own count" >&2; \
	fi

endif
