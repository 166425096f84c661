#!/usr/bin/env bash
# Runs the benchmarks with tiny inputs: they must run. Needs a Release build.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
for benchmark in "StepBench --quick"; do
    # shellcheck disable=SC2086 # A name and its argument.
    set -- $benchmark
    if dotnet "bench/$1/bin/Release/net10.0/$1.dll" "$2" >"bench/$1/bin/ci.log" 2>&1; then
        passed=$((passed + 1))
    else
        tail -n 20 "bench/$1/bin/ci.log"
        failed=$((failed + 1))
    fi
done
echo "bench: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
