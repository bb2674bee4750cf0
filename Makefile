# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed
# Tests wait on the engine more than they compute: three processes keep two cores busy.
WORKERS ?= 3
# What the pages' style is made from, and what their tests use, from the npm registry.
NPM := build/npm
WHOLE := tests/rehearsal/test_whole.py

.PHONY: help install run test browser style chaos soak bench bench-large production-shape lint types docs lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

install: $(INSTALLED) ## make .venv with everything pinned in requirements.lock; the command is then .venv/bin/siwrnai

$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "Siwrnai needs Python 3.11 or later: install it, or name it with make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Siwrnai needs Python 3.11 or later; $$($(PYTHON) --version) is too old. Name another with make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python cannot make a virtual environment: install its venv package (on Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Installing what requirements.lock pins into $(VENV)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock || { echo "The package registry could not be reached, or a package is not as pinned (see above)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
	@touch $@
	@echo "Installed: $(BIN)/siwrnai"

run: export SIWRNAI_STOP_WITH_PARENT = yes
run: install ## start everything on this machine and serve until Ctrl-C
	@exec $(BIN)/siwrnai serve

test: lint types browser ## lint, types, and every test on the real parts
	@echo "Getting the engine for the tests"
	@$(BIN)/python -m embedded.engine_binary
	@echo "Getting what judges calendar objects: ical.js and ical4j"
	@$(BIN)/python -m tests.correspondence.calendars.judges.tools
	@echo "Testing on a real engine, database and mail server ($(WORKERS) processes; some minutes)"
	@$(BIN)/python -m pytest -n $(WORKERS) --ignore $(WHOLE)
	@echo "Rehearsing the shipped cases whole, by themselves: virtual time is a matter of milliseconds"
	@$(BIN)/python -m pytest $(WHOLE)

browser: $(NPM)/installed
	@command -v chromium >/dev/null || { echo "The tests open the pages in Chromium, which is not here: install it (on Debian: apt-get install chromium)"; exit 1; }

$(NPM)/installed: web/styles/package.json web/styles/package-lock.json
	@command -v npm >/dev/null || { echo "The tests of the pages need npm, which is not here: install it (on Debian: apt-get install npm)"; exit 1; }
	@echo "Installing what web/styles/package-lock.json pins into $(NPM)"
	@mkdir -p $(NPM) && cp $^ $(NPM)
	@npm ci --prefix $(NPM) --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error
	@touch $@

style: $(NPM)/installed ## make web/style.css anew from GOV.UK Frontend
	@npm run --prefix $(NPM) --silent style -- $(CURDIR)/web/styles/main.scss $(CURDIR)/web/style.css

chaos: install ## kill processes at random moments through rehearsals, and compare with undisturbed ones: KILLS=200 SEED=any (a quarter of an hour)
	@$(BIN)/python -m tests.chaos --kills $(or $(KILLS),200) $(if $(SEED),--seed $(SEED))

bench: install ## one table: what everything costs beside the same work done plainly (some ten minutes)
	@$(BIN)/python -m bench

bench-large: install ## with 10,000 and 60,000 open journeys, and 60,000 chains to verify (hours)
	@$(BIN)/python -m bench --size large

production-shape: install ## run what docker-compose.yml describes, as processes, on this machine's PostgreSQL
	@$(BIN)/python -m tests.production

soak: install ## random practitioners on the real engine, with faults: make soak MINUTES=60 SEED=1
	@$(BIN)/python -m tests.soak --minutes $(or $(MINUTES),60) $(if $(SEED),--seed $(SEED))

lint: install ## style
	@echo "Checking style"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .

types: install ## types, strictly
	@echo "Checking types"
	@$(BIN)/pyright --warnings

docs: install ## write the generated pages of docs/ anew
	@$(BIN)/python -m procedures.documentation
	@$(BIN)/python -m console.documentation
	@$(BIN)/python -m tests.correspondence.guide
	@$(BIN)/python -m embedded.environment > docs/environment.md

lock: ## resolve and pin all dependencies anew
	@$(PYTHON) -m venv build/uv && build/uv/bin/pip install --quiet --disable-pip-version-check uv
	@build/uv/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev --no-emit-index-url --no-header --quiet -o requirements.lock pyproject.toml

clean: ## remove what was installed and cached in this folder; data and the engine stay
	@rm -rf $(VENV) build *.egg-info .pytest_cache .ruff_cache .hypothesis
