#!/usr/bin/env bash
# What floods do to those who behave: the one-way latency of one pair at 100 datagrams a second, without and with a
# flood beside it, and the memory of the relay before and after. Prints a line of a table for each flood.
#
#   bench/floods.sh [-s SECONDS] [FLOOD ...]
#
#   -s      seconds that each is measured (default 10)
#   FLOOD   slowloris-tls slowloris-http slowloris-metrics silent handshakes pings   (default: all)
#
# RELAYLOAD   the load tool: cargo build --release --manifest-path bench/relayload/Cargo.toml   (default: where that puts it)
# The classes are those of: mvn -Pbench -pl bench -am -DskipTests package
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
seconds=10
while getopts "s:h" option; do
    case $option in
    s) seconds=$OPTARG ;;
    *)
        sed -n '2,12p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- slowloris-tls slowloris-http slowloris-metrics silent handshakes pings

RELAYLOAD=${RELAYLOAD:-${CARGO_TARGET_DIR:-$root/bench/relayload/target}/release/relayload}
[ -x "$RELAYLOAD" ] || {
    echo "floods: no relayload: cargo build --release --manifest-path bench/relayload/Cargo.toml, or set RELAYLOAD" >&2
    exit 1
}
ulimit -n "$(ulimit -Hn)"
# shellcheck source=../.ci/jdk.sh
. "$root/.ci/jdk.sh"
find_jdk

work=$(mktemp -d)
relay="" flood=""
end() {
    local pid
    for pid in $flood $relay; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    rm -rf "$work"
}
trap end EXIT

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
cat >"$work/relay.toml" <<END
http_bind_addr = "127.0.0.1:24480"
metrics_bind_addr = "127.0.0.1:24490"
[tls]
https_bind_addr = "127.0.0.1:24443"
cert_mode = "Manual"
manual_cert_path = "$work/cert.pem"
manual_key_path = "$work/key.pem"
END
"$root/teahouse" relay -c "$work/relay.toml" >"$work/relay.log" 2>&1 &
relay=$!
until (: <"/dev/tcp/127.0.0.1/24443") 2>/dev/null; do
    kill -0 $relay || {
        cat "$work/relay.log" >&2
        exit 1
    }
    sleep 0.05
done
url=https://127.0.0.1:24443

# What is asked is what the relay does, not how long the pair's own process waits for a processor that it shares with the
# flood, which comes from elsewhere in earnest. So the flood has what the others leave (nice), and the pair runs in short
# slices, for which Linux lets it go first (sched_setattr).
in_short_slices() {
    python3 -c 'import ctypes, os, platform, struct, sys
attributes = struct.pack("IIQiIQQQ", 48, 0, 0, 0, 0, 100000, 0, 0)
number = {"x86_64": 314, "aarch64": 274}[platform.machine()]
ctypes.CDLL(None).syscall(number, 0, ctypes.create_string_buffer(attributes), 0)
os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}
# p50 and p99 of the pair, in microseconds, and what was lost.
pair() { # seconds
    in_short_slices "$RELAYLOAD" latency --url $url --insecure --pairs 1 --rate 100 --secs "$1" |
        python3 -c 'import json, sys; r = json.load(sys.stdin); print(round(r["p50_us"]), round(r["p99_us"]), r["loss"])'
}
rss() {
    awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$relay/status"
}
"$RELAYLOAD" throughput --url $url --insecure --pairs 10 --size 1200 --secs 5 >/dev/null
"$RELAYLOAD" churn --url $url --insecure --secs 5 >/dev/null

flood() { # kind URL number
    nice -n 19 "$JDK/bin/java" -Xmx1g -cp "$root/bench/target/classes:$root/bench/target/lib/*" \
        io.teahouse.bench.flood.Flood "$@" >"$work/flood.log" 2>&1 &
    flood=$!
}
echo "| flood | p50 µs, without and with | p99 µs, without and with | lost | RSS MB, before, with and after | the flood |"
echo "|---|---|---|---|---|---|"
for kind in "$@"; do
    before=$(rss)
    read -r p50 p99 _ <<<"$(pair "$seconds")"
    : >"$work/flood.log"
    case $kind in
    slowloris-tls) flood slowloris $url 2000 ;;
    slowloris-http) flood slowloris http://127.0.0.1:24480 2000 ;;
    slowloris-metrics) flood slowloris http://127.0.0.1:24490 2000 ;;
    silent) flood silent $url 5000 ;;
    pings) flood pings $url 100000 ;;
    handshakes)
        nice -n 19 "$RELAYLOAD" churn --url $url --insecure --secs $((seconds + 10)) >"$work/flood.log" 2>&1 &
        flood=$!
        ;;
    *)
        echo "floods: no such flood: $kind" >&2
        exit 2
        ;;
    esac
    sleep 5 # to have it going
    read -r with50 with99 lost <<<"$(pair "$seconds")"
    with=$(rss)
    told=$(tail -n 1 "$work/flood.log")
    kill $flood 2>/dev/null || true
    wait $flood 2>/dev/null || true
    flood=""
    sleep 30
    echo "| $kind | $p50, $with50 | $p99, $with99 | $lost | $before, $with, $(rss) | ${told:+${told#*: }} |"
done
