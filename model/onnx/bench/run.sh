#!/bin/sh
# Compares model/onnx with ONNX Runtime on one core. Needs npm for the shared
# library and, the first time, PYTHON with notebooks/' requirements for the models.
set -eu
cd "$(dirname "$0")"
[ -d node_modules/onnxruntime-node ] || npm install --ignore-scripts --no-save --no-package-lock onnxruntime-node@1.30.0
[ -d models ] || (cd ../../../notebooks && "${PYTHON:-python3}" -m goldens_onnx.bench ../model/onnx/bench/models)
case $(uname -m) in x86_64) machine=x64 ;; aarch64) machine=arm64 ;; *) echo "no library for $(uname -m)" >&2; exit 2 ;; esac
go build -o bench.bin .
exec taskset -c 1 ./bench.bin -library "node_modules/onnxruntime-node/bin/napi-v6/linux/$machine/libonnxruntime.so.1" "$@"
