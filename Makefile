# Two commands do all the set-up: `make up` and `make test`. STACK picks the stack (dev unless told).
STACK ?= dev
VENV  ?= .venv
PY    := $(VENV)/bin/python
DEPS  := $(VENV)/.installed

.PHONY: help up preview policy down status history preflight report rollback test test-python test-go check e2e format docs

help:       ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

up:         ## build, push and run the service; what is missing of Docker, registry, cluster and Pulumi comes first
preview:    ## show what `make up` would change
policy:     ## preview, and judge it by the rules of policies/
down:       ## remove the service and everything `make up` started; STACK= removes that stack alone
status:     ## what runs, in which version and where; tracks, shares of traffic and the last verdict
up preview policy: $(DEPS)
	$(PY) -m local $@ --stack $(STACK)
down: $(DEPS)
	$(PY) -m local down $(if $(filter command,$(firstword $(origin STACK))),--stack $(STACK))
status: $(DEPS)
	$(PY) -m local status
history:    ## the releases that ran or were tried, and the verdict on each
history: $(DEPS)
	$(PY) -m local exec -- $(PY) -m components.operate history --stack $(STACK)
preflight:  ## whether a canary could be measured: Prometheus, metrics, labels, scrapes, buckets, queries
preflight: $(DEPS)
	$(PY) -m local exec -- $(PY) -m components.operate preflight --stack $(STACK)
report:     ## one HTML page about the last release: what changed, its trial as charts, the verdict, the history
report: $(DEPS)
	$(PY) -m local exec -- $(PY) -m components.operate report --stack $(STACK)
rollback:   ## roll back to the previous release, without a build; TO= names another by version or digest
rollback: $(DEPS)
	$(PY) -m local exec -- $(PY) -m components.operate rollback --stack $(STACK) --to $(or $(TO),previous)

test:       ## unit tests; no network, no Docker
test: $(DEPS)
	$(MAKE) --no-print-directory -j2 test-python test-go
test-python:
	$(PY) -m pytest -m "not e2e" -n auto --dist worksteal
test-go:
	cd app && go test ./...
	cd local/discovery && go test ./...

check:      ## linters and types, Python and Go
check: $(DEPS)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/pyright
	$(PY) -m docs.generate --check
	cd app && go vet ./... && test -z "$$(gofmt -l .)"
	cd local/discovery && go vet ./...
	cd local/plugins && go vet -trimpath ./substitute
	test -z "$$(gofmt -l local)"
	@if command -v golangci-lint >/dev/null; then cd app && golangci-lint run; \
	else echo "golangci-lint is not installed; go vet and gofmt ran"; fi

e2e:        ## everything for real: takes over the embedded default, and removes it at the end
e2e: $(DEPS)
	$(PY) -m pytest -m e2e --durations=15 tests/e2e

format:     ## rewrite to the house format
format: $(DEPS)
	$(VENV)/bin/ruff check --fix . && $(VENV)/bin/ruff format .
	cd app && gofmt -w .

docs:       ## write what is generated: the settings in Pulumi.yaml, pages in docs/, the README's table
docs: $(DEPS)
	$(PY) -m docs.generate

$(DEPS): requirements.txt requirements-dev.txt app/go.sum
	python3 -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	cd app && go mod download
	@touch $@
