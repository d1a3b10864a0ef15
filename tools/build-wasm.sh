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
for file in src/wire/*.cpp src/motion/*.cpp src/wasm/*.cpp; do
  [[ $file =~ _(test|fuzz|bench)\.cpp$ ]] || sources+=("$file")
done
part=$output.$$
trap 'rm -f "$part"' EXIT
# Size before speed: both measure the same here, and the page loads it before anybody walks.
# Basic IEEE arithmetic without contraction, as in the native build: both must agree to the bit. All sources are one program
# to the optimiser; what nothing exported needs is left out.
"$compiler" --target=wasm32-wasi -mexec-model=reactor -std=c++20 -Os -flto -ffp-contract=off -fno-exceptions -fno-rtti \
  -DNDEBUG -Wall -Wextra -Wshadow -Wno-missing-field-initializers -Isrc -fvisibility=hidden \
  -Wl,--gc-sections -Wl,--strip-all -Wl,-z,stack-size=262144 "${sources[@]}" -o "$part"
mv "$part" "$output"
