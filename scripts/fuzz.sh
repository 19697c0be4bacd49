#!/bin/sh
# Feeds the replay reader, the repair, the exports and the frame codec with made-up bytes, each for so many seconds: fuzz.sh [SECONDS [TARGET …]]
# What was found is in .build/fuzz/found/; `fuzz run TARGET FILE` runs it again. Exit status 1 if there is anything.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-60}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- reader repair export frames
: "${SWIFT:=swift}"

$SWIFT build -c debug --product fuzz
# A folder of its own: libFuzzer's instrumentation is in every module. For release: what traps in a debug build traps there too, and more is tried.
scratch=.build/fuzz
$SWIFT build -c release --product fuzz --scratch-path "$scratch/build" --sanitize=fuzzer \
  -Xswiftc -parse-as-library -Xswiftc -DFUZZING

mkdir -p "$scratch/found"
# In memory, where there is such a place: every input becomes a file.
if [ -w /dev/shm ]; then TMPDIR=$(mktemp -d /dev/shm/rl-arena-fuzz-XXXXXX); else TMPDIR=$(mktemp -d); fi
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT INT TERM
# A trap is libFuzzer's to report, which keeps the input.
export SWIFT_BACKTRACE=enable=no

status=0
for target in "$@"; do
  echo "== $target, $seconds s"
  mkdir -p "$scratch/seeds/$target" "$scratch/corpus/$target" "Tests/Fuzzing/Corpus/$target"
  .build/debug/fuzz seeds "$target" "$scratch/seeds/$target"
  RL_ARENA_FUZZ=$target "$scratch/build/release/fuzz" \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 -malloc_limit_mb=512 -max_len=65536 \
    -use_value_profile=1 -print_final_stats=1 -verbosity=1 -artifact_prefix="$scratch/found/$target-" \
    "$scratch/corpus/$target" "$scratch/seeds/$target" "Tests/Fuzzing/Corpus/$target" \
    2>"$scratch/$target.log" || status=1
  tail -n 12 "$scratch/$target.log"
done
exit $status
