# The project's commands. `make` lists them.

PORT ?= 8000
PLACES ?= accounts
# Tests wait for one another's servers and for the floor of refusals: one worker more than there are cores is faster.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
DEVCLOUD_PORT ?= 4566
# The one after it, unless told.
PROVIDER_PORT ?=
VENV := .venv
BIN := $(VENV)/bin
# What is installed: what running takes, or what developing takes, which is more.
TO_RUN := $(VENV)/installed-to-run
TO_DEVELOP := $(VENV)/installed-to-develop
# A lock names everything, so nothing is left to resolve; and it may go against a pin (requirements-override.txt).
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check --no-deps --require-hashes -r
# The tests start many processes. Without this, where bytecode is not written, each would compile all that it imports.
KEPT_COMPILED = PYTHONDONTWRITEBYTECODE=
TEMPLATES = $(shell find templates -name '*.html')
export PORT DEVCLOUD_PORT PROVIDER_PORT

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test check bench mutants messages pictures fix lock

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(TO_RUN) ## Start the site and the local AWS (PORT=8000, DEVCLOUD_PORT=4566, PROVIDER_PORT=4567)
	@exec $(BIN)/python -m devcloud run --with-parent

test: $(TO_DEVELOP) ## Run every test that can run here, and name the skipped ones
	$(KEPT_COMPILED) $(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal -rfEs $(AGAIN)

check: $(TO_DEVELOP) ## Check format, lint, types, templates, migrations and deployment settings
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	set -a && . tests/production.env && $(BIN)/mypy
	$(BIN)/djade --check --target-version 5.2 $(TEMPLATES)
	$(BIN)/cfn-lint infra/*.yaml
	set -a && . tests/production.env && $(BIN)/python manage.py makemigrations --check --dry-run
	set -a && . tests/production.env && $(BIN)/python manage.py check --deploy --fail-level WARNING

bench: $(TO_DEVELOP) ## Measure the site against its goals: name, ours, reference, ratio, goal
	$(BIN)/python -m benchmarks

mutants: $(TO_DEVELOP) ## Take checks out of the site, one at a time, and name those no test misses (PLACES=accounts)
	$(BIN)/python -m tests.mutation $(PLACES)

messages: $(TO_DEVELOP) ## Bring the catalogues of the languages up to date, and say what waits to be translated
	$(BIN)/python -m tests.catalogs

pictures: $(TO_DEVELOP) ## Take the pictures of README.md anew, from the site itself (needs Chromium)
	$(BIN)/python -m tests.pictures

fix: $(TO_DEVELOP) ## Format, and repair what can be repaired by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

lock: $(TO_DEVELOP) ## Pin and hash requirements*.txt from requirements*.in
	$(BIN)/python -m pip install --quiet --upgrade --target $(VENV)/uv uv==0.13.8
	for name in requirements requirements-local requirements-dev; do \
		$(VENV)/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
			--override requirements-override.txt \
			--output-file $$name.txt $$name.in || exit 1; \
	done

$(TO_RUN): requirements-local.txt | $(BIN)/pip
	@echo "Installing what requirements-local.txt pins into $(VENV) (half a minute the first time)"
	@$(INSTALL) requirements-local.txt
	@touch $@

# It pins what running takes, too, so that `make run` has nothing left to install after it.
$(TO_DEVELOP): requirements-dev.txt | $(BIN)/pip
	@echo "Installing what requirements-dev.txt pins into $(VENV) (about a minute the first time)"
	@$(INSTALL) requirements-dev.txt
	@touch $@ $(TO_RUN)

# pip is the last thing a new environment gets: where it is missing, making the environment was interrupted.
$(BIN)/pip:
	@python=; \
	for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
		if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			python=$$candidate; break; \
		fi; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed and was not found. Install it, or name it: make PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	"$$python" -m venv --clear $(VENV) || { \
		echo "$$python cannot make a virtual environment. On Debian and Ubuntu, install the package python3-venv." >&2; \
		exit 1; \
	}
