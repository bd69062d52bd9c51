#!/usr/bin/env bash
# The tutorial and the benchmarks on an NVIDIA GPU (Linux x64, CUDA 12), in one command:
#
#     bench/gpu.sh [DEVICE]          cuda (the default) or webgpu
#
# It installs what is missing: the packages, the CUDA libraries of ONNX Runtime, and, where there is a python3 that makes
# virtual environments, JAX for CUDA to measure beside. The rows go to bench/gpu-rows.json.
set -euo pipefail
cd "$(dirname "$0")/.."
device=${1:-cuda}

if [ "$device" = cuda ]; then
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader ||
    { echo 'no NVIDIA driver: nvidia-smi does not run' >&2; exit 1; }
fi
[ -d node_modules ] || npm ci
npm run build
if [ "$device" = cuda ] && ! ls node_modules/onnxruntime-node/bin/napi-v*/linux/x64/libonnxruntime_providers_cuda.so >/dev/null 2>&1; then
  node node_modules/onnxruntime-node/script/install
fi
if [ -z "${COTANGENT_PYTHON:-}" ] && [ ! -d bench/.venv ] && [ "$device" = cuda ]; then
  { python3 -m venv bench/.venv && bench/.venv/bin/pip install --quiet 'jax[cuda12]'; } || echo 'no JAX to measure beside' >&2
fi

npm run tutorial -- --device "$device"
npx tsc -b bench
node bench/dist/main.js --device "$device" --only 'fit step, in memory|fit step, streamed|beside JAX' --json bench/gpu-rows.json
