# The commands of this project; `make` alone lists them. What is behind each is in Scripts/.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test soak lint format features snippets bench bench-postgres bench-peers docs clean

# Compile jobs at once. Two is what a small machine stands: a Swift compile takes up to a gigabyte.
JOBS ?= 2
# Of the demo: see `make help`.
OUT ?= demo-out
# Of `make soak`: how many random histories each model-based test tries.
SEEDS ?= 2000
# Of `make soak`: how often media-tool is killed before it may end its work.
KILLS ?= 20

export JOBS OUT FILES STORE PRESET

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo '  make demo FILES="a.jpg clips/*.mp4" OUT=results STORE=sqlite:tasks.sqlite'
	@echo '            STORE=postgres starts a PostgreSQL of its own for the demo, which keeps its data in OUT;'
	@echo '            STORE=postgres://user@host/database uses that one'
	@echo '            a path with spaces in quotes of its own: FILES="'"'my photo.jpg'"' b.mp4"; a $$ is written $$$$'
	@echo '  make bench-postgres ARGS="--drain 0 --latency 0 --runs 1 --backlog 1000000 --long 2000000 --pinned"'
	@echo '            also --cancel 200 and --progress 2000; `tasks-bench --help` says what each measures'
	@echo '  JOBS=n    compile jobs at once (now $(JOBS))'

demo: ## Make thumbnails, posters and metadata of samples or FILES; type it again to continue
	@Scripts/demo.sh

test: ## Check formatting, compiler settings and documentation, then run every test
	@Scripts/bootstrap.sh test
	@$(MAKE) --no-print-directory lint features
	swift build --build-tests -j $(JOBS)
	swift test --skip-build --filter SnippetTests
	# One test at a time: many of them kill processes at moments of their run, or keep all threads busy.
	swift test --skip-build --no-parallel --skip SnippetTests --skip MediaToolTests
	# In a process of its own, for these measure memory, and a child counts what its parent had.
	swift test --skip-build --no-parallel --filter MediaToolTests

soak: ## Run the tests with many more random histories and killed processes (SEEDS=n KILLS=n)
	@Scripts/bootstrap.sh test
	swift build --build-tests -j $(JOBS)
	TASKCORE_SOAK=1 TASKCORE_SEEDS=$(SEEDS) swift test --skip-build --no-parallel --skip SnippetTests --skip MediaToolTests
	TASKCORE_SOAK=1 TASKCORE_KILLS=$(KILLS) swift test --skip-build --no-parallel --filter MediaToolTests

lint: ## Check the formatting, strictly
	@Scripts/lint.sh

format: ## Rewrite all Swift as .swift-format says
	@Scripts/lint.sh --fix

features: ## Prove that the compiler settings in Package.swift are in force
	@Scripts/check-features.sh

snippets: ## Compile every block of Swift in README, Docs and the DocC catalogs
	swift test -j $(JOBS) --filter SnippetTests

bench: ## Measure in release mode, print a table, write bench.json
	@Scripts/bench.sh

bench-postgres: ## Measure PostgreSQL beside the leanest SQL, on a server of its own (ARGS="--drain 500000 --processes 2")
	@Scripts/bootstrap.sh bench
	swift build -c release -j $(JOBS) --product tasks-bench
	Scripts/postgres.sh run -c max_wal_size=4GB -c shared_buffers=512MB -- \
		bash -c '"$$(swift build -c release --show-bin-path)/tasks-bench" --store "$$TASKCORE_POSTGRES_URL" $(ARGS)'

bench-peers: ## Measure pgqueuer and procrastinate (from PyPI) beside it, turn by turn
	@Benchmarks/postgres-peers.sh $(ARGS)

docs: ## Build the reference documentation into .build/docs
	@Scripts/docs.sh

clean: ## Remove what was built and the demo's results in demo-out
	rm -rf .build demo-out bench.json
