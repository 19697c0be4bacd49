#!/bin/sh
# Counts the system calls that a match's thread makes per step, two native agents, recorded in full:
#
#     swift build -c release --product Benchmarks && Benchmarks/count-syscalls.sh
#
# strace writes down every call of every thread; those of the thread named "match" are counted in two matches of
# different length. The difference over the difference in steps leaves out start-up and end.
set -eu
cd "$(dirname "$0")/.."
program=${1:-.build/release/Benchmarks}
short=2000
long=6000
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The calls of the match's thread, one name a line. A call that another thread interrupts in the log has two lines:
# only the first, which names it with its arguments, counts.
calls() {
  strace -f -qq -o "$folder/trace" "$program" native-match --steps "$1" > "$folder/output"
  thread=$(sed -n 's/^\([0-9]*\) *prctl(PR_SET_NAME, "match".*/\1/p' "$folder/trace" | head -n 1)
  [ -n "$thread" ] || { echo "no thread named match" >&2; exit 1; }
  sed -n "s/^$thread  *\([a-z_0-9]*\)(.*/\1/p" "$folder/trace" | sort | uniq -c
}

calls $short > "$folder/short"
calls $long > "$folder/long"
awk -v steps=$((long - short)) '
  NR == FNR { before[$2] = $1; next }
  {
    perStep = ($1 - before[$2]) / steps
    total += perStep
    if (perStep != 0) printf "%-16s %.4f a step\n", $2, perStep
  }
  END {
    printf "%-16s %.4f a step\n", "together", total
    exit total > 6
  }
' "$folder/short" "$folder/long"
