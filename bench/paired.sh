#!/usr/bin/env bash
# Makes the tables of docs/performance.md: runs Teahouse and iroh's own relay in turn, on this machine, under the same
# load, and prints a line of a table for each figure.
#
#   bench/paired.sh [-n ROUNDS] [-s SECONDS] [-k FOLDER] [ROW ...]
#   bench/paired.sh -l
#
#   -n    rounds for each row (default 5); medians are printed
#   -s    seconds that each run is measured (default 4)
#   -k    keep the results, one line of JSON for each run, in this folder
#   -l    list the rows
#   ROW   the rows to make (default: all)
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
    "tls-idle|tls-fresh|idle --conns 10000|server_rss_kB_per_conn server_rss_MB server_rss_before_MB server_idle_us_per_conn_s server_cpu_us_per_connect conns_held lost"
    "plain-idle|plain-fresh|idle --conns 10000|server_rss_kB_per_conn server_rss_MB server_rss_before_MB server_idle_us_per_conn_s server_cpu_us_per_connect conns_held lost"
    "tls-cold|tls-fresh|idle --conns 500 --secs 1 --settle 1|server_cpu_us_per_connect handshake_p50_us"
    "tls-slow-memory|tls-fresh|slow --pairs 10 --slow-pairs 10 --size 60000 --rate 50 --slow-rate 200 --secs 5|server_rss_growth_kB_per_slow good_loss slow_receivers_closed"
)

usage() {
    sed -n '2,15p' "${BASH_SOURCE[0]}" | sed 's/^# \{0,1\}//' >&2
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
export RELAYLOAD
ulimit -n "$(ulimit -Hn)"

work=$(mktemp -d)
servers=()
stop_servers() {
    local pid
    for pid in ${servers[@]+"${servers[@]}"}; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    servers=()
}
trap 'stop_servers; rm -rf "$work"' EXIT
[ -n "$keep" ] || keep=$work/results
mkdir -p "$keep"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
port() { # name kind
    case $1-$2 in
    ours-plain) echo 24380 ;;
    ours-tls) echo 24343 ;;
    reference-plain) echo 24390 ;;
    reference-tls) echo 24353 ;;
    esac
}
for name in ours reference; do
    printf 'http_bind_addr = "127.0.0.1:%s"\nenable_metrics = false\n' "$(port $name plain)" >"$work/$name-plain.toml"
    {
        cat "$work/$name-plain.toml"
        printf '[tls]\nhttps_bind_addr = "127.0.0.1:%s"\ncert_mode = "Manual"\n' "$(port $name tls)"
        printf 'manual_cert_path = "%s"\nmanual_key_path = "%s"\n' "$work/cert.pem" "$work/key.pem"
    } >"$work/$name-tls.toml"
done
start() { # name kind
    local command=("$root/teahouse" relay)
    [ "$1" = ours ] || command=("$reference")
    "${command[@]}" -c "$work/$1-$2.toml" >"$work/$1-$2.log" 2>&1 &
    servers+=($!)
    echo $! >"$work/$1.pid"
    for ((i = 0; i < 1200; i++)); do
        ! (: <"/dev/tcp/127.0.0.1/$(port "$1" "$2")") 2>/dev/null || return 0
        kill -0 $! 2>/dev/null || break
        sleep 0.05
    done
    cat "$work/$1-$2.log" >&2
    die "$1 does not listen"
}
start_both() { # kind
    stop_servers
    start ours "$1"
    start reference "$1"
}
# Runs compare.sh against the servers of a kind.
compare() { # kind rounds further options of compare.sh -- mode options...
    local kind=$1 count=$2 more=() scheme=http
    shift 2
    while [ "$1" != -- ]; do
        more+=("$1")
        shift
    done
    shift
    [ "$kind" = plain ] || { scheme=https; set -- "$@" --insecure; }
    "$root/bench/relayload/compare.sh" -n "$count" ${more[@]+"${more[@]}"} \
        "ours=$scheme://127.0.0.1:$(port ours "$kind")=$(<"$work/ours.pid")" \
        "reference=$scheme://127.0.0.1:$(port reference "$kind")=$(<"$work/reference.pid")" "$@" >/dev/null
}
# One line of a table for each figure of a row: ours, the reference's, the ratio and its lowest and highest round.
report() { # row figures
    "$RELAYLOAD" summarize --json --name-a ours --name-b reference "$keep/$1"/{a-ours,b-reference}.jsonl |
        python3 -c '
import json, sys
row, figures, rounds = sys.argv[1], sys.argv[2].split(), int(sys.argv[3])
answer = json.load(sys.stdin)
def text(number):
    return "-" if number is None else f"{number:.0f}" if abs(number) >= 1000 else f"{number:.3g}"
if not answer["rounds_a"] == answer["rounds_b"] == rounds:
    sys.exit("paired: {}: a run failed".format(row))
for figure in figures:
    of = answer["fields"][figure]
    values = [text(of[key]) for key in ("a", "b", "ratio", "ratio_min", "ratio_max")]
    print("| {} | {} | {} | {} | {} | {} to {} |".format(row, figure, *values), flush=True)
' "$1" "$2" "$rounds"
}

warm=""
# Starts the servers of a kind unless they run, and lets them serve long enough for the JVM to have compiled what matters.
warm_up() {
    [ "$warm" != "$1" ] || return 0
    start_both "$1"
    compare "$1" 1 -- throughput --pairs 10 --size 1200 --secs 5
    compare "$1" 1 -- churn --secs 5
    compare "$1" 1 -- latency --pairs 10 --rate 100 --secs 2
    warm=$1
}

wanted=" $* "
for row in "${rows[@]}"; do
    IFS='|' read -r name kind command figures <<<"$row"
    [ $# -eq 0 ] || [[ $wanted == *" $name "* ]] || continue
    read -r -a load_options <<<"$command"
    if [[ $kind == *-fresh ]]; then
        warm=""
        rm -rf "${keep:?}/$name"
        mkdir "$keep/$name"
        for ((round = 1; round <= rounds; round++)); do
            start_both "${kind%-fresh}"
            sleep 1
            compare "${kind%-fresh}" 1 -o "$work/round" -- "${load_options[@]}"
            for file in a-ours b-reference; do
                cat "$work/round/$file.jsonl" >>"$keep/$name/$file.jsonl"
            done
        done
    else
        warm_up "$kind"
        compare "$kind" "$rounds" -w -o "$keep/$name" -- "${load_options[@]}" --secs "$seconds"
    fi
    report "$name" "$figures"
done
