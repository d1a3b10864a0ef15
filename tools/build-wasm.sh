#!/usr/bin/env bash
# Compiles the rules of movement and the codecs of the hot frames to WebAssembly, from the very sources that the host is
# built of: tools/build-wasm.sh [OUTPUT], by default build/wasm/manyworlds.wasm. Debian's clang 14, lld and wasi-libc.
set -euo pipefail
cd "$(dirname "$0")/.."
output=${1:-build/wasm/manyworlds.wasm}
compiler=${MW_WASM_CXX:-clang++-14}
command -v "$compiler" >/dev/null || { echo "$compiler is missing; tools/packages.txt lists what the build needs" >&2; exit 1; }
mkdir -p "$(dirname "$output")"
sources=()
for file in src/base/*.cpp src/wire/*.cpp src/wire/hot/*.cpp src/motion/*.cpp src/motion/hot/*.cpp src/wasm/*.cpp; do
  [[ ! -f $file || $file =~ _(test|fuzz|bench)\.cpp$ ]] || sources+=("$file")
done
# fmt is used header-only: its native library cannot be linked here, and its headers alone must not bring the host's libc.
include=$(dirname "$output")/include
mkdir -p "$include" && ln -sfn /usr/include/fmt "$include/fmt"
part=$output.$$
trap 'rm -f "$part"' EXIT
# Basic IEEE arithmetic without contraction, as in the native build: both must agree to the bit.
"$compiler" --target=wasm32-wasi -mexec-model=reactor -std=c++20 -O2 -ffp-contract=off -fno-exceptions -fno-rtti \
  -DNDEBUG -DFMT_HEADER_ONLY -DFMT_EXCEPTIONS=0 -Wall -Wextra -Wshadow -Wno-missing-field-initializers \
  -Isrc -isystem "$include" -fvisibility=hidden -Wl,--gc-sections -Wl,--strip-all "${sources[@]}" -o "$part"
mv "$part" "$output"
