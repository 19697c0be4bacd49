#!/bin/sh
# Makes .venv with what the tests hold this project against. Does nothing if it is up to date.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/requirements.txt
if [ -x .venv/bin/python ] && cmp -s Tests/Python/requirements.txt "$stamp"; then exit 0; fi
python3 -m venv --clear .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r Tests/Python/requirements.txt
cp Tests/Python/requirements.txt "$stamp"
