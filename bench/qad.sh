#!/usr/bin/env bash
# Address discovery over QUIC: how many handshakes a relay does in a second, and what CPU time each one takes. Runs Teahouse
# and iroh's own relay in turn, on this machine, under the same clients, and prints a line of a table for each.
#
#   bench/qad.sh [-n ROUNDS] [-s SECONDS] [-c CLIENTS] [SERVER ...]
#
#   -n       rounds (default 5); medians are printed
#   -s       seconds that each run is measured (default 5)
#   -c       clients at once (default 16)
#   SERVER   teahouse reference (default: both)
#
# IROH_RELAY  the reference: cargo install iroh-relay --version 1.4.1 --features server   (default: from the PATH)
# The classes are those of: mvn -Pbench -pl bench -am -DskipTests package
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
rounds=5 seconds=5 clients=16
while getopts "n:s:c:h" option; do
    case $option in
    n) rounds=$OPTARG ;;
    s) seconds=$OPTARG ;;
    c) clients=$OPTARG ;;
    *)
        sed -n '2,14p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
        exit 2
        ;;
    esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- teahouse reference
IROH_RELAY=${IROH_RELAY:-iroh-relay}
# shellcheck source=../.ci/jdk.sh
. "$root/.ci/jdk.sh"
find_jdk

work=$(mktemp -d)
server=""
end_server() {
    [ -z "$server" ] || {
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    }
    server=""
}
trap 'end_server; rm -rf "$work"' EXIT

# A leaf of P-256 and its authority, as most relays have them.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj "/CN=bench" \
    -keyout "$work/ca.key" -out "$work/ca.pem" 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=localhost" \
    -keyout "$work/key.pem" -out "$work/csr.pem" 2>/dev/null
openssl x509 -req -in "$work/csr.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 30 \
    -extfile <(echo "subjectAltName=DNS:localhost,IP:127.0.0.1") -out "$work/leaf.pem" 2>/dev/null
cat "$work/leaf.pem" "$work/ca.pem" >"$work/chain.pem"

start() { # server
    cat >"$work/relay.toml" <<END
enable_quic_addr_discovery = true
enable_metrics = false
http_bind_addr = "127.0.0.1:24680"
[tls]
https_bind_addr = "127.0.0.1:24643"
quic_bind_addr = "127.0.0.1:24642"
cert_mode = "Manual"
manual_cert_path = "$work/chain.pem"
manual_key_path = "$work/key.pem"
END
    case $1 in
    teahouse) "$root/teahouse" relay -c "$work/relay.toml" >"$work/server.log" 2>&1 & ;;
    reference) "$IROH_RELAY" --config-path "$work/relay.toml" >"$work/server.log" 2>&1 & ;;
    *)
        echo "qad: no such server: $1" >&2
        exit 2
        ;;
    esac
    server=$!
    until (: <"/dev/tcp/127.0.0.1/24643") 2>/dev/null; do
        kill -0 "$server" 2>/dev/null || {
            cat "$work/server.log" >&2
            exit 1
        }
        sleep 0.05
    done
}

# CPU time of the server so far, in ticks of 10 ms.
ticks() {
    awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$server/stat"
}

ask() { # seconds warm-up
    "$JDK/bin/java" -Xmx512m -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
        -cp "$root/bench/target/classes:$root/bench/target/lib/*" io.teahouse.bench.discovery.Questions \
        127.0.0.1 24642 "$work/ca.pem" "$1" "$2" "$clients"
}

for name in "$@"; do
    : >"$work/$name.results"
done
for ((round = 1; round <= rounds; round++)); do
    for name in "$@"; do
        start "$name"
        ask 5 10 >/dev/null
        exec {client}< <(ask "$seconds" 5)
        read -r -u "$client" _
        before=$(ticks)
        read -r -u "$client" result
        after=$(ticks)
        exec {client}<&-
        python3 -c 'import json, sys
r = json.loads(sys.argv[1]); r["cpu_us"] = int(sys.argv[2]) * 10000 / max(1, r["handshakes"]); print(json.dumps(r))' \
            "$result" $((after - before)) >>"$work/$name.results"
        end_server
    done
done
echo "| server | handshakes/s | server CPU µs each | p50 ms | p99 ms | given up |"
echo "|---|---|---|---|---|---|"
for name in "$@"; do
    python3 -c 'import json, statistics, sys
runs = [json.loads(line) for line in open(sys.argv[2])]
m = lambda key: statistics.median(run[key] for run in runs)
print("| %s | %.0f | %.0f | %.1f | %.1f | %d |" % (sys.argv[1], m("per_s"), m("cpu_us"), m("p50_us") / 1000, m("p99_us") / 1000, sum(run["given_up"] for run in runs)))' \
        "$name" "$work/$name.results"
done
