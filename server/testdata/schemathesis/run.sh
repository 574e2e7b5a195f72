#!/usr/bin/env bash
# Serves a fresh demonstration and sends it SECONDS_LONG of requests made from its own API document: of every answer the status, the
# content type, the headers and the body must be as the document says, and no status above 499 may come that it does not declare.
# BIN is the environment's folder of programs, from the project's folder. What a failure was is in out/schemathesis.
set -euo pipefail
cd "$(dirname "$0")/../../.."
folder=$(mktemp -d)
./bin/tarozi serve --demo --missing-at-once 100000000 --addr 127.0.0.1:0 --db "$folder/tarozi.db" >"$folder/out" 2>"$folder/log" &
server=$!
trap 'kill $server 2>/dev/null; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
url=
for _ in $(seq 600); do
  url=$(grep -om1 'http://127[^/ ]*' "$folder/out" || true)
  [ -n "$url" ] && break
  kill -0 $server 2>/dev/null || break
  sleep 0.2
done
[ -n "$url" ] || { echo "the service did not start:"; cat "$folder/log"; exit 1; }
key=$(cat "$folder/demo-api-key.txt")
root=$PWD
# One worker: in Python 3.11 two threads that parse source at once can break each other (cpython issue 106905).
cd "$folder" # schemathesis keeps what it found in the folder where it runs
SCHEMATHESIS_HOOKS=$root/server/testdata/schemathesis/hooks.py "$root/$BIN/schemathesis" run "$root/server/openapi.yaml" --url "$url/api/v1" --header "Authorization: Bearer $key" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance \
  --workers 1 --max-time "${SECONDS_LONG:-75}" --request-timeout 30 --warnings off --continue-on-failure --no-shrink \
  --seed "${SEED:-1}" --report ndjson --report-dir "$root/out/schemathesis"
