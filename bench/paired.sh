#!/usr/bin/env bash
# Makes the tables of docs/performance.md: runs Teahouse and iroh's own relay in turn, on this machine, under the same
# load, and prints a line of a table for each figure.
#
#   bench/paired.sh [-n ROUNDS] [-s SECONDS] [ROW ...]
#
#   -n    rounds for each row (default 5); medians are printed
#   -s    seconds that each run is measured (default 4)
#   ROW   the rows to make (default: all); bench/paired.sh -l lists them
#   -k    keep the results, one line of JSON for each run, in this folder
#
# IROH_RELAY  the reference: cargo install iroh-relay --version 1.4.1 --features server   (default: from the PATH)
# RELAYLOAD   the load tool: cargo build --release --manifest-path bench/relayload/Cargo.toml   (default: where that puts it)
set -euo pipefail

root=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
rounds=5 seconds=4 keep="" list=""

# Name of the row, which servers it needs, the mode of relayload with its options, and the figures that count.
#   tls, plain        servers that have been warmed up and serve all such rows
#   tls-fresh, ...    servers started anew for each round: what memory a process once took says little afterwards
rows=(
    "tls-1200|tls|throughput --pairs 10 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-1200-100pairs|tls|throughput --pairs 100 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-1200-1pair|tls|throughput --pairs 1 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-1200-single|tls|throughput --pairs 10 --size 1200 --coalesce 1|server_cpu_s_per_GB msgs_per_s loss"
    "tls-100|tls|throughput --pairs 10 --size 100|server_cpu_s_per_GB msgs_per_s loss"
    "tls-batches|tls|throughput --pairs 10 --size 1200 --batch 10|server_cpu_s_per_GB msgs_per_s loss"
    "tls-60000|tls|throughput --pairs 10 --size 60000|server_cpu_s_per_GB msgs_per_s loss"
    "tls-fanin|tls|fanin --pairs 100 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-fanout|tls|fanout --pairs 100 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-latency|tls|latency --pairs 10 --rate 100|p50_us p99_us server_cpu_us_per_msg send_lag_p99_us loss"
    "tls-churn|tls|churn|server_cpu_us_per_handshake handshake_p50_us handshake_p99_us handshakes_per_s"
    "tls-slow|tls|slow --pairs 10 --slow-pairs 10|good_loss with_slow_frames_per_s p50_ratio p99_ratio slow_receivers_closed"
    "plain-1200|plain|throughput --pairs 10 --size 1200|server_cpu_s_per_GB msgs_per_s loss"
    "tls-idle|tls-fresh|idle --conns 10000|server_rss_kB_per_conn server_rss_MB server_rss_start_MB server_idle_us_per_conn_s server_cpu_us_per_connect conns_held lost"
    "plain-idle|plain-fresh|idle --conns 10000|server_rss_kB_per_conn server_rss_MB server_rss_start_MB server_idle_us_per_conn_s server_cpu_us_per_connect conns_held lost"
    "tls-cold|tls-fresh|idle --conns 500 --secs 1 --settle 1|server_cpu_us_per_connect handshake_p50_us"
    "tls-slow-memory|tls-fresh|slow --pairs 10 --slow-pairs 10 --size 60000 --rate 50 --slow-rate 200 --secs 5|server_rss_growth_kB_per_slow good_loss slow_receivers_closed"
)

usage() {
    sed -n '2,13p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
    exit 2
}
while getopts "n:s:k:lh" option; do
    case $option in
    n) rounds=$OPTARG ;;
    s) seconds=$OPTARG ;;
    k) keep=$OPTARG ;;
    l) list=1 ;;
    *) usage ;;
    esac
done
shift $((OPTIND - 1))
if [ -n "$list" ]; then
    printf '%s\n' "${rows[@]}" | awk -F'|' '{ printf "%-20s %-12s %s\n", $1, $2, $3 }'
    exit
fi

