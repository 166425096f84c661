#!/usr/bin/env bash
# Runs the benchmarks with tiny inputs, so that they do not rot, and the gate that a step allocates nothing. Needs a Release build.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0

run() { # PROJECT ARGUMENT...
    local project=$1 output
    shift
    if output=$(dotnet "bench/$project/bin/Release/net10.0/$project.dll" "$@" 2>&1); then
        echo "bench: ok $project $*"
        passed=$((passed + 1))
    else
        tail -n 20 <<<"$output"
        echo "bench: FAIL $project $*"
        failed=$((failed + 1))
    fi
}

run StepBench --quick
run Microbenchmarks --gate
run GrpcBench --quick
run ServiceBench --quick
run LoadBench --quick
run LogBench --quick
echo "bench: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
