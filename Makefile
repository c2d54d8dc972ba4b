# Two commands do everything: `make run` shows one whole cycle, `make test` runs every check.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test lock
.DELETE_ON_ERROR:

run: $(VENV)/installed
	@$(BIN)/neuropilot demo

test: $(VENV)/installed-tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/pytest -n 2 --dist worksteal $(if $(filter true,$(CI)),,-m "not slow")

$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/installed-tests: tests/requirements.txt $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.txt
	@touch $@

# After a change of the dependencies in pyproject.toml; needs uv. The files name no index. requirements.txt is the core
# with the extra [report], so that whoever follows the README gets charts; tests/requirements.txt adds what tests need.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
lock:
	$(LOCK) pyproject.toml --extra report --output-file requirements.txt
	$(LOCK) pyproject.toml --extra report --extra test --constraint requirements.txt --output-file tests/requirements.txt