die() {
    echo "paired: $*" >&2
    exit 1
}
reference=${IROH_RELAY:-$(command -v iroh-relay || true)}
[ -x "$reference" ] || die "no iroh-relay on the PATH: cargo install iroh-relay --version 1.4.1 --features server, or set IROH_RELAY"
RELAYLOAD=${RELAYLOAD:-${CARGO_TARGET_DIR:-$root/bench/relayload/target}/release/relayload}
[ -x "$RELAYLOAD" ] || die "no relayload: cargo build --release --manifest-path bench/relayload/Cargo.toml, or set RELAYLOAD"
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
servers=()
stop_servers() {
    for pid in ${servers[@]+"${servers[@]}"}; do
        kill "$pid" 2>/dev/null || true
        while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
    done
    servers=()
}
trap 'stop_servers; rm -rf "$work"' EXIT
[ -n "$keep" ] || keep=$work/results
mkdir -p "$keep"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
# Ports: ours end in 43 and 80, the reference's in 53 and 90.
config() { # name http-port https-port
    printf 'http_bind_addr = "127.0.0.1:%s"\nenable_metrics = false\n' "$2" >"$work/$1-plain.toml"
    printf 'http_bind_addr = "127.0.0.1:%s"\nenable_metrics = false\n[tls]\nhttps_bind_addr = "127.0.0.1:%s"\ncert_mode = "Manual"\nmanual_cert_path = "%s"\nmanual_key_path = "%s"\n' \
        "$2" "$3" "$work/cert.pem" "$work/key.pem" >"$work/$1-tls.toml"
}
config ours 24380 24343
config reference 24390 24353
port() { # name kind
    case $1-$2 in
    ours-plain) echo 24380 ;;
    ours-tls) echo 24343 ;;
    reference-plain) echo 24390 ;;
    reference-tls) echo 24353 ;;
    esac
}
spec() { # name kind: as compare.sh has it
    local scheme=http
    [ "$2" = plain ] || scheme=https
    echo "$1=$scheme://127.0.0.1:$(port "$1" "$2")=$(cat "$work/$1-$2.pid")"
}
start() { # name kind
    local command=("$root/teahouse" relay)
    [ "$1" = ours ] || command=("$reference")
    "${command[@]}" -c "$work/$1-$2.toml" >"$work/$1-$2.log" 2>&1 &
    servers+=($!)
    echo $! >"$work/$1-$2.pid"
    for ((i = 0; i < 1200; i++)); do
        ! (: <"/dev/tcp/127.0.0.1/$(port "$1" "$2")") 2>/dev/null || return 0
        kill -0 $! 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/$1-$2.log" >&2
    die "$1 does not listen"
}
load() { # name kind file mode options...
    local one scheme=http more=()
    one=$(spec "$1" "$2")
    [ "$2" = plain ] || { scheme=https more=(--insecure); }
    "$RELAYLOAD" "$4" --url "$scheme://127.0.0.1:$(port "$1" "$2")" --server-pid "${one##*=}" --label "$1" \
        ${more[@]+"${more[@]}"} "${@:5}" >>"$3" || die "the load against $1 could not be made"
}
both() { # round kind file-stem mode options...
    local order=(ours reference) name
    [ $(($1 % 2)) -eq 1 ] || order=(reference ours)
    for name in "${order[@]}"; do
        load "$name" "$2" "$3-$name.jsonl" "${@:4}"
    done
}
# One line of a table for each figure of a row: ours, the reference's, the ratio and its lowest and highest round.
report() { # row figures
    "$RELAYLOAD" summarize --json --name-a ours --name-b reference "$keep/$1-ours.jsonl" "$keep/$1-reference.jsonl" |
        python3 -c '
import json, sys
row, figures = sys.argv[1], sys.argv[2].split()
fields = json.load(sys.stdin)["fields"]
def text(number):
    return "-" if number is None else f"{number:.0f}" if abs(number) >= 1000 else f"{number:.3g}"
for figure in figures:
    of = fields.get(figure)
    if of is not None:
        values = [text(of[key]) for key in ("a", "b", "ratio", "ratio_min", "ratio_max")]
        print("| {} | {} | {} | {} | {} | {} to {} |".format(row, figure, *values), flush=True)
' "$1" "$2"
}

warm=""
# Starts the servers of a kind unless they run, and lets them serve long enough for the JVM to have compiled what matters.
warm_up() {
    [ "$warm" != "$1" ] || return 0
    stop_servers
    start ours "$1"
    start reference "$1"
    local name
    for name in ours reference; do
        load "$name" "$1" /dev/null throughput --pairs 10 --size 1200 --secs 5
        load "$name" "$1" /dev/null churn --secs 5
        load "$name" "$1" /dev/null latency --pairs 10 --rate 100 --secs 2
    done
    warm=$1
}

wanted=" $* "
for row in "${rows[@]}"; do
    IFS='|' read -r name kind command figures <<<"$row"
    [ $# -eq 0 ] || [[ $wanted == *" $name "* ]] || continue
    read -r -a load_options <<<"$command"
    rm -f "$keep/$name"-*.jsonl
    if [[ $kind == *-fresh ]]; then
        for ((round = 1; round <= rounds; round++)); do
            warm=""
            stop_servers
            start ours "${kind%-fresh}"
            start reference "${kind%-fresh}"
            sleep 1
            both "$round" "${kind%-fresh}" "$keep/$name" "${load_options[@]}"
        done
    else
        warm_up "$kind"
        both 1 "$kind" "$work/warm" "${load_options[@]}" --secs 2
        for ((round = 1; round <= rounds; round++)); do
            both "$round" "$kind" "$keep/$name" "${load_options[@]}" --secs "$seconds"
        done
    fi
    report "$name" "$figures"
done
