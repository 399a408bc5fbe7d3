# Everything installs into .venv with pip; `make demo` and `make test` work on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test bench clean

setup: .venv/ready

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]' --constraint constraints.txt
	touch .venv/ready

demo: setup
	$(BIN)/buqi demo

test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

bench: setup
	$(BIN)/buqi bench train

clean:
	rm -rf demo build .mypy_cache .ruff_cache .pytest_cache
