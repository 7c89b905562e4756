# Two commands need nothing but python3 (3.11 or newer, with pip) and make: `make run` and `make test`.
# `make help` names the others.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
export PYTHONUTF8 := 1

# The Python that makes the virtual environment; afterwards only the environment's own is used.
PYTHON ?= python3
UV := var/tools/bin/uv
PY := .venv/bin/python
SERVERS := $(PY) -m config.embedded shell --
MANAGE := $(SERVERS) $(PY) manage.py
# What pytest is told besides pyproject.toml, e.g. make test ARGS="tests/lms -n 0".
ARGS ?= -n 3 --dist worksteal

# Seconds and rounds a server, workload and number of connections: BENCH_SECONDS, BENCH_ROUNDS.
.PHONY: help run test pytest journey bench chaos reset lint format types contracts migrations-check schema migrate makemigrations \
	manage sync sync-run lock keys system-packages check-fresh python-version

help: ## name these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' Makefile

run: sync-run ## the whole platform with its demonstration, until Ctrl-C (PORT=8000)
	@exec $(PY) -m config.embedded run

test: sync system-packages lint contracts migrations-check ## everything that must hold before a commit
	@$(MAKE) -j2 types pytest # types need one core for a minute, in which tests often wait

pytest: sync ## the tests alone (ARGS=)
	$(PY) -m pytest $(ARGS)

journey: sync ## walk from a registration to a checked certificate, against the platform that `make run` started
	@$(PY) -m config.embedded shell --running -- $(PY) -m tests.journeys

bench: sync ## what requests, drawings, imports and pages cost; writes var/bench.json and var/bench-pages.json (needs wrk)
	@$(PY) -m tests.bench $(WORKLOADS)
	@$(PY) -m tests.bench.pages $(WORKLOADS)

chaos: sync ## break one part after the other under phones in use, then count (CHAOS_SECONDS=120 CHAOS_SEED=)
	@$(PY) -m tests.chaos

reset: sync-run ## remove the local state: databases, files, keys, logs
	@$(PY) -m config.embedded reset

lint: sync ## ruff: rules and format
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

format: sync ## ruff: rewrite to the format
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

types: sync keys ## mypy, strict
	.venv/bin/mypy

contracts: sync ## who may import whom (.importlinter)
	.venv/bin/lint-imports

migrations-check: sync ## every change of a model has its migration
	@$(MANAGE) makemigrations --check --dry-run

schema: sync ## rewrite the snapshot of the API's schema
	@$(MANAGE) spectacular --validate --fail-on-warn --file tests/contracts/openapi.yaml

migrate: sync ## bring the local database up to date
	@$(MANAGE) migrate

makemigrations: sync ## write the migrations of changed models
	@$(MANAGE) makemigrations

manage: sync ## any other command of manage.py: make manage DO="update_catalogues"
	@$(MANAGE) $(DO)

check-fresh: ## clone into an empty folder; run, journey and test must each end well there
	@.ci/check-fresh

keys:
	@$(PY) -m config.embedded keys

python-version:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "✗ Jisr needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing). Name a newer one: make $(firstword $(MAKECMDGOALS)) PYTHON=python3.12" >&2; exit 2; }

# pip's --target is allowed where the system's packages are managed by others (PEP 668) and needs no venv;
# PIP_USER=0 because a configured `user = true` would refuse it.
$(UV): | python-version
	@PIP_USER=0 $(PYTHON) -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
		--target var/tools uv || { \
		echo "✗ uv cannot be installed: '$(PYTHON) -m pip' is missing or reaches no package index (see above)" >&2; exit 2; }

.venv/bin/python: | $(UV)
	@UV_PYTHON_DOWNLOADS=never $(UV) venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" .venv

# .venv/synced holds "<lock> <hash of it>" of the last sync.
define lock_hash
$(PY) -c 'import hashlib,pathlib,sys; print(sys.argv[1], hashlib.sha256(pathlib.Path(f"requirements/{sys.argv[1]}.lock").read_bytes()).hexdigest())'
endef
define sync_lock
VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes --compile-bytecode requirements/$(1).lock \
	&& $(lock_hash) $(1) > .venv/synced && echo "  ✓ packages of requirements/$(1).lock" \
	|| { echo "✗ The packages of requirements/$(1).lock cannot be installed (see above)" >&2; exit 2; }
endef

sync: .venv/bin/python ## install what development and tests need, exactly as locked
	@[ "$$(cat .venv/synced 2>/dev/null)" = "$$($(lock_hash) dev)" ] || { $(call sync_lock,dev); }

# A development environment has all that running needs: it is left as it is.
sync-run: .venv/bin/python
	@case "$$(cat .venv/synced 2>/dev/null)" in \
		"$$($(lock_hash) dev)" | "$$($(lock_hash) run)") ;; \
		dev*) $(call sync_lock,dev) ;; \
		*) $(call sync_lock,run) ;; \
	esac

lock: $(UV) ## lock the newest packages that pyproject.toml allows
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --extra embedded --output-file requirements/run.lock pyproject.toml
	@$(UV) pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
		--no-annotate --no-emit-index-url --extra embedded --extra dev --constraints requirements/run.lock \
		--output-file requirements/dev.lock pyproject.toml

# Browser, PDF-image and media tests use Debian's programs; without them those tests skip and say so.
system-packages:
	@missing=""; \
	command -v chromium >/dev/null || missing="$$missing chromium"; \
	command -v pdftoppm >/dev/null || missing="$$missing poppler-utils"; \
	command -v ffmpeg >/dev/null || missing="$$missing ffmpeg"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "  installing$$missing"; mkdir -p var/log; export DEBIAN_FRONTEND=noninteractive; \
		{ apt-get install -y --no-install-recommends $$missing \
			|| { apt-get update && apt-get install -y --no-install-recommends $$missing; }; } >var/log/apt.log 2>&1 \
			|| echo "! Not installed:$$missing (var/log/apt.log says why); the tests that need them skip" >&2; \
	else \
		echo "! Tests that need them skip; to run them too: sudo apt-get install$$missing" >&2; \
	fi
