#!/usr/bin/env bash
# Sets up what is missing, loads the model and serves the page and programs, by default on port 7860 of this machine alone. Arguments
# are those of "assistant serve", such as --https, for phones, and --profile NAME.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/setup
exec .venv/bin/python -m assistant serve "$@"
