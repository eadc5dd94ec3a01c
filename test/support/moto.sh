#!/usr/bin/env bash
# moto.sh COMMAND...: runs COMMAND against moto, an independent stand-in for AWS, and exits with its status.
#
# COMMAND finds the server in LAZYCRED_TEST_SERVER, LAZYCRED_TEST_S3_ENDPOINT and LAZYCRED_TEST_KMS_ENDPOINT, and the
# folder of the AWS command line in LAZYCRED_TEST_AWS_CLI. Both are installed once, in a virtual environment outside the tree: in LAZYCRED_CACHE, or in the user's cache folder.
set -euo pipefail

version=5.2.5
cli_version=1.46.3
cache="${LAZYCRED_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/lazycred-ci}/moto"
venv="$cache/$version-$cli_version"
patience=60 # seconds

if (($# == 0)); then
  echo 'usage: moto.sh COMMAND...' >&2
  exit 2
fi

# The marker is written last: an installation that was interrupted is made again.
if [[ ! -e "$venv/complete" ]]; then
  echo "moto.sh: installing moto $version in $venv" >&2
  rm -rf "$venv"
  mkdir -p "$cache"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "moto[server,s3,kms]==$version" "awscli==$cli_version" >&2
  touch "$venv/complete"
fi

log="$(mktemp)"
server=
finish() {
  if [[ -n "$server" ]]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -f "$log"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Port 0: the system picks a free one, and the server's log tells which.
"$venv/bin/moto_server" -H 127.0.0.1 -p 0 >"$log" 2>&1 &
server=$!
SECONDS=0
endpoint=
until [[ -n "$endpoint" ]]; do
  if ! kill -0 "$server" 2>/dev/null || ((SECONDS >= patience)); then
    echo 'moto.sh: moto does not start:' >&2
    cat "$log" >&2
    exit 1
  fi
  sleep 0.2
  endpoint="$(sed -n 's|.*Running on \(http://127\.0\.0\.1:[0-9]*\).*|\1|p' "$log")"
done

export LAZYCRED_TEST_SERVER=moto
export LAZYCRED_TEST_S3_ENDPOINT="$endpoint"
export LAZYCRED_TEST_KMS_ENDPOINT="$endpoint"
export LAZYCRED_TEST_AWS_CLI="$venv/bin"
"$@"
