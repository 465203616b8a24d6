#!/bin/sh
# As AWS's runtime does: the search path is only its own while nobody else has set one.
set -eu
if [ -z "${PYTHONPATH:-}" ]; then
    export PYTHONPATH="$LAMBDA_TASK_ROOT:/opt/python:$LAMBDA_RUNTIME_DIR"
fi
export _HANDLER="$1"
exec python -m awslambdaric "$1"
