# shellcheck shell=bash
# Sourced by ./test: what each stage does. A stage prints what it likes (it goes to build/test/STAGE.log), adds lines
# "passed failed skipped" to build/test/counts by `count` when it knows them, and fails by its exit status.

# In the order in which ./test runs them: what fails soonest and cheapest comes first.
# shellcheck disable=SC2034  # read by ./test
stages=(
  "layers: includes keep to tools/layers.toml"
  "format: clang-format, file and function lengths"
  "shell: shellcheck over the scripts"
  "build: the release build with all programs and tests"
  "unit: unit and property tests, release (movement and codecs reach the stated hashes)"
  "generated: what is generated from the registry is committed as generated"
  "web: types, unit tests and size of the browser client (WebAssembly reaches the same hashes)"
  "peers: identity, credentials and signatures against independent implementations from npm"
  "gltf: gltf-validator over what the kit makes"
  "kill: the host is killed during edits; nothing acknowledged is lost"
  "e2e: the whole, in Chromium"
  "sim: seeded simulations"
  "sanitize: the tests with clang's address and undefined sanitizers (what looks for planted bugs is left to unit)"
  "fuzz: every fuzzer for some seconds"
  "thread: the concurrent parts with the thread sanitizer"
  "tidy: clang-tidy over all files (what was clean before is passed over)"
)

# Where the builds stand; another folder may be named, so as to test what was built there.
release=${MW_RELEASE:-build/release} sanitize=${MW_SANITIZE:-build/sanitize} thread=${MW_THREAD:-build/thread}

count() { echo "$1 $2 ${3:-0}" >>build/test/counts; }

# counted COMMAND...: takes the counts from the line "TOTAL passed failed skipped" that it prints last.
counted() {
  local status line
  "$@" | tee build/test/last
  status=${PIPESTATUS[0]}
  line=$(grep '^TOTAL ' build/test/last | tail -n 1)
  # shellcheck disable=SC2086  # three numbers
  [ -z "$line" ] || count ${line#TOTAL }
  return "$status"
}

# one COMMAND...: counts as one test.
one() {
  if "$@"; then count 1 0; else count 0 1; return 1; fi
}

# Ninja with nobody watching: lines of progress would only fill the log.
build_quietly() { ninja -C "$1" -j"$(build_jobs)" --quiet "${@:2}"; }

source_files() { git ls-files -co --exclude-standard -- 'src/**' 'sim/**' 'bench/**' cmake | grep -E '\.(h|cpp)$'; }

stage_layers() { node tools/check-layers --strict; }

stage_format() {
  local status=0
  source_files | xargs -P "$(nproc)" -n 20 clang-format-19 --dry-run -Werror || status=1
  node tools/check-lengths || status=1
  return $status
}

stage_shell() {
  local scripts
  mapfile -t scripts < <(git ls-files -co --exclude-standard -- run test .ci tools docs | while read -r file; do
    [ -f "$file" ] && head -n 1 "$file" | grep -qE '^#!.*bash|shellcheck shell=bash' && printf '%s\n' "$file"
  done)
  shellcheck -x -P SCRIPTDIR "${scripts[@]}" && node tools/check-dependencies
}

stage_build() { configure "$release" -DCMAKE_BUILD_TYPE=Release -DMW_TESTS=ON && build_quietly "$release"; }

stage_unit() { counted node tools/run-gtest "$release"; }

configure_sanitize() {
  # One build for the address and undefined sanitizers and for the fuzzers; -O1, since all of it runs for seconds only.
  configure "$sanitize" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_FLAGS="-O1 -D_GLIBCXX_ASSERTIONS" -DMW_SANITIZE=address,undefined -DMW_FUZZ=ON -DMW_CLIENT=OFF
}

stage_sanitize() {
  configure_sanitize && build_quietly "$sanitize" || return 1
  # That the simulation finds what is planted in it, and plays a seed the same way twice, is looked at in the release: here it
  # would take many minutes of code that the other seeds run, too. With more frames for each allocation, what the sanitizer
  # remembers of them grows until it takes most of the time: 481 s instead of 140 for test_server.
  GTEST_FILTER='-*Scenario.Finds*:*Scenario.TheSameSeed*' \
    ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1:malloc_context_size=5 UBSAN_OPTIONS=print_stacktrace=1 \
    counted node tools/run-gtest "$sanitize" --timeout 1200
}

stage_fuzz() { configure_sanitize && build_quietly "$sanitize" && counted node tools/run-fuzz "$sanitize" --seconds "${MW_FUZZ_SECONDS:-8}"; }

stage_thread() {
  configure "$thread" -DCMAKE_BUILD_TYPE=None -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_C_COMPILER=clang-19 \
    -DCMAKE_CXX_FLAGS=-O1 -DMW_SANITIZE=thread -DMW_CLIENT=OFF || return 1
  local targets=() name
  for name in runtime platform tracks edge server records; do
    ls src/$name/*_test.cpp >/dev/null 2>&1 && targets+=("test_$name")
  done
  build_quietly "$thread" "${targets[@]}" && TSAN_OPTIONS=external_symbolizer_path=$(command -v addr2line) counted node tools/run-gtest "$thread" --jobs 1 --timeout 600 \
    --only "$(IFS=,; echo "${targets[*]#test_}")"
}

stage_tidy() { configure_sanitize && node tools/tidy "$sanitize"; }

# vitest_in FOLDER NAME: runs the tests of an npm workspace and counts them.
vitest_in() {
  local report=$PWD/build/test/$2.json status
  rm -f "$report"
  (cd "$1" && npx --no-install vitest run --reporter=default --reporter=json --outputFile="$report" "${@:3}") </dev/null
  status=$?
  [ ! -f "$report" ] || node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(r.numPassedTests, r.numFailedTests, r.numPendingTests)' "$report" >>build/test/counts
  return $status
}

stage_web() {
  local status=0
  tools/build-web || return 1
  one npm --prefix web run --silent check || status=1
  one node tools/check-bundle || status=1
  vitest_in web web || status=1
  return $status
}

stage_peers() {
  ls "$release"/peer_* >/dev/null 2>&1 || stage_build || return 1
  tools/build-web && tools/build-peers && MW_RELEASE=$(realpath "$release") vitest_in web/peers peers
}

stage_e2e() {
  stage_build && tools/build-web && MW_BINARY=$(realpath "$release/manyworlds") vitest_in web/e2e e2e --config vitest.config.ts
}

# Movement and codecs: a million steps, native and in WebAssembly, against the same hashes. Part of unit and of web.
stage_agree() {
  local status=0
  stage_build && tools/build-web || return 1
  counted node tools/run-gtest "$release" --only wasm || status=1
  vitest_in web agree wasm.test || status=1
  return $status
}

stage_generated() { tools/check-generated "$release/manyworlds"; }

stage_gltf() { counted node tools/check-gltf "$release/manyworlds"; }

stage_kill() { counted node tools/check-kill "$release/manyworlds" --rounds "${MW_KILL_ROUNDS:-100}"; }

stage_sim() {
  # The longest first, one for each processor: each is a process that needs nothing of the others.
  export -f one count
  export release
  # shellcheck disable=SC2016  # expanded by the shell that runs the scenario
  printf '%s\n' visits titles split log journal edits |
    xargs -P "$(build_jobs)" -I SCENARIO bash -c 'one "$release/manyworlds-sim" --scenario SCENARIO --seeds 200'
}
