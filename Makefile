# Everything a person or a machine does with Headroom. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
PORT ?= 8000
DATA ?= ../shared/data/releases
# For backup and restore: where to, where from, as of which instant, and `on` for the services of docker-compose.yml
TO ?=
FROM ?=
AT ?=
COMPOSE ?=
# `off` for a desk of your own instead of the demo company
DEMO ?=
# More words for pytest, as in: make test ARGS="-k gate -x"
ARGS ?=
export PORT

VENV := .venv/bin/python
WITH_SERVERS := $(VENV) -m itsm.run --tmp

.PHONY: help run setup develop test check migrations tables lock bench replay prove mutants secrets backup restore drill upgrade restart clean python

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Open the service desk with a demo company (DEMO=off: an empty one; PORT=8000; DATABASE_URL, REDIS_URL)
	@exec $(if $(DEMO),env HEADROOM_DEMO=$(DEMO)) $(VENV) -m itsm.run

setup: python ## Install what `make run` needs: .venv and the front-end libraries
	@$(PYTHON) -m itsm.run.install

develop: python ## Install what tests and checks need as well
	@$(PYTHON) -m itsm.run.install --dev

test: develop ## All tests, and all checks beside them, on servers of their own (ARGS= for pytest)
	@exec $(WITH_SERVERS) -- $(VENV) -m itsm.run.checks -- $(VENV) -m pytest -n 3 --dist worksteal $(ARGS)

check: develop ## Style, types, imports, templates, migrations, deployment settings, locks
	@exec $(WITH_SERVERS) -- $(VENV) -m itsm.run.checks

migrations: develop ## What the database lacks of the models, printed; it is folded into the app's one migration by hand
	@exec $(WITH_SERVERS) -- $(VENV) manage.py makemigrations --dry-run -v3

tables: develop ## Renew the workflow tables in ARCHITECTURE.md
	@exec $(WITH_SERVERS) -- $(VENV) manage.py workflow_tables --write

lock: develop ## Resolve every dependency anew, by hash and without addresses
	@$(VENV) -m itsm.run.locks

bench: develop ## Measure: gate, lists, budgets; writes down machine and commit (ARGS="gate --against COMMIT")
	@exec $(WITH_SERVERS) --migrate -- $(VENV) -m tests.bench $(ARGS)

replay: develop ## Real releases through the gate (DATA=folder)
	@exec $(WITH_SERVERS) --migrate -- $(VENV) manage.py replay_releases $(DATA)

prove: develop ## The heavy proofs in full, and every stored decision replayed to the same verdict and hash
	@exec $(WITH_SERVERS) --migrate -- sh -c '$(VENV) manage.py replay_releases $(DATA) && exec $(VENV) manage.py replay_decisions'
	@exec $(WITH_SERVERS) -- env PROOF=full $(VENV) -m pytest -n 2 --dist worksteal -m heavy $(ARGS)

mutants: develop ## Faults made on purpose, one at a time: which of them no test notices (ARGS="calendar" for some)
	@exec $(WITH_SERVERS) -- $(VENV) -m tests.mutants $(ARGS)

secrets: setup ## Passwords and keys for docker-compose.yml, in .secrets/
	@$(VENV) -m itsm.run.production

backup: setup ## Database, secrets and files into backups/ (TO=folder, AT=instant, COMPOSE=on for docker-compose.yml)
	@exec $(VENV) -m $(if $(AT),itsm.run.rewind $(if $(COMPOSE),--compose) backup $(AT),itsm.run.backup $(if $(COMPOSE),--compose) backup $(TO))

restore: setup ## A backup into an empty place (FROM=folder, or AT=instant, COMPOSE=on); outgoing mail is held until released
	@exec $(VENV) -m $(if $(AT),itsm.run.rewind $(if $(COMPOSE),--compose) restore $(AT),itsm.run.backup $(if $(COMPOSE),--compose) restore $(FROM))

drill: setup ## The newest backup (FROM=folder) restored on trial into an empty place, and proven there (COMPOSE=on)
	@exec $(VENV) -m $(if $(AT),itsm.run.rewind $(if $(COMPOSE),--compose) drill $(AT),itsm.run.drill $(if $(COMPOSE),--compose) $(FROM))

upgrade: setup ## From the release that runs (FROM=its folder) to this one, while people work; a backup comes first
	@exec $(VENV) -m itsm.run.upgrade $(FROM)

restart: setup ## Every program of the desk that runs started anew, without a request that fails
	@exec $(VENV) -m itsm.run.upgrade --restart

clean: ## Remove what was set up; the data of `make run` in .run/ stays
	@rm -rf .venv .cache itsm/ui/vendor staticfiles staticfiles.new .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

python:
	@command -v $(PYTHON) >/dev/null || { echo "Headroom needs python3, 3.11 or later. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Headroom needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) -V). Name another one: make run PYTHON=python3.12" >&2; exit 1; }
