#!/usr/bin/env bash
# Builds the image, runs it with as few rights as it is meant to have, and checks that it works, stops by itself, and finds
# its sessions again.
#
#   docker/smoke-test.sh [docker|podman]
#
# Without an argument: the first of the two whose engine answers. ENGINE_BUILD_ARGS holds further arguments of the
# build, separated by spaces: "--pull", or a volume with a company's certificates. Needs bash and curl with HTTP/2.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly image=adam-service:smoke-test
readonly container="adam-smoke-test-$$"
readonly volume=$container
readonly session=smoke-test
readonly seconds_max=60
engine=""
started=false

say() { printf '%s\n' "$*"; }

fail() {
    say "FAILED: $*" >&2
    if $started; then
        "$engine" logs "$container" >&2 || true
    fi
    exit 1
}

clean_up() {
    if $started; then
        "$engine" rm --force "$container" >/dev/null 2>&1 || true
        "$engine" volume rm "$volume" >/dev/null 2>&1 || true
    fi
}
trap clean_up EXIT

choose_engine() {
    local candidate
    for candidate in "$@"; do
        # A client without an engine is on the PATH of many a build machine, so presence alone says little.
        if command -v "$candidate" >/dev/null && "$candidate" info >/dev/null 2>&1; then
            engine=$candidate
            return
        fi
    done
    fail "no engine answers; tried: $*"
}

build() {
    local arguments=()
    read -ra arguments <<<"${ENGINE_BUILD_ARGS:-}"
    if [[ $engine == *podman* ]]; then
        # The OCI format has no health check; podman drops it without this.
        arguments+=(--format docker)
    fi
    "$engine" build "${arguments[@]}" --tag "$image" . || fail "the image does not build"
}

run() {
    # Ports that the engine picks, so that the test runs beside a service.
    "$engine" run --detach --name "$container" \
        --read-only --tmpfs /tmp:rw,size=16m,mode=1777 \
        --cap-drop ALL --security-opt no-new-privileges --memory 512m --pids-limit 256 \
        --publish 127.0.0.1::50051 --publish 127.0.0.1::8080 --volume "$volume:/data" \
        "$image" >/dev/null || fail "the container does not start"
}

wait_until_healthy() {
    local begin=$SECONDS begin_us=${EPOCHREALTIME/./}
    until "$engine" exec "$container" dotnet /app/AdamService.dll healthcheck >/dev/null 2>&1; do
        [[ $("$engine" inspect --format '{{.State.Running}}' "$container") == true ]] || fail "the container has ended"
        ((SECONDS - begin < seconds_max)) || fail "not healthy after $seconds_max seconds"
        sleep 0.2
    done
    say "ok: healthy by its own check, $(((${EPOCHREALTIME/./} - begin_us) / 1000)) ms after the start (with the check itself)"
}

check_rights() {
    local uid
    uid=$("$engine" exec "$container" id -u)
    [[ $uid == 1654 ]] || fail "runs as uid $uid"
    say "ok: runs as uid $uid"

    local capabilities
    capabilities=$("$engine" exec "$container" sh -c 'grep CapEff /proc/1/status | cut -f2')
    [[ $capabilities == 0000000000000000 ]] || fail "has capabilities $capabilities"
    say "ok: no capabilities"

    if "$engine" exec "$container" sh -c 'echo x > /app/x' 2>/dev/null; then
        fail "the service can write to its own folder"
    fi
    # Root owns the folder, so what stops root is the read-only file system.
    if "$engine" exec --user 0 "$container" sh -c 'echo x > /app/x' 2>/dev/null; then
        fail "the root file system is writable"
    fi
    say "ok: /app cannot be written, neither by the service's user nor by root"
}

# A gRPC call by hand: the standard input is the request behind its five-byte prefix, the standard output the answer.
call() {
    local grpc
    grpc=$("$engine" port "$container" 50051/tcp | head -n 1)
    curl --silent --show-error --fail --max-time 10 --http2-prior-knowledge \
        --header 'content-type: application/grpc' --header 'te: trailers' --data-binary @- "http://$grpc/$1"
}

check_endpoints() {
    local http
    http=$("$engine" port "$container" 8080/tcp | head -n 1)

    local path answer
    for path in healthz readyz; do
        answer=$(curl --silent --show-error --fail --max-time 10 "http://$http/$path") || fail "/$path does not answer"
        [[ $answer == Healthy ]] || fail "/$path says $answer"
        say "ok: /$path says $answer"
    done

    # An empty HealthCheckRequest. The answer is the prefix of two bytes, then field 1 = 1, which is SERVING.
    answer=$(printf '\0\0\0\0\0' | call grpc.health.v1.Health/Check | od -An -v -tx1 | tr -d ' \n') ||
        fail "gRPC does not answer"
    [[ $answer == 00000000020801 ]] || fail "grpc.health.v1 answers $answer"
    say "ok: grpc.health.v1 says SERVING"
}

create_session() {
    # A CreateSessionRequest of 32 bytes: session_id, the tensor "w" of shape [2], and its values 1 and 2. A refusal has no
    # message, a session has its id in it.
    { printf '\0\0\0\0\x20\x0a\x0a%s' "$session"; printf '\x1a\x06\x0a\x01w\x12\x01\x02'
        printf '\x22\x0a\x7a\x08\0\0\x80\x3f\0\0\0\x40'; } |
        call adam.v1.Sessions/CreateSession | grep --text "$session" >/dev/null || fail "no session is made"
    say "ok: a session is made"
}

# Saving needs the session itself and its values: a list would also have the checkpoints of a session that is gone.
check_session() {
    local line
    line=$("$engine" exec "$container" dotnet /app/AdamService.dll checkpoint save --session "$session" --checkpoint "$1") ||
        fail "the session is not there ${1//-/ }"
    say "ok: the session is there ${1//-/ }: ${line//$'\t'/ }"
}

# A new container, as after `down` and `up`: all that is left of the old one is the volume.
replace() {
    "$engine" rm --force "$container" >/dev/null
    run
    wait_until_healthy
}

check_stop() {
    "$engine" kill --signal TERM "$container" >/dev/null
    local code
    code=$(timeout "$seconds_max" "$engine" wait "$container") || fail "SIGTERM has not stopped it after $seconds_max seconds"
    [[ $code == 0 ]] || fail "ended with $code after SIGTERM"
    say "ok: ended with 0 after SIGTERM"
}

if (($# > 0)); then
    choose_engine "$1"
else
    choose_engine docker podman
fi
say "engine: $engine"
build
started=true
run
wait_until_healthy
check_rights
check_endpoints
"$engine" stats --no-stream --format '{{.MemUsage}}' "$container" | sed 's/^/memory: /'
create_session
"$engine" kill --signal KILL "$container" >/dev/null
replace
check_session after-a-kill
check_stop
replace
check_session after-a-stop
say "The image works."
